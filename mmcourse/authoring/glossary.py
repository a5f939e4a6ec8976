"""The glossary, `mmcourse/glossary.csv`: each English term of the course and its Chinese, one row a pair."""

import csv
import re
from collections.abc import Mapping
from pathlib import Path

from mmcourse.authoring.errors import refuse
from mmcourse.authoring.source import Source, prose

FILE = "mmcourse/glossary.csv"
_PAIR = re.compile(r"\*\*([^*]+)\*\*\s*[(（]([^()（）]*[\u3400-\u9fff][^()（）]*)[)）]")  # **term** (中文)


def read_glossary(root: Path) -> dict[str, set[str]]:
    """Each English term, in small letters, with its Chinese (two rows of a term allow two). No file: no terms.

    Raises:
        SourceError: the file's columns are not english,chinese, or a row lacks one of the two.
    """
    terms: dict[str, set[str]] = {}
    if not (root / FILE).exists():
        return terms
    with open(root / FILE, encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        if rows.fieldnames != ["english", "chinese"]:
            raise refuse(FILE, 1, "the first line must be: english,chinese")
        for row in rows:
            english, chinese = (row[column] or "" for column in ("english", "chinese"))
            if not english.strip() or not chinese.strip() or None in row:
                raise refuse(FILE, rows.line_num, "a row is one English term, a comma, and its Chinese.")
            terms.setdefault(_plain(english), set()).add(chinese.strip())
    return terms


def examine_terms(source: Source, terms: Mapping[str, set[str]]) -> None:
    """Raise SourceError at the first `**term** (中文)` whose pair the glossary does not have."""
    for cell in source.cells:
        if cell.kind != "markdown":
            continue
        text = prose(cell.text)
        for pair in _PAIR.finditer(text):
            english, chinese = pair[1], pair[2].strip()
            line = cell.line + text[: pair.start()].count("\n")
            known = terms.get(_plain(english))
            if known is None:
                row = f"{_plain(english)},{chinese}"
                raise refuse(source.name, line, f"**{english}** ({chinese}) is not in {FILE}. Add the row {row}")
            if chinese not in known:
                said = " or ".join(sorted(known))
                raise refuse(
                    source.name, line, f"**{english}** is {said} in {FILE}, here {chinese}. Change one of them."
                )


def _plain(term: str) -> str:
    return " ".join(term.split()).casefold()
