"""Recurrent text encoders on torch's own layers: padded batches, packed so that no pad is ever read."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from mmcourse.encoded import Encoded


def last_state(states: Tensor, mask: Tensor) -> Tensor:
    """The state after each row's last real word: (B, T, d), (B, T) bool -> (B, d). Where nothing is real: zero."""
    place = torch.arange(mask.shape[1], device=mask.device)  # (T,)
    last = place.masked_fill(~mask, 0).amax(1)  # (B, T) -> (B,): 0 also where nothing is real
    found = states[torch.arange(len(states), device=mask.device), last]  # (B, d)
    return found.masked_fill(~mask.any(1, keepdim=True), 0)


def read_packed(rnn: nn.RNNBase, words: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """A padded batch through nn.RNN, nn.LSTM or nn.GRU (`batch_first=True`) without its pads.

    words (B, T, d_in); mask (B, T) bool, True = real, the real words of a row first

    Returns the last layer's state at each word (B, T, D) and its last state (B, D), where D counts both directions:
    the forward reader's after the last word, then the backward reader's after the first. Pads, and rows without any
    word, are exact zeros. Raises ValueError where a pad stands before a word.
    """
    if (mask[:, 1:] & ~mask[:, :-1]).any():
        raise ValueError("a pad stands before a word; put the real words of each row first")
    lengths = mask.sum(1).clamp(min=1).cpu()  # packing wants lengths on the CPU, and at least 1
    packed = pack_padded_sequence(words, lengths, batch_first=True, enforce_sorted=False)
    out, hidden = rnn(packed)
    states, _ = pad_packed_sequence(out, batch_first=True, total_length=words.shape[1])  # (B, T, D)
    h = hidden[0] if isinstance(hidden, tuple) else hidden  # (layers * directions, B, d)
    last = torch.cat([h[-2], h[-1]], dim=-1) if rnn.bidirectional else h[-1]  # (B, D)
    return states.masked_fill(~mask[..., None], 0), last.masked_fill(~mask.any(1, keepdim=True), 0)


class _Recurrent(nn.Module):
    """Word vectors, then a recurrent network; the sentence's vector is its last state.

    Parameters
        vocabulary  how many words there are; number 0 is padding
        d           features of the sentence's vector and of each word's state
        words       features of a word vector; d unless given
        both        read in both directions, with d / 2 features each
        layers      one network upon another

    forward(ids (B, T) long, mask (B, T) bool) -> Encoded. A sentence without words is exact zeros.
    Raises ValueError for an odd d where `both` is asked for.
    """

    network: type[nn.RNN] | type[nn.GRU] | type[nn.LSTM]

    def __init__(self, vocabulary: int, d: int = 64, *, words: int | None = None, both: bool = False, layers: int = 1):
        super().__init__()
        if both and d % 2:
            raise ValueError(f"{d} features can't be shared by two directions: choose an even d")
        self.vectors = nn.Embedding(vocabulary, words or d, padding_idx=0)
        size = d // 2 if both else d
        self.rnn = self.network(words or d, size, layers, batch_first=True, bidirectional=both)

    def forward(self, ids: Tensor, mask: Tensor) -> Encoded:
        states, last = read_packed(self.rnn, self.vectors(ids), mask)  # (B, T) -> (B, T, d), (B, d)
        return Encoded(last, states, mask)


class RNNEncoder(_Recurrent):
    """Word vectors, then a plain recurrent network (Elman 1990); parameters and shapes as in _Recurrent, above."""

    network = nn.RNN


class GRUEncoder(_Recurrent):
    """Word vectors, then a GRU (Cho et al. 2014, arXiv:1406.1078); parameters and shapes as in _Recurrent, above."""

    network = nn.GRU


class LSTMEncoder(_Recurrent):
    """Word vectors, then an LSTM; the sentence's vector is its last state.

    The forget gates start open: their bias is 1, so that at first a state is kept rather than lost (Gers et al. 2000;
    Jozefowicz, Zaremba & Sutskever 2015). Parameters and errors as in _Recurrent, above, and

        forget  the forget gates' bias at the start; torch's own is about 0

    forward(ids (B, T) long, mask (B, T) bool) -> Encoded. A sentence without words is exact zeros.
    """

    network = nn.LSTM
    rnn: nn.LSTM

    def __init__(self, vocabulary: int, d: int = 64, *, forget: float = 1.0, **options):
        super().__init__(vocabulary, d, **options)
        open_forget_gates(self.rnn, forget)


@torch.no_grad()
def open_forget_gates(lstm: nn.LSTM, bias: float = 1.0) -> None:
    """Sets the bias of every forget gate of an nn.LSTM to `bias`, the sum of torch's two."""
    d = lstm.hidden_size
    for name, weights in lstm.named_parameters():
        if name.startswith("bias_"):
            weights[d : 2 * d] = bias if name.startswith("bias_ih") else 0  # gates i, f, g, o: f is the second
