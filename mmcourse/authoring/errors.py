"""The one error of the builder: what is wrong in a text that an author wrote, where, and what to do."""


class SourceError(ValueError):
    """A source, a notebook or the glossary says something that the builder refuses to guess about."""


def refuse(name: str, line: int | None, message: str) -> SourceError:
    """Return (for the caller to raise) the error `name:line: message`; `line` counts from 1, None where unknown."""
    return SourceError(f"{name}:{line}: {message}" if line else f"{name}: {message}")
