"""Results over seeds belong to the code that made them, and to nothing that it merely imports."""

import ast
import json
import shutil
import subprocess
import sys

import pytest

from mmcourse import fetch
from mmcourse.authoring import results

NAMES = results.with_experiment()
LESSONS = [name for name in NAMES if name not in results.modules()]


@pytest.mark.parametrize("name", NAMES)
def test_results_are_fresh(name):
    assert results.stale(name) == ""
    kept = fetch.results(name)
    assert len(kept["seeds"]) >= 5
    assert (name in LESSONS) == ("live" in kept)


@pytest.mark.long
@pytest.mark.parametrize("name", LESSONS)
def test_a_whole_seed_can_be_repeated(name):
    """To a tolerance: another processor adds in another order, and training amplifies it."""
    kept = fetch.results(name)["seeds"]
    again = results.run_seed(name, 2)
    assert again.keys() == kept["2"].keys()
    for key, value in again.items():
        assert value == pytest.approx(kept["2"][key], abs=results.TOLERANCE), key


def test_a_sets_baselines_can_be_repeated():
    """What is counted and not trained comes out the same. (What certify trains is held in test_certify.)"""
    from mmcourse.experiments.data_cards import baselines

    kept = fetch.results("data_cards")["seeds"]["2"]
    for what, value in baselines("emoji", 2).items():
        assert value == pytest.approx(kept[f"emoji: {what}"], abs=1e-6)


def test_a_part_of_the_fusion_comparison_can_be_repeated():
    from mmcourse.experiments.fusion_comparison import experiment

    kept = fetch.results("fusion_comparison")["seeds"]["2"]
    for key, value in experiment(2, ("product", "bilinear attention (BAN)"), ("xor", "binding")).items():
        assert value == pytest.approx(kept[key], abs=results.TOLERANCE), key


def test_a_part_of_the_search_among_unseen_concepts_can_be_repeated():
    from mmcourse.experiments.unseen_concepts import experiment

    kept = fetch.results("unseen_concepts")["seeds"]["2"]
    for key, value in experiment(2, ("72 pixels, names",)).items():
        assert value == pytest.approx(kept[key], abs=results.TOLERANCE), key


# --- stale, and not stale --------------------------------------------------------------------------------------------


class Change(ast.NodeTransformer):
    """One thing that another author may change in an experiment, where it first occurs."""

    def __init__(self, what):
        self.what, self.done = what, False

    def visit(self, node):
        if self.done:
            return node
        other = getattr(self, self.what)(node)
        if other is not None:
            self.done = True
            return ast.fix_missing_locations(ast.copy_location(other, node))
        return self.generic_visit(node)

    def learning_rate(self, node):
        if isinstance(node, ast.keyword) and node.arg == "lr":
            return ast.keyword("lr", ast.BinOp(node.value, ast.Mult(), ast.Constant(2)))
        return None

    def epochs(self, node):
        if isinstance(node, ast.keyword) and node.arg in ("epochs", "steps", "n"):
            return ast.keyword(node.arg, ast.BinOp(node.value, ast.Add(), ast.Constant(1)))
        return None

    def number(self, node):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            return ast.Constant(node.value + 1)
        return None

    def loss(self, node):
        return self._named(node, {"cross_entropy": "mse_loss", "contrastive_loss": "mse_loss"})

    def activation(self, node):
        return self._named(node, {"ReLU": "GELU", "relu": "tanh", "tanh": "relu"})

    def average(self, node):
        return self._named(node, {"mean": "sum"})

    def _named(self, node, others):
        if isinstance(node, ast.Attribute) and node.attr in others:
            return ast.Attribute(node.value, others[node.attr], node.ctx)
        if isinstance(node, ast.Name) and node.id in others:
            return ast.Name(others[node.id], node.ctx)
        return None


CHANGES = ("learning_rate", "epochs", "number", "loss", "activation", "average")


def changed(code):
    """The code with each of the changes that it has a place for: (what, code)."""
    for what in CHANGES:
        change = Change(what)
        tree = change.visit(ast.parse(code))
        if change.done:
            yield what, ast.unparse(tree)


@pytest.mark.parametrize("name", NAMES)
def test_another_learning_rate_loss_activation_or_average_makes_it_stale(name, monkeypatch):
    code, seen = results.code_of(name), []
    for what, other in changed(code):
        monkeypatch.setattr(results, "code_of", lambda asked, other=other: other if asked == name else code)
        assert "made by other code" in results.stale(name), what
        seen.append(what)
    assert seen, "nothing in it could be changed"


def test_every_kind_of_change_was_tried_in_lessons_and_in_experiments():
    for names in (LESSONS, results.modules()):
        tried = {what for name in names for what, _ in changed(results.code_of(name))}
        assert tried >= {"learning_rate", "epochs", "number", "loss", "average"}
    assert any(what == "activation" for name in LESSONS for what, _ in changed(results.code_of(name)))


