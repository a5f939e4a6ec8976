"""A small convolutional network, to be trained from nothing."""

from torch import Tensor, nn

from mmcourse.encoded import Encoded

from .regions import regions_of


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
        return regions_of(self.layers(images))  # (B, 3, H, W) -> (B, d, H', W') -> T = H'·W' regions
