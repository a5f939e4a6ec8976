"""The card: a verdict as plain text, as HTML and as JSON, displayed together; and `CheckFailed`."""

from html import escape
from typing import Any

from .verdict import Result, Status, Verdict

MIME = "application/vnd.mmcourse.check+json"
MARKS = {True: "✓", False: "✗"}
HANGING = "margin:0;padding-left:1.4em;text-indent:-1.4em"  # a second line starts under the first one's words


class CheckFailed(Exception):
    """A check did not give full points. IPython shows it as one line: the card above has said the rest."""

    def _render_traceback_(self) -> list[str]:
        return [f"CheckFailed: {self}"]


def headline(verdict: Verdict) -> str:
    """'2 of 5 points · 04.1 masked mean'."""
    return f"{score(verdict)} · {verdict.id} {verdict.title}"


def score(verdict: Verdict) -> str:
    """'2 of 5 points', or that nothing was tried."""
    if verdict.status is Status.NOT_ATTEMPTED:
        return "Not attempted"
    return f"{verdict.points} of {points(verdict.max_points)}"


def points(n: int) -> str:
    """'1 point', '2 points'."""
    return f"{n} point" if n == 1 else f"{n} points"


def line(check: Result) -> str:
    """'passed: padded (2 points)' or 'failed: padded (0 of 2 points): differs, first at …'."""
    if check.gate:
        return f"{'holds' if check.passed else 'broken'}: {check.name}{': ' + check.says if check.says else ''}"
    earned = points(check.points) if check.passed else f"{check.points} of {points(check.max_points)}"
    return f"{'passed' if check.passed else 'failed'}: {check.name} ({earned}){': ' + check.says if check.says else ''}"


def shown(verdict: Verdict) -> list[Result]:
    """The checks that a card lists: all with points, and the gates that are shut."""
    if verdict.status is Status.NOT_ATTEMPTED:
        return []
    return [check for check in verdict.checks if not check.gate or not check.passed]


def as_text(verdict: Verdict) -> str:
    """The card as plain text."""
    lines = [headline(verdict), *("  " + line(check) for check in shown(verdict))]
    if verdict.feedback:
        lines.append(verdict.feedback)
    return "\n".join(lines)


def as_html(verdict: Verdict) -> str:
    """The same words. Colours are the theme's own; a tick or a cross stands beside a word, never alone."""
    items = "".join(
        f"<li style='{HANGING}'><span aria-hidden='true'>{MARKS[check.passed]}</span> {_code(line(check))}</li>"
        for check in shown(verdict)
    )
    feedback = f"<p style='margin:.4em 0 0'>{_code(verdict.feedback)}</p>" if verdict.feedback else ""
    if verdict.mistake:
        feedback = feedback.replace(_code(verdict.mistake), f"<strong>{_code(verdict.mistake)}</strong>", 1)
    mark = "○" if verdict.status is Status.NOT_ATTEMPTED else MARKS[verdict.status is Status.PASSED]
    if items:
        items = f"<ul role='list' style='list-style:none;margin:.3em 0 0;padding:0'>{items}</ul>"
    return (
        f"<div role='group' aria-label='{escape(headline(verdict))}' "
        "style='border:1px solid currentColor;border-radius:4px;padding:.6em .9em;max-width:52em;line-height:1.5'>"
        f"<strong><span aria-hidden='true'>{mark}</span> {escape(headline(verdict))}</strong>"
        f"{items}{feedback}</div>"
    )


def _code(text: str) -> str:
    """Escaped text, with `…` as code."""
    parts = escape(text).split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def bundle(verdict: Verdict, course: str) -> dict[str, Any]:
    """The card as a MIME bundle for `IPython.display.display(..., raw=True)`."""
    return {
        "text/plain": as_text(verdict),
        "text/html": as_html(verdict),
        MIME: {**verdict.as_json(), "course": course},
    }