@pytest.mark.parametrize("name", ["06", "binding"])
def test_comments_docstrings_and_layout_do_not_make_it_stale(name, monkeypatch):
    tree = ast.parse(results.code_of(name))
    said = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(n)]
    assert said
    for node in said:
        node.body[0].value.value = "Other words."
    other = "# without comments, and laid out as it comes\n" + ast.unparse(tree)
    monkeypatch.setattr(results, "code_of", lambda asked: other)
    assert results.stale(name) == ""


def test_a_rename_in_a_module_that_is_imported_makes_nothing_stale(tmp_path):
    root = fetch.checkout()
    shutil.copytree(root / "mmcourse", tmp_path / "mmcourse", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(root / "source", tmp_path / "source")
    shutil.copy(root / "pyproject.toml", tmp_path)
    training = tmp_path / "mmcourse/training.py"
    text = training.read_text("utf8")
    assert text.count("optimiser")
    training.write_text(text.replace("optimiser", "optimizer_of_this_run"), "utf8")
    program = (
        "from mmcourse.authoring import results as r; print([r.stale(n) for n in r.with_experiment() if r.stale(n)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr


def test_a_module_in_experiments_that_is_imported_makes_it_stale(monkeypatch):
    codes = {"binding": "x = 1\n", "98": "from mmcourse.experiments.binding import x\n"}
    monkeypatch.setattr(results, "code_of", lambda name: codes[name])
    before = results.fingerprint("98")
    codes["binding"] = "y = 1\n"
    assert results.fingerprint("98") != before


# --- the live seed ---------------------------------------------------------------------------------------------------


def test_a_live_seed_that_leaves_the_kept_one_is_told():
    kept = fetch.results("00")["live"][str(results.LIVE)]
    assert results.deviations("00", kept) == []
    off = kept | {"both": kept["both"] - 2 * results.TOLERANCE}
    (line,) = results.deviations("00", off)
    assert line.startswith("both: ")
    assert results.deviations("00", {"both": float("nan")}) != []
    for nothing in ({}, {"another model": 0.5}):
        with pytest.raises(fetch.CourseError, match="no live seed is kept"):
            results.deviations("00", nothing)


# --- make ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    (tmp_path / "source/lessons").mkdir(parents=True)
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(results, "checkout", lambda: tmp_path)
    monkeypatch.setattr(results, "PACKAGE", tmp_path)
    front = "---\ntitle: X\ntitle_zh: 某\nsummary: x\nstage: overview\nminutes: 5\n"
    front += "objectives: [See a, See b, See c]\nstands_on: []\n---\n\n"

    def write(body):
        (tmp_path / "source/lessons/98_x.md").write_text(f'{front}```python tags=["experiment"]\n{body}\n```\n', "utf8")
        return tmp_path / "results/98.json"

    return write


def test_seeds_are_kept_as_they_come_and_an_interrupted_run_goes_on(sandbox):
    path = sandbox("def experiment(seed):\n    return {'a': seed / (3 - seed)}")
    with pytest.raises(fetch.CourseError, match=r"failed with seed 3[\s\S]*ZeroDivisionError"):
        results.make(["98"], seeds=5)
    assert list(json.loads(path.read_text())["seeds"]) == ["0", "1", "2"]
    assert results.stale("98") == ""
    sandbox("def experiment(seed):\n    return {'a': float(seed) + 1}")
    assert "made by other code" in results.stale("98")
    results.make(["98"], seeds=2)
    kept = json.loads(path.read_text())
    assert kept["seeds"] == {"0": {"a": 1.0}, "1": {"a": 2.0}}
    assert kept["live"] == {"5": {"a": 6.0}}


def test_code_that_only_reads_differently_is_adopted_by_one_seed(sandbox, monkeypatch):
    path = sandbox("def experiment(seed):\n    return {'a': float(seed)}")
    results.make(["98"], seeds=3)
    before = json.loads(path.read_text())
    sandbox("def experiment(number):\n    return {'a': float(number)}")
    assert "made by other code" in results.stale("98")
    ran = []
    once = results.run_seed
    monkeypatch.setattr(results, "run_seed", lambda name, seed: ran.append(seed) or once(name, seed))
    results.make(["98"], seeds=3)
    assert ran == [0]
    assert results.stale("98") == ""
    after = json.loads(path.read_text())
    assert (after["seeds"], after["live"]) == (before["seeds"], before["live"])


def test_numbers_that_this_machine_cannot_compute_are_not_lost(sandbox):
    path = sandbox("def experiment(seed):\n    return {'a': 1.0, 'tux: words': 2.0}")
    results.make(["98"], seeds=1)
    before = path.read_text()
    sandbox("def experiment(seed):\n    return {'a': 1.0}")
    with pytest.raises(fetch.CourseError, match="has no tux: words, which is kept"):
        results.make(["98"], seeds=1)
    assert path.read_text() == before


def test_bad_input_is_named(sandbox):
    sandbox("x = 1")
    with pytest.raises(fetch.CourseError, match=r"defines no experiment\(seed\)"):
        results.code_of("98")
    with pytest.raises(fetch.CourseError, match="no lesson '97'"):
        results.code_of("97")
