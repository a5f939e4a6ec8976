"""Right answers to lesson 04, written differently."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.rnn import pack_padded_sequence, pack_sequence, pad_packed_sequence

from mmcourse import bank
from mmcourse.text import GRUEncoder, LSTMEncoder, masked_max
from mmcourse.text.cells import BothWays


# 04.1
def by_loop(tokens, mask):
    rows = [t[m].mean(0) if m.any() else t.sum(0) * 0 for t, m in zip(tokens, mask, strict=True)]
    return torch.stack(rows)


def by_weights(tokens, mask):
    weights = mask.to(tokens.dtype)
    weights = weights / weights.sum(1, keepdim=True).clamp_min(1)
    return torch.einsum("bt,btd->bd", weights, torch.where(mask[..., None], tokens, 0.0))


def by_where(tokens, mask):
    total = torch.where(mask[:, :, None], tokens, torch.zeros_like(tokens)).sum(dim=-2)
    count = mask.sum(-1)
    return total / torch.where(count == 0, 1, count)[:, None]


def by_nanmean(tokens, mask):
    return tokens.masked_fill(~mask[..., None], torch.nan).nanmean(1).nan_to_num(0)


# 04.2
def rnn_by_torch(x, h, w_ih, w_hh, b_ih, b_hh):
    return torch.rnn_tanh_cell(x, h, w_ih, w_hh, b_ih, b_hh)


def rnn_by_one_matrix(x, h, w_ih, w_hh, b_ih, b_hh):
    """[x; h] against [W, U] side by side."""
    return torch.tanh(torch.cat([x, h], 1) @ torch.cat([w_ih, w_hh], 1).T + (b_ih + b_hh))


def rnn_by_einsum(x, h, w_ih, w_hh, b_ih, b_hh):
    z = torch.einsum("bi,di->bd", x, w_ih) + torch.einsum("be,de->bd", h, w_hh) + b_ih + b_hh
    return 2 * torch.sigmoid(2 * z) - 1


# 04.3
def lstm_by_torch(x, state, w_ih, w_hh, b_ih, b_hh):
    return torch.lstm_cell(x, state, w_ih, w_hh, b_ih, b_hh)


def lstm_by_slices(x, state, w_ih, w_hh, b_ih, b_hh):
    h, c = state
    d = h.shape[1]
    z = x @ w_ih.t() + b_ih + h @ w_hh.t() + b_hh
    i, f, o = (torch.sigmoid(z[:, k * d : (k + 1) * d]) for k in (0, 1, 3))
    new = torch.addcmul(f * c, i, torch.tanh(z[:, 2 * d : 3 * d]))
    return o * torch.tanh(new), new


def lstm_by_one_matrix(x, state, w_ih, w_hh, b_ih, b_hh):
    z = F.linear(torch.cat((x, state[0]), -1), torch.cat((w_ih, w_hh), -1), b_ih + b_hh)
    i, f, g, o = z.unflatten(-1, (4, -1)).unbind(1)
    c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * g.tanh()
    return torch.sigmoid(o) * c.tanh(), c


# 04.4
def last_by_gather(states, mask):
    place = (mask.sum(1) - 1).clamp(min=0)[:, None, None].expand(-1, 1, states.shape[-1])
    return states.gather(1, place).squeeze(1) * mask.any(1)[:, None]


def last_by_loop(states, mask):
    return torch.stack([s[m][-1] if m.any() else s[0] * 0 for s, m in zip(states, mask, strict=True)])


def last_by_one_hot(states, mask):
    """The place that is real and whose right neighbour is not."""
    after = torch.cat([mask[:, 1:], torch.zeros_like(mask[:, :1])], 1)
    return ((mask & ~after).to(states.dtype)[..., None] * states).sum(1)


def last_by_going_on(states, mask):
    """From left to right: the newest state at a word, the old one at a pad."""
    h = torch.zeros_like(states[:, 0])
    for t in range(states.shape[1]):
        h = torch.where(mask[:, t, None], states[:, t], h)
    return h


# 04.5
class BothByLerp(BothWays):
    def forward(self, words, mask):
        h = b = torch.zeros(len(words), self.there.hidden_size, dtype=words.dtype, device=words.device)
        size = words.size(1)
        for t in range(size):
            m = mask[:, t].unsqueeze(1).to(words.dtype)
            h = h + m * (self.there(words[:, t], h) - h)
            t = size - 1 - t
            m = mask[:, t].unsqueeze(1).to(words.dtype)
            b = b + m * (self.back(words[:, t], b) - b)
        return torch.hstack([h, b])


class BothByTurning(BothWays):
    """Turns each sentence round within its length, and reads it from the left."""

    def forward(self, words, mask):
        n = mask.sum(1, keepdim=True)
        place = torch.arange(words.shape[1], device=words.device)[None]
        turned = torch.where(place < n, n - 1 - place, place)
        other = words.gather(1, turned[..., None].expand_as(words))
        ends = []
        for cell, x in ((self.there, words), (self.back, other)):
            h = x.new_zeros(x.shape[0], cell.hidden_size)
            for t in range(x.shape[1]):
                h = torch.where(mask[:, t : t + 1], cell(x[:, t], h), h)
            ends.append(h)
        return torch.cat(ends, 1)


class BothByFlipping(BothWays):
    """Words and mask are turned round together: the pads come first, and are stepped over."""

    def forward(self, words, mask):
        ends = []
        for cell, x, m in ((self.there, words, mask), (self.back, words.flip(1), mask.flip(1))):
            h = words.new_zeros(len(words), cell.hidden_size)
            for word, real in zip(x.unbind(1), m.unbind(1), strict=True):
                h = torch.where(real[:, None], cell(word, h), h)
            ends.append(h)
        return torch.hstack(ends)


class BothOneByOne(BothWays):
    def forward(self, words, mask):
        rows = []
        for sentence, real in zip(words, mask, strict=True):
            h = b = words.new_zeros(1, self.back.hidden_size)
            for word in sentence[real]:
                h = self.there(word[None], h)
            for word in sentence[real].flip(0):
                b = self.back(word[None], b)
            rows.append(torch.cat([h, b], 1))
        return torch.cat(rows)


# 04.6
Reader, Instructions = (bank.exercise(id).reference for id in ("04.6", "04.8"))


class ReaderByOut(Reader):
    """From `out`: the left half at the last word, the right half at the first."""

    def forward(self, ids, mask):
        lengths = mask.sum(-1).clamp_min(1)
        packed = pack_padded_sequence(self.vectors(ids), lengths.cpu(), batch_first=True, enforce_sorted=False)
        out, n = pad_packed_sequence(self.rnn(packed)[0], batch_first=True)
        left, right = out.chunk(2, -1)
        vector = torch.cat([left[torch.arange(len(ids)), n - 1], right[:, 0]], -1)
        return vector * mask.any(1, keepdim=True)


class ReaderByH(Reader):
    def forward(self, ids, mask):
        n = mask.sum(1)
        sentences = pack_sequence([v[: max(int(k), 1)] for v, k in zip(self.vectors(ids), n, strict=True)], False)
        _, h = self.rnn(sentences)
        top = h.unflatten(0, (2, 2))[1]  # (layers, directions, B, d) -> (directions, B, d)
        return torch.where(n[:, None] > 0, top.transpose(0, 1).flatten(1), 0)


# 04.8
class InstructionsByNumber(Instructions):
    def forward(self, ids, mask):
        words = F.dropout(self.vectors(ids), self.drop, self.training)
        packed = pack_padded_sequence(words, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        return torch.tanh(self.start(self.rnn(packed)[1][0].squeeze(0)))


class InstructionsByParts(Instructions):
    """nn.Dropout, made where a module's parts are made."""

    def __init__(self, vocabulary, d, out, drop=0.5):
        super().__init__(vocabulary, d, out, drop)
        self.dropout = nn.Dropout(drop)

    def forward(self, ids, mask):
        words = self.dropout(self.vectors(ids))
        packed = pack_padded_sequence(words, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        _, (h, _) = self.rnn(packed)
        return self.start(h.reshape(len(ids), -1)).tanh()


# 04.7
class ByGRU(nn.Module):
    def __init__(self, words: int, d: int = 32):
        super().__init__()
        self.encode, self.head = GRUEncoder(words, d), nn.Sequential(nn.Dropout(0.5), nn.Linear(d, 2))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.head(self.encode(ids, mask).vector)


class ByMax(nn.Module):
    """The largest of each feature over all words, of an LSTM that reads both ways."""

    def __init__(self, words: int, d: int = 32):
        super().__init__()
        self.encode, self.head = LSTMEncoder(words, d, both=True), nn.Sequential(nn.Dropout(0.5), nn.Linear(d, 2))

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.head(masked_max(self.encode(ids, mask).tokens, mask))


def trained(model_class, epochs):
    def make():
        from mmcourse.data import load
        from mmcourse.preprocess import Vocabulary
        from mmcourse.training import fit

        train = load("sentences", "train", sources=("movies",))
        vocabulary = Vocabulary(train.texts, at_least=2)
        torch.manual_seed(1)
        model = model_class(len(vocabulary))
        fit(model, vocabulary.encode(train.texts, 40), torch.tensor(train.labels), epochs=epochs, progress=False)
        return model

    return make


ANSWERS = {
    "04.1": [by_loop, by_weights, by_where, by_nanmean],
    "04.2": [rnn_by_torch, rnn_by_one_matrix, rnn_by_einsum],
    "04.3": [lstm_by_torch, lstm_by_slices, lstm_by_one_matrix],
    "04.4": [last_by_gather, last_by_loop, last_by_one_hot, last_by_going_on],
    "04.5": [BothByLerp, BothByTurning, BothByFlipping, BothOneByOne],
    "04.6": [ReaderByOut, ReaderByH],
    "04.7": [trained(ByGRU, 5), trained(ByMax, 6)],
    "04.8": [InstructionsByNumber, InstructionsByParts],
}
