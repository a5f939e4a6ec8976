"""Convolution by hand, the size of what it gives, and how far it sees.

What deep learning calls a convolution is a cross-correlation: the kernel slides over the picture as it is written,
never flipped (LeCun, Bottou, Bengio, Haffner 1998, doi:10.1109/5.726791, made it the heart of a network).
"""

from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional as F

Pair = int | tuple[int, int]  # one number for both axes, or (rows, columns)


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    """Places at which a kernel fits along an axis of `size` pixels.

    The kernel spans dilation·(kernel - 1) + 1 pixels. Raises ValueError where it fits nowhere.
    """
    span = dilation * (kernel - 1) + 1
    if size + 2 * padding < span:
        raise ValueError(f"a kernel that spans {span} pixels does not fit into {size} with {padding} on either side")
    return (size + 2 * padding - span) // stride + 1


def receptive_field(layers: Iterable[tuple[int, int, int]]) -> tuple[int, int]:
    """How many pixels one number of the last map sees along an axis, and how far its neighbour's view is moved.

    layers  (kernel, stride, dilation) of each convolution or pooling, from the picture up
    Returns (field, step), both in pixels of the picture. Padding moves a field and does not change its size.
    """
    field, step = 1, 1
    for kernel, stride, dilation in layers:
        field += dilation * (kernel - 1) * step
        step *= stride
    return field, step


def windows(
    x: Tensor, kernel: Pair, stride: Pair = 1, padding: Pair = 0, dilation: Pair = 1, fill: float = 0.0
) -> Tensor:
    """Every window of a picture: (B, C, H, W) -> (B, C, H', W', kh, kw), H' by `output_size`.

    fill  what stands in the padding
    Raises ValueError where the kernel fits nowhere.
    """
    (kh, kw), (sh, sw), (ph, pw), (dh, dw) = map(_pair, (kernel, stride, padding, dilation))
    rows, columns = output_size(x.shape[-2], kh, sh, ph, dh), output_size(x.shape[-1], kw, sw, pw, dw)  # H', W'
    if ph or pw:
        x = F.pad(x, (pw, pw, ph, ph), value=fill)  # (B, C, H + 2 ph, W + 2 pw)
    # What stands at place (u, v) of every window is one slice of the picture: every s-th row and column from there on.
    below = [x[:, :, u * dh : u * dh + sh * (rows - 1) + 1 : sh] for u in range(kh)]  # kh of (B, C, H', W)
    seen = [some[..., v * dw : v * dw + sw * (columns - 1) + 1 : sw] for some in below for v in range(kw)]
    return torch.stack(seen, 2).unflatten(2, (kh, kw)).permute(0, 1, 4, 5, 2, 3)  # kh·kw of (B, C, H', W') in one


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Pair = 1,
    padding: Pair = 0,
    dilation: Pair = 1,
    groups: int = 1,
) -> Tensor:
    """Convolution by hand: each window times the kernel, added up.

    x       (B, C, H, W)
    weight  (D, C / groups, kh, kw); the first D / groups kernels see the first C / groups channels, and so on
    bias    (D), one for each kernel, or None
    Returns (B, D, H', W') with H' = (H + 2·padding - dilation·(kh - 1) - 1) // stride + 1.
    Equal to `F.conv2d`. Raises ValueError where channels or sizes do not fit.
    """
    b, channels = x.shape[:2]
    kernels, per_group, kh, kw = weight.shape
    if channels != per_group * groups or kernels % groups:
        raise ValueError(
            f"{channels} channels and {kernels} kernels of {per_group} channels do not fit into {groups} groups"
        )
    seen = windows(x, (kh, kw), stride, padding, dilation)  # (B, C, H', W', kh, kw)
    seen = seen.unflatten(1, (groups, per_group))  # (B, G, C/G, H', W', kh, kw)
    kernel = weight.unflatten(0, (groups, kernels // groups))  # (G, D/G, C/G, kh, kw)
    out = torch.einsum("bgchwij,gdcij->bgdhw", seen, kernel).flatten(1, 2)  # (B, D, H', W')
    return out if bias is None else out + bias[:, None, None]  # (D, 1, 1): one for each kernel


def _pair(value: Pair) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else value
