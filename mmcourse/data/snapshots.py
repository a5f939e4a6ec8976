"""Emoji as they come back from other people's screens: smaller, off centre, in another light, with junk around them.

The drawings are those of `EmojiPairs`; what happens to them is drawn at random by our own code. The training split is
clean: what a model meets later is not what it was trained on, and preprocessing has to bring the two together.
"""

from typing import Literal, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from . import Item, ItemSet
from .emoji import EmojiPairs

SIZE = 32


class Shot(NamedTuple):
    """How a drawing is taken: its side and place on the page, and its light, x -> gain x + lift for each channel."""

    side: int
    top: int
    left: int
    gain: Tensor
    lift: Tensor

    @classmethod
    def draw(cls, generator: torch.Generator) -> "Shot":
        """A side of 14 to 28 of the 32 pixels, any place, channels dimmed to 35 % or more, lifted by up to 60."""
        side = int(torch.randint(14, 29, (), generator=generator))
        top, left = torch.randint(0, SIZE - side + 1, (2,), generator=generator).tolist()
        gain = 0.35 + 0.65 * torch.rand(3, 1, 1, generator=generator)
        return cls(side, top, left, gain, 60 * torch.rand(1, 1, 1, generator=generator))


def take(drawing: Tensor, shot: Shot, junk: Tensor) -> tuple[Tensor, Tensor]:
    """The drawing (3, H, W) uint8 on a page of junk (3, 32, 32) uint8: (3, 32, 32) uint8, and where it is, (32, 32)."""
    small = F.interpolate(drawing[None].float(), size=(shot.side, shot.side), mode="bilinear", antialias=True)[0]
    rows, columns = slice(shot.top, shot.top + shot.side), slice(shot.left, shot.left + shot.side)
    page, mask = junk.clone(), torch.zeros(SIZE, SIZE, dtype=torch.bool)
    page[:, rows, columns] = (small * shot.gain + shot.lift).clamp(0, 255).round().to(torch.uint8)
    mask[rows, columns] = True
    return page, mask


class Snapshots(ItemSet):
    """Emoji, clean in training and as snapshots later.

    images   (N, 3, 32, 32) uint8
    masks    (N, 32, 32) bool, True = part of the drawing; all True in 'train'
    labels   (N,) long, index into `classes`, the nine groups of emoji

    Parameters
        split  'train' (clean), 'val' or 'test' (snapshots); the emoji of each are those of `EmojiPairs`

    Raises ValueError for another split.
    """

    def __init__(self, split: Literal["train", "val", "test"] = "train"):
        if split not in ("train", "val", "test"):
            raise ValueError(f"split={split!r}: there are 'train', 'val' and 'test'")
        clean = split == "train"
        pairs = EmojiPairs(split, size=SIZE if clean else 72, languages=("en",))
        self.labels, self.classes = pairs.labels, pairs.classes
        self.names = pairs.text["en"]
        if clean:
            self.images, self.masks = pairs.images, torch.ones(len(pairs), SIZE, SIZE, dtype=torch.bool)
            return
        draw = torch.Generator().manual_seed(("val", "test").index(split))
        taken = [take(drawing, Shot.draw(draw), junk(draw)) for drawing in pairs.images]
        self.images, self.masks = (torch.stack(part) for part in zip(*taken, strict=True))

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> Item:
        return Item(self.images[i], {"en": self.names[i]}, int(self.labels[i]), {"mask": self.masks[i]})


def junk(generator: torch.Generator) -> Tensor:
    """(3, 32, 32) uint8 of noise: what else was on the screen."""
    return torch.randint(0, 256, (3, SIZE, SIZE), generator=generator, dtype=torch.uint8)
