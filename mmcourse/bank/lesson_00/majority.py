"""00.4: What a model that looks at nothing scores."""

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake


def majority_accuracy(train: Tensor, test: Tensor) -> float:
    """Share of `test` labels that equal the commonest `train` label: (N,), (M,) long -> a number in 0..1."""
    return (test == train.mode().values).double().mean().item()


def _majority_cases(draw: Draw) -> list[Case]:
    def labels(counts: dict[int, int]) -> Tensor:
        values = torch.cat([torch.full((n,), label) for label, n in counts.items()])
        return values[torch.randperm(len(values), generator=draw.generator)]

    def case(name: str, points: int, train: dict[int, int], test: dict[int, int]) -> Case:
        return Case(name, {"train": labels(train), "test": labels(test)}, points, gradients=False)

    return [
        case("the same commonest label in both", 1, {0: 2, 1: 9, 2: 3}, {0: 3, 1: 5, 2: 2}),
        case("the test set has another favourite", 2, {3: 5, 0: 4, 1: 3, 5: 1}, {3: 1, 0: 9, 5: 2}),
        case("labels with gaps, and one that the test set lacks", 1, {5: 5, 2: 2, 9: 4, 11: 4}, {2: 4, 5: 3, 9: 1}),
    ]


majority = Exercise(
    id="00.4",
    title="What a model that looks at nothing scores",
    kind="function",
    answer="majority_accuracy",
    reference=majority_accuracy,
    cases=_majority_cases,
    mistakes=(
        Mistake(
            "the commonest label is looked up in the test set",
            "Your baseline reads the test labels to choose its answer. What could it know on training day? "
            "(lesson 00, 'Beside what?')",
            lambda train, test: (test == test.mode().values).double().mean().item(),
        ),
        Mistake(
            "training and test labels are pooled to find the commonest",
            "The test labels have a say in the choice. What could the model know on training day? "
            "(lesson 00, 'Beside what?')",
            lambda train, test: (test == torch.cat([train, test]).mode().values).double().mean().item(),
        ),
        Mistake(
            "the place of the largest count is taken for the label",
            "`unique` sorts the labels, and the largest count stands at some place in them. Which label stands there? "
            "(lesson 00, 'Beside what?')",
            lambda train, test: (test == train.unique(return_counts=True)[1].argmax()).double().mean().item(),
        ),
        Mistake(
            "the share is counted in the training set",
            "You return how common the label is where it was chosen. On which set is every other model scored? "
            "(lesson 00, 'Beside what?')",
            lambda train, test: (train == train.mode().values).double().mean().item(),
        ),
        Mistake(
            "the label itself is returned",
            "That is the answer that the baseline gives, not how often it is right. (lesson 00, 'Beside what?')",
            lambda train, test: train.mode().values.item(),
        ),
        Mistake(
            "the hits are counted, not their share",
            "A count grows with the test set. Divide by how many? (lesson 00, 'Beside what?')",
            lambda train, test: (test == train.mode().values).sum().item(),
        ),
        Mistake(
            "every label is taken to be equally likely",
            "One divided by the number of classes is what guessing evenly scores. This baseline does not guess: it "
            "knows which label is common. (lesson 00, 'Beside what?')",
            lambda train, test: 1 / len(train.unique()),
        ),
    ),
    hints=(
        "A model that looks at nothing gives the same answer each time. Which answer would you tell it to give, and "
        "what may you look at to choose it?",
        "Two steps with two different sets: choose the label in one, count hits in the other.",
        "The commonest label of `train` (torch has `mode` and `bincount`); compare each label of `test` with it; "
        "the mean of the hits as a Python number.",
    ),
)
