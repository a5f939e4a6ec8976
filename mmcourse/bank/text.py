"""The text of an exercise, `exNN_operation.md` beside its module: title, hints, and what people get wrong.

    # Find the fault in a gate

    Lesson: Where they meet

    ## Hints

    1. One unit of weight is shared out. Among whom?
    2. ...
    3. ...

    ## Mistakes

    ### the samples of the batch share one unit of weight

    ```diff
    -    shares = scores.softmax(dim=1)
    +    shares = scores.softmax(dim=0)
    ```

    Your weights sum to 1 down the batch. Who competes here?

A mistake has a form, or several that give different results: a `diff` of the exercise's solution; a `python` fence
with the name of something in the module, and behind a # why it is no diff; or, in a value exercise, a table of the
entries that are wrong. `Lesson:` names the section that treats it, once for all; a mistake that another section treats
has a line of its own, and one of another lesson names that too (`Lesson: 04, A mean that ignores padding`). A link in a
heading brings the mistakes of another text.

Where the learner starts from a program with several faults, `## Faults` says of each what one gets who has left it in;
who has left two is told of both. The two diffs are put in one after the other; a heading `### one, and the other` holds
the diff where they meet in a line, or says why the two are left out.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from typing import Any


class TextError(ValueError):
    """A text that can't be read; the message says where, and what is expected there."""


@dataclass(frozen=True)
class Entry:
    """One mistake as its text has it; each of its forms is a chain of diffs, a name, or wrong values."""

    name: str
    words: str = ""
    section: str = ""
    diffs: tuple[tuple[str, ...], ...] = ()
    named: tuple[tuple[str, str], ...] = ()  # (a name in the module, why it is no diff)
    wrong: tuple[dict[str, Any], ...] = ()


@dataclass
class Text:
    """All of it; the faults of a program are among the mistakes, alone and in pairs."""

    title: str = ""
    section: str = ""
    hints: tuple[str, ...] = ()
    mistakes: list[Entry] = field(default_factory=list)


_FENCE = re.compile(r"```(\w*)\n(.*?)^```[ \t]*\n", re.M | re.S)
_SECTION = re.compile(r"^Lesson: (.+)\n", re.M)
_ROWS = re.compile(r"(?:^\|.*\|[ \t]*\n)+", re.M)
_LINK = re.compile(r"\[.+\]\((.+)\)")


def read(path: Path) -> Text:
    """Reads a text. Raises TextError, naming file and place."""
    body = path.read_text("utf8")
    whole = re.fullmatch(r"# (.+?)\n(.*)", body.strip() + "\n", re.S)
    if not whole:
        raise TextError(f"{path.name}: the first line is the exercise's title, # ...")
    text = Text(title=whole[1].strip())
    for heading, part in _parts(whole[2], "##"):
        if heading == "":
            text.section = _section(part)
        elif heading == "Hints":
            text.hints = tuple(" ".join(hint.split()) for hint in re.split(r"^\d+\. ", part, flags=re.M)[1:])
        elif heading in ("Mistakes", "Faults"):
            found = [entry for name, block in _parts(part, "###") if name for entry in _entries(name, block, path)]
            text.mistakes += found if heading == "Mistakes" else _left_in(found)
        else:
            raise TextError(f"{path.name}: ## {heading} is none of: ## Hints, ## Mistakes, ## Faults")
    return text


def _parts(text: str, marks: str) -> Iterator[tuple[str, str]]:
    """(heading, what stands below it), the first without one; headings in fences are none."""
    heading, lines, fenced = "", list[str](), False
    for line in text.split("\n"):
        fenced ^= line.startswith("```")
        if line.startswith(f"{marks} ") and not fenced:
            yield heading, "\n".join(lines) + "\n"
            heading, lines = line.removeprefix(marks).strip(), []
        else:
            lines.append(line)
    yield heading, "\n".join(lines) + "\n"


def _section(block: str) -> str:
    found = _SECTION.search(block)
    return found[1].strip() if found else ""


def _entries(name: str, block: str, path: Path) -> list[Entry]:
    """One mistake, or those that a link brings."""
    link, section = _LINK.fullmatch(name), _section(block)
    if link:
        return [replace(entry, section=entry.section or section) for entry in read(path.parent / link[1]).mistakes]
    diffs: list[tuple[str, ...]] = []
    named: list[tuple[str, str]] = []
    for kind, inside in _FENCE.findall(block):
        if kind == "diff":
            diffs.append((inside,))
        elif kind == "python":
            names = [re.fullmatch(r"(\w+)(?:\s+# (.+))?", line.strip()) for line in inside.strip().split("\n")]
            if not all(names):
                raise TextError(f"{path.name}, '{name}': in a python fence stands a name, then # and why it is no diff")
            named += [(one[1], one[2] or "") for one in names if one]
        else:
            raise TextError(f"{path.name}, '{name}': a fence is a diff or python, not {kind or 'without a name'}")
    rest = _SECTION.sub("", _FENCE.sub("", block))
    wrong = tuple(_table(rows, name, path) for rows in _ROWS.findall(rest))
    words = " ".join(_ROWS.sub("", rest).split())
    return [Entry(name, words, section, tuple(diffs), tuple(named), wrong)]


def _left_in(entries: list[Entry]) -> list[Entry]:
    """The mistakes of those who mended all faults but one, or all but two."""
    pairs = {entry.name: entry for entry in entries if ", and " in entry.name}
    faults = [entry for entry in entries if entry.name not in pairs]
    found = [replace(fault, name=f"one fault is left: {fault.name}") for fault in faults]
    for one, other in combinations(faults, 2):
        name = f"{one.name}, and {other.name}"
        own = pairs.get(name)
        if own is None or own.diffs:
            chain = own.diffs[0] if own else one.diffs[0] + other.diffs[0]
            words = f"{one.words} {other.words}"
            found.append(Entry(f"two faults are left: {name}", words, one.section, (chain,)))
    return found


def _table(rows: str, name: str, path: Path) -> dict[str, Any]:
    """A table of entries and wrong values, without its head."""
    found = {}
    for row in rows.strip().split("\n")[2:]:
        cells = [cell.strip() for cell in row.strip().strip("|").split("|")]
        try:
            key, value = cells
            found[key] = ast.literal_eval(value.strip("`"))
        except (ValueError, SyntaxError):
            raise TextError(f"{path.name}, '{name}': the row {row} is not an entry and a value of Python") from None
    return found
