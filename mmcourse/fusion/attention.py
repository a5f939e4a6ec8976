"""The article's second formula: every region meets every word."""

import torch
from torch import Tensor


def joint_softmax(scores: Tensor, f_mask: Tensor, g_mask: Tensor) -> Tensor:
    """Softmax over all valid pairs together: scores (B, I, J), masks (B, I) and (B, J) bool -> (B, I, J).

    Each sample's weights sum to 1; where no pair is valid they are all 0, with finite gradients.
    """
    pairs = f_mask[:, :, None] & g_mask[:, None, :]  # (B, I, J)
    flat = scores.masked_fill(~pairs, -torch.inf).flatten(1).softmax(-1).nan_to_num()  # (B, I·J)
    return flat.view_as(scores)


def attention_sum(f: Tensor, g: Tensor, scores: Tensor, f_mask: Tensor, g_mask: Tensor) -> Tensor:
    """The article's second formula, made exact: h = Σᵢⱼ αᵢⱼ fᵢ ∘ gⱼ, with α a joint softmax over valid pairs.

    f (B, I, d), g (B, J, d), scores (B, I, J), masks (B, I) and (B, J) bool -> (B, d)

    The sum over j is taken first, so the tensor of all pairs [B, I, J, d] is never held.
    Source: bilinear attention, Kim, Jun, Zhang 2018, arXiv:1805.07932.
    """
    weights = joint_softmax(scores, f_mask, g_mask)  # (B, I, J)
    # A pad may hold anything, nan included, and 0 · nan is nan.
    f, g = f.masked_fill(~f_mask[..., None], 0), g.masked_fill(~g_mask[..., None], 0)
    return ((weights @ g) * f).sum(1)  # (B, I, d) -> (B, d)
