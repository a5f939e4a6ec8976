"""The one line that a lesson changes at home: changed here, on small sets in their true on-disk form.

In a lesson's code, `# At home: ...` stands below the line whose place it takes.
"""

import ast
import math
import re

import numpy as np
import on_disk
import pytest

from mmcourse.authoring.source import read_source
from mmcourse.data import fashion_mnist
from mmcourse.fetch import checkout

pytestmark = pytest.mark.slow
LINE = re.compile(r"^(?P<indent> *)(?P<here>\S.*)\n(?P=indent)# At home: (?P<home>.*)$", re.M)
LESSONS = sorted((checkout() / "source/lessons").glob("*.md"))


def run(lesson: str, root, chosen) -> dict:
    """The chosen cells with the changed line, run behind all imports; `chosen` says of each cell whether it is."""
    (path,) = (path for path in LESSONS if path.name.startswith(lesson))
    cells = [cell for cell in read_source(path).cells if cell.kind == "code"]
    nodes = [node for cell in cells for node in ast.parse(cell.text).body]
    imports = [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]
    run = [cell.text for cell in cells if chosen(cell)]
    code = "\n".join(["from mmcourse import predict, reveal", *imports, *run])
    (found,) = LINE.finditer(code)
    line = re.sub(r'root="[^"]*"', f'root="{root}"', found["home"])
    names = {"__name__": lesson}
    exec(compile(LINE.sub(lambda found: found["indent"] + line, code), f"lesson {lesson} at home", "exec"), names)
    return names


def defines(cell):
    return "experiment" in cell.options.get("tags", [])


def above(line):
    """All cells above the one that holds a line."""
    passed = []

    def chosen(cell):
        passed.append(line in cell.text)
        return not any(passed)

    return chosen


def changes(cell):
    return LINE.search(cell.text)


def test_every_lesson_that_names_a_set_at_home_is_run_here():
    named = {path.name[:2] for path in LESSONS if LINE.search(path.read_text("utf8"))}
    assert named == {name[5:7] for name in globals() if re.match(r"test_\d\d_", name)}


def test_01_cifar10(tmp_path, monkeypatch):
    drawn = [one for split in ("train", "val") for one in on_disk.photographs(split, 600 if split == "train" else 120)]
    pictures = np.stack([np.asarray(picture.resize((32, 32))).transpose(2, 0, 1).ravel() for picture, *_ in drawn])
    groups = sorted({group for *_, group in drawn})
    labels = [groups.index(group) for *_, group in drawn]
    root = on_disk.cifar10(tmp_path / "root", monkeypatch, 120, (pictures, labels))
    scores = run("01", root, defines)["on_pictures"](0)
    usual = scores.pop("test pictures: as in training")
    assert usual > max(scores.values())


def test_02_fashion_mnist(tmp_path, monkeypatch):
    monkeypatch.setattr(fashion_mnist, "DEBIAN", on_disk.fashion_mnist(tmp_path / "debian", 600, 100))
    monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path / "cache"))
    lesson = run("02", tmp_path, defines)
    scores = lesson["experiment"](0)
    assert lesson["CLASSES"] == 10
    assert min(value for name, value in scores.items() if name.endswith("middle")) > 0.3


def test_04_imdb(tmp_path):
    scores = run("04", on_disk.imdb(tmp_path / "aclImdb", 800), defines)["on_reviews"](0)
    assert all(value > 0.5 for name, value in scores.items() if re.fullmatch(r"[\w ,]+: (reviews|test)", name)), scores


def test_05_imdb(tmp_path):
    lesson = run("05", on_disk.imdb(tmp_path / "aclImdb", 300), defines)
    del lesson["TASKS"]["direction"]  # which the line does not change
    scores = lesson["compare"](0, lesson["SIZES"][-1:])
    assert all(value > 0.5 for name, value in scores.items() if name.startswith("sentiment, ")), scores


def test_07_vqa(tmp_path):
    lesson = run("07", on_disk.vqa(tmp_path, 200, 80), defines)
    scores = lesson["on_questions"](0)
    assert lesson["KINDS"] == ["other", "yes/no"]
    assert not any(math.isnan(value) for value in scores.values())
    assert scores["as published, published yes/no"] > scores["as published, even yes/no"]


def test_08_vqa(tmp_path):
    lesson = run("08", on_disk.vqa(tmp_path, 30, 10), changes)
    assert lesson["history"][-1] < lesson["history"][0]
    assert len(lesson["seen"].classes) > 10


def test_09_food101(tmp_path):
    lesson = run("09", on_disk.food101(tmp_path), defines)
    train, test = lesson["groups"]("train"), lesson["groups"]("test")
    scores, _ = lesson["on_groups"](0, train, test)
    commonest = test[1].bincount().max().item() / len(test[1])
    assert len(train[2]) == 9
    assert all(value > commonest for name, value in scores.items() if name.endswith("accuracy")), scores


def test_10_flickr8k(tmp_path, monkeypatch):
    monkeypatch.setenv("MMCOURSE_HOME", str(tmp_path / "home"))
    lesson = run("10", on_disk.flickr8k(tmp_path), above("cousins ="))
    for way in lesson["WAYS"]:
        assert lesson["live"][f"contrastive, {way}, R@10"] > 3 * 10 / 260
        assert 0 < lesson["closed"][f"CCA, {way}, R@10"] < 1
    assert lesson["n"] == 260
