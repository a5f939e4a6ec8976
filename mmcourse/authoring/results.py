"""`make results`: runs a lesson's experiment over seeds and keeps the numbers in `mmcourse/results/NN.json`.

The experiment is the lesson's own code: its cells tagged `experiment`, which define `experiment(seed) -> dict`.
A hash of that code and of every module of the course that it used says whether kept numbers still belong to it.
"""

import ast
import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from tqdm import tqdm

from mmcourse.authoring.errors import SourceError
from mmcourse.authoring.experiment import experiment_code
from mmcourse.fetch import PACKAGE, CourseError, checkout

# Modules that can't change a number: how it is shown, where files lie.
ASIDE = ("mmcourse", "mmcourse.fetch", "mmcourse.show")

# What is no lesson's own: the numbers on the data sets' cards, the ladder of fusions, binding learnt end to end, and
# what is found among unseen concepts.
OTHERS = {
    "data": """
from mmcourse.data import baselines
from mmcourse.data.synthetic import CERTIFIED
from mmcourse.diagnose import certify

def experiment(seed):
    scores = baselines.experiment(seed)
    for name, task in CERTIFIED.items():
        found = certify(task, seed=seed, progress=False).numbers()
        scores |= {f"{name}: {model}": accuracy for model, accuracy in found.items()}
    return scores
""",
    "ladder": "from mmcourse.diagnose.ladder import experiment\n",
    "scenes": "from mmcourse.diagnose.binding import experiment\n",
    "unseen": "from mmcourse.diagnose.unseen import experiment\n",
}

RUN = """
import json, sys
seed, out = int(sys.argv[1]), sys.argv[2]
scores = experiment(seed)
used = sorted(name for name in sys.modules if name.split(".")[0] == "mmcourse")
with open(out, "w") as file:
    json.dump({"scores": scores, "modules": used}, file)
"""


def make(lessons: list[str] | None = None, seeds: int = 5) -> list[Path]:
    """Computes what is missing or stale for the given lessons (all, if none are named); returns the files written.

    Each seed is saved as soon as it is done, so an interrupted run goes on where it stopped.
    Raises CourseError outside a checkout, or naming the lesson whose experiment fails, with its last lines.
    """
    written = []
    for lesson in lessons or with_experiment():
        code, path = code_of(lesson), PACKAGE / "results" / f"{lesson}.json"
        kept = _read(path)
        if kept.get("hash") != _hash(code, kept.get("modules", [])):
            kept = {"seeds": {}}
        missing = [str(s) for s in range(seeds) if str(s) not in kept["seeds"]]
        for seed in tqdm(missing, desc=f"lesson {lesson}", unit="seed", file=sys.stdout, disable=not missing):
            run = run_seed(lesson, int(seed))
            kept["seeds"][seed] = run["scores"]
            modules = [name for name in run["modules"] if not name.startswith(ASIDE[1:]) and name != ASIDE[0]]
            kept |= {
                "lesson": lesson,
                "modules": modules,
                "hash": _hash(code, modules),
                "made_with": {
                    "python": platform.python_version(),
                    "torch": version("torch"),
                    "machine": platform.machine(),
                },
            }
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(kept, indent=1) + "\n", "utf8")
        if missing:
            written.append(path)
        print(f"lesson {lesson}: {len(kept['seeds'])} seeds in {path.name}" + ("" if missing else ", all fresh"))
    return written


def with_experiment() -> list[str]:
    """The lessons that have an experiment, and the others by name: ['00', …, 'data', 'ladder']."""
    return [*(path.stem[:2] for path in _sources() if experiment_code(path)), *OTHERS]


def code_of(lesson: str) -> str:
    """A lesson's experiment, or another's by its name. Raises CourseError where there is none."""
    if lesson in OTHERS:
        return OTHERS[lesson]
    for path in _sources():
        if path.stem[:2] == lesson:
            code = experiment_code(path)
            if "def experiment(" not in code:
                raise CourseError(f'{path.name} defines no experiment(seed) in cells tagged "experiment".')
            return code
    raise CourseError(f"There is no lesson {lesson!r} in source/lessons/.")


def run_seed(lesson: str, seed: int) -> dict:
    """Runs one seed in a fresh process: {'scores': {...}, 'modules': [...]}. Raises CourseError if it fails."""
    with tempfile.TemporaryDirectory() as tmp:
        script, out = Path(tmp) / "experiment.py", Path(tmp) / "out.json"
        script.write_text(code_of(lesson) + RUN, "utf8")
        path = os.pathsep.join([str(PACKAGE.parent), os.environ.get("PYTHONPATH", "")])
        env = os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": "1"}  # two threads add in another order
        run = subprocess.run(
            [sys.executable, script, str(seed), out], env=env, capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise CourseError(f"The experiment of lesson {lesson} failed with seed {seed}:\n{run.stderr[-1500:]}")
        return json.loads(out.read_text("utf8"))


def stale(lesson: str) -> str:
    """Why a lesson's kept results no longer belong to its code; '' if they do."""
    kept = _read(PACKAGE / "results" / f"{lesson}.json")
    if not kept.get("seeds"):
        return f"lesson {lesson} has an experiment and no results: run `make results`"
    if kept.get("hash") != _hash(code_of(lesson), kept.get("modules", [])):
        return f"the results of lesson {lesson} were made by other code: run `make results`"
    return ""


def _sources() -> list[Path]:
    root = checkout()
    if root is None:
        raise CourseError("Results are made in a checkout of the course: clone it first (README, 'Start').")
    return sorted((root / "source" / "lessons").glob("[0-9][0-9]_*.md"))


def _read(path: Path) -> dict:
    try:
        kept = json.loads(path.read_text("utf8"))
    except FileNotFoundError:
        return {"seeds": {}}
    except json.JSONDecodeError as error:
        raise CourseError(f"{path} is not valid JSON ({error}): delete it and run `make results`.") from error
    return kept if isinstance(kept.get("seeds"), dict) else {"seeds": {}}


def _hash(code: str, modules: list[str]) -> str:
    """Of the code without comments, docstrings and layout, so that only what can change a number makes it stale."""
    parts = [_bare(code)]
    for name in modules:
        spec = find_spec(name)
        parts.append(f"{name}: {_bare(Path(spec.origin).read_text('utf8')) if spec and spec.origin else 'gone'}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _bare(code: str) -> str:
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
