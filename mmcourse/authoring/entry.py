"""As much of the bank's exercises as the builder reads, so that its tests need no bank."""

from typing import Protocol


class Entry(Protocol):
    """An exercise."""

    @property
    def id(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def answer(self) -> str: ...

    @property
    def verb(self) -> str: ...

    @property
    def max_points(self) -> float: ...
