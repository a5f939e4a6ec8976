"""Fusions and losses against their definitions written out: `python benchmarks/fusions.py`.

One table as of `operations.py`: how many times as long ours takes as the definition, the largest differences, and what
each holds. Only nn.Bilinear is torch's own; the others are the sums that the papers write.
"""

from collections.abc import Iterator

import torch
from operations import Pair, report
from torch import Tensor

from mmcourse.encoded import Encoded
from mmcourse.fusion import LowRankTensorFusion, TensorFusion, attention_sum, joint_softmax
from mmcourse.fusion.bilinear import with_one
from mmcourse.tasks.match import contrastive_loss, contrastive_loss_in_chunks

B, REGIONS, WORDS, D = 32, 49, 20, 256


def pairs() -> Iterator[Pair]:
    """All pairs, on seeded inputs: ours, and the definition."""
    torch.manual_seed(0)
    f, g, scores = torch.randn(B, REGIONS, D), torch.randn(B, WORDS, D), torch.randn(B, REGIONS, WORDS)
    f_mask, g_mask = torch.ones(B, REGIONS, dtype=torch.bool), torch.arange(WORDS) < torch.randint(1, WORDS + 1, (B, 1))

    def all_pairs(f: Tensor, g: Tensor, scores: Tensor) -> Tensor:
        weights = joint_softmax(scores, f_mask, g_mask)
        return (weights[..., None] * f[:, :, None] * g[:, None]).sum((1, 2))  # (B, I, J, d) -> (B, d)

    def fused(f: Tensor, g: Tensor, scores: Tensor) -> Tensor:
        return attention_sum(f, g, scores, f_mask, g_mask)

    yield Pair("the article's sum", fused, all_pairs, (f, g, scores))
    x, y = torch.randn(B, 64), torch.randn(B, 48)
    whole = TensorFusion(64, 48, 32, 24)

    def outer(x: Tensor, y: Tensor) -> Tensor:
        rows = [torch.outer(a, b).flatten() for a, b in zip(with_one(whole.f(x)), with_one(whole.g(y)), strict=True)]
        return whole.out(torch.stack(rows))

    yield Pair("tensor fusion", on_vectors(whole), outer, (x, y))
    low = LowRankTensorFusion(64, 48, 32, 4)

    def tensor(x: Tensor, y: Tensor) -> Tensor:
        w = torch.einsum("r,rid,rjd->ijd", low.weights, low.f, low.g)  # (d_f + 1, d_g + 1, d)
        return torch.einsum("bi,ijd,bj->bd", with_one(x), w, with_one(y)) + low.bias

    yield Pair("low-rank tensor fusion", on_vectors(low), tensor, (x, y))
    form = torch.nn.Bilinear(64, 48, 32)

    def by_hand(x: Tensor, y: Tensor) -> Tensor:
        return torch.einsum("bi,kij,bj->bk", x, form.weight, y) + form.bias

    yield Pair("bilinear by einsum, to nn.Bilinear", by_hand, form, (x, y))
    many, scale = (torch.randn(4096, 64), torch.randn(4096, 64)), torch.tensor(10.0)
    yield Pair(
        "contrastive in chunks, batch 4,096",
        lambda x, y: contrastive_loss_in_chunks(x, y, scale),
        lambda x, y: contrastive_loss(x, y, scale),
        many,
    )


def on_vectors(fusion: torch.nn.Module):
    """A fusion of vectors without parts."""
    return lambda x, y: fusion(Encoded.single(x), Encoded.single(y))


if __name__ == "__main__":
    report(pairs(), f"B={B} I={REGIONS} J={WORDS} d={D}", "written out")
