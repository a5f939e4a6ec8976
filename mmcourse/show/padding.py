"""A toy to play with: what a length cuts off, and how much of the table is then padding?"""

from collections.abc import Sequence
from html import escape

from .controls import WHOLE, play
from .figures import figure

WAYS = (
    "one length for all",
    "each batch as long as its longest",
    "the same, sentences of like length together",
)


def cost(lengths: Sequence[int], length: int, way: str = WAYS[0], batch: int = 32) -> tuple[float, float, float]:
    """What a greatest length does to sentences of these lengths.

    Returns the share of sentences that stay whole, the share of words that are cut off, and the share of positions
    that are padding. Raises ValueError for an unknown way.
    """
    if way not in WAYS:
        raise ValueError(f"way={way!r}: there are {', '.join(WAYS)}")
    kept = [min(n, length) for n in lengths]
    rows = sorted(kept) if way == WAYS[2] else kept
    size = len(rows) if way == WAYS[0] else batch
    tops = (length if way == WAYS[0] else max(rows[i : i + size]) for i in range(0, len(rows), size))
    positions = sum(
        max(1, top) * len(rows[i : i + size]) for top, i in zip(tops, range(0, len(rows), size), strict=True)
    )
    whole = sum(n <= length for n in lengths) / len(lengths)
    return whole, 1 - sum(kept) / max(1, sum(lengths)), 1 - sum(kept) / positions


def padding(sentences: Sequence[Sequence[str]]) -> None:
    """A slider for the greatest length, three ways to pad, and what they do to tokenised sentences; by keyboard too.

    Where widgets do not run, a figure that opens below stands for it: what is cut and what is padded at every length.
    """
    import ipywidgets as w

    lengths = [len(sentence) for sentence in sentences]
    longest = max(lengths)
    style, layout = {"description_width": "initial"}, {"width": "40em", "max_width": WHOLE}
    slider = w.IntSlider(value=longest, min=1, max=longest, description="greatest length", style=style, layout=layout)
    narrow = {"description_width": "initial", "button_width": "auto"}
    ways = w.ToggleButtons(options=WAYS, value=WAYS[0], description="padded to", style=narrow)
    said = w.HTML(_told(sentences, lengths, longest, WAYS[0]))

    def moved(_):
        said.value = _told(sentences, lengths, slider.value, ways.value)

    slider.observe(moved, "value")
    ways.observe(moved, "value")
    play(slider, ways, said)
    steps = list(range(1, longest + 1))
    whole = [cost(lengths, n)[0] for n in steps]
    pads = {way: [cost(lengths, n, way)[2] for n in steps] for way in WAYS}
    title = "What is not cut is padded, unless like goes with like"
    alt = f"Against the greatest length, 1 to {longest}. Left: the share of sentences that stay whole rises to 1. "
    alt += "Right: " + "; ".join(f"padding with {way} rises to {values[-1]:.2f}" for way, values in pads.items()) + "."
    with figure(title, alt, columns=2, folded="No sliders here? A still figure") as axes:
        axes[0].plot(steps, whole, marker="")
        axes[0].set(xlabel="greatest length", title="sentences that stay whole", ylim=(0, 1.02))
        for (way, values), line in zip(pads.items(), ("-", "--", ":"), strict=True):
            axes[1].plot(steps, values, line, marker="", label=way)
        axes[1].set(xlabel="greatest length", title="positions that are padding", ylim=(0, 1.3), yticks=[0, 0.5, 1])
        axes[1].legend(fontsize=8, loc="upper left")


def _told(sentences: Sequence[Sequence[str]], lengths: Sequence[int], length: int, way: str) -> str:
    """Three sentences as they come out, and the counts, which a screen reader reads out when they change."""
    whole, cut, pads = cost(lengths, length, way)
    order = sorted(range(len(sentences)), key=lambda i: (lengths[i], i))
    shown = [order[round(at * (len(order) - 1))] for at in (0.1, 0.5, 0.95)]
    rows = "".join(f"<li>{_row(sentences[i], length)}</li>" for i in shown)
    count = (
        f"Greatest length {length}: <b>{whole:.0%} of the sentences stay whole</b>, {cut:.1%} of the words are cut "
        f"off. Padded to {way}: <b>{pads:.0%} of the positions are padding.</b>"
    )
    return (
        f"<div style='line-height:1.5'><p role='status' aria-live='polite' style='margin:.4em 0'>{count}</p>"
        f"<p style='margin:.4em 0 0'>A short sentence, one of middle length, a long one:</p>"
        f"<ul style='margin:0'>{rows}</ul></div>"
    )


def _row(sentence: Sequence[str], length: int) -> str:
    kept, lost = " ".join(sentence[:length]), len(sentence) - length
    if lost <= 0:
        return f"{escape(kept)} <small>[whole; {-lost} below the greatest length]</small>"
    return f"{escape(kept)} <small>[{lost} words cut off: <s>{escape(' '.join(sentence[length:]))}</s>]</small>"
