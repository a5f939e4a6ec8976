"""Word vectors from the company that words keep: co-occurrence counts, PPMI, and a truncated SVD.

Levy & Goldberg 2014 show how near this is to what skip-gram learns. For a few thousand words it takes seconds.
"""

import torch
from torch import Tensor, nn


def cooccurrences(ids: Tensor, mask: Tensor, vocabulary: int, window: int = 4) -> Tensor:
    """How often two words stand within `window` words of each other: (N, T) long, (N, T) bool -> (V, V) counts.

    The matrix is symmetric. Numbers 0 and 1, padding and the unknown word, keep no company.
    """
    real = mask & (ids > 1)
    counts = torch.zeros(vocabulary * vocabulary, device=ids.device)
    for gap in range(1, min(window, ids.shape[1] - 1) + 1):
        both = real[:, gap:] & real[:, :-gap]
        pair = ids[:, :-gap][both] * vocabulary + ids[:, gap:][both]  # a cell of the matrix, as one number
        counts += torch.bincount(pair, minlength=len(counts))
    counts = counts.view(vocabulary, vocabulary)
    return counts + counts.T


def ppmi(counts: Tensor) -> Tensor:
    """Positive pointwise mutual information, max(0, log p(a, b) / (p(a) p(b))): (V, V) counts -> (V, V), in nats."""
    total = counts.sum()
    of_word = counts.sum(1)  # (V,)
    expected = of_word[:, None] * of_word / total.clamp(min=1)  # (V, V): if words did not care for each other
    ratio = counts / torch.where(expected > 0, expected, 1)
    return ratio.clamp(min=1).log()  # below 1, also where nothing was counted: log 1 = 0


def svd_vectors(matrix: Tensor, d: int) -> Tensor:
    """The d strongest directions of a symmetric (V, V), as word vectors (V, d): U √S of its truncated SVD.

    By torch's randomised algorithm, seeded, so that the same matrix gives the same vectors. Row 0, padding, is zeros.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        u, s, _ = torch.svd_lowrank(matrix, q=d + 10, niter=4)  # (V, d + 10), (d + 10,)
    vectors = u[:, :d] * s[:d].sqrt()
    return vectors.index_fill(0, torch.tensor([0], device=matrix.device), 0)


def nearest(vectors: Tensor, word: int, k: int = 5) -> list[int]:
    """The k words whose vectors point most nearly the same way as that of `word`, which is left out: by cosine."""
    unit = nn.functional.normalize(vectors, dim=-1)
    alike = (unit @ unit[word]).index_fill(0, torch.tensor([0, word], device=vectors.device), -2)  # (V,)
    return alike.topk(k).indices.tolist()


def embedding(vectors: Tensor) -> nn.Embedding:
    """A trainable table that starts with these vectors (V, d), and whose row 0, padding, is zeros and stays so."""
    start = vectors.detach().clone()
    start[0] = 0  # `padding_idx` stops the row's gradient; it does not clear what is copied in
    return nn.Embedding.from_pretrained(start, freeze=False, padding_idx=0)
