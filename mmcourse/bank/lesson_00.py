"""Lesson 00, Start here: shapes, nested batches, broadcasting, baselines, a first pipeline."""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from mmcourse.bank.pair_models import Untrained, deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.device import move
from mmcourse.encoded import Encoded
from mmcourse.tasks.metrics import accuracy

# 00.1 --------------------------------------------------------------------------------------------------------------

SHAPES = {
    "words": (2, 5, 6),
    "sentences": (2, 6),
    "pair": (2, 16),
    "regions": (2, 28, 6),
    "scores": (2, 28, 5),
    "trap": (3, 3),
}

shapes = Exercise(
    id="00.1",
    title="Which shape comes out?",
    kind="value",
    answer="shapes",
    reference=SHAPES,
    cases=lambda draw: [Case(name) for name in SHAPES],
    mistakes=(
        Mistake(
            "the mean is taken over the features of each word",
            "Your `sentences` keeps T and loses d. Which axis counts the words, and is it the one that should go? "
            "(lesson 00, 'Axes have names')",
            {"sentences": (2, 5)},
        ),
        Mistake(
            "an axis of size 1 is kept where the mean was taken",
            "`mean(1)` removes the axis that it averages; only `keepdim=True` leaves a 1 behind. "
            "How many axes are left of three? (lesson 00, 'Axes have names')",
            {"sentences": (2, 1, 6)},
        ),
        Mistake(
            "the two are stacked as samples",
            "Your `pair` has more samples than before. `dim=-1` is the last axis: what does the last axis count? "
            "(lesson 00, 'Side by side')",
            {"pair": (4, 16)},
        ),
        Mistake(
            "the features are left in front of the regions",
            "Your `regions` is the shape after `flatten(2)`. What does `transpose(1, 2)` do to it? "
            "(lesson 00, 'Axes have names')",
            {"regions": (2, 6, 28)},
        ),
        Mistake(
            "the scores have a row for each word instead of each region",
            "In `a @ b` the rows come from `a`. Who stands on the left? (lesson 00, 'Axes have names')",
            {"scores": (2, 5, 28)},
        ),
        Mistake(
            "the shorter shape is taken to line up on the left",
            "Broadcasting lines shapes up from the right: (3, 1) against (3) reads as (3, 1) against (1, 3). "
            "What grows to what? (lesson 00, 'The silent guest: broadcasting')",
            {"trap": (3, 1)},
        ),
        Mistake(
            "three numbers times three numbers is taken to be three numbers",
            "One of the two has a second axis. Write both shapes under each other, flush right: (3, 1) and (3). "
            "Which axis of each grows? (lesson 00, 'The silent guest: broadcasting')",
            {"trap": (3,)},
        ),
    ),
    hints=(
        "For each line: which axes go in, which does the operation remove, join or swap?",
        "An index picks rows, so it adds the vector's axis at the end; mean(1) removes axis 1; cat adds up one axis; "
        "@ keeps the rows of the left and the columns of the right.",
        "For `trap`, write the two shapes flush right, (3, 1) over (3). Missing axes count as 1; "
        "then each axis takes the larger of the two sizes.",
    ),
)

# 00.2 --------------------------------------------------------------------------------------------------------------


class Box(NamedTuple):
    """A named tuple that the course's package does not know."""

    corners: Tensor
    label: str


def _move_cases(draw: Draw) -> list[Case]:
    """The meta device stands in for a GPU: a tensor moved there has a shape, a type and a place, but no values."""
    image, ids, mask = draw.normal(2, 3, 4), draw.integers(0, 9, 2, 5), draw.mask(5, 3)
    batch = {"image": image, "text": {"ids": ids, "mask": mask}}
    encoded = Encoded(draw.normal(2, 4), draw.normal(2, 5, 4), mask)
    kept = {"image": draw.normal(2, 3), "names": ["cat", "dog"], "label": 3, "source": None}
    return [
        Case("a dict in a dict", {"batch": batch, "device": "meta"}, points=1, gradients=False),
        Case(
            "lists and tuples",
            {"batch": [image, (ids, mask), [encoded.vector]], "device": "meta"},
            points=1,
            gradients=False,
        ),
        Case(
            "named tuples",
            {"batch": {"image": encoded, "box": Box(image, "cat")}, "device": "meta"},
            points=1,
            gradients=False,
        ),
        Case("text and numbers beside tensors", {"batch": kept, "device": "meta"}, points=1, gradients=False),
        Case("values on the way", {"batch": image, "device": "cpu"}, points=0, gradients=False),
    ]


