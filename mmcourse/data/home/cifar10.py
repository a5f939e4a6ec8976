"""CIFAR-10: 60,000 colour pictures of 32 x 32 pixels in ten classes, read by torchvision.

Its files are pickles. torchvision compares each with a known md5 before it opens it; nothing else is ever unpickled.
"""

from pathlib import Path

import torch

from mmcourse.fetch import CourseError, cache_dir

from .. import Item, ItemSet
from ..cards import Card
from ..pictures import check_size
from ..skipped import Skipped
from ..splits import check_split, place
from .base import there

GET = (
    "load('cifar-10', download=True) lets torchvision fetch it once (170 MB) from www.cs.toronto.edu/~kriz/cifar.html; "
    "or unpack cifar-10-python.tar.gz from there, and name the folder that holds cifar-10-batches-py/: root='...'."
)
CARD = Card(
    name="cifar-10",
    title="CIFAR-10",
    what="image: a photograph of 32 x 32 pixels; label: one of ten things; no text",
    many="60,000: train about 42,500, val about 7,500 (15 % of the published training pictures, fixed), test 10,000",
    source="Krizhevsky (2009), Learning multiple layers of features from tiny images",
    licence="none stated",
    attribution="CIFAR-10, Krizhevsky (2009).",
    fit="a first CNN on colour photographs",
    unfit="details: 32 pixels show none. 3.3 % of the test pictures are nearly the same as a training picture (Barz & "
    "Denzler 2020, arXiv:1902.00423)",
    comes="needs the net",
    get=GET,
    here=lambda: there(".", "cifar-10-batches-py"),
    home="load('cifar-10', download=True)",
)


class Cifar10(ItemSet):
    """Small photographs.

    images   (N, 3, size, size) uint8
    labels   N class indices, into `classes`
    classes  the ten names

    Parameters
        split     'train' (85 % of the published training pictures), 'val' (the others, by a hash of the pixels), 'test'
                  (as published), None for all
        size      32 as published; another is interpolated
        root      the folder that holds cifar-10-batches-py/; default: the cache folder
        download  let torchvision fetch it where it is missing

    Raises ValueError for an unknown split, CourseError where the files are missing or not those that torchvision knows.
    """

    def __init__(
        self, split: str | None = "train", size: int = 32, root: Path | str | None = None, download: bool = False
    ):
        from torchvision.datasets import CIFAR10

        check_split(split)
        check_size(size)
        at = cache_dir() if root is None else Path(root).expanduser()
        try:
            halves = {"test": (False,), None: (True, False)}.get(split, (True,))
            parts = [CIFAR10(at, train, download=download) for train in halves]
        except (RuntimeError, OSError) as error:
            raise CourseError(f"There is no whole CIFAR-10 in {at} ({error}). {GET}") from None
        self.classes, self.skipped = list(parts[0].classes), Skipped("cifar-10")
        x = torch.cat([torch.from_numpy(part.data) for part in parts])  # (N, 32, 32, 3)
        x = x.permute(0, 3, 1, 2)  # (N, 3, 32, 32)
        keep = [i for i, one in enumerate(x) if split in (None, "test") or _part(one) == split]
        x = x[keep].contiguous()
        if size != 32:
            x = torch.nn.functional.interpolate(x.float(), (size, size), mode="bilinear", antialias=True)
            x = x.round().clamp(0, 255).to(torch.uint8)  # (N, 3, size, size)
        self.images, labels = x, [label for part in parts for label in part.targets]
        self.labels = [labels[i] for i in keep]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> Item:
        return Item(self.images[i], {}, self.labels[i], {})


def load(split: str | None = "train", **options) -> Cifar10:
    """`Cifar10(split, **options)`."""
    return Cifar10(split, **options)


def _part(picture: torch.Tensor) -> str:
    """Where one of the published training pictures stands: 'train' or 'val'."""
    return "train" if place(picture.numpy().tobytes().hex(), train=85, val=15) == "train" else "val"
