"""Classes by name, and a second look: their definitions, and the cheap ways that they must equal."""

import itertools

import pytest
import torch
from torch.nn import functional as F

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.tasks.search import rerank, zero_shot


class TestZeroShot:
    def test_is_its_definition(self):
        draw = Draw(0)
        image, prompts = draw.normal(3, 5).requires_grad_(), draw.normal(4, 2, 5).requires_grad_()
        scores, chosen = zero_shot(image, prompts)
        for n, k in itertools.product(range(3), range(4)):
            mean = sum(sentence / sentence.norm() for sentence in prompts[k]) / 2
            torch.testing.assert_close(scores[n, k], F.cosine_similarity(image[n], mean, 0), rtol=1e-9, atol=1e-9)
            assert scores[n, k] <= scores[n, chosen[n]]
        assert torch.autograd.gradcheck(lambda f, g: zero_shot(f, g)[0], (image, prompts))

    def test_no_sentence_counts_more_for_being_long(self):
        draw = Draw(1)
        image, prompts = draw.normal(3, 5), draw.normal(4, 2, 5)
        longer = prompts * torch.tensor([1.0, 50.0], dtype=torch.double)[:, None]
        torch.testing.assert_close(zero_shot(image, longer)[0], zero_shot(image, prompts)[0])


class TestRerank:
    def test_by_hand(self):
        scores = torch.tensor([[0.1, 0.9, 0.5, 0.3]])
        assert rerank(scores, torch.tensor([[-7.0, 2.0, -7.0]])).tolist() == [[2, 1, 3, 0]]

    @pytest.mark.parametrize("k", [0, 1, 6])
    def test_a_matcher_that_agrees_changes_nothing(self, k):
        scores = Draw(0).normal(3, 6)
        sorted_ = scores.sort(dim=1, descending=True)
        assert rerank(scores, sorted_.values[:, :k]).equal(sorted_.indices)

    def test_a_matcher_that_knows_brings_the_right_one_to_the_front_if_it_was_found(self):
        draw = Draw(1)
        scores, right = draw.normal(20, 9), draw.integers(0, 9, 20)
        found = scores.argsort(dim=1, descending=True)[:, :4]
        knows = (found == right[:, None]).double()
        first = rerank(scores, knows)[:, 0]
        assert (first == right).equal(knows.any(1))


def test_stays_on_the_device_of_its_inputs():
    draw = Draw(0)
    image, prompts, scores, again = map(
        to_meta, (draw.normal(3, 5), draw.normal(4, 2, 5), draw.normal(3, 6), draw.normal(3, 2))
    )
    with OneDevice():
        assert all(out.is_meta for out in zero_shot(image, prompts))
        assert rerank(scores, again).is_meta
