"""Fusion through a few learnt vectors that read all parts of both modalities."""

import torch
from torch import Tensor, nn

from mmcourse.attention import MultiHeadAttention
from mmcourse.encoded import Encoded


class Latents(nn.Module):
    """L learnt vectors ask regions and words alike, then one another; h is their mean.

    The cost grows with L (I + J), where attention among all parts grows with (I + J)².
    Parameters: d_f features of a region, d_g of a word; d features of h; latents L; heads, must divide d.
    Source: Perceiver, Jaegle et al. 2021, arXiv:2103.03206; as a bottleneck between modalities, Nagrani et al.
    2021, arXiv:2107.00135.
    """

    def __init__(self, d_f: int, d_g: int, d: int, latents: int, heads: int):
        super().__init__()
        self.f, self.g = nn.Linear(d_f, d), nn.Linear(d_g, d)  # their biases say which modality a part is of
        self.latents = nn.Parameter(torch.randn(latents, d) / d**0.5)
        self.read, self.talk = MultiHeadAttention(d, heads), MultiHeadAttention(d, heads)
        self.norm_read, self.norm_talk = nn.LayerNorm(d), nn.LayerNorm(d)
        self.think = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        parts = torch.cat([self.f(image.clean()), self.g(text.clean())], dim=1)  # (B, I + J, d)
        real = torch.cat([image.mask, text.mask], dim=1)  # (B, I + J)
        x = self.latents.expand(len(parts), -1, -1)  # (L, d) -> (B, L, d)
        x = x + self.read(self.norm_read(x), parts, real)
        asks = self.norm_talk(x)
        x = x + self.talk(asks, asks)
        return (x + self.think(x)).mean(1)  # (B, L, d) -> (B, d)
