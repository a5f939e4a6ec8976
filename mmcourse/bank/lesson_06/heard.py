"""06.7: Let both halves be heard."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.fusion import standardise


def _standardise_cases(draw: Draw) -> list[Case]:
    def case(name: str, n: int, m: int, d: int, strided: bool = False, scales: list[float] | None = None) -> Case:
        """New vectors that lie elsewhere than the training vectors, and closer together."""
        unit = torch.ones(d, dtype=torch.float64) if scales is None else torch.tensor(scales, dtype=torch.float64)
        train = draw.normal(n, d, scale=2.0, shift=1.5, strided=strided) * unit
        other = draw.normal(m, d, scale=0.7, shift=-0.4, strided=strided) * unit
        # No gradients are asked for: the scale is set before training, and who cuts them off is right.
        return Case(name, {"train": train, "other": other}, gradients=False)

    dead = case("two features that do not vary in training", 6, 4, 5)
    train, other = dead.args["train"], dead.args["other"]
    train[:, 1] = 2.0  # a sum of these is exact, so the spread is exactly 0
    other[:, 1] = torch.tensor([2.0, 2.5, 2.0, 1.25])
    train[:, 3] = draw.normal(6, scale=1e-9, shift=-1.2e-8)  # as the text encoder's are
    other[:, 3] = draw.normal(4, scale=1e-9, shift=-1.2e-8)
    return [
        case("three new vectors", 7, 3, 4, strided=True),
        case("more new vectors than training vectors", 4, 9, 3),
        case("a single new vector", 6, 1, 5),
        case("features on very different scales", 5, 3, 4, scales=[1e-3, 1.0, 40.0, 5000.0]),
        dead,
    ]


def _scaled(
    by: str = "train", axis: int | None = 0, correction: int = 0, square: bool = False, centre: bool = True
) -> Callable[[Tensor, Tensor], Tensor]:
    """`standardise` with another choice for one of its parts; dead features are still 0."""

    def answer(train: Tensor, other: Tensor) -> Tensor:
        source = {"train": train, "other": other, "both": torch.cat([train, other])}[by]
        mean, spread = source.mean(axis, keepdim=True), source.std(axis, correction=correction, keepdim=True)
        dead = spread < 1e-6
        moved = other - mean if centre else other
        return (moved / (spread**2 if square else spread).masked_fill(dead, 1)).masked_fill(dead, 0)

    return answer


def _divided_by(spread_of: Callable[[Tensor], Tensor]) -> Callable[[Tensor, Tensor], Tensor]:
    """`standardise` with dead features left to what is divided by."""
    return lambda train, other: (other - train.mean(0)) / spread_of(train)


def _population(train: Tensor) -> Tensor:
    return train.std(0, correction=0)


heard = Exercise(
    id="06.7",
    title="Let both halves be heard",
    kind="function",
    answer="standardise",
    reference=standardise,
    cases=_standardise_cases,
    mistakes=(
        Mistake(
            "the new vectors' own mean and spread are used",
            "Your result depends on which vectors happen to come together, and a single one has no spread at all. "
            "Which mean was known before they came? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled("other"),
        ),
        Mistake(
            "mean and spread are taken over training and new vectors together",
            "What is held out has leaked into what the model is given. Which vectors may set the scale? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled("both"),
        ),
        Mistake(
            "each vector is standardised by itself",
            "Your mean runs over the features of one row, as a layer norm's does, and `train` is not asked. Over which "
            "axis does one feature meet its other values? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled("other", axis=1),
        ),
        Mistake(
            "one mean and one spread serve all features",
            "Then features with large numbers stay louder than the rest. How many means does a (N, d) have, one for "
            "each feature? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled(axis=None),
        ),
        Mistake(
            "the sum of squares is divided by N - 1",
            "Your numbers are all a little small, by the same share. torch's `std` estimates, and divides by N - 1 "
            "unless told otherwise: which argument says by what? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled(correction=1),
        ),
        Mistake(
            "it is divided by the variance",
            "The variance is in the feature's unit squared. What brings it back to the unit of the feature? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled(square=True),
        ),
        Mistake(
            "the mean is not taken off",
            "The spread is 1 now, and every feature still stands where it stood. Where should a training vector's "
            "features lie on average? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _scaled(centre=False),
        ),
        Mistake(
            "each vector is brought to length 1",
            "That is the other habit of the lesson: it looks at one vector and at no training set. What does each "
            "feature have to be measured by here? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            lambda train, other: nn.functional.normalize(other, dim=-1),
        ),
        Mistake(
            "features that do not vary are divided like the others",
            "0 / 0 is nan, and noise divided by 1e-9 is as loud as any feature, or far louder. What should such a "
            "feature say? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(_population),
        ),
        Mistake(
            "torch's `std` is taken as it comes, and features that do not vary are divided like the others",
            "Two things at once: torch divides by N - 1 unless told otherwise, and noise divided by 1e-9 is as loud as "
            "any feature. Which argument mends the first, and what should a feature say that never moves? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(lambda train: train.std(0)),
        ),
        Mistake(
            "the new vectors are measured by themselves, by torch's `std` as it comes",
            "`train` is not asked, and a single new vector has no spread at all. Which mean and spread were known "
            "before the new vectors came? (lesson 06, 'Where it breaks: two halves, worse than one')",
            lambda train, other: (other - other.mean(0)) / other.std(0),
        ),
        Mistake(
            "only a spread of exactly 0 counts as dead",
            "Rounding leaves a spread of 1e-9 where nothing varies, and your result makes a signal of it. Below which "
            "number did we call it dead? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            lambda train, other: ((other - train.mean(0)) / _population(train)).masked_fill(_population(train) == 0, 0),
        ),
        Mistake(
            "the spread is bounded from below",
            "That is safe only while a dead feature stays dead: let it move by a half, and 500,000 comes out. What was "
            "asked for in every row? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(lambda train: _population(train).clamp(min=1e-6)),
        ),
        Mistake(
            "a little is added to every spread",
            "It keeps you from 0 / 0, moves the features that were fine, and leaves dead ones free to become huge. "
            "Which features need another treatment, and which do not? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(lambda train: _population(train) + 1e-6),
        ),
        Mistake(
            "dead features are divided by 1 and left at that",
            "Nothing blows up, but a feature that never moved in training has a say as soon as it moves in a new "
            "vector. What was asked for in every row? "
            "(lesson 06, 'Where it breaks: two halves, worse than one')",
            _divided_by(lambda train: _population(train).masked_fill(_population(train) < 1e-6, 1)),
        ),
    ),
    hints=(
        "A new vector comes, all alone. What do you know about each of its features, and from where?",
        "Mean and spread are (d): one number for each feature, over the N rows of `train`. Which of the d spreads are "
        "too small to be divided by?",
        "Take the mean of `train` down its rows, and the population's standard deviation too. Mark the features whose "
        "spread is below 1e-6. Subtract and divide, with something harmless in place of the marked spreads, and put 0 "
        "into the marked features at the end.",
    ),
)