def _move_one_level(batch, device):
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {k: v.to(device) if isinstance(v, Tensor) else v for k, v in batch.items()}
    if isinstance(batch, list | tuple):
        kind = type(batch)
        return kind(v.to(device) if isinstance(v, Tensor) else v for v in batch)
    return batch


def _move_plain_tuples(batch, device):
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {k: _move_plain_tuples(v, device) for k, v in batch.items()}
    if isinstance(batch, list):
        return [_move_plain_tuples(v, device) for v in batch]
    if isinstance(batch, tuple):
        return tuple(_move_plain_tuples(v, device) for v in batch)
    return batch


def _move_rebuilds_any_tuple(batch, device):
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {k: _move_rebuilds_any_tuple(v, device) for k, v in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(_move_rebuilds_any_tuple(v, device) for v in batch)
    return batch


def _move_all_lists(batch, device):
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {k: _move_all_lists(v, device) for k, v in batch.items()}
    if isinstance(batch, list | tuple):
        return [_move_all_lists(v, device) for v in batch]
    return batch


def _move_in_place(batch, device):
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        for k in batch:
            batch[k] = _move_in_place(batch[k], device)
        return batch
    if isinstance(batch, list):
        for i in range(len(batch)):
            batch[i] = _move_in_place(batch[i], device)
        return batch
    return move(batch, device)


def _move_only_tensors(batch, device):
    if isinstance(batch, dict):
        return {k: _move_only_tensors(v, device) for k, v in batch.items()}
    if isinstance(batch, list | tuple):
        parts = [_move_only_tensors(v, device) for v in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)
    return batch.to(device)


def _move_forgets_result(batch, device):
    if isinstance(batch, Tensor):
        batch.to(device)
        return batch
    if isinstance(batch, dict):
        return {k: _move_forgets_result(v, device) for k, v in batch.items()}
    if isinstance(batch, list | tuple):
        parts = [_move_forgets_result(v, device) for v in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)
    return batch


def _move_no_tuples(batch, device):
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {k: _move_no_tuples(v, device) for k, v in batch.items()}
    if isinstance(batch, list):
        return [_move_no_tuples(v, device) for v in batch]
    return batch


def _move_star_for_all(batch, device):
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, dict):
        return {k: _move_star_for_all(v, device) for k, v in batch.items()}
    if isinstance(batch, list | tuple):
        return type(batch)(*(_move_star_for_all(v, device) for v in batch))
    return batch


