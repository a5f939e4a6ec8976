"""The emoji's splits leak nothing: no concept, no twin by sex, age, skin, colour or direction, no like drawing; and
the second style is drawn right or left out."""

import re
from collections import defaultdict

import pytest
import torch
from torch.nn.functional import interpolate

from mmcourse.data import drawings
from mmcourse.data.emoji import EmojiPairs, _concepts
from mmcourse.data.families import family, split
from mmcourse.fetch import FetchError

SPLITS = ("train", "val", "test")


@pytest.fixture(scope="module")
def rows():
    pairs = EmojiPairs(None)
    return [dict(row, en=name) for row, name in zip(_concepts(), pairs.text["en"], strict=True)]


def across(rows, key):
    """Groups of equal keys that stand in two splits: names."""
    groups = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return [[row["en"] for row in group] for group in groups.values() if len({row["split"] for row in group}) > 1]


def sexless(row) -> str:
    """The emoji's own signs without what tells a man from a woman, a boy from a girl, or left from right."""
    signs = re.sub("[\ufe0f\U0001f3fb-\U0001f3ff]|\u200d[♀♂➡]", "", row["emoji"])
    return re.sub("[👦👧🧒]", "🧒", re.sub("[👨👩🧑🧔👱🧓👴👵]", "🧑", signs))


class TestNoLeak:
    def test_no_family_stands_in_two_splits(self):
        families = {s: {m["family"] for m in EmojiPairs(s).meta} for s in SPLITS}
        assert not families["train"] & families["test"]
        assert not families["train"] & families["val"]
        assert not families["val"] & families["test"]

    def test_no_emoji_has_a_skin_tone(self, rows):
        assert not [row["en"] for row in rows if re.search("[\U0001f3fb-\U0001f3ff]", row["emoji"])]

    def test_no_twin_by_its_signs(self, rows):
        """Independent of the names: joined sequences such as man + rocket, woman + rocket, person + rocket."""
        assert across(rows, sexless) == []
        families = {sexless(row): row["family"] for row in rows}
        assert all(families[sexless(row)] == row["family"] for row in rows)

    def test_no_twin_by_its_name(self, rows):
        words = r"\b(man|woman|person|men|women|people|boy|girl|male|female|red|blue|green|yellow|black|white|orange)\b"
        assert (
            across([row for row in rows if row["group"] != "Flags"], lambda row: re.sub(words, "", row["en"].lower()))
            == []
        )

    @pytest.mark.parametrize(
        "names",
        [
            ("firefighter", "man firefighter", "woman firefighter"),
            ("man red hair", "woman red hair", "person red hair", "man", "woman"),
            ("merman", "mermaid", "merperson"),
            ("prince", "princess", "person with crown"),
            ("Santa Claus", "Mrs. Claus", "Mx Claus"),
            ("person walking", "woman walking facing right"),
            ("people holding hands", "woman and man holding hands", "men holding hands"),
            ("family", "family man woman boy", "family adult adult child"),
            ("one o’clock", "twelve-thirty"),
            ("red heart", "blue heart", "black heart"),
            ("cat", "cat face", "black cat"),
            ("new moon", "full moon face", "black circle"),
            ("green book", "blue book"),
            ("France", "St. Martin", "Clipperton Island"),
        ],
    )
    def test_one_concept_is_one_family(self, rows, names):
        assert set(names) <= {row["en"] for row in rows}
        assert len({row["family"] for row in rows if row["en"] in names}) == 1

    @pytest.mark.parametrize(
        ("one", "other"),
        [("firefighter", "pilot"), ("cat", "dog"), ("red apple", "pear"), ("France", "Spain"), ("cat", "grinning cat")],
    )
    def test_two_concepts_are_two(self, rows, one, other):
        assert len({row["family"] for row in rows if row["en"] in (one, other)}) == 2

    @pytest.mark.parametrize("style", drawings.STYLES)
    def test_no_drawing_stands_in_two_splits(self, rows, style, openmoji):
        """By pixels, of 16 x 16: no held-out drawing has one in another split that is all but the same."""
        pairs = EmojiPairs(None, 64, style=style)
        small = interpolate(pairs.images.float() / 255, size=16, mode="area").flatten(1)  # (N, 768)
        apart = torch.cdist(small, small, compute_mode="donot_use_mm_for_euclid_dist") / small.shape[1] ** 0.5  # (N, N)
        of = {row["emoji"]: row for row in rows}
        splits = torch.tensor([SPLITS.index(of[m["emoji"]]["split"]) for m in pairs.meta])
        found = ((apart < 0.025) & (splits[:, None] != splits)).nonzero().tolist()
        assert [(pairs.text["en"][i], pairs.text["en"][j]) for i, j in found] == []

    def test_each_class_is_in_each_split(self):
        for name in SPLITS:
            count = EmojiPairs(name).labels.bincount(minlength=9)
            assert count.min() >= 15
        sizes = [len(EmojiPairs(name)) for name in SPLITS]
        assert sum(sizes) == 1898
        assert sizes == [1210, 332, 356]

    def test_the_rule_is_fixed(self):
        assert family("person-role", "Woman Pilot") == "person-role/pilot"
        assert [split(name, 3) for name in ("person-role/pilot", "animal-mammal/cat", "geometric/circle")] == [
            "train",
            "train",
            "val",
        ]
        assert split("geometric/circle", 22) == "train"


