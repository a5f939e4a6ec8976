"""The files in which captions of pictures are given out: token files, Kaggle's tables, Karpathy's JSON."""

import csv
from pathlib import Path

from ..skipped import Skipped
from .base import lines, read_json

Captions = dict[str, list[str]]  # name of a picture -> what is said of it


def tokens(path: Path, skipped: Skipped) -> Captions:
    """`NAME.jpg#0<TAB>caption`, a line a caption: Flickr8k.token.txt, results_20130124.token."""
    found: Captions = {}
    for n, line in enumerate(lines(path, skipped), 1):
        name, tab, caption = line.partition("\t")
        name = name.rpartition("#")[0]
        if line.strip() and not (tab and name):
            skipped.add("line without a name and a caption", f"{path.name}, line {n}")
        elif line.strip():
            _add(found, name, caption, skipped)
    return found


def commas(path: Path, skipped: Skipped) -> Captions:
    """`image,caption` with a header; commas inside quotes: Kaggle's captions.txt of Flickr8k."""
    found: Captions = {}
    for n, row in enumerate(csv.reader(f"{line}\n" for line in lines(path, skipped)), 1):
        if n == 1 or not row:
            continue
        if len(row) == 2 and row[0].strip():
            _add(found, row[0].strip(), row[1], skipped)
        else:
            skipped.add("line without a name and a caption", f"{path.name}, line {n}")
    return found


def bars(path: Path, skipped: Skipped) -> Captions:
    """`image_name| comment_number| comment` with a header: Kaggle's results.csv of Flickr30k; a bar is missing."""
    found: Captions = {}
    for n, line in enumerate(lines(path, skipped), 1):
        if n == 1 or not line.strip():
            continue
        parts = line.split("|", 2)
        if len(parts) == 3:
            _add(found, parts[0].strip(), parts[2], skipped)
        else:
            skipped.add("line without a name and a caption", f"{path.name}, line {n}")
    return found


def karpathy(path: Path, skipped: Skipped, get: str) -> tuple[Captions, dict[str, str]]:
    """Captions, and the split of each picture: dataset_flickr8k.json, dataset_flickr30k.json, dataset_coco.json."""
    found: Captions = {}
    where: dict[str, str] = {}
    for image in read_json(path, get)["images"]:
        name = "/".join(filter(None, (image.get("filepath"), image["filename"])))
        found.setdefault(name, [])
        where[name] = {"restval": "train"}.get(image["split"], image["split"])
        for sentence in image["sentences"]:
            _add(found, name, sentence["raw"], skipped)
    return found, where


def _add(found: Captions, name: str, caption: str, skipped: Skipped) -> None:
    said, caption = found.setdefault(name, []), " ".join(caption.split())
    if not caption:
        skipped.add("empty caption", name)
    elif caption in said:
        skipped.add("caption that is there twice", name)
    else:
        said.append(caption)