nested = Exercise(
    id="00.2",
    title="Move a nested batch",
    kind="function",
    answer="move",
    reference=move,
    cases=_move_cases,
    mistakes=(
        Mistake(
            "only the first level is moved",
            "What lies inside an inner dict or tuple stays where it was. Who could do for the inner batch what your "
            "function does for the outer one? (lesson 00, 'The device at hand')",
            _move_one_level,
        ),
        Mistake(
            "a named tuple comes back as a plain tuple",
            "`batch.vector` no longer works on what you return. A named tuple is a tuple: which test sees it first? "
            "(lesson 00, 'The device at hand')",
            _move_plain_tuples,
        ),
        Mistake(
            "a named tuple is built from a list of its parts",
            "`Encoded([a, b, c])` lacks two arguments: a named tuple takes its fields one by one. What does a star "
            "in front of an argument do? (lesson 00, 'The device at hand')",
            _move_rebuilds_any_tuple,
        ),
        Mistake(
            "tuples come back as lists",
            "Whoever unpacks or hashes the tuple later gets something else than was put in. How do you ask a value "
            "for its own type? (lesson 00, 'The device at hand')",
            _move_all_lists,
        ),
        Mistake(
            "the batch that was passed in is changed",
            "Your function writes into the caller's dict. Will the caller expect his batch to have left the CPU? "
            "Build a new container. (lesson 00, 'The device at hand')",
            _move_in_place,
        ),
        Mistake(
            "nothing is moved",
            "Every tensor comes back where it was. If you did call `.to`: it moves nothing, it gives a new tensor. "
            "What does your function return? (lesson 00, 'The device at hand')",
            _move_forgets_result,
        ),
        Mistake(
            "tuples are passed by",
            "A list is opened, a tuple goes through as it is, and what it holds stays behind. Which containers may a "
            "batch be? (lesson 00, 'The device at hand')",
            _move_no_tuples,
        ),
        Mistake(
            "every sequence is built with a star",
            "A named tuple takes its fields one by one; a list or a plain tuple takes one iterable. Which of them has "
            "`_fields`? (lesson 00, 'The device at hand')",
            _move_star_for_all,
        ),
        Mistake(
            "everything that is no container is taken for a tensor",
            "A name has no `.to`. What should happen to what is neither a container nor a tensor? "
            "(lesson 00, 'The device at hand')",
            _move_only_tensors,
        ),
    ),
    hints=(
        "A batch is a tensor, or a container of batches, or something that has no device. Which kind of function "
        "follows a definition that mentions itself?",
        "Ask in this order: tensor? dict? named tuple (it has `_fields`)? list or tuple? anything else?",
        "A tensor: `.to(device)`. A dict: a new dict with each value moved. A named tuple: its own type, called with "
        "its moved fields one by one. A list or tuple: its own type, made of its moved parts. Else: as it is.",
    ),
)

# 00.3 --------------------------------------------------------------------------------------------------------------


def unit_pair(image: Tensor, text: Tensor) -> Tensor:
    """Each vector divided by its own length, then side by side: (B, d), (B, e) -> (B, d + e)."""
    return torch.cat([F.normalize(image, dim=-1), F.normalize(text, dim=-1)], dim=-1)


def _given_pair(image, text):
    image = image / image.norm(dim=-1)
    text = text / text.norm(dim=-1, keepdim=True)
    return torch.cat([image, text], dim=-1)


def _by_column(image, text):
    return torch.cat([image / image.norm(dim=0, keepdim=True), text / text.norm(dim=-1, keepdim=True)], dim=-1)


def _both_by_column(image, text):
    return torch.cat([image / image.norm(dim=0), text / text.norm(dim=0)], dim=-1)


def _by_batch(image, text):
    return torch.cat([image / image.norm(), text / text.norm(dim=-1, keepdim=True)], dim=-1)


def _after_joining(image, text):
    return F.normalize(torch.cat([image, text], dim=-1), dim=-1)


def _not_at_all(image, text):
    return torch.cat([image, text / text.norm(dim=-1, keepdim=True)], dim=-1)


def _pair_cases(draw: Draw) -> list[Case]:
    def pair(batch: int, d: int, e: int) -> dict[str, Tensor]:
        return {"image": draw.normal(batch, d, shift=0.5), "text": draw.normal(batch, e, scale=3.0)}

    return [
        Case("as many samples as features", pair(4, 4, 6), points=2),
        Case("three samples, five features", pair(3, 5, 2), points=1),
        Case("a batch of one", pair(1, 5, 3), points=1),
    ]


