"""A toy to play with: where does each head of attention look, and who gets a share when the mask is off?"""

from collections.abc import Sequence
from html import escape

from torch import Tensor

from .controls import WHOLE, play
from .figures import figure

PADS = "all pads together"


def shares(row: Tensor, words: Sequence[str]) -> list[tuple[str, float]]:
    """A query's weights (T,) as pairs of word and share; what the pads behind the words get is one last pair."""
    given = [(word, share) for word, share in zip(words, row.tolist(), strict=False)]
    return [*given, (PADS, row[len(words) :].sum().item())] if len(row) > len(words) else given


def heads(sentences: Sequence[Sequence[str]], masked: Tensor, unmasked: Tensor) -> None:
    """Choose a sentence, a head and the word that asks, switch the mask on and off; by keyboard too.

    sentences  S lists of words
    masked     (S, H, T, T): who gives how much to whom, with T at least the words of the longest sentence
    unmasked   the same of a model whose mask is left out

    Where widgets do not run, a figure that opens below stands for it: the first sentence in the first head.
    Raises ValueError where the two differ in shape, or there are more words than places.
    """
    if masked.shape != unmasked.shape or max(map(len, sentences)) > masked.shape[-1]:
        raise ValueError(f"weights of {tuple(masked.shape)} and {tuple(unmasked.shape)}: both (S, H, T, T), T >= words")
    import ipywidgets as w

    # Not menus: JupyterLab takes the arrow keys for itself. Buttons go by Tab and Space, sliders by the arrows.
    narrow = {"description_width": "9em", "button_width": "3.5em"}
    numbers = [(str(i + 1), i) for i in range(len(sentences))]
    sentence = w.ToggleButtons(options=numbers, description="sentence", style=narrow)
    head = w.ToggleButtons(options=[(str(h + 1), h) for h in range(masked.shape[1])], description="head", style=narrow)
    mask = w.ToggleButtons(options=[("on", True), ("off", False)], description="mask", style=narrow)
    word = w.IntSlider(
        value=1,
        min=1,
        max=len(sentences[0]),
        description="word that asks",
        style={"description_width": "9em"},
        layout={"width": "30em", "max_width": WHOLE},
    )
    said = w.HTML()

    def show(_=None):
        words, place = sentences[sentence.value], word.value - 1
        weights = (masked if mask.value else unmasked)[sentence.value, head.value, place]
        said.value = _told(words, place, head.value + 1, shares(weights, words), mask.value)

    def other_sentence(_):
        word.value, word.max = 1, len(sentences[sentence.value])
        show()

    sentence.observe(other_sentence, "value")
    for widget in (head, word, mask):
        widget.observe(show, "value")
    show()
    play(sentence, head, word, mask, said)
    _still(sentences[0], masked[0, 0], unmasked[0, 0])


def _told(words: Sequence[str], place: int, head: int, given: list[tuple[str, float]], mask: bool) -> str:
    """Words with their shares as numbers and bars; the line above is read out by a screen reader when it changes."""
    most, share = max(given, key=lambda pair: pair[1])
    pads = next((s for name, s in given if name == PADS), 0.0)
    line = f"Head {head}, mask {'on' if mask else 'off'}: <b>{escape(words[place])}</b> gives most to "
    line += f"<b>{escape(most)}</b>, {share:.0%}. The pads get {pads:.0%}."
    rows = "".join(
        f"<tr><th scope='row' style='text-align:left;padding-right:1em;font-weight:normal'>{escape(name)}</th>"
        f"<td style='text-align:right;padding-right:.6em'>{s:.0%}</td><td style='width:16em'>"
        f"<div style='height:.8em;width:{100 * s:.1f}%;forced-color-adjust:none;"
        f"background:{'#D55E00' if name == PADS else '#0072B2'}'></div>"
        "</td></tr>"
        for name, s in given
    )
    text = " ".join(f"<b>{escape(w)}</b>" if i == place else escape(w) for i, w in enumerate(words))
    return (
        f"<div style='line-height:1.3'><p style='margin:.4em 0'>{text}</p>"
        f"<p role='status' aria-live='polite' style='margin:.4em 0'>{line}</p>"
        f"<table><caption style='text-align:left'>shares of one unit</caption>{rows}</table></div>"
    )


def _still(words: Sequence[str], masked: Tensor, unmasked: Tensor) -> None:
    """Both maps of one sentence in one head, side by side."""
    n = len(words)
    lost = unmasked[:n, n:].sum(-1).mean().item() if masked.shape[-1] > n else 0.0
    title = "Without the mask the pads take a share"
    alt = (
        f"Two maps of attention over '{' '.join(words)}', a row for each word that asks. With the mask all weight lies "
        f"on the words; without it the pads on the right take {lost:.0%} on average."
    )
    with figure(title, alt, height=3.9, columns=2, folded="No buttons here? A still figure") as axes:
        for ax, name, weights in zip(axes, ("mask on", "mask off"), (masked, unmasked), strict=True):
            ax.imshow(weights[:n].numpy(), cmap="Blues", vmin=0, vmax=max(0.2, weights[:n].max().item()), aspect="auto")
            ax.set(title=name, xticks=range(weights.shape[-1]), yticks=range(n), xlabel="is looked at")
            ax.set_xticklabels([*words, *["(pad)"] * (weights.shape[-1] - n)], rotation=90, fontsize=8)
            ax.set_yticklabels(words if ax is axes[0] else [""] * n, fontsize=8)
        axes[0].set_ylabel("asks")
