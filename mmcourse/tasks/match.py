"""Matching pictures and texts: losses that bring the right pairs together, and recall that is honest about ties."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint


class Temperature(nn.Module):
    """The learnt scale of cosine similarities, kept as its logarithm: exp(log_scale) = 1/τ, at first 1/0.07.

    `clamp()` keeps the scale at 100 or below; call it after each step. Clamped inside forward, a scale past the bound
    would get no gradient and never come back.
    Source: CLIP, Radford et al. 2021, arXiv:2103.00020.
    """

    def __init__(self):
        super().__init__()
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self) -> Tensor:
        return self.log_scale.exp()

    @torch.no_grad()
    def clamp(self) -> None:
        """Keeps the scale at 100 or below."""
        self.log_scale.clamp_(max=math.log(100))


def similarity(image: Tensor, text: Tensor) -> Tensor:
    """The cosine of each picture with each text: (N, d), (M, d) -> (N, M)."""
    return F.normalize(image, dim=-1) @ F.normalize(text, dim=-1).T


def contrastive_loss(image: Tensor, text: Tensor, scale: Tensor, same: Tensor | None = None) -> Tensor:
    """Cross-entropy of picking the right text among B for each picture, and of the reverse; their mean.

    image, text  (B, d), row b of one belongs to row b of the other; scale () as of `Temperature`
    same         (B, B) bool: further pairs that are right too (the same caption twice); they are no negatives

    Sources: CLIP, Radford et al. 2021, arXiv:2103.00020; InfoNCE, van den Oord, Li, Vinyals 2018, arXiv:1807.03748.
    """
    logits = scale * similarity(image, text)  # (B, B)
    if same is not None:
        own = torch.eye(len(logits), dtype=torch.bool, device=logits.device)
        logits = logits.masked_fill(same & ~own, -torch.inf)
    right = torch.arange(len(logits), device=logits.device)  # (B)
    return (F.cross_entropy(logits, right) + F.cross_entropy(logits.T, right)) / 2


def contrastive_loss_in_chunks(image: Tensor, text: Tensor, scale: Tensor, chunk: int = 512) -> Tensor:
    """`contrastive_loss` without the (B, B) table: some rows at a time, made again for the backward pass.

    Holds chunk · B numbers where the table has B · B; costs one more product of matrices.
    """
    image, text = F.normalize(image, dim=-1), F.normalize(text, dim=-1)

    def rows(part: Tensor, text: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
        logits = scale * part @ text.T  # (chunk, B)
        return logits.logsumexp(1), logits.logsumexp(0)  # (chunk), (B)

    found = [checkpoint(rows, part, text, scale, use_reentrant=False) for part in image.split(chunk)]
    of_images = torch.cat([over_texts for over_texts, _ in found])  # (B)
    of_texts = torch.stack([over_images for _, over_images in found]).logsumexp(0)  # (chunks, B) -> (B)
    own = scale * (image * text).sum(-1)  # (B)
    return ((of_images + of_texts) / 2 - own).mean()


def triplet_loss(image: Tensor, text: Tensor, margin: float = 0.2, same: Tensor | None = None) -> Tensor:
    """Each pair should beat its hardest negative, either way, by a margin: the mean of max(0, margin + wrong - right).

    image, text (B, d) and `same` (B, B) bool as of `contrastive_loss`. Similarities are cosines. An anchor for which
    everything is right has no negative, and adds nothing.
    Source: VSE++, Faghri, Fleet, Kiros, Fidler 2018, arXiv:1707.05612 (there the sum over the batch).
    """
    s = similarity(image, text)  # (B, B)
    right = torch.eye(len(s), dtype=torch.bool, device=s.device)
    wrong = s.masked_fill(right if same is None else right | same, -torch.inf)
    gaps = [(margin + wrong.amax(dim) - s.diagonal()).relu() for dim in (1, 0)]  # texts for each picture, and back
    return (gaps[0] + gaps[1]).mean()


def recall_at(k: int, scores: Tensor, right: Tensor) -> float:
    """Share of queries that find at least one right answer among the first k: R@k, the field's hit rate.

    scores (N, M), right (N, M) bool. Ties are broken at random, and the exact chance of a hit counts: a model that
    scores all alike gets k / M where one answer is right, no more. A query without a right answer is a miss.
    """
    best = scores.masked_fill(~right, -torch.inf).amax(1, keepdim=True)  # (N, 1): of the right ones
    above = (scores > best).sum(1)  # (N): wrong ones that stand before every right one
    tied = scores == best
    tied_wrong, tied_right = (tied & ~right).sum(1), (tied & right).sum(1)  # (N), (N)
    places = (k - above).clamp(min=0).minimum(tied_wrong + tied_right)  # (N): left for those that are tied
    missed = _choose(tied_wrong, places) - _choose(tied_wrong + tied_right, places)  # (N): log of the chance
    return torch.where(right.any(1), 1 - missed.exp(), 0).mean().item()


def _choose(n: Tensor, k: Tensor) -> Tensor:
    """The logarithm of n over k; minus infinity where k > n."""
    n, k = n.double(), k.double()
    ways = (n + 1).lgamma() - (k + 1).lgamma() - ((n - k).clamp(min=0) + 1).lgamma()
    return ways.masked_fill(k > n, -torch.inf)
