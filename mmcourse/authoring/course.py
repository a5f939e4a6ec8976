"""The checkout as the builder sees it: every source's front matter, the glossary, and where the course is published."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mmcourse.authoring.errors import SourceError, refuse
from mmcourse.authoring.front import Front, read_front, split_front
from mmcourse.authoring.glossary import read_glossary


@dataclass(frozen=True)
class Course:
    """What one notebook needs to know of the others."""

    repository: str  # "https://github.com/OWNER/NAME"
    lessons: Mapping[str, Front]  # stem -> front matter, in the order of the numbers
    sets: Mapping[str, Front]
    terms: Mapping[str, set[str]]


def read_course(root: Path) -> Course:
    """Read what stands around the sources in a checkout.

    Raises:
        SourceError: a front matter, the glossary or the repository's address cannot be read (all of them are named).
    """
    problems: list[str] = []
    fronts: dict[str, dict[str, Front]] = {"lessons": {}, "exercises": {}}
    for path in source_paths(root):
        kind, name = path.parent.name, path.relative_to(root).as_posix()
        try:
            text, _ = split_front(path.read_text(encoding="utf-8"), name)
            fronts[kind][path.stem] = read_front(text, kind, name)
        except SourceError as problem:
            problems.append(str(problem))
    for stem, front in fronts["lessons"].items():
        for other in front.stands_on:
            if not (root / "source/lessons" / f"{other}.md").exists():
                message = f"stands_on names {other!r}, but source/lessons/{other}.md is not there. Mend the name."
                problems.append(str(refuse(f"source/lessons/{stem}.md", 1, message)))
    if problems:
        raise SourceError("\n".join(problems))
    return Course(read_repository(root), fronts["lessons"], fronts["exercises"], read_glossary(root))


def source_paths(root: Path) -> list[Path]:
    """All sources of a checkout: lessons, then problem sets, each in the order of their numbers."""
    return [path for kind in ("lessons", "exercises") for path in sorted((root / "source" / kind).glob("*.md"))]


def read_repository(root: Path) -> str:
    """The repository's address from pyproject.toml, where it stands once."""
    try:
        facts = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
        address = facts["project"]["urls"]["Repository"].rstrip("/").removesuffix(".git")
    except (OSError, KeyError, tomllib.TOMLDecodeError) as error:
        message = f"the repository's address is not there ({error!r}). Write Repository = ... under [project.urls]."
        raise refuse("pyproject.toml", None, message) from None
    if not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", address):
        message = f"Repository = {address!r} is not https://github.com/OWNER/NAME, which badges and Colab need."
        raise refuse("pyproject.toml", None, message)
    return address
