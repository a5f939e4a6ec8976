"""Tux Paint's stamps: 536 cut-out photographs and drawings, each with a sentence in up to 77 languages.

From the Debian and Ubuntu package `tuxpaint-stamps-default` (GPL-2), where it is installed; a folder is a class. It is
the one set of photographs with translated captions that a package manager brings.

    >>> pairs = load("tux", "train", languages=("en", "de"))
"""

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from mmcourse.fetch import CourseError

from . import Item, ItemSet
from .cards import Card
from .pictures import check_size, fitted, opened
from .skipped import Skipped
from .splits import check_split, near_duplicates, same, splits, words

ROOT = Path("/usr/share/tuxpaint/stamps")
GET = (
    "On Debian and Ubuntu, `sudo apt-get install tuxpaint-stamps-default` brings it (161 MB). Elsewhere, unpack that "
    "package and name the folder that holds animals/, food/, ...: load('tux', root='...'). Without it, load('emoji') "
    "has pictures with names in 14 languages."
)
ATTRIBUTION = "Pictures and captions: Tux Paint stamps, GPL-2."
CARD = Card(
    name="tux",
    title="Tux Paint's stamps",
    what="image: a cut-out photograph or a drawing, on white; text: a sentence in up to 77 languages; label: folder, "
    "such as 'animals'; meta: file, group, cartoon",
    many="536 pictures in 15 classes, 497 different English captions of about four words; with a Chinese text 466; "
    "60 % train, 20 % val, 20 % test, by thing. Left out: 163 drawings in SVG, 247 letters and symbols",
    source="the Tux Paint developers, tuxpaint.org/stamps; Debian package tuxpaint-stamps-default 2022.06.04",
    licence="GPL-2, as the package says for all of it",
    attribution=ATTRIBUTION,
    fit="image-text matching and translation of real captions of photographs, small enough for a laptop",
    unfit="anything that needs more than some hundred pictures. Classes are folders: some hold a handful of things",
    comes="one command away",
    get=GET,
    here=lambda: (ROOT / "animals").is_dir(),
    home="load('tux', root='...')",
)


class Stamp(NamedTuple):
    """A picture file, its captions by language, and its split."""

    path: Path
    folder: str
    text: dict[str, str]
    split: str


class Tux(ItemSet):
    """Stamps and what is said of them.

    images    (N, 3, size, size) uint8, all of the picture, on white
    text      language -> N sentences
    labels    N class indices, into `classes`
    classes   the folders, such as 'animals'
    meta      N dicts: file; group, the folders below the class, such as 'mammals/cats'; cartoon: drawn
    left_out  how many are no part of it: 'svg', 'without <language>'
    skipped   what was damaged

    Parameters
        split      'train' (60 %), 'val' (20 %), 'test' (20 %) or None for all; fixed. What has nearly the same caption,
                   the same name but for a number, or nearly the same picture, mirrored or not, stands in one split
        size       side of the pictures in pixels; the stamps have about 130
        languages  which captions; a stamp that lacks one of them is left out. 'zh' is read as 'zh_CN'
        root       the folder with animals/, food/, ...

    Raises ValueError for an unknown split or language, CourseError where the stamps are not there.
    """

    def __init__(
        self,
        split: str | None = "train",
        size: int = 96,
        languages: tuple[str, ...] = ("en", "zh"),
        root: Path | str = ROOT,
    ):
        check_split(split)
        check_size(size)
        stamps, self.skipped, svg = _stamps(Path(root))
        codes = {language: "zh_CN" if language == "zh" else language for language in languages}
        known = {code for stamp in stamps for code in stamp.text}
        for language, code in codes.items():
            if code not in known:
                raise ValueError(f"language {language!r}: there are {', '.join(sorted(known))}")
        self.classes = sorted({stamp.folder for stamp in stamps})
        chosen = [stamp for stamp in stamps if split in (None, stamp.split)]
        self.left_out = {"svg": svg}
        for language, code in codes.items():
            self.left_out[f"without {language}"] = sum(code not in stamp.text for stamp in chosen)
        chosen = [stamp for stamp in chosen if all(code in stamp.text for code in codes.values())]
        self.text = {language: [stamp.text[code] for stamp in chosen] for language, code in codes.items()}
        self.labels = [self.classes.index(stamp.folder) for stamp in chosen]
        self.images = _stack([fitted(opened(stamp.path), size) for stamp in chosen], size)
        self.meta = [_meta(stamp.path.relative_to(root)) for stamp in chosen]
        self.skipped.say()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> Item:
        return Item(self.images[i], {code: said[i] for code, said in self.text.items()}, self.labels[i], self.meta[i])