@pytest.fixture(scope="module")
def openmoji():
    try:
        return EmojiPairs("test", 24, style="openmoji")
    except FetchError as error:
        pytest.skip(str(error))


class TestStyles:
    def test_the_same_concepts_in_another_drawing(self, openmoji):
        twemoji = EmojiPairs("test", 24)
        missing = len(twemoji) - len(openmoji)
        assert openmoji.left_out == {"openmoji": missing}
        assert {m["emoji"] for m in openmoji.meta} <= {m["emoji"] for m in twemoji.meta}
        assert {m["style"] for m in openmoji.meta} == {"openmoji"}
        both = EmojiPairs("test", 24, style=drawings.STYLES)
        assert len(both) == len(twemoji) + len(openmoji)
        assert both.images[len(twemoji) :].equal(openmoji.images)

    def test_the_splits_are_the_same_in_both(self, openmoji):
        held = {m["emoji"] for s in ("val", "test") for m in EmojiPairs(s, style="openmoji").meta}
        assert not held & {m["emoji"] for m in EmojiPairs("train", style=drawings.STYLES).meta}

    @pytest.mark.parametrize("style", drawings.STYLES)
    def test_every_drawing_fills_its_square(self, openmoji, style):
        """So that scale tells nothing: ink touches two opposite sides, whatever the style."""
        ink = (EmojiPairs("test", 24, style=style).images < 250).any(1)  # (N, 24, 24)
        rows, columns = ink.any(2), ink.any(1)  # (N, 24) each
        high, wide = rows[:, 0] & rows[:, -1], columns[:, 0] & columns[:, -1]
        assert (high | wide).float().mean() > 0.98  # a pale edge may be lighter than 250

    def test_joined_ones_are_left_out_where_pillow_cannot_join(self, openmoji, monkeypatch):
        monkeypatch.setattr(drawings.features, "check", lambda name: False)
        alone = EmojiPairs("test", 24, style="openmoji")
        assert 60 < alone.left_out["openmoji"] < 200
        assert all(len(m["emoji"].replace("\ufe0f", "")) == 1 for m in alone.meta)

    def test_a_font_that_does_not_join_is_noticed(self, openmoji, monkeypatch):
        """Where the layout draws parts side by side, the text is longer than one emoji."""

        class Apart:
            def getlength(self, text):
                return 100.0 * len(text.replace("\ufe0f", ""))

        monkeypatch.setattr(drawings, "_font", Apart)
        assert drawings.drawn("openmoji", "🐱")
        assert not drawings.drawn("openmoji", "👩\u200d🚒")
        assert not drawings.drawn("openmoji", "🇫🇷")

    def test_the_two_that_the_font_draws_blank_are_left_out(self, openmoji):
        assert not drawings.drawn("openmoji", "🆕")
        assert not drawings.drawn("openmoji", "🅿️")


def test_keywords_are_there_where_asked_for():
    try:
        pairs = EmojiPairs(None, keywords=True)
    except FetchError as error:
        pytest.skip(str(error))
    of = {m["emoji"]: m["keywords"] for m in pairs.meta}
    assert "animal" in of["🐱"]
    assert 0.7 < sum(map(bool, of.values())) / len(of) < 0.8
    assert all(isinstance(word, str) and "_" not in word for words in of.values() for word in words)
