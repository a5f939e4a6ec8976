"""Widgets: what the page sends back, and what stands beside them for ears and forced colours."""

import ipywidgets
import pytest

from mmcourse.show import corners, figures
from mmcourse.show.nearest import nearest_sum_of_four


@pytest.fixture
def displayed(monkeypatch):
    out = []
    monkeypatch.setattr("IPython.display.display", lambda data, **_: out.append(data))
    monkeypatch.setattr(figures, "display", lambda data, raw: None)
    return out


def parts(box):
    sliders = [child for child in box.children if isinstance(child, ipywidgets.FloatSlider)]
    return sliders, box.children[-1]


def test_widgets_bring_their_names_and_their_style(displayed):
    corners()
    box, more = displayed
    assert isinstance(box, ipywidgets.VBox)
    assert "aria-pressed" in more["text/html"]
    assert "forced-colors: active" in more["text/html"]
    assert more["text/plain"] == ""


def test_a_page_that_rounds_moves_nothing(displayed):
    nearest_sum_of_four()
    sliders, said = parts(displayed[0])
    before = said.value
    sliders[0].value = 2.000000000000001
    assert said.value == before
    sliders[0].value = 3
    assert "a cat with 'cat': +3. " in said.value


def test_a_zero_from_the_page_is_a_zero(displayed):
    corners()
    sliders, said = parts(displayed[0])
    sliders[4].value = 1
    assert "4 of 4 right" in said.value
    sliders[4].value = 4e-16
    assert "2 of 4 right" in said.value


def test_only_the_line_is_read_out_not_the_table(displayed):
    corners()
    _, said = parts(displayed[0])
    table, line = said.value.split("</table>")
    assert "role='status'" not in table
    assert "role='status'" in line
