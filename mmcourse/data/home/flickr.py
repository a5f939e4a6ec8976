"""Flickr8k and Flickr30k: photographs with five captions each, in the forms in which they are given out."""

from pathlib import Path
from typing import NamedTuple

from ..skipped import Skipped
from ..splits import place
from . import caption_files, parquet
from .base import Home, Row, check_split, first_of, folder, lines, need

CLASSES = ["photograph"]


class Form(NamedTuple):
    """How the folder of a set looks; the first file that is there is read.

    lists  split -> the file that names its pictures
    """

    name: str
    get: str
    pictures: tuple[str, ...]
    karpathy: tuple[str, ...]
    tokens: tuple[str, ...]
    commas: tuple[str, ...]
    bars: tuple[str, ...]
    lists: dict[str, str]
    train: int  # percent of all, where no file says the split
    val: int


def load(form: Form, split: str | None, root: Path | str | None, **options) -> Home:
    """A set in one of its forms.

    Karpathy's JSON, where it is there, says captions and split. Otherwise captions come from a token file or from one
    of Kaggle's tables, and the split from the published lists; without those, from a hash of the name, which is said.
    """
    check_split(split, "train", "val", "test")
    place_of = folder(form.name, root, form.get)
    skipped = Skipped(form.name)
    if parquet.there(place_of):
        return Home(_rows_of_table(place_of, split, skipped, form), CLASSES, skipped, form.get, **options)
    captions, where = _captions(place_of, form, skipped)
    pictures = need(place_of, form.get, *form.pictures)
    if where is None:
        where = _lists(place_of, form, skipped)
    if where is None:
        print(f"{form.name}: no file says which split a picture is in; by a hash, not the published one.", flush=True)
        where = {name: place(name, form.train, form.val) for name in captions}
    names = [name for name in captions if split in (None, where.get(name))]
    found = Home(_rows(names, captions, pictures, where, skipped), CLASSES, skipped, form.get, **options)
    found.left_out["in no split"] = sum(name not in where for name in captions)
    return found


def _captions(root: Path, form: Form, skipped: Skipped) -> tuple[caption_files.Captions, dict[str, str] | None]:
    if path := first_of(root, *form.karpathy):
        return caption_files.karpathy(path, skipped, form.get)
    path = need(root, form.get, *form.tokens, *form.commas, *form.bars)
    name = path.relative_to(root).as_posix()
    read = next(r for r in ("tokens", "commas", "bars") if name in getattr(form, r))
    return getattr(caption_files, read)(path, skipped), None


def _lists(root: Path, form: Form, skipped: Skipped) -> dict[str, str] | None:
    """The split of each picture by the published lists, or None where one of them is missing."""
    found = {split: first_of(root, name, f"Flickr8k_text/{name}") for split, name in form.lists.items()}
    paths = {split: path for split, path in found.items() if path is not None}
    if not paths or len(paths) < len(found):
        return None
    return {line.strip(): split for split, path in paths.items() for line in lines(path, skipped) if line.strip()}


def _rows(names, captions, pictures, where, skipped):
    for name in names:
        if not captions[name]:
            skipped.add("picture without a caption", name)
            continue
        meta = {"file": name, "captions": captions[name], "split": where[name]}
        yield Row(pictures / name, {"en": captions[name][0]}, 0, meta)


def _rows_of_table(root: Path, split: str | None, skipped: Skipped, form: Form):
    for part, i, row, picture in parquet.rows(root, split, form.get):
        told = [row[key] for key in sorted(row) if key.startswith("caption_")]
        told = told or row.get("caption") or row.get("captions") or []
        told = [told] if isinstance(told, str) else told
        said = [" ".join(one.split()) for one in told if one and one.strip()]
        name = row.get("filename") or f"{part}/{i}"
        if said and picture is not None:
            yield Row(picture, {"en": said[0]}, 0, {"file": name, "captions": said, "split": part})
        else:
            skipped.add("row without a picture or a caption", name)
