"""Batch normalisation by hand (Ioffe & Szegedy 2015, arXiv:1502.03167)."""

import torch
from torch import Tensor


def batch_norm(
    x: Tensor,
    mean: Tensor,
    var: Tensor,
    weight: Tensor,
    bias: Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Tensor, Tensor, Tensor]:
    """Each channel to mean 0 and spread 1, then scaled and shifted; and the running statistics that come of it.

    x             (B, C, H, W)
    mean, var     (C): the running mean and variance so far; they are not written into
    weight, bias  (C): γ and β, learnt
    training      normalise by this batch's own statistics and learn from them; else by the running ones
    momentum      how much of the new goes into the running statistics
    Returns y (B, C, H, W), and the new running mean and variance, both (C).

    Two variances: for now the batch's own, divided by n = B·H·W (biased); for later an estimate of all pictures',
    divided by n - 1 (unbiased). What is kept for later is cut off from the graph. Equal to `F.batch_norm`, which
    writes into the running ones in place.
    Raises ValueError in training where a channel has a single number.
    """
    if training:
        n = x.numel() // x.shape[1]  # B·H·W numbers to a channel
        if n < 2:
            raise ValueError("in training a channel needs more than one number: a larger batch, or eval mode")
        now_mean = x.mean((0, 2, 3))  # (B, C, H, W) -> (C)
        now_var = (x - now_mean[:, None, None]).square().mean((0, 2, 3))  # (C), divided by n
        mean = ((1 - momentum) * mean + momentum * now_mean).detach()
        var = ((1 - momentum) * var + momentum * now_var * n / (n - 1)).detach()
    else:
        now_mean, now_var = mean, var
    scale = weight * torch.rsqrt(now_var + eps)  # (C)
    return (x - now_mean[:, None, None]) * scale[:, None, None] + bias[:, None, None], mean, var
