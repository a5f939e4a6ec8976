"""What a scene is made of: 36 objects, six colours to stand behind them, and places, in English and Chinese.

Each object has one colour that it never stands on in training, and each colour six such objects: object k is kept
from colour k mod 6. So every object and every colour is known, and one in six of their combinations is new.
"""

from functools import cache

from ..emoji import _names

# Six rows of six: a column shares the colour that it is kept from.
OBJECTS = (
    *("🐈", "🐕", "🐎", "🐖", "🐇", "🐸"),
    *("🐢", "🐍", "🐙", "🐘", "🦁", "🐧"),
    *("🦉", "🐋", "🦀", "🐌", "🦆", "🐻"),
    *("🍌", "🍋", "🍐", "🥕", "🍕", "🍄"),
    *("🚌", "🚲", "🚜", "🚀", "⛵", "🏠"),
    *("🔑", "🔔", "🎸", "🥁", "🎺", "👑"),
)
# Never named and never asked for: they only stand about.
DISTRACTORS = ("🪑", "🍪", "🍉", "🐪", "🐼", "🎈", "🍓", "🦋")

COLOURS = {
    "red": ("红色", (236, 92, 92)),
    "orange": ("橙色", (247, 160, 72)),
    "yellow": ("黄色", (250, 222, 104)),
    "green": ("绿色", (118, 200, 120)),
    "blue": ("蓝色", (104, 164, 244)),
    "purple": ("紫色", (172, 128, 222)),
}
PAGE = (244, 244, 244)
N_OBJECTS, N_COLOURS = len(OBJECTS), len(COLOURS)

PLACES = {
    2: {"top left": "左上角", "top right": "右上角", "bottom left": "左下角", "bottom right": "右下角"},
    3: {
        "top left": "左上角",
        "top centre": "上方中间",
        "top right": "右上角",
        "middle left": "左边中间",
        "centre": "正中间",
        "middle right": "右边中间",
        "bottom left": "左下角",
        "bottom centre": "下方中间",
        "bottom right": "右下角",
    },
}
# English, Chinese, whether along a row (0) or a column (1), and whether the first thing has the smaller place.
RELATIONS = (
    ("left of", "左边", 0, True),
    ("right of", "右边", 0, False),
    ("above", "上方", 1, True),
    ("below", "下方", 1, False),
)


@cache
def names(language: str) -> list[str]:
    """The objects' names (Unicode CLDR), 'en' or 'zh'."""
    return _names(list(OBJECTS), (language,))[language]


@cache
def colours(language: str) -> list[str]:
    """The colours' names, 'en' or 'zh'."""
    return list(COLOURS) if language == "en" else [chinese for chinese, _ in COLOURS.values()]


@cache
def places(grid: int, language: str) -> list[str]:
    """The cells' names in reading order, 'en' or 'zh'."""
    return list(PLACES[grid]) if language == "en" else list(PLACES[grid].values())


def plural(name: str) -> str:
    """'cat' -> 'cats', 'bus' -> 'buses'; the objects were chosen so that this is all."""
    return f"{name}es" if name.endswith("s") else f"{name}s"


def a(name: str) -> str:
    """'cat' -> 'a cat', 'owl' -> 'an owl'."""
    return f"an {name}" if name[0] in "aeiou" else f"a {name}"
