"""Every set of the registry: its card says what it must, and what it loads keeps the interface."""

import re

import pytest
import torch
from typer.testing import CliRunner

from mmcourse.cli import app, examples, sets
from mmcourse.data import SETS, Item, card, load
from mmcourse.experiments import data_cards


@pytest.mark.parametrize("name", SETS)
class TestEverySet:
    def test_the_card_says_what_it_must(self, name):
        said = card(name)
        assert said.name == name
        for field in ("title", "what", "many", "source", "licence", "attribution", "fit", "unfit", "get"):
            assert getattr(said, field).strip(), field
        state = said.state()
        assert (state.word == "ready") == (state.says == "")

    def test_what_it_loads_keeps_the_interface(self, name):
        if card(name).state().word != "ready":
            pytest.skip(card(name).state().says)
        found = load(name)
        assert len(found) > 0
        item = found[len(found) - 1]
        assert isinstance(item, Item)
        assert item.image is None or (item.image.dtype == torch.uint8 and item.image.shape[0] == 3)
        assert all(isinstance(text, str) and text for text in item.text.values())
        assert 0 <= item.label < len(found.classes)
        assert isinstance(item.meta, dict)


def test_an_unknown_set_is_told_what_there_is():
    with pytest.raises(ValueError, match="no data set 'emojis'; there are emoji"):
        load("emojis")


def test_the_command_lists_every_set_and_shows_a_card():
    listed = CliRunner().invoke(app, ["data"])
    assert listed.exit_code == 0
    for name in SETS:
        assert re.search(rf"^{name} +(ready|one command away|needs the net) ", listed.output, re.MULTILINE), name
    shown = CliRunner().invoke(app, ["data", "emoji"])
    for words in ("CC BY-SA 4.0", "not fit for", "baselines"):
        assert words in shown.output
    unknown = CliRunner().invoke(app, ["data", "emojis"])
    assert unknown.exit_code == 1
    assert "There is no data set 'emojis'; there are emoji" in unknown.output


def test_baselines_see_what_there_is_to_see():
    labels = torch.tensor([0, 1] * 20)
    assert data_cards.words(["good day", "bad day"] * 20, labels, ["a good one", "bad", ""]).tolist()[:2] == [0, 1]
    images = (labels[:, None, None, None] * 200).expand(40, 3, 20, 20).to(torch.uint8)
    assert data_cards.pixels(images, labels, images[:2]).tolist() == [0, 1]


def test_a_card_shows_the_baselines_that_were_kept(monkeypatch):
    kept = {"seeds": {"0": {"xor: additive": 0.4, "xor: full": 0.9}, "1": {"xor: additive": 0.6, "xor: full": 1.0}}}
    monkeypatch.setattr(sets.fetch, "results", lambda name: kept)
    assert sets._baselines("xor") == "accuracy on the test split, mean of 2 runs: additive 0.50, full 0.95"
    assert sets._baselines("emoji").startswith("none kept")


def test_the_page_shows_examples_with_words_for_those_who_do_not_see_them(tmp_path, monkeypatch):
    monkeypatch.setattr(examples, "SETS", {name: SETS[name] for name in ("emoji", "scenes", "binding", "flickr8k")})
    assert examples.write(tmp_path / "page.html") == ["emoji", "scenes", "binding"]
    page = (tmp_path / "page.html").read_text("utf8")
    alts = re.findall(r"<img alt='([^']*)'", page)
    assert len(alts) == page.count("<img ") == 2 * examples.MANY
    assert all(len(alt) > 4 for alt in alts)
    assert "CC BY 4.0" in page, "whose pictures they are"
    assert "needs the net" in page, "a set that is not here says so"
    assert not re.search(r"(src|href)='?http", page), "nothing is loaded from elsewhere"
