"""A data set's card: what it is, by whom, what it is fit for and what not, and whether it is on this machine.

    CARD = Card(name="sentences", ..., comes="one command away", get=bring("sentences", "vaderSentiment"),
                here=lambda: cached("vaderSentiment"))

Nothing here needs torch, and nothing is downloaded: `here` only looks.
"""

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

from mmcourse.fetch import ARCHIVES, CourseError, cache_dir

Comes = Literal["with the course", "one command away", "needs the net", "on your disk"]


class State(NamedTuple):
    """How a set stands on this machine, and the sentence that says what to do ('' where there is nothing to do)."""

    word: Literal["ready", "one command away", "needs the net"]
    says: str


@dataclass(frozen=True)
class Card:
    """What one should know of a data set before using it. All texts are plain sentences or phrases.

    name         as in `load(name)`, such as 'easy-vqa'
    title        such as 'easy-VQA'
    what         what an item's image, text, label and meta are
    many         how many items, by split, classes, languages
    source       who made it, and where one reads about it
    licence      the licences, by part where parts differ
    attribution  the line that stands under its pictures or texts
    fit          what it is fit for
    unfit        what it is not fit for, and its traps
    comes        'with the course'; 'one command away' (a package, an archive); 'needs the net' (its own loader
                 downloads it); 'on your disk' (one asks its makers for it, and names the folder)
    get          the sentence that says how to have it; `bring(name, archive)` writes it for an archive
    here         whether the set can be loaded now, without a network
    archives     names in `fetch.ARCHIVES` that `mmcourse data NAME --get` brings
    home         the call that loads it where it takes more than a name, such as "load('flickr8k', root='...')"
    """

    name: str
    title: str
    what: str
    many: str
    source: str
    licence: str
    attribution: str
    fit: str
    unfit: str
    comes: Comes
    get: str
    here: Callable[[], bool]
    archives: tuple[str, ...] = ()
    home: str = ""

    def state(self) -> State:
        """How the set stands here, without downloading anything."""
        if self.here():
            return State("ready", "")
        far = self.comes in ("needs the net", "on your disk")
        return State("needs the net" if far else "one command away", self.get)


def installed(*packages: str) -> bool:
    """Whether all of these packages (names as pip knows them) are installed."""
    for name in packages:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            return False
    return True


def cached(*archives: str) -> bool:
    """Whether all of these archives lie in the cache folder (their hash is checked when they are opened)."""
    try:
        folder = cache_dir()
    except CourseError:
        return False
    return all((folder / ARCHIVES[name].filename).is_file() for name in archives)


def bring(name: str, *archives: str) -> str:
    """The sentence for a set that comes as archives: `bring('easy-vqa', 'easy_vqa')`."""
    megabytes = sum(ARCHIVES[archive].megabytes for archive in archives)
    return f"`mmcourse data {name} --get` brings it once ({megabytes} MB); so does its first use."
