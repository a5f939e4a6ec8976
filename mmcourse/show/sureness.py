"""A toy to play with: divide the logits, and see confidence move while no answer changes."""

from html import escape

import torch
from torch import Tensor

from mmcourse.tasks.calibration import Bins, calibration_error, reliability
from mmcourse.tasks.metrics import accuracy

from .controls import WHOLE, play
from .figures import figure


def bars(axis, bins: Bins, name: str) -> None:
    """A reliability diagram on an axis: a bar for the share that was right, a dash for the confidence, bin by bin."""
    n = len(bins.count)
    width = 1 / n
    middle = [(i + 0.5) * width for i in range(n)]
    axis.bar(middle, bins.accuracy.nan_to_num().tolist(), width=0.9 * width, color="C0", label="right")
    filled = bins.count > 0
    for place, sure in zip(torch.tensor(middle)[filled].tolist(), bins.confidence[filled].tolist(), strict=True):
        axis.plot([place - 0.45 * width, place + 0.45 * width], [sure] * 2, color="C1", marker="", linewidth=2.5)
    axis.plot([], [], color="C1", marker="", linewidth=2.5, label="sure")
    axis.plot([0, 1], [0, 1], color="black", linestyle=":", marker="")
    axis.set(title=name, xlim=(0, 1), ylim=(0, 1), xlabel="confidence", ylabel="share that is right")


def sureness(logits: Tensor, labels: Tensor, fitted: float) -> None:
    """A slider for the temperature τ: what becomes of the diagram, of the calibration error and of the accuracy.

    logits (N, K), labels (N,) of held-out pairs; fitted: the temperature that validation pairs asked for, marked in
    the still figure. Works by keyboard. Where widgets do not run, a figure that opens below stands for it.
    Raises ValueError where nothing is given, or the temperature is not above 0.
    """
    if not len(labels) or fitted <= 0:
        raise ValueError("sureness needs at least one prediction, and a temperature above 0")
    import ipywidgets as w

    slider = w.FloatLogSlider(
        value=1, base=10, min=-0.7, max=1, step=0.02, description="temperature τ", readout_format=".2f"
    )
    slider.style.description_width, slider.layout.width, slider.layout.max_width = "9em", "36em", WHOLE
    said = w.HTML(_told(logits, labels, 1.0))

    def moved(change):
        said.value = _told(logits, labels, change["new"])

    slider.observe(moved, "value")
    play(slider, said)
    errors = [calibration_error((logits / tau).softmax(-1), labels) for tau in (1.0, fitted)]
    alt = (
        f"Two reliability diagrams. At τ = 1 the dashes of confidence stand off the bars, error {errors[0]:.3f}; at "
        f"τ = {fitted:.2f} they lie nearer, error {errors[1]:.3f}. Accuracy is {accuracy(logits, labels):.3f} in both."
    )
    title = "Divided by τ, confidence moves and no answer does"
    with figure(title, alt, height=3.4, columns=2, folded="No slider here? A still figure") as axes:
        for axis, tau, error in zip(axes, (1.0, fitted), errors, strict=True):
            bars(axis, reliability((logits / tau).softmax(-1), labels), f"τ = {tau:.2f}, error {error:.3f}")
        axes[0].legend(fontsize=9, loc="upper left")


def _told(logits: Tensor, labels: Tensor, tau: float) -> str:
    """The bins as a table with bars, and the three numbers; read out by a screen reader when it changes."""
    chance = (logits / tau).softmax(-1)  # (N, K)
    found = reliability(chance, labels)
    rows = ""
    for i, (count, sure, right) in enumerate(zip(*(part.tolist() for part in found), strict=True)):
        if not count:
            continue
        bar = (
            "<div style='forced-color-adjust:none;position:relative;width:14em;height:.9em;border:1px solid #999'>"
            f"<div style='height:100%;width:{100 * right:.1f}%;background:#0072B2'></div>"
            f"<div style='position:absolute;top:-3px;bottom:-3px;left:{100 * sure:.1f}%;width:3px;background:#D55E00'>"
            "</div></div>"
        )
        name = escape(f"{i / len(found.count):.1f} to {(i + 1) / len(found.count):.1f}")
        rows += (
            f"<tr><th scope='row' style='text-align:left;font-weight:normal;padding-right:1em'>{name}</th>"
            f"<td style='text-align:right;padding-right:1em'>{count}</td>"
            f"<td style='text-align:right;padding-right:1em'>{sure:.0%}</td>"
            f"<td style='text-align:right;padding-right:1em'>{right:.0%}</td><td>{bar}</td></tr>"
        )
    line = (
        f"τ = {tau:.2f}: on average {chance.max(-1).values.mean().item():.1%} sure, "
        f"<b>{accuracy(logits / tau, labels):.1%} right</b>; "
        f"calibration error <b>{calibration_error(chance, labels):.3f}</b>."
    )
    heads = "".join(f"<th scope='col' style='text-align:left;padding-right:1em'>{name}</th>" for name in _HEADS)
    return (
        f"<div style='line-height:1.4;overflow-x:auto'><p role='status' aria-live='polite' style='margin:.4em 0'>{line}"
        f"</p><table><thead><tr>{heads}</tr></thead>{rows}</table></div>"
    )


_HEADS = ("confidence", "answers", "sure", "right", "bar: right; mark: sure")
