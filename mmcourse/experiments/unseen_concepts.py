"""Emoji and their names, searched among concepts that were never trained on: what larger pictures and longer texts
are worth, and what a careless split is worth.

Two linear layers on frozen vectors, trained by the contrastive loss as in lesson 10, for 40 epochs. The vectors are
computed once and kept; those of the large pictures take some minutes.
"""

from collections.abc import Iterable
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse.data import Item, ItemSet
from mmcourse.data.emoji import EmojiPairs
from mmcourse.data.features import SIZE, emoji_features, features
from mmcourse.device import pick
from mmcourse.tasks.match import Temperature, contrastive_loss, recall_at, similarity
from mmcourse.text import MiniLM
from mmcourse.training import fit
from mmcourse.vision import Lite0

SETUPS = {  # side of the pictures in pixels, and whether English keywords stand behind the name
    "72 pixels, names": (SIZE, False),
    "224 pixels, names": (224, False),
    "224 pixels, names and keywords": (224, True),
}
SPLITS = ("by family", "one by one", "300 of all, one by one")
WAYS = ("picture asks", "name asks")


class Enlarged(ItemSet):
    """The emoji, their pictures enlarged to `pixels` a side, behind the name their keywords."""

    def __init__(self, pixels: int):
        self.pairs, self.pixels = EmojiPairs(None, SIZE, ("en",), keywords=True), pixels
        self.classes = self.pairs.classes

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, i: int) -> Item:
        item = self.pairs[i]
        size = (self.pixels, self.pixels)
        large = F.interpolate(self.pairs.images[i][None].float(), size, mode="bicubic", antialias=True)[0]
        text = ", ".join([item.text["en"], *item.meta["keywords"]])
        return item._replace(image=large.round().clamp(0, 255).to(torch.uint8), text={"en": text})


class Towers(nn.Module):
    """Vectors of pictures (B, m) and of texts (B, n) -> both in one space, (B, d) each, and the scale ()."""

    def __init__(self, m: int, n: int, d: int = 128):
        super().__init__()
        self.image, self.text = (nn.Sequential(nn.Dropout(0.5), nn.Linear(width, d)) for width in (m, n))
        self.temperature = Temperature()

    def forward(self, image: Tensor, text: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return self.image(image), self.text(text), self.temperature()


@cache
def vectors(setup: str) -> tuple[Tensor, Tensor]:
    """All emoji's pictures (1898, 1280) and texts (1898, 384), each vector of length 1."""
    pixels, keywords = SETUPS[setup]
    kept = emoji_features(None)
    image = kept.image if pixels == SIZE else features(Enlarged(pixels), Lite0.pretrained().to(pick()))
    text = features(Enlarged(1), MiniLM.pretrained().to(pick()), text="en") if keywords else kept.text
    return F.normalize(image, dim=-1), F.normalize(text, dim=-1)


def parted(split: str, seed: int) -> tuple[Tensor, Tensor]:
    """Rows to train on and rows to search among; the split by family is the same for every seed."""
    where = [{row["emoji"] for row in EmojiPairs(part, 1, ()).meta} for part in ("train", "test")]
    rows = [row["emoji"] for row in EmojiPairs(None, 1, ()).meta]
    old, new = (torch.tensor([i for i, one in enumerate(rows) if one in part]) for part in where)
    if split == "by family":
        return old, new
    order = torch.randperm(len(rows), generator=torch.Generator().manual_seed(seed))
    if split == "one by one":
        return order[: len(old)], order[len(old) : len(old) + len(new)]
    return order[300:], order[:300]


def experiment(seed: int, setups: Iterable[str] = SETUPS) -> dict[str, float]:
    """{'72 pixels, names, by family, picture asks, R@1': …}: what is found among the first 1, 5 and 10."""
    scores: dict[str, float] = {}
    for setup in setups:
        image, text = vectors(setup)
        for split in SPLITS:
            old, new = parted(split, seed)
            torch.manual_seed(seed)
            model = Towers(image.shape[1], text.shape[1])
            fit(
                model,
                (image[old], text[old]),
                old,
                loss=lambda out, _: contrastive_loss(*out),
                epochs=40,
                batch=128,
                lr=3e-3,
                seed=seed,
                progress=False,
            )
            with torch.no_grad():
                table = similarity(*model.cpu()(image[new], text[new])[:2])  # (N, N)
            right = torch.eye(len(new), dtype=torch.bool)
            for way, asked in zip(WAYS, (table, table.T), strict=True):
                scores |= {f"{setup}, {split}, {way}, R@{k}": recall_at(k, asked, right) for k in (1, 5, 10)}
    return scores
