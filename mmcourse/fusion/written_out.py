"""The article's second formula, written out: two loops, one sample, no pads."""

from torch import Tensor


def pair_sum(f: Tensor, g: Tensor, scores: Tensor) -> Tensor:
    """h = Σᵢⱼ αᵢⱼ fᵢ ∘ gⱼ, with α a softmax over all pairs together: (I, d), (J, d), (I, J) -> (d)."""
    shares = (scores - scores.max()).exp()  # (I, J): at most 1, so that nothing is infinite
    h = f.new_zeros(f.shape[1])  # (d)
    for i in range(f.shape[0]):
        for j in range(g.shape[0]):
            h = h + shares[i, j] / shares.sum() * f[i] * g[j]
    return h
