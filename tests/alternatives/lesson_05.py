"""Right answers to lesson 05, written differently. Where a class's __init__ is given, forward is theirs."""

import math

import torch
from torch import nn
from torch.nn import functional as F

from mmcourse.attention import MultiHeadAttention
from mmcourse.encoded import Encoded
from mmcourse.text import LSTMEncoder
from mmcourse.text import TransformerEncoder as Library
from mmcourse.text.transformer import EncoderLayer


# 05.1
def by_torch(q, k, v, mask):
    return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)


def row_by_row(q, k, v, mask):
    """A query at a time, only with the keys that it may look at; the sum over no keys is 0."""
    mask = mask.expand(len(q), q.shape[1], k.shape[1])
    rows = []
    for b in range(len(q)):
        for i in range(q.shape[1]):
            seen = mask[b, i]
            shares = (k[b, seen] @ q[b, i] / math.sqrt(q.shape[-1])).softmax(0)
            rows.append(shares @ v[b, seen])
    return torch.stack(rows).view(len(q), -1, v.shape[-1])


def less_the_largest(q, k, v, mask):
    scores = torch.einsum("bqd,bkd->bqk", q * q.shape[-1] ** -0.5, k)
    scores = torch.where(mask, scores, torch.finfo(scores.dtype).min)
    shares = (scores - scores.amax(-1, keepdim=True).detach()).exp() * mask
    total = shares.sum(-1, keepdim=True)
    return torch.einsum("bqk,bkd->bqd", shares / total.masked_fill(total == 0, 1), v)


def fill_and_wipe(q, k, v, mask):
    shares = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~mask, -1e30).softmax(-1)
    return shares.masked_fill(~mask, 0) @ v


def low_numbers_added(q, k, v, mask):
    """A lowest number, added in half so that it can't overflow, and the weights of hidden keys wiped."""
    low = torch.zeros(mask.shape, dtype=q.dtype, device=q.device).masked_fill(~mask, torch.finfo(q.dtype).min / 4)
    return torch.bmm((q @ k.transpose(1, 2) / math.sqrt(q.shape[2]) + low).softmax(-1) * mask, v)


def single_root(q, k, v, mask):
    """As many programs have it; the roots of the checks' sizes are whole numbers, and exact."""
    scores = q @ k.mT / torch.sqrt(torch.tensor(q.shape[-1]))
    return torch.where(mask.any(-1)[..., None], scores.masked_fill(~mask, -torch.inf).softmax(-1), 0.0) @ v


# 05.2


class OneHeadAtATime(MultiHeadAttention):
    def forward(self, asks, told, mask=None):
        heads = []
        size = asks.shape[-1] // self.heads
        for q, k, v in zip(*(x.split(size, -1) for x in (self.q(asks), self.k(told), self.v(told))), strict=True):
            scores = torch.einsum("bqd,bkd->bqk", q, k) / size**0.5
            weights = scores.masked_fill(~mask[:, None], float("-inf")).softmax(-1)
            heads.append(torch.where(mask.any(1)[:, None, None], weights, 0.0).nan_to_num() @ v)
        return self.out(torch.cat(heads, -1))


class ByTorch(MultiHeadAttention):
    def forward(self, asks, told, mask=None):
        b, t, d = asks.shape
        q, k, v = (
            x.view(b, -1, self.heads, d // self.heads).permute(0, 2, 1, 3)
            for x in (self.q(asks), self.k(told), self.v(told))
        )
        hidden = None if mask is None else mask.view(b, 1, 1, -1).expand(b, self.heads, t, -1)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=hidden)
        return self.out(seen.permute(0, 2, 1, 3).reshape(b, t, d))


class ByExp(MultiHeadAttention):
    def forward(self, asks, told, mask=None):
        q, k, v = (x.unflatten(-1, (self.heads, -1)) for x in (self.q(asks), self.k(told), self.v(told)))
        scores = torch.einsum("bqhd,bkhd->bqkh", q / q.shape[-1] ** 0.5, k)
        shares = (scores - scores.amax(2, keepdim=True).detach()).exp() * mask[:, None, :, None]
        total = shares.sum(2, keepdim=True)
        return self.out(torch.einsum("bqkh,bkhd->bqhd", shares / total.masked_fill(total == 0, 1), v).flatten(2))


