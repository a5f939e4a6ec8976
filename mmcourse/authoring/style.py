"""What the builder's check asks of a source's style: cells that are taken in at a glance, and words it does without."""

import re
from collections.abc import Iterator

from mmcourse.authoring.errors import refuse
from mmcourse.authoring.source import Source, prose

LINES, COLUMNS = 25, 104  # of a cell; an answer may be longer, it is the learner's
WITHOUT = ("simply", "powerful", "dive into", "in this section", "state-of-the-art")
TODO = re.compile(r"\bTODO\b")
_CODE = re.compile(r"`[^`]*`|<!--.*?-->", re.S)


def style(source: Source) -> Iterator[str]:
    """One sentence for each cell that is too long or too wide, each word, and each TODO."""
    texts = [
        (1, source.front_text),
        *((cell.line, f"{cell.options.get('objective', '')} {cell.text}") for cell in source.cells),
    ]
    for first, text in texts:
        for number, line in enumerate(text.split("\n"), first):
            if TODO.search(line):
                yield str(refuse(source.name, number, f"still to be filled in: {line.strip()[:80]}"))
    for cell in source.cells:
        lines = cell.text.split("\n")
        if cell.kind == "code" and cell.role != "answer":
            if len(lines) > LINES:
                says = f"a cell has {len(lines)} lines, {LINES} at most: one idea a cell"
                yield str(refuse(source.name, cell.line, says))
            for number, line in enumerate(lines):
                if len(line) > COLUMNS:
                    says = f"this line has {len(line)} characters and runs out of its cell, {COLUMNS} at most"
                    yield str(refuse(source.name, cell.line + number, says))
        elif cell.kind == "markdown":
            for number, line in enumerate(_CODE.sub("", prose(cell.text)).split("\n")):
                for word in WITHOUT:
                    if re.search(rf"\b{word}\b", line, re.IGNORECASE):
                        yield str(refuse(source.name, cell.line + number, f"the course does without {word!r}"))
