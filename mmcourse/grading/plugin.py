"""The pytest plugin: collects the points from the cards that checks display while nbval runs notebooks.

Only active with `--mmcourse-report DIR`; then `pytest --nbval-lax NOTEBOOKS` writes the reports there.
Kept free of imports that cost time, since pytest loads it on every run.
"""

from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--mmcourse-report DIR`."""
    parser.getgroup("mmcourse").addoption(
        "--mmcourse-report", metavar="DIR", help="with --nbval-lax: add up the course's points and write reports to DIR"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Records only where it is asked to."""
    folder = config.getoption("--mmcourse-report")
    if folder:
        if not config.pluginmanager.hasplugin("nbval"):
            raise pytest.UsageError('--mmcourse-report rides on nbval: pip install "mmcourse[school]"')
        config.pluginmanager.register(Recorder(Path(folder)), "mmcourse-recorder")


class Recorder:
    """Keeps each notebook's cards, and why a check cell gave none."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lessons: dict[str, str] = {}
        self.cards: dict[str, dict[str, dict]] = {}
        self.trouble: dict[str, dict[str, str]] = {}
        self.refused: dict[str, str] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        cell = getattr(item, "cell", None)
        if cell is None:
            return report
        from .released import MIME, checked_exercise

        notebook = str(item.path)
        id = checked_exercise(cell)
        self.cards.setdefault(notebook, {})
        if id is None:
            return report
        self.lessons[notebook] = id.split(".")[0]
        for output in getattr(item, "test_outputs", None) or []:
            card = output.get("data", {}).get(MIME)
            if card and card["id"] == id:
                self.cards[notebook][id] = dict(card)
        if call.excinfo is not None and id not in self.cards[notebook]:
            self.trouble.setdefault(notebook, {})[id] = _last_line(call.excinfo.value)
        return report

    def pytest_collectreport(self, report):
        if report.failed and str(report.nodeid).endswith(".ipynb"):
            self.refused[str(report.fspath)] = f"it could not be read as a notebook ({_last_line(report.longrepr)})"

    def pytest_sessionfinish(self, session):
        from mmcourse.bank import seed

        from . import report

        rows = [
            report.submission(notebook, self.lessons[notebook], cards, self.trouble.get(notebook, {}), seed())
            if notebook in self.lessons
            else report.refused(notebook, "it holds no checks of this course", seed())
            for notebook, cards in self.cards.items()
        ]
        rows += [report.refused(notebook, why, seed()) for notebook, why in self.refused.items()]
        report.write(rows, self.folder)


def _last_line(error: object) -> str:
    """The last line of an nbval error's inner traceback, without colours."""
    import re

    text = str(getattr(error, "inner_traceback", None) or error)
    lines = [line for line in re.sub(r"\x1b\[[0-9;]*m", "", text).split("\n") if line.strip()]
    return lines[-1].strip()[:300] if lines else type(error).__name__
