"""A toy to play with: what the gradient looks like on the way from one picture to another, by depth."""

from collections.abc import Mapping, Sequence

from .controls import WHOLE, play
from .figures import PALETTE, figure

Way = tuple[Sequence[float], float]  # the slope at each point of the way, and how alike neighbouring gradients are
WIDE, HIGH = 640, 150


def gradients(ways: Mapping[tuple[str, int], Way]) -> None:
    """A slider for the depth and a switch for the kind of network; the slope along the way is drawn. By keyboard too.

    ways  (kind, layers) -> the slopes at points of one way, in any unit, and the mean cosine between the gradients of
          neighbouring points; every kind with the same depths

    Where widgets do not run, a figure that opens below stands for it: the deepest network of each kind.
    """
    import ipywidgets as w

    kinds = list(dict.fromkeys(kind for kind, _ in ways))
    depths = sorted({layers for _, layers in ways})
    wide = {"description_width": "8em"}
    depth = w.SelectionSlider(
        options=depths, value=depths[0], description="layers", style=wide, layout={"width": "30em", "max_width": WHOLE}
    )
    kind = w.ToggleButtons(options=kinds, value=kinds[0], description="network", style=wide)
    drawn, said = w.HTML(), w.HTML()

    def show(_=None):
        drawn.value = _svg(ways[kind.value, depth.value], kind.value, depth.value)
        said.value = f"<div role='status' aria-live='polite'>{told(ways, kind.value, depth.value)}</div>"

    depth.observe(show, "value")
    kind.observe(show, "value")
    show()
    play(kind, depth, drawn, said)
    deepest = depths[-1]
    alt = f"Slope along the way, {deepest} layers. " + " ".join(told(ways, k, deepest) for k in kinds)
    title = f"At {deepest} layers: noise, or a line that can be followed"
    with figure(title, alt, height=2.4, columns=len(kinds), folded="No sliders here? A still figure") as axes:
        for i, (ax, name) in enumerate(zip(axes, kinds, strict=True)):
            ax.plot(_unit(ways[name, deepest][0]), marker="", color=PALETTE[i])
            ax.axhline(0, color="black", linestyle=":", marker="", linewidth=1)
            ax.set(title=name, xlabel="way from one picture to the other", yticks=[], xticks=[])


def told(ways: Mapping[tuple[str, int], Way], kind: str, layers: int) -> str:
    """What is to be seen, in a sentence."""
    alike = ways[kind, layers][1]
    verdict = (
        "a step that helps here helps next door" if alike > 0.8
        else "next door it is half another one" if alike > 0.25
        else "next door it is another one altogether"
    )  # fmt: skip
    return f"{kind}, {layers} layers: neighbouring gradients agree to {max(alike, 0.0):.2f}; {verdict}."


def _unit(slopes: Sequence[float]) -> list[float]:
    """Slopes on one scale, so that their shapes can be compared: the largest is 1."""
    largest = max(abs(s) for s in slopes) or 1.0
    return [s / largest for s in slopes]


def _svg(way: Way, kind: str, layers: int) -> str:
    points = _unit(way[0])
    step = WIDE / (len(points) - 1)
    line = " ".join(f"{i * step:.1f},{HIGH / 2 * (1 - 0.95 * y):.1f}" for i, y in enumerate(points))
    colour = PALETTE[0] if kind.startswith("plain") else PALETTE[1]
    return (
        f"<svg viewBox='0 0 {WIDE} {HIGH}' role='img' aria-label='slope along the way, {kind}, {layers} layers' "
        f"style='width:100%;max-width:{WIDE}px;background:white'>"
        f"<line x1='0' y1='{HIGH / 2}' x2='{WIDE}' y2='{HIGH / 2}' stroke='#767676' stroke-dasharray='3 3'/>"
        f"<polyline points='{line}' fill='none' stroke='{colour}' stroke-width='2'/></svg>"
    )
