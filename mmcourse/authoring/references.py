"""The bibliography, `source/references.bib`: each paper that is cited, with authors, title and year."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

FILE = "source/references.bib"
_CITED = re.compile(r"arXiv:(\d{4}\.\d{4,5})")
_FIELDS = ("author", "title", "year")


def uncited(root: Path, paths: Iterable[Path]) -> Iterator[str]:
    """One sentence for each arXiv id in these files that the bibliography lacks, or has without one of its fields."""
    entries = {
        found[1]: block
        for block in (root / FILE).read_text("utf8").split("\n@")
        for found in re.finditer(r"eprint\s*=\s*\{([\d.]+)\}", block)
    }
    for path in paths:
        for id in dict.fromkeys(_CITED.findall(path.read_text("utf8"))):
            if id not in entries:
                yield f"{path.relative_to(root)}: arXiv:{id} is cited and does not stand in {FILE}"
                continue
            lacks = [field for field in _FIELDS if not re.search(rf"\b{field}\s*=", entries[id])]
            if lacks:
                yield f"{FILE}: arXiv:{id} has no {' and no '.join(lacks)}"
