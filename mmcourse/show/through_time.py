"""A toy to play with: how much of the first word's gradient is left when a network has read to the end?"""

import math
from functools import cache

from .controls import WHOLE, play
from .figures import figure

D = 32
LONGEST = 60
NETWORKS = ("RNN", "LSTM")


@cache
def reach(network: str, length: int, forget: float = 0.0) -> list[float]:
    """|∂h_T/∂x_t| for t = 1 ... T in a network that has not been trained, relative to the last word's.

    The mean over five drawings of the weights, on words drawn at random. `forget` is the bias of an LSTM's forget
    gates; for another network it is not asked.
    """
    import torch
    from torch import nn

    from mmcourse.text.flow import through_time
    from mmcourse.text.rnn import open_forget_gates

    runs = []
    with torch.random.fork_rng(devices=[]):
        for seed in range(5):
            torch.manual_seed(seed)
            rnn = getattr(nn, network)(D, D, batch_first=True)
            if network == "LSTM":
                open_forget_gates(rnn, forget)
            runs.append(through_time(rnn, torch.randn(length, D)))
    mean = torch.stack(runs).mean(0)
    return (mean / mean[-1]).tolist()


def gradient_through_time() -> None:
    """A choice of network and two sliders, and what is left of each word's gradient; by keyboard too.

    Where widgets do not run, a figure that opens below stands for it.
    """
    import ipywidgets as w

    wide, broad = {"description_width": "13em"}, {"width": "40em", "max_width": WHOLE}
    network = w.ToggleButtons(options=NETWORKS, description="network", style={"description_width": "13em"})
    length = w.IntSlider(value=20, min=2, max=LONGEST, description="words in the sentence", style=wide, layout=broad)
    forget = w.FloatSlider(
        value=0, min=-2, max=5, step=0.5, description="bias of the forget gates", style=wide, layout=broad
    )
    forget.disabled = True
    said = w.HTML(_told("RNN", 20, 0.0))

    def moved(change):
        forget.disabled = network.value != "LSTM"
        said.value = _told(network.value, length.value, forget.value)

    for part in (network, length, forget):
        part.observe(moved, "value")
    play(network, length, forget, said)
    shown = {"RNN": ("RNN", 0.0), **{f"LSTM, bias {bias}": ("LSTM", float(bias)) for bias in (0, 1, 3, 5)}}
    title = "An open forget gate lets the first word's gradient through"
    alt = "Share of the last word's gradient against the word's place, 40 words, logarithmic. At the first word: "
    alt += ", ".join(f"{name} {reach(kind, 40, bias)[0]:.0e}" for name, (kind, bias) in shown.items())
    with figure(title, alt, folded="No sliders here? A still figure") as ax:
        for name, (kind, bias) in shown.items():
            ax.plot(range(1, 41), reach(kind, 40, bias), label=name, markersize=4)
        ax.set(yscale="log", xlabel="place of the word, of 40", ylabel="gradient, last word's = 1")
        ax.legend(fontsize=9)


def _told(network: str, length: int, forget: float) -> str:
    """A bar for each word, as tall as its gradient on a logarithmic scale, and what is left at the first word."""
    values = reach(network, length, forget)
    wide, tall, lowest = 560, 120, -12.0  # a bar of no height stands for 1e-12 or less
    step = wide / LONGEST
    bars = "".join(
        f"<rect x='{i * step:.1f}' y='{tall - h:.1f}' width='{step * 0.8:.1f}' height='{h:.1f}' fill='#0072B2'/>"
        for i, value in enumerate(values)
        for h in [max(0.0, 1 - math.log10(max(value, 1e-300)) / lowest) * tall]
    )
    which = f"{network}, {length} words" + (f", forget bias {forget:+.1f}" if network == "LSTM" else "")
    share = values[0]
    left = f"1 part in {1 / share:,.0f}" if share < 0.5 else f"{share:.2f} of it"
    kept = share ** (1 / (length - 1))
    text = f"{which}: of the last word's gradient the first word has {left}; each step keeps about {kept:.2f}."
    return (
        f"<div style='line-height:1.5'><svg viewBox='0 0 {wide} {tall + 4}' width='100%' "
        f"style='max-width:40em' role='img' aria-label='gradient of each word, first word left'>{bars}"
        f"<line x1='0' y1='{tall}' x2='{wide}' y2='{tall}' stroke='currentColor'/></svg>"
        "<p style='margin:0'><small>A bar for each word, the first on the left; full height is the last word's "
        "gradient, a quarter lower is a thousandth of it.</small></p>"
        f"<p style='margin:.4em 0' role='status' aria-live='polite'>{text}</p></div>"
    )