class HeadsAsABatch(MultiHeadAttention):
    def forward(self, asks, told, mask=None):
        q, k, v = (torch.cat(x.chunk(self.heads, -1)) for x in (self.q(asks), self.k(told), self.v(told)))
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=mask.repeat(self.heads, 1)[:, None])
        return self.out(torch.cat(seen.chunk(self.heads), -1))


# 05.3: counted; as tensors and with a name that nobody asked for
SHARE = 1 / 3
COUNTED = {
    "nothing hidden": round(SHARE * (10 + 20 + 60)),
    "third hidden": (10 + 20) // 2,
    "third hidden after the softmax": round(SHARE * (10 + 20)),
    "third hidden by a score of 0": 30,
    "all hidden by scores of -1e9": 30,
    "shape of the weights": list(torch.zeros(2, 4, 3, 5).shape),
    "sum of the weights": round(torch.randn(2, 4, 3, 5).softmax(-1).sum().item()),
    "parameters": sum(p.numel() for p in MultiHeadAttention(8, 4).parameters()),
}
AS_TENSORS = {k: torch.tensor(v) for k, v in COUNTED.items()} | {"more": None}


# 05.4
def number_by_number(places, d):
    out = places.new_zeros(len(places), d)
    for t, p in enumerate(places.tolist()):
        for k in range(d):
            angle = p / 10000 ** ((k - k % 2) / d)
            out[t, k] = math.cos(angle) if k % 2 else math.sin(angle)
    return out


def by_exp_and_slices(places, d):
    """As most programs have it."""
    speed = torch.exp(torch.arange(0, d, 2, device=places.device).to(places) * (-math.log(10000.0) / d))
    out = torch.zeros(len(places), d).to(places)
    out[:, 0::2] = torch.sin(places[:, None] * speed)
    out[:, 1::2] = torch.cos(places[:, None] * speed)
    return out


def by_shifted_sines(places, d):
    k = torch.arange(d, device=places.device)
    return (torch.outer(places, 10000.0 ** (-(k - k % 2).to(places) / d)) + (k % 2).to(places) * torch.pi / 2).sin()


def pair_by_pair(places, d):
    columns = []
    for even in range(0, d, 2):
        angle = places / 10000 ** (even / d)
        columns += [angle.sin(), angle.cos()]
    return torch.stack(columns, 1)


# 05.5
class ByTorchsLayer(EncoderLayer):
    """torch's own layer, with these weights in it."""

    def forward(self, x, mask):
        d, hidden = self.linear2.weight.shape
        theirs = nn.TransformerEncoderLayer(d, self.self_attn.num_heads, hidden, 0.0, batch_first=True, norm_first=True)
        out = torch.func.functional_call(
            theirs.to(x).eval(), dict(self.named_parameters()), (x,), {"src_key_padding_mask": ~mask}
        )
        return torch.where(mask[..., None], out, 0.0)


class ByHeads(EncoderLayer):
    """The attention written out from torch's weights."""

    def forward(self, x, mask):
        heads = self.self_attn.num_heads
        qkv = F.linear(self.norm1(x), self.self_attn.in_proj_weight, self.self_attn.in_proj_bias)
        q, k, v = (part.unflatten(-1, (heads, -1)).transpose(1, 2) for part in qkv.chunk(3, -1))
        seen = F.scaled_dot_product_attention(q, k, v, mask[:, None, None])
        x = x + self.self_attn.out_proj(seen.transpose(1, 2).flatten(2))
        x = x + self.linear2(F.relu(self.linear1(self.norm2(x))))
        return x.masked_fill(~mask.unsqueeze(-1), 0)


class TurnedRound(EncoderLayer):
    def forward(self, x, mask):
        h = self.norm1(x)
        x = x + self.self_attn(h, h, h, key_padding_mask=mask.logical_not(), need_weights=False)[0]
        x = x + self.linear2(self.linear1(self.norm2(x)).clamp(min=0))
        return torch.where(mask[..., None], x, torch.zeros_like(x))


