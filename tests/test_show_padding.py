"""The toy of lesson 01: what a length cuts and what it pads."""

import pytest

from mmcourse.show.padding import WAYS, cost


def test_one_length_for_all():
    whole, cut, pads = cost([1, 2, 5], 4)
    assert (whole, cut) == (2 / 3, 1 / 8)
    assert pads == 1 - 7 / 12


def test_each_batch_to_its_longest():
    assert cost([1, 5, 5, 1], 9, WAYS[1], batch=2)[2] == 1 - 12 / 20
    assert cost([1, 5, 5, 1], 9, WAYS[2], batch=2)[2] == 0
    assert cost([1, 5, 5, 1], 3, WAYS[1], batch=3) == pytest.approx((0.5, 4 / 12, 1 - 8 / 10))


def test_a_batch_of_nothing_but_empty_sentences_has_one_column():
    assert cost([0, 0], 3, WAYS[1])[2] == 1.0


def test_an_unknown_way():
    with pytest.raises(ValueError, match="there are one length for all"):
        cost([1], 1, "none")
