"""What all sets at home share: finding files, reading damaged text, leaving out what cannot be used."""

import itertools
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple, Protocol

import torch
from PIL import Image
from torch import Tensor
from tqdm.auto import tqdm

from mmcourse.fetch import CourseError, cache_dir

from .. import Item, ItemSet
from ..pictures import Fit, check_size, fitted, opened
from ..skipped import Skipped

DAMAGE = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)  # what PIL raises of damaged files
CHUNK = 256  # pictures looked at in one go


class Packed(Protocol):
    """A picture that is no file of its own."""

    def file(self) -> IO[bytes]: ...


class Row(NamedTuple):
    """An item before its picture is read; `picture` is None for text alone."""

    picture: Path | Packed | None
    text: dict[str, str]
    label: int
    meta: dict[str, Any]


class Home(ItemSet):
    """The usable rows of a set, each picture read when its item is asked for.

    classes   the names of the classes
    skipped   what was left out because it is damaged or missing
    left_out  what is no part of the set, by reason

    Parameters
        rows   all rows, in the set's own order
        size   side of the pictures in pixels
        fit    'crop' (scale the shorter side to `size`, cut the middle out) or 'letterbox' (all of it, with black bars)
        first  only so many usable rows
        check  decode every picture once, now, and leave out what cannot be decoded (some minutes for 100,000 of them);
               otherwise only missing files are left out, and one that turns out damaged is shown grey, with
               meta['damaged'], and counted

    Raises CourseError, with `get`, where nothing usable is there.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        classes: Sequence[str],
        skipped: Skipped,
        get: str,
        size: int = 224,
        fit: Fit = "crop",
        first: int | None = None,
        check: bool = True,
    ):
        check_size(size, fit)
        if first is not None and first < 1:
            raise ValueError(f"first={first}: choose 1 or more, or None for all")
        self.classes, self.skipped, self.size, self.fit = list(classes), skipped, size, fit
        self.left_out: dict[str, int] = {}
        self.rows = list(itertools.islice(_usable(rows, skipped, check, first), first))
        if not self.rows:
            raise CourseError(f"{skipped.name}: nothing there can be used ({skipped}). {get}")
        skipped.say()

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, i: int) -> Item:
        row = self.rows[i]
        if row.picture is None:
            return Item(None, row.text, row.label, row.meta)
        try:
            picture = _opened(row.picture, 3 * self.size // 2)
            return Item(fitted(picture, self.size, self.fit, "black"), row.text, row.label, row.meta)
        except DAMAGE:
            self.skipped.mend("picture that cannot be read, shown grey", _name(row))
            self.skipped.say()
            return Item(grey(self.size), row.text, row.label, {**row.meta, "damaged": True})


def grey(size: int) -> Tensor:
    """What stands in the place of a damaged picture: (3, size, size) uint8."""
    return torch.full((3, size, size), 128, dtype=torch.uint8)


def _usable(rows: Iterable[Row], skipped: Skipped, check: bool, first: int | None) -> Iterator[Row]:
    """The rows whose picture is there and, where `check`, can be decoded. A picture of many rows is looked at once."""
    faults: dict[Any, str] = {}  # picture -> what is wrong with it, '' where nothing is
    bar = tqdm(desc=f"looking at {skipped.name}", unit="row", file=sys.stdout, delay=1, total=first)
    with bar, ThreadPoolExecutor() as pool:
        for some in _batched(rows, CHUNK):
            new = list({row.picture: row for row in some if row.picture not in faults}.values())
            for row, fault in zip(new, pool.map(partial(_fault, check=check), new), strict=True):
                faults[row.picture] = fault
                if fault:
                    skipped.add(fault, _name(row))
            good = [row for row in some if not faults[row.picture]]
            bar.update(len(good))
            yield from good


def _batched(rows: Iterable[Row], n: int) -> Iterator[list[Row]]:
    rows = iter(rows)
    while some := list(itertools.islice(rows, n)):
        yield some


def _fault(row: Row, check: bool) -> str:
    """What is wrong with a row's picture, in words; '' where nothing is."""
    picture = row.picture
    if picture is None:
        return ""
    if isinstance(picture, Path) and not picture.is_file():
        return "picture that is missing"
    if not check:
        return ""
    try:
        with Image.open(picture if isinstance(picture, Path) else picture.file()) as image:
            image.draft("RGB", (1, 1))  # a JPEG is read whole, but drawn at an eighth of its size: faster
            image.load()
    except DAMAGE:
        return "picture that cannot be read"
    return ""


def _opened(picture: Path | Packed, at_least: int) -> Image.Image:
    return opened(picture if isinstance(picture, Path) else picture.file(), at_least)


def _name(row: Row) -> str:
    return row.picture.name if isinstance(row.picture, Path) else str(row.meta.get("file", "a row"))


# --- files -------------------------------------------------------------------------------------------------------


def folder(name: str, root: Path | str | None, get: str) -> Path:
    """The folder of a set: `root`, or the one of its name in the cache folder. Raises CourseError with `get`."""
    path = Path(root).expanduser() if root is not None else cache_dir() / name
    if not path.is_dir():
        raise CourseError(f"There is no folder {path}. {get}")
    return path


def there(name: str, *members: str) -> bool:
    """Whether the folder of a set lies in the cache folder, with one of these members."""
    try:
        return any((cache_dir() / name / member).exists() for member in members)
    except CourseError:
        return False


def first_of(root: Path, *names: str) -> Path | None:
    """The first of these files or folders that is there, or None."""
    return next((root / name for name in names if (root / name).exists()), None)


def need(root: Path, get: str, *names: str) -> Path:
    """The first of these files or folders that is there. Raises CourseError with `get`."""
    found = first_of(root, *names)
    if found is None:
        raise CourseError(f"{root} holds no {' and no '.join(names)}. {get}")
    return found


def read_json(path: Path, get: str) -> Any:
    """A JSON file. Raises CourseError where it is not whole."""
    try:
        return json.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise CourseError(f"{path} is not a whole JSON file ({error}). {get}") from None


def lines(path: Path, skipped: Skipped, data: bytes | None = None) -> Iterator[str]:
    """The lines of a text file, in UTF-8. One that is not is read as Latin-1, and counted."""
    data = path.read_bytes() if data is None else data
    for n, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            skipped.mend("line that is not UTF-8, read as Latin-1", f"{path.name}, line {n}")
            text = line.decode("latin-1")
        yield text.removesuffix("\r")


def check_split(split: str | None, *names: str) -> None:
    """Raises ValueError, naming what there is."""
    if split is not None and split not in names:
        raise ValueError(f"split={split!r}: there are {', '.join(map(repr, names))}, and None for all")
