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
    with figure("It rises", 'Two lines & a "peak"') as ax:
        ax.plot([1, 2])
    assert "alt='Two lines &amp; a &quot;peak&quot;'" in shown[0]["text/html"]
    assert shown[0]["text/plain"] == '[figure] Two lines & a "peak"'


@pytest.mark.parametrize(("title", "alt"), [(" ", "x"), ("x", "")])
def test_no_title_or_no_alt_no_figure(shown, title, alt):
    with pytest.raises(ValueError, match="a title that says the finding, and an alt text"), figure(title, alt):
        pass
    assert not shown


def test_an_error_while_drawing_is_not_hidden(shown):
    import matplotlib.pyplot as plt

    before = len(plt.get_fignums())
    with pytest.raises(ZeroDivisionError), figure("x", "x"):
        raise ZeroDivisionError
    assert len(plt.get_fignums()) == before
    assert not shown


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
