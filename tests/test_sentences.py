"""The scored sentences: read as they stand, split so that no review and no near-duplicate stands in two splits."""

import gzip
import hashlib
import io
import os
import subprocess
import sys
import tarfile
from collections import Counter

import pytest
import torch

from mmcourse import fetch
from mmcourse.data import in_memory, load, sentences
from mmcourse.data.sentences import INSIDE, SOURCES, Row, _splits, _words, read
from mmcourse.data.skipped import Skipped
from mmcourse.data.splits import near_duplicates, words
from mmcourse.fetch import FetchError

FILES = {
    "movies": "1\t2.26666666667\tThe clichés disappear – we’ve seen them.\r\n2\t-1.5\tNo surprises.\r\n3\t0.5\tA film.",
    "amazon": "1_1\t-0.9\tno picture scrolling.\r\n1_2\t2\tgreat   player.\r\n2_1\t1.0\tit works.\r\n2_2\t-1.0\tmeh.",
    "nyt": "1_1\t0.4\tIt plans a race.\r\n1_2\t-2.8\tA tragedy.\r\n",
    "tweets": "1\t2.7\tlove &amp; joy &lt;3 I&amp;#39;m\r\n"
    "2\t1.4\tYay. Another good day.\r\n3\t1.9\tYAY! Another GOOD day!",
}


def archive(folder, files) -> fetch.Archive:
    """An archive in the true form: a gzipped tar in a gzipped tar."""

    def packed(members):
        whole = io.BytesIO()
        with tarfile.open(fileobj=whole, mode="w") as file:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                file.addfile(info, io.BytesIO(data))
        return gzip.compress(whole.getvalue(), mtime=0)

    inner = packed({f"hutto_ICWSM_2014/{SOURCES[source]}": data for source, data in files.items()})
    path = folder / "vaderSentiment-3.3.2.tar.gz"
    path.write_bytes(packed({INSIDE: inner}))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return fetch.Archive("vaderSentiment", "3.3.2", path.name, sha256, "MIT", "them", "sentences", 2)


@pytest.fixture
def small(tmp_path, monkeypatch):
    """The small archive lies in the cache in place of the real one; call it with other files."""
    monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path))

    def use(**files):
        made = archive(tmp_path, {k: v.encode() for k, v in (FILES | files).items()})
        monkeypatch.setitem(fetch.ARCHIVES, "vaderSentiment", made)
        sentences._all.cache_clear()

    use()
    yield use
    sentences._all.cache_clear()


@pytest.fixture(scope="module")
def real():
    try:
        sentences._all.cache_clear()
        return sentences._all(fetch.fetch("vaderSentiment"))
    except FetchError as error:
        if "could not be downloaded" in str(error):
            pytest.skip(f"no network: {error}")
        raise


class TestReading:
    def test_an_item(self, small):
        found = load("sentences", None, sources=("movies",))
        item = found[0]
        assert item.image is None
        assert item.text == {"en": "The clichés disappear – we’ve seen them."}
        assert found.classes[item.label] == "positive"
        assert item.meta == {"score": 2.26666666667, "source": "movies", "id": "1"}
        assert [found.classes[label] for label in found.labels] == ["positive", "negative"]
        assert found.neutral == 1
        assert len(found.skipped) == 0

    def test_exactly_at_the_threshold_is_neutral(self, small):
        found = load("sentences", None, sources=("amazon",))
        assert found.texts == ["great   player."]
        assert found.neutral == 3

    def test_neutral_can_be_kept(self, small):
        found = load("sentences", None, neutral=True)
        assert found.classes == ["negative", "neutral", "positive"]
        assert len(found) == 12
        assert Counter(found.classes[label] for label in found.labels) == {"positive": 5, "neutral": 5, "negative": 2}
        assert len(load("sentences", None, threshold=0)) == 12

    def test_entities_are_read_as_what_they_mean(self, small):
        assert load("sentences", None, sources="tweets").texts[0] == "love & joy <3 I'm"

    def test_columns(self, small):
        columns = in_memory(load("sentences", None), progress=False)
        assert columns.images is None
        assert columns.labels.dtype == torch.long
        assert len(columns.text["en"]) == len(columns.labels) == len(columns.meta) == 7

    def test_rows_that_are_damaged_are_counted_and_said(self, small, capsys):
        small(
            movies="1\t2\tgood.\r\n2\tbad\r\n3\tx\tbad\r\n4\tnan\tbad\r\n5\t7\tbad\r\n6\t1.5\t \r\n\r\n"
            "7\t-2\tbad\tbut whole"
        )
        found = load("sentences", None, sources="movies")
        assert found.texts == ["good.", "bad\tbut whole"]
        assert len(found.skipped) == 5
        said = capsys.readouterr().out
        assert "sentences: 5 left out: 5 × row without" in said
        assert "movieReviewSnippets_GroundTruth.txt, line 2" in said

    def test_bytes_that_are_not_utf8_are_counted(self):
        skipped = Skipped("sentences")
        rows = read("1\t2\tcaf\xe9\r\n2\t2\tok".encode("latin-1"), "movies", skipped)
        assert [row.text for row in rows] == ["ok"]
        assert skipped.counts == {"sentence that is not UTF-8": 1}

    def test_bad_arguments_say_what_there_is(self, small):
        with pytest.raises(ValueError, match="'train', 'val', 'test'"):
            load("sentences", "dev")
        with pytest.raises(ValueError, match="movies, amazon, nyt, tweets"):
            load("sentences", sources=("imdb",))
        with pytest.raises(ValueError, match="name one or more"):
            load("sentences", sources=())
        with pytest.raises(ValueError, match="from -4 to 4"):
            load("sentences", threshold=-1)

    def test_an_archive_without_a_file_says_so(self, small, tmp_path, monkeypatch):
        made = archive(tmp_path, {"movies": b"1\t2\tgood."})
        monkeypatch.setitem(fetch.ARCHIVES, "vaderSentiment", made)
        sentences._all.cache_clear()
        with pytest.raises(FetchError, match="amazonReviewSnippets"):
            load("sentences")

    def test_without_a_network_one_sentence_says_what_to_do(self, tmp_path, monkeypatch):
        monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path))
        monkeypatch.setenv("PIP_NO_INDEX", "1")
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
        with pytest.raises(FetchError, match="See that this machine is online"):
            load("sentences")


