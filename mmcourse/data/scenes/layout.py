"""What stands where: a scene as numbers, before it is painted."""

from typing import NamedTuple

import numpy as np

from ..draws import Draws
from .things import DISTRACTORS, N_COLOURS, N_OBJECTS, RELATIONS


class Layout(NamedTuple):
    """N scenes of M things, of which the first `named` may be asked for; the others are distractors.

    objects  (N, M) index into OBJECTS, and from 36 on into DISTRACTORS
    colours  (N, M) index into COLOURS, and 6 for the page's own
    cells    (N, M) the cell that a thing stands in, in reading order
    """

    objects: np.ndarray
    colours: np.ndarray
    cells: np.ndarray
    named: int


def compose(draws: Draws, things: int, grid: int, distractors: int, held_out: bool, swappable: bool) -> Layout:
    """Scenes of different objects on different colours, at random.

    held_out   every object stands on the colour that it is kept from in training; otherwise none does
    swappable  the first two may exchange their colours, and are still no held-out combination
    """
    n = len(draws.keys)
    objects, colours = np.zeros((n, things), np.int64), np.zeros((n, things), np.int64)
    left = np.arange(n)
    attempt = 0
    while len(left):  # scenes that name an object twice, or can't be swapped, are drawn again
        some = draws.only(left, attempt)
        colour = some.order(N_COLOURS, "colours")[:, :things]
        off = np.zeros_like(colour) if held_out else 1 + some.below(N_COLOURS - 1, "column", things)
        column = (colour + off) % N_COLOURS
        thing = some.below(N_OBJECTS // N_COLOURS, "row", things) * N_COLOURS + column
        objects[left], colours[left] = thing, colour
        ordered = np.sort(thing, axis=1)
        again = (ordered[:, 1:] == ordered[:, :-1]).any(1)
        if swappable:
            again |= (column[:, 0] == colour[:, 1]) | (column[:, 1] == colour[:, 0])
        left = left[again]
        attempt += 1
    return _place(draws, objects, colours, grid, distractors)


def compose_counts(draws: Draws, most: int, grid: int, distractors: int) -> tuple[Layout, np.ndarray]:
    """Scenes that hold one object once, another twice, ..., the last `most` times, on any colours.

    Also gives (N, most + 1) objects: of which there are 0, 1, ..., most.
    """
    kinds = draws.order(N_OBJECTS, "kinds")[:, : most + 1]
    objects = kinds[:, np.repeat(np.arange(1, most + 1), np.arange(1, most + 1))]  # (N, 1 + 2 + ... + most)
    off = 1 + draws.below(N_COLOURS - 1, "column", objects.shape[1])
    return _place(draws, objects, (objects - off) % N_COLOURS, grid, distractors), kinds


def _place(draws: Draws, objects: np.ndarray, colours: np.ndarray, grid: int, distractors: int) -> Layout:
    named = objects.shape[1]
    if distractors:
        extra = N_OBJECTS + draws.order(len(DISTRACTORS), "distractors")[:, :distractors]
        objects = np.concatenate([objects, extra], axis=1)
        colours = np.concatenate([colours, np.full_like(extra, N_COLOURS)], axis=1)
    return Layout(objects, colours, draws.order(grid * grid, "cells")[:, : objects.shape[1]], named)


def exchange(layout: Layout, what: str) -> Layout:
    """The same scenes, with the first two things' 'objects' or 'colours' exchanged, and nothing else."""
    values = getattr(layout, what).copy()
    values[:, [0, 1]] = values[:, [1, 0]]
    return layout._replace(**{what: values})


def holds(layout: Layout, grid: int, first: np.ndarray, second: np.ndarray, relation: np.ndarray) -> np.ndarray:
    """Whether the thing `first` is left of, right of, above, below the thing `second`: all (N,), the result bool."""
    rows = np.arange(len(first))
    a, b = layout.cells[rows, first], layout.cells[rows, second]
    along = np.array([axis for _, _, axis, _ in RELATIONS])[relation]  # (N,)
    before = np.array([smaller for _, _, _, smaller in RELATIONS])[relation]
    a, b = (np.where(along == 0, cell % grid, cell // grid) for cell in (a, b))
    return np.where(before, a < b, a > b)
