"""Search with what matching has learnt: classes by their names, and a second look at the first few that were found."""

import torch
from torch import Tensor
from torch.nn import functional as F

from .match import similarity


def zero_shot(image: Tensor, prompts: Tensor) -> tuple[Tensor, Tensor]:
    """Which of K classes a picture shows, by the classes' names alone: (N, d), (K, P, d) -> (N, K), (N).

    prompts  P sentences about each class ('a drawing of a cat', 'a cat'), encoded

    A class's vector is the mean of its sentences' directions, so that no sentence counts more for being long. Returned
    are the cosine of each picture with each class, and the number of the class that agrees most.
    Source: CLIP, Radford et al. 2021, arXiv:2103.00020.
    """
    classes = F.normalize(prompts, dim=-1).mean(1)  # (K, P, d) -> (K, d)
    scores = similarity(image, classes)  # (N, K)
    return scores, scores.argmax(1)


def rerank(scores: Tensor, again: Tensor) -> Tensor:
    """Texts for each picture, best first, the first k of them in a better judge's order: (N, M), (N, k) -> (N, M) long.

    scores  cheap similarities of N pictures with M texts
    again   what a matcher, too dear for all, says of the k most similar texts, most similar first

    The other M - k texts stay behind them in the order of their similarity. Where the matcher can't decide, the more
    similar text stands first; where similarity can't either, the one with the lower number.
    """
    order = scores.argsort(dim=1, descending=True, stable=True)  # (N, M)
    first, rest = order[:, : again.shape[1]], order[:, again.shape[1] :]  # (N, k), (N, M - k)
    places = again.argsort(dim=1, descending=True, stable=True)  # (N, k): in `first`
    return torch.cat([first.gather(1, places), rest], dim=1)
