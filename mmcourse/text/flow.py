"""How much the last state still feels of each word: the gradient through time."""

import torch
from torch import Tensor, nn


def through_time(rnn: nn.RNNBase, words: Tensor) -> Tensor:
    """|∂h_T/∂x_t| for each word of one sentence: the Frobenius norm of a (d, d_in) matrix. (T, d_in) -> (T,).

    rnn   nn.RNN, nn.LSTM or nn.GRU with `batch_first=True`; of several layers or directions the last one is asked

    One backward pass gives all rows of all T matrices: d copies of the sentence are read, and of copy k the state's
    feature k is asked.
    """
    copies = words.detach().expand(rnn.hidden_size, *words.shape).clone().requires_grad_()  # (d, T, d_in)
    _, hidden = rnn(copies)
    last = (hidden[0] if isinstance(hidden, tuple) else hidden)[-1]  # (d copies, d features)
    (grad,) = torch.autograd.grad(last.diagonal().sum(), copies)  # (d, T, d_in)
    return grad.norm(dim=(0, 2))
