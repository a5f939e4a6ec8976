"""The search page: what it brings, what it says, and what it does not make up."""

import pytest
import torch

from mmcourse.show import searching
from mmcourse.show.searching import best, line

NAMES = ["cat", "dog", "<b>fish</b>", "bird"]
IMAGES = torch.arange(4, dtype=torch.uint8)[:, None, None, None].expand(4, 3, 8, 8).contiguous()
TABLE = {"cat": [0.9, 0.5, 0.1, -0.2], "sea": [-0.1, 0.2, 0.8, 0.3]}


def look(query):
    """Two known words; scores are added up, the rest is unknown."""
    known = [torch.tensor(TABLE[word]) for word in query.split() if word in TABLE]
    return sum(known, torch.zeros(4)), [word for word in query.split() if word not in TABLE]


def test_the_best_come_first_with_their_scores():
    found, unknown = best(look, "cat", shown=2)
    assert found == [(0, pytest.approx(0.9)), (1, pytest.approx(0.5))]
    assert unknown == []
    assert best(look, "sea", shown=9)[0][0][0] == 2  # fewer pictures than asked for: all of them
    assert len(best(look, "sea", shown=9)[0]) == 4


def test_an_unknown_word_is_named_and_brings_nothing():
    assert best(look, "xyz", shown=2) == ([], ["xyz"])
    assert "xyz" in line(NAMES, [], ["xyz"], "xyz")
    assert "no picture" in line(NAMES, [], ["xyz"], "xyz")
    found, unknown = best(look, "xyz cat", shown=1)
    assert found[0][0] == 0
    assert unknown == ["xyz"]
    said = line(NAMES, found, unknown, "xyz cat")
    assert "Never seen in training: xyz" in said
    assert "cat 0.90" in said


@pytest.mark.parametrize("query", ["", "   "])
def test_an_empty_box_asks_for_words(query):
    assert best(look, query, shown=2) == ([], [])
    assert "Type a few words" in line(NAMES, [], [], query)


def shown(monkeypatch, **options):
    """The widget and the still figure that `searching` displays."""
    import IPython.display

    from mmcourse.show import figures

    seen = []
    monkeypatch.setattr(IPython.display, "display", lambda data, raw=False: raw or seen.append(data))
    monkeypatch.setattr(figures, "display", lambda *args, **kw: seen.extend(args))
    searching(IMAGES, NAMES, look, "Drawn by someone.", **options)
    return seen


def test_typing_changes_what_is_said_and_markup_is_text(monkeypatch):
    page, still = shown(monkeypatch, first="cat", shown=2)
    (box, button), said = page.children[0].children, page.children[1]
    assert "cat 0.90" in said.value
    assert "aria-live" in said.value
    box.value = "sea"
    assert "&lt;b&gt;fish&lt;/b&gt; 0.80" in said.value
    assert "<b>fish" not in said.value
    assert "Drawn by someone." in said.value
    box.value = "<i>"
    assert "&lt;i&gt;" in said.value
    assert "<img" not in said.value
    button.click()
    assert "Never seen" in said.value
    assert "cat 0.90" in still["text/plain"]
    assert "<details>" in still["text/html"]


def test_a_first_query_of_which_nothing_is_known(monkeypatch):
    page, still = shown(monkeypatch, first="xyz")
    assert "no picture" in page.children[1].value
    assert "no picture" in still["text/plain"]


def test_every_picture_needs_a_name():
    with pytest.raises(ValueError, match="4 pictures and 1 names"):
        searching(IMAGES, ["cat"], look, "source", first="cat")
