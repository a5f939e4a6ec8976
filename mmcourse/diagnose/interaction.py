"""How much of a score no sum of two votes can have."""

import torch
from torch import Tensor, nn

from mmcourse.training import Nested, predict_logits, take


def interaction(model: nn.Module, image: Nested, text: Nested, seed: int = 0) -> float:
    """Share of a score's variance that no sum u(image) + v(text) can have: 0 for an additive model, at most about 1.

    The score is the gap between a pair's logits and their mean, over all classes; image and text hold N items each,
    and are paired at random. With a second random pair beside the first, a sum gives
    s(f, g) + s(f', g') - s(f, g') - s(f', g) = 0; in general the mean square of that number is four times the variance
    of the interaction, as an analysis of variance with two factors defines it.

    Costs 4 N calls of the model. A model whose score does not vary has no interaction: 0.
    """
    draw = torch.Generator().manual_seed(seed)
    n = len(image if isinstance(image, Tensor) else image[0])
    f, g = torch.randperm(n, generator=draw), torch.randperm(n, generator=draw)  # (N,), (N,)
    other_f, other_g = f.roll(1), g.roll(1)

    def score(rows_f: Tensor, rows_g: Tensor) -> Tensor:
        logits = predict_logits(model, (take(image, rows_f), take(text, rows_g))).double()  # (N, K)
        return logits - logits.mean(-1, keepdim=True)

    here, there, crossed = score(f, g), score(other_f, other_g), score(f, other_g) + score(other_f, g)
    variance = torch.cat([here, there]).var(0, correction=0).sum()
    if variance <= 1e-18:
        return 0.0
    return ((here + there - crossed).square().mean(0).sum() / 4 / variance).item()
