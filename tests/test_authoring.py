"""The builder: sources to notebooks and back, and every refusal."""

import ast
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

from mmcourse import __version__
from mmcourse.authoring import SourceError, bring_home, build, check, experiment_code


@dataclass(frozen=True)
class Entry:
    """As much of a bank's exercise as the builder reads."""

    id: str
    title: str
    answer: str
    verb: str = "build"
    max_points: float = 5


ENTRIES = [
    Entry("00.1", "Predict a shape", "shape", "predict", 1),
    Entry("00.2", "Move a batch", "to_device"),
    Entry("00.3", "A first head", "Head", max_points=2.5),
    Entry("00.4", "A first fusion", "fuse", "find the fault"),
]
SET = "source/exercises/00_start.md"
LESSON = "source/lessons/00_start.md"

LESSON_TEXT = """\
---
title: Start here
title_zh: 从这里开始
summary: "shapes: the first of them"
stage: overview
minutes: 30
objectives:
  - read a shape
  - move a batch
  - run the pipeline
stands_on: []
---

A picture and a sentence.

```python
seed = 0
```

# Shapes and axes

Prose on **attention** (注意力), and what is only shown:

```text
B, T, d
```

```python tags=["experiment"]
x = [seed]
```

```python
print(x)
```

## 形状

Only Chinese above.

```python tags=["experiment"]
y = x * 2
```
"""

SET_TEXT = """\
---
title: Start here
title_zh: 从这里开始
stage: overview
---

Warm up first.

```python
import torch
```

<!-- #region exercise="00.1" difficulty=1 minutes=5 objective="predict a shape" -->
What is the shape of `torch.zeros(2, 3).T`?

- Rows first.
<!-- #endregion -->

```python exercise="00.1"
### BEGIN SOLUTION
rows, columns = 3, 2
shape = (rows, columns)
### END SOLUTION
```

<!-- #region exercise="00.1" tags=["solution"] -->
Because `.T` swaps the two axes.
<!-- #endregion -->

```python tags=["solution"]
assert tuple(torch.zeros(2, 3).T.shape) == shape
```

<!-- #region exercise="00.2" difficulty=2 minutes=10 objective="move a \\"nested\\" batch to a device" -->
Move it.
<!-- #endregion -->

```python exercise="00.2"
def leaf(item, device):
    ### BEGIN SOLUTION
    return item.to(device)
    ### END SOLUTION
```

Then the nest.

```python exercise="00.2"
def to_device(batch, device):
    \"\"\"Move every tensor.\"\"\"
    if isinstance(batch, dict):
        ### BEGIN SOLUTION
        return {key: to_device(value, device) for key, value in batch.items()}
        ### END SOLUTION
    return leaf(batch, device)
```

<!-- #region exercise="00.3" difficulty=3 minutes=10 objective="write a forward" -->
A linear head.
<!-- #endregion -->

```python exercise="00.3"
class Head(torch.nn.Module):
    def __init__(self, d):
        super().__init__()
        self.linear = torch.nn.Linear(d, 1)

    def forward(self, h):
        ### BEGIN SOLUTION
        out = self.linear(h)
        return out
        ### END SOLUTION
```

<!-- #region exercise="00.4" difficulty=5 minutes=15 objective="find a broadcasting fault" -->
It runs, and it is wrong.
<!-- #endregion -->

```python exercise="00.4"
def fuse(f, g):
    ### BEGIN SOLUTION
    return f + g
    ### END SOLUTION
    ### BEGIN STARTER
    # if f.ndim:
    #     f = f[:, None]
    #
    # return f + g
    ### END STARTER
```
"""


