"""Front matter: the few facts about a lesson or a problem set that stand above its text, in YAML."""

import re
from dataclasses import dataclass

import yaml

from mmcourse.authoring.errors import refuse

KEYS = {
    "lessons": ("title", "title_zh", "summary", "stage", "minutes", "objectives", "stands_on"),
    "exercises": ("title", "title_zh", "stage"),
}


@dataclass(frozen=True)
class Front:
    """What stands between the two `---` lines of a source. Problem sets have a title and a stage alone.

    summary   what a lesson holds, in a line, for the README
    stage     where in the pipeline it stands: one of `stamps.PIPELINE`, or another word for what is no part of it
    """

    title: str
    title_zh: str
    stage: str
    summary: str = ""
    minutes: int = 0
    objectives: tuple[str, ...] = ()
    stands_on: tuple[str, ...] = ()


def split_front(text: str, name: str) -> tuple[str, str]:
    """Cut a source into (front matter with its `---` lines, body).

    Raises:
        SourceError: the text does not begin with front matter, or its second `---` is missing.
    """
    match = re.match(r"---\n.*?^---[ \t]*(\n|\Z)", text, re.DOTALL | re.MULTILINE)
    if not match:
        raise refuse(name, 1, "front matter is missing. Begin the file with ---, the keys (title: ...), and --- again.")
    return match[0], text[match.end() :]


def read_front(front: str, kind: str, name: str) -> Front:
    """Read the front matter of a source; `kind` is "lessons" or "exercises".

    Raises:
        SourceError: it is not YAML, a key is missing or unknown, or a value is not of the form that is asked for.
    """
    try:
        facts = yaml.safe_load(front.strip().strip("-"))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)  # counted from 0, from the line of the first ---
        line, problem = mark.line + 1 if mark else 1, getattr(error, "problem", error)
        raise refuse(
            name, line, f"the front matter is not YAML ({problem}). Quote a value that has ': ' in it."
        ) from None
    if not isinstance(facts, dict):
        raise refuse(name, 1, "the front matter holds no keys. Write lines such as title: Start here.")
    keys = KEYS[kind]
    if missing := [key for key in keys if key not in facts]:
        raise refuse(name, 1, f"the front matter lacks {', '.join(missing)}. Add a line for each.")
    if unknown := [str(key) for key in facts if key not in keys]:
        raise refuse(name, 1, f"the front matter has {', '.join(unknown)}, which is not one of: {', '.join(keys)}.")
    for key in ("title", "title_zh", "summary", "stage"):
        if key in keys and (not isinstance(facts[key], str) or not facts[key].strip()):
            raise refuse(name, 1, f"{key} must be a text: write {key}: ... (in quotes if it looks like a number).")
    minutes = facts.get("minutes", 0)
    if "minutes" in keys and (type(minutes) is not int or minutes < 1):
        raise refuse(name, 1, f"minutes must be a whole number of minutes, not {minutes!r}.")
    objectives, stands_on = (_texts(facts, key, name) for key in ("objectives", "stands_on"))
    if kind == "lessons" and not 3 <= len(objectives) <= 5:
        raise refuse(name, 1, f"a lesson has 3 to 5 objectives, this one has {len(objectives)}.")
    for sentence in objectives:
        if re.match(r"(to|you)\b", sentence, re.IGNORECASE):
            raise refuse(name, 1, f"objective {sentence!r}: begin with the verb; 'You will be able to' is stamped.")
    summary = facts.get("summary", "")
    return Front(facts["title"], facts["title_zh"], facts["stage"], summary, minutes, objectives, stands_on)


def _texts(facts: dict, key: str, name: str) -> tuple[str, ...]:
    """The list of texts under `key` (none where the key is not asked for)."""
    values = facts.get(key, [])
    values = [] if values is None else values
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        raise refuse(name, 1, f"{key} must be a list of texts: one '- ...' line for each, or [] for none.")
    return tuple(values)
