"""Fusions in which the parts of one modality look at the parts of the other."""

import torch
from torch import Tensor, nn

from mmcourse.attention import MultiHeadAttention
from mmcourse.encoded import Encoded
from mmcourse.text import masked_mean


class CrossAttention(nn.Module):
    """Each word asks the regions and adds what it is told: h = mean over words j of norm(V gⱼ + attend(V gⱼ, U f)).

    Parameters: d_f features of a region, d_g of a word; d features of h; heads of attention, must divide d.
    Source: one half of ViLBERT's co-attention layer, Lu, Batra, Parikh, Lee 2019, arXiv:1908.02265.
    """

    def __init__(self, d_f: int, d_g: int, d: int, heads: int):
        super().__init__()
        self.f, self.g = nn.Linear(d_f, d), nn.Linear(d_g, d)
        self.look, self.norm = MultiHeadAttention(d, heads), nn.LayerNorm(d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        asks = self.g(text.clean())  # (B, J, d)
        told = self.look(asks, self.f(image.clean()), image.mask)  # (B, J, d)
        return masked_mean(self.norm(asks + told), text.mask)  # (B, J, d) -> (B, d)


class TwoWayAttention(nn.Module):
    """Words ask regions, and regions ask words: the two answers side by side, brought to d features.

    Parameters: as of `CrossAttention`.
    Source: ViLBERT, Lu et al. 2019, arXiv:1908.02265; LXMERT, Tan & Bansal 2019, arXiv:1908.07490.
    """

    def __init__(self, d_f: int, d_g: int, d: int, heads: int):
        super().__init__()
        self.words_ask, self.regions_ask = CrossAttention(d_f, d_g, d, heads), CrossAttention(d_g, d_f, d, heads)
        self.out = nn.Linear(2 * d, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        both = self.words_ask(image, text), self.regions_ask(text, image)  # (B, d), (B, d)
        return self.out(torch.cat(both, dim=-1))  # (B, 2 d) -> (B, d)


class CoAttention(nn.Module):
    """One weight for each region and one for each word, each set by how well it goes with the other side.

    C = tanh(f W gᵀ); regions weigh softmaxᵢ(w · tanh(U f + C V g)), words likewise with Cᵀ;
    h = P (Σᵢ aᵢ fᵢ) + Q (Σⱼ bⱼ gⱼ). No pair has a weight of its own: α = a bᵀ has rank 1.

    Parameters: d_f features of a region, d_g of a word; d features of h and of the hidden layer.
    Source: parallel co-attention, Lu, Yang, Batra, Parikh 2016, arXiv:1606.00061.
    """

    def __init__(self, d_f: int, d_g: int, d: int):
        super().__init__()
        self.affinity = nn.Linear(d_g, d_f, bias=False)
        self.f, self.g = nn.Linear(d_f, d), nn.Linear(d_g, d)
        self.score_f, self.score_g = nn.Linear(d, 1, bias=False), nn.Linear(d, 1, bias=False)
        self.out_f, self.out_g = nn.Linear(d_f, d), nn.Linear(d_g, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        a, b = self.weights(image, text)  # (B, I), (B, J)
        f = (a[:, None] @ image.clean()).squeeze(1)  # (B, 1, I) @ (B, I, d_f) -> (B, d_f)
        g = (b[:, None] @ text.clean()).squeeze(1)  # (B, d_g)
        return self.out_f(f) + self.out_g(g)  # (B, d)

    def weights(self, image: Encoded, text: Encoded) -> tuple[Tensor, Tensor]:
        """Each region's weight (B, I) and each word's (B, J); each sums to 1, or to 0 where nothing is real."""
        f, g = image.clean(), text.clean()
        pairs = image.mask[:, :, None] & text.mask[:, None]  # (B, I, J)
        c = (f @ self.affinity(g).mT).tanh() * pairs  # (B, I, d_f) @ (B, d_f, J) -> (B, I, J)
        of_image, of_text = self.f(f), self.g(g)  # (B, I, d), (B, J, d)
        a = self.score_f((of_image + c @ of_text).tanh())[..., 0]  # (B, I)
        b = self.score_g((of_text + c.mT @ of_image).tanh())[..., 0]  # (B, J)
        return tuple(
            s.masked_fill(~mask, -torch.inf).softmax(-1).nan_to_num() for s, mask in ((a, image.mask), (b, text.mask))
        )
