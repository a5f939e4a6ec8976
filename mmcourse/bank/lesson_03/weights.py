"""Weights for modules with batch norm: what 03.2, 03.3, 03.5 and 03.6 have in common."""

from torch import Tensor, nn

from mmcourse.checking.draw import Draw


def state_of(draw: Draw, module: nn.Module) -> dict[str, Tensor]:
    """Weights in float64 that differ from channel to channel; the running variances are positive."""
    state = draw.module(module)
    for name, value in state.items():
        if name.endswith("running_var"):
            state[name] = value.abs() + 0.5
    return state
