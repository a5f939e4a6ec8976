"""certify: each class of models comes out as it must, leaks are found, and nothing is said that was not shown."""

import sys

import pytest
import torch

from mmcourse.data import InMemory, in_memory, load
from mmcourse.data.synthetic import (
    ADDITIVE,
    AND,
    BINDING,
    COPIES,
    FULL,
    GATING,
    MATCH,
    ONE_TELLS,
    PICTURE,
    POOLED,
    TEXT,
    TWO_VIEWS,
    XOR,
)
from mmcourse.diagnose import certify
from mmcourse.diagnose.certify import COMMONEST, PICTURES, TEXTS


def quick(data, **options):
    return certify(data, **{"n": 2500, "epochs": 20, "progress": False} | options)


@pytest.fixture(scope="module")
def certificates():
    return {task.name: quick(task) for task in (XOR, GATING, AND, TWO_VIEWS, COPIES, ONE_TELLS, MATCH, BINDING)}


@pytest.mark.parametrize("task", [XOR, GATING, AND, TWO_VIEWS, COPIES, ONE_TELLS, MATCH, BINDING], ids=lambda t: t.name)
class TestTasks:
    def test_nobody_beats_the_best_possible(self, certificates, task):
        for row in certificates[task.name].rows:
            assert row.best is None or row.low <= row.best + 0.01, row
            assert "ABOVE" not in row.says
            assert row.low <= row.accuracy <= row.high

    def test_halves_at_their_rates_and_full_near_bayes(self, certificates, task):
        found, rates = certificates[task.name].numbers(), task.rates()
        for model in (PICTURE, TEXT):
            assert found[model] == pytest.approx(rates[model].accuracy, abs=0.045)
        for shuffled, alone in ((TEXTS, PICTURE), (PICTURES, TEXT)):
            assert found[shuffled] == pytest.approx(rates[alone].accuracy, abs=0.045)
        assert found[FULL] > rates[FULL].accuracy - 0.08

    def test_the_verdict(self, certificates, task):
        both = task not in (COPIES, ONE_TELLS)
        product = task in (XOR, GATING, MATCH, BINDING)
        certificate = certificates[task.name]
        assert (certificate.needs_both, certificate.needs_product) == (both, product)
        assert not certificate.leaks
        assert certificate.finished
        if product:
            # Of few symbols many scores are nearly 0, so that a sum's accuracy may lie anywhere up to its bound.
            assert certificate.numbers()[ADDITIVE] < (0.77 if task is MATCH else 0.56)
        else:
            assert certificate.numbers()[ADDITIVE] > task.rates()[ADDITIVE].accuracy - 0.03
        words = str(certificate).splitlines()[0]
        assert words.startswith(task.name)
        assert ("does not need both" in words) == (not both)
        assert ("more than a sum" in words) == product


def test_pooling_given_regions_is_a_coin(certificates):
    rows = {row.model: row for row in certificates["binding"].rows}
    assert rows[POOLED].accuracy < 0.55
    assert rows[POOLED].best == 0.5
    assert rows[FULL].accuracy > 0.98
    assert POOLED not in certificates["XOR"].numbers()


def test_the_table_goes_into_show(certificates, capsys):
    from mmcourse.show import table

    columns, rows, caption = certificates["AND"].table()
    table(columns, rows, caption)
    assert columns[0] == "the model"
    assert rows[0][0] == COMMONEST
    assert all(len(row) == len(columns) for row in rows)


def test_the_same_for_the_same_seed():
    one, other, third = (quick(AND, n=400, epochs=2, seed=seed).numbers() for seed in (3, 3, 4))
    assert one == other != third


def columns(split, n, **options):
    return in_memory(load("scenes", split, n=n, kind="colour", size=24, wordings=1, **options), progress=False)


@pytest.fixture(scope="module")
def scenes():
    return columns("train", 5000), columns("test", 2000)


class TestInMemory:
    def test_scenes_need_both(self, scenes):
        rates = load("scenes", kind="colour").rates()
        certificate = certify(scenes, rates=rates, epochs=20, progress=False)
        found = certificate.numbers()
        assert certificate.needs_both
        assert certificate.needs_product
        assert not certificate.leaks
        assert found[PICTURE] == pytest.approx(0.25, abs=0.03)
        assert found[TEXT] == pytest.approx(0.2, abs=0.035)
        assert found["colours"] < 0.28
        assert found["length of the text"] < 0.21
        assert found["number of things"] < 0.21
        assert found[POOLED] < 0.5
        assert found[FULL] > 0.6

    def test_a_leak_is_called_one(self, scenes):
        def leaky(columns: InMemory) -> InMemory:
            """The text gives the answer away by its length, and says nothing else."""
            texts = ["the cat" + " please" * label for label in columns.labels.tolist()]
            return columns._replace(text={"en": texts})

        certificate = quick(tuple(map(leaky, scenes)), epochs=8)
        assert "length of the text" in certificate.leaks
        assert "LEAK: length of the text" in certificate.verdict.replace("colours, ", "")
        assert not certificate.needs_both

    def test_nothing_is_said_that_was_not_shown(self, scenes):
        noise = torch.Generator().manual_seed(0)
        blind = tuple(c._replace(labels=torch.randint(0, 2, c.labels.shape, generator=noise)) for c in scenes)
        certificate = quick(blind, epochs=2)
        assert not certificate.needs_both
        assert certificate.verdict.startswith("not shown to need both")

    def test_shared_pictures_and_chinese(self):
        few = columns("train", 120)
        shared = few._replace(images=few.images[:10], image_of=torch.arange(120) % 10)
        whole = few._replace(images=few.images[torch.arange(120) % 10])
        one, other = (quick((c, c), epochs=1, language="zh").numbers() for c in (shared, whole))
        assert one == other

    def test_without_pictures_or_the_language(self, scenes):
        train, test = scenes
        with pytest.raises(ValueError, match="no pictures, and texts in en, zh"):
            certify((train._replace(images=None), test))
        with pytest.raises(ValueError, match="texts in 'de'"):
            certify(scenes, language="de")


def test_number_of_regions_is_probed_where_it_varies():
    class Uneven:
        """The number of real regions is the label."""

        def __init__(self, seed):
            self.labels = torch.randint(0, 2, (1000,), generator=torch.Generator().manual_seed(seed))
            pairs = BINDING.draw(1000, seed)
            mask = torch.arange(6) < (3 + self.labels)[:, None]
            self.image, self.text = pairs.image._replace(mask=mask), pairs.text

    certificate = quick((Uneven(0), Uneven(1)), epochs=10)
    assert certificate.leaks == ["number of regions"]


def test_interrupted_it_gives_what_there_is(monkeypatch):
    room = sys.modules[certify.__module__]  # the package's attribute of this name is the function
    calls = []

    def stopped(*args, **options):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return [0.0] * options["epochs"] if len(calls) < 3 else []

    monkeypatch.setattr(room, "fit", stopped)
    certificate = quick(XOR)
    assert not certificate.finished
    assert [row.model for row in certificate.rows] == [COMMONEST, PICTURE, TEXT]
    assert "interrupted" in str(certificate)
    calls.clear()
    monkeypatch.setattr(room, "fit", lambda *args, **options: [0.0])  # fit itself swallows the stop button
    assert not quick(XOR).finished
