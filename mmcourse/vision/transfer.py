"""Using a network that somebody else trained: leave it as it is, weights and statistics alike."""

from collections.abc import Mapping
from typing import Any, Self

import torch
from torch import Tensor, nn


class Frozen(nn.Module):
    """A network that training leaves as it was, in whatever model it stands.

    No gradient reaches its weights, and `train()` does not reach its batch norms: their running statistics would
    move with every batch, weights frozen or not, and dropout would begin to drop. The network is frozen in place.
    Gradients to its inputs pass.

    forward is the network's own.
    """

    def __init__(self, network: nn.Module):
        super().__init__()
        self.network = network.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> Self:
        """Training mode for others; the network inside stays in eval mode."""
        super().train(mode)
        self.network.eval()
        return self

    def forward(self, *inputs: Any) -> Any:
        return self.network(*inputs)


class Probe(Frozen):
    """A linear probe: a frozen network under a head that is all that learns (Yosinski et al. 2014, arXiv:1411.1792).

    The head brings each feature to one scale, by a batch norm without weights, and ends in one linear layer.

    Parameters
        network  forward(images) -> Encoded
        d        features of its vector

    forward(images, as the network takes them) -> logits (B, classes)
    """

    def __init__(self, network: nn.Module, d: int, classes: int):
        super().__init__(network)
        self.head = nn.Sequential(nn.BatchNorm1d(d, affine=False), nn.Linear(d, classes))

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.network(images).vector)  # (B, d) -> (B, classes)


def encode_all(encoder: nn.Module, images: Tensor, batch: int = 32) -> Tensor:
    """The encoder's vectors of all pictures, in their order: (N, 3, H, W) -> (N, d), a batch at a time.

    In eval mode, in which the encoder is left, and without gradients: nothing of it moves, nothing is remembered.
    `mmcourse.data.features` does this for data sets, and keeps what it found.
    """
    encoder.eval()
    with torch.no_grad():
        return torch.cat([encoder(some).vector for some in images.split(batch)])


def snapshot(module: nn.Module) -> dict[str, Tensor]:
    """A copy of all weights and statistics, to be compared with later."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def moved(module: nn.Module, before: Mapping[str, Tensor]) -> list[str]:
    """The names of the weights and statistics that are not what they were in `before`, a `snapshot`."""
    now = module.state_dict()
    return [name for name, value in before.items() if not torch.equal(value, now[name])]
