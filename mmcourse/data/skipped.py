"""What was wrong in somebody's files, counted by reason: damage is not fatal, and never silent."""


class Skipped:
    """What was left out of a set, and what was mended, by reason, with the first names of each.

    >>> skipped = Skipped("flickr8k")
    >>> skipped.add("picture that cannot be read", "12.jpg")
    >>> print(skipped)
    flickr8k: 1 left out: 1 × picture that cannot be read (12.jpg)

    counts  reason -> how many were left out
    mended  reason -> how many were used all the same, but not as they stand
    """

    SHOWN = 3  # names kept of each reason

    def __init__(self, name: str):
        self.name = name
        self.counts: dict[str, int] = {}
        self.mended: dict[str, int] = {}
        self._examples: dict[str, list[str]] = {}
        self._said = ""

    def add(self, reason: str, which: str) -> None:
        """Count one thing left out; `reason` is a noun phrase in the singular."""
        self._count(self.counts, reason, which)

    def mend(self, reason: str, which: str) -> None:
        """Count one thing that is used, but not as it stands."""
        self._count(self.mended, reason, which)

    def _count(self, counts: dict[str, int], reason: str, which: str) -> None:
        counts[reason] = counts.get(reason, 0) + 1
        names = self._examples.setdefault(reason, [])
        if len(names) < self.SHOWN:
            names.append(which)

    def __len__(self) -> int:
        """How many were left out."""
        return sum(self.counts.values())

    def __str__(self) -> str:
        parts = []
        for word, counts in (("left out", self.counts), ("mended", self.mended)):
            if counts:
                each = (f"{count} × {reason} ({self._names(reason, count)})" for reason, count in counts.items())
                parts.append(f"{sum(counts.values())} {word}: {', '.join(each)}")
        return f"{self.name}: {'; '.join(parts) or 'nothing left out'}"

    def _names(self, reason: str, count: int) -> str:
        return ", ".join(self._examples[reason]) + (", ..." if count > self.SHOWN else "")

    def say(self) -> None:
        """Print the one line, where there is anything to say; once, though a set be loaded again and again."""
        if (self.counts or self.mended) and str(self) != self._said:
            self._said = str(self)
            print(self, flush=True)
