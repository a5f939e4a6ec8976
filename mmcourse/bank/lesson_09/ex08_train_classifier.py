"""09.8: train a classifier of image-text pairs, judged by macro-F1."""

from functools import cache
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from mmcourse.bank.about import about
from mmcourse.bank.pads import pad_signs
from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, HeldOut, Trained
from mmcourse.checking.mistake import Sign
from mmcourse.checking.seen import SeenModel
from mmcourse.tasks.metrics import macro_f1

GROUPS, AT_LEAST = 9, 2  # a word must occur twice in training to have a vector of its own


class Pairs(NamedTuple):
    """Pictures' vectors, names and groups that were not trained on, and the number of words."""

    held_out: HeldOut
    words: int


@cache
def _pairs() -> Pairs:
    """Raises FetchError where there is no network."""
    from mmcourse.data.emoji import EmojiPairs
    from mmcourse.data.features import emoji_features
    from mmcourse.preprocess import Vocabulary

    vocabulary = Vocabulary(EmojiPairs("train", 1, ("en",)).text["en"], AT_LEAST)
    seen = [emoji_features(split) for split in ("val", "test")]
    names = [name for split in ("val", "test") for name in EmojiPairs(split, 1, ("en",)).text["en"]]
    ids, mask = vocabulary.encode(names)
    inputs = {"vectors": torch.cat([part.image for part in seen]), "ids": ids, "mask": mask}
    labels = torch.cat([part.labels for part in seen])
    return Pairs(HeldOut("held-out pairs", inputs, labels, pads={"mask": "ids"}), len(vocabulary))


def _words() -> int:
    return _pairs().words


def score(logits: Tensor, labels: Tensor) -> float:
    """Macro-F1 of the groups with the largest logits."""
    return macro_f1(logits.argmax(-1), labels, GROUPS)


class Untrained(nn.Module):
    """An untrained additive model of vectors, ids and mask, (B, 1280), (B, T), (B, T) -> (B, groups).

    `deaf` leaves one of its inputs out; `never` is how many groups it never answers; `end` is put behind its logits.
    """

    def __init__(self, deaf: str = "", never: int = 0, end: Literal["", "softmax", "sigmoid"] = ""):
        super().__init__()
        torch.manual_seed(0)
        self.deaf, self.never, self.end = deaf, never, end
        self.image, self.text = nn.Linear(1280, GROUPS), nn.Embedding(_words(), GROUPS)

    def forward(self, vectors: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        words = self.text(ids)  # (B, T, groups)
        words = words if self.deaf == "mask" else words * mask[..., None]
        out = (self.deaf != "vectors") * self.image(vectors) + (self.deaf != "ids") * words.sum(1)  # (B, groups)
        out = out - 1e4 * (torch.arange(GROUPS, device=out.device) < self.never)
        if self.end == "sigmoid":
            return out.sigmoid()
        return out.softmax(-1) if self.end == "softmax" else out


def _answered(seen: SeenModel) -> int:
    """How many groups are ever answered."""
    return len(seen.logits.argmax(-1).unique())


def _between(seen: SeenModel, held_out: HeldOut) -> bool:
    """Whether all outputs lie between 0 and 1, and differ."""
    out = seen.logits
    return bool(((out >= 0) & (out <= 1)).all()) and bool(out.std() > 1e-3)


pads_by_number, pads_by_count, pads_at_one_step = pad_signs(_words, GROUPS)
without_images = deaf_to("vectors", lambda: Untrained(deaf="vectors"))
without_names = deaf_to("ids", lambda: Untrained(deaf="ids"))
without_mask = deaf_to("mask", lambda: Untrained(deaf="mask"))
softmax_at_the_end = Sign(probabilities, lambda: Untrained(end="softmax"))
sigmoid_at_the_end = Sign(_between, lambda: Untrained(end="sigmoid"))
one_group = Sign(lambda seen, held_out: _answered(seen) == 1, lambda: Untrained(never=GROUPS - 1))
few_groups = Sign(lambda seen, held_out: 1 < _answered(seen) < GROUPS, lambda: Untrained(never=2))

exercise = Trained(
    about=about(__name__, answer="model"),
    held_out=lambda draw: _pairs().held_out,
    score=score,
    limit=300_000,
    bars=(
        Bar("more than a constant answer", 0.20, 1),
        Bar("more than the names alone", 0.48, 1),
        Bar("more than the pictures alone", 0.63, 2),
    ),
)
