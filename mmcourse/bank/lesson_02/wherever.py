"""02.8: a model that was shown drawings in the middle of a page, and is asked about drawings anywhere on it."""

from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.pair_models import probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.data.moved import KINDS, anywhere, kinds, on_page

PAGE, COPIES = 32, 4  # each held-out drawing once in the middle, and four times somewhere
SHARING = "(lesson 02, 'Does sharing pay?')"


@cache
def _pages(split: str) -> tuple[Tensor, Tensor]:
    """Pages as ink, 0 for white and 1 for black: (N, 3, 32, 32), (N,)."""
    images, labels = kinds(split)
    pages = [on_page(images, PAGE)]
    if split == "test":
        pages += [anywhere(images, PAGE, seed) for seed in range(COPIES)]
    return 1 - torch.cat(pages).float() / 255, labels.repeat(len(pages))


def _cases(draw: Draw) -> list[Case]:
    images, labels = _pages("test")
    return [Case("held-out drawings", {"images": images}, labels=labels)]


def _right(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    """Share of right answers in the middle, and elsewhere."""
    right = (logits.argmax(-1) == labels).double()
    n = len(labels) // (COPIES + 1)
    return right[:n].mean().item(), right[n:].mean().item()


def elsewhere(logits: Tensor, labels: Tensor) -> float:
    """Accuracy on the drawings that lie somewhere on their page; those in the middle come first and are left out."""
    return _right(logits, labels)[1]


class _ByPlace(nn.Module):
    """A linear layer over the pixels, fitted in one step to pages with the drawing in the middle."""

    def __init__(self, soft: bool = False):
        super().__init__()
        images, labels = _pages("train")
        x = images.flatten(1).double()  # (N, 3072)
        y = nn.functional.one_hot(labels, len(KINDS)).double()  # (N, 4)
        gram = x @ x.T + 30 * torch.eye(len(x), dtype=torch.float64)  # (N, N)
        self.weight = nn.Parameter((x.T @ torch.linalg.solve(gram, y - 0.25)).float())  # (3072, 4)
        self.soft = soft

    def forward(self, images: Tensor) -> Tensor:
        logits = images.flatten(1) @ self.weight  # (B, 4)
        return logits.softmax(-1) if self.soft else logits


class _ByCompany(_ByPlace):
    """The same, each pixel normalised by the batch at hand, in eval too."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images - images.mean(0))


class _Deaf(nn.Module):
    def forward(self, images: Tensor) -> Tensor:
        return torch.arange(float(len(KINDS)), device=images.device).expand(len(images), -1)


def _one_answer(seen: Seen, case: Case) -> bool:
    return len(seen.leaves[""].values.argmax(-1).unique()) == 1


def _by_company(seen: Seen, case: Case) -> bool:
    return not seen.alone


def _by_place(seen: Seen, case: Case) -> bool:
    middle, moved = _right(seen.leaves[""].values, case.labels)
    return middle - moved > 0.12


wherever = Exercise(
    id="02.8",
    title="Wherever it lies",
    kind="trained",
    answer="model",
    reference=None,
    cases=_cases,
    score=elsewhere,
    limit=100_000,
    bars=(
        Bar("more than pixels at their places tell", 0.45, 1),
        Bar("more than the middle alone teaches", 0.60, 1),
        Bar("wherever it lies", 0.65, 2),
    ),
    mistakes=(
        Mistake(
            "every drawing gets the same answer",
            "One kind for all. Do the pictures reach the head, and did the loss fall in training? "
            "(lesson 02, 'What fit does')",
            _Deaf,
            _one_answer,
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            "well. What does the loss expect? (lesson 02, 'What fit does')",
            lambda: _ByPlace(soft=True),
            probabilities,
        ),
        Mistake(
            "a drawing's score depends on what it is scored with",
            "Three drawings alone, and the same three among others, get other logits. Which layer looks at its "
            "neighbours, and in which mode does it stop? (lesson 02, 'A score that depends on its neighbours')",
            _ByCompany,
            _by_company,
        ),
        Mistake(
            "the model knows things where it was shown them",
            "It does well in the middle and much worse elsewhere. If there is a layer that gives each place weights of "
            "its own, what could stand in for it? If there is none: the grid of a stride has phases, and all training "
            f"pages show the same one. {SHARING}",
            _ByPlace,
            _by_place,
        ),
    ),
    hints=(
        "Which layers use the same weights at every place, and which give each place weights of its own?",
        "Convolutions and a mean over all places know no place; a Flatten before a Linear does. And a stride keeps one "
        "place in two: what if training pages are nudged by a few pixels, another way at each step?",
        "SmallCNN's layers in your own words: three times convolution, batch norm, ReLU, pool; the mean over the "
        "places; "
        "a Linear to 4 logits. In training mode roll each batch by -4 to 3 pixels along both axes before the layers. "
        "Some fifteen epochs.",
    ),
)
