"""Drawings put somewhere on a larger white page: to ask whether a model knows a thing wherever it lies."""

import torch
from torch import Tensor

from .emoji import EmojiPairs, Split

KINDS = ("Animals & Nature", "Flags", "Food & Drink", "Smileys & Emotion")


def kinds(split: Split, size: int = 20) -> tuple[Tensor, Tensor]:
    """The emoji of four groups that look unlike: pictures (N, 3, size, size) uint8, labels (N,), index into KINDS."""
    pairs = EmojiPairs(split, size)
    number = torch.full((len(pairs.classes),), -1)
    number[[pairs.classes.index(kind) for kind in KINDS]] = torch.arange(len(KINDS))
    labels = number[pairs.labels]  # (N,), -1 for the other groups
    return pairs.images[labels >= 0], labels[labels >= 0]


def on_page(images: Tensor, page: int, rows: Tensor | int | None = None, columns: Tensor | int | None = None) -> Tensor:
    """Each picture on a white page of its own: (N, C, H, W) uint8 -> (N, C, page, page) uint8.

    rows, columns  where the picture's top left corner lies, a number for each picture or one for all; in the middle
                   unless given
    Raises ValueError where a picture would not lie wholly on its page.
    """
    height, width = images.shape[-2:]
    out = images.new_full((*images.shape[:2], page, page), 255)
    top = _places(rows, page - height, len(images))
    left = _places(columns, page - width, len(images))
    for paper, image, row, column in zip(out, images, top, left, strict=True):
        paper[:, row : row + height, column : column + width] = image
    return out


def anywhere(images: Tensor, page: int, seed: int = 0) -> Tensor:
    """Each picture at a place of its own on a white page, all places equally likely: shapes as in `on_page`."""
    draw = torch.Generator().manual_seed(seed)
    room = [page - side for side in images.shape[-2:]]
    places = (torch.randint(free + 1, (len(images),), generator=draw) for free in room)
    return on_page(images, page, *places)


def _places(places: Tensor | int | None, room: int, n: int) -> list[int]:
    if places is None:
        places = room // 2
    each = [places] * n if isinstance(places, int) else places.tolist()
    if room < 0 or not all(0 <= place <= room for place in each):
        raise ValueError(f"a picture would leave its page: its corner may lie at 0 to {room}")
    return each
