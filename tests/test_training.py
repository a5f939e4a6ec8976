"""The training loop: early stopping, and trainings that go on where they stopped."""

import pytest
import torch
from torch import nn

from mmcourse.training import Checkpoint, fit, predict_logits

DRAW = torch.Generator().manual_seed(0)
X = torch.randn(60, 5, generator=DRAW)
Y = (X[:, 0] > 0).long()
NOISE = torch.randint(0, 2, (60,), generator=DRAW)


def net(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 2))


def train(model, stop_after=None, **options):
    """A training that is interrupted, as by the stop button, after some epochs."""
    calls = []

    def loss(logits, labels):
        calls.extend([1] * logits.requires_grad)  # not those on held-out items
        if stop_after is not None and len(calls) > 3 * stop_after:  # three batches an epoch
            raise KeyboardInterrupt
        return nn.functional.cross_entropy(logits, labels)

    return fit(model, (X,), Y, epochs=6, batch=20, loss=loss, progress=False, **options)


def same(a, b):
    return all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


@pytest.mark.parametrize("held_out", [None, ((X,), NOISE)], ids=["no held-out items", "held-out items"])
def test_an_interrupted_training_goes_on_as_if_nothing_had_happened(tmp_path, capsys, held_out):
    whole = net()
    history = train(whole, held_out=held_out)
    halved = net()  # which seeds the generator that dropout draws from, too
    assert len(train(halved, stop_after=2, keep=tmp_path / "a.pt", held_out=held_out)) == 2
    assert "Stopped after 2 of 6 epochs" in capsys.readouterr().out
    halved = net(seed=9)  # a new process begins with other weights
    torch.manual_seed(99)  # and another state of the generator that dropout draws from
    assert train(halved, keep=tmp_path / "a.pt", held_out=held_out) == history
    assert same(whole, halved)
    assert [path.name for path in tmp_path.iterdir()] == ["a.pt"]


def test_a_finished_training_is_not_done_again(tmp_path):
    first, again = net(), net(seed=1)
    history = train(first, keep=tmp_path / "a.pt")
    assert train(again, keep=tmp_path / "a.pt", stop_after=0) == history
    assert same(first, again)


def test_another_training_in_the_file_is_refused_and_kept(tmp_path):
    path = tmp_path / "a.pt"
    train(net(), keep=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="holds another training: delete it"):
        train(net(), keep=path, seed=1)
    with pytest.raises(ValueError, match="holds another training: delete it"):
        train(nn.Linear(5, 2), keep=path)
    assert path.read_bytes() == before
    path.write_bytes(before[:100])
    with pytest.raises(ValueError, match="is damaged, or not a training's file: delete it"):
        train(net(), keep=path)


def test_a_failed_write_leaves_the_file_of_the_epoch_before(tmp_path, monkeypatch):
    path = tmp_path / "a.pt"
    train(net(), keep=path)
    before = path.read_bytes()

    def full(state, half):
        half.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="No space left"):
        Checkpoint(path, {}).save([], Namespace(), torch.Generator())
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.pt"]


class Namespace:
    loss, since, weights = 0.0, 0, None


def test_early_stopping_leaves_the_best_weights():
    """Labels that are pure noise: what is learnt of them makes held-out items worse."""
    model, seen = net(), []

    def held_out_loss(m):
        return nn.functional.cross_entropy(predict_logits(m, (X[30:],)), NOISE[30:]).item()

    class Spy(nn.Module):
        def __init__(self):
            super().__init__()
            self.net = model

        def forward(self, x):
            return self.net(x)

    options = {"epochs": 40, "batch": 10, "lr": 0.05, "progress": False, "held_out": ((X[30:],), NOISE[30:])}
    history = fit(Spy(), (X[:30],), NOISE[:30], patience=3, **options)
    best = held_out_loss(model)
    assert len(history) < 40, "it stopped early"
    for epochs in range(1, len(history) + 1):  # the same training, looked at after each of its epochs
        again = net()
        longer = options | {"held_out": None}
        seen.append(_after(again, epochs, longer))
    assert best == pytest.approx(min(seen), abs=1e-6)
    assert len(history) - 1 - seen.index(min(seen)) == 3, "three epochs in a row were no better"


def _after(model, stop, options):
    batches = []

    def loss(logits, labels):
        batches.append(1)
        if len(batches) > 3 * stop:
            raise KeyboardInterrupt
        return nn.functional.cross_entropy(logits, labels)

    fit(model, (X[:30],), NOISE[:30], loss=loss, **options)
    return nn.functional.cross_entropy(predict_logits(model, (X[30:],)), NOISE[30:]).item()
