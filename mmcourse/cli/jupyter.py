"""How JupyterLab is opened on the course."""

import importlib.util
import os
import sys
from pathlib import Path

from mmcourse.fetch import CourseError

FIRST_PAGE = "notebooks/00_start_here.ipynb"


def split(arguments: list[str]) -> tuple[Path | None, list[str]]:
    """What was typed after `mmcourse lab`, as (DIR or None, options for JupyterLab). DIR can only come first."""
    if arguments and not arguments[0].startswith("-"):
        return Path(arguments[0]), arguments[1:]
    return None, arguments


def need_jupyterlab() -> None:
    """Raises CourseError where JupyterLab is not installed."""
    if importlib.util.find_spec("jupyterlab") is None:
        raise CourseError('JupyterLab is not installed here. Install it with: pip install "mmcourse[lab]"')


def command(root: Path, extra: list[str]) -> list[str]:
    """The command that opens JupyterLab on `root`, at the course's first page where `root` has it.

    Raises CourseError where `root` is no folder.
    """
    if not root.is_dir():
        raise CourseError(f"There is no folder {root}. `mmcourse start {root}` lays the course out in it.")
    options = [f"--ServerApp.root_dir={root.resolve()}"]
    if (root / FIRST_PAGE).is_file():
        options.append(f"--LabApp.default_url=/lab/tree/{FIRST_PAGE}")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")  # JupyterLab asks for this word from root, who is at home in containers
    return [sys.executable, "-m", "jupyterlab", *options, *extra]
