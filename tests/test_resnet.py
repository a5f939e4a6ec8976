"""The residual network is torchvision's: outputs, gradients and statistics, in training and after it."""

import pytest
import torch
import torchvision
from torch import nn
from torchvision.models.resnet import BasicBlock as TorchBlock

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.fetch import FetchError
from mmcourse.vision import SmallCNN, pixels
from mmcourse.vision.resnet import BasicBlock, ResNet18, Stage, as_regions
from mmcourse.vision.resnet50 import ResNet50
from mmcourse.vision.transfer import Probe, encode_all


def stirred(module: nn.Module, seed: int = 0) -> dict[str, torch.Tensor]:
    """Weights and statistics in float64 that differ from channel to channel; spreads are positive."""
    draw = Draw(seed)
    state = {}
    for name, value in module.state_dict().items():
        if value.is_floating_point():
            state[name] = draw.normal(*value.shape, scale=0.6 / max(1, value[0].numel()) ** 0.5, shift=0.05)
            if name.endswith("running_var"):
                state[name] = state[name].abs() + 0.4
        else:
            state[name] = value.clone()
    return state


def alike(ours: nn.Module, theirs: nn.Module, x: torch.Tensor, training: bool, run=lambda m, x: m(x)) -> None:
    """Outputs, gradients of inputs and weights, and the statistics afterwards."""
    seen = []
    for module in (ours, theirs):
        module.train(training)
        inputs = x.clone().requires_grad_()
        out = run(module, inputs)
        weights = dict(module.named_parameters())
        wave = torch.arange(out.numel(), dtype=out.dtype).view_as(out).sin()
        grads = torch.autograd.grad((out * wave).sum(), [inputs, *weights.values()], allow_unused=True)
        seen.append([out, *grads, *module.state_dict().values()])
        assert torch.equal(inputs, x), "the input is not written into"
    for a, b in zip(*seen, strict=True):
        assert (a is None) == (b is None)
        if a is not None:
            torch.testing.assert_close(a, b, rtol=1e-9, atol=1e-9)


class TestResNet18:
    @pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
    @pytest.mark.parametrize("shape", [(2, 3, 64, 64), (3, 3, 45, 71)], ids=str)
    def test_is_torchvisions_with_its_weights(self, training, shape):
        ours, theirs = ResNet18(7).double(), torchvision.models.resnet18(weights=None, num_classes=7).double()
        state = stirred(theirs)
        ours.load_state_dict(state)
        theirs.load_state_dict(state)
        alike(ours, theirs, Draw(1).normal(*shape), training, lambda m, x: getattr(m, "classify", m)(x))

    def test_the_names_and_sizes_are_the_same_and_it_starts_alike(self):
        ours, theirs = ResNet18(), torchvision.models.resnet18(weights=None)
        sizes = [{name: value.shape for name, value in net.state_dict().items()} for net in (ours, theirs)]
        assert sizes[0] == sizes[1]
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            if a.ndim > 1:
                assert abs(a.std() / b.std() - 1) < 0.05

    @pytest.mark.parametrize(("height", "width", "regions"), [(224, 224, 49), (96, 33, 3 * 2), (1, 1, 1)])
    def test_a_region_for_each_32_pixels_begun(self, height, width, regions):
        out = ResNet18(5).eval()(torch.randn(1, 3, height, width))
        assert [tuple(part.shape) for part in out] == [(1, 512), (1, regions, 512), (1, regions)]
        assert out.mask.all()
        torch.testing.assert_close(out.vector, out.tokens.mean(1))

    def test_regions_are_row_by_row(self):
        grid = torch.arange(2 * 3 * 4.0).view(1, 2, 3, 4)
        assert as_regions(grid).tokens[0, 1 * 4 + 2].equal(grid[0, :, 1, 2])


class TestBlocks:
    @pytest.mark.parametrize("training", [False, True], ids=["eval", "train"])
    @pytest.mark.parametrize(("c_in", "c_out", "stride"), [(4, 4, 1), (4, 6, 1), (4, 4, 2), (4, 6, 2), (6, 4, 3)])
    def test_a_block_is_torchvisions(self, c_in, c_out, stride, training):
        down = None
        if stride > 1 or c_in != c_out:
            down = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
        ours, theirs = BasicBlock(c_in, c_out, stride).double(), TorchBlock(c_in, c_out, stride, down).double()
        state = stirred(theirs)
        ours.load_state_dict(state)
        theirs.load_state_dict(state)
        for batch in (1, 3):
            alike(ours, theirs, Draw(2).normal(batch, c_in, 7, 5, strided=True), training)

    def test_a_correction_of_zero_leaves_what_came(self):
        block, x = BasicBlock(3, 3).eval(), torch.rand(2, 3, 5, 4)
        nn.init.zeros_(block.bn2.weight)
        assert block(x).equal(x)

    def test_only_the_first_block_of_a_stage_changes_the_shape(self):
        stage = Stage(4, 6, 3, stride=2)
        assert [block.downsample is not None for block in stage] == [True, False, False]
        assert [tuple(block.conv1.stride) for block in stage] == [(2, 2), (1, 1), (1, 1)]
        assert stage.eval()(torch.rand(1, 4, 9, 5)).shape == (1, 6, 5, 3)


