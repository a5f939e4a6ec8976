"""The contrastive loss of batches that repeat a concept, by its definition."""

import math

import pytest
import torch

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.tasks.concepts import contrastive_loss_of_concepts
from mmcourse.tasks.match import contrastive_loss, similarity

SCALE = torch.tensor(3.0, dtype=torch.double)


def test_is_its_definition_choice_by_choice():
    draw = Draw(0)
    image, text, concept = draw.normal(6, 4), draw.normal(6, 4), torch.tensor([4, 2, 4, 7, 4, 2])
    image.requires_grad_()
    s, total = SCALE * similarity(image, text), 0
    for table in (s, s.T):
        for b in range(6):
            there = [c for c in range(6) if c == b or concept[c] != concept[b]]
            total = total + table[b, there].logsumexp(0) - table[b, b]
    loss = contrastive_loss_of_concepts(image, text, SCALE, concept)
    torch.testing.assert_close(loss, total / 12)
    for a, b in zip(torch.autograd.grad(loss, image), torch.autograd.grad(total / 12, image), strict=True):
        torch.testing.assert_close(a, b)


def test_different_concepts_give_the_plain_loss_and_a_single_concept_none():
    draw = Draw(1)
    image, text = draw.normal(5, 3), draw.normal(5, 3)
    plain = contrastive_loss(image, text, SCALE)
    torch.testing.assert_close(contrastive_loss_of_concepts(image, text, SCALE, torch.arange(5)), plain)
    assert contrastive_loss_of_concepts(image, text, SCALE, torch.zeros(5, dtype=torch.long)).item() == 0


def test_perfect_vectors_of_a_repeated_concept_cost_nothing():
    perfect, concept = torch.eye(6), torch.arange(6)
    perfect[5], concept[5] = perfect[0], 0
    sharp = torch.tensor(1e3)
    assert contrastive_loss(perfect, perfect, sharp).item() == pytest.approx(2 * math.log(2) / 6, abs=1e-6)
    assert contrastive_loss_of_concepts(perfect, perfect, sharp, concept).item() == pytest.approx(0, abs=1e-6)


def test_stays_on_the_device_of_its_inputs():
    draw = Draw(0)
    inputs = draw.normal(3, 4), draw.normal(3, 4), SCALE, torch.arange(3)
    with OneDevice():
        assert contrastive_loss_of_concepts(*map(to_meta, inputs)).is_meta
