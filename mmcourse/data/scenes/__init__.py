"""Scenes composed from emoji: objects on colours, with captions, questions and answers in English and Chinese.

    >>> scenes = load("scenes", "train", kind="colour", n=4000)      # 'what colour is behind the cat?'
    >>> pairs = load("scenes", "test", kind="roles")                 # items 0 and 1, 2 and 3, ... are minimal pairs

Item i depends on the options and on (seed, split, i) alone, so any worker can make it. Pictures: Twemoji, CC BY 4.0.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch

from .. import Item, ItemSet
from ..cards import Card, installed
from ..draws import Draws
from ..emoji import ATTRIBUTION, PACKAGES
from ..synthetic.rates import FULL, PICTURE, TEXT, Rate
from .layout import Layout, compose, compose_counts, exchange
from .questions import ASKED, MOST, PAIRED, YES_NO, Asked, alone, answers, ask, slot_words, true_of_pair
from .render import Painted, paint
from .things import DISTRACTORS, PLACES, colours, names, places
from .words import QUESTIONS, STATEMENTS, caption, say

KINDS = (*ASKED, "all", "caption", *PAIRED)
Split = Literal["train", "val", "test", "held-out"]
SIZES: dict[Split, int] = {"train": 4000, "val": 1000, "test": 1000, "held-out": 1000}
_HELD_OUT = ("colour", "object", "caption")

CARD = Card(
    name="scenes",
    title="Emoji scenes",
    what="image: a few drawings on coloured squares; text: a question or a caption, in English and Chinese; label: the "
    "answer; meta: objects, colours, true boxes, what is visible, answer and caption",
    many="any number, from a seed; 36 objects, 6 colours; 'held-out' has the combinations that 'train' never shows",
    source="composed by the course (mmcourse/data/scenes) from Twemoji and Unicode CLDR's names",
    licence="pictures CC BY 4.0; names Unicode licence",
    attribution=ATTRIBUTION,
    fit="binding, counting, position, captioning, attention against true boxes: the picture alone and the question "
    "alone are at chance (mmcourse.data.scenes.questions has the rates)",
    unfit="natural images and natural language: flat drawings, one grammar",
    comes="with the course",
    get=f"pip install {' '.join(PACKAGES)}",
    here=lambda: installed(*PACKAGES),
)


class Scenes(ItemSet):
    """Scenes, each with a question or a caption.

    classes  the answers in English, in the order of the labels; `answers(language)` in either language

    meta of an item: kind; objects, colours, cells, boxes (left, top, right, bottom; right and bottom not included),
    visible (share of each box that nothing covers), all in the order of painting, distractors last, their colour None;
    named (how many are not distractors); about (index of the thing asked about, or None); answer and caption by
    language; pair (number of the minimal pair, or None).

    Parameters
        split        'train', 'val', 'test': their objects never stand on the colour that they are kept from;
                     'held-out': all do
        kind         'colour', 'object', 'position', 'count', 'presence', 'match', 'relation': questions; 'all': these
                     mixed; 'caption': all that is named, in reading order; 'roles', 'colours': true captions of
                     minimal pairs, which differ in who stands where, or in who stands on which colour, and in
                     nothing else
        n            how many; seed: other scenes
        size         side of the pictures in pixels
        grid         2 or 3 cells along a side
        things       how many are named, 2 to 6 (default 4); scenes for counting have 3 (grid 2) or 6 (grid 3)
        free         sizes and places vary, instead of every thing filling its cell
        overlap      where free, by how many percent of a cell's side things may leave it and cover each other, up to 20
        distractors  how many more things stand about, without a colour, never asked for
        wordings     how many ways of asking are used; all of them by default
        statement    yes-no questions as statements, right or wrong: 'the cat is left of the dog'

    Raises ValueError, saying what there is, for options that do not exist or do not fit together.
    """

    def __init__(
        self,
        split: Split = "train",
        kind: str = "colour",
        n: int | None = None,
        seed: int = 0,
        size: int = 48,
        grid: int = 2,
        things: int = 4,
        free: bool = False,
        overlap: int = 0,
        distractors: int = 0,
        wordings: int | None = None,
        statement: bool = False,
    ):
        _refuse(split, kind, size, grid, things, overlap, distractors, statement)
        self.split, self.kind, self.size, self.grid, self.things = split, kind, size, grid, things
        self.free, self.overlap, self.distractors = free, overlap, distractors
        self.wordings, self.statement = wordings, statement
        self.n = SIZES[split] if n is None else n
        self._seed = seed * len(SIZES) + list(SIZES).index(split)
        self.classes = self.answers("en")

    def answers(self, language: Literal["en", "zh"]) -> list[str]:
        """The answers in the order of the labels."""
        kinds = ASKED if self.kind == "all" else (self.kind,)
        return list(dict.fromkeys(word for kind in kinds for word in answers(kind, self.grid, language)))

    def rates(self) -> dict[str, Rate]:
        """The best that the picture alone, the question alone, and both can do; nothing for kind 'all' and captions."""
        rates = alone(self.kind, self.things, self.grid)
        if rates is None or self.split == "held-out":
            return {}
        why = "all that may be asked of it is equally likely"
        return {PICTURE: Rate(rates[0], None, why), TEXT: Rate(rates[1], None, why), FULL: Rate(1.0, None, "seen")}

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, i: int) -> Item:
        return self.__getitems__([i])[0]

    def __getitems__(self, rows: Sequence[int]) -> list[Item]:
        """Many items at once, which is faster; a DataLoader asks so by itself."""
        asked = np.array([row + self.n if row < 0 else row for row in rows], np.int64)
        if len(asked) and not 0 <= asked.min() <= asked.max() < self.n:
            raise IndexError(f"there are {self.n} items")
        if self.kind != "all":
            return self._make(self.kind, asked)
        kinds = Draws(self._seed, asked).one(len(ASKED), "kind")
        found: dict[int, Item] = {}
        for k in np.unique(kinds):
            mine = np.flatnonzero(kinds == k)
            found |= zip(mine.tolist(), self._make(ASKED[k], asked[mine]), strict=True)
        return [found[i] for i in range(len(asked))]

    def _make(self, kind: str, rows: np.ndarray) -> list[Item]:
        if kind in PAIRED:
            draws = Draws(self._seed, rows // 2)
            layout = self._compose(draws, swappable=True)
            twin = exchange(layout, "objects" if kind == "roles" else "colours")
            odd = (rows % 2 == 1)[:, None]
            objects, shades, cells = (np.where(odd, b, a) for a, b in zip(layout[:3], twin[:3], strict=True))
            layout = Layout(objects, shades, cells, layout.named)
            asked = true_of_pair(kind, draws, layout, self.grid)
        else:
            draws, counted = Draws(self._seed, rows), None
            if kind == "count":
                layout, counted = compose_counts(draws, MOST[self.grid], self.grid, self.distractors)
            else:
                layout = self._compose(draws, swappable=False)
            if kind == "caption":
                asked = Asked(np.ones(len(rows), np.int64), np.full(len(rows), -1), {})
            else:
                asked = ask(kind, draws, layout, self.grid, counted)
        painted = paint(layout, draws, self.size, self.grid, self.free, self.overlap)
        return self._items(kind, rows, layout, asked, painted, draws)

    def _compose(self, draws: Draws, swappable: bool) -> Layout:
        return compose(draws, self.things, self.grid, self.distractors, self.split == "held-out", swappable)

    def _items(
        self, kind: str, rows: np.ndarray, layout: Layout, asked: Asked, painted: Painted, draws: Draws
    ) -> list[Item]:
        patterns = (STATEMENTS if self.statement or kind in PAIRED else QUESTIONS).get(kind, ((),))[: self.wordings]
        ways = draws.one(len(patterns), "wording").tolist()
        images = torch.from_numpy(painted.images)
        area = (painted.boxes[..., 2] - painted.boxes[..., 0]) ** 2
        visible, boxes = (painted.visible / area).tolist(), painted.boxes.tolist()
        objects, shades, cells = (column.tolist() for column in layout[:3])
        spoken = {slot: values.tolist() for slot, values in asked.slots.items()}
        labels, about = asked.labels.tolist(), asked.about.tolist()
        order = layout.cells[:, : layout.named].argsort(1).tolist()  # reading order
        known = {language: [*names(language), *DISTRACTORS] for language in ("en", "zh")}
        items = []
        for i, row in enumerate(rows.tolist()):
            slots = {slot: values[i] for slot, values in spoken.items()}
            captions = {
                language: caption(
                    language,
                    [known[language][objects[i][j]] for j in order[i]],
                    [colours(language)[shades[i][j]] for j in order[i]],
                )
                for language in ("en", "zh")
            }
            text = captions
            if kind != "caption":
                text = {lang: say(patterns[ways[i]], lang, slot_words(slots, lang)) for lang in ("en", "zh")}
            meta: dict[str, Any] = {
                "kind": kind,
                "objects": tuple(known["en"][k] for k in objects[i]),
                "colours": tuple(colours("en")[k] if k < len(colours("en")) else None for k in shades[i]),
                "cells": tuple(places(self.grid, "en")[k] for k in cells[i]),
                "boxes": tuple(map(tuple, boxes[i])),
                "visible": tuple(visible[i]),
                "named": layout.named,
                "about": about[i] if about[i] >= 0 else None,
                "answer": {language: answers(kind, self.grid, language)[labels[i]] for language in ("en", "zh")},
                "caption": captions,
                "pair": row // 2 if kind in PAIRED else None,
            }
            label = self.classes.index(meta["answer"]["en"]) if self.kind == "all" else labels[i]
            items.append(Item(images[i], text, label, meta))
        return items


def load(split: Split = "train", **options: Any) -> Scenes:
    """`Scenes` with these options."""
    return Scenes(split, **options)


def _refuse(
    split: str | None, kind: str, size: int, grid: int, things: int, overlap: int, distractors: int, statement: bool
) -> None:
    """Raises ValueError where the options do not exist or do not fit together."""
    if split not in SIZES:
        raise ValueError(f"split={split!r}: there are {', '.join(map(repr, SIZES))}")
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r}: there are {', '.join(map(repr, KINDS))}")
    if split == "held-out" and kind not in _HELD_OUT:
        raise ValueError(f"'held-out' is about objects on colours: kind may be {', '.join(map(repr, _HELD_OUT))}")
    if grid not in PLACES:
        raise ValueError(f"grid={grid}: a scene has 2 or 3 cells along a side")
    if not 12 * grid <= size <= 72 * grid:
        raise ValueError(f"size={size}: with grid={grid}, choose {12 * grid} to {72 * grid} pixels")
    if not 2 <= things <= min(6, grid * grid):
        raise ValueError(f"things={things}: with grid={grid}, choose 2 to {min(6, grid * grid)}")
    if kind in ("match", "all") and things < 3:
        raise ValueError(f"kind={kind!r} needs things=3 or more, so that there is a colour to mistake it for")
    most = grid * grid - (MOST[grid] * (MOST[grid] + 1) // 2 if kind in ("count", "all") else things)
    if kind == "all":
        most = min(most, grid * grid - things)
    if not 0 <= distractors <= min(most, len(DISTRACTORS)):
        raise ValueError(f"distractors={distractors}: there is room for {min(most, len(DISTRACTORS))}")
    if not 0 <= overlap <= 20:
        raise ValueError(f"overlap={overlap}: choose 0 to 20 percent")
    if statement and kind not in YES_NO:
        raise ValueError(f"statement=True goes with {', '.join(map(repr, YES_NO))}, which are right or wrong")