@pytest.fixture(scope="module")
def net():
    return ResNet50().eval()


class TestResNet50:
    """Random weights here: its ImageNet weights are for home."""

    def test_is_torchvisions_on_normalised_pixels(self, net):
        images = torch.randint(0, 256, (2, 3, 40, 52), dtype=torch.uint8)
        from torchvision.transforms.v2 import functional as T

        theirs = T.normalize(T.to_dtype(images, torch.float32, scale=True), *pixels.TORCHVISION[:2])
        with torch.no_grad():
            torch.testing.assert_close(net.classify(images), net.net(theirs), rtol=1e-4, atol=1e-4)

    def test_gives_regions(self, net):
        with torch.no_grad():
            out = net(torch.zeros(2, 3, 72, 33, dtype=torch.uint8))
        assert [tuple(part.shape) for part in out] == [(2, 2048), (2, 6, 2048), (2, 6)]

    def test_another_shape_is_refused(self, net):
        with pytest.raises(ValueError, match=r"\(B, 3, H, W\)"):
            net(torch.zeros(1, 32, 32, 3))

    def test_pretrained_loads_what_torchvision_brings_and_freezes_it(self, net, monkeypatch):
        brings = net.net.state_dict()
        monkeypatch.setattr(torchvision.models.ResNet50_Weights, "get_state_dict", lambda *_, **__: brings)
        model = ResNet50.pretrained()
        assert torch.equal(model.net.fc.weight, net.net.fc.weight)
        assert not any(module.training for module in model.modules())
        assert not any(p.requires_grad for p in model.parameters())

    def test_no_network_is_told(self, monkeypatch):
        def offline(*_, **__):
            raise OSError("no route to host")

        monkeypatch.setattr(torchvision.models.ResNet50_Weights, "get_state_dict", offline)
        with pytest.raises(FetchError, match=r"ResNet-50 could not be downloaded.*no route to host.*Lite0"):
            ResNet50.pretrained()


class TestPixels:
    def test_is_torchvisions_normalize(self):
        from torchvision.transforms.v2 import functional as T

        images = torch.randint(0, 256, (3, 3, 5, 7), dtype=torch.uint8)
        mean, std = (torch.tensor(numbers, dtype=torch.float64) for numbers in pixels.TORCHVISION[:2])
        theirs = T.normalize(images.double() / 255, mean.tolist(), std.tolist())
        torch.testing.assert_close(pixels.rescale(images, mean, std, white=1.0), theirs, rtol=1e-9, atol=1e-9)

    def test_the_scale_of_lite0_is_what_it_does_itself(self):
        images = torch.tensor([0, 127, 255], dtype=torch.uint8).view(1, 3, 1, 1)
        out = pixels.scaled(images, pixels.LITE0, like=torch.zeros(1))
        assert out.flatten().tolist() == [-127 / 128, 0, 1]
        assert out.dtype == torch.float32

    def test_a_float_picture_is_taken_for_the_same_numbers(self):
        images = torch.randint(0, 256, (1, 3, 2, 4), dtype=torch.uint8)
        like = torch.zeros(1, dtype=torch.float64)
        assert pixels.scaled(images.float(), pixels.LITE0, like).equal(pixels.scaled(images, pixels.LITE0, like))


@pytest.mark.parametrize("make", [lambda: BasicBlock(3, 4, 2), lambda: Stage(3, 4, 2), lambda: ResNet18(4), ResNet50])
def test_stays_on_the_device_of_its_inputs(make):
    """Meta tensors stand in for a GPU; backward too."""
    module = make().to("meta")
    with OneDevice():
        out = module(to_meta(torch.rand(2, 3, 40, 40)).requires_grad_())
        out = getattr(out, "vector", out)
        assert out.is_meta
        out.sum().backward()


def test_pixels_and_probes_stay_there_too():
    images = to_meta(torch.zeros(3, 3, 8, 8, dtype=torch.uint8))
    network = SmallCNN(4).to("meta")
    with OneDevice():
        assert pixels.rescale(images, *(to_meta(torch.rand(3)) for _ in range(2)), white=1.0).is_meta
        assert pixels.scaled(images, pixels.LITE0, like=next(network.parameters())).is_meta
        floats = to_meta(torch.rand(3, 3, 8, 8))
        Probe(network, 4, 2).to("meta")(floats).sum().backward()
        assert encode_all(network, floats, batch=2).is_meta
