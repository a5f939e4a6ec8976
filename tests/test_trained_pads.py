"""To a trained model pads must not matter: right models of all kinds pass the gate, and each leak is seen."""

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from mmcourse import bank
from mmcourse.bank.pads import PadsIn
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import HeldOut, Trained
from mmcourse.checking.probe import probe_model
from mmcourse.text import BagOfWords, GRUEncoder, TransformerEncoder, masked_max, masked_mean

TRAINED = [e for lesson in bank.lessons() for e in bank.exercises(lesson).values() if isinstance(e, Trained)]
N, T, WORDS, D = 60, 12, 50, 16
LENGTHS = [1 + i % T for i in range(N)]


def held_out():
    draw = Draw(0)
    mask = draw.mask(*LENGTHS)
    ids = draw.integers(1, WORDS, N, T).masked_fill(~mask, 0)
    return HeldOut("toy", {"ids": ids, "mask": mask}, draw.integers(0, 2, N), pads={"mask": "ids"})


class Reads(nn.Module):
    """Two logits from one of a few readers; `leak` is what is wrong with it."""

    def __init__(self, reader, leak=""):
        super().__init__()
        torch.manual_seed(0)
        self.reader, self.leak, self.words = reader, leak, nn.Embedding(WORDS, D, padding_idx=0)
        self.places, self.norm, self.head = nn.Embedding(T, D), nn.BatchNorm1d(D), nn.Linear(D, 2)
        self.convs = nn.ModuleList(nn.Conv1d(D, D, 3, padding=1) for _ in range(2))
        self.lstm = nn.LSTM(D, D // 2, batch_first=True, bidirectional=True)
        layer = nn.TransformerEncoderLayer(D, 2, D, 0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 2)

    def forward(self, ids, mask):
        if self.leak == "by number":
            mask = ids != 0
        return self.head(self.norm(getattr(self, self.reader)(self.words(ids), mask)))

    def conv(self, x, mask):
        """Zeros at the pads before each layer, as the layers themselves have them at the ends."""
        for layer in self.convs:
            x = layer((x * mask[..., None]).transpose(1, 2)).transpose(1, 2).relu()  # (B, T, d)
        return masked_max(x, mask)

    def conv_between(self, x, mask):
        """Zeros before the first layer only: what it makes of the pads is seen by the second."""
        x = x * mask[..., None]
        for layer in self.convs:
            x = layer(x.transpose(1, 2)).transpose(1, 2).relu()
        return masked_max(x, mask)

    def packed(self, x, mask):
        lengths = mask.sum(1).cpu()
        _, (h, _) = self.lstm(pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False))
        return torch.cat([h[0], h[1]], 1)

    def unpacked(self, x, mask):
        return self.lstm(x)[0][:, -1]

    def attention(self, x, mask):
        x = x + self.places.weight[: x.shape[1]]
        ignored = None if self.leak == "attention" else ~mask
        x = self.layers(x, src_key_padding_mask=ignored)  # (B, T, d)
        return masked_mean(x, mask[:, : x.shape[1]])


class Encodes(nn.Module):
    """One of the library's encoders, and a head."""

    def __init__(self, make):
        super().__init__()
        torch.manual_seed(0)
        self.encoder, self.head = make(), nn.Linear(D, 2)

    def forward(self, ids, mask):
        return self.head(self.encoder(ids, mask).vector)


def pads(model):
    seen = probe_model(model, held_out())
    assert not seen.trouble, seen.trouble
    return set(seen.pads)


@pytest.mark.parametrize(
    "model",
    [
        *(lambda r=r: Reads(r) for r in ("conv", "packed", "attention")),
        lambda: Encodes(lambda: BagOfWords(WORDS, D)),
        lambda: Encodes(lambda: GRUEncoder(WORDS, D, both=True)),
        lambda: Encodes(lambda: TransformerEncoder(WORDS, D, heads=2, depth=2, hidden=D, places="waves", pool="cls")),
    ],
)
@pytest.mark.parametrize("loud", [1, 30])
def test_right_models_pass(model, loud):
    """`loud` multiplies the head's weights, as much training does."""
    model = model()
    with torch.no_grad():
        model.head.weight *= loud
    assert pads(model) == set()


@pytest.mark.parametrize(
    ("model", "leaks"),
    [
        (lambda: Reads("attention", "attention"), {"other", "fewer"}),
        (lambda: Reads("attention", "by number"), {"other"}),
        (lambda: Reads("unpacked"), {"other", "fewer"}),
        (lambda: Reads("conv_between"), {"fewer"}),
        (lambda: PadsIn("count", WORDS, 2), {"fewer"}),
        (lambda: PadsIn("at", WORDS, 2), {"other", "fewer"}),
        (lambda: PadsIn("number", WORDS, 2), {"other"}),
    ],
)
def test_each_leak_is_seen(model, leaks):
    assert pads(model()) == leaks


@pytest.mark.parametrize(
    "model", [lambda ids, mask: torch.rand(len(ids), 2), lambda ids, mask: (ids - ids.double().mean(0))[:, :2]]
)
def test_what_differs_anyway_is_not_laid_on_the_pads(model):
    seen = probe_model(model, held_out())
    assert not (seen.repeats and seen.alone)
    assert not seen.pads


def test_a_model_of_one_length_is_told_what_it_raises():
    model = nn.Linear(T, 2)
    seen = probe_model(lambda ids, mask: model(ids.masked_fill(~mask, 0).float()), held_out())
    assert set(seen.pads) == {"raises"}
    assert "fewer pads behind it raises RuntimeError: mat1 and mat2" in seen.pads["raises"]


@pytest.mark.parametrize("exercise", TRAINED, ids=lambda e: e.id)
def test_every_mask_says_whose_pads_it_marks(exercise):
    asked = exercise.held_out(Draw(0))
    masks = {name for name, value in asked.inputs.items() if value.dtype == torch.bool}
    judged_by_score = {"01.8"}  # to undo what stands outside the mask is a part of that task, and earns its points
    assert set(asked.pads) == (masks if exercise.id not in judged_by_score else set())
