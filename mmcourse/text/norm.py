"""Layer normalisation by hand (Ba, Kiros & Hinton 2016, arXiv:1607.06450)."""

from torch import Tensor


def layer_norm(x: Tensor, gain: Tensor, bias: Tensor, eps: float = 1e-5) -> Tensor:
    """The features of each word to mean 0 and variance 1, then scaled and shifted: (B, T, d) -> (B, T, d).

    x           (B, T, d); each of the B·T words has a mean and a variance of its own
    gain, bias  (d,): learnt, a factor and a shift for each feature
    eps         added to the variance, inside the root

    The variance is the biased one, divided by d. Equal to `F.layer_norm` over the last axis. The paper has no eps;
    torch has.
    """
    centred = x - x.mean(-1, keepdim=True)  # (B, T, d) - (B, T, 1)
    variance = centred.square().mean(-1, keepdim=True)  # (B, T, d) -> (B, T, 1), divided by d
    return gain * centred * (variance + eps).rsqrt() + bias
