"""Losses and recall of matching: their definitions, torch's own where there is one, and the slips that people make."""

import itertools
import math

import pytest
import torch
from torch.nn import functional as F

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import MemoryWatch, OneDevice, to_meta
from mmcourse.tasks.match import (
    Temperature,
    contrastive_loss,
    contrastive_loss_in_chunks,
    recall_at,
    similarity,
    triplet_loss,
)


def pairs(batch=7, d=5):
    draw = Draw(0)
    return draw.normal(batch, d).requires_grad_(), draw.normal(batch, d).requires_grad_()


SCALE = torch.tensor(4.0, dtype=torch.double)


def same(a, b, *inputs):
    torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)
    for x, y in zip(torch.autograd.grad(a, inputs), torch.autograd.grad(b, inputs), strict=True):
        torch.testing.assert_close(x, y, rtol=1e-9, atol=1e-9)


class TestContrastive:
    def test_is_its_definition(self):
        image, text = pairs()
        s = SCALE * torch.stack([torch.stack([F.cosine_similarity(f, g, 0) for g in text]) for f in image])
        written = -sum(
            (s[b, b].exp() / s[b].exp().sum()).log() + (s[b, b].exp() / s[:, b].exp().sum()).log() for b in range(7)
        )
        same(contrastive_loss(image, text, SCALE), written / 14, image, text)

    def test_forgets_length_and_knows_both_directions(self):
        image, text = pairs()
        loss = contrastive_loss(image, text, SCALE)
        torch.testing.assert_close(contrastive_loss(10 * image, 0.1 * text, SCALE), loss)
        torch.testing.assert_close(contrastive_loss(text, image, SCALE), loss)

    def test_nothing_learnt_costs_ln_b(self):
        one = torch.ones(8, 3)
        assert contrastive_loss(one, one, SCALE.float()).item() == pytest.approx(math.log(8), abs=1e-6)

    @pytest.mark.parametrize("chunk", [1, 3, 7, 100])
    def test_in_chunks_is_the_same(self, chunk):
        image, text = pairs()
        scale = SCALE.clone().requires_grad_()
        whole, parts = contrastive_loss(image, text, scale), contrastive_loss_in_chunks(image, text, scale, chunk)
        same(parts, whole, image, text, scale)

    def test_in_chunks_never_holds_the_table(self):
        image, text = pairs(1024, 8)
        table, peaks = 1024 * 1024 * 8, []
        for loss, chunk in ((contrastive_loss, ()), (contrastive_loss_in_chunks, (16,))):
            with MemoryWatch(image, text) as watch:
                loss(image, text, SCALE, *chunk).backward()
            peaks.append(watch.peak)
        assert peaks[0] > 3 * table
        assert peaks[1] < table / 2

    def test_a_caption_that_stands_twice_is_no_negative(self):
        image, text = pairs()
        text = torch.cat([text[:6], text[:1]])  # the last pair has the first one's caption
        twice = torch.zeros(7, 7, dtype=torch.bool)
        twice[0, 6] = twice[6, 0] = True
        s = SCALE * similarity(image, text)
        rows = [s[b][[c for c in range(7) if not twice[b, c]]] for b in range(7)]
        columns = [s[:, b][[c for c in range(7) if not twice[b, c]]] for b in range(7)]
        written = sum(
            r.logsumexp(0) + c.logsumexp(0) - 2 * s[b, b] for b, (r, c) in enumerate(zip(rows, columns, strict=True))
        )
        torch.testing.assert_close(contrastive_loss(image, text, SCALE, twice), written / 14)

    def test_two_equal_captions_have_a_floor_that_no_training_passes(self):
        perfect = torch.eye(6)
        perfect[5] = perfect[0]
        floor = 2 * math.log(2) / 6
        assert contrastive_loss(perfect, perfect, torch.tensor(1e3)).item() == pytest.approx(floor, abs=1e-6)


