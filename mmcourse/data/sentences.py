"""Sentences that people scored from -4 (most negative) to 4 (most positive): reviews, editorials, tweets.

They come with VADER (Hutto & Gilbert 2014, ICWSM), inside the source archive of the package `vaderSentiment`, which
`fetch` brings once (2 MB) and only ever opens as an archive.

    >>> train = load("sentences", "train", sources=("movies", "amazon"))
    >>> test = load("sentences", "test", sources=("tweets",))  # does what was learnt from reviews hold for tweets?
"""

import html
import io
import re
import tarfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from mmcourse.fetch import FetchError, fetch, open_member

from . import Item, ItemSet
from .cards import Card, bring, cached
from .skipped import Skipped
from .splits import check_split, near_duplicates, same, splits, words

ARCHIVE = "vaderSentiment"
INSIDE = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
SOURCES = {  # name: its file. The first part of an id such as 12_3 is the review or the editorial.
    "movies": "movieReviewSnippets_GroundTruth.txt",
    "amazon": "amazonReviewSnippets_GroundTruth.txt",
    "nyt": "nytEditorialSnippets_GroundTruth.txt",
    "tweets": "tweets_GroundTruth.txt",
}
ATTRIBUTION = "Sentences and scores: Hutto & Gilbert (2014), VADER."
CARD = Card(
    name="sentences",
    title="Sentences with human sentiment scores",
    what="text: an English sentence; label: negative or positive; meta: score (the mean of about 20 people, -4 to 4), "
    "source, id; no picture",
    many="23,703: movie reviews 10,605, Amazon reviews 3,708, editorials 5,190, tweets 4,200; 15,425 are farther "
    "than 1.0 from neutral; 70 % train, 10 % val, 20 % test, by review, editorial and near-duplicate",
    source="C.J. Hutto and E. Gilbert, github.com/cjhutto/vaderSentiment; movie sentences from Pang & Lee, "
    "Amazon ones from Hu & Liu (2004)",
    licence="MIT (the package); the sentences are excerpts of reviews, editorials and tweets",
    attribution=ATTRIBUTION,
    fit="sentiment of short texts, regression on the score, and how well a model moves from one source to another",
    unfit="texts longer than a sentence. Which film a movie sentence is about is not known, so two sentences about one "
    "film may stand in two splits; an Amazon or editorial sentence is scored out of its context",
    comes="one command away",
    get=bring("sentences", ARCHIVE),
    here=lambda: cached(ARCHIVE),
    archives=(ARCHIVE,),
)


class Row(NamedTuple):
    """One sentence as it stands in its file."""

    source: str
    id: str
    score: float
    text: str


class Sentences(ItemSet):
    """Sentences and what people made of them.

    texts     N sentences
    scores    N means of about 20 people's scores, -4 to 4
    labels    N class indices, into `classes`
    neutral   how many were left out because they are neutral
    skipped   what of the files could not be read

    Parameters
        split      'train' (70 %), 'val' (10 %), 'test' (20 %) or None for all; fixed. Sentences of one review or one
                   editorial stand in one split, and so do near-duplicates, whatever their source
        sources    which to load, of 'movies', 'amazon', 'nyt', 'tweets'
        threshold  a sentence is positive where its score is above this, negative where it is below minus this
        neutral    keep those between as a class of their own, 'neutral'

    Raises ValueError for an unknown split or source or a negative threshold, FetchError where the archive cannot be
    had, saying what to do.
    """

    def __init__(
        self,
        split: str | None = "train",
        sources: Sequence[str] = tuple(SOURCES),
        threshold: float = 1.0,
        neutral: bool = False,
    ):
        check_split(split)
        sources = (sources,) if isinstance(sources, str) else tuple(sources)
        if not sources or set(sources) - set(SOURCES):
            raise ValueError(f"sources={sources}: there are {', '.join(SOURCES)}; name one or more")
        if not 0 <= threshold < 4:
            raise ValueError(f"threshold={threshold}: the scores go from -4 to 4; choose 0 or more, below 4")
        self.classes = ["negative", "neutral", "positive"] if neutral else ["negative", "positive"]
        rows, self.skipped = _all(fetch(ARCHIVE))
        chosen = [row for row, part in rows if row.source in sources and split in (None, part)]
        kept = [row for row in chosen if neutral or abs(row.score) > threshold]
        self.neutral = len(chosen) - len(kept)
        self.texts = [row.text for row in kept]
        self.scores = [row.score for row in kept]
        self.labels = [self._label(row.score, threshold) for row in kept]
        self.meta = [{"score": row.score, "source": row.source, "id": row.id} for row in kept]
        self.skipped.say()

    def _label(self, score: float, threshold: float) -> int:
        return self.classes.index("positive" if score > threshold else "negative" if score < -threshold else "neutral")

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, i: int) -> Item:
        return Item(None, {"en": self.texts[i]}, self.labels[i], self.meta[i])


def load(split: str | None = "train", **options) -> Sentences:
    """`Sentences(split, **options)`."""
    return Sentences(split, **options)


@cache
def _all(archive: Path) -> tuple[list[tuple[Row, str]], Skipped]:
    """Every sentence of an archive with its split, and what could not be read."""
    skipped, rows = Skipped("sentences"), []
    with open_member(archive, INSIDE) as file, tarfile.open(fileobj=io.BytesIO(file.read()), mode="r:gz") as inner:
        for source, name in SOURCES.items():
            try:
                found = inner.extractfile(f"hutto_ICWSM_2014/{name}")
            except KeyError:
                found = None
            if found is None:  # not there, or no plain file
                raise FetchError(f"{archive.name} holds no file {name!r}.")
            rows += read(found.read(), source, skipped)
    return list(zip(rows, _splits(rows), strict=True)), skipped


def read(data: bytes, source: str, skipped: Skipped) -> list[Row]:
    """The rows of a file: id, score and sentence, tabs between them.

    UTF-8, with &amp; &lt; &gt; where & < > are meant; editorials have them twice, as &amp;amp; and &amp;#39;.
    A row that is not whole is added to `skipped`.
    """
    rows = []
    for n, line in enumerate(data.decode("utf-8-sig", errors="replace").split("\n"), 1):
        if not line.strip():
            continue
        try:
            name, score, text = line.split("\t", 2)
            row = Row(source, name.strip(), float(score), html.unescape(html.unescape(text)).strip())
            if not (row.text and -4 <= row.score <= 4):
                raise ValueError
        except ValueError:
            skipped.add("row without an id, a score from -4 to 4 and a sentence", f"{SOURCES[source]}, line {n}")
            continue
        if "\ufffd" in text:
            skipped.add("sentence that is not UTF-8", f"{SOURCES[source]}, line {n}")
            continue
        rows.append(row)
    return rows


def _splits(rows: list[Row]) -> list[str]:
    """'train', 'val' or 'test' for each row. Rows of one review or editorial, and near-duplicates, go together."""
    documents = [f"{row.source}/{row.id.partition('_')[0]}" for row in rows]
    links = same(documents) + near_duplicates([_words(row.text) for row in rows])
    return splits([row.text for row in rows], links, train=70, val=10)


def _words(text: str) -> frozenset[str]:
    """The words of a sentence, without the names and addresses that stand for somebody's in the tweets."""
    return words(re.sub(r"@anonymous|http://url_removed", " ", text))
