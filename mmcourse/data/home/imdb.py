"""IMDb: 50,000 film reviews, half of them positive; no pictures."""

from pathlib import Path

from mmcourse.fetch import CourseError

from .. import Item, ItemSet
from ..cards import Card
from ..skipped import Skipped
from ..splits import place
from .base import check_split, folder, lines, need, there

GET = (
    "aclImdb_v1.tar.gz is given out at ai.stanford.edu/~amaas/data/sentiment. Unpack it and name its folder: "
    "load('imdb', root='.../aclImdb'). It holds train/pos/*.txt, train/neg/*.txt, test/pos/*.txt and test/neg/*.txt."
)
CARD = Card(
    name="imdb",
    title="IMDb film reviews",
    what="text: an English review, as it is with its line breaks made blanks; label: negative or positive; "
    "meta: file, stars (1 to 10), film; no picture",
    many="50,000: train 22,500 and val 2,500 (about 10 % of the published training part, by film), test 25,000",
    source="A. Maas, R. Daly, P. Pham, D. Huang, A. Ng and C. Potts (2011), ACL, aclanthology.org/P11-1015",
    licence="none stated: for research; the reviews belong to those who wrote them",
    attribution="IMDb reviews, Maas et al. (2011).",
    fit="sentiment of long texts, where there is enough to learn from for a network that reads in order",
    unfit="anything between positive and negative: reviews of 5 and 6 stars were left out by its makers",
    comes="on your disk",
    get=GET,
    here=lambda: there("imdb", "train"),
    home="load('imdb', root='.../aclImdb', first=5000)",
)


class Reviews(ItemSet):
    """Reviews in a fixed mixed order, so that the first few are of both kinds.

    texts    N reviews
    labels   N class indices, into `classes`
    skipped  what of the files could not be read, or held no text
    """

    def __init__(self, split: str | None = "train", root: Path | str | None = None, first: int | None = None):
        check_split(split, "train", "val", "test")
        at, self.skipped = folder("imdb", root, GET), Skipped("imdb")
        self.classes = ["negative", "positive"]
        rows = [
            row
            for part in ("train", "test")
            if split is None or (split == "test") == (part == "test")
            for row in _reviews(at, part, self.skipped, split)
        ]
        if not rows:
            raise CourseError(f"imdb: nothing there can be used ({self.skipped}). {GET}")
        rows = sorted(rows, key=lambda row: _in_turn(row[2]["file"]))[:first]
        self.texts, self.labels, self.meta = (list(column) for column in zip(*rows, strict=True))
        self.skipped.say()

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, i: int) -> Item:
        return Item(None, {"en": self.texts[i]}, self.labels[i], self.meta[i])


def load(split: str | None = "train", root: Path | str | None = None, first: int | None = None) -> Reviews:
    """A split of IMDb's reviews from the folder `root`. Raises ValueError for an unknown split, CourseError."""
    return Reviews(split, root, first)


def _in_turn(file: str) -> tuple[int, str]:
    """Where a review stands: reviews of both kinds alternate, by number."""
    name = file.rsplit("/", 1)[1]
    return int(name.split("_")[0]) if name.split("_")[0].isdigit() else 0, file


def _reviews(root: Path, part: str, skipped: Skipped, split: str | None):
    """(review, label, meta) of each file NUMBER_STARS.txt; films by line number in urls_pos.txt and urls_neg.txt."""
    for label, kind in enumerate(("neg", "pos")):
        of_kind = need(root, GET, f"{part}/{kind}")
        urls = root / part / f"urls_{kind}.txt"
        films = list(lines(urls, skipped)) if urls.is_file() else []
        for path in sorted(of_kind.glob("*.txt")):
            number, _, stars = path.stem.partition("_")
            text = " ".join(" ".join(lines(path, skipped)).replace("<br />", " ").split())
            if not (text and number.isdigit() and stars.isdigit()):
                skipped.add("file without a number, stars and a text", f"{part}/{kind}/{path.name}")
                continue
            film = films[int(number)].strip() if int(number) < len(films) else ""
            meta = {"file": f"{part}/{kind}/{path.name}", "stars": int(stars), "film": film}
            where = "test" if part == "test" else place(film or text, 90, 10)
            if split in (None, where):
                yield text, label, meta
