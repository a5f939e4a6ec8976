"""A small convolutional network, to be trained from nothing."""

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded


class SmallCNN(nn.Module):
    """A few convolutions, halving the picture each time; what is left of the grid are the regions.

    Parameters
        d       features of a region
        widths  channels of the layers before the last

    forward(images (B, 3, H, W) float) -> Encoded with T = H/2^n · W/2^n regions, n = len(widths) + 1
    """

    def __init__(self, d: int = 64, widths: tuple[int, ...] = (16, 32)):
        super().__init__()
        layers: list[nn.Module] = []
        for c_in, c_out in zip((3, *widths), (*widths, d), strict=True):
            layers += [nn.Conv2d(c_in, c_out, 3, padding=1), nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2)]
        self.layers = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> Encoded:
        grid = self.layers(images)  # (B, d, H', W')
        regions = grid.flatten(2).transpose(1, 2)  # (B, H'·W', d)
        mask = torch.ones(regions.shape[:2], dtype=torch.bool, device=regions.device)
        return Encoded(regions.mean(1), regions, mask)
