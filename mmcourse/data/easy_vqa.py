"""easy-VQA: 5,000 pictures of one coloured shape each, and 48,248 questions with an answer of one word.

By Victor Zhou (MIT), from the wheel of the package `easy-vqa`, which `fetch` brings once (3 MB).

    >>> train = load("easy-vqa", "train")
    >>> columns = in_memory(train)
    >>> columns.images[columns.image_of[:8]]  # the pictures of the first eight questions
"""

import json
import sys
from functools import cached_property
from io import BytesIO
from zipfile import ZipFile

import torch
from torch import Tensor
from tqdm.auto import tqdm

from mmcourse.fetch import fetch, open_member

from . import Item, ItemSet
from .cards import Card, bring, cached
from .pictures import check_size, fitted, opened
from .splits import check_split, place

ARCHIVE = "easy_vqa"
ATTRIBUTION = "easy-VQA, Victor Zhou, MIT."
CARD = Card(
    name="easy-vqa",
    title="easy-VQA",
    what="image: one coloured shape; text: an English question; label: its answer, one of 13 words; meta: image (its "
    "number), kind ('shape', 'colour', 'yes/no')",
    many="5,000 pictures of 64 x 64 pixels, 48,248 questions: train 32,876 (3,409 pictures), val 5,699 (591), "
    "test 9,673 (1,000, as published)",
    source="Victor Zhou, github.com/vzhou842/easy-VQA",
    licence="MIT",
    attribution=ATTRIBUTION,
    fit="a first model that answers questions about pictures, and how far it comes without looking",
    unfit="natural pictures and language: one shape of three in eight colours, 107 different questions. Most answers "
    "are yes or no, and a question alone gives most of them away",
    comes="one command away",
    get=bring("easy-vqa", ARCHIVE),
    here=lambda: cached(ARCHIVE),
    archives=(ARCHIVE,),
)


class EasyVQA(ItemSet):
    """Questions about pictures. Many share a picture, which is kept once.

    questions  N questions
    labels     N class indices, into `classes`: the answers
    classes    the 13 answers
    image_of   (N,) long, row of `images`
    images     (M, 3, size, size) uint8, decoded when first asked for
    meta       N dicts: image (its number in the published set), kind ('shape', 'colour' or 'yes/no')

    Parameters
        split  'train', 'val' (15 % of the published training pictures, fixed), 'test' (as published), None for all
        size   side of the pictures in pixels; they were drawn with 64

    Raises ValueError for an unknown split or a size below 1, FetchError where the archive cannot be had.
    """

    def __init__(self, split: str | None = "train", size: int = 64):
        check_split(split)
        check_size(size)
        self.size, self._archive = size, fetch(ARCHIVE)
        with open_member(self._archive, "easy_vqa/data/answers.txt") as file:
            self.classes = file.read().decode().split()
        rows = [
            (published, question, answer, number)
            for published in ("train", "test")
            for question, answer, number in self._questions(published)
            if split in (None, published if published == "test" else _part(number))
        ]
        self._files = sorted({(published, number) for published, _, _, number in rows})
        place_of = {file: i for i, file in enumerate(self._files)}
        self.questions = [question for _, question, _, _ in rows]
        self.labels = [self.classes.index(answer) for _, _, answer, _ in rows]
        self.image_of = torch.tensor([place_of[published, number] for published, _, _, number in rows])  # (N,)
        self.meta = [
            {"image": f"{published}/{number}", "kind": _kind(question)} for published, question, _, number in rows
        ]

    def _questions(self, published: str) -> list[tuple[str, str, int]]:
        with open_member(self._archive, f"easy_vqa/data/{published}/questions.json") as file:
            return json.load(file)

    @cached_property
    def images(self) -> Tensor:
        """(M, 3, size, size) uint8"""
        bar = tqdm(self._files, desc="reading pictures", unit="picture", file=sys.stdout, delay=1)
        with ZipFile(self._archive) as wheel:  # opened once: its list of 5,000 files is read only now
            names = (f"easy_vqa/data/{published}/images/{number}.png" for published, number in bar)
            return torch.stack([fitted(opened(BytesIO(wheel.read(name))), self.size) for name in names])

    def __len__(self) -> int:
        return len(self.questions)

    def __getitem__(self, i: int) -> Item:
        return Item(self.images[self.image_of[i]], {"en": self.questions[i]}, self.labels[i], self.meta[i])


def load(split: str | None = "train", **options) -> EasyVQA:
    """`EasyVQA(split, **options)`."""
    return EasyVQA(split, **options)


def _part(number: int) -> str:
    """Where one of the published training pictures stands: 'train' or 'val'."""
    return "val" if place(f"train/{number}", train=85, val=15) == "val" else "train"


def _kind(question: str) -> str:
    """'shape', 'colour' or 'yes/no'."""
    if not question.startswith("what"):
        return "yes/no"
    return "colour" if "color" in question else "shape"
