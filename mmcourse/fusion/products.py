"""Fusions in which one modality multiplies the other, so that the text can turn round what the picture says."""

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded
from mmcourse.text import masked_mean


class Product(nn.Module):
    """h = (U f) ∘ (V g): both brought to d features, then multiplied feature by feature.

    Parameters: d_f, d_g features of the two vectors; d features of h.
    Source: low-rank bilinear pooling without its tanh, Kim et al. 2017, arXiv:1610.04325.
    """

    def __init__(self, d_f: int, d_g: int, d: int):
        super().__init__()
        self.f, self.g = nn.Linear(d_f, d), nn.Linear(d_g, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return self.f(image.vector) * self.g(text.vector)  # (B, d) ∘ (B, d)


class Gated(nn.Module):
    """h = z ∘ tanh(U f) + (1 - z) ∘ tanh(V g), z = σ(W [f; g]): feature by feature, how much of which modality.

    Parameters: d_f, d_g features of the two vectors; d features of h.
    Source: gated multimodal unit, Arevalo et al. 2017, arXiv:1702.01992 (there without biases).
    """

    def __init__(self, d_f: int, d_g: int, d: int):
        super().__init__()
        self.f, self.g, self.gate = nn.Linear(d_f, d), nn.Linear(d_g, d), nn.Linear(d_f + d_g, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        z = self.gate(torch.cat([image.vector, text.vector], dim=-1)).sigmoid()  # (B, d_f + d_g) -> (B, d)
        return z * self.f(image.vector).tanh() + (1 - z) * self.g(text.vector).tanh()  # (B, d)


class FiLM(nn.Module):
    """Each region of the picture scaled and shifted as the text says: h = mean over i of ReLU(γ ∘ (U fᵢ) + β).

    γ = 1 + Δ(g) and β are linear in the text's vector; a text that says 0 leaves the picture as it is. Pads count
    for nothing in the mean.
    Parameters: d_f features of a region, d_g of the text's vector; d features of h.
    Source: Perez et al. 2018, arXiv:1709.07871 (there in the blocks of a CNN).
    """

    def __init__(self, d_f: int, d_g: int, d: int):
        super().__init__()
        self.f, self.scale, self.shift = nn.Linear(d_f, d), nn.Linear(d_g, d), nn.Linear(d_g, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        gamma, beta = 1 + self.scale(text.vector), self.shift(text.vector)  # (B, d), (B, d)
        regions = gamma[:, None] * self.f(image.clean()) + beta[:, None]  # (B, 1, d) with (B, I, d) -> (B, I, d)
        return masked_mean(regions.relu(), image.mask)  # (B, I, d) -> (B, d)


def mix(parts: Tensor, scores: Tensor, there: Tensor) -> Tensor:
    """Feature by feature, a weighted mean over modalities: parts, scores (B, M, d), there (B, M) bool -> (B, d).

    The weights are a softmax of the scores over those of the M modalities that are there; where none is, h is 0.
    With M = 2 and scores (s, 0) this is the gate of `Gated`, z = σ(s).
    """
    absent = ~there[..., None]  # (B, M, 1)
    weights = scores.masked_fill(absent, -torch.inf).softmax(1).nan_to_num()  # (B, M, d)
    return (weights * parts.masked_fill(absent, 0)).sum(1)  # (B, M, d) -> (B, d)
