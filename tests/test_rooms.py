"""The order of the rooms, and rules that hold for all of the code."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from mmcourse import bank
from mmcourse.fetch import checkout, glossary

ROOT = checkout()
CODE = sorted((ROOT / "mmcourse").rglob("*.py"))
SOURCES = sorted((ROOT / "source").rglob("*.md"))
LIBRARY = [
    path
    for path in CODE
    if path.relative_to(ROOT / "mmcourse").parts[0] not in ("bank", "checking", "grading", "authoring", "cli")
]


def run(*command):
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_room_imports_only_from_the_rooms_above_it():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff():
    run("ruff", "check", "--no-cache", ".")


@pytest.mark.parametrize("path", LIBRARY, ids=lambda p: p.stem)
def test_no_device_of_its_own_choosing(path):
    text = path.read_text("utf8")
    assert ".cuda(" not in text
    if path.stem != "device":
        assert not re.search(r"""device=["'](cpu|cuda)""", text)


@pytest.mark.parametrize("path", CODE, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_short_and_say_what_they_are(path):
    text = path.read_text("utf8")
    assert ast.get_docstring(ast.parse(text)), "a module says what it is for"
    if path.parent.name != "bank":
        assert text.count("\n") <= 350, "ask what this file is really about"


def public(tree):
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node


@pytest.mark.parametrize("path", LIBRARY, ids=lambda p: str(p.relative_to(ROOT)))
def test_public_names_have_docstrings(path):
    for node in public(ast.parse(path.read_text("utf8"))):
        assert ast.get_docstring(node), f"{path.name}: {node.name}"


def imports_of(path: Path) -> set[str]:
    """The mmcourse modules that a file imports, anywhere in it."""
    return imported(path.read_text("utf8"), package=".".join(path.relative_to(ROOT).with_suffix("").parts[:-1]))


def imported(code: str, package: str = "") -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parent = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
                base = f"{parent}.{base}".rstrip(".")
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.split(".")[0] == "mmcourse"}


def file_of(module: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


def reached(modules: set[str]) -> set[str]:
    """All modules that importing these imports, by a detour or not."""
    seen, todo = set(), set(modules)
    while todo:
        name = todo.pop()
        path = file_of(name)
        if name in seen or path is None:
            continue
        seen.add(name)
        todo |= {*imports_of(path), name.rpartition(".")[0]} - seen - {""}
    return seen


@pytest.mark.parametrize("path", sorted((ROOT / "exercises").glob("*.ipynb")), ids=lambda p: p.stem)
def test_a_problem_set_does_not_import_what_it_re_derives(path):
    """By its own cells; check, hint and solution come from `mmcourse` itself, which loads them when called."""
    cells = json.loads(path.read_text("utf8"))["cells"]
    own = [c for c in cells if c["cell_type"] == "code" and not c["metadata"].get("mmcourse", {}).get("stamped")]
    modules = reached(set().union(*(imported("".join(c["source"])) for c in own)))
    for exercise in bank.exercises(path.stem[:2]).values():
        home = getattr(exercise.reference, "__module__", None)
        assert home is None or home not in modules, f"{exercise.id} re-derives {home}"


def test_that_test_can_see_a_detour():
    assert "mmcourse.device" in reached({"mmcourse.training"})
    assert "mmcourse.device" not in reached({"mmcourse.data.emoji", "mmcourse.text", "mmcourse.vision"})


def test_every_arxiv_id_is_in_the_references_with_authors_and_year():
    references = (ROOT / "source/references.bib").read_text("utf8")
    entries = {
        m[1]: block for block in references.split("\n@") for m in re.finditer(r"eprint\s*=\s*\{([\d.]+)\}", block)
    }
    used = {m for path in [*SOURCES, *CODE] for m in re.findall(r"arXiv:(\d{4}\.\d{4,5})", path.read_text("utf8"))}
    assert used
    for id in used:
        assert id in entries, f"arXiv:{id} is cited and not in source/references.bib"
        assert all(re.search(rf"\b{field}\s*=", entries[id]) for field in ("author", "year", "title"))


def test_the_readme_counts_exercises_and_points_right():
    readme = (ROOT / "README.md").read_text("utf8")
    for path in (ROOT / "source/exercises").glob("*.md"):
        found = bank.exercises(path.stem[:2])
        points = sum(exercise.max_points for exercise in found.values())
        assert re.search(rf"^\| {path.stem[:2]} \|.*\| {len(found)} exercises, {points} points \|$", readme, re.M)


def test_the_glossary_has_one_chinese_term_for_each():
    terms = glossary()
    assert len(terms) > 20
    assert all(re.fullmatch(r"[\u4e00-\u9fff]+", chinese) for chinese in terms.values())


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_voice(path):
    """Words that the course does without."""
    prose = re.sub(r"```.*?```|<!--.*?-->", "", path.read_text("utf8"), flags=re.S)
    for word in ("simply", "powerful", "dive into", "In this section", "state-of-the-art"):
        assert not re.search(rf"\b{re.escape(word)}\b", prose, re.I), word
    assert "!" not in re.sub(r"!\[|\*[^*]+!\*|!=", "", prose)
