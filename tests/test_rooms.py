"""The order of the rooms, and rules that hold for all of the code."""

import ast
import importlib.util
import json
import re
from pathlib import Path

import pytest

from mmcourse import bank
from mmcourse.authoring.references import uncited
from mmcourse.checking.exercise import Code
from mmcourse.fetch import checkout, glossary

ROOT = checkout()
CODE = sorted((ROOT / "mmcourse").rglob("*.py"))
TEXTS = [*(ROOT / "source").rglob("*.md"), *(ROOT / "mmcourse").rglob("*.md")]
LIBRARY = [
    path
    for path in CODE
    if path.relative_to(ROOT / "mmcourse").parts[0] not in ("bank", "checking", "grading", "authoring", "cli")
]


def test_no_device_of_its_own_choosing():
    for path in LIBRARY:
        text = path.read_text("utf8")
        assert ".cuda(" not in text, path
        assert path.stem == "device" or not re.search(r"""device=["'](cpu|cuda)""", text), path


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
        if isinstance(exercise, Code):
            home = exercise.reference.__module__
            assert home not in modules, f"{exercise.id} re-derives {home}"


def test_that_test_can_see_a_detour():
    assert "mmcourse.device" in reached({"mmcourse.training"})
    assert "mmcourse.device" not in reached({"mmcourse.data.emoji", "mmcourse.text", "mmcourse.vision"})


@pytest.mark.parametrize("path", sorted((ROOT / "mmcourse").rglob("__init__.py")), ids=lambda p: p.parent.name)
def test_no_module_hides_a_name_of_its_package(path):
    """Importing a `bank.solution` would put that module where `bank` has its function, unless it came first."""
    bound = set()
    for node in ast.parse(path.read_text("utf8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            bound |= {alias.name for alias in node.names if not (node.module or "").endswith(alias.name)}
    assert not bound & {other.stem for other in path.parent.iterdir() if other.suffix == ".py" or other.is_dir()}


def test_every_paper_that_is_cited_is_in_the_references():
    assert list(uncited(ROOT, [*TEXTS, *CODE])) == []


def test_a_paper_that_is_not_is_named(tmp_path):
    (tmp_path / "source").mkdir()
    bib = "@misc{a,\n author = {A}, year = {2020},\n eprint = {2001.00001}\n}\n\n@misc{b, eprint = {2001.00002}}\n"
    (tmp_path / "source/references.bib").write_text(bib, "utf8")
    (tmp_path / "text.md").write_text("[arXiv:2001.00001](x) and arXiv:2001.00003, arXiv:2001.00003", "utf8")
    assert list(uncited(tmp_path, [tmp_path / "text.md"])) == [
        "source/references.bib: arXiv:2001.00001 has no title",
        "text.md: arXiv:2001.00003 is cited and does not stand in source/references.bib",
    ]


def test_the_glossary_has_one_chinese_term_for_each():
    terms = glossary()
    assert len(terms) > 20
    assert all(re.fullmatch(r"[\u4e00-\u9fff]+", chinese) for chinese in terms.values())
