"""Reports: `report.json`, `grades.csv` and `summary.md`."""

import csv
import json
import os
from html import escape
from pathlib import Path
from typing import Any

from mmcourse import __version__, bank
from mmcourse.checking.exercise import Exercise
from mmcourse.checking.verdict import Status

SUMMARY_LIMIT = 900_000  # bytes; GitHub takes 1 MiB a step and drops what is longer


def submission(
    notebook: str, lesson: str, cards: dict[str, dict], trouble: dict[str, str], seed: int
) -> dict[str, Any]:
    """One notebook's row: an entry for each exercise of its lesson, from its cards.

    cards    exercise id -> the JSON of its card
    trouble  exercise id -> why its check gave no card
    """
    exercises = [
        _from_card(cards[e.id]) if e.id in cards else _without_card(e, trouble.get(e.id, "its check did not run"))
        for e in bank.exercises(lesson).values()
    ]
    return {
        "notebook": notebook,
        "points": sum(e["points"] for e in exercises),
        "max_points": sum(e["max_points"] for e in exercises),
        "status": "graded",
        "course": __version__,
        "seed": seed,
        "exercises": exercises,
    }


def refused(notebook: str, why: str, seed: int) -> dict[str, Any]:
    """The row of a file that could not be graded at all; `feedback` says why and what to do."""
    return {
        "notebook": notebook,
        "points": 0,
        "max_points": 0,
        "status": "refused",
        "course": __version__,
        "seed": seed,
        "feedback": why,
        "exercises": [],
    }


def _from_card(card: dict) -> dict[str, Any]:
    row = {key: card[key] for key in ("id", "points", "max_points", "status", "mistake", "feedback")}
    row["checks"] = [
        {key: check[key] for key in ("name", "points", "max_points", "passed", "says")} for check in card["checks"]
    ]
    return row


def _without_card(exercise: Exercise, why: str) -> dict[str, Any]:
    return {
        "id": exercise.id,
        "points": 0,
        "max_points": exercise.max_points,
        "status": Status.FAILED.value,
        "mistake": None,
        "feedback": f"Could not be checked: {why}. The check looks for the name `{exercise.answer}`.",
        "checks": [
            {"name": name, "points": 0, "max_points": points, "passed": False, "says": ""}
            for name, points in exercise.lines
        ],
    }


def write(submissions: list[dict], folder: Path) -> None:
    """Writes the three files. In GitHub Actions the summary is shown on the run's page too."""
    folder.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"submissions": submissions}, indent=1, ensure_ascii=False)
    (folder / "report.json").write_text(text + "\n", "utf8")
    ids = sorted({e["id"] for s in submissions for e in s["exercises"]})
    with (folder / "grades.csv").open("w", newline="", encoding="utf8") as file:
        rows = csv.writer(file)
        rows.writerow(["notebook", "status", "points", "max_points", *ids])
        for s in submissions:
            points = {e["id"]: e["points"] for e in s["exercises"]}
            rows.writerow(
                [_cell(s["notebook"]), s["status"], s["points"], s["max_points"], *(points.get(i, "") for i in ids)]
            )
    summary = as_markdown(submissions)
    (folder / "summary.md").write_text(summary, "utf8")
    page = os.environ.get("GITHUB_STEP_SUMMARY")
    if page:
        with open(page, "a", encoding="utf8") as file:
            file.write(summary.encode()[:SUMMARY_LIMIT].decode(errors="ignore"))


def _cell(text: str) -> str:
    """A file name that a spreadsheet would take for a formula is quoted."""
    return "'" + text if text[:1] in ("=", "+", "-", "@") else text


def as_markdown(submissions: list[dict]) -> str:
    """The summary: a table for each notebook."""
    lines = ["# Points", ""]
    for s in submissions:
        lines += [f"## {_safe(s['notebook'])}: {s['points']} of {s['max_points']} points", ""]
        if s["status"] == "refused":
            lines += [f"Refused: {_safe(s['feedback'])}", ""]
            continue
        lines += ["| exercise | points | status | what to look at |", "|---|---|---|---|"]
        lines += [
            f"| {e['id']} | {e['points']} of {e['max_points']} | {e['status']} | {_safe(_advice(e))} |"
            for e in s["exercises"]
        ]
        lines.append("")
    return "\n".join(lines) + "\n"


def _advice(row: dict) -> str:
    failing = next((c for c in row["checks"] if not c["passed"] and c["says"]), None)
    first = f"{failing['name']}: {failing['says']}. " if failing else ""
    return first + row["feedback"]


def _safe(text: str) -> str:
    """What a learner's own words may hold must not become Markdown or HTML."""
    return escape(str(text), quote=False).replace("|", "\\|").replace("\n", " ").replace("[", "\\[")
