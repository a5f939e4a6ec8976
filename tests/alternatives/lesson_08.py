"""Right answers to lesson 08, written differently. Where a class's __init__ is given, forward is theirs."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from mmcourse.fusion import CrossAttention, PairScores

# 08.1


def pairs_by_einsum(f, g, scores):
    return torch.einsum("ij,id,jd->d", F.softmax(scores.reshape(-1), dim=0).reshape(scores.shape), f, g)


def pairs_by_broadcast(f, g, scores):
    shares = torch.exp(scores - torch.logsumexp(scores, dim=(0, 1)))
    return (shares.unsqueeze(-1) * f.unsqueeze(1) * g.unsqueeze(0)).sum(dim=(0, 1))


def pairs_in_a_list(f, g, scores):
    shares = iter(scores.flatten().softmax(0))
    return torch.stack([next(shares) * x * y for x in f for y in g]).sum(0)


def pairs_added_up_in_place(f, g, scores):
    e = (scores - scores.max().detach()).exp()
    total = torch.zeros_like(f[0])
    for i in range(len(f)):
        for j in range(len(g)):
            total += e[i, j] * f[i] * g[j]
    return total / e.sum()


# 08.2


def _weights(scores, f_mask, g_mask):
    pairs = f_mask.unsqueeze(2) & g_mask.unsqueeze(1)
    hidden = scores.masked_fill(~pairs, float("-inf"))
    top = hidden.amax((1, 2), keepdim=True).nan_to_num(neginf=0)
    shares = (hidden - top.detach()).exp()
    total = shares.sum((1, 2), keepdim=True)
    return shares / torch.where(total == 0, 1, total)


def by_einsum(f, g, scores, f_mask, g_mask):
    return torch.einsum("bij,bjk,bik->bk", _weights(scores, f_mask, g_mask), g, f)


def by_words(f, g, scores, f_mask, g_mask):
    """A loop over the words: one [B, I, d] at a time."""
    weights, total = _weights(scores, f_mask, g_mask), 0
    for j in range(g.shape[1]):
        total = total + (weights[:, :, j, None] * f).sum(1) * g[:, j]
    return total


def by_samples(f, g, scores, f_mask, g_mask):
    out = []
    for b in range(len(f)):
        fb, gb, sb = f[b][f_mask[b]], g[b][g_mask[b]], scores[b][f_mask[b]][:, g_mask[b]]
        if sb.numel() == 0:
            out.append(f[b].sum(0) * 0)
            continue
        weights = torch.softmax(sb.reshape(-1), 0).reshape(sb.shape)
        out.append((fb * (weights @ gb)).sum(0))
    return torch.stack(out)


# 08.3: asked of torch
def reach_by_search():
    a = torch.tensor([-3.0, -2, -1, 1, 4, 7])
    words = torch.linspace(-9, 9, 1801).double()
    words = words[words.abs() > 1e-6]
    line = torch.outer(words, a.double())
    angles = torch.arange(6) * math.pi / 3
    circle = torch.stack([angles.cos(), angles.sin()], -1).double()
    turns = torch.linspace(0, 2 * math.pi, 721).double() + 0.001
    directions = torch.stack([turns.cos(), turns.sin()], -1)
    own = torch.linspace(-5, 5, len(words)).double()[:, None]
    nearest = 2 * line - a.double().square()

    def tops(scores):
        return len(scores.argmax(1).unique())

    return {
        "b = 3": int((a * 3).argmax()) + 1,
        "b = -0.5": int((a * -0.5).argmax()) + 1,
        "how many": tops(line),
        "how many, bent": tops(torch.outer(words.tanh(), a.double().tanh())),
        "how many, a number for each word": tops(line + own),
        "b = 3, a number for each region": int((2 * a * 3 - a**2).argmax()) + 1,
        "how many, a number for each region": tops(nearest),
        "rank, a number for each region": int(torch.linalg.matrix_rank(nearest)),
        "how many, on a circle": tops(directions @ circle.T),
        "the mean at b = 0": round((torch.zeros(6).softmax(0) * a).sum().item()),
    }


REACH = reach_by_search()
REACH_AS_TENSORS = {name: torch.tensor(value) for name, value in REACH.items()} | {"more": None}


# 08.4
class ScoresByEinsum(PairScores):
    def forward(self, f, g):
        scores = torch.einsum("gr,bir,bjr->bgij", self.p, torch.tanh(self.f(f)), torch.tanh(self.g(g)))
        return scores / math.sqrt(self.p.shape[1])


class ScoresByGlimpses(PairScores):
    def forward(self, f, g):
        x, y = self.f(f).tanh(), self.g(g).tanh()
        return torch.stack([(x * (p / len(p) ** 0.5)) @ y.transpose(1, 2) for p in self.p], dim=1)


class ScoresThroughTheWords(PairScores):
    def forward(self, f, g):
        asked = self.g(g).tanh().unsqueeze(1) * self.p.unsqueeze(0).unsqueeze(2)
        return torch.matmul(self.f(f).tanh().unsqueeze(1), asked.transpose(-1, -2)) * self.p.size(1) ** -0.5


# 08.5
def kernel_by_cdist(f, g, f_mask, g_mask, width):
    f, g = torch.where(f_mask[..., None], f, 0), torch.where(g_mask[..., None], g, 0)
    scores = -(torch.cdist(f, g) ** 2) / (2 * width**2)
    pairs = f_mask.unsqueeze(2) * g_mask.unsqueeze(1)
    scores = torch.where(pairs, scores, -torch.inf)
    joint = scores.reshape(len(f), -1).softmax(1).reshape(scores.shape)
    return torch.where(pairs, joint, 0.0), torch.where(pairs, scores.softmax(dim=1), 0.0)


def kernel_by_squares(f, g, f_mask, g_mask, width):
    """|f - g|² = |f|² - 2 f·g + |g|², and exponentials by hand."""
    f, g = f.masked_fill(~f_mask.unsqueeze(-1), 0), g.masked_fill(~g_mask.unsqueeze(-1), 0)
    squares = (f * f).sum(-1)[:, :, None] - 2 * torch.bmm(f, g.mT) + (g * g).sum(-1)[:, None, :]
    pairs = f_mask[:, :, None] & g_mask[:, None, :]
    scores = (-squares / 2 / width / width).masked_fill(~pairs, -1e30)

    def shared(dims):
        e = (scores - scores.amax(dims, keepdim=True).detach()).exp() * pairs
        total = e.sum(dims, keepdim=True)
        return e / torch.where(total > 0, total, 1)

    return shared((1, 2)), shared((1,))


def kernel_sample_by_sample(f, g, f_mask, g_mask, width):
    joint, per_word = (f.new_zeros(len(f), f.shape[1], g.shape[1]) for _ in range(2))
    for b in range(len(f)):
        i, j = f_mask[b].nonzero()[:, 0], g_mask[b].nonzero()[:, 0]
        if len(i) == 0 or len(j) == 0:
            continue
        s = -((f[b, i].unsqueeze(1) - g[b, j]) ** 2).sum(2) / (2 * width**2)
        where = torch.meshgrid(i, j, indexing="ij")
        joint[b] = joint[b].index_put(where, (s - s.logsumexp((0, 1))).exp())
        per_word[b] = per_word[b].index_put(where, s.softmax(0))
    return joint, per_word


# 08.6
def clean(e):
    return torch.where(e.mask[..., None], e.tokens, 0.0)


class CrossWithMeanByHand(CrossAttention):
    def forward(self, image, text):
        asks = self.g(clean(text))
        words = self.norm(self.look(asks, self.f(clean(image)), image.mask) + asks)
        n = text.mask.sum(1, keepdim=True)
        return torch.where(text.mask[..., None], words, 0).sum(1) / torch.where(n == 0, 1, n)


class CrossByParts(CrossAttention):
    """The heads by hand, and shares of 1 / n for the mean."""

    def forward(self, image, text):
        asks, answers, look = self.g(text.clean()), self.f(image.clean()), self.look
        q, k, v = (
            layer(x).unflatten(-1, (look.heads, -1)).transpose(1, 2)
            for layer, x in ((look.q, asks), (look.k, answers), (look.v, answers))
        )
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=image.mask[:, None, None])
        words = self.norm(asks + look.out(seen.transpose(1, 2).flatten(2)))
        shares = text.mask.to(words) / text.mask.sum(1, keepdim=True).clamp(min=1)
        return torch.einsum("bj,bjd->bd", shares, words)


class CrossWordByWord(CrossAttention):
    def forward(self, image, text):
        f, g = self.f(image.clean()), self.g(text.clean())
        total = f.new_zeros(len(g), g.shape[-1])
        for j in range(g.shape[1]):
            word = g[:, j : j + 1]
            total = total + self.norm(word + self.look(word, f, image.mask))[:, 0] * text.mask[:, j : j + 1]
        return total / text.mask.sum(1).clamp(min=1)[:, None]


# 08.7
def weights_by_exp(f, scores, f_mask, g_mask):
    return _weights(scores, f_mask, g_mask)


def weights_by_where(f, scores, f_mask, g_mask):
    pairs = torch.logical_and(f_mask[..., None], g_mask[:, None])
    hidden = torch.where(pairs, scores, torch.finfo(scores.dtype).min)
    return torch.where(pairs, hidden.reshape(len(f), -1).softmax(1).reshape(scores.shape), 0)


def weights_sample_by_sample(f, scores, f_mask, g_mask):
    out = torch.zeros_like(scores)
    for b, (rows, columns) in enumerate(zip(f_mask, g_mask, strict=True)):
        pairs = torch.outer(rows, columns)
        if pairs.any():
            out[b] = out[b].masked_scatter(pairs, scores[b][pairs].softmax(0))
    return out


def weights_with_both_sides_hidden(f, scores, f_mask, g_mask):
    scores = scores.masked_fill(~f_mask[:, :, None], -torch.inf).masked_fill(~g_mask[:, None], -torch.inf)
    return torch.nan_to_num(torch.softmax(scores.flatten(1), -1)).unflatten(1, scores.shape[1:])


# 08.8
def pointing_row_by_row(weights, named, regions, truth):
    hits, shares = [], []
    for w, words, boxes, (left, top, right, bottom) in zip(weights, named, regions, truth.tolist(), strict=True):
        each = w[:, words].sum(1).tolist()
        inside = [left <= (x0 + x1) / 2 < right and top <= (y0 + y1) / 2 < bottom for x0, y0, x1, y1 in boxes.tolist()]
        first = [here for a, here in zip(each, inside, strict=True) if a == max(each)]
        total = sum(each)
        hits.append(sum(first) / len(first) if total else 0)
        shares.append(sum(a for a, here in zip(each, inside, strict=True) if here) / total if total else 0)
    return weights.new_tensor(hits), weights.new_tensor(shares)


def pointing_by_shares(weights, named, regions, truth):
    """Brought to a sum of 1 first; then both are sums over the regions inside."""
    each = torch.einsum("bij,bj->bi", weights, named.to(weights))
    each = (each / each.sum(1, keepdim=True)).nan_to_num()
    middle = regions.unflatten(-1, (2, 2)).mean(-2)
    inside = ((middle >= truth[:, None, :2]) & (middle < truth[:, None, 2:])).all(-1).to(weights)
    first = (each == each.max(1, keepdim=True).values).to(weights)
    fair = first / first.sum(1, keepdim=True) * (each.sum(1, keepdim=True) > 0)
    return (fair * inside).sum(1), (each * inside).sum(1)


# 08.9
class Asked(nn.Module):
    """Additive scores, and the question once more in the head."""

    def __init__(self, d=32):
        super().__init__()
        self.f, self.g, self.score = nn.Linear(16, d), nn.Linear(8, d), nn.Linear(d, 1)
        self.head = nn.Linear(16 + 8, 2)

    def forward(self, regions, mask, named):
        scores = self.score((self.f(regions) * self.g(named)[:, None]).tanh())[..., 0]
        shares = scores.masked_fill(~mask, -torch.inf).softmax(-1)
        return self.head(torch.cat([(shares[..., None] * regions).sum(1), named], -1))


class BoundBeforeTheMean(nn.Module):
    """No attention: each region is bent together with the question before the mean is taken."""

    def __init__(self, d=64):
        super().__init__()
        self.region = nn.Sequential(nn.Linear(24, d), nn.ReLU(), nn.Linear(d, d), nn.ReLU())
        self.head = nn.Linear(d, 2)

    def forward(self, regions, mask, named):
        both = torch.cat([regions, named[:, None].expand(-1, regions.shape[1], -1)], -1)
        return self.head((self.region(both) * mask[..., None]).sum(1) / 4)


class BoundByWhereItLooks(nn.Module):
    """Attention that never hears the question: it learns to look at the regions of one value."""

    def __init__(self, d=64):
        super().__init__()
        self.look = nn.Linear(16, 1)
        self.head = nn.Sequential(nn.Linear(16 + 8, d), nn.ReLU(), nn.Linear(d, 2))

    def forward(self, regions, mask, named):
        shares = self.look(regions)[..., 0].masked_fill(~mask, -torch.inf).softmax(-1)
        return self.head(torch.cat([(shares[:, None] @ regions)[:, 0], named], -1))


def trained(model_class):
    def make():
        from mmcourse.data import load
        from mmcourse.training import fit

        pairs = load("binding", "train")
        torch.manual_seed(1)
        model = model_class()
        inputs = (pairs.image.tokens, pairs.image.mask, pairs.text.vector)
        fit(model, inputs, pairs.labels, epochs=8, progress=False)
        return model

    return make


ANSWERS = {
    "08.1": [pairs_by_einsum, pairs_by_broadcast, pairs_in_a_list, pairs_added_up_in_place],
    "08.2": [by_einsum, by_words, by_samples],
    "08.3": [REACH, REACH_AS_TENSORS],
    "08.4": [ScoresByEinsum, ScoresByGlimpses, ScoresThroughTheWords],
    "08.5": [kernel_by_cdist, kernel_by_squares, kernel_sample_by_sample],
    "08.6": [CrossWithMeanByHand, CrossByParts, CrossWordByWord],
    "08.7": [weights_by_exp, weights_by_where, weights_sample_by_sample, weights_with_both_sides_hidden],
    "08.8": [pointing_row_by_row, pointing_by_shares],
    "08.9": [trained(Asked), trained(BoundBeforeTheMean), trained(BoundByWhereItLooks)],
}
