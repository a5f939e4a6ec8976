"""05.4 Where a word stands: waves."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

from mmcourse.checking.exercise import Case, Draw, Exercise, Mistake
from mmcourse.text.positions import sinusoids

WHERE = "(lesson 05, '{}')".format


def _cases(draw: Draw) -> list[Case]:
    start = draw.integers(20, 90, 1).double()

    def case(name: str, places: Tensor, d: int) -> Case:
        return Case(name, {"places": places, "d": d}, gradients=False)  # nobody learns where a word stands

    return [
        case("the first place", torch.zeros(1, dtype=torch.float64), 6),
        case("seven places, eight features", torch.arange(7, dtype=torch.float64), 8),
        case("places further on, in any order", start + draw.normal(5, scale=9).round(), 10),
    ]


def _like(
    exponent: Callable[[Tensor, int], Tensor] = lambda even, d: even / d,
    base: float = 10000.0,
    first: float = 0.0,
    swap: bool = False,
    halves: bool = False,
    times: bool = False,
) -> Callable[[Tensor, int], Tensor]:
    """`sinusoids` with another choice for one of its parts."""

    def answer(places: Tensor, d: int) -> Tensor:
        even = torch.arange(0, d, 2, dtype=places.dtype, device=places.device)
        scale = base ** exponent(even, d)
        p = places[:, None] + first
        angles = p * scale if times else p / scale
        waves = [angles.cos(), angles.sin()] if swap else [angles.sin(), angles.cos()]
        return torch.cat(waves, -1) if halves else torch.stack(waves, -1).flatten(1)

    return answer


def _each_its_own(places: Tensor, d: int) -> Tensor:
    """Every feature has a frequency of its own, the odd ones too."""
    k = torch.arange(d, dtype=places.dtype, device=places.device)
    angles = places[:, None] / 10000 ** (k / d)
    return torch.where(k % 2 == 0, angles.sin(), angles.cos())


def _sines(places: Tensor, d: int) -> Tensor:
    even = torch.arange(0, d, 2, dtype=places.dtype, device=places.device)
    angles = places[:, None] / 10000 ** (even / d)
    return angles.sin().repeat_interleave(2, -1)


def _single(by_exp: bool = False, on_cpu: bool = False) -> Callable[[Tensor, int], Tensor]:
    """Whole numbers divided by a whole number give single precision, whatever the places are in."""

    def answer(places: Tensor, d: int) -> Tensor:
        even = torch.arange(0, d, 2, device=None if on_cpu else places.device)
        speeds = torch.exp(even * (-math.log(10000.0) / d)) if by_exp else None
        angles = places[:, None] / 10000 ** (even / d) if speeds is None else places[:, None] * speeds
        return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)

    return answer


def _in_order(places: Tensor, d: int) -> Tensor:
    return sinusoids(torch.arange(len(places), dtype=places.dtype, device=places.device), d)


waves = Exercise(
    id="05.4",
    title="where a word stands",
    kind="function",
    answer="sinusoids",
    reference=sinusoids,
    cases=_cases,
    mistakes=(
        Mistake(
            "all sines stand first, then all cosines",
            "Many programs do so, and a network can learn either. The formula has them side by side: which features "
            f"are 2i and 2i + 1? {WHERE('Where a word stands')}",
            _like(halves=True),
        ),
        Mistake(
            "sine and cosine change places",
            f"At place 0 your features begin with 1. Which comes first, sin 0 or cos 0? {WHERE('Where a word stands')}",
            _like(swap=True),
        ),
        Mistake(
            "the exponent counts twice",
            "Your steps already go by two, and are doubled again: the waves get slow twice as fast. What is 2i, if you "
            f"count 0, 2, 4? {WHERE('Where a word stands')}",
            _like(lambda even, d: 2 * even / d),
        ),
        Mistake(
            "the exponent is i / d",
            "The slowest wave turns at the square root of the speed that it should have. Feature 2i has which "
            f"exponent? {WHERE('Where a word stands')}",
            _like(lambda even, d: even / 2 / d),
        ),
        Mistake(
            "the power is not divided by d",
            "In Python `10000**a / d` is the power first, then the division. What is in the exponent, all of it? "
            f"{WHERE('Where a word stands')}",
            _like(lambda even, d: even + math.log(d, 10000)),
            also=(_like(lambda even, d: even - math.log(d, 10000)),),
        ),
        Mistake(
            "the speeds are in single precision",
            "`torch.arange(0, d, 2)` is of whole numbers, and whole numbers divided give float32, whatever `places` "
            "is in: the angles of far places are off in the eighth digit. Which dtype was asked for? "
            f"{WHERE('Where a word stands')}",
            _single(),
            also=(_single(on_cpu=True), _single(by_exp=True)),
        ),
        Mistake(
            "the places are counted anew",
            "0, 1, 2 …: for the first words of a sentence that is right, and `places` has no say. What is p, if places "
            f"90 and 40 are asked for? {WHERE('Where a word stands')}",
            _in_order,
        ),
        Mistake(
            "every feature has a speed of its own",
            "A sine and a cosine of different angles are no pair: they can't turn together. Which two features share "
            f"an angle? {WHERE('Where a word stands')}",
            _each_its_own,
        ),
        Mistake(
            "places are counted from 1",
            f"Your first word stands where the second should. What is the first place? {WHERE('Where a word stands')}",
            _like(first=1.0),
        ),
        Mistake(
            "the waves get faster instead of slower",
            "You multiply by the power of 10000 where the formula divides. Which feature should hardly move from word "
            f"to word? {WHERE('Where a word stands')}",
            _like(times=True),
        ),
        Mistake(
            "the base is 1000",
            f"One zero is missing. Ten thousand to which power? {WHERE('Where a word stands')}",
            _like(base=1000.0),
        ),
        Mistake(
            "there are sines only",
            "Two places a half turn apart have the same sine at 0. What tells them apart? "
            f"{WHERE('Where a word stands')}",
            _sines,
        ),
    ),
    hints=(
        "How many different angles does one place need for d features?",
        "There are d / 2 speeds, (d/2,), and T places, (T,): which shapes give a table of (T, d/2) angles by "
        "broadcasting?",
        "Even numbers from 0 below d, in the dtype and on the device of `places`; the places down, divided by 10000 to "
        "the power of even number by d; sine and cosine of that table side by side, each pair together.",
    ),
)