class TestSplits:
    def test_near_duplicates_are_exactly_those_that_brute_force_finds(self):
        draw = torch.Generator().manual_seed(0)
        texts = [
            " ".join(f"w{int(i)}" for i in torch.randint(0, 12, (int(n),), generator=draw))
            for n in torch.randint(1, 12, (200,), generator=draw)
        ]
        sets = [words(text) for text in texts]
        for alike in (0.5, 0.7, 1.0):
            brute = {
                (i, j)
                for i in range(200)
                for j in range(i)
                if 10 * len(sets[i] & sets[j]) >= round(10 * alike) * len(sets[i] | sets[j])
            }
            found = near_duplicates(sets, alike)
            assert {(max(p), min(p)) for p in found} == brute
            assert len(found) == len(brute) > 0

    def test_case_spaces_marks_and_names_make_no_difference(self):
        assert _words("YAY!  Another good call, @anonymous http://url_removed") == words("yay another... good call")
        assert words(":)") == {":)"}
        assert _words(":) @anonymous") == words(":)") != words(":(")

    def test_a_review_and_its_near_duplicates_stand_together(self):
        rows = [Row("amazon", f"{i}_{k}", 2.0, f"review{i} sentence{k} a{i * k}") for i in range(60) for k in range(3)]
        rows += [Row("tweets", str(i), 2.0, f"Review{i}, sentence0: A0!") for i in range(60)]
        parts = _splits(rows)
        assert set(parts) == {"train", "val", "test"}
        for i in range(60):
            assert len({parts[3 * i], parts[3 * i + 1], parts[3 * i + 2], parts[180 + i]}) == 1

    def test_the_order_of_the_rows_makes_no_difference(self):
        rows = [Row("amazon", f"{i // 2}_{i}", 2.0, f"a{i % 7} b{i % 5} c{i}") for i in range(90)]
        forward = dict(zip(rows, _splits(rows), strict=True))
        assert forward == dict(zip(rows[::-1], _splits(rows[::-1]), strict=True))


class TestTheRealThing:
    def test_counts(self, real):
        rows, skipped = real
        assert Counter(row.source for row, _ in rows) == {"movies": 10605, "amazon": 3708, "nyt": 5190, "tweets": 4200}
        assert len(skipped) == 0
        shares = Counter(part for _, part in rows)
        assert 0.68 < shares["train"] / len(rows) < 0.72
        assert 0.17 < shares["test"] / len(rows) < 0.21
        assert not any("&amp;" in row.text or "Ã" in row.text or "â€" in row.text for row, _ in rows)
        assert sum("é" in row.text for row, _ in rows) > 50

    def test_no_review_or_editorial_stands_in_two_splits(self, real):
        parts = {}
        for row, part in real[0]:
            if "_" in row.id:
                parts.setdefault((row.source, row.id.split("_")[0]), set()).add(part)
        assert len(parts) > 700
        assert all(len(part) == 1 for part in parts.values())

    def test_no_near_duplicate_stands_in_two_splits(self, real):
        """By another way than the split's own: all pairs, as a sparse product."""
        sets = [_words(row.text) for row, _ in real[0]]
        number = {word: n for n, word in enumerate(sorted(set().union(*sets)))}
        at = [(i, number[word]) for i, one in enumerate(sets) for word in sorted(one)]
        shape = (len(sets), len(number))
        x = torch.sparse_coo_tensor(torch.tensor(at).T, torch.ones(len(at)), shape, check_invariants=True)
        size = torch.tensor([len(one) for one in sets], dtype=torch.float)
        kind = torch.tensor([("train", "val", "test").index(part) for _, part in real[0]])
        met = 0
        for some in (kind != 0).nonzero().flatten().split(512):  # val and test, against all
            dense = torch.zeros(len(number), len(some))
            for column, i in enumerate(some.tolist()):
                dense[[number[word] for word in sets[i]], column] = 1
            both = x @ dense  # (N, some)
            alike = both / (size[:, None] + size[some] - both)
            assert not ((alike >= 0.7 - 1e-6) & (kind[:, None] != kind[some])).any()
            met += int((alike >= 0.7 - 1e-6).sum()) - len(some)
        assert met > 50  # there are some, within a split

    def test_the_same_in_every_process(self, real):
        code = "from mmcourse.data import load; print(load('sentences', 'val', sources='tweets').texts)"
        runs = {
            subprocess.run(
                [sys.executable, "-c", code],
                env=os.environ | {"PYTHONHASHSEED": seed},
                check=True,
                capture_output=True,
                text=True,
            ).stdout
            for seed in ("1", "2")
        }
        assert len(runs) == 1
