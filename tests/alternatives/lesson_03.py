"""Right answers to lesson 03, written differently."""

import copy
import itertools

import torch
from torch import nn
from torch.nn import functional as F
from torchvision.models.resnet import BasicBlock as TorchBlock
from torchvision.transforms.v2 import functional as T

from mmcourse import bank
from mmcourse.vision.resnet import BasicBlock
from mmcourse.vision.transfer import Frozen


# 03.1: by torch, and by counting the roads
def slope(*ws: float, shortcut: bool = True) -> float:
    x = torch.ones(1, dtype=torch.double, requires_grad=True)
    y = x
    for w in ws:
        y = w * y + y * shortcut
    return torch.autograd.grad(y, x)[0].item()


ROADS = list(itertools.product((0, 1), repeat=3))
BY_TORCH = {
    "plain, w = 3, two layers": slope(3, 3, shortcut=False),
    "residual, w = 3, two layers": slope(3, 3),
    "plain, w = -2, three layers": slope(-2, -2, -2, shortcut=False),
    "residual, w = -2, three layers": slope(-2, -2, -2),
    "residual, w = 0, fifty layers": slope(*[0] * 50),
    "residual, w = 1, then 2, then 4": slope(1, 2, 4),
    "roads through three residual layers": len(ROADS),
    "of these, through exactly one F": sum(sum(road) == 1 for road in ROADS),
}
AS_TENSORS = {name: torch.tensor(value) for name, value in bank.exercise("03.1").reference.items()} | {"more": None}


# 03.2
class BlockInOneLine(BasicBlock):
    def forward(self, x):
        around = self.downsample(x) if self.downsample else x
        return F.relu(around + self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))


class BlockInPlaceWhereItMay(BasicBlock):
    """In-place operations on tensors that are its own."""

    def forward(self, x):
        out = self.bn1(self.conv1(x)).relu_()
        out = self.bn2(self.conv2(out))
        out += x if self.downsample is None else self.downsample(x)
        return out.relu_()


class BlockByFormulas(BasicBlock):
    def norm(self, x, layer):
        mean, var = layer.running_mean[:, None, None], layer.running_var[:, None, None]
        x = (x - mean) / (var + layer.eps).sqrt()
        return x * layer.weight[:, None, None] + layer.bias[:, None, None]

    def forward(self, x):
        out = F.conv2d(x, self.conv1.weight, stride=self.conv1.stride, padding=1)
        out = F.conv2d(self.norm(out, self.bn1).clamp(min=0), self.conv2.weight, padding=1)
        if self.downsample is not None:
            x = self.norm(F.conv2d(x, self.downsample[0].weight, stride=self.conv1.stride), self.downsample[1])
        return (self.norm(out, self.bn2) + x).clamp(min=0)


# 03.3
class StageByList(nn.Sequential):
    def __init__(self, c_in, c_out, blocks, stride=1):
        down = None
        if stride > 1 or c_in != c_out:
            down = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
        made = [TorchBlock(c_in, c_out, stride, down)]
        for _ in range(1, blocks):
            made += [TorchBlock(c_out, c_out)]
        super().__init__(*made)


class StageByAppending(nn.Sequential):
    def __init__(self, c_in, c_out, blocks, stride=1):
        super().__init__()
        for i in range(blocks):
            self.append(BasicBlock(c_in if i == 0 else c_out, c_out, stride if i == 0 else 1))


class StageByOneLoop(nn.Sequential):
    """After the first block, c_in and stride are what the later ones need; nn.Identity where no projection is."""

    def __init__(self, c_in, c_out, blocks, stride=1):
        made = []
        for _ in range(blocks):
            down = nn.Identity()
            if (c_in, 1) != (c_out, stride):
                down = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))
            made.append(TorchBlock(c_in, c_out, stride, down))
            c_in, stride = c_out, 1
        super().__init__(*made)


# 03.4
def as_a_line(images, mean, std, white):
    """One slope and one intercept for each colour."""
    slope, start = white / 255 / std, -mean / std
    return torch.addcmul(start.view(3, 1, 1), images.to(mean.dtype), slope.view(3, 1, 1))


def colours_last_and_back(images, mean, std, white):
    return ((images.to(mean.dtype).movedim(1, -1) / 255 * white - mean) / std).movedim(-1, 1)


def by_torchvision(images, mean, std, white):
    return T.normalize(images.to(mean.dtype) / 255 * white, mean.tolist(), std.tolist())


