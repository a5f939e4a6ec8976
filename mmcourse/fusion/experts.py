"""Fusion by experts, of which a gate hears the one it trusts with this pair."""

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded


class Experts(nn.Module):
    """h = Σ_e π_e E_e([f; g]), π = softmax(W [f; g]): a weighted mean of small networks, the weights set by the pair.

    Parameters: d_f, d_g features of the two vectors; d features of h and of each expert's hidden layer; experts.
    Source: Jacobs, Jordan, Nowlan, Hinton 1991, doi:10.1162/neco.1991.3.1.79.
    """

    def __init__(self, d_f: int, d_g: int, d: int, experts: int):
        super().__init__()
        both = d_f + d_g
        self.gate = nn.Linear(both, experts)
        self.experts = nn.ModuleList(
            nn.Sequential(nn.Linear(both, d), nn.ReLU(), nn.Linear(d, d)) for _ in range(experts)
        )

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        both = torch.cat([image.vector, text.vector], dim=-1)  # (B, d_f + d_g)
        share = self.gate(both).softmax(-1)  # (B, E)
        said = torch.stack([expert(both) for expert in self.experts], dim=1)  # (B, E, d)
        return (share[..., None] * said).sum(1)  # (B, E, 1) with (B, E, d) -> (B, d)