broadcast = Exercise(
    id="00.3",
    title="A fusion that mixes its samples",
    kind="function",
    answer="fuse",
    reference=unit_pair,
    given=_given_pair,
    cases=_pair_cases,
    mistakes=(
        Mistake(
            "the length is taken down each column",
            "Your answer measures each feature of the picture across the batch. Whose length is meant, "
            "a picture's or a feature's? (lesson 00, 'The silent guest: broadcasting')",
            _by_column,
        ),
        Mistake(
            "both lengths are taken down the columns",
            "Your answer measures each feature across the batch, in both halves. Whose length is meant, a sample's? "
            "(lesson 00, 'The silent guest: broadcasting')",
            _both_by_column,
        ),
        Mistake(
            "one length is taken for the whole batch",
            "Without `dim`, `norm` gives a single number for all pictures together. May one picture's size change "
            "another's vector? (lesson 00, 'The silent guest: broadcasting')",
            _by_batch,
        ),
        Mistake(
            "the pair is normalised after it was joined",
            "The whole row has length 1 now, and the louder half keeps the larger share. Which of the two steps "
            "comes first in the docstring? (lesson 00, 'Side by side')",
            _after_joining,
        ),
        Mistake(
            "the image is no longer normalised",
            "The shapes fit again, but the promise was length 1 for both halves. Which line kept it for the text? "
            "(lesson 00, 'The silent guest: broadcasting')",
            _not_at_all,
        ),
    ),
    hints=(
        "Which two shapes meet in the first division, and what does broadcasting make of them?",
        "`image` is (B, d), its length is (B): lined up from the right, B stands under d. When does that run without "
        "complaint? Compare the second line.",
        "The lengths need a second axis of size 1, so that each row is divided by its own length: keep the axis that "
        "the norm removes.",
    ),
)

# 00.4 --------------------------------------------------------------------------------------------------------------


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

# 00.5 --------------------------------------------------------------------------------------------------------------

SIZE, AT_LEAST = 32, 2  # pictures of 32 x 32 pixels; a word must occur twice to have a vector of its own


@cache
def _held_out() -> dict:
    from mmcourse.data.emoji import EmojiPairs
    from mmcourse.preprocess import Vocabulary, normalise

    vocabulary = Vocabulary(EmojiPairs("train", 1).text["en"], AT_LEAST)
    pairs = EmojiPairs("val", SIZE)
    ids, mask = vocabulary.encode(pairs.text["en"])
    return {
        "images": normalise(pairs.images),
        "ids": ids,
        "mask": mask,
        "labels": pairs.labels,
        "words": len(vocabulary),
    }


def _pipeline_cases(draw: Draw) -> list[Case]:
    data = _held_out()
    inputs = {name: data[name] for name in ("images", "ids", "mask")}
    return [Case("held-out pairs", inputs, labels=data["labels"])]


def _untrained(**how):
    return lambda: Untrained(_held_out()["words"], 9, **how)


pipeline = Exercise(
    id="00.5",
    title="The pipeline, past its baselines",
    kind="trained",
    answer="model",
    reference=None,
    cases=_pipeline_cases,
    score=accuracy,
    limit=200_000,
    bars=(
        Bar("more than the commonest group", 0.25, 1),
        Bar("more than the names alone", 0.60, 1),
        Bar("more than the pictures alone", 0.71, 2),
    ),
    mistakes=(
        Mistake(
            "the pictures make no difference to the model",
            "Other pictures, the same logits. Does the image vector reach the head? "
            "(lesson 00, 'The pipeline, end to end')",
            _untrained(deaf="images"),
            deaf_to("images"),
        ),
        Mistake(
            "the names make no difference to the model",
            "Other names, the same logits. Does the text vector reach the head? "
            "(lesson 00, 'The pipeline, end to end')",
            _untrained(deaf="ids"),
            deaf_to("ids"),
        ),
        Mistake(
            "the mask makes no difference to the model",
            "The same logits, whatever the mask says. Has the model another way to tell a word from a pad? "
            "(lesson 00, 'The pipeline, end to end')",
            _untrained(deaf="mask"),
            deaf_to("mask"),
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            "well. What does the loss expect? (lesson 00, 'Side by side')",
            _untrained(soft=True),
            probabilities,
        ),
    ),
    hints=(
        "What does each encoder hand over, and which of its three parts does concatenation need?",
        "`.vector` of both, side by side: (B, 2d). The head takes 2d features and gives one logit for each group.",
        "In `__init__`: a SmallCNN, a BagOfWords, a Linear from 2d to 9. In `forward`: encode both, `torch.cat` the "
        "vectors along the last axis, the head. Then ten epochs of batches of 64 with AdamW, lr 1e-2 falling to 0.",
    ),
)

EXERCISES = (shapes, nested, broadcast, majority, pipeline)
