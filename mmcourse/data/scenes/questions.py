"""Questions whose answer neither the picture nor the question knows alone.

What is asked is drawn without looking at the scene, or the answer is drawn first, so that each half alone is at chance:

    kind      answer                     picture alone        question alone
    colour    one of 6 colours           1 / things           1/5 (an object is kept from one colour in training)
    object    one of 36 objects          1 / things           1/30
    position  one of the grid's cells    1 / things           1 / cells
    count     0 to 2 (grid 2), 3 (3)     1/3, 1/4             1/3, 1/4
    presence, match, relation: no, yes   1/2                  1/2
"""

from typing import NamedTuple

import numpy as np

from ..draws import Draws
from .layout import Layout, holds
from .things import N_COLOURS, N_OBJECTS, RELATIONS, colours, names, places

YES_NO = ("presence", "match", "relation")
ASKED = ("colour", "object", "position", "count", *YES_NO)  # the kinds that are questions
PAIRED = ("roles", "colours")  # captions of minimal pairs
MOST = {2: 2, 3: 3}  # how often an object stands in a scene that is made for counting


class Asked(NamedTuple):
    """What is asked of N scenes.

    labels  (N,) index into the kind's answers
    about   (N,) which of the scene's things is asked about; -1 where none of them is
    slots   what stands in the sentence: slot -> (N,) index into objects, colours or RELATIONS
    """

    labels: np.ndarray
    about: np.ndarray
    slots: dict[str, np.ndarray]


def alone(kind: str, things: int, grid: int) -> tuple[float, float] | None:
    """How often the picture alone and the question alone can be right, at best: by symmetry, exactly. None for what is
    no single kind of question. (The question alone: among scenes of training, validation and test.)"""
    if kind in YES_NO:
        return 0.5, 0.5
    if kind == "count":
        return 1 / (MOST[grid] + 1), 1 / (MOST[grid] + 1)
    asked = {"colour": N_COLOURS - 1, "object": N_OBJECTS - N_OBJECTS // N_COLOURS, "position": grid * grid}
    return (1 / things, 1 / asked[kind]) if kind in asked else None


def answers(kind: str, grid: int, language: str) -> list[str]:
    """The answers that a kind of question can have, in the order of the labels."""
    if kind in ("colour", "object"):
        return list({"colour": colours, "object": names}[kind](language))
    if kind == "position":
        return places(grid, language)
    if kind == "count":
        return [str(count) for count in range(MOST[grid] + 1)]
    return ["no", "yes"] if language == "en" else ["否", "是"]


def ask(kind: str, draws: Draws, layout: Layout, grid: int, counted: np.ndarray | None = None) -> Asked:
    """A question of this kind for each scene. `counted` (N, most + 1): the objects of which there are 0, 1, ..."""
    n = len(layout.objects)
    rows = np.arange(n)
    about = draws.one(layout.named, "about")
    thing, colour = layout.objects[rows, about], layout.colours[rows, about]
    if kind == "colour":
        return Asked(colour, about, {"thing": thing})
    if kind == "object":
        return Asked(thing, about, {"colour": colour})
    if kind == "position":
        return Asked(layout.cells[rows, about], about, {"thing": thing})
    if kind == "count":
        assert counted is not None  # `compose_counts` gives them with the layout
        labels = draws.one(counted.shape[1], "label")
        return Asked(labels, np.full(n, -1), {"thing": counted[rows, labels]})
    yes = draws.one(2, "label")
    if kind == "presence":
        everything = draws.order(N_OBJECTS, "absent")  # the first that is not there
        there = (everything[:, :, None] == layout.objects[:, None, : layout.named]).any(-1)
        absent = everything[rows, there.argmin(1)]
        return Asked(yes, np.where(yes, about, -1), {"thing": np.where(yes, thing, absent)})
    if kind == "match":
        other = layout.colours[rows, _another(draws, layout, about)]
        return Asked(yes, about, {"thing": thing, "colour": np.where(yes, colour, other)})
    return _relation(draws, layout, grid, yes.astype(bool))


def _another(draws: Draws, layout: Layout, about: np.ndarray) -> np.ndarray:
    """Another thing, whose colour is not the one that the thing asked about is kept from: (N,)."""
    rows = np.arange(len(about))
    order = draws.order(layout.named, "other")  # (N, named)
    kept = (layout.objects[rows, about] % N_COLOURS)[:, None]
    good = (order != about[:, None]) & (np.take_along_axis(layout.colours, order, 1) != kept)
    return order[rows, good.argmax(1)]


def _relation(draws: Draws, layout: Layout, grid: int, wanted: np.ndarray) -> Asked:
    """Two things that differ in row or column, named so that the relation holds where it is `wanted`."""
    rows = np.arange(len(wanted))
    order = draws.order(layout.named, "things")  # (N, named)
    words = draws.order(len(RELATIONS), "relation")
    relation, second = words[:, 0].copy(), np.zeros(len(wanted), np.int64)
    first, found = order[:, 0], np.zeros(len(wanted), bool)
    for word in words.T:  # a word for which there is a partner, and the first such partner
        for partner in order.T[1:]:
            apart = holds(layout, grid, first, partner, word) | holds(layout, grid, partner, first, word)
            take = apart & ~found
            relation[take], second[take] = word[take], partner[take]
            found |= apart
    turn = holds(layout, grid, first, second, relation) != wanted
    first, second = np.where(turn, second, first), np.where(turn, first, second)
    slots = {"thing": layout.objects[rows, first], "other": layout.objects[rows, second], "relation": relation}
    return Asked(wanted.astype(np.int64), first, slots)


def true_of_pair(kind: str, draws: Draws, layout: Layout, grid: int) -> Asked:
    """A true caption of the first two things, which says what tells the scene from its twin."""
    n = len(layout.objects)
    rows, first, second = np.arange(n), np.zeros(n, np.int64), np.ones(n, np.int64)
    objects, shades = layout.objects, layout.colours
    true = np.ones(n, np.int64)
    if kind == "colours":
        slots = {"thing": objects[:, 0], "other": objects[:, 1], "colour": shades[:, 0], "colour_2": shades[:, 1]}
        return Asked(true, first, slots)
    words = draws.order(len(RELATIONS), "relation")
    apart = np.stack(
        [holds(layout, grid, first, second, w) | holds(layout, grid, second, first, w) for w in words.T], -1
    )
    relation = words[rows, apart.argmax(1)]
    turn = ~holds(layout, grid, first, second, relation)
    first, second = np.where(turn, second, first), np.where(turn, first, second)
    return Asked(true, first, {"thing": objects[rows, first], "other": objects[rows, second], "relation": relation})


def slot_words(slots: dict[str, int], language: str) -> dict[str, str]:
    """The words for one scene's slots."""
    said: dict[str, str] = {}
    for slot, index in slots.items():
        if slot == "relation":
            english, chinese, *_ = RELATIONS[index]
            said[slot] = english if language == "en" else chinese
        else:
            said[slot] = (colours if slot.startswith("colour") else names)(language)[index]
    return said
