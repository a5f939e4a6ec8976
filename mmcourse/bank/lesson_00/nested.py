"""00.2: Move a nested batch."""

from typing import NamedTuple

from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.device import move
from mmcourse.encoded import Encoded


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
