"""FashionMNIST: 70,000 small grey pictures of clothes in ten classes, read by torchvision.

From Debian's package `dataset-fashion-mnist` where it is installed, else downloaded by torchvision.
"""

import gzip
import tempfile
import zlib
from pathlib import Path

import torch
from torch import Tensor

from mmcourse.fetch import CourseError, cache_dir

from . import Item, ItemSet
from .cards import Card
from .pictures import check_size
from .skipped import Skipped
from .splits import check_split, place

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
FILES = [f"{part}-{what}" for part in ("train", "t10k") for what in ("images-idx3-ubyte", "labels-idx1-ubyte")]
GET = (
    "On Debian and Ubuntu, `sudo apt-get install dataset-fashion-mnist` brings it (31 MB). Elsewhere, "
    "load('fashion-mnist', download=True) lets torchvision fetch it once (30 MB)."
)
ATTRIBUTION = "Fashion-MNIST, Zalando SE, MIT."
CARD = Card(
    name="fashion-mnist",
    title="Fashion-MNIST",
    what="image: a grey picture of 28 x 28 pixels, in three equal channels; label: one of ten kinds of "
    "clothes; no text",
    many="70,000: train about 51,000, val about 9,000 (15 % of the published training pictures, fixed), test 10,000 "
    "(as published); as many of each class",
    source="Xiao, Rasul & Vollgraf (2017), arXiv:1708.07747, github.com/zalandoresearch/fashion-mnist",
    licence="MIT",
    attribution=ATTRIBUTION,
    fit="a first CNN on real pictures",
    unfit="colour, natural backgrounds, text. Its classes shirt, T-shirt, pullover and coat overlap",
    comes="one command away",
    get=GET,
    here=lambda: _whole(_raw(None)) or all((DEBIAN / f"{name}.gz").is_file() for name in FILES),
    home="load('fashion-mnist', download=True)",
)


class Fashion(ItemSet):
    """Pictures of clothes.

    images   (N, 3, size, size) uint8, three equal channels that are one in memory
    labels   N class indices, into `classes`
    classes  the ten kinds

    Parameters
        split     'train' (85 % of the published training pictures), 'val' (the others, by a hash of the pixels), 'test'
                  (as published), None for all
        size      28 as published; another is interpolated
        root      the folder that holds FashionMNIST/raw/, as torchvision lays it out; default: the cache folder
        download  let torchvision fetch the files where they are missing

    Raises ValueError for an unknown split, CourseError where the files are missing or damaged.
    """

    def __init__(
        self, split: str | None = "train", size: int = 28, root: Path | str | None = None, download: bool = False
    ):
        check_split(split)
        check_size(size)
        pictures, labels, self.classes = _read(root, split, download)
        keep = [i for i, x in enumerate(pictures) if split in (None, "test") or _part(x) == split]
        grey = pictures[keep][:, None]  # (N, 28, 28) -> (N, 1, 28, 28)
        if size != 28:
            grey = torch.nn.functional.interpolate(grey.float(), (size, size), mode="bilinear", antialias=True)
            grey = grey.round().clamp(0, 255).to(torch.uint8)  # (N, 1, size, size)
        self.images = grey.expand(-1, 3, -1, -1)  # (N, 3, size, size)
        self.labels = labels[keep].tolist()
        self.skipped = Skipped("fashion-mnist")

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> Item:
        return Item(self.images[i], {}, self.labels[i], {})


def load(split: str | None = "train", **options) -> Fashion:
    """`Fashion(split, **options)`."""
    return Fashion(split, **options)


def _part(picture: Tensor) -> str:
    """Where one of the published training pictures stands: 'train' or 'val'."""
    return "train" if place(picture.numpy().tobytes().hex(), train=85, val=15) == "train" else "val"


def _raw(root: Path | str | None) -> Path:
    """The folder that torchvision reads."""
    return (cache_dir() if root is None else Path(root).expanduser()) / "FashionMNIST" / "raw"


def _whole(raw: Path) -> bool:
    return all((raw / name).is_file() for name in FILES)


def _read(root: Path | str | None, split: str | None, download: bool) -> tuple[Tensor, Tensor, list[str]]:
    """(N, 28, 28) uint8, (N,) long, and the classes."""
    from torchvision.datasets import FashionMNIST

    raw = _raw(root)
    if not _whole(raw):
        if all((DEBIAN / f"{name}.gz").is_file() for name in FILES):
            _unpack(raw)
        elif not download:
            raise CourseError(f"There is no Fashion-MNIST in {raw}. {GET}")
    try:
        parts = [FashionMNIST(raw.parents[1], train, download=download) for train in (True, False)]
    except (RuntimeError, OSError, ValueError, AssertionError) as error:  # torchvision asserts what the header says
        raise CourseError(
            f"Fashion-MNIST in {raw} could not be read ({error or 'a file is not whole'}). Delete that folder. {GET}"
        ) from None
    chosen = {"test": parts[1:], None: parts}.get(split, parts[:1])
    pictures = torch.cat([part.data for part in chosen])  # (N, 28, 28)
    return pictures, torch.cat([part.targets for part in chosen]), list(parts[0].classes)


def _unpack(raw: Path) -> None:
    """Debian's files, unpacked where torchvision looks for them: still packed, their md5 is not the one it knows."""
    try:
        raw.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="fetching-", dir=raw.parent, ignore_cleanup_errors=True) as folder:
            for name in FILES:
                (Path(folder) / name).write_bytes(gzip.decompress((DEBIAN / f"{name}.gz").read_bytes()))
            for name in FILES:
                (Path(folder) / name).replace(raw / name)
    except (OSError, EOFError, zlib.error) as error:
        raise CourseError(f"Fashion-MNIST in {DEBIAN} could not be unpacked into {raw} ({error}).") from None
