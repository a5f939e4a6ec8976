"""One step of a recurrent network, by hand, and a sentence read with it step by step.

Weights are laid out as torch's nn.RNNCell, nn.LSTMCell and nn.GRUCell lay them out, so that theirs can be used here:
`w_ih` (G d, d_in), `w_hh` (G d, d), `b_ih` and `b_hh` (G d), where G is 1, 4 and 3, one block for each gate.
"""

from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

State = TypeVar("State", Tensor, tuple[Tensor, Tensor])  # h, or for an LSTM (h, c); each (B, d)


def rnn_cell(x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """h' = tanh(W x + b + U h + b'): a word (B, d_in) and a state (B, d) -> the next state (B, d). (Elman 1990)"""
    return (linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)).tanh()  # (B, d_in), (B, d) -> (B, d)


def lstm_cell(
    x: Tensor, state: tuple[Tensor, Tensor], w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor
) -> tuple[Tensor, Tensor]:
    """A word (B, d_in) and (h, c), each (B, d) -> the next (h, c). Gates in torch's order: i, f, g, o.

    Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; the forget gate: Gers, Schmidhuber & Cummins 2000,
    doi:10.1162/089976600300015015.
    """
    h, c = state
    i, f, g, o = (linear(x, w_ih, b_ih) + linear(h, w_hh, b_hh)).chunk(4, -1)  # (B, 4 d) -> 4 times (B, d)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()  # keep some of what was known, write some of what is new
    return o.sigmoid() * c.tanh(), c


def gru_cell(x: Tensor, h: Tensor, w_ih: Tensor, w_hh: Tensor, b_ih: Tensor, b_hh: Tensor) -> Tensor:
    """A word (B, d_in) and a state (B, d) -> the next state (B, d). Gates in torch's order: r, z, n.

    As torch has it, r closes U h + b' after the product. Cho et al. 2014, arXiv:1406.1078, close h before it,
    U (r h), which is another function of the same weights.
    """
    xr, xz, xn = linear(x, w_ih, b_ih).chunk(3, -1)  # (B, 3 d) -> 3 times (B, d)
    hr, hz, hn = linear(h, w_hh, b_hh).chunk(3, -1)
    r, z = (xr + hr).sigmoid(), (xz + hz).sigmoid()
    n = (xn + r * hn).tanh()
    return (1 - z) * n + z * h


def read(
    step: Callable[[Tensor, State], State], words: Tensor, mask: Tensor, state: State, backwards: bool = False
) -> tuple[Tensor, State]:
    """A padded batch, read word by word; at a pad the state stays as it is.

    step       (x (B, d_in), state) -> state, such as a cell with its weights
    words      (B, T, d_in); mask (B, T) bool, True = real
    backwards  from the last word to the first

    Returns the state h after each word (B, T, d), zeros at pads, and the state after the last word read.
    """
    seen: list[Tensor] = []
    steps = range(words.shape[1])
    for t in reversed(steps) if backwards else steps:
        real, new = mask[:, t, None], step(words[:, t], state)  # (B, 1), (B, d)
        if isinstance(new, tuple):
            (h, c), (h_before, c_before) = new, state
            state = torch.where(real, h, h_before), torch.where(real, c, c_before)
        else:
            state = torch.where(real, new, state)
        h = state[0] if isinstance(state, tuple) else state
        seen.append(h.masked_fill(~real, 0))
    return torch.stack(seen[::-1] if backwards else seen, dim=1), state  # (B, T, d)


class BothWays(nn.Module):
    """Two readers with weights of their own, one from the left, one from the right, each an nn.GRUCell.

    forward(words (B, T, d_in), mask (B, T) bool) -> (B, 2 d): the first reader's state after the last word, then the
    second's after the first word. A sentence without words is exact zeros. (Schuster & Paliwal 1997)
    """

    def __init__(self, d_in: int, d: int):
        super().__init__()
        self.there, self.back = nn.GRUCell(d_in, d), nn.GRUCell(d_in, d)

    def forward(self, words: Tensor, mask: Tensor) -> Tensor:
        start = words.new_zeros(len(words), self.there.hidden_size)  # (B, d)
        ends = (read(cell, words, mask, start, back)[1] for cell, back in ((self.there, False), (self.back, True)))
        return torch.cat(list(ends), dim=-1)  # (B, 2 d)
