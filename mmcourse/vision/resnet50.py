"""torchvision's ResNet-50 with its ImageNet weights, as an encoder of this course: for use at home.

The weights (98 MB) are downloaded from torchvision's own site when first asked for, and kept in torch's cache.
"""

from typing import Self

from torch import Tensor, nn
from torchvision.models import ResNet50_Weights, resnet50

from mmcourse.encoded import Encoded
from mmcourse.fetch import FetchError

from .pixels import TORCHVISION, scaled
from .resnet import as_regions


class ResNet50(nn.Module):
    """A picture's regions and their mean, 2,048 features each (He, Zhang, Ren, Sun 2015, arXiv:1512.03385).

    `ResNet50.pretrained()` has the weights trained on ImageNet; `ResNet50()` has random ones. It takes the place of
    `Lite0` in one line: pixels in, normalisation inside.

    forward(images (B, 3, H, W) uint8, or float from 0 to 255) -> Encoded with d = 2048 and
    T = ceil(H/32)·ceil(W/32) regions, row by row. Raises ValueError for another shape.
    """

    def __init__(self):
        super().__init__()
        self.net = resnet50(weights=None)

    @classmethod
    def pretrained(cls) -> Self:
        """With torchvision's second, better set of weights, in eval mode, without gradients. Raises FetchError."""
        model = cls()
        try:
            weights = ResNet50_Weights.IMAGENET1K_V2.get_state_dict(progress=True, check_hash=True)
        except (OSError, RuntimeError) as error:  # no network; a file that is not the one it should be
            raise FetchError(
                f"The weights of ResNet-50 could not be downloaded from torchvision's site ({error}). See that this "
                "machine is online, then run this again; Lite0.pretrained() is the course's own default."
            ) from None
        model.net.load_state_dict(weights)
        return model.eval().requires_grad_(False)

    def forward(self, images: Tensor) -> Encoded:
        if images.ndim != 4 or images.shape[1] != 3:
            raise ValueError(f"images are (B, 3, H, W), not {tuple(images.shape)}; `images[None]` makes a batch of one")
        net = self.net
        grid = net.maxpool(net.relu(net.bn1(net.conv1(scaled(images, TORCHVISION, like=net.fc.weight)))))
        grid = net.layer4(net.layer3(net.layer2(net.layer1(grid))))  # (B, 64, H/4, W/4) -> (B, 2048, H/32, W/32)
        return as_regions(grid)

    def classify(self, images: Tensor) -> Tensor:
        """Logits of ImageNet's 1,000 classes: images as in forward -> (B, 1000)."""
        return self.net.fc(self(images).vector)
