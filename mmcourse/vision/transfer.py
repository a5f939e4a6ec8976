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


def snapshot(module: nn.Module) -> dict[str, Tensor]:
    """A copy of all weights and statistics, to be compared with later."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def moved(module: nn.Module, before: Mapping[str, Tensor]) -> list[str]:
    """The names of the weights and statistics that are not what they were in `before`, a `snapshot`."""
    now = module.state_dict()
    return [name for name, value in before.items() if not torch.equal(value, now[name])]
