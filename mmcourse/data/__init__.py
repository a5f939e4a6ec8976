"""Data sets behind one interface: an item has `image`, `text` (by language), `label` and `meta`.

    >>> from mmcourse.data import in_memory, load
    >>> pairs = in_memory(load("emoji", "train", size=36))  # at home: load("flickr8k", root="...", size=96)
    >>> pairs.images.shape, pairs.text["en"][0], pairs.labels[0]

What sets there are, and whether they are ready on this machine: `mmcourse data`.
"""

import importlib
import sys
from abc import ABC, abstractmethod
from typing import Any, NamedTuple, Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.utils.data import Dataset
from tqdm.auto import tqdm

from .cards import Card

# Every set by its name, and the module of this package that holds its CARD and its load(split, **options), or, behind
# a colon, the entry of the module's REGISTER that does.
SETS: dict[str, str] = {
    "emoji": "emoji",
    "easy-vqa": "easy_vqa",
    "sentences": "sentences",
    "tux": "tux",
    "fashion-mnist": "fashion_mnist",
    "scenes": "scenes",
    "xor": "synthetic.sets:xor",
    "sign-gating": "synthetic.sets:sign-gating",
    "and": "synthetic.sets:and",
    "two-views": "synthetic.sets:two-views",
    "copies": "synthetic.sets:copies",
    "one-tells": "synthetic.sets:one-tells",
    "match": "synthetic.sets:match",
    "binding": "synthetic.sets:binding",
    "cifar-10": "home.cifar10",
    "flickr8k": "home.flickr8k",
    "flickr30k": "home.flickr30k",
    "coco": "home.coco",
    "vqa": "home.vqa",
    "multi30k": "home.multi30k",
    "food101": "home.food101",
    "imdb": "home.imdb",
}


class Item(NamedTuple):
    """One image-text pair; a set of pictures or of texts alone leaves the other half out.

    image  (3, H, W) uint8, or None
    text   language code -> the text, such as {'en': 'cat face', 'zh': '猫脸'}; may be empty
    label  class index
    meta   whatever else is known of the pair
    """

    image: Tensor | None
    text: dict[str, str]
    label: int
    meta: dict[str, Any]


class ItemSet(Dataset[Item], ABC):
    """What `load` gives: N items by index, and the names of the classes.

    classes  the names, in the order of the labels
    """

    classes: list[str]

    @abstractmethod
    def __len__(self) -> int:
        """N."""

    @abstractmethod
    def __getitem__(self, i: int) -> Item:
        """Item i."""


@runtime_checkable
class SharesPictures(Protocol):
    """A set whose items share pictures, each held once.

    images    (M, 3, H, W) uint8
    image_of  (N,) long: item i's picture is images[image_of[i]]
    """

    @property
    def images(self) -> Tensor: ...

    @property
    def image_of(self) -> Tensor: ...


class InMemory(NamedTuple):
    """A data set's columns.

    images    (N, 3, H, W) uint8, or None where the set has no pictures; (M, 3, H, W) where items share pictures
    text      language code -> N texts
    labels    (N,) long, index into `classes`
    classes   the names of the classes
    meta      N dicts
    image_of  (N,) long: item i's picture is images[image_of[i]]; None where it is images[i]
    """

    images: Tensor | None
    text: dict[str, list[str]]
    labels: Tensor
    classes: list[str]
    meta: list[dict[str, Any]]
    image_of: Tensor | None = None


def load(name: str, split: str | None = "train", **options: Any) -> ItemSet:
    """A set by its name. It has `classes`, a list of names, and gives an `Item` for each index.

    split    most sets have 'train', 'val' and 'test', and None for all
    options  the set's own, such as `size`, `languages`, or `root` for a set that lies on your disk

    Raises ValueError, naming what there is, for an unknown name, split or option; CourseError where the data cannot
    be had, saying what to do.
    """
    return _module(name).load(split, **options)


def card(name: str) -> Card:
    """A set's card. Raises ValueError, naming what there is, for an unknown name."""
    return _module(name).CARD


def _module(name: str) -> Any:
    if name not in SETS:
        raise ValueError(f"there is no data set {name!r}; there are {', '.join(SETS)}")
    module, _, entry = SETS[name].partition(":")
    found = importlib.import_module(f"{__name__}.{module}")
    return found.REGISTER[entry] if entry else found


def in_memory(dataset: ItemSet, progress: bool = True) -> InMemory:
    """All items of a set, as columns. Its pictures must be of one size. A bar shows where it takes a while.

    A set whose items share pictures has them as `images` and `image_of`, and so have its columns: each is held once.
    """
    rows = range(len(dataset))
    bar = tqdm(total=len(rows), desc="reading", unit="item", file=sys.stdout, disable=not progress, delay=1)
    many = getattr(dataset, "__getitems__", lambda some: [dataset[i] for i in some])  # all at once, if it can
    items: list[Item] = []
    with bar:
        for start in range(0, len(rows), 64):
            items += many(rows[start : start + 64])
            bar.update(len(items) - bar.n)
    pictures = [item.image for item in items if item.image is not None]
    images: Tensor | None
    if isinstance(dataset, SharesPictures):
        images, image_of = dataset.images, dataset.image_of
    else:
        images, image_of = torch.stack(pictures) if pictures else None, None
    return InMemory(
        images,
        {language: [item.text[language] for item in items] for language in (items[0].text if items else ())},
        torch.tensor([item.label for item in items], dtype=torch.long),
        list(dataset.classes),
        [item.meta for item in items],
        image_of,
    )
