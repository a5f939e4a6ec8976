"""A verdict: the outcome of one exercise, line by line, as plain data."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How an exercise came out."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    NOT_ATTEMPTED = "not attempted"


@dataclass(frozen=True)
class Result:
    """One line of a verdict. A gate has no points and must hold for any to count."""

    name: str
    points: int
    max_points: int
    passed: bool
    says: str = ""

    @property
    def gate(self) -> bool:
        return self.max_points == 0


@dataclass
class Verdict:
    """The outcome of one exercise."""

    id: str
    title: str
    points: int
    max_points: int
    status: Status
    mistake: str | None = None
    feedback: str = ""
    checks: list[Result] = field(default_factory=list)
    seed: int = 0
    printed: str = ""  # the first of what the answer printed

    def as_json(self) -> dict[str, Any]:
        """The verdict as JSON has it."""
        return asdict(self) | {"status": str(self.status)}


def gate(name: str, broken: str) -> Result:
    """A gate: `broken` says what does not hold, '' if all is well."""
    return Result(name, 0, 0, not broken, broken)
