"""COCO captions: 123,287 photographs of everyday scenes, five English captions each, read by torchvision."""

import contextlib
import io
from importlib.util import find_spec
from pathlib import Path

from mmcourse.fetch import CourseError

from ..cards import Card
from ..skipped import Skipped
from . import caption_files
from .base import Home, Row, check_split, first_of, folder, need, read_json, there

GET = (
    "COCO is downloaded at cocodataset.org: 2017 Train images (18 GB), 2017 Val images (1 GB), 2017 Train/Val "
    "annotations. Name its folder: load('coco', root='...'). "
    "It holds train2017/, val2017/ and annotations/captions_train2017.json "
    "and captions_val2017.json. Karpathy's split needs dataset_coco.json, train2014/ and val2014/ instead."
)
CARD = Card(
    name="coco",
    title="COCO captions",
    what="image: a photograph; text: the first of its English captions; meta: captions (all of them), file, split",
    many="train 118,287 photographs, val 5,000, with five captions each; Karpathy's split: train 113,287, val 5,000, "
    "test 5,000",
    source="Lin et al. (2014), arXiv:1405.0312; Chen et al. (2015), arXiv:1504.00325",
    licence="annotations CC BY 4.0; the photographs under Flickr's terms",
    attribution="COCO captions, Lin et al. (2014), CC BY 4.0.",
    fit="captioning and image-text matching, as papers report them",
    unfit="a first try on a laptop: take first=2000, or Flickr8k",
    comes="on your disk",
    get=GET,
    here=lambda: there("coco", "annotations", "dataset_coco.json"),
    home="load('coco', root='...', size=96, first=2000)",
)


def load(split: str | None = "train", root: Path | str | None = None, **options) -> Home:
    """A split of COCO captions: Karpathy's where dataset_coco.json is there, else that of 2017, without a test.

    options: `size`, `fit`, `first`, `check` of `Home`. Raises CourseError where pycocotools or files are missing.
    """
    check_split(split, "train", "val", "test")
    at, skipped = folder("coco", root, GET), Skipped("coco")
    if path := first_of(at, "dataset_coco.json"):
        captions, where = caption_files.karpathy(path, skipped, GET)
        rows = ((at / name, said, where[name]) for name, said in captions.items() if split in (None, where[name]))
    elif split == "test":
        raise ValueError(
            "split='test': COCO gives out no captions of its test pictures; take 'val' or Karpathy's split"
        )
    else:
        rows = (row for part in ("train", "val") if split in (None, part) for row in _published(at, part, skipped))
    return Home(_rows(rows, skipped), ["photograph"], skipped, GET, **options)


def _published(root: Path, part: str, skipped: Skipped):
    path = need(root, GET, f"annotations/captions_{part}2017.json")
    read_json(path, GET)  # pycocotools would say less of a file that is not whole
    if find_spec("pycocotools") is None:
        raise CourseError('COCO is read by the package pycocotools: pip install "mmcourse[home]".')
    from torchvision.datasets import CocoCaptions

    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools says how long each step took
        found = CocoCaptions(str(root / f"{part}2017"), str(path))
    for number in found.ids:
        name, said = found.coco.imgs[number]["file_name"], []
        for annotation in found.coco.imgToAnns[number]:
            caption = " ".join(annotation["caption"].split())
            if not caption:
                skipped.add("empty caption", name)
            elif caption not in said:
                said.append(caption)
        yield root / f"{part}2017" / name, said, part


def _rows(rows, skipped: Skipped):
    for path, said, part in rows:
        if said:
            yield Row(path, {"en": said[0]}, 0, {"file": path.name, "captions": said, "split": part})
        else:
            skipped.add("picture without a caption", path.name)
