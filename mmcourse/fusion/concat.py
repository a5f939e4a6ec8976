"""Concatenation, and where the two halves meet: early, late, or both."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded


class Fusion(Protocol):
    """What every fusion is: a module whose forward takes image and text and gives (B, d)."""

    def __call__(self, image: Encoded, text: Encoded) -> Tensor: ...


@runtime_checkable
class Looks(Fusion, Protocol):
    """A fusion that can say where it looks: (B, G, I, J), how much region i and word j get in each of G glimpses."""

    def attention(self, image: Encoded, text: Encoded) -> Tensor: ...


class Concat(nn.Module):
    """h = [f; g]: the two vectors side by side, (B, d_f) and (B, d_g) -> (B, d_f + d_g)."""

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return torch.cat([image.vector, text.vector], dim=-1)


class Early(nn.Module):
    """h = ReLU(W [f; g] + b): the halves meet in one layer, whose units see both.

    Parameters: d_f, d_g features of the two vectors; d features of h.
    """

    def __init__(self, d_f: int, d_g: int, d: int):
        super().__init__()
        self.joint = nn.Linear(d_f + d_g, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return self.joint(torch.cat([image.vector, text.vector], dim=-1)).relu()  # (B, d_f + d_g) -> (B, d)


class Late(nn.Module):
    """h = u(f) + v(g): each modality has a network of its own to the end, and what they say is added.

    A linear head behind it keeps it a sum of two logits, one of the picture and one of the text.
    Parameters: d_f, d_g features of the two vectors; d features of h and of each hidden layer.
    """

    def __init__(self, d_f: int, d_g: int, d: int):
        super().__init__()
        self.image = nn.Sequential(nn.Linear(d_f, d), nn.ReLU(), nn.Linear(d, d))
        self.text = nn.Sequential(nn.Linear(d_g, d), nn.ReLU(), nn.Linear(d, d))

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return self.image(image.vector) + self.text(text.vector)  # (B, d_f), (B, d_g) -> (B, d)


class Hybrid(nn.Module):
    """Early + Late: each modality votes for itself, and a third vote comes from the two together."""

    def __init__(self, d_f: int, d_g: int, d: int):
        super().__init__()
        self.early, self.late = Early(d_f, d_g, d), Late(d_f, d_g, d)

    def forward(self, image: Encoded, text: Encoded) -> Tensor:
        return self.early(image, text) + self.late(image, text)  # (B, d)


def votes(weight: Tensor, f: Tensor, g: Tensor) -> tuple[Tensor, Tensor]:
    """What each half of h = [f; g] adds to the logits W h + b: weight (K, d_f + d_g), f (B, d_f), g (B, d_g)
    -> the picture's part and the text's part, both (B, K). The logits are their sum plus b."""
    of_image, of_text = weight.split([f.shape[-1], g.shape[-1]], dim=1)  # (K, d_f), (K, d_g)
    return f @ of_image.T, g @ of_text.T  # (B, K), (B, K)


def late_fusion(image_logits: Tensor, text_logits: Tensor, log_prior: Tensor) -> Tensor:
    """Two classifiers of one modality each, made one: (B, K), (B, K), (K) -> log-probabilities (B, K).

    Right where picture and text are independent given the class: p(k | x, y) is then proportional to
    p(k | x) p(k | y) / p(k). Both classifiers know how common a class is, so the prior is taken out once.
    Source: the product rule of Kittler, Hatef, Duin, Matas 1998, doi:10.1109/34.667881.
    """
    return (image_logits + text_logits - log_prior).log_softmax(-1)
