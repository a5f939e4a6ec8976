"""The article's attention fusion with learnt scores: bilinear attention."""

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded

from .attention import attention_sum, joint_softmax


class PairScores(nn.Module):
    """S_gij = p_gᵀ (tanh(U fᵢ) ∘ tanh(V gⱼ)) / √rank: how well region i and word j go together, in G glimpses.

    The root is this course's, against saturation. Of rank 1 it is a product aᵢ bⱼ of two numbers, and its largest
    entry for a word is always at the largest or the smallest a.
    Parameters: d_f features of a region, d_g of a word; rank; glimpses G.

    forward(f (B, I, d_f), g (B, J, d_g)) -> (B, G, I, J)
    """

    def __init__(self, d_f: int, d_g: int, rank: int, glimpses: int = 1):
        super().__init__()
        self.f, self.g = nn.Linear(d_f, rank), nn.Linear(d_g, rank)
        self.p = nn.Parameter(torch.randn(glimpses, rank))

    def forward(self, f: Tensor, g: Tensor) -> Tensor:
        of_image, of_text = self.f(f).tanh(), self.g(g).tanh()  # (B, I, rank), (B, J, rank)
        asked = self.p[None, :, None] * of_image[:, None]  # (G, rank) with (B, I, rank) -> (B, G, I, rank)
        return asked @ of_text[:, None].mT / self.p.shape[-1] ** 0.5  # (B, G, I, rank) @ (B, 1, rank, J)


class BilinearAttention(nn.Module):
    """h = P [z_1; ...; z_G], z_g = Σᵢⱼ A_gij (U′ fᵢ) ∘ (V′ gⱼ), A_g a joint softmax of `PairScores` over valid pairs.

    Where there is no valid pair every z is 0, and h is the bias of P.
    Parameters: d_f features of a region, d_g of a word; d features of h and z; rank of the scores; glimpses G.
    `attention(image, text)` gives A, (B, G, I, J).
    Source: Kim, Jun, Zhang 2018, arXiv:1805.07932 (there each glimpse also adds to the words that the next reads).
    """

    def __init__(self, d_f: int, d_g: int, d: int, rank: int, glimpses: int = 1):
        super().__init__()
        self.scores = PairScores(d_f, d_g, rank, glimpses)
        self.f, self.g = nn.Linear(d_f, d), nn.Linear(d_g, d)
        self.out = nn.Linear(glimpses * d, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        scores = self.scores(image.clean(), text.clean())  # (B, G, I, J)
        f, g = self.f(image.clean()), self.g(text.clean())  # (B, I, d), (B, J, d)
        z = [attention_sum(f, g, s, image.mask, text.mask) for s in scores.unbind(1)]  # G of (B, d)
        return self.out(torch.cat(z, dim=-1))  # (B, G·d) -> (B, d)

    def attention(self, image: Encoded, text: Encoded) -> Tensor:
        """Where it looks: (B, G, I, J), summing to 1 over all valid pairs."""
        scores = self.scores(image.clean(), text.clean())  # (B, G, I, J)
        return torch.stack([joint_softmax(s, image.mask, text.mask) for s in scores.unbind(1)], dim=1)
