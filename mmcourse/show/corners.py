"""A toy to play with: how many of four corners can a sum of two votes get right?"""

import math

from .controls import WHOLE, play
from .figures import figure

PICTURES, WORDS = ("a cat", "a dog"), ("'cat'", "'dog'")
SHOULD = ((True, False), (False, True))  # does the word fit the picture?


def scores(cat: float, dog: float, word_cat: float, word_dog: float, product: float) -> list[list[float]]:
    """The score of each corner: the picture's vote, the word's vote, and `product` where they agree, else minus it."""
    return [
        [vote + said + (product if i == j else -product) for j, said in enumerate((word_cat, word_dog))]
        for i, vote in enumerate((cat, dog))
    ]


def right(corners: list[list[float]]) -> int:
    """How many of the corners say what they should: a score above 0 says 'fits'."""
    return sum((corners[i][j] > 0) == SHOULD[i][j] for i in range(2) for j in range(2))


def cross_entropy(corners: list[list[float]]) -> float:
    """Mean over the four corners, in nats; ln 2 where every score is 0."""
    signed = [corners[i][j] if SHOULD[i][j] else -corners[i][j] for i in range(2) for j in range(2)]
    return sum(math.log1p(math.exp(-s)) for s in signed) / 4


def corners() -> None:
    """Four sliders for the votes and one for a product, and what becomes of the four corners; by keyboard too.

    Where widgets do not run, a figure that opens below stands for it: the best that a sum can do, and what a product
    does.
    """
    import ipywidgets as w

    wide = {"description_width": "13em"}
    labels = ("picture of a cat votes", "picture of a dog votes", "word 'cat' votes", "word 'dog' votes", "product")
    sliders = [
        w.FloatSlider(value=0, min=-3, max=3, step=0.5, description=label, style=wide, layout={"width": "40em"})
        for label in labels
    ]
    for slider in sliders:
        slider.layout.max_width = WHOLE
    said = w.HTML(_told(scores(0, 0, 0, 0, 0)))

    def moved(change):
        which = f"{change['owner'].description}: {change['new']:+.1f}"
        values = (round(slider.value, 1) for slider in sliders)  # the page may send 0.0000000000000004 for a 0
        said.value = _told(scores(*values), which)

    for slider in sliders:
        slider.observe(moved, "value")
    play(*sliders, said)
    shown = {
        "votes alone: three of four": scores(1.5, -1.5, 1, -2, 0),
        "with a product: all four": scores(0, 0, 0, 0, 2),
    }
    title = "A sum of votes gets three corners right, never four"
    alt = (
        "Two tables of four corners, picture of a cat or dog against the word 'cat' or 'dog'. In the first the scores "
        "are sums of two votes, and one corner is wrong; in the second a product is added, and all are right."
    )
    with figure(title, alt, height=2.6, columns=2, folded="No sliders here? A still figure") as axes:
        for ax, (name, score) in zip(axes, shown.items(), strict=True):
            ax.imshow(score, cmap="PuOr", vmin=-7, vmax=7)  # pale: black words stand on it
            for i in range(2):
                for j in range(2):
                    mark = "right" if (score[i][j] > 0) == SHOULD[i][j] else "WRONG"
                    ax.text(j, i, f"{score[i][j]:+.1f}\n{mark}", ha="center", va="center")
            ax.set(xticks=range(2), xticklabels=WORDS, yticks=range(2), yticklabels=PICTURES, title=name)


def _told(score: list[list[float]], moved: str = "") -> str:
    """The corners as a table, and the count, which a screen reader reads out when it changes."""
    rows = ""
    for i, picture in enumerate(PICTURES):
        rows += f"<tr><th scope='row' style='text-align:left;padding:.3em 1em .3em 0'>picture of {picture}</th>"
        for j in range(2):
            says = score[i][j] > 0
            mark = "&#10003; right" if says == SHOULD[i][j] else "&#10007; <b>wrong</b>"
            word = "fits" if says else "does not fit"
            rows += f"<td style='padding:.3em 1em'>{score[i][j]:+.1f}: {word}, {mark}</td>"
        rows += "</tr>"
    head = "".join(f"<th scope='col' style='padding:.3em 1em;text-align:left'>word {word}</th>" for word in WORDS)
    count = f"<b>{right(score)} of 4 right.</b> Cross-entropy {cross_entropy(score):.3f} (ln 2 is {math.log(2):.3f})."
    return (
        f"<div style='line-height:1.5;overflow-x:auto'><table><tr><td></td>{head}</tr>{rows}</table>"
        f"<p role='status' aria-live='polite' style='margin:.4em 0'>{moved and moved + '. '}{count}</p></div>"
    )
