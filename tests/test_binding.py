"""Binding learnt end to end: its pieces, and what its widget says."""

import pytest
import torch

from mmcourse import fetch
from mmcourse.experiments.binding import FUSIONS, SIZE, Asks, asked, experiment, pointed, scenes, vocabulary
from mmcourse.show.looked import inside, looked, told


def test_questions_name_one_thing_whose_box_and_colour_are_true():
    items, words = scenes("test", 50, 3).__getitems__(range(50)), vocabulary()
    new = asked(items, words)
    assert new.named.sum(1).tolist() == [1] * 50
    for item, named, ids, box in zip(items, new.named, new.inputs[1], new.boxes.tolist(), strict=True):
        about = item.meta["about"]
        assert words.words[ids[named].item()] == item.meta["objects"][about]
        assert tuple(box) == item.meta["boxes"][about]
        assert scenes("test", 1, 0).classes[item.label] == item.meta["colours"][about]
    assert new.inputs[0].shape == (50, 3, SIZE, SIZE)


@pytest.mark.parametrize("fusion", list(FUSIONS))
def test_every_fusion_gives_logits_and_a_gradient_to_the_pixels(fusion):
    words = vocabulary()
    new = asked(scenes("train", 6, 0).__getitems__(range(6)), words)
    model = Asks(FUSIONS[fusion](), len(words), 6)
    pixels = new.inputs[0].clone().requires_grad_()
    logits = model(pixels, *new.inputs[1:])
    assert logits.shape == (6, 6)
    (grad,) = torch.autograd.grad(logits.square().sum(), pixels)
    assert grad.flatten(1).abs().sum(1).gt(0).all()


def test_attention_that_stands_in_the_box_points_there():
    words = vocabulary()
    new = asked(scenes("test", 40, 1).__getitems__(range(40)), words)
    model = Asks(FUSIONS["attention"](), len(words), 6)
    centre = (torch.arange(4) + 0.5) * SIZE / 4
    x, y = centre.repeat(4), centre.repeat_interleave(4)  # (16)
    left, top, right, bottom = new.boxes[:, :, None].unbind(1)  # (B, 1) each
    within = ((left <= x) & (x < right) & (top <= y) & (y < bottom)).float()  # (B, 16)

    def ideal(image, text):
        return (within[:, :, None] * new.named[:, None] / within.sum(1)[:, None, None])[:, None]

    model.classify.fusion.attention = ideal
    assert pointed(model, new) == pytest.approx((1, 1))
    model.classify.fusion.attention = lambda image, text: ideal(image, text).flip(2)  # the opposite cell
    assert pointed(model, new) == pytest.approx((0, 0))
    model.classify.fusion.attention = lambda image, text: torch.ones(40, 1, 16, text.mask.shape[1]) / 1000
    assert pointed(model, new) == pytest.approx((0.25, 0.25))


def test_the_beginning_of_the_kept_curve_can_be_repeated():
    """To a tolerance: another processor adds in another order, and training amplifies it."""
    kept = fetch.results("binding")["seeds"]["2"]
    again = experiment(2, steps=100)
    assert len(again) == 5
    for name, value in again.items():
        assert value == pytest.approx(kept[name], abs=0.06), name


class TestLooked:
    def weights(self):
        weights = torch.zeros(4, 3)
        weights[1, 2], weights[2, 0] = 0.75, 0.25
        return weights

    def test_says_how_much_and_where(self):
        line = told(["where", "is", "it"], self.weights(), 2, 20, (10, 0, 20, 10))
        assert line == "'it': 75% of all attention, most of it (100%) at row 1, column 2, inside the true box."
        line = told(["where", "is", "it"], self.weights(), None, 20, (0, 0, 10, 10))
        assert line.startswith("all words together: 100%")
        assert line.endswith("at row 1, column 2, outside the true box.")
        assert told(["where", "is", "it"], self.weights(), 1, 20, (0, 0, 10, 10)) == "'is': no attention at all."

    def test_left_and_top_belong_to_a_box(self):
        assert inside(0, 2, 20, (5, 5, 6, 6))
        assert not inside(0, 2, 20, (0, 0, 5, 20))

    def test_refuses_what_does_not_fit(self):
        with pytest.raises(ValueError, match="as many pictures"):
            looked([torch.zeros(3, 4, 4)], [["a"]], torch.zeros(2, 4, 1), [(0, 0, 1, 1)], ["says a"])
        with pytest.raises(ValueError, match="n² regions"):
            looked([torch.zeros(3, 4, 4)], [["a"]], torch.zeros(1, 5, 1), [(0, 0, 1, 1)], ["says a"])
