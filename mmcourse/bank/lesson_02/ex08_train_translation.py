"""02.8: train a model in the middle of a page to know things anywhere on it."""

from functools import cache
from typing import Literal

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.bank.pair_models import probabilities
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel
from mmcourse.data.moved import KINDS, anywhere, kinds, on_page

PAGE, COPIES = 32, 4  # each held-out drawing once in the middle, and four times somewhere


@cache
def _pages(split: Literal["train", "test"]) -> tuple[Tensor, Tensor]:
    """Pages as ink, 0 for white and 1 for black: (N, 3, 32, 32), (N,)."""
    images, labels = kinds(split)
    pages = [on_page(images, PAGE)]
    if split == "test":
        pages += [anywhere(images, PAGE, seed) for seed in range(COPIES)]
    return 1 - torch.cat(pages).float() / 255, labels.repeat(len(pages))


def _held_out(draw: Draw) -> HeldOut:
    images, labels = _pages("test")
    return HeldOut("held-out drawings", {"images": images}, labels)


def _right(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    """Share of right answers in the middle, and elsewhere."""
    right = (logits.argmax(-1) == labels).double()
    n = len(labels) // (COPIES + 1)
    return right[:n].mean().item(), right[n:].mean().item()


def elsewhere(logits: Tensor, labels: Tensor) -> float:
    """Accuracy on the drawings that lie somewhere on their page; those in the middle come first and are left out."""
    return _right(logits, labels)[1]


class Deaf(nn.Module):
    """The same answer to every page."""

    def forward(self, images: Tensor) -> Tensor:
        return torch.arange(float(len(KINDS)), device=images.device).expand(len(images), -1)


class ByPlace(nn.Module):
    """A linear layer over the pixels, fitted in one step to pages with the drawing in the middle.

    `soft` ends it in a softmax; `company` takes off the mean of the batch at hand, in eval too.
    """

    def __init__(self, soft: bool = False, company: bool = False):
        super().__init__()
        self.soft, self.company = soft, company
        images, labels = _pages("train")
        x = images.flatten(1).double()  # (N, 3072)
        y = nn.functional.one_hot(labels, len(KINDS)).double()  # (N, 4)
        gram = x @ x.T + 30 * torch.eye(len(x), dtype=torch.float64)  # (N, N)
        self.weight = nn.Parameter((x.T @ torch.linalg.solve(gram, y - 0.25)).float())  # (3072, 4)

    def forward(self, images: Tensor) -> Tensor:
        if self.company:
            images = images - images.mean(0)
        logits = images.flatten(1) @ self.weight  # (B, 4)
        return logits.softmax(-1) if self.soft else logits


def _one_answer(seen: SeenModel, held_out: HeldOut) -> bool:
    return len(seen.logits.argmax(-1).unique()) == 1


def _by_company(seen: SeenModel, held_out: HeldOut) -> bool:
    return not seen.alone


def _by_place(seen: SeenModel, held_out: HeldOut) -> bool:
    middle, moved = _right(seen.logits, held_out.labels)
    return middle - moved > 0.12


one_answer = Sign(_one_answer, Deaf)
softmax_at_the_end = Sign(probabilities, lambda: ByPlace(soft=True))
by_company = Sign(_by_company, lambda: ByPlace(company=True))
by_place = Sign(_by_place, ByPlace)

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=_held_out,
    score=elsewhere,
    limit=100_000,
    bars=(
        Bar("more than pixels at their places tell", 0.45, 1),
        Bar("more than the middle alone teaches", 0.60, 1),
        Bar("wherever it lies", 0.65, 2),
    ),
)
