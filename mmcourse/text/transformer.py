"""A Transformer that reads sentences: the encoder of Vaswani et al. 2017, arXiv:1706.03762, with the norm before each
sublayer (Xiong et al. 2020, arXiv:2002.04745).

A layer has torch's own names, so that weights of `nn.TransformerEncoderLayer(..., norm_first=True)` fit as they are.
"""

from typing import Literal

import torch
from torch import Tensor, nn

from mmcourse.encoded import Encoded

from .bag import masked_mean
from .positions import LearntPlaces, Sinusoids


class EncoderLayer(nn.Module):
    """Every word looks at the sentence, then thinks for itself; each time what it finds is added to what it was.

    Parameters
        d        features of a word
        heads    of attention; must divide d
        hidden   features between the two linear layers
        dropout  share of features that training silences

    forward(x (B, T, d), mask (B, T) bool) -> (B, T, d). Pads come out as exact zeros; so does an empty sentence.
    """

    def __init__(self, d: int, heads: int, hidden: int, dropout: float = 0.0):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d), nn.LayerNorm(d)
        self.self_attn = nn.MultiheadAttention(d, heads, dropout, batch_first=True)
        self.linear1, self.linear2 = nn.Linear(d, hidden), nn.Linear(hidden, d)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        seen, _ = self.look(x, mask)
        x = x + self.drop(seen)  # (B, T, d)
        thought = self.linear2(
            self.drop(self.linear1(self.norm2(x)).relu())
        )  # (B, T, d) -> (B, T, hidden) -> (B, T, d)
        return (x + self.drop(thought)).masked_fill(~mask[..., None], 0)

    def look(self, x: Tensor, mask: Tensor, weights: bool = False) -> tuple[Tensor, Tensor | None]:
        """What each word gets to see, (B, T, d), and if asked for the weights, (B, heads, T, T); else None."""
        # torch's padding mask is the opposite of ours. A row of nothing but pads ignores none: no softmax of nothing.
        ignored = ~mask & mask.any(1, keepdim=True)  # (B, T)
        x = self.norm1(x)
        return self.self_attn(x, x, x, key_padding_mask=ignored, need_weights=weights, average_attn_weights=False)


class TransformerEncoder(nn.Module):
    """Words and their places, some layers, a last norm, and one vector for the sentence.

    Parameters
        vocabulary  number of words; 0 is padding
        d           features of a word
        heads       of attention; must divide d
        depth       layers
        hidden      features inside a layer, 2 d unless given
        places      'learnt', 'waves' (sinusoids, d even), or 'none': a bag of words that look at one another
        pool        'mean' over real words, or 'cls': one more token, learnt, reads the sentence
        longest     the longest sentence that learnt places can take
        dropout     share of features that training silences

    forward(ids (B, T) long, mask (B, T) bool) -> Encoded. Pads come out as zeros; an empty sentence is all zeros.
    Raises ValueError for other words for `places` and `pool`, and for T > longest where places are learnt.
    """

    def __init__(
        self,
        vocabulary: int,
        d: int = 64,
        heads: int = 4,
        depth: int = 2,
        hidden: int | None = None,
        places: Literal["learnt", "waves", "none"] = "learnt",
        pool: Literal["mean", "cls"] = "mean",
        longest: int = 128,
        dropout: float = 0.0,
    ):
        super().__init__()
        if places not in ("learnt", "waves", "none") or pool not in ("mean", "cls"):
            raise ValueError(f"places={places!r}, pool={pool!r}: 'learnt', 'waves' or 'none', and 'mean' or 'cls'")
        self.vectors = nn.Embedding(vocabulary, d, padding_idx=0)
        self.places: nn.Module
        if places == "learnt":
            self.places = LearntPlaces(longest + (pool == "cls"), d)
        else:
            self.places = Sinusoids() if places == "waves" else nn.Identity()
        self.first = nn.Parameter(torch.randn(d)) if pool == "cls" else None
        self.layers = nn.ModuleList(EncoderLayer(d, heads, hidden or 2 * d, dropout) for _ in range(depth))
        self.norm = nn.LayerNorm(d)
        with torch.no_grad():  # torch's tables begin with a spread of 1: words begin quieter, and learn faster
            for table in (self.vectors, self.places):
                if isinstance(table, nn.Embedding):
                    table.weight.mul_(0.1)

    def forward(self, ids: Tensor, mask: Tensor) -> Encoded:
        x, real = self._begin(ids, mask)
        for layer in self.layers:
            x = layer(x, real)  # (B, T, d)
        x = self.norm(x).masked_fill(~real[..., None], 0)
        if self.first is None:
            return Encoded(masked_mean(x, mask), x, mask)
        return Encoded(x[:, 0], x[:, 1:], mask)  # the first token is no word

    def weights(self, ids: Tensor, mask: Tensor) -> Tensor:
        """Who looks at whom: (B, T) -> (depth, B, heads, T, T), a query's shares along the last axis, pads 0.

        With 'cls' there is one place more, the first.
        """
        x, real = self._begin(ids, mask)
        found = []
        for layer in self.layers:
            assert isinstance(layer, EncoderLayer)  # a ModuleList does not say of what
            _, shares = layer.look(x, real, weights=True)
            assert shares is not None  # they were asked for
            found.append(shares)
            x = layer(x, real)
        both = real[:, None, :, None] & real[:, None, None, :]  # (B, 1, T, T)
        return torch.stack(found).masked_fill(~both, 0)

    def _begin(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Words with their places, (B, T, d), and which are real; with 'cls' one token more in front."""
        x = self.vectors(ids)  # (B, T, d)
        if self.first is not None:
            x = torch.cat([self.first.expand(len(x), 1, -1), x], dim=1)  # (B, 1 + T, d)
            mask = torch.cat([mask.any(1, keepdim=True), mask], dim=1)  # (B, 1 + T): nothing to read, no reader
        return self.places(x), mask
