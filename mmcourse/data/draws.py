"""Random numbers of which item i's depend on (seed, i) alone, the same on every machine and in every process.

A counter is hashed instead of a state being moved on (SplitMix64's finaliser; Steele, Lea, Flood 2014,
doi:10.1145/2660193.2660195), all in 64-bit integers. So any worker can make any item, and a batch is made at once.
"""

import zlib

import numpy as np

_STEP = np.uint64(0x9E3779B97F4A7C15)


class Draws:
    """Random numbers for the items `rows`, one line each; asked by name, so that none depends on how many came before.

    seed  any whole number
    rows  (N,) whole numbers from 0
    """

    def __init__(self, seed: int, rows: np.ndarray):
        start = _mix(np.array([seed & (2**64 - 1)], dtype=np.uint64) + _STEP)
        self.keys = _mix(start ^ _mix(np.asarray(rows).astype(np.uint64) * _STEP + _STEP))  # (N,)

    def bits(self, name: str, width: int = 1) -> np.ndarray:
        """64 random bits each: (N, width) uint64."""
        places = np.arange(1, width + 1, dtype=np.uint64) * _STEP ^ np.uint64(zlib.crc32(name.encode()) << 16)
        return _mix(self.keys[:, None] ^ _mix(places))

    def below(self, n: int, name: str, width: int = 1) -> np.ndarray:
        """Whole numbers from 0 to n - 1, equally likely (to 1 in 4 billion): (N, width)."""
        high = self.bits(name, width) >> np.uint64(32)
        return (high * np.uint64(n) >> np.uint64(32)).astype(np.int64)

    def one(self, n: int, name: str) -> np.ndarray:
        """One number from 0 to n - 1 for each item: (N,)."""
        return self.below(n, name)[:, 0]

    def order(self, n: int, name: str) -> np.ndarray:
        """The numbers from 0 to n - 1 in random order: (N, n)."""
        return np.argsort(self.bits(name, n), axis=1, kind="stable")

    def only(self, rows: np.ndarray, attempt: int = 0) -> "Draws":
        """Of these items alone; fresh numbers for each attempt above 0."""
        some = object.__new__(Draws)
        some.keys = self.keys[rows] if attempt == 0 else _mix(self.keys[rows] + np.array([attempt], np.uint64) * _STEP)
        return some


def _mix(x: np.ndarray) -> np.ndarray:
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
