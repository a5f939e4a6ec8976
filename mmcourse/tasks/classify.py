"""Classification of image-text pairs."""

from torch import Tensor, nn

from mmcourse.encoded import Encoded
from mmcourse.fusion import Fusion


class PairClassifier(nn.Module):
    """The article's pipeline: encode both, fuse, and one linear layer, y' = W h + b.

    forward(image: Encoded, text: Encoded) -> logits (B, classes)
    """

    def __init__(self, fusion: Fusion, d: int, classes: int):
        super().__init__()
        self.fusion, self.head = fusion, nn.Linear(d, classes)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return self.head(self.fusion(image, text))  # (B, d) -> (B, classes)
