"""`make results`: runs an experiment over seeds and keeps the numbers in `mmcourse/results/NAME.json`.

A lesson's experiment is its own code: the cells tagged `experiment`, which define `experiment(seed) -> dict`. What is
no lesson's own is a module in `mmcourse/experiments/`. A lesson runs one more seed live (LIVE), which is kept as well.

Kept numbers are stale when the experiment's code has changed (comments, docstrings and layout aside), or when the seed
that the lesson runs live leaves the kept one (`deviations`). They are not when a module that the experiment imports was
renamed or tidied: whether such a change moves a number is seen where the lesson is run anyway.
"""

import ast
import hashlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

from tqdm import tqdm

import mmcourse.experiments
from mmcourse.authoring.disk import write_atomically
from mmcourse.authoring.errors import SourceError
from mmcourse.authoring.experiment import experiment_code
from mmcourse.fetch import PACKAGE, CourseError, checkout

LIVE = 5  # the seed that lessons run live; 0 to 4 are those of the tables
TOLERANCE = 0.06  # another processor adds in another order, and training amplifies it
SAME = 1e-6  # by which a seed may differ that is run to adopt code that only reads differently

RUN = """
import json, sys
scores = experiment(int(sys.argv[1]))
with open(sys.argv[2], "w") as file:
    json.dump(scores, file)
"""


def make(names: list[str] | None = None, seeds: int = 5) -> list[Path]:
    """Computes what is missing or stale of the named experiments (all, if none are named); returns the files written.

    Where the code has changed, one kept seed is run first: if it comes out the same, the kept numbers are adopted.
    Each seed is saved as soon as it is done, so an interrupted run goes on where it stopped.
    Raises CourseError outside a checkout, or naming the experiment that fails, with its last lines.
    """
    written = []
    for name in names or with_experiment():
        path, code = PACKAGE / "results" / f"{name}.json", fingerprint(name)
        kept = _read(path)
        changed = bool(kept["seeds"]) and kept.get("code") != code
        if changed and _adopts(name, kept["seeds"]):
            kept["code"] = code
            _write(path, kept)
        elif changed:
            kept = {"seeds": {}}
        wanted = {str(seed): kept["seeds"] for seed in range(seeds)}
        if name not in modules():
            wanted[str(LIVE)] = kept.setdefault("live", {})
        missing = [seed for seed, home in wanted.items() if seed not in home]
        for seed in tqdm(missing, desc=name, unit="seed", file=sys.stdout, disable=not missing):
            wanted[seed][seed] = run_seed(name, int(seed))
            kept |= {"name": name, "code": code, "made_with": _made_with()}
            _write(path, kept)
        if missing or changed:
            written.append(path)
        print(f"{name}: {len(kept['seeds'])} seeds in {path.name}" + ("" if missing else ", all fresh"))
    return written


def modules() -> list[str]:
    """The experiments that are no lesson's own, by name: ['binding', …]."""
    return sorted(module.name for module in pkgutil.iter_modules(mmcourse.experiments.__path__))


def with_experiment() -> list[str]:
    """All that have an experiment: the lessons by number, then the modules by name."""
    return [*(path.stem[:2] for path in _sources() if experiment_code(path)), *modules()]


def code_of(name: str) -> str:
    """The code that defines an experiment. Raises CourseError where there is none."""
    if name in modules():
        return (PACKAGE / "experiments" / f"{name}.py").read_text("utf8")
    for path in _sources():
        if path.stem[:2] == name:
            code = experiment_code(path)
            if "def experiment(" not in code:
                raise CourseError(f'{path.name} defines no experiment(seed) in cells tagged "experiment".')
            return code
    raise CourseError(f"There is no lesson {name!r} in source/lessons/, and no module of that name in experiments/.")


