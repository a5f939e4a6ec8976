"""What a set had to leave out, counted by reason: damage in somebody's files is not fatal, and never silent."""


class Skipped:
    """A count of what was left out of a set, by reason, with the first names of each.

    >>> skipped = Skipped("flickr8k")
    >>> skipped.add("picture that cannot be read", "12.jpg")
    >>> print(skipped)
    flickr8k: 1 left out: 1 picture that cannot be read (12.jpg)
    """

    SHOWN = 3  # names kept of each reason

    def __init__(self, name: str):
        self.name = name
        self.counts: dict[str, int] = {}
        self.examples: dict[str, list[str]] = {}

    def add(self, reason: str, which: str) -> None:
        """Count one thing left out; `reason` is a noun phrase in the singular."""
        self.counts[reason] = self.counts.get(reason, 0) + 1
        names = self.examples.setdefault(reason, [])
        if len(names) < self.SHOWN:
            names.append(which)

    def __len__(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        if not self:
            return f"{self.name}: nothing left out"
        parts = []
        for reason, count in self.counts.items():
            more = ", ..." if count > self.SHOWN else ""
            parts.append(f"{count} {reason} ({', '.join(self.examples[reason])}{more})")
        return f"{self.name}: {len(self)} left out: {'; '.join(parts)}"

    def say(self) -> None:
        """Print the one line, where anything was left out."""
        if self:
            print(self, flush=True)