def fake_bank(lesson: str) -> dict[str, Entry]:
    return {entry.id: entry for entry in ENTRIES if entry.id.startswith(lesson)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A small checkout: one lesson with its problem set."""
    (tmp_path / "source/lessons").mkdir(parents=True)
    (tmp_path / "source/exercises").mkdir()
    (tmp_path / "mmcourse").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/someone/course"\n')
    (tmp_path / "mmcourse/glossary.csv").write_text("english,chinese\nattention,注意力\n", encoding="utf-8")
    (tmp_path / LESSON).write_text(LESSON_TEXT, encoding="utf-8")
    (tmp_path / SET).write_text(SET_TEXT, encoding="utf-8")
    return tmp_path


def edit(root: Path, name: str, old: str, new: str) -> None:
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def built(root: Path, folder: str, stem: str = "00_start"):
    build(root, bank=fake_bank)
    return nbformat.read(root / folder / f"{stem}.ipynb", as_version=nbformat.NO_CONVERT)


def by_id(notebook) -> dict:
    return {cell.id: cell for cell in notebook.cells}


def save(root: Path, folder: str, notebook) -> Path:
    path = root / folder / "00_start.ipynb"
    nbformat.write(notebook, path)
    return path


# -- the notebooks -----------------------------------------------------------------------------------------------------


def test_build_writes_three_valid_notebooks_once(root):
    written = build(root, bank=fake_bank)
    names = [path.relative_to(root).as_posix() for path in written]
    assert names == ["notebooks/00_start.ipynb", "exercises/00_start.ipynb", "solutions/00_start.ipynb"]
    for path in written:
        text = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(text, as_version=nbformat.NO_CONVERT)
        nbformat.validate(notebook)
        assert text == nbformat.writes(notebook).rstrip("\n") + "\n"
        assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
        assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", cell.id) for cell in notebook.cells)
        assert len(by_id(notebook)) == len(notebook.cells)
        assert all(c.outputs == [] and c.execution_count is None for c in notebook.cells if c.cell_type == "code")
    assert build(root, bank=fake_bank) == []
    assert check(root, bank=fake_bank) == []
    assert not [path for path in root.rglob(".*") if path.is_file()], "no temporary file is left"


def test_build_writes_only_what_changed_and_only_what_is_asked(root):
    shutil.copy(root / LESSON, root / "source/lessons/01_next.md")
    assert len(build(root, only="00", bank=fake_bank)) == 3
    assert [path.name for path in build(root, only="01_next", bank=fake_bank)] == ["01_next.ipynb"]
    edit(root, LESSON, "Only Chinese above.", "Only Chinese above this.")
    assert [path.parent.name for path in build(root, bank=fake_bank)] == ["notebooks"]
    with pytest.raises(SourceError, match="no lesson and no problem set is called '07'"):
        build(root, only="07", bank=fake_bank)


def test_notebook_metadata_say_what_built_it(root):
    for folder, edition, source in [
        ("notebooks", "lesson", LESSON),
        ("exercises", "problem set", SET),
        ("solutions", "solution", SET),
    ]:
        metadata = built(root, folder).metadata
        about = {"edition": edition, "source": source, "built_by": "mmcourse build", "version": __version__}
        assert metadata.mmcourse == about
        assert (metadata.kernelspec.name, metadata.kernelspec.display_name) == ("python3", "Python 3 (ipykernel)")
        assert metadata.language_info.name == "python"


def test_header_navigation_and_setup_are_stamped(root):
    (root / "source/lessons/01_next.md").write_text(
        LESSON_TEXT.replace("Start here", "Next").replace("stands_on: []", "stands_on: [00_start]"), encoding="utf-8"
    )
    lesson, problems = built(root, "notebooks"), built(root, "exercises")
    for notebook in (lesson, problems):
        assert [cell.metadata.get("mmcourse", {}).get("stamped") for cell in notebook.cells[:2]] == ["header", "setup"]
        assert notebook.cells[-1].metadata.mmcourse.stamped == "navigation"
        assert [notebook.cells[i].id for i in (0, 1, -1)] == ["header", "setup", "navigation"]
    head = lesson.cells[0].source
    assert head.startswith("# 00 · Start here 从这里开始\n")
    assert "colab.research.google.com/github/someone/course/blob/main/notebooks/00_start.ipynb" in head
    assert "- read a shape\n- move a batch\n- run the pipeline" in head
    assert "About 30 minutes" in head
    assert "Stands on: [00 · Start here](00_start.ipynb)." in built(root, "notebooks", "01_next").cells[0].source
    head = problems.cells[0].source
    assert "[00 · Start here](../notebooks/00_start.ipynb)" in head
    assert "4 exercises, 13.5 points, about 40 minutes" in head
    assert "blob/main/exercises/00_start.ipynb" in head
    foot = lesson.cells[-1].source
    assert "Next lesson: [01 · Next](01_next.ipynb)" in foot
    assert "[Problem set 00](../exercises/00_start.ipynb)" in foot
    assert "Previous" not in foot
    foot = built(root, "notebooks", "01_next").cells[-1].source
    assert "Previous lesson: [00 · Start here](00_start.ipynb)" in foot
    assert "Problem set" not in foot
    foot = problems.cells[-1].source
    assert "Lesson: [00 · Start here](../notebooks/00_start.ipynb)" in foot
    assert "Next lesson: [01 · Next](../notebooks/01_next.ipynb)" in foot
    assert "solutions/" not in json.dumps(problems)


def test_pipeline_lights_the_stage_without_colour(root):
    line = built(root, "notebooks").cells[0].source.split("\n\n")[2]
    assert line.startswith("This lesson goes the whole way: picture and sentence → preprocess")
    edit(root, LESSON, "stage: overview", "stage: fusion")
    line = built(root, "notebooks").cells[0].source.split("\n\n")[2]
    assert line == (
        "picture and sentence → preprocess → image encoder and text encoder → **fusion (this lesson)** → task"
    )


def test_setup_cell_is_ipython_and_installs_only_where_missing(root, monkeypatch):
    for folder, names in [("notebooks", "predict, reveal"), ("exercises", "check, hint, solution")]:
        code = by_id(built(root, folder))["setup"].source
        assert code.endswith(f"from mmcourse import {names}")
        assert code.count("git+https://github.com/someone/course") == 1
        python = TransformerManager().transform_cell(code)
        calls = []

        class Shell:
            def run_line_magic(self, *words, calls=calls):
                calls.append(words)

        installs = python[: python.index("from mmcourse import")]
        exec(compile(installs, "setup", "exec"), {"get_ipython": Shell})
        assert calls == []
        monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
        with pytest.raises(ModuleNotFoundError, match="Check the internet connection"):
            exec(compile(installs, "setup", "exec"), {"get_ipython": Shell})
        assert calls == [("pip", 'install -q "{course}"')]
        monkeypatch.undo()


# -- exercises ---------------------------------------------------------------------------------------------------------


def test_stubs_in_function_method_top_level_and_starter(root):
    cells = by_id(built(root, "exercises"))
    assert cells["answer-00-1"].source == "rows = None\ncolumns = None\nshape = None"
    assert cells["answer-00-2"].source == "def leaf(item, device):\n    raise NotImplementedError"
    assert cells["answer-00-2-2"].source == (
        'def to_device(batch, device):\n    """Move every tensor."""\n    if isinstance(batch, dict):\n'
        "        raise NotImplementedError\n    return leaf(batch, device)"
    )
    assert cells["answer-00-3"].source.endswith("    def forward(self, h):\n        raise NotImplementedError")
    assert cells["answer-00-4"].source == (
        "def fuse(f, g):\n    if f.ndim:\n        f = f[:, None]\n\n    return f + g"
    )


@pytest.mark.parametrize(
    ("answer", "stub"),
    [
        ("shape = [n for n in range(3)]\nother += 1", "shape = None"),
        ("shape: tuple = (3, 2)", "shape = None"),
        ("shape = 1\nshape = 2\nfor _, i in []:\n    found = i", "shape = None\ni = None\nfound = None"),
        ("import math\ndef shape():\n    inner = 1", "shape = None"),
        ("with open('x') as file:\n    shape = file", "file = None\nshape = None"),
    ],
)
def test_top_level_stub_names_what_the_region_assigns(root, answer, stub):
    edit(root, SET, "rows, columns = 3, 2\nshape = (rows, columns)", answer)
    assert by_id(built(root, "exercises"))["answer-00-1"].source == stub


def test_a_region_in_a_class_body_gives_names_and_one_without_names_gives_pass(root):
    edit(root, SET, "        ### BEGIN SOLUTION\n        out = self.linear(h)\n", "        out = self.linear(h)\n")
    edit(root, SET, "        self.linear =", "        ### BEGIN SOLUTION\n        self.linear =")
    edit(
        root,
        SET,
        "(d, 1)\n\n    def forward(self, h):",
        "(d, 1)\n        ### END SOLUTION\n\n    def forward(self, h):",
    )
    edit(root, SET, "        return out\n        ### END SOLUTION", "        return out\n\n    ### BEGIN SOLUTION\n"
         "    scale = 2\n    ### END SOLUTION\n\n\n### BEGIN SOLUTION\nprint(1)\n### END SOLUTION")  # fmt: skip
    stub = by_id(built(root, "exercises"))["answer-00-3"].source
    assert "super().__init__()\n        raise NotImplementedError\n\n    def forward" in stub
    assert stub.endswith("    scale = None\n\n\npass")


def test_every_code_cell_of_the_problem_set_is_python_and_no_answer_is_left(root):
    notebook = built(root, "exercises")
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.id != "setup":
            ast.parse(cell.source)
    text = json.dumps(notebook)
    assert "### BEGIN" not in text
    assert "### END" not in text
    for secret in ("rows, columns", "item.to(device)", "self.linear(h)", ".T.shape) ==", "swaps the two axes"):
        assert secret not in text
        assert secret in json.dumps(built(root, "solutions"))


def test_solution_edition_keeps_every_marker_and_comment(root):
    cells = by_id(built(root, "solutions"))
    assert cells["answer-00-4"].source in SET_TEXT
    assert "    ### BEGIN STARTER\n    # if f.ndim:\n    #     f = f[:, None]\n    #\n" in cells["answer-00-4"].source
    assert cells["answer-00-1"].source in SET_TEXT


def test_statement_is_headed_by_the_bank_and_its_region(root):
    cells = by_id(built(root, "exercises"))
    assert cells["statement-00-2"].source == (
        "## 00.2 Move a batch\n\n*build · difficulty 2 of 5 · about 10 minutes · 5 points*\n\n"
        'You will be able to move a "nested" batch to a device. Stuck? Run `hint("00.2")`.\n\nMove it.'
    )
    assert "*predict · difficulty 1 of 5 · about 5 minutes · 1 point*" in cells["statement-00-1"].source
    assert "*build · difficulty 3 of 5 · about 10 minutes · 2.5 points*" in cells["statement-00-3"].source
    assert "*find the fault · difficulty 5 of 5" in cells["statement-00-4"].source
    about = {"exercise": "00.2", "difficulty": 2, "minutes": 10, "objective": 'move a "nested" batch to a device'}
    assert cells["statement-00-2"].metadata.mmcourse == about


def test_check_cell_stands_after_the_last_answer_and_before_the_solution_only_cells(root):
    problems = [cell.id for cell in built(root, "exercises").cells]
    solutions = [cell.id for cell in built(root, "solutions").cells]
    at = solutions.index("answer-00-1")
    assert solutions[at : at + 4] == ["answer-00-1", "check-00-1", "exercise-00-1-1", "exercise-00-1-2"]
    assert problems == [name for name in solutions if name not in ("exercise-00-1-1", "exercise-00-1-2")]
    at = problems.index("statement-00-2")
    assert problems[at : at + 5] == [
        "statement-00-2", "answer-00-2", "exercise-00-2-1", "answer-00-2-2", "check-00-2"
    ]  # fmt: skip


def test_check_and_answer_metadata_are_those_of_nbgrader(root):
    for folder in ("exercises", "solutions"):
        cells = by_id(built(root, folder))
        assert cells["check-00-2"].source == 'check("00.2", to_device)'
        assert cells["check-00-2"].metadata == {
            "mmcourse": {"exercise": "00.2"},
            "nbgrader": {"grade": True, "locked": True, "solution": False, "task": False, "schema_version": 3,
                         "grade_id": "check-00-2", "points": 5, "cell_type": "code"},
            "editable": False,
            "deletable": False,
        }  # fmt: skip
        assert cells["answer-00-2-2"].metadata == {
            "mmcourse": {"exercise": "00.2"},
            "nbgrader": {"grade": False, "locked": False, "solution": True, "task": False, "schema_version": 3,
                         "grade_id": "answer-00-2-2", "cell_type": "code"},
        }  # fmt: skip


# -- ids ---------------------------------------------------------------------------------------------------------------


def test_ids_come_from_the_nearest_heading_and_are_stable(root):
    before = [cell.id for cell in built(root, "notebooks").cells]
    assert before[2:7] == ["start-1", "start-2", "shapes-and-axes-1", "shapes-and-axes-2", "shapes-and-axes-3"]
    assert before[7] == before[8].replace("-2", "-1")
    assert re.fullmatch(r"section-[0-9a-f]{8}-1", before[7])
    edit(root, LESSON, "```python\nseed = 0\n```", "```python\nseed = 0\n```\n\n```python\nmore = 1\n```")
    after = [cell.id for cell in built(root, "notebooks").cells]
    assert after == [*before[:4], "start-3", *before[4:]]


def test_ids_stay_unique_where_headings_repeat_or_are_long(root):
    more = "\n# Shapes and axes\n\n```python\na = 1\n```\n\n# Shapes and axes 2\n\n```python\nb = 1\n```\n"
    more += f"\n# {'very ' * 40}long\n\n```python\n# no heading\nc = 1\n```\n\n# Navigation\n\n# Header\n"
    more += "\n```text\n# shown\n```\n\n```python\nd = 1\n```\n"
    (root / LESSON).write_text(LESSON_TEXT + more, encoding="utf-8")
    ids = [cell.id for cell in built(root, "notebooks").cells]
    assert len(set(ids)) == len(ids)
    assert max(map(len, ids)) <= 64
    assert "shapes-and-axes-again-2" in ids
    assert "shapes-and-axes-2-2" in ids
    assert ids[-2] == "header-1"


# -- refusals ----------------------------------------------------------------------------------------------------------

REFUSED_SETS = {
    "unknown exercise": ('<!-- #region exercise="00.4"', '<!-- #region exercise="00.9"', "bank has no exercise 00.9"),
    "unknown exercise of a solution": ('exercise="00.1" tags', 'exercise="00.8" tags', "bank has no exercise 00.8"),
    "no statement": ('<!-- #region exercise="00.4" difficulty=5 minutes=15 objective="find a broadcasting fault" -->\n'
                     "It runs, and it is wrong.\n<!-- #endregion -->", "Prose.", "below the statement of 00.4"),
    "no answer": ('```python exercise="00.4"', "```text", "00.4 has no answer cell"),
    "two statements": ('<!-- #region exercise="00.4"', '<!-- #region exercise="00.3"', "00.3 has a second statement"),
    "answer of another": ('```python exercise="00.4"', '```python exercise="00.3"', "below the statement of 00.3"),
    "no END": ("    return item.to(device)\n    ### END SOLUTION\n", "    return item\n", "has no ### END SOLUTION"),
    "no BEGIN": ("    ### BEGIN SOLUTION\n    return item", "    return item", "no ### BEGIN SOLUTION before"),
    "END of another": ("    ### END SOLUTION\n    ### BEGIN STARTER\n", "", "### END STARTER has no ### BEGIN STARTER"),
    "BEGIN twice": ("    ### END SOLUTION\n    ### BEGIN STARTER\n", "    ### BEGIN SOLUTION\n", "before the next BEG"),
    "misspelt marker": ("### BEGIN SOLUTION\nrows", "## BEGIN SOLUTON\nrows", "is no marker"),
    "small marker": ("### BEGIN SOLUTION\nrows", "### begin solution\nrows", "is no marker"),
    "no markers": ("    ### BEGIN SOLUTION\n    return item.to(device)\n    ### END SOLUTION\n",
                   "    return item.to(device)\n", "an answer cell needs"),
    "empty region": ("    return item.to(device)\n", "", "not Python"),
    "region without a statement": ("    return item.to(device)\n    ### END SOLUTION\n",
                                   "    ### END SOLUTION\n    return item\n", "whole statements"),
    "half a statement": ("shape = (rows, columns)\n### END SOLUTION", "shape = (rows,\n### END SOLUTION\ncolumns)",
                         "whole statements"),
    "markers too far left": ("    ### BEGIN SOLUTION\n    return item", "### BEGIN SOLUTION\n    return item",
                             "no stub"),
    "not Python": ("shape = (rows, columns)", "shape = (rows, columns", "not Python"),
    "magic": ("import torch\n", "%matplotlib inline\n", "magics"),
    "magic in a solution": ("assert tuple", "!ls\nassert tuple", "magics"),
    "starter that runs": ("    #     f = f[:, None]", "    f = f[:, None]", "written as comments"),
    "starter that is no stub": ("    # if f.ndim:", "    # if f.ndim", "no stub"),
    "starter before": ("### BEGIN SOLUTION\nrows", "### BEGIN STARTER\n# 1\n### END STARTER\n### BEGIN SOLUTION\nrows",
                       "right below the SOLUTION"),
    "markers in plain code": ("import torch\n", "### BEGIN SOLUTION\nimport torch\n### END SOLUTION\n",
                              "answer cells alone"),
    "markers in solution-only code": ("assert tuple", "### BEGIN SOLUTION\nassert tuple", "answer cells alone"),
    "answer's name": ("def to_device", "def to_devices", "checks 'to_device' in 00.2"),
    "answer's name inside": ("class Head(torch.nn.Module):", "class Heads(torch.nn.Module):\n    Head = 1\n",
                             "checks 'Head' in 00.3"),
    "difficulty 0": ("difficulty=1", "difficulty=0", "difficulty is a number from 1 to 5, not 0"),
    "difficulty 6": ("difficulty=1", "difficulty=6", "difficulty is a number from 1 to 5, not 6"),
    "no difficulty": ("difficulty=1 ", "", "difficulty is a number from 1 to 5, not None"),
    "no minutes": ("minutes=5 ", "", "say how long"),
    "no objective": (' objective="predict a shape"', "", "say what it is for"),
    "exercise without quotes": ('exercise="00.3" difficulty', "exercise=00.3 difficulty", "needs quotes"),
    "mistyped option": ('```python exercise="00.3"', '```python excercise="00.3"', "excercise is not one of"),
    "tags that are a text": ('```python tags=["solution"]', '```python tags="solution"', "Tags must be a list"),
    "title on a region": ("#region exercise", "#region Warm exercise", "is not one of"),
    "options that cannot be read": ("difficulty=1 minutes", "difficulty= minutes", "is not one of"),
    "other language": ("```python\nimport torch", "```bash\npip list", "```bash fence would become a cell"),
    "python3": ("```python\nimport torch", "```python3\nimport torch", "```python3 fence would become a cell"),
    "open fence": ("import torch\n```\n", "import torch\n", "not Python|never closed"),
    "open region": ("- Rows first.\n<!-- #endregion -->", "- Rows first.", "no partner|never closed"),
    "stray end": ("Warm up first.", "Warm up first.\n<!-- #endregion -->", "no partner"),
    "raw": ("Warm up first.", "<!-- #raw -->\nWarm\n<!-- #endraw -->", "raw cell"),
    "glossary lacks it": ("Warm up first.", "A **new term** (新词).", r"not in mmcourse/glossary.csv. Add the row"),
    "glossary differs": ("Move it.", "Move it.\n\nBy **Attention** (關注).", "is 注意力 in mmcourse/glossary.csv"),
    "missing key": ("stage: overview\n", "", "lacks stage"),
    "unknown key": ("stage: overview\n", "stage: overview\nstands_on: []\n", "has stands_on"),
    "no stage": ("stage: overview", "stage: 3", "stage must be a text"),
    "title that is a number": ("title: Start here", "title: 7", "title must be a text"),
    "front matter that is no YAML": ("title: Start here", "title: Start: here", ":2: the front matter is not YAML"),
    "no front matter": ("---\ntitle", "title", "front matter is missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED_SETS)
def test_problem_set_is_refused(root, name):
    old, new, message = REFUSED_SETS[name]
    edit(root, SET, old, new)
    with pytest.raises(SourceError, match=message) as refusal:
        build(root, bank=fake_bank)
    assert str(refusal.value).startswith(f"{SET}:"), "the error says where"
    assert not (root / "exercises").exists(), "nothing is written"
    assert any(re.search(message, line) for line in check(root, bank=fake_bank))


REFUSED_LESSONS = {
    "exercise": ("```python\nseed", '```python exercise="00.1"\nseed', "belong in source/exercises"),
    "solution tag": ("```python\nseed", '```python tags=["solution"]\nseed', "belong in source/exercises"),
    "markers": ("seed = 0", "### BEGIN SOLUTION\nseed = 0\n### END SOLUTION", "belong in source/exercises"),
    "not Python": ("seed = 0", "seed =", "not Python"),
    "magic": ("seed = 0", "%timeit 0", "magics"),
    "open fence": ("y = x * 2\n```\n", "y = x * 2\n", "never closed"),
    "open region": ("Only Chinese above.", "<!-- #region tags=['a'] -->\nOnly Chinese above.", "never closed"),
    "two objectives": ("  - read a shape\n", "", "3 to 5 objectives, this one has 2"),
    "objective without a verb": ("- read a shape", "- You will read a shape", "begin with the verb"),
    "objectives that are no list": ("stands_on: []", "stands_on: 00_start", "stands_on must be a list"),
    "stands on nothing": ("stands_on: []", "stands_on: [99_gone]", "source/lessons/99_gone.md is not there"),
    "glossary in full-width brackets": ("**attention** (注意力)", "**attention**（注意）", "is 注意力 in"),
}


@pytest.mark.parametrize("name", REFUSED_LESSONS)
def test_lesson_is_refused(root, name):
    old, new, message = REFUSED_LESSONS[name]
    edit(root, LESSON, old, new)
    with pytest.raises(SourceError, match=message) as refusal:
        build(root, bank=fake_bank)
    assert str(refusal.value).startswith(f"{LESSON}:")


@pytest.mark.parametrize(
    ("name", "old", "new", "marked"),
    [
        (SET, "shape = (rows, columns)", "shape = (rows, columns", "shape = (rows, columns"),
        (SET, "Move it.", "Move it.\n\n**Gone** (没有).", "**Gone**"),
        (SET, "    #     f = f[:, None]", "    f = f[:, None]", "    f = f[:, None]"),
        (SET, '["solution"]', '"solution"', '"solution"'),
        (SET, "stage: overview", "stage: over: view", "stage: over: view"),
        (SET, "    return item.to(device)\n    ### END SOLUTION", "    return item", "def leaf(item, device):"),
        (LESSON, "```python\nprint(x)", "```javascript\nprint(x)", "```javascript"),
        (LESSON, "A picture", "\n\n\n**Gone** (没有).", "**Gone**"),
        (LESSON, "```text\n", "```text\n```\n\n<!-- #region exercise='00.1' -->", "<!-- #region"),
    ],
)
def test_refusals_name_the_line(root, name, old, new, marked):
    edit(root, name, old, new)
    lines = (root / name).read_text(encoding="utf-8").split("\n")
    (line,) = [number for number, text in enumerate(lines, 1) if marked in text][:1]
    line += marked.startswith("def leaf")  # the marker that is never closed stands one line below
    with pytest.raises(SourceError, match=rf"^{name}:{line}: "):
        build(root, bank=fake_bank)


def test_an_exercise_of_the_bank_that_the_source_lacks_is_refused(root):
    def bank(lesson):
        return fake_bank(lesson) | {"00.5": Entry("00.5", "More", "more")}

    with pytest.raises(SourceError, match="00.5 is in the bank, but has no statement here"):
        build(root, bank=bank)


def test_two_exercises_with_one_answer_name_are_refused(root):
    def bank(lesson):
        return fake_bank(lesson) | {"00.4": Entry("00.4", "A first fusion", "to_device")}

    with pytest.raises(SourceError, match="00.2 and 00.4 both ask for 'to_device'"):
        build(root, bank=bank)


def test_every_source_that_is_refused_is_named_at_once(root):
    edit(root, LESSON, "seed = 0", "seed =")
    edit(root, SET, "difficulty=1", "difficulty=9")
    with pytest.raises(SourceError) as refusal:
        build(root, bank=fake_bank)
    assert [line.split(":")[0] for line in str(refusal.value).split("\n")] == [LESSON, SET]


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("pyproject.toml", "[project]\n", "repository's address is not there"),
        ("pyproject.toml", '[project.urls]\nRepository = "https://example.org/x"\n', "is not https://github.com/"),
        ("mmcourse/glossary.csv", "en,zh\n", "first line must be: english,chinese"),
        ("mmcourse/glossary.csv", "english,chinese\nattention\n", "csv:2: a row is"),
        ("source/lessons/Intro.md", LESSON_TEXT, "a source is called source/lessons/NN_topic.md"),
    ],
)
def test_what_stands_around_the_sources_is_read_with_care(root, file, text, message):
    (root / file).write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=message):
        build(root, bank=fake_bank)


def test_what_is_only_shown_is_no_cell_and_no_term(root):
    edit(
        root, SET, "Move it.", "Move it.\n\n```bash\nls\n```\n\n```python\n# not a heading\n```\n\n```\n**a** (中)\n```"
    )
    cells = by_id(built(root, "exercises"))
    assert cells["statement-00-2"].source.endswith("```\n**a** (中)\n```")
    assert "answer-00-2" in cells


def test_comments_that_only_sound_like_markers_are_fine(root):
    edit(root, LESSON, "seed = 0", "seed = 0  # begin\n# begin with the start token\n# end of the solution by hand")
    edit(root, LESSON, "y = x * 2", "y = '''it isn't ``` a fence'''  # don't")
    assert "isn't ``` a" in built(root, "notebooks").cells[-2].source


# -- check -------------------------------------------------------------------------------------------------------------


def problem(root: Path, name: str) -> str:
    """The one line that `check` says, which must be about this notebook."""
    (line,) = check(root, bank=fake_bank)
    assert line.startswith(f"{name}: ")
    return line


def test_check_names_missing_and_orphaned(root):
    build(root, bank=fake_bank)
    (root / "solutions/00_start.ipynb").unlink()
    assert "missing. Run: mmcourse build" in problem(root, "solutions/00_start.ipynb")
    build(root, bank=fake_bank)
    shutil.copy(root / "notebooks/00_start.ipynb", root / "notebooks/05_gone.ipynb")
    assert "orphaned: source/lessons/05_gone.md is not there" in problem(root, "notebooks/05_gone.ipynb")


def test_check_names_each_kind_of_staleness(root):
    name = "notebooks/00_start.ipynb"
    build(root, bank=fake_bank)
    edit(root, LESSON, "print(x)", "print(x, x)")
    line = problem(root, name)
    assert "stale: another text in shapes-and-axes-3. Run: mmcourse build" in line
    assert f"mmcourse build --from {name}" in line
    edit(root, LESSON, "print(x, x)\n```", "print(x)\n```\n\n```python\nz = 1\n```")
    assert "it lacks shapes-and-axes-4" in problem(root, name)
    (root / LESSON).write_text(LESSON_TEXT, encoding="utf-8")

    def changed(change):
        notebook = built(root, "notebooks")
        change(notebook)
        nbformat.write(notebook, root / name)
        line = problem(root, name)
        (root / name).unlink()
        return line

    def add(nb):
        nb.cells.insert(2, nbformat.from_dict(dict(nb.cells[3], id="start-2x")))

    assert "it has in addition start-2x" in changed(add)
    assert "other metadata in start-2" in changed(lambda nb: nb.cells[3].metadata.update(collapsed=True))
    assert "other notebook metadata" in changed(lambda nb: nb.metadata.language_info.update(version="3.12"))
    assert "stand in another order" in changed(lambda nb: nb.cells.insert(2, nb.cells.pop(3)))
    ran = changed(lambda nb: nb.cells[3].update(execution_count=1))
    assert "it was run, outputs are stored in start-2." in ran
    output = nbformat.v4.new_output("stream", text="hello")
    assert "outputs are stored in start-2." in changed(lambda nb: nb.cells[3].update(outputs=[output]))
    build(root, bank=fake_bank)
    (root / name).write_text(json.dumps(json.loads((root / name).read_text(encoding="utf-8"))))
    assert "not written as nbformat writes it" in problem(root, name)
    (root / name).write_text("{}")
    assert "not a notebook that can be read" in problem(root, name)


def test_check_sees_that_the_bank_has_moved_on(root):
    build(root, bank=fake_bank)

    def bank(lesson):
        return fake_bank(lesson) | {"00.2": Entry("00.2", "Move a batch", "to_device", max_points=6)}

    lines = check(root, bank=bank)
    assert [line.split(":")[0] for line in lines] == ["exercises/00_start.ipynb", "solutions/00_start.ipynb"]
    assert all("another text in header, statement-00-2; other metadata in check-00-2" in line for line in lines)


# -- the way home ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["notebooks", "exercises", "solutions"])
def test_round_trip_is_exact(root, folder):
    build(root, bank=fake_bank)
    before = {path: path.read_bytes() for path in root.rglob("*") if path.is_file()}
    source = bring_home(root / folder / "00_start.ipynb", root, bank=fake_bank)
    assert source == root / (LESSON if folder == "notebooks" else SET)
    assert build(root, bank=fake_bank) == []
    assert {path: path.read_bytes() for path in root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("folder", ["notebooks", "exercises", "solutions"])
def test_round_trip_of_a_careless_source_keeps_the_notebooks(root, folder):
    for name in (LESSON, SET):
        edit(root, name, "```python\n", "\n\n\n``` python\n")
        edit(root, name, "\n---\n", "\n---\n\n\n")
    edit(root, SET, 'exercise="00.3" difficulty=3 minutes=10', 'minutes=10 difficulty=3   exercise="00.3"')
    edit(root, LESSON, "Only Chinese above.", "One.\n\n\nTwo, a cell of its own.")
    before = {name: built(root, name) for name in ("notebooks", "exercises", "solutions")}
    source = bring_home(root / folder / "00_start.ipynb", root, bank=fake_bank)
    assert build(root, bank=fake_bank) == []
    assert {name: built(root, name) for name in before} == before
    normal = source.read_text(encoding="utf-8")
    assert "``` python" not in normal
    bring_home(root / folder / "00_start.ipynb", root, bank=fake_bank)
    assert source.read_text(encoding="utf-8") == normal


def test_an_edited_lesson_comes_home_with_new_cells_and_without_outputs(root):
    notebook = built(root, "notebooks")
    by_id(notebook)["shapes-and-axes-2"].source = "x = [seed, seed]"
    by_id(notebook)["shapes-and-axes-1"].source += "\n\n\nTwo blank lines above.\n\n```python\nshown = True\n```"
    notebook.cells.insert(
        -1,
        nbformat.v4.new_code_cell(
            "new = 1\n", execution_count=3, metadata={"scrolled": True, "jupyter": {"outputs_hidden": True}}
        ),
    )
    notebook.cells.insert(-1, nbformat.v4.new_code_cell(""))
    bring_home(save(root, "notebooks", notebook), root, bank=fake_bank)
    text = (root / LESSON).read_text(encoding="utf-8")
    assert text.startswith(LESSON_TEXT[: LESSON_TEXT.index("A picture")])
    assert '```python tags=["experiment"]\nx = [seed, seed]\n```' in text
    assert text.endswith("```python\nnew = 1\n```\n")
    assert "scrolled" not in text
    assert "jupyter" not in text
    again = built(root, "notebooks")
    assert "Two blank lines above" in by_id(again)["shapes-and-axes-1"].source
    assert [cell.source for cell in again.cells] == [cell.source.rstrip() for cell in notebook.cells if cell.source]


def test_edited_solutions_come_home_into_both_editions(root):
    notebook = built(root, "solutions")
    cells = by_id(notebook)
    cells["answer-00-1"].source = cells["answer-00-1"].source.replace("shape =", "extra = 1\nshape =")
    cells["statement-00-2"].source += "\n\nAll of it."
    cells["exercise-00-1-1"].source = "Transposed."
    bring_home(save(root, "solutions", notebook), root, bank=fake_bank)
    problems = by_id(built(root, "exercises"))
    assert problems["answer-00-1"].source == "rows = None\ncolumns = None\nextra = None\nshape = None"
    assert problems["statement-00-2"].source.endswith("Move it.\n\nAll of it.")
    assert by_id(built(root, "solutions"))["exercise-00-1-1"].source == "Transposed."


def test_an_edited_problem_set_keeps_answers_and_solution_only_cells(root):
    notebook = built(root, "exercises")
    cells = by_id(notebook)
    cells["statement-00-1"].source = cells["statement-00-1"].source.replace("Rows first.", "Rows, then columns.")
    cells["start-2"].source = "import torch\n\ntorch.manual_seed(0)"
    notebook.cells.insert(notebook.cells.index(cells["check-00-1"]), nbformat.v4.new_markdown_cell("Now check."))
    bring_home(save(root, "exercises", notebook), root, bank=fake_bank)
    expected = SET_TEXT.replace("Rows first.", "Rows, then columns.").replace(
        "import torch\n", "import torch\n\ntorch.manual_seed(0)\n", 1
    )
    answer_end = "shape = (rows, columns)\n### END SOLUTION\n```\n\n"
    text = (root / SET).read_text(encoding="utf-8")
    why = '<!-- #region exercise="00.1" tags=["solution"] -->'
    assert text.index(answer_end) < text.index(why) < text.index("Now check.")
    assert text.replace("Now check.\n\n", "") == expected


def test_solution_only_cells_outlive_the_cell_before_them(root):
    edit(root, SET, "Warm up first.", '```python tags=["solution"]\ntop = 1\n```\n\nWarm up first.')
    edit(root, SET, "import torch\n```\n", 'import torch\n```\n\n```python tags=["solution"]\nafter = 1\n```\n')
    notebook = built(root, "exercises")
    notebook.cells = [cell for cell in notebook.cells if cell.id not in ("start-2", "start-3")]
    bring_home(save(root, "exercises", notebook), root, bank=fake_bank)
    text = (root / SET).read_text(encoding="utf-8")
    assert 0 < text.index("top = 1") < text.index("after = 1") < text.index('exercise="00.1"')


def _edit_answer(notebook):
    by_id(notebook)["answer-00-2"].source += "  # mine"


def _delete_answer(notebook):
    notebook.cells = [cell for cell in notebook.cells if cell.id != "answer-00-2"]


def _copy_answer(notebook):
    notebook.cells.insert(-1, nbformat.from_dict(dict(by_id(notebook)["answer-00-2"], id="copy")))


def _edit_heading(notebook):
    cell = by_id(notebook)["statement-00-2"]
    cell.source = cell.source.replace("Move a batch", "Move the batch")


def _delete_statement(notebook):
    notebook.cells = [cell for cell in notebook.cells if cell.id != "statement-00-2"]


def _add_magic(notebook):
    notebook.cells.insert(-1, nbformat.v4.new_code_cell("%%bash\nls"))


def _add_raw(notebook):
    notebook.cells.insert(-1, nbformat.v4.new_raw_cell("raw"))


def _paste_picture(notebook):
    attachments = {"a.png": {"image/png": "AA=="}}
    notebook.cells.insert(-1, nbformat.v4.new_markdown_cell("![](attachment:a.png)", attachments=attachments))


def _forget_origin(notebook):
    del notebook.metadata["mmcourse"]


def _lie_about_origin(notebook):
    notebook.metadata.mmcourse.source = "source/exercises/../../00_start.md"


@pytest.mark.parametrize(
    ("folder", "change", "message"),
    [
        ("exercises", _edit_answer, "answer-00-2 was edited. Edit answers in solutions/00_start.ipynb"),
        ("exercises", _delete_answer, "answer-00-2 is gone"),
        ("exercises", _copy_answer, "answer-00-2 was edited"),
        ("exercises", _edit_heading, "Put them back as\n## 00.2 Move a batch"),
        ("exercises", _delete_statement, "below the statement of 00.2"),
        ("solutions", _delete_answer, "checks|answer"),
        ("solutions", _edit_heading, "Put them back as"),
        ("notebooks", _add_magic, "```bash fence"),
        ("notebooks", _add_raw, "a raw cell has no place"),
        ("notebooks", _paste_picture, "a pasted picture cannot be kept"),
        ("notebooks", _forget_origin, "did not write this notebook"),
        ("notebooks", _lie_about_origin, "did not write this notebook"),
    ],
)
def test_what_cannot_come_home_is_refused_and_nothing_is_written(root, folder, change, message):
    notebook = built(root, folder)
    change(notebook)
    path = save(root, folder, notebook)
    before = {name: (root / name).read_bytes() for name in (LESSON, SET)}
    if (folder, change) == ("solutions", _delete_answer):  # of two answer cells, the one that the check needs not
        bring_home(path, root, bank=fake_bank)
        assert "def leaf" not in (root / SET).read_text(encoding="utf-8")
        return
    with pytest.raises(SourceError, match=message):
        bring_home(path, root, bank=fake_bank)
    assert {name: (root / name).read_bytes() for name in (LESSON, SET)} == before


def test_edits_of_stamped_cells_are_left_behind_with_a_warning(root):
    notebook = built(root, "notebooks")
    by_id(notebook)["header"].source += "\n\nMerged by mistake."
    with pytest.warns(UserWarning, match="header is stamped by the builder; what was changed there is left behind"):
        bring_home(save(root, "notebooks", notebook), root, bank=fake_bank)
    assert (root / LESSON).read_text(encoding="utf-8") == LESSON_TEXT


def test_a_notebook_whose_source_is_gone_or_that_is_none_is_refused(root):
    build(root, bank=fake_bank)
    (root / LESSON).unlink()
    with pytest.raises(SourceError, match="from which it was built, is not there"):
        bring_home(root / "notebooks/00_start.ipynb", root, bank=fake_bank)
    (root / "notebooks/00_start.ipynb").write_text("no notebook")
    with pytest.raises(SourceError, match="not a notebook that can be read"):
        bring_home(root / "notebooks/00_start.ipynb", root, bank=fake_bank)


# -- the experiment ----------------------------------------------------------------------------------------------------


def test_experiment_code_is_that_of_the_tagged_cells(root):
    assert experiment_code(root / LESSON) == "x = [seed]\n\ny = x * 2\n"
    assert experiment_code(root / SET) == ""
