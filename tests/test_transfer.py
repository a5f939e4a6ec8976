"""Frozen means frozen: weights, statistics and dropout, in whatever model the network stands."""

import pytest
import torch
from torch import nn

from mmcourse.fetch import FetchError
from mmcourse.training import fit
from mmcourse.vision import Lite0, SmallCNN
from mmcourse.vision.transfer import Frozen, moved, snapshot


class Model(nn.Module):
    """A network under a head that has statistics of its own."""

    def __init__(self, network: nn.Module, d: int):
        super().__init__()
        self.network, self.head = network, nn.Sequential(nn.BatchNorm1d(d), nn.Linear(d, 3))

    def forward(self, images):
        return self.head(self.network(images).vector)


def data(side: int = 16, n: int = 12):
    draw = torch.Generator().manual_seed(0)
    return torch.rand(n, 3, side, side, generator=draw) * 255, torch.arange(n) % 3


def test_nothing_in_it_moves_in_training_and_the_rest_does():
    images, labels = data()
    model = Model(Frozen(SmallCNN(8)), 8)
    before = snapshot(model)
    fit(model, (images,), labels, epochs=2, batch=4, progress=False)
    assert set(moved(model, before)) == {n for n in before if n.startswith("head.")}


def test_without_it_the_statistics_move_although_no_weight_does():
    images, labels = data()
    network = SmallCNN(8).eval().requires_grad_(False)
    model = Model(network, 8)
    before = snapshot(network)
    fit(model, (images,), labels, epochs=1, batch=4, progress=False)
    went = moved(network, before)
    assert {name.rpartition(".")[2] for name in went} == {"running_mean", "running_var", "num_batches_tracked"}


def test_train_and_eval_reach_the_others():
    model = Model(Frozen(nn.Sequential(nn.Dropout(), nn.BatchNorm2d(3))), 8)
    model.train()
    assert model.head.training
    assert model.network.training
    assert not any(part.training for part in model.network.network.modules())
    model.eval()
    assert not model.head.training


def test_it_gives_what_the_network_gives_and_lets_gradients_to_its_inputs_pass():
    network = SmallCNN(8).double()
    images = data()[0].double().requires_grad_()
    frozen = Frozen(network).train()
    out = frozen(images)
    assert out.vector.equal(network.eval()(images).vector)
    out.vector.sum().backward()
    assert images.grad.abs().sum() > 0
    assert all(p.grad is None for p in frozen.parameters())


def test_what_moved_is_named():
    layer = nn.Linear(2, 2)
    before = snapshot(layer)
    assert moved(layer, before) == []
    with torch.no_grad():
        layer.bias[1] += 1
    assert moved(layer, before) == ["bias"]


def test_lite0_stays_as_it_was_inside_a_trained_model():
    try:
        lite0 = Lite0.pretrained()
    except FetchError as error:
        if "could not be downloaded" in str(error):
            pytest.skip(f"no network: {error}")
        raise
    images, labels = data(40, 6)
    before, shown = snapshot(lite0), lite0(images).vector
    model = Model(Frozen(lite0), 1280)
    fit(model, (images,), labels, epochs=2, batch=3, progress=False, device=torch.device("cpu"))
    assert moved(lite0, before) == []
    model.train()
    torch.testing.assert_close(model.network(images).vector, shown)
    bare = Model(lite0, 1280)
    fit(bare, (images,), labels, epochs=1, batch=3, progress=False, device=torch.device("cpu"))
    assert moved(lite0, before), "frozen weights alone do not keep the statistics"
