"""The toy of lesson 09: a temperature moves confidence and no answer."""

import re

import pytest
import torch

from mmcourse.show import figure, figures, sureness
from mmcourse.show.sureness import _told, bars
from mmcourse.tasks.calibration import calibration_error, reliability

LOGITS = torch.tensor([[4.0, 0, 0], [0, 3, 0], [0, 0, 5], [2, 1, 0], [0, 1, 2.5]])
LABELS = torch.tensor([0, 1, 0, 0, 1])


@pytest.mark.parametrize("tau", [0.2, 1.0, 10.0])
def test_what_is_told_is_what_the_library_finds(tau):
    told = _told(LOGITS, LABELS, tau)
    assert "<b>60.0% right</b>" in told
    assert f"<b>{calibration_error((LOGITS / tau).softmax(-1), LABELS):.3f}</b>" in told
    counts = reliability((LOGITS / tau).softmax(-1), LABELS).count
    assert told.count("<th scope='row'") == (counts > 0).sum()
    shown = [int(n) for n in re.findall(r"<td style='text-align:right;padding-right:1em'>(\d+)</td>", told)]
    assert shown == counts[counts > 0].tolist()


def test_the_diagram_has_a_bar_for_each_bin_and_a_dash_for_each_filled_one(monkeypatch):
    monkeypatch.setattr(figures, "display", lambda *_, **__: None)
    found = reliability(LOGITS.softmax(-1), LABELS)
    with figure("t", "a") as axis:
        bars(axis, found, "name")
        assert [bar.get_height() for bar in axis.patches] == pytest.approx(found.accuracy.nan_to_num().tolist())
        dashes = [line for line in axis.lines if line.get_linewidth() == 2.5 and len(line.get_xdata())]
        sure = found.confidence[found.count > 0].tolist()
        assert [line.get_ydata()[0] for line in dashes] == pytest.approx(sure)


def test_bad_input_is_named():
    with pytest.raises(ValueError, match="at least one prediction"):
        sureness(LOGITS[:0], LABELS[:0], 1.0)
    with pytest.raises(ValueError, match="temperature above 0"):
        sureness(LOGITS, LABELS, 0.0)
