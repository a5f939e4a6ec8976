"""Bilinear fusions of two vectors: every feature of one times every feature of the other, in full and in low rank."""

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded


class Bilinear(nn.Module):
    """h_k = fᵀ W_k g + b_k: a weight for every pair of features, d·d_f·d_g of them.

    Parameters: d_f, d_g features of the two vectors; d features of h.
    Source: Tenenbaum & Freeman 2000, doi:10.1162/089976600300015349.
    """

    def __init__(self, d_f: int, d_g: int, d: int):
        super().__init__()
        self.form = nn.Bilinear(d_f, d_g, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return self.form(image.vector, text.vector)  # (B, d_f), (B, d_g) -> (B, d)


class LowRankBilinear(nn.Module):
    """h = P (tanh(U f) ∘ tanh(V g)): each W_k of `Bilinear` has at most `rank` directions; all k share them.

    Parameters: d_f, d_g features of the two vectors; d features of h; rank.
    Source: MLB, Kim et al. 2017, arXiv:1610.04325.
    """

    def __init__(self, d_f: int, d_g: int, d: int, rank: int):
        super().__init__()
        self.f, self.g, self.out = nn.Linear(d_f, rank), nn.Linear(d_g, rank), nn.Linear(rank, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return self.out(self.f(image.vector).tanh() * self.g(text.vector).tanh())  # (B, rank) -> (B, d)


class FactorisedBilinear(nn.Module):
    """h_k = Σ_r (U f)_kr (V g)_kr: each feature of h has `factors` directions of its own; then evened out.

    Evened out: h / √(|h| + 1e-6), which is a signed root with a finite slope at 0, then length 1.

    Parameters: d_f, d_g features of the two vectors; d features of h; factors summed for each.
    Source: MFB, Yu et al. 2017, arXiv:1708.01471.
    """

    def __init__(self, d_f: int, d_g: int, d: int, factors: int):
        super().__init__()
        self.f, self.g = nn.Linear(d_f, d * factors), nn.Linear(d_g, d * factors)
        self.factors = factors

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        pairs = self.f(image.vector) * self.g(text.vector)  # (B, d·factors)
        h = pairs.unflatten(-1, (-1, self.factors)).sum(-1)  # (B, d, factors) -> (B, d)
        return nn.functional.normalize(h / (h.abs() + 1e-6).sqrt(), dim=-1)


class Tucker(nn.Module):
    """h = P Σ_r (M_r f̂) ∘ (N_r ĝ), with f̂ = tanh(U f) and ĝ = tanh(V g): narrow vectors, a core of rank `rank`.

    Parameters: d_f, d_g features of the two vectors; d features of h; narrow features of f̂, ĝ and the core; rank.
    Source: MUTAN, Ben-younes et al. 2017, arXiv:1705.06676.
    """

    def __init__(self, d_f: int, d_g: int, d: int, narrow: int, rank: int):
        super().__init__()
        self.f, self.g = nn.Linear(d_f, narrow), nn.Linear(d_g, narrow)
        self.core_f, self.core_g = nn.Linear(narrow, rank * narrow), nn.Linear(narrow, rank * narrow)
        self.out = nn.Linear(narrow, d)
        self.rank = rank

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        f, g = self.f(image.vector).tanh(), self.g(text.vector).tanh()  # (B, narrow), (B, narrow)
        pairs = (self.core_f(f) * self.core_g(g)).unflatten(-1, (self.rank, -1))  # (B, rank, narrow)
        return self.out(pairs.sum(1))  # (B, narrow) -> (B, d)


class TensorFusion(nn.Module):
    """h = W vec([f̂; 1] ⊗ [ĝ; 1]) + b, with f̂ = U f and ĝ = V g: all products, and by the 1s each vector alone.

    Parameters: d_f, d_g features of the two vectors; d features of h; narrow features of f̂ and ĝ, since W has
    d (narrow + 1)² weights.
    Source: Zadeh et al. 2017, arXiv:1707.07250.
    """

    def __init__(self, d_f: int, d_g: int, d: int, narrow: int):
        super().__init__()
        self.f, self.g = nn.Linear(d_f, narrow), nn.Linear(d_g, narrow)
        self.out = nn.Linear((narrow + 1) ** 2, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        f, g = with_one(self.f(image.vector)), with_one(self.g(text.vector))  # (B, narrow + 1), twice
        return self.out((f[:, :, None] * g[:, None]).flatten(1))  # (B, (narrow + 1)²) -> (B, d)


class LowRankTensorFusion(nn.Module):
    """Tensor fusion whose W is never made: h = Σ_r w_r (F_r [f; 1]) ∘ (G_r [g; 1]) + b.

    Parameters: d_f, d_g features of the two vectors; d features of h; rank.
    Source: LMF, Liu et al. 2018, arXiv:1806.00064.
    """

    def __init__(self, d_f: int, d_g: int, d: int, rank: int):
        super().__init__()
        self.f = nn.Parameter(torch.empty(rank, d_f + 1, d))
        self.g = nn.Parameter(torch.empty(rank, d_g + 1, d))
        self.weights = nn.Parameter(torch.empty(rank))
        self.bias = nn.Parameter(torch.zeros(d))
        for factor in (self.f, self.g):
            nn.init.normal_(factor, std=factor.shape[1] ** -0.5)
        nn.init.normal_(self.weights, std=rank**-0.5)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        of_image = torch.einsum("bi,rid->brd", with_one(image.vector), self.f)  # (B, rank, d)
        of_text = torch.einsum("bj,rjd->brd", with_one(text.vector), self.g)  # (B, rank, d)
        return torch.einsum("r,brd,brd->bd", self.weights, of_image, of_text) + self.bias  # (B, d)


def with_one(x: Tensor) -> Tensor:
    """(B, d) -> (B, d + 1): a 1 behind each vector, so that a product with it keeps the other side as it is."""
    return torch.cat([x, x.new_ones(len(x), 1)], dim=-1)
