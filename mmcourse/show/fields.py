"""A toy to play with: how far one number of a third layer sees, by kernel, stride and dilation."""

from .controls import play
from .figures import figure

PIXELS = 33
Layer = tuple[int, int, int]  # kernel, stride, dilation
EXAMPLES: dict[str, list[Layer]] = {
    "three kernels of 3": [(3, 1, 1)] * 3,
    "with stride 2": [(3, 2, 1)] * 3,
    "with dilation 1, 2, 4": [(3, 1, 1), (3, 1, 2), (3, 1, 4)],
}


def taps(layers: list[Layer]) -> list[list[int]]:
    """The places that one number sees on each level, from the last layer down to the pixels, counted from its own."""
    levels = [[0]]
    for kernel, stride, dilation in reversed(layers):
        levels.append(sorted({place * stride + dilation * tap for place in levels[-1] for tap in range(kernel)}))
    return levels


def fields() -> None:
    """Three layers to set, and the pixels that one number of the last one sees; by keyboard too.

    Where widgets do not run, a figure that opens below stands for it.
    """
    import ipywidgets as w

    style = {"description_width": "6em", "button_width": "2.4em"}
    rows: list[w.HBox] = []
    choices: list[list[w.ToggleButtons]] = []
    for layer in (3, 2, 1):
        options = {"kernel": (1, 2, 3, 5), "stride": (1, 2), "dilation": (1, 2, 4)}
        three = [  # not menus: JupyterLab takes the arrow keys for itself
            w.ToggleButtons(
                options=some, value=3 if what == "kernel" else 1, description=f"{what} {layer}", style=style
            )
            for what, some in options.items()
        ]
        rows.append(w.HBox(three, layout={"flex_flow": "row wrap"}))
        choices.insert(0, three)
    said = w.HTML()

    def show(_=None):
        said.value = _told([tuple(choice.value for choice in three) for three in choices])

    for three in choices:
        for choice in three:
            choice.observe(show, "value")
    show()
    play(*rows, said)
    _still()


def _still() -> None:
    title = "Stride and dilation widen the view at no cost in weights"
    alt = (
        "Three networks of three layers, each drawn as the places that one number of the last layer sees. "
        + "; ".join(f"{name}: {span(layers)} pixels" for name, layers in EXAMPLES.items())
    )
    with figure(title, alt, height=2.6, columns=3, folded="No buttons here? A still figure") as axes:
        for ax, (name, layers) in zip(axes, EXAMPLES.items(), strict=True):
            for level, places, step in _drawn(layers):
                ax.plot([p * step[0] + step[1] for p in places], [level] * len(places), "s", markersize=3, color="C0")
            ax.set(title=f"{name}:\n{span(layers)} pixels", yticks=range(4), xlim=(-17, 17), xlabel="pixel")
            ax.set_yticklabels(["pixels", "layer 1", "layer 2", "layer 3"] if ax is axes[0] else [""] * 4)


def span(layers: list[Layer]) -> int:
    """How many pixels lie between the first and the last that is seen, both counted: the receptive field."""
    seen = taps(layers)[-1]
    return seen[-1] - seen[0] + 1


def _drawn(layers: list[Layer]):
    """(level, places, (pixels from place to place, where place 0 lies)): all levels centred over the same pixel."""
    steps = [1]
    for _, stride, _ in layers:
        steps.append(steps[-1] * stride)
    for level, places in zip(range(len(layers), -1, -1), taps(layers), strict=True):
        step = steps[level]
        yield level, places, (step, -step * (places[0] + places[-1]) / 2)


def _told(layers: list[Layer]) -> str:
    """The places on each level as a drawing, and a line in words that a screen reader reads when it changes."""
    seen, field = taps(layers)[-1], span(layers)
    weights = sum(kernel for kernel, _, _ in layers)
    gaps = "every one of them" if len(seen) == field else f"{len(seen)} of them, with gaps"
    words = f"One number of layer 3 sees a stretch of <b>{field} pixels</b>, {gaps}. "
    words += f"Along this axis the three kernels have {weights} weights."
    width, marks = 640, ""
    scale = min(width / PIXELS, width / (field + 2))
    for level, places, (step, shift) in _drawn(layers):
        y = 20 + 34 * (3 - level)
        side = min(scale * 0.8, 14)
        for place in places:
            x = width / 2 + scale * (place * step + shift)
            marks += f"<rect x='{x - side / 2:.1f}' y='{y - 7}' width='{side:.1f}' height='14' fill='#0072B2'/>"
        name = f"layer {level}" if level else "pixels"
        marks += f"<text x='0' y='{y + 5}' font-size='13' fill='currentColor'>{name}</text>"
    style = f"width:100%;max-width:{width}px;min-width:40em"
    drawing = f"<svg role='img' aria-label='{field} pixels seen' viewBox='0 0 {width} 150' style='{style}'>"
    return (
        f"<div style='line-height:1.5;overflow-x:auto'>{drawing}{marks}</svg>"
        f"<p role='status' aria-live='polite' style='margin:.4em 0;white-space:normal'>{words}</p></div>"
    )
