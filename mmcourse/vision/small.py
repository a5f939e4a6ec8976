"""A small convolutional network, to be trained from nothing."""

from torch import Tensor, nn

from mmcourse.encoded import Encoded

from .regions import real_places, regions_of


class SmallCNN(nn.Module):
    """A few convolutions, halving the picture each time; what is left of the grid are the regions.

    Parameters
        d       features of a region
        widths  channels of the layers before the last

    forward(images (B, 3, H, W) float, real (B, H, W) bool or None) -> Encoded with T = H/2^n · W/2^n regions,
    n = len(widths) + 1. `real` is True where a pixel belongs to the picture; a region that shows none of it is masked.
    """

    def __init__(self, d: int = 64, widths: tuple[int, ...] = (16, 32)):
        super().__init__()
        layers: list[nn.Module] = []
        for c_in, c_out in zip((3, *widths), (*widths, d), strict=True):
            layers += [nn.Conv2d(c_in, c_out, 3, padding=1), nn.BatchNorm2d(c_out), nn.ReLU(), nn.MaxPool2d(2)]
        self.layers = nn.Sequential(*layers)
        self.stride = 2 ** (len(widths) + 1)  # pixels from one region to the next

    def forward(self, images: Tensor, real: Tensor | None = None) -> Encoded:
        grid = self.layers(images)  # (B, 3, H, W) -> (B, d, H', W')
        return regions_of(grid, None if real is None else real_places(real, self.stride))  # T = H'·W' regions
