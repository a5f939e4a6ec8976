"""Does it know who has which colour? One small network, trained end to end on scenes, and three ways to fuse.

Every step shows scenes that were never shown before, so what is compared is how many it takes. The widths are the
same for all three; each has a learning rate of its own, found by short trials on seed 0, and keeps it to the end, so
that the model after n steps is what a training of n steps gives. (With a rate that rises and falls the pooled ones get
further in as many steps; attention is still far ahead.)
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from mmcourse.data import Item
from mmcourse.data.loader import collate_items
from mmcourse.data.scenes import Scenes, Split
from mmcourse.diagnose.pointing import grid_boxes, pointing
from mmcourse.encoded import Encoded
from mmcourse.fusion import BilinearAttention, Early, Fusion, Looks, Product
from mmcourse.preprocess import Vocabulary, normalise
from mmcourse.tasks.classify import PairClassifier
from mmcourse.tasks.metrics import accuracy
from mmcourse.text import BagOfWords
from mmcourse.training import predict_logits
from mmcourse.vision import SmallCNN

D, RANK, BATCH = 192, 64, 32
SIZE = 32  # pixels of a scene's side, so that a map has 4 x 4 regions and each cell of the scene 2 x 2 of them
FUSIONS = {
    "attention": lambda: BilinearAttention(D, D, D, RANK),
    "pooled, product": lambda: Product(D, D, D),
    "pooled, concat": lambda: Early(D, D, D),
}
# Tried: 1e-3, 2e-3 for attention; 2e-3, 1e-2 for the product; 5e-3, 1e-2 for concat.
RATES = {"attention": 1e-3, "pooled, product": 1e-2, "pooled, concat": 5e-3}
# After how many steps each is looked at.
STEPS = {
    "attention": (100, 250, 500, 750, 1000, 1500, 2000),
    "pooled, product": (100, 250, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000),
    "pooled, concat": (100, 250, 500, 750, 1000, 1500, 2000, 3000, 4000, 6000),
}


class Asks(nn.Module):
    """Regions of a scene, words of a question, a fusion and a linear head: logits (B, classes).

    forward(images (B, 3, H, W) float, ids (B, T) long, mask (B, T) bool) -> logits (B, classes)
    """

    def __init__(self, fusion: Fusion, words: int, classes: int):
        super().__init__()
        self.image, self.text = SmallCNN(D), BagOfWords(words, D)
        self.classify = PairClassifier(fusion, D, classes)

    def encode(self, images: Tensor, ids: Tensor, mask: Tensor) -> tuple[Encoded, Encoded]:
        """Regions (B, I, d) and words (B, J, d), each with their mean and their mask."""
        return self.image(images), self.text(ids, mask)

    def forward(self, images: Tensor, ids: Tensor, mask: Tensor) -> Tensor:
        return self.classify(*self.encode(images, ids, mask))


class Asked(NamedTuple):
    """B scenes with a question each.

    inputs  images (B, 3, SIZE, SIZE) float, ids (B, T) long, mask (B, T) bool
    labels  (B,) long
    named   (B, T) bool: the words that name the thing asked about
    boxes   (B, 4): its true box
    """

    inputs: tuple[Tensor, Tensor, Tensor]
    labels: Tensor
    named: Tensor
    boxes: Tensor


def scenes(split: Split, n: int, seed: int) -> Scenes:
    """'What colour is behind the cat?': four things on four of six colours, asked in one way."""
    return Scenes(split, "colour", n, seed, SIZE, wordings=1)


def vocabulary() -> Vocabulary:
    """The words of all questions."""
    return Vocabulary([item.text["en"] for item in scenes("train", 2000, 0).__getitems__(range(2000))])


def asked(items: Sequence[Item], words: Vocabulary) -> Asked:
    """Items of `scenes` as tensors."""
    batch = collate_items(items)
    assert batch.images is not None  # every scene is a picture
    about = [item.meta["about"] for item in items]
    names = torch.tensor([words.index[item.meta["objects"][k]] for item, k in zip(items, about, strict=True)])
    ids, mask = words.encode([item.text["en"] for item in items])
    return Asked(
        (normalise(batch.images), ids, mask),
        batch.labels,
        ids == names[:, None],
        torch.tensor([item.meta["boxes"][k] for item, k in zip(items, about, strict=True)]),
    )


def learn(fusion: str, seed: int, steps: Sequence[int], words: Vocabulary) -> Iterator[tuple[int, Asks]]:
    """Trains one of FUSIONS on new scenes and gives the model after each of the `steps`, which rise."""
    torch.manual_seed(seed)
    model = Asks(FUSIONS[fusion](), len(words), 6)
    optimiser = torch.optim.AdamW(model.parameters(), RATES[fusion])
    new = scenes("train", steps[-1] * BATCH, seed)
    for step in range(1, steps[-1] + 1):
        batch = asked(new.__getitems__(range((step - 1) * BATCH, step * BATCH)), words)
        error = nn.functional.cross_entropy(model.train()(*batch.inputs), batch.labels)
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
        if step in steps:
            yield step, model.eval()


@torch.no_grad()
def pointed(model: Asks, new: Asked) -> tuple[float, float]:
    """Of the attention of the word that names the thing: how often its peak lies in the true box, and what share of it
    does, by `pointing`; both averaged."""
    image, text = model.eval().encode(*new.inputs)
    fusion = model.classify.fusion
    assert isinstance(fusion, Looks)  # as "attention" of FUSIONS is
    weights = fusion.attention(image, text)[:, 0]  # (B, I, J)
    side = round(image.tokens.shape[1] ** 0.5)
    hits, shares = pointing(weights, new.named, grid_boxes(side, side, SIZE, SIZE), new.boxes)
    return hits.mean().item(), shares.mean().item()


def experiment(seed: int, steps: int | None = None, fusions: Sequence[str] = tuple(FUSIONS)) -> dict[str, float]:
    """{'attention, 500 steps': .6, 'attention, 500 steps, pointing': .9, ...}: accuracies on 1,000 held-out scenes.

    steps  no more than so many; the beginning of a longer experiment comes out the same
    """
    words = vocabulary()
    new = asked(scenes("test", 1000, seed).__getitems__(range(1000)), words)
    scores = {}
    for fusion in fusions:
        looks = [step for step in STEPS[fusion] if steps is None or step <= steps]
        for step, model in learn(fusion, seed, looks, words):
            key = f"{fusion}, {step} steps"
            scores[key] = accuracy(predict_logits(model, new.inputs), new.labels)
            if fusion == "attention":
                scores[f"{key}, pointing"], scores[f"{key}, share in the box"] = pointed(model, new)
    return scores