def run_seed(name: str, seed: int) -> dict[str, float]:
    """Runs one seed in a fresh process and returns its numbers. Raises CourseError if it fails."""
    code = f"from mmcourse.experiments.{name} import experiment\n" if name in modules() else code_of(name)
    with tempfile.TemporaryDirectory() as tmp:
        script, out = Path(tmp) / "experiment_of_this_run.py", Path(tmp) / "out.json"
        script.write_text(code + RUN, "utf8")
        path = os.pathsep.join([str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
        env = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}  # two threads add in another order
        run = subprocess.run(
            [sys.executable, script, str(seed), out], env=env, capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise CourseError(f"The experiment {name!r} failed with seed {seed}:\n{run.stderr[-1500:]}")
        return json.loads(out.read_text("utf8"))


def stale(name: str) -> str:
    """Why kept results no longer belong to their code; '' if they do."""
    kept = _read(PACKAGE / "results" / f"{name}.json")
    if not kept["seeds"]:
        return f"{name} has an experiment and no results: run `make results ARGS={name}`"
    if kept.get("code") != fingerprint(name):
        return f"the results of {name} were made by other code: run `make results ARGS={name}`"
    return ""


def deviations(name: str, live: Mapping[str, float]) -> list[str]:
    """What a lesson just computed live and what is kept of that seed differ in, by more than TOLERANCE; a line each.

    Raises CourseError where no live seed is kept, or `live` holds none of its numbers.
    """
    kept = _read(PACKAGE / "results" / f"{name}.json").get("live", {}).get(str(LIVE), {})
    if not live or not live.keys() <= kept.keys():
        alien = sorted(live.keys() - kept.keys())
        raise CourseError(
            f"{name}: of {alien or 'nothing at all'} no live seed is kept: run `make results ARGS={name}`"
        )
    return [
        f"{key}: {value:.3f} in this run, {kept[key]:.3f} kept"
        for key, value in live.items()
        if not abs(value - kept[key]) <= TOLERANCE
    ]


def fingerprint(name: str) -> str:
    """A hash of an experiment's code and of what it imports from `experiments/`; of nothing else that it imports."""
    code = code_of(name)
    trees = {name: _bare(code)}
    todo = _imported_experiments(code)
    while todo:
        other = todo.pop()
        if other not in trees:
            trees[other] = _bare(code_of(other))
            todo |= _imported_experiments(code_of(other))
    return hashlib.sha256("\n".join(trees[key] for key in sorted(trees)).encode()).hexdigest()


def _adopts(name: str, seeds: Mapping[str, Mapping[str, float]]) -> bool:
    """Whether the first kept seed comes out the same by the code as it is now.

    Raises CourseError where numbers that are kept would be lost: a set of data may not be on this machine.
    """
    seed, kept = next(iter(seeds.items()))
    print(f"{name}: its code has changed. Running seed {seed} to see whether the numbers have, too.", flush=True)
    again = run_seed(name, int(seed))
    if lost := sorted(kept.keys() - again.keys()):
        raise CourseError(
            f"{name}: this run has no {', '.join(lost)}, which is kept. Bring the data that it needs (`mmcourse data` "
            f"says what is not here); or, if it is given up, delete results/{name}.json first."
        )
    same = again.keys() == kept.keys() and all(abs(again[key] - kept[key]) <= SAME for key in again)
    print(
        f"{name}: " + ("they have not, and are adopted." if same else "they have, and all seeds are run."), flush=True
    )
    return same


def _imported_experiments(code: str) -> set[str]:
    """The names of modules in `experiments/` that a piece of code imports."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = f"mmcourse.experiments.{node.module or ''}".rstrip(".") if node.level else node.module or ""
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    inside = {name.removeprefix("mmcourse.experiments.").split(".")[0] for name in found}
    return inside & set(modules()) if any(name.startswith("mmcourse.experiments") for name in found) else set()


def _bare(code: str) -> str:
    """A module's tree without docstrings; comments and layout are not in it anyway."""
    try:
        tree = ast.parse(code)
    except SyntaxError as error:
        raise SourceError(f"an experiment does not parse: {error}") from error
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0] = ast.Pass()
    return ast.dump(tree)


def _sources() -> list[Path]:
    root = checkout()
    if root is None:
        raise CourseError("Results are made in a checkout of the course: clone it first (README, 'Start').")
    return sorted((root / "source" / "lessons").glob("[0-9][0-9]_*.md"))


def _made_with() -> dict[str, str]:
    return {"python": platform.python_version(), "torch": version("torch"), "machine": platform.machine()}


def _read(path: Path) -> dict:
    try:
        kept = json.loads(path.read_text("utf8"))
    except FileNotFoundError:
        return {"seeds": {}}
    except json.JSONDecodeError as error:
        raise CourseError(f"{path} is not valid JSON ({error}): delete it and run `make results`.") from error
    return kept if isinstance(kept.get("seeds"), dict) else {"seeds": {}}


def _write(path: Path, kept: dict) -> None:
    whole = {key: kept[key] for key in ("name", "code", "made_with", "seeds", "live") if key in kept}
    write_atomically(path, json.dumps(whole, indent=1) + "\n")
