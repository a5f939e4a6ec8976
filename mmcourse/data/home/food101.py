"""UPMC Food-101: pictures of 101 dishes found on the web, each with the title of its page."""

import csv
from pathlib import Path

from ..cards import Card
from ..skipped import Skipped
from ..splits import place
from .base import Home, Row, check_split, folder, lines, need, there

GET = (
    "UPMC Food-101 is given out at visiir.lip6.fr and on Kaggle (gianmarco96/upmcfood101). Name its folder: "
    "load('food101', root='...'). It holds images/train/CLASS/*.jpg, images/test/CLASS/*.jpg, texts/train_titles.csv "
    "and texts/test_titles.csv. torchvision's Food101 is another set, without text."
)
CARD = Card(
    name="food101",
    title="UPMC Food-101",
    what="image: a picture of a dish; text: the title of its web page; label: the dish; meta: file, split",
    many="101 classes: train about 58,000 and val about 10,000 (15 % of the published training part, by title, fixed), "
    "test 22,716 (as published)",
    source="Wang, Kumar, Thome, Cord & Precioso (2015), IEEE ICME workshops",
    licence="none stated: for research; pictures and titles belong to the pages they were taken from",
    attribution="UPMC Food-101, Wang et al. (2015).",
    fit="classification by picture and text together, as papers on fusion report it",
    unfit="pictures that need the text: most titles name the dish. Labels come from a web search; some are wrong",
    comes="on your disk",
    get=GET,
    here=lambda: there("food101", "texts"),
    home="load('food101', root='...', size=96, first=5000)",
)


def load(split: str | None = "train", root: Path | str | None = None, **options) -> Home:
    """A split of UPMC Food-101. options: `size`, `fit`, `first`, `check` of `Home`. Raises CourseError."""
    check_split(split, "train", "val", "test")
    at, skipped = folder("food101", root, GET), Skipped("food101")
    parts = [part for part in ("train", "test") if split is None or (split == "test") == (part == "test")]
    rows = [row for part in parts for row in _titles(at, part, skipped)]
    every = {folder.name for part in ("train", "test") for folder in at.glob(f"images/{part}/*") if folder.is_dir()}
    classes = sorted(every | {label for _, _, _, label in rows})
    return Home(
        (
            Row(
                picture,
                {"en": title},
                classes.index(label),
                {"file": picture.name, "captions": [title], "split": where},
            )
            for where, picture, title, label in rows
            if split in (None, where)
        ),
        classes,
        skipped,
        GET,
        **options,
    )


def _titles(root: Path, part: str, skipped: Skipped):
    """(split, picture, title, class) of each row of a table without a header: file,title,class, commas in quotes."""
    path, seen = need(root, GET, f"texts/{part}_titles.csv"), set()
    for n, row in enumerate(csv.reader(f"{line}\n" for line in lines(path, skipped)), 1):
        if not row:
            continue
        if len(row) != 3 or not all(cell.strip() for cell in row):
            skipped.add("line without a file, a title and a class", f"{path.name}, line {n}")
            continue
        file, title, label = row[0].strip(), " ".join(row[1].split()), row[2].strip()
        if file in seen:
            skipped.add("picture that is there twice", file)
            continue
        seen.add(file)
        where = "test" if part == "test" else "val" if place(title.lower(), 85, 15) == "val" else "train"
        yield where, root / "images" / part / label / file, title, label
