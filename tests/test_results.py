"""Results over seeds belong to the code that made them."""

import json

import pytest

from mmcourse import fetch
from mmcourse.authoring import results

LESSONS = results.with_experiment()


@pytest.mark.parametrize("lesson", LESSONS)
def test_results_are_fresh(lesson):
    assert results.stale(lesson) == ""
    assert len(fetch.results(lesson)["seeds"]) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("lesson", [lesson for lesson in LESSONS if lesson not in results.OTHERS])
def test_a_sample_can_be_repeated(lesson):
    """To a tolerance: another processor adds in another order, and training amplifies it."""
    kept = fetch.results(lesson)["seeds"]
    again = results.run_seed(lesson, 2)["scores"]
    assert again.keys() == kept["2"].keys()
    for name, value in again.items():
        assert value == pytest.approx(kept["2"][name], abs=0.06), name


def test_a_sets_baselines_can_be_repeated():
    """What is counted and not trained comes out the same. (What certify trains is held in test_certify.)"""
    from mmcourse.data.baselines import baselines

    kept = fetch.results("data")["seeds"]["2"]
    for what, value in baselines("emoji", 2).items():
        assert value == pytest.approx(kept[f"emoji: {what}"], abs=1e-6)


def test_a_part_of_the_ladder_can_be_repeated():
    from mmcourse.diagnose.ladder import experiment

    kept = fetch.results("ladder")["seeds"]["2"]
    for name, value in experiment(2, ("product", "bilinear attention (BAN)"), ("xor", "binding")).items():
        assert value == pytest.approx(kept[name], abs=0.06), name


def test_a_part_of_the_search_among_unseen_concepts_can_be_repeated():
    from mmcourse.diagnose.unseen import experiment

    kept = fetch.results("unseen")["seeds"]["2"]
    for name, value in experiment(2, ("72 pixels, names",)).items():
        assert value == pytest.approx(kept[name], abs=0.06), name


def test_only_what_can_change_a_number_makes_them_stale():
    code = "def experiment(seed):\n    '''Doc.'''\n    return {'a': 1}  # note\n"
    assert results._hash(code, []) == results._hash("def experiment(seed):\n    'Other.'\n\n    return {'a': 1}\n", [])
    assert results._hash(code, []) != results._hash(code.replace("1", "2"), [])
    assert results._hash(code, ["mmcourse.text"]) != results._hash(code, ["mmcourse.vision"])


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    (tmp_path / "source/lessons").mkdir(parents=True)
    (tmp_path / "results").mkdir()
    monkeypatch.setattr(results, "checkout", lambda: tmp_path)
    monkeypatch.setattr(results, "PACKAGE", tmp_path)
    front = "---\ntitle: X\ntitle_zh: 某\nstage: overview\nminutes: 5\n"
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
    sandbox("def experiment(seed):\n    return {'a': float(seed)}")
    assert "made by other code" in results.stale("98")
    results.make(["98"], seeds=2)
    assert json.loads(path.read_text())["seeds"] == {"0": {"a": 0.0}, "1": {"a": 1.0}}


def test_bad_input_is_named(sandbox):
    sandbox("x = 1")
    with pytest.raises(fetch.CourseError, match=r"defines no experiment\(seed\)"):
        results.code_of("98")
    with pytest.raises(fetch.CourseError, match="no lesson '97'"):
        results.code_of("97")
