"""Seeded inputs for cases."""

import torch
from torch import Tensor


class Draw:
    """Seeded inputs for cases: asymmetric values that do not saturate, in float64.

    One `Draw` is consumed from top to bottom by an exercise's `cases`, so a seed fixes every input.
    """

    def __init__(self, seed: int):
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, *shape: int, scale: float = 1.0, shift: float = 0.0, strided: bool = False) -> Tensor:
        """Normal values of the given shape; `strided` lays them out in memory with the last two axes swapped."""
        if strided:
            shape = (*shape[:-2], shape[-1], shape[-2])
        values = torch.randn(shape, generator=self.generator, dtype=torch.float64) * scale + shift
        return values.transpose(-1, -2) if strided else values

    def integers(self, low: int, high: int, *shape: int) -> Tensor:
        """Integers in [low, high)."""
        return torch.randint(low, high, shape, generator=self.generator)

    def permutation(self, n: int) -> list[int]:
        """The numbers below n in random order."""
        return torch.randperm(n, generator=self.generator).tolist()

    def mask(self, *lengths: int, size: int | None = None) -> Tensor:
        """(B, size) bool, True = real: row b begins with lengths[b] real positions."""
        size = max(lengths) if size is None else size
        return torch.arange(size) < torch.tensor(lengths)[:, None]

    def module(self, module: torch.nn.Module) -> dict[str, Tensor]:
        """Weights for `module` in float64, biases included: asymmetric, small, none of them zero or one."""
        return {
            name: self.normal(*value.shape, scale=0.4, shift=0.1) if value.is_floating_point() else value.clone()
            for name, value in module.state_dict().items()
        }
