"""The toys of lesson 02: what they say is true, and they answer to being set."""

import itertools

import ipywidgets
import pytest
import torch

from mmcourse.show import fields, figures, kernels
from mmcourse.show.fields import EXAMPLES, span
from mmcourse.show.kernels import DRAWINGS, PRESETS, ink, response
from mmcourse.vision import receptive_field


def test_what_is_seen_is_the_receptive_field():
    for layers in itertools.product(itertools.product((1, 2, 3, 5), (1, 2), (1, 2, 4)), repeat=2):
        assert span(list(layers)) == receptive_field(layers)[0]
    assert {name: span(layers) for name, layers in EXAMPLES.items()} == dict(zip(EXAMPLES, (7, 15, 15), strict=True))


def test_edges_answer_and_flat_surfaces_do_not():
    half = torch.zeros(6, 8)
    half[:, 4:] = 1  # white on the left, ink on the right
    seen = response(half, PRESETS["left-right"])
    assert seen.shape == (4, 6)
    assert (seen[:, 2:4] == 4).all()
    assert (seen[:, :2] == 0).all()
    assert (seen[:, 4:] == 0).all()
    assert response(half, PRESETS["top-bottom"]).abs().max() == 0
    assert all(0 <= ink(name).min() <= ink(name).max() <= 1 for name in DRAWINGS)


@pytest.fixture
def shown(monkeypatch):
    """The widgets that a toy displays, and what its still figure shows."""
    widgets, figures_shown = [], []
    monkeypatch.setattr("IPython.display.display", lambda data, raw=False: raw or widgets.append(data))
    monkeypatch.setattr(figures, "display", lambda data, raw: figures_shown.append(data))
    return widgets, figures_shown


def inside(box, kind):
    found = [box] if isinstance(box, kind) else []
    return found + [w for child in getattr(box, "children", ()) for w in inside(child, kind)]


def test_the_kernel_can_be_chosen_and_set(shown):
    kernels()
    (box,), (still,) = shown
    _, ready = inside(box, ipywidgets.ToggleButtons)
    numbers, (said,) = inside(box, ipywidgets.BoundedFloatText), inside(box, ipywidgets.HTML)
    assert "add up to 0: a flat surface gives 0" in said.value
    ready.value = "blur"
    assert [n.value for n in numbers] == [1] * 9
    assert "add up to 9: a black surface gives 9" in said.value
    numbers[4].value = -8
    assert "add up to 0" in said.value
    assert len({n.description for n in numbers}) == 9
    rows = inside(box, ipywidgets.HBox)
    assert [len(row.children) for row in rows] == [3, 3, 3]
    assert all("wrap" not in (row.layout.flex_flow or "") for row in rows), "a kernel is a square on any page"
    assert "alt='zebra in grey'" in said.value
    assert "<details>" in still["text/html"]


def test_the_layers_can_be_set(shown):
    fields()
    (box,), (still,) = shown
    menus, (said,) = inside(box, ipywidgets.ToggleButtons), inside(box, ipywidgets.HTML)
    assert "<b>7 pixels</b>" in said.value
    assert len({menu.description for menu in menus}) == 9
    next(menu for menu in menus if menu.description == "stride 1").value = 2
    assert "<b>11 pixels</b>" in said.value
    assert "with dilation 1, 2, 4: 15 pixels" in still["text/plain"]