class RowByRow(EncoderLayer):
    """Each sentence by itself, without its pads."""

    def forward(self, x, mask):
        rows = []
        for row, real in zip(x, mask, strict=True):
            words = row[real][None]
            if real.any():
                h = self.norm1(words)
                words = words + self.self_attn(h, h, h)[0]
                words = words + self.linear2(self.linear1(self.norm2(words)).relu())
            rows.append(F.pad(words[0], (0, 0, 0, len(real) - int(real.sum()))))
        return torch.stack(rows)


# 05.6: the learner's layers are torch's, with the same names
class WithTorchsLayers(nn.Module):
    def __init__(self, vocabulary, d, heads, depth, hidden, longest):
        super().__init__()
        self.vectors, self.places = nn.Embedding(vocabulary, d, padding_idx=0), nn.Embedding(longest, d)
        self.layers = nn.ModuleList(
            nn.TransformerEncoderLayer(d, heads, hidden, dropout=0.0, batch_first=True, norm_first=True)
            for _ in range(depth)
        )
        self.norm = nn.LayerNorm(d)

    def forward(self, ids, mask):
        x = self.vectors(ids) + self.places(torch.arange(ids.shape[1], device=ids.device))
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=~mask)
        x = self.norm(x).masked_fill(~mask[..., None], 0)
        return Encoded(x.sum(1) / mask.sum(1, keepdim=True).clamp(min=1), x, mask)


class RowsWithWords(WithTorchsLayers):
    """Sentences without words are never read."""

    def forward(self, ids, mask):
        x = self.vectors(ids) + self.places.weight[: ids.size(1)]
        ignored = ~mask & mask.any(1, keepdim=True)
        for layer in self.layers:
            x = layer(x, src_key_padding_mask=ignored)
        x = torch.where(mask.unsqueeze(-1), self.norm(x), 0.0)
        shares = mask.to(x) / mask.sum(1, keepdim=True).clamp(min=1)
        return Encoded(torch.einsum("bt,btd->bd", shares, x), x, mask)


class WipedAfterEachLayer(WithTorchsLayers):
    def forward(self, ids, mask):
        x = self.vectors(ids) + self.places(torch.arange(ids.shape[1], device=ids.device).expand_as(ids))
        for layer in self.layers:
            x = torch.where(mask[..., None], layer(x, src_key_padding_mask=mask.logical_not()), 0.0)
        x = self.norm(x) * mask[..., None]
        return Encoded((mask[:, None].to(x) @ x)[:, 0] / mask.sum(1, keepdim=True).clamp_min(1), x, mask)


# 05.7
def pool_by_torch(scores, tokens, mask):
    one = torch.ones_like(scores[:, :1, None])
    return F.scaled_dot_product_attention(one, scores[..., None], tokens, attn_mask=mask[:, None], scale=1.0)[:, 0]


def pool_by_exp(scores, tokens, mask):
    low = torch.finfo(scores.dtype).min
    shares = (scores - scores.masked_fill(~mask, low).amax(1, keepdim=True).detach()).masked_fill(~mask, 0).exp() * mask
    total = shares.sum(1, keepdim=True)
    return torch.einsum("bt,btd->bd", shares / total.masked_fill(total == 0, 1), tokens)


def pool_and_wipe(scores, tokens, mask):
    shares = scores.masked_fill(~mask, -1e9).softmax(-1) * mask
    return torch.bmm(shares[:, None], tokens).squeeze(1)


def pool_from_logs(scores, tokens, mask):
    """Logarithms forget nothing: the first softmax over all does no harm in them."""
    shares = scores.log_softmax(-1).masked_fill(~mask, -torch.inf).softmax(-1).nan_to_num()
    return torch.einsum("bt,btd->bd", shares, tokens)


def pool_only_words(scores, tokens, mask):
    return torch.stack([s[m].softmax(0) @ t[m] for s, t, m in zip(scores, tokens, mask, strict=True)])


# 05.8
class Reads(nn.Module):
    def __init__(self, encoder):
        super().__init__()
        self.encoder, self.head = encoder, nn.Linear(32, 2)

    def forward(self, ids, mask):
        return self.head(self.encoder(ids, mask).vector)


