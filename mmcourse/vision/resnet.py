"""Residual networks (He, Zhang, Ren, Sun 2015, arXiv:1512.03385): the block, a stage, and ResNet-18.

The layers have torchvision's names, so `load_state_dict` takes torchvision's weights as they are.
"""

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded


class BasicBlock(nn.Module):
    """Two convolutions that correct what the shortcut brings: y = ReLU(F(x) + shortcut(x)).

    (B, c_in, H, W) -> (B, c_out, ceil(H/stride), ceil(W/stride)). The shortcut is x itself where the shapes agree,
    and otherwise `downsample`, a convolution with a kernel of 1 and its batch norm.
    """

    def __init__(self, c_in: int, c_out: int, stride: int = 1):
        super().__init__()
        self.conv1 = nn.Conv2d(c_in, c_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c_out)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c_out)
        self.downsample = None
        if stride != 1 or c_in != c_out:
            self.downsample = nn.Sequential(nn.Conv2d(c_in, c_out, 1, stride, bias=False), nn.BatchNorm2d(c_out))

    def correction(self, x: Tensor) -> Tensor:
        """F(x): (B, c_in, H, W) -> (B, c_out, H', W'). It may be negative: no ReLU at its end."""
        return self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))

    def forward(self, x: Tensor) -> Tensor:
        shortcut = x if self.downsample is None else self.downsample(x)  # (B, c_out, H', W')
        return (self.correction(x) + shortcut).relu()


class Stage(nn.Sequential):
    """Blocks in a row. The first may halve the picture and change the channels; the others keep both.

    (B, c_in, H, W) -> (B, c_out, ceil(H/stride), ceil(W/stride))
    """

    def __init__(self, c_in: int, c_out: int, blocks: int, stride: int = 1):
        super().__init__(
            BasicBlock(c_in, c_out, stride),
            *(BasicBlock(c_out, c_out) for _ in range(blocks - 1)),
        )


class ResNet18(nn.Module):
    """A stem, four stages of two blocks, and a linear layer: 18 layers with weights on the longest road.

    Equal to `torchvision.models.resnet18` with the same weights, which `load_state_dict` takes over.

    forward(images (B, 3, H, W) float, normalised) -> Encoded with d = 512 and T = ceil(H/32)·ceil(W/32) regions, row
    by row: 49 for 224 pixels.
    """

    def __init__(self, classes: int = 1000):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = Stage(64, 64, 2)
        self.layer2 = Stage(64, 128, 2, stride=2)
        self.layer3 = Stage(128, 256, 2, stride=2)
        self.layer4 = Stage(256, 512, 2, stride=2)
        self.fc = nn.Linear(512, classes)
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, images: Tensor) -> Encoded:
        grid = self.maxpool(self.bn1(self.conv1(images)).relu())  # (B, 64, H/4, W/4)
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            grid = stage(grid)  # at the end (B, 512, H/32, W/32)
        return as_regions(grid)

    def classify(self, images: Tensor) -> Tensor:
        """Logits of the classes: images as in forward -> (B, classes)."""
        return self.fc(self(images).vector)


def as_regions(grid: Tensor) -> Encoded:
    """A grid of features as regions, row by row, and their mean: (B, d, H, W) -> Encoded with T = H·W."""
    regions = grid.flatten(2).transpose(1, 2)  # (B, d, H, W) -> (B, H·W, d)
    mask = torch.ones(regions.shape[:2], dtype=torch.bool, device=regions.device)
    return Encoded(regions.mean(1), regions, mask)
