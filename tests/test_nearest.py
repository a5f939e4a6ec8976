"""The widget of lesson 07 against EMAP, and the balanced part of a set."""

from collections import Counter

import pytest
import torch

from mmcourse.diagnose.balance import balanced
from mmcourse.diagnose.tables import nearest_sum
from mmcourse.show.nearest import TASKS, _told, nearest, right


@pytest.mark.parametrize("seed", range(3))
def test_the_widgets_nearest_sum_is_emap(seed):
    table = torch.randn(2, 2, 1, generator=torch.Generator().manual_seed(seed), dtype=torch.double)
    near = torch.tensor(nearest(table[..., 0].tolist()), dtype=torch.double)
    torch.testing.assert_close(near.diagonal()[:, None], nearest_sum(table))
    torch.testing.assert_close(torch.tensor(nearest(near.tolist()), dtype=torch.double), near)


def test_what_the_widget_says():
    perfect = {task: [[2.0 if yes else -2.0 for yes in row] for row in want] for task, want in TASKS.items()}
    assert [right(score, task) for task, score in perfect.items()] == [4, 4]
    assert [right(nearest(score), task) for task, score in perfect.items()] == [2, 4]
    assert "Its nearest sum: 2 of 4" in _told(perfect["the word fits"], "the word fits", "")


def test_every_question_has_each_of_its_answers_equally_often():
    draw = torch.Generator().manual_seed(0)
    questions = [f"q{i}" for i in torch.randint(0, 5, (200,), generator=draw).tolist()]
    labels = torch.randint(0, 3, (200,), generator=draw).square()
    rows = balanced(questions, labels)
    counts = Counter((questions[i], int(labels[i])) for i in rows)
    for question in set(questions):
        of = {n for (asked, _), n in counts.items() if asked == question}
        assert len(of) == 1
        every = Counter(int(y) for q, y in zip(questions, labels, strict=True) if q == question)
        assert of == {min(every.values())}
    assert rows.tolist() == sorted(set(rows.tolist()))
    assert balanced([], []).shape == (0,)
