"""10.7: train a dual encoder on frozen features: recall at 10 on concepts that were never trained on."""

from functools import cache
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse.bank.about import about
from mmcourse.bank.pair_models import deaf_to
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel, tensor_of
from mmcourse.tasks.match import recall_at, similarity


@cache
def _vectors(split: Literal["train", "test"]) -> tuple[Tensor, Tensor]:
    """(N, 1280) of pictures and (N, 384) of names. Raises FetchError where they are not kept and can't be fetched."""
    from mmcourse.data.features import emoji_features

    found = emoji_features(split)
    return found.image, found.text


def held_out(draw: Draw) -> HeldOut:
    """The names come in another order than the pictures: who pairs row b with row b finds nothing."""
    image, text = _vectors("test")
    order = torch.tensor(draw.permutation(len(text)))
    return HeldOut("unseen concepts", {"images": image, "texts": text[order]}, order.argsort())


def _recall(table: Tensor, right: Tensor) -> float:
    """R@10 of pictures that look for their name and of names that look for their picture: the mean of the two."""
    own = F.one_hot(right, table.shape[1]).bool()  # (N, N)
    return (recall_at(10, table, own) + recall_at(10, table.T, own.T)) / 2


class _Solved(nn.Module):
    """Least squares from pictures to names, with a little shrinkage; `how` says what is wrong with the rest."""

    def __init__(self, how: str):
        super().__init__()
        self.how, (x, y) = how, _vectors("train")
        self.middle = x.mean(0), y.mean(0)
        x, y = (x - self.middle[0]).double(), (y - self.middle[1]).double()
        inner = x @ x.T + 1000 * torch.eye(len(x), dtype=x.dtype)
        self.weight = (x.T @ torch.linalg.solve(inner, y)).float()  # (1280, 384)

    def forward(self, images: Tensor, texts: Tensor) -> tuple[Tensor, Tensor]:
        middle = images.mean(0) if self.how == "batch" else self.middle[0]
        f, g = (images - middle) @ self.weight, texts - self.middle[1]
        if self.how == "dropout":
            f = F.dropout(f)
        if self.how == "alike":
            return 100 + images[:, :384], 100 + g
        if self.how == "no picture":
            return torch.zeros_like(f), g
        if self.how == "picture twice":
            return f, f
        return {"turned": (g, f), "apart": (-f, g)}.get(self.how, (f, g))


def _table(seen: SeenModel) -> Tensor:
    first, second = (tensor_of(leaf).double() for leaf in seen.leaves.values())
    return similarity(first, second)


def _turned(seen: SeenModel, held_out: HeldOut) -> bool:
    return _recall(_table(seen).T, held_out.labels) > 0.15


def _apart(seen: SeenModel, held_out: HeldOut) -> bool:
    return _recall(-_table(seen), held_out.labels) > 0.15


def _alike(seen: SeenModel, held_out: HeldOut) -> bool:
    table = _table(seen)
    return bool(table.min() > 0.99) and _recall(table, held_out.labels) < 0.06


without_images = deaf_to("images", lambda: _Solved("no picture"))
without_names = deaf_to("texts", lambda: _Solved("picture twice"))
still_random = Sign(lambda seen, held_out: not seen.repeats, lambda: _Solved("dropout"))
by_neighbours = Sign(lambda seen, held_out: not seen.alone, lambda: _Solved("batch"))
turned = Sign(_turned, lambda: _Solved("turned"))
apart = Sign(_apart, lambda: _Solved("apart"))
all_alike = Sign(_alike, lambda: _Solved("alike"))

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=held_out,
    score=_recall,
    vectors=True,
    limit=600_000,
    bars=(
        Bar("twice what luck finds", 0.06, 1),
        Bar("more than encoders trained from nothing", 0.20, 1),
        Bar("more than heads that learn their pairs by heart", 0.31, 2),
    ),
)
