"""A toy to play with: type a few words in either language, and see which pictures a model of matching brings."""

from collections.abc import Callable, Sequence
from html import escape

import torch
from torch import Tensor

from .chinese import marked
from .controls import WHOLE, play
from .figures import _img, _png, figure

Look = Callable[[str], tuple[Tensor, Sequence[str]]]


def searching(images: Tensor, names: Sequence[str], look: Look, source: str, first: str, shown: int = 6) -> None:
    """Type a query and press Enter, or the button; by keyboard alone too.

    images  (N, 3, H, W) uint8, and a name for each of the N, which is shown below it
    look    query -> scores (N), higher is better, and the tokens of the query that the model doesn't know; the scores
            are all 0 where it knows none of them
    source  required by the pictures' licences, shown below them
    first   the query that stands there at the start; where widgets do not run, a figure that opens below shows it
    shown   how many pictures are brought

    A query of which nothing is known brings no pictures: any order of them would be made up.
    Raises ValueError where images and names differ in number.
    """
    if len(images) != len(names):
        raise ValueError(f"{len(images)} pictures and {len(names)} names: one name for each picture")
    import ipywidgets as w

    box = w.Text(value=first, description="search for", layout={"width": "30em", "max_width": WHOLE})
    button = w.Button(description="search", tooltip="search for what stands in the box")
    said = w.HTML()

    def search(_=None):
        said.value = _told(images, names, *best(look, box.value, shown), box.value, source)

    box.continuous_update = False  # Enter, or leaving the box
    box.observe(search, "value")
    button.on_click(search)
    search()
    play(w.HBox([box, button], layout={"flex_flow": "row wrap"}), said)
    _still(images, names, *best(look, first, shown), first, source)


def best(look: Look, query: str, shown: int) -> tuple[list[tuple[int, float]], list[str]]:
    """The pictures that a query brings, as (number, score), best first; and what of it is not known."""
    if not query.strip():
        return [], []
    scores, unknown = look(query)
    if scores.eq(0).all():  # nothing of the query is known
        return [], list(unknown)
    top = torch.topk(scores, min(shown, len(scores)))
    return list(zip(top.indices.tolist(), top.values.tolist(), strict=True)), list(unknown)


def line(names: Sequence[str], found: list[tuple[int, float]], unknown: list[str], query: str) -> str:
    """What is read out by a screen reader: how it went, in one line of text."""
    if not query.strip():
        return "Type a few words, in English or in Chinese, and press Enter."
    missing = f"Never seen in training: {', '.join(unknown)}. " if unknown else ""
    if not found:
        return f"{missing}Nothing of '{query}' is known, so no picture can be brought."
    pictures = "; ".join(f"{names[i]} {score:.2f}" for i, score in found)
    return f"{missing}For '{query}', best first: {pictures}."


def _told(images, names, found, unknown, query, source) -> str:
    """The line, and below it the pictures with their scores."""
    cells = "".join(
        "<figure style='display:inline-block;margin:.4em;text-align:center;vertical-align:top;width:8em'>"
        f"{_img(_png(images[i]), '')}<figcaption style='line-height:1.2'>{marked(names[i])}<br>{score:.2f}"
        "</figcaption></figure>"
        for i, score in found
    )
    return (
        f"<p role='status' aria-live='polite' style='margin:.4em 0;line-height:1.4'>"
        f"{marked(line(names, found, unknown, query))}</p><div>{cells}</div>"
        f"<p style='margin:0'><small>{escape(source)}</small></p>"
    )


def _still(images, names, found, unknown, query, source) -> None:
    """The first query's pictures with their scores, as bars."""
    alt = f"{line(names, found, unknown, query)} {source}"
    with figure(f"What '{query}' brings", alt, height=2.4, folded="No box here? A still figure") as ax:
        ax.axis("off")
        for place, (i, score) in enumerate(found):
            inset = ax.inset_axes((place / max(len(found), 1), 0.25, 0.9 / max(len(found), 1), 0.7))
            inset.imshow(images[i].permute(1, 2, 0).numpy())  # (3, H, W) -> (H, W, 3)
            inset.set_axis_off()
            inset.set_title(f"{score:.2f}", fontsize=9, y=-0.22)