def trained(make_encoder):
    def make():
        from mmcourse.data.both_ways import BothWays
        from mmcourse.preprocess import Vocabulary
        from mmcourse.training import fit

        sentences = BothWays("train")
        vocabulary = Vocabulary(sentences.texts, at_least=2)
        torch.manual_seed(1)
        model = Reads(make_encoder(len(vocabulary)))
        inputs = vocabulary.encode(sentences.texts, length=16)
        fit(model, inputs, torch.tensor(sentences.labels), epochs=4, batch=128, lr=5e-3, progress=False)
        return model

    return make


def with_cls(words):
    return Library(words, 32, heads=4, depth=1, hidden=64, places="waves", pool="cls")


def recurrent(words):
    return LSTMEncoder(words, 32)


# 05.9
def norm_by_torch(x, gain, bias, eps):
    return F.layer_norm(x, x.shape[-1:], gain, bias, eps)


def norm_by_torchs_layer(x, gain, bias, eps):
    layer = nn.LayerNorm(x.shape[-1], eps)
    return torch.func.functional_call(layer, {"weight": gain, "bias": bias}, (x,))


def norm_by_var_mean(x, gain, bias, eps):
    variance, mean = torch.var_mean(x, dim=2, correction=0, keepdim=True)
    return torch.addcmul(bias, (x - mean) * torch.rsqrt(variance + eps), gain)


def norm_by_std(x, gain, bias, eps):
    return (x - x.mean(-1)[..., None]) / (x.std(-1, correction=0) ** 2 + eps).sqrt()[..., None] * gain + bias


def norm_by_einsum(x, gain, bias, eps):
    """Taking the mean off is a product with a matrix."""
    d = x.shape[-1]
    less_the_mean = torch.eye(d, dtype=x.dtype, device=x.device) - 1 / d
    centred = torch.einsum("btd,de->bte", x, less_the_mean)
    scale = (torch.einsum("btd,btd->bt", centred, centred) / d + eps) ** -0.5
    return torch.einsum("btd,bt,d->btd", centred, scale, gain) + bias


def norm_word_by_word(x, gain, bias, eps):
    words = []
    for word in x.flatten(0, 1):
        mean = sum(word) / len(word)
        variance = sum((feature - mean) ** 2 for feature in word) / len(word)
        words.append((word - mean) / (variance + eps) ** 0.5 * gain + bias)
    return torch.stack(words).view_as(x)


def norm_by_squares(x, gain, bias, eps):
    """Right in double precision; in single it is weak where the mean is large beside the spread."""
    mean = x.mean(-1, keepdim=True)
    variance = (x * x).mean(-1, keepdim=True) - mean * mean
    scale = gain / (variance + eps).sqrt()
    return x * scale + (bias - mean * scale)


def norm_by_one_group(x, gain, bias, eps):
    return F.group_norm(x.flatten(0, 1), 1, gain, bias, eps).view(x.shape)


def norm_by_batch_norm(x, gain, bias, eps):
    """Each word a channel of a single example."""
    channels = x.reshape(1, -1, x.shape[-1])
    return F.batch_norm(channels, None, None, training=True, eps=eps).view(x.shape) * gain + bias


ANSWERS = {
    "05.1": [by_torch, row_by_row, less_the_largest, fill_and_wipe, low_numbers_added, single_root],
    "05.2": [OneHeadAtATime, ByTorch, ByExp, HeadsAsABatch],
    "05.3": [COUNTED, AS_TENSORS],
    "05.4": [number_by_number, by_exp_and_slices, by_shifted_sines, pair_by_pair],
    "05.5": [ByTorchsLayer, ByHeads, TurnedRound, RowByRow],
    "05.6": [WithTorchsLayers, RowsWithWords, WipedAfterEachLayer],
    "05.7": [pool_by_torch, pool_by_exp, pool_and_wipe, pool_from_logs, pool_only_words],
    "05.8": [trained(with_cls), trained(recurrent)],
    "05.9": [
        norm_by_torch,
        norm_by_torchs_layer,
        norm_by_var_mean,
        norm_by_std,
        norm_by_einsum,
        norm_word_by_word,
        norm_by_squares,
        norm_by_one_group,
        norm_by_batch_norm,
    ],
}
