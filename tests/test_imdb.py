"""IMDb's reviews, on a small fixture in their true on-disk form."""

import pytest

from mmcourse.data import in_memory, load
from mmcourse.fetch import CourseError


@pytest.fixture
def root(tmp_path):
    """Forty reviews a part and kind, two of each film."""
    for part in ("train", "test"):
        for kind in ("pos", "neg"):
            folder = tmp_path / part / kind
            folder.mkdir(parents=True)
            for n in range(40):
                stars = n % 4 + (7 if kind == "pos" else 1)
                (folder / f"{n}_{stars}.txt").write_text(f"Film {n // 2} was {kind}.<br /><br />I say {stars}.", "utf8")
            urls = "".join(f"http://www.imdb.com/title/tt{n // 2:07d}/usercomments\n" for n in range(40))
            (tmp_path / part / f"urls_{kind}.txt").write_text(urls)
    (tmp_path / "train/unsup").mkdir()
    (tmp_path / "train/unsup/0_0.txt").write_text("nobody knows")
    return tmp_path


def test_items_and_columns(root):
    test = load("imdb", "test", root=root)
    assert len(test) == 80
    assert sum(test.labels) == 40
    item = test[0]
    assert item.image is None
    assert item.text["en"] == test.texts[0] == "Film 0 was neg. I say 1."
    assert (item.label, item.meta["stars"]) == (0, 1)
    assert set(test.labels[:4]) == {0, 1}, "the first few are of both kinds"
    columns = in_memory(load("imdb", "test", root=root, first=10), progress=False)
    assert columns.images is None
    assert len(columns.text["en"]) == 10
    assert columns.classes == ["negative", "positive"]


def test_no_film_stands_in_training_and_validation(root):
    train, val = load("imdb", "train", root=root), load("imdb", "val", root=root)
    assert len(train) + len(val) == 80
    assert len(val) > 0
    assert not {m["film"] for m in train.meta} & {m["film"] for m in val.meta}
    assert len(load("imdb", None, root=root)) == 160
    assert "nobody knows" not in load("imdb", None, root=root).texts


def test_damage_is_counted_and_said(root, capsys):
    (root / "test/pos/3_10.txt").write_text("  ")
    (root / "test/pos/notes.txt").write_text("not a review")
    (root / "test/neg/5_2.txt").write_bytes("caf\xe9".encode("latin-1"))
    test = load("imdb", "test", root=root)
    assert test.skipped.counts == {"file without a number, stars and a text": 2}
    assert test.skipped.mended == {"line that is not UTF-8, read as Latin-1": 1}
    assert "caf\xe9" in test.texts
    assert "imdb: 2 left out" in capsys.readouterr().out


def test_what_is_missing_is_named(root, tmp_path):
    with pytest.raises(CourseError, match=r"no folder[\s\S]*aclImdb_v1.tar.gz"):
        load("imdb", root=tmp_path / "nowhere")
    with pytest.raises(ValueError, match="'train', 'val', 'test'"):
        load("imdb", "dev", root=root)
    for path in (root / "test/neg").iterdir():
        path.unlink()
    (root / "test/neg").rmdir()
    with pytest.raises(CourseError, match="holds no test/neg"):
        load("imdb", "test", root=root)
