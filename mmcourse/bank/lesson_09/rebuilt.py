"""09.8: The article's program, rebuilt, so that rare groups are found too."""

from functools import cache

import torch
from torch import Tensor, nn

from mmcourse.bank.pads import pads_get_in
from mmcourse.bank.pair_models import deaf_to, probabilities
from mmcourse.checking.exercise import Bar, Case, Draw, Exercise, Mistake
from mmcourse.checking.probe import Seen
from mmcourse.tasks.metrics import macro_f1

from .where import BOTH, LITTLE, RIGHT

GROUPS, AT_LEAST = 9, 2  # a word must occur twice in training to have a vector of its own


@cache
def _held_out() -> dict:
    """Pictures' vectors, names and groups that were not trained on. Raises FetchError where there is no network."""
    from mmcourse.data.emoji import EmojiPairs
    from mmcourse.data.features import emoji_features
    from mmcourse.preprocess import Vocabulary

    vocabulary = Vocabulary(EmojiPairs("train", 1, ("en",)).text["en"], AT_LEAST)
    seen = [emoji_features(split) for split in ("val", "test")]
    names = [name for split in ("val", "test") for name in EmojiPairs(split, 1, ("en",)).text["en"]]
    ids, mask = vocabulary.encode(names)
    return {
        "vectors": torch.cat([part.image for part in seen]),
        "ids": ids,
        "mask": mask,
        "labels": torch.cat([part.labels for part in seen]),
        "words": len(vocabulary),
    }


def _cases(draw: Draw) -> list[Case]:
    data = _held_out()
    inputs = {n: data[n] for n in ("vectors", "ids", "mask")}
    return [Case("held-out pairs", inputs, labels=data["labels"], pads={"mask": "ids"})]


def score(logits: Tensor, labels: Tensor) -> float:
    """Macro-F1 of the groups with the largest logits."""
    return macro_f1(logits.argmax(-1), labels, GROUPS)


class _Untrained(nn.Module):
    """A model that knows nothing; `how` says what else is wrong."""

    def __init__(self, how: str = ""):
        super().__init__()
        torch.manual_seed(0)
        self.how = how
        self.image, self.text = nn.Linear(1280, GROUPS), nn.Embedding(_held_out()["words"], GROUPS)

    def forward(self, vectors: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        words = self.text(ids)  # (B, T, groups)
        words = words if self.how == "pads" else words * mask[..., None]
        out = (self.how != "blind") * self.image(vectors) + (self.how != "mute") * words.sum(1)
        if self.how == "few":
            out = out - torch.tensor([1e4] * 2 + [0] * (GROUPS - 2), device=out.device)
        if self.how == "one":
            out = out + torch.tensor([1e4] + [0] * (GROUPS - 1), device=out.device)
        if self.how == "sigmoid":
            return out.sigmoid()
        return out.softmax(-1) if self.how == "soft" else out


def _answers(seen: Seen) -> int:
    """How many groups are ever answered."""
    return len(seen.leaves[""].values.argmax(-1).unique())


def _between(seen: Seen, case: Case) -> bool:
    """Whether all outputs lie between 0 and 1, and differ."""
    out = seen.leaves[""].values
    return bool(((out >= 0) & (out <= 1)).all()) and bool(out.std() > 1e-3)


rebuilt = Exercise(
    id="09.8",
    title="The article's program, rebuilt",
    kind="trained",
    answer="model",
    reference=None,
    cases=_cases,
    score=score,
    limit=300_000,
    bars=(
        Bar("more than a constant answer", 0.20, 1),
        Bar("more than the names alone", 0.48, 1),
        Bar("more than the pictures alone", 0.63, 2),
    ),
    mistakes=(
        *pads_get_in(_held_out, 9, RIGHT),
        Mistake(
            "the pictures make no difference to the model",
            f"Other pictures, the same logits. Where does the picture's vector leave the road to the head? {RIGHT}",
            lambda: _Untrained("blind"),
            deaf_to("vectors"),
        ),
        Mistake(
            "the names make no difference to the model",
            f"Other names, the same logits. Where does the text's vector leave the road to the head? {RIGHT}",
            lambda: _Untrained("mute"),
            deaf_to("ids"),
        ),
        Mistake(
            "the mask makes no difference to the model",
            "The same logits, whatever the mask says, so pads are read like words. Who tells your text encoder where a "
            f"name ends? {RIGHT}",
            lambda: _Untrained("pads"),
            deaf_to("mask"),
        ),
        Mistake(
            "the model ends in a softmax",
            "Its outputs are probabilities, and `cross_entropy` takes a softmax of its own: twice is too flat to learn "
            f"well. What does the loss expect? {RIGHT}",
            lambda: _Untrained("soft"),
            probabilities,
        ),
        Mistake(
            "the model ends in a sigmoid",
            "All that comes out lies from 0 to 1, and `cross_entropy` takes a softmax of that: nearly flat, however "
            f"sure the model is. What does the loss expect? {RIGHT}",
            lambda: _Untrained("sigmoid"),
            _between,
        ),
        Mistake(
            "one group is answered always",
            "Whatever comes in, the same group. Did the loss fall at all, and does anything after the head keep it "
            f"from falling? {BOTH}",
            lambda: _Untrained("one"),
            lambda seen, case: _answers(seen) == 1,
        ),
        Mistake(
            "some groups are never answered",
            "A group that is never answered has an F1 of 0, and is one ninth of your score; accuracy hardly notices. "
            f"What makes a rare group's mistakes count for more? Does anything after the head cut them off? {LITTLE}",
            lambda: _Untrained("few"),
            lambda seen, case: 1 < _answers(seen) < GROUPS,
        ),
    ),
    hints=(
        "What does the picture tell of an emoji that was never seen, what its name, and where do the two meet in your "
        "model?",
        "A batch norm without weights brings the 1,280 features to one scale, and a linear layer to 64. Which text "
        "encoder tells 'cat face' from 'face of a cat'? What keeps a hundred thousand weights from learning twelve "
        "hundred pairs by heart?",
        "Both vectors with 64 features, joined; dropout before each linear layer; nine logits. A loss in which a group "
        "weighs the more, the rarer it is, by the root of its rarity. Ten epochs, lr 1e-2 falling to 0.",
    ),
)
