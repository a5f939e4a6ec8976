"""Scaled dot-product and multi-head attention (Vaswani et al. 2017, arXiv:1706.03762).

Masks are bool, True = real. A query that may look at nothing gets exact zeros, with finite gradients.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def attend(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """Scaled dot-product attention, by torch's fused operation.

    q (..., Tq, d), k (..., Tk, d), v (..., Tk, dv), mask broadcastable to (..., Tq, Tk) -> (..., Tq, dv)
    """
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


def attention_weights(q: Tensor, k: Tensor, mask: Tensor | None = None) -> Tensor:
    """What share of its attention each query gives to each key: (..., Tq, d), (..., Tk, d) -> (..., Tq, Tk).

    Each query's shares sum to 1, or to 0 where its mask (broadcastable to the result) hides every key.
    """
    scores = q @ k.transpose(-2, -1) / q.shape[-1] ** 0.5  # (..., Tq, Tk)
    if mask is not None:
        scores = scores.masked_fill(~mask, -torch.inf)
    return scores.softmax(dim=-1).nan_to_num()  # a row of -inf: softmax gives nan, and 0 is meant


def attend_by_hand(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None = None) -> Tensor:
    """The same as `attend`, written out."""
    return attention_weights(q, k, mask) @ v  # (..., Tq, Tk) @ (..., Tk, dv) -> (..., Tq, dv)


def attention_pool(scores: Tensor, tokens: Tensor, mask: Tensor) -> Tensor:
    """A mean of the real tokens in which each counts by its score: (B, T), (B, T, d), (B, T) bool -> (B, d).

    The shares are a softmax over the real tokens. Where none is real: zeros.
    """
    shares = scores.masked_fill(~mask, -torch.inf).softmax(-1).nan_to_num()  # (B, T)
    return (shares[..., None] * tokens).sum(1)  # (B, T, 1) * (B, T, d) -> (B, d)


class MultiHeadAttention(nn.Module):
    """Attention in several heads: each looks with d / heads features of its own.

    Parameters
        d      features of queries, keys and result
        heads  number of heads; must divide d

    forward(asks (B, Tq, d), told (B, Tk, d), mask (B, Tk) bool or None) -> (B, Tq, d)
    Raises ValueError where heads does not divide d.
    """

    def __init__(self, d: int, heads: int):
        super().__init__()
        if d % heads:
            raise ValueError(f"d={d} can't be shared among {heads} heads: choose heads that divide d")
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(d, d) for _ in range(4))

    def forward(self, asks: Tensor, told: Tensor, mask: Tensor | None = None) -> Tensor:
        q, k, v = self._split(self.q(asks)), self._split(self.k(told)), self._split(self.v(told))  # (B, H, T, d/H)
        if mask is not None:
            mask = mask[:, None, None, :]  # (B, 1, 1, Tk): the same for all heads and queries
        seen = attend(q, k, v, mask)  # (B, H, Tq, d/H)
        return self.out(seen.transpose(1, 2).flatten(2))  # (B, Tq, d)

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, T, d) -> (B, H, T, d/H)
