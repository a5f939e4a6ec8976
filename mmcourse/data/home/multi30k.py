"""Multi30k: 31,014 captions of Flickr30k's photographs, translated into German, French and Czech."""

import gzip
import json
import zlib
from pathlib import Path

from mmcourse.fetch import CourseError

from ..cards import Card
from ..skipped import Skipped
from .base import Home, Row, check_split, first_of, folder, lines, there

GET = (
    "Multi30k is a git repository: `git clone https://github.com/multi30k/dataset multi30k`. Name its folder: "
    "load('multi30k', root='.../multi30k'). It holds data/task1/raw/train.en.gz ... and data/task1/image_splits/. "
    "The photographs are Flickr30k's: pictures='.../flickr30k-images', or without them text alone."
)
PARTS = {"train": ("train",), "val": ("val",), "test": ("test_2016_flickr", "test2016", "test")}
MORE = ("test_2017_flickr", "test_2017_mscoco", "test_2018_flickr")  # later test sets, by their own names
CARD = Card(
    name="multi30k",
    title="Multi30k",
    what="image: a photograph, where its folder is named; text: a caption in en, de, fr, cs; meta: file, line, split",
    many="train 29,000, val 1,014, test 1,000 (2016); also test_2017_flickr 1,000, test_2017_mscoco 461, "
    "test_2018_flickr 1,071",
    source="Elliott, Frank, Sima'an & Specia (2016), arXiv:1605.00459, github.com/multi30k/dataset",
    licence="as Flickr30k: for non-commercial research and education",
    attribution="Multi30k, Elliott et al. (2016); photographs: Flickr30k.",
    fit="translation with a picture to help",
    unfit="Chinese, and texts for which the picture is needed: most sentences are clear without it",
    comes="on your disk",
    get=GET,
    here=lambda: there("multi30k", "data/task1/raw", "train.en.gz", "train.en", "train.jsonl"),
    home="load('multi30k', root='...', languages=('en', 'de'))",
)


def load(
    split: str | None = "train",
    root: Path | str | None = None,
    languages: tuple[str, ...] = ("en", "de"),
    pictures: Path | str | None = None,
    **options,
) -> Home:
    """A split of Multi30k.

    split      'train', 'val', 'test' (of 2016), None for these three; or 'test_2017_flickr', 'test_2017_mscoco',
               'test_2018_flickr'
    languages  of 'en', 'de', 'fr', 'cs'; not every test set has all
    pictures   the folder of Flickr30k's photographs; without it the images are None
    options    `size`, `fit`, `first`, `check` of `Home`

    Raises CourseError where files are missing, or where two languages have not as many lines.
    """
    check_split(split, *PARTS, *MORE)
    at, skipped = folder("multi30k", root, GET), Skipped("multi30k")
    if pictures is not None and not Path(pictures).expanduser().is_dir():
        raise CourseError(f"There is no folder {pictures}. {GET}")
    album = None if pictures is None else Path(pictures).expanduser()
    parts = [split] if split is not None else list(PARTS)
    rows = (row for part in parts for row in _rows(at, part, languages, album, skipped))
    return Home(rows, ["sentence"], skipped, GET, **options)


def _rows(root: Path, part: str, languages: tuple[str, ...], album: Path | None, skipped: Skipped):
    names = PARTS.get(part, (part,))
    sentences = {language: _sentences(root, names, language, skipped) for language in languages}
    lengths = {language: len(said) for language, said in sentences.items()}
    if len(set(lengths.values())) > 1:
        raise CourseError(f"Multi30k's {part} has not as many lines in each language: {lengths}. {GET}")
    files = _files(root, names, skipped) if album else None
    if files is not None and len(files) != lengths[languages[0]]:
        raise CourseError(f"Multi30k's {part} has {lengths[languages[0]]} lines and {len(files)} pictures. {GET}")
    seen = set()
    for i, said in enumerate(zip(*sentences.values(), strict=True)):
        where = f"{part}, line {i + 1}"
        if not all(said):
            skipped.add("empty sentence", where)
        elif (key := (*said, files[i] if files else None)) in seen:
            skipped.add("sentence that is there twice", where)
        else:
            seen.add(key)
            meta = {"line": i + 1, "split": part, "captions": [said[0]]} | ({"file": files[i]} if files else {})
            picture = album / files[i] if album and files else None
            yield Row(picture, dict(zip(languages, said, strict=True)), 0, meta)


def _sentences(root: Path, names: tuple[str, ...], language: str, skipped: Skipped) -> list[str]:
    """The sentences of a language, a line each; or of `NAME.jsonl`, an object a line (bentrevett/multi30k)."""
    places = [f"{folder}{name}.{language}" for folder in ("data/task1/raw/", "raw/", "") for name in names]
    if path := first_of(root, *(f"{place}{ending}" for place in places for ending in (".gz", ""))):
        try:
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        except (OSError, EOFError, zlib.error) as error:
            raise CourseError(f"{path} is not whole ({error}). {GET}") from None
        return [" ".join(line.split()) for line in lines(path, skipped, data.removesuffix(b"\n"))]
    if path := first_of(root, *(f"{name}.jsonl" for name in names)):
        rows = [json.loads(line) for line in lines(path, skipped) if line.strip()]
        if rows and language in rows[0]:
            return [" ".join(row[language].split()) for row in rows]
    raise CourseError(f"{root} holds no sentences of {names[0]!r} in {language!r}. {GET}")


def _files(root: Path, names: tuple[str, ...], skipped: Skipped) -> list[str]:
    """The picture of each line."""
    path = first_of(root, *(f"data/task1/image_splits/{name}{end}.txt" for name in names for end in ("", "_images")))
    if path is None:
        raise CourseError(f"{root} holds no data/task1/image_splits/{names[0]}.txt. {GET}")
    # A name is followed by #k where the line says which of the picture's captions it is.
    return [line.strip().partition("#")[0] for line in lines(path, skipped) if line.strip()]
