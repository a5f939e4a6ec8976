"""Metrics by hand equal torchmetrics', and what they are worth in corner cases."""

import pytest
import torch
from torchmetrics.classification import MulticlassCalibrationError, MulticlassF1Score

from mmcourse.checking.draw import Draw
from mmcourse.tasks.calibration import calibration_error, fit_temperature, reliability
from mmcourse.tasks.metrics import accuracy, f1_scores, interval, macro_f1

DRAW = Draw(0)
LOGITS = DRAW.normal(300, 5, scale=2)
LABELS = (LOGITS + DRAW.normal(300, 5, scale=3)).argmax(-1)
ANSWERS = LOGITS.argmax(-1)


class TestF1:
    def test_is_torchmetrics(self):
        theirs = MulticlassF1Score(5, average=None)(ANSWERS, LABELS)
        torch.testing.assert_close(f1_scores(ANSWERS, LABELS, 5), theirs.double(), rtol=1e-6, atol=1e-6)
        assert macro_f1(ANSWERS, LABELS, 5) == pytest.approx(
            MulticlassF1Score(5, average="macro")(ANSWERS, LABELS).item(), abs=1e-6
        )

    def test_a_class_that_never_occurs_counts_for_nothing(self):
        assert f1_scores(ANSWERS, LABELS, 7)[5:].isnan().all()
        theirs = MulticlassF1Score(7, average="macro")(ANSWERS, LABELS).item()
        assert macro_f1(ANSWERS, LABELS, 7) == pytest.approx(theirs, abs=1e-6)

    def test_the_commonest_class_alone_is_no_success(self):
        labels = torch.tensor([0] * 90 + [1] * 10)
        assert macro_f1(torch.zeros(100, dtype=torch.long), labels, 2) == pytest.approx((180 / 190 + 0) / 2)


class TestCalibration:
    @pytest.mark.parametrize("bins", [1, 10, 15])
    def test_is_torchmetrics(self, bins):
        chance = LOGITS.softmax(-1)
        theirs = MulticlassCalibrationError(5, n_bins=bins, norm="l1")(chance, LABELS).item()
        assert calibration_error(chance, LABELS, bins) == pytest.approx(theirs, abs=1e-6)

    def test_bins(self):
        chance = torch.tensor([[0.55, 0.45], [0.58, 0.42], [0.05, 0.95], [1.0, 0.0]])
        found = reliability(chance, torch.tensor([0, 1, 1, 0]), bins=10)
        assert found.count.tolist() == [0, 0, 0, 0, 0, 2, 0, 0, 0, 2]
        assert found.accuracy[5] == 0.5
        assert found.confidence[9].item() == pytest.approx(0.975)
        assert found.accuracy[0].isnan()
        assert calibration_error(chance, torch.tensor([0, 1, 1, 0])) == pytest.approx((0.065 + 0.025) / 2, abs=1e-6)

    @pytest.mark.parametrize("tau", [0.25, 1.0, 6.0])
    def test_temperature_finds_what_was_done(self, tau):
        draw = Draw(1)
        true = draw.normal(20_000, 4, scale=1.5)
        labels = _sample(true, draw)
        assert fit_temperature(true * tau, labels) == pytest.approx(tau, rel=0.06)

    def test_temperature_changes_no_answer_and_mends_overconfidence(self):
        sure = LOGITS * 5
        tau = fit_temperature(sure, LABELS)
        assert tau > 1
        assert accuracy(sure / tau, LABELS) == accuracy(sure, LABELS)
        before, after = (calibration_error((sure / t).softmax(-1), LABELS) for t in (1, tau))
        assert after < before / 2


def _sample(logits, draw):
    """One class for each row, by the chances that the logits give."""
    return torch.multinomial(logits.softmax(-1), 1, generator=draw.generator)[:, 0]


class TestInterval:
    def test_covers_the_mean_about_as_often_as_it_says(self):
        draw = torch.Generator().manual_seed(0)
        hits = 0
        for trial in range(200):
            right = (torch.rand(60, generator=draw) < 0.7).double()
            low, high = interval(right, draws=300, seed=trial)
            hits += low <= 0.7 <= high
        assert 0.88 < hits / 200 < 0.99

    def test_nothing_to_draw_from(self):
        with pytest.raises(ValueError, match="no value to draw from"):
            interval(torch.zeros(0))
