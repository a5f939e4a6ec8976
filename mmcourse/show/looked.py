"""A toy to look with: choose a scene and a word, and see where in the picture the word looks."""

import base64
import io
from collections.abc import Sequence
from html import escape

import torch
from PIL import Image
from torch import Tensor

from mmcourse.diagnose.pointing import centre_inside, grid_boxes

from .controls import WHOLE, play
from .figures import figure

ALL = "all words together"
Box = Sequence[float]


def places(side: int) -> list[str]:
    """The regions' names, row by row: 'row 1, column 1', ..."""
    return [f"row {row + 1}, column {column + 1}" for row in range(side) for column in range(side)]


def inside(region: int, side: int, pixels: int, box: Box) -> bool:
    """Whether a region's centre lies in a box (left, top, right, bottom in pixels of a picture with this side)."""
    regions = grid_boxes(side, side, pixels, pixels)  # (I, 4)
    return bool(centre_inside(regions, torch.tensor([tuple(box)]))[0, region])


def told(words: Sequence[str], weights: Tensor, word: int | None, pixels: int, box: Box) -> str:
    """In words: what share of all attention a word has (None: all words), and where most of it goes.

    weights (I, J) of a square of regions; words at most J.
    """
    side = round(len(weights) ** 0.5)
    row = weights.sum(1) if word is None else weights[:, word]  # (I)
    share, most = row.sum().item(), int(row.argmax())
    name = ALL if word is None else f"'{words[word]}'"
    place = f"{places(side)[most]}, {'inside' if inside(most, side, pixels, box) else 'outside'} the true box"
    if share <= 0:
        return f"{name}: no attention at all."
    return f"{name}: {share:.0%} of all attention, most of it ({row.max().item() / share:.0%}) at {place}."


def looked(
    images: Sequence[Tensor],
    questions: Sequence[Sequence[str]],
    weights: Tensor,
    boxes: Sequence[Box],
    notes: Sequence[str],
) -> None:
    """Choose a scene and a word, and see the word's attention over the picture; by keyboard too.

    images     S pictures (3, H, H) uint8
    questions  S lists of words, at most J
    weights    (S, I, J): attention of region i and word j, with I = n² regions row by row
    boxes      S true boxes of what is asked about, in pixels of the pictures
    notes      S lines, such as what the model answers

    Where widgets do not run, a figure that opens below stands for it: every scene with all words together.
    Raises ValueError where the numbers of scenes differ or the regions are no square.
    """
    side = round(weights.shape[1] ** 0.5)
    if len({len(images), len(questions), len(weights), len(boxes), len(notes)}) > 1 or side**2 != weights.shape[1]:
        raise ValueError("looked: as many pictures, questions, maps, boxes and notes, and n² regions in every map")
    import ipywidgets as w

    # Not menus: JupyterLab takes the arrow keys for itself. Buttons go by Tab and Space, sliders by the arrows.
    narrow = {"description_width": "5em", "button_width": "3.5em"}
    scene = w.ToggleButtons(options=[(str(i + 1), i) for i in range(len(images))], description="scene", style=narrow)
    word = w.IntSlider(
        value=0, min=0, max=len(questions[0]), description="word", layout={"width": "24em", "max_width": WHOLE}
    )
    word.style.description_width = "5em"
    said = w.HTML()

    def show(_=None):
        k, j = scene.value, word.value - 1 if word.value else None
        said.value = _shown(images[k], questions[k], weights[k], j, boxes[k], notes[k])

    def other_scene(_):
        word.max = len(questions[scene.value])
        show()

    scene.observe(other_scene, "value")
    word.observe(show, "value")
    show()
    play(scene, word, w.HTML(f"<small>word 0 is {ALL}</small>"), said)
    _still(images, questions, weights, boxes, notes)


def _shown(image: Tensor, words: Sequence[str], weights: Tensor, word: int | None, box: Box, note: str) -> str:
    """The picture, dark where nobody looks, with the true box; the line below is read out when it changes."""
    side, pixels = round(len(weights) ** 0.5), image.shape[-1]
    row = weights.sum(1) if word is None else weights[:, word]  # (I)
    light = row / weights.sum(1).max().clamp(min=1e-12)
    step = 100 / side
    dark = "".join(
        f"<rect x='{i % side * step}' y='{i // side * step}' width='{step}' height='{step}' fill='black' "
        f"fill-opacity='{0.85 * (1 - light[i].item()):.2f}'/>"
        for i in range(len(row))
    )
    left, top, right, bottom = (100 * v / pixels for v in box)
    frame = (
        f"<rect x='{left + 0.7}' y='{top + 0.7}' width='{right - left - 1.4}' height='{bottom - top - 1.4}' "
        "fill='none' stroke='white' stroke-width='1.4' stroke-dasharray='4 2'/>"
    )
    file = io.BytesIO()
    Image.fromarray(image.permute(1, 2, 0).numpy()).save(file, "png")  # (3, H, W) -> (H, W, 3)
    data = base64.b64encode(file.getvalue()).decode()
    line = told(words, weights, word, pixels, box)
    text = " ".join(f"<b>{escape(w)}</b>" if i == word else escape(w) for i, w in enumerate(words))
    return (
        "<div style='line-height:1.3'>"
        f"<svg role='img' aria-label='{escape(line)}' viewBox='0 0 100 100' style='width:15em;max-width:100%' "
        "shape-rendering='crispEdges'>"
        f"<image href='data:image/png;base64,{data}' width='100' height='100' style='image-rendering:pixelated'/>"
        f"{dark}{frame}</svg><p style='margin:.4em 0'>{text}</p>"
        f"<p role='status' aria-live='polite' style='margin:.4em 0'>{escape(line)} The model {escape(note)}.</p></div>"
    )


def _still(
    images: Sequence[Tensor], questions: Sequence[Sequence[str]], weights: Tensor, boxes: Sequence[Box], notes
) -> None:
    side, pixels = round(weights.shape[1] ** 0.5), images[0].shape[-1]
    lines = [told(q, a, None, pixels, box) for q, a, box in zip(questions, weights, boxes, strict=True)]
    alt = " ".join(f"{k + 1}: {line} The model {notes[k]}." for k, line in enumerate(lines))
    title = "Bright where all words together look; dashed: the true box"
    with figure(title, alt, height=2.2, columns=len(images), folded="No buttons here? A still figure") as axes:
        for k, ax in enumerate(axes if len(images) > 1 else [axes]):
            light = weights[k].sum(1)
            light = (light / light.max().clamp(min=1e-12)).view(side, side)
            wide = pixels // side
            mask = 0.15 + 0.85 * light.repeat_interleave(wide, 0).repeat_interleave(wide, 1)
            ax.imshow((images[k][:, : side * wide, : side * wide] * mask).permute(1, 2, 0).byte().numpy())
            left, top, right, bottom = boxes[k]
            ax.plot(
                [left, right - 1, right - 1, left, left], [top, top, bottom - 1, bottom - 1, top],
                color="white", linestyle="--", marker="", linewidth=1.5,
            )  # fmt: skip
            ax.set_title(f"{k + 1}", fontsize=9)
            ax.axis("off")
