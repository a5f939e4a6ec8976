"""Figures and tables: words for those who don't see them."""

import pytest
import torch

from mmcourse.show import figure, figures, grid, table, tables


@pytest.fixture
def shown(monkeypatch):
    out = []
    for module in (figures, tables):
        monkeypatch.setattr(module, "display", lambda data, raw: out.append(data))
    return out


def test_a_figure_has_alt_text_in_its_html(shown):
    with figure(alt='Two lines & a "peak"') as ax:
        ax.plot([1, 2])
        ax.set_title("It rises")
    assert "alt='Two lines &amp; a &quot;peak&quot;'" in shown[0]["text/html"]
    assert shown[0]["text/plain"] == '[figure] Two lines & a "peak"'


def test_no_alt_no_title_no_figure(shown):
    with pytest.raises(ValueError, match="alt text"), figure(alt=" "):
        pass
    with pytest.raises(ValueError, match="title"), figure(alt="x") as ax:
        ax.plot([1])
    assert not shown


def test_an_error_while_drawing_is_not_hidden():
    import matplotlib.pyplot as plt

    before = len(plt.get_fignums())
    with pytest.raises(ZeroDivisionError), figure(alt="x"):
        1 / 0  # noqa: B018
    assert len(plt.get_fignums()) == before


def test_grid(shown):
    grid(torch.zeros(2, 3, 4, 4, dtype=torch.uint8), ["cat", "<dog>"], "Twemoji")
    html = shown[0]["text/html"]
    assert "alt='cat'" in html
    assert "&lt;dog&gt;" in html
    assert "Twemoji" in html
    with pytest.raises(ValueError, match="one caption for each picture"):
        grid(torch.zeros(2, 3, 4, 4, dtype=torch.uint8), ["cat"], "")


def test_table(shown):
    table(["model", "score"], [["both", 0.12345], ["n", 3]], "Scores")
    assert "<caption" in shown[0]["text/html"]
    assert "scope='row'" in shown[0]["text/html"]
    assert "both   0.123" in shown[0]["text/plain"]
    with pytest.raises(ValueError, match="3 cells, the table 2 columns"):
        table(["a", "b"], [[1, 2, 3]], "")