def test_temperature_starts_at_clips_and_is_clamped_outside_of_forward():
    temperature = Temperature()
    assert temperature().item() == pytest.approx(1 / 0.07)
    with torch.no_grad():
        temperature.log_scale.fill_(6)
    temperature().backward()
    assert temperature.log_scale.grad > 0, "past the bound there is still a way back"
    temperature.clamp()
    assert temperature().item() == pytest.approx(100)


class TestTriplet:
    def test_is_its_definition(self):
        image, text = pairs()
        s = similarity(image, text)
        written = torch.zeros(())
        for b in range(7):
            others = [c for c in range(7) if c != b]
            written = written + (0.2 + max(s[b, c] for c in others) - s[b, b]).clamp(min=0)
            written = written + (0.2 + max(s[c, b] for c in others) - s[b, b]).clamp(min=0)
        same(triplet_loss(image, text), written / 7, image, text)

    def test_a_right_pair_is_no_negative(self):
        image, text = pairs(3)
        all_right = torch.ones(3, 3, dtype=torch.bool)
        assert triplet_loss(image, text, same=all_right).item() == 0
        assert triplet_loss(image[:1], text[:1]).item() == 0


class TestRecall:
    def by_shuffling(self, k, scores, right, draws=4000):
        generator = torch.Generator().manual_seed(0)
        hits = 0.0
        for _ in range(draws):
            order = torch.randperm(scores.shape[1], generator=generator)
            first = order[scores[:, order].argsort(dim=1, descending=True, stable=True)[:, :k]]
            hits += right.gather(1, first).any(1).double().mean().item()
        return hits / draws

    @pytest.mark.parametrize("k", [1, 2, 3, 6])
    def test_is_the_mean_over_random_orders_of_ties(self, k):
        draw = Draw(0)
        scores = draw.integers(0, 3, 5, 6).double()  # three values: many ties
        right = draw.integers(0, 3, 5, 6) == 0
        right[4] = False  # a query that has no right answer
        assert recall_at(k, scores, right) == pytest.approx(self.by_shuffling(k, scores, right), abs=0.02)

    def test_without_ties_it_is_the_plain_count(self):
        draw = Draw(1)
        scores, right = draw.normal(40, 9), torch.eye(40, 9, dtype=torch.bool) | (draw.integers(0, 4, 40, 9) == 0)
        for k in (1, 5, 9):
            first = scores.topk(k, 1).indices
            assert recall_at(k, scores, right) == pytest.approx(right.gather(1, first).any(1).double().mean().item())

    def test_a_model_that_knows_nothing_gets_chance(self):
        alike, own = torch.zeros(10, 10), torch.eye(10, dtype=torch.bool)
        assert recall_at(1, alike, own) == pytest.approx(0.1)
        assert recall_at(5, alike, own) == pytest.approx(0.5)

    def test_one_of_five_captions_found_is_found(self):
        scores, right = torch.zeros(1, 10), torch.zeros(1, 10, dtype=torch.bool)
        scores[0, 3], right[0, :5] = 1.0, True
        assert recall_at(1, scores, right) == 1.0


@pytest.mark.parametrize("loss", [contrastive_loss, contrastive_loss_in_chunks])
def test_stays_on_the_device_of_its_inputs(loss):
    image, text = (to_meta(x).requires_grad_() for x in pairs())
    with OneDevice():
        assert loss(image, text, to_meta(SCALE)).is_meta
        assert triplet_loss(image, text).is_meta


def test_chance_of_a_hit_matches_every_order_of_a_small_tie():
    scores, right = torch.tensor([[1.0, 1, 1, 0]]), torch.tensor([[True, False, True, True]])
    for k in (1, 2, 3):
        orders = [o for o in itertools.permutations(range(4)) if o[3] == 3]  # the lowest always stands last
        hits = sum(any(right[0, i] for i in order[:k]) for order in orders) / len(orders)
        assert recall_at(k, scores, right) == pytest.approx(hits)
