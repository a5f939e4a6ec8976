"""Figures and tables: words for those who don't see them."""

import base64
import io
import re
import warnings

import numpy
import pytest
import torch
from PIL import Image

from mmcourse.show import corners, figure, figures, grid, nearest_sum_of_four, table, tables


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
    assert "min-width:36em" in shown[0]["text/html"], "on a narrow page one scrolls: smaller, its words can't be read"


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


def test_chinese_is_said_to_be_chinese(shown):
    grid(torch.zeros(1, 3, 4, 4, dtype=torch.uint8), ["bell\n铃铛 <1>"], "Twemoji")
    table(["词", "n"], [["猫 cat", 1]], "names")
    for data, word in ((shown[0], "铃铛"), (shown[1], "词"), (shown[1], "猫")):
        assert re.search(rf"<span lang='zh-Hans'[^>]*>{word}</span>", data["text/html"])
    assert "</span> &lt;1&gt;" in shown[0]["text/html"]
    assert "span" not in shown[1]["text/plain"]


def test_a_corner_without_a_word_is_no_header(shown):
    table(["", "won"], [["both", 1]], "Scores")
    assert "<tr><td></td><th scope='col'" in shown[0]["text/html"]


def test_a_sign_that_no_font_has_is_said_and_other_warnings_are_kept(shown, monkeypatch):
    monkeypatch.setitem(figures.STYLE, "font.family", ["DejaVu Sans"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with figure("红心", "a red heart, 红心") as ax:
            ax.plot([1, 2])
        with figure("Heart", "a heart") as ax:
            ax.plot([1, 2])
    assert "no font here has. In words: a red heart" in shown[0]["text/html"]
    assert "no font" not in shown[1]["text/html"]


def test_a_chinese_label_is_drawn_where_a_font_has_it(shown):
    if len(figures.STYLE["font.family"]) == 1:
        pytest.skip("no Chinese font here: `apt-get install fonts-noto-cjk`")
    with figure("红心", "a red heart") as ax:
        ax.plot([1, 2])
    assert "no font" not in shown[0]["text/html"]


def test_no_label_touches_the_edge(shown):
    names = [*["a name"] * 7, "satellite antenna"]
    with figure("Long names", "a table", height=4.4, columns=2) as axes:
        for ax in axes:
            ax.imshow(torch.zeros(8, 8).numpy(), cmap="PuOr", vmin=-1, vmax=1)
            ax.set(title="names below", xticks=range(8), yticks=range(8))
            ax.set_xticklabels(names, rotation=90, fontsize=8)
            ax.set_yticklabels(names if ax is axes[0] else [""] * 8, fontsize=8)
    png = base64.b64decode(re.search("base64,([^']+)", shown[0]["text/html"])[1])
    page = torch.from_numpy(numpy.array(Image.open(io.BytesIO(png)).convert("L")))
    page[2:-2, 2:-2] = 255
    assert (page > 200).all(), "ink within two pixels of the edge"


@pytest.mark.parametrize("toy", [corners, nearest_sum_of_four])
def test_what_is_written_on_a_map_can_be_read(toy, monkeypatch):
    """Black words on a cell of at least 4.5 : 1 (WCAG 1.4.3)."""
    drawn = []
    monkeypatch.setattr("IPython.display.display", lambda *data, **more: None)
    monkeypatch.setattr(figures, "display", lambda data, raw: None)
    monkeypatch.setattr(figures.plt, "close", drawn.append)
    toy()
    for axis in drawn[0].axes:
        (image,) = axis.images
        cells = image.to_rgba(image.get_array())[..., :3]
        light = torch.tensor(cells).double()
        linear = torch.where(light <= 0.03928, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
        shine = linear @ torch.tensor([0.2126, 0.7152, 0.0722], dtype=torch.double)
        assert ((shine + 0.05) / 0.05).min() >= 4.5
        assert {text.get_color() for text in axis.texts} == {"black"}