def load(split: str | None = "train", **options) -> Tux:
    """`Tux(split, **options)`."""
    return Tux(split, **options)


def _stack(pictures: list[Tensor], size: int) -> Tensor:
    return torch.stack(pictures) if pictures else torch.zeros(0, 3, size, size, dtype=torch.uint8)


def _meta(file: Path) -> dict:
    folders = [part for part in file.parts[1:-1] if part != "cartoon"]
    return {"file": file.as_posix(), "group": "/".join(folders), "cartoon": "cartoon" in file.parts}


@cache
def _stamps(root: Path) -> tuple[list[Stamp], Skipped, int]:
    """All stamps but letters and symbols, what was damaged, and how many are there as SVG alone."""
    skipped, found, svg = Skipped("tux"), [], 0
    captions = sorted(path for path in root.glob("*/**/*.txt") if path.relative_to(root).parts[0] != "symbols")
    if not captions:
        raise CourseError(f"There are no stamps in {root}. {GET}")
    for path in captions:
        name, picture = path.relative_to(root).with_suffix("").as_posix(), path.with_suffix(".png")
        if not picture.is_file():
            svg += path.with_suffix(".svg").is_file()
            if not path.with_suffix(".svg").is_file():
                skipped.add("caption without a picture", name)
            continue
        text = _captions(path, name, skipped)
        try:
            shape = fitted(opened(picture), 16)
        except (OSError, ValueError, SyntaxError):  # PIL raises all three of damaged files
            skipped.add("picture that cannot be read", name)
            continue
        if shape.min() > 250:
            skipped.add("drawing that is white on white", name)
        elif "en" in text:
            found.append((picture, name.split("/")[0], text, shape))
    twins, kept = set(), []
    for one in found:
        look = (one[2]["en"], one[3].numpy().tobytes())
        if look in twins:
            skipped.add("picture that is there twice", one[0].relative_to(root).as_posix())
        else:
            twins.add(look)
            kept.append(one)
    where = _splits([path.stem for path, *_ in kept], [text["en"] for _, _, text, _ in kept], [x for *_, x in kept])
    return [Stamp(*one[:3], part) for one, part in zip(kept, where, strict=True)], skipped, svg


def _captions(path: Path, name: str, skipped: Skipped) -> dict[str, str]:
    """Language -> caption. The first line is English, then come lines such as `de.utf8=Eine Katze.`"""
    try:
        first, *others = path.read_text("utf-8-sig").splitlines() or [""]
    except UnicodeDecodeError:
        skipped.add("caption that is not UTF-8", name)
        return {}
    said = {"en": first, **dict(re.findall(r"^([\w@]+)\.utf8=(.*)$", "\n".join(others), re.MULTILINE))}
    said = {language: caption.strip() for language, caption in said.items() if caption.strip()}
    if "en" not in said:
        skipped.add("stamp without an English caption", name)
    return said


def _splits(names: list[str], captions: list[str], shapes: list[Tensor]) -> list[str]:
    """The split of each: the same thing stands in one. shapes: N pictures of (3, 16, 16)."""
    stems = [_stem(name) for name in names]
    said = [words(caption) - {"a", "an", "the"} or words(caption) for caption in captions]
    x = torch.stack(shapes).double()  # (N, 3, 16, 16)
    alike = torch.maximum(_centred(x) @ _centred(x).T, _centred(x) @ _centred(x.flip(-1)).T)  # (N, N): correlations
    links = same(stems) + near_duplicates(said) + (alike > 0.95).nonzero().tolist()
    return splits([f"{name}: {caption}" for name, caption in zip(names, captions, strict=True)], links, 60, 20)


def _stem(name: str) -> str:
    """tree_2 -> tree"""
    found = re.match(r"[\W\d_]*([a-z\W_]*)", name.lower())
    assert found  # the pattern matches any name, and an empty one too
    return found[1].strip("-_ ")


def _centred(x: Tensor) -> Tensor:
    x = x.flatten(1)  # (N, 3, H, W) -> (N, 3HW)
    return torch.nn.functional.normalize(x - x.mean(1, keepdim=True), dim=1)