def in_pixels(images, mean, std, white):
    """Mean and spread brought to 0..255 instead of the pixels to 0..white."""
    mean, std = mean.view(1, 3, 1, 1) * 255 / white, std.view(1, 3, 1, 1) * 255 / white
    return (images - mean) / std


def colour_by_colour(images, mean, std, white):
    planes = [(images[:, c].to(mean.dtype) * white / 255 - mean[c]) / std[c] for c in range(3)]
    return torch.stack(planes, dim=1)


def as_one_writes_it(images, mean, std, white):
    return (images / 255 * white - mean.view(3, 1, 1)) / std.view(3, 1, 1)


# 03.5
Colleague = bank.exercise("03.5").given.running()


class ByTrain(Colleague):
    def train(self, mode=True):
        super().train(mode)
        self.network.eval()
        return self


class InForward(Colleague):
    """The network is put back each time it is used, and looks without remembering."""

    def forward(self, images):
        self.network.eval()
        with torch.no_grad():
            vector = self.network(images).vector
        return self.head(vector)


class LayerByLayer(Colleague):
    def train(self, mode=True):
        super().train(mode)
        for layer in self.network.modules():
            layer.training = False
        return self


class NormsAsleep(Colleague):
    """Only the layers of the network that know a mode are put back."""

    def train(self, mode=True):
        super().train(mode)
        for layer in self.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.eval()
        return self


class OnFrozen(Frozen):
    def __init__(self, network, d, classes):
        super().__init__(network)
        self.head = nn.Sequential(nn.BatchNorm1d(d, affine=False), nn.Linear(d, classes))

    def forward(self, images):
        return self.head(self.network(images).vector)


class TrainTakenAway(Colleague):
    """The network no longer listens."""

    def __init__(self, network, d, classes):
        super().__init__(network, d, classes)
        network.train = lambda mode=True: network


# 03.6
def by_index(encoder, images, batch):
    encoder.eval()
    out = []
    with torch.no_grad():
        for i in range(0, len(images), batch):
            out.append(encoder(images[i : i + batch]).vector)
    return torch.cat(out, dim=0)


@torch.inference_mode()
def by_loader(encoder, images, batch):
    loader = torch.utils.data.DataLoader(images, batch_size=batch, shuffle=False)
    return torch.cat([encoder.train(False)(some)[0] for some in loader])


def on_a_copy(encoder, images, batch):
    """Written into a tensor that is there from the start."""
    encoder = copy.deepcopy(encoder).eval()
    out = images.new_empty(len(images), 5)
    with torch.no_grad():
        for i in range(0, len(images), batch):
            out[i : i + batch] = encoder(images[i : i + batch]).vector
    return out


def with_the_mode_put_back(encoder, images, batch):
    was = encoder.training
    encoder.eval()
    out = torch.cat([encoder(some).vector.detach() for some in images.split(batch)])
    encoder.train(was)
    return out


# 03.7
STALE = bank.exercise("03.7").reference
AS_TENSOR_TRUTHS = {name: torch.tensor(value) for name, value in STALE.items()}
IN_ANOTHER_ORDER = dict(sorted(STALE.items()))


# 03.8
class UnitLength(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(1280, 5)

    def forward(self, vectors):
        return self.head(F.normalize(vectors, dim=-1) * 1280**0.5)


class WithBatchNorm(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Sequential(nn.BatchNorm1d(1280), nn.Dropout(0.5), nn.Linear(1280, 5))

    def forward(self, vectors):
        return self.head(vectors)


def trained(make):
    def answer():
        from mmcourse.data.features import features
        from mmcourse.data.things import Things
        from mmcourse.training import fit
        from mmcourse.vision import Lite0

        things = Things("train")
        torch.manual_seed(1)
        model = make()
        vectors = features(things, Lite0.pretrained(), progress=False)
        fit(model, (vectors,), things.labels, epochs=40, lr=3e-3, progress=False)
        return model

    return answer


ANSWERS = {
    "03.1": [BY_TORCH, AS_TENSORS],
    "03.2": [BlockInOneLine, BlockInPlaceWhereItMay, BlockByFormulas],
    "03.3": [StageByList, StageByAppending, StageByOneLoop],
    "03.4": [by_torchvision, in_pixels, colour_by_colour, as_one_writes_it, as_a_line, colours_last_and_back],
    "03.5": [ByTrain, InForward, LayerByLayer, NormsAsleep, OnFrozen, TrainTakenAway],
    "03.6": [by_index, by_loader, on_a_copy, with_the_mode_put_back],
    "03.7": [AS_TENSOR_TRUTHS, IN_ANOTHER_ORDER],
    "03.8": [trained(UnitLength), trained(WithBatchNorm)],
}
