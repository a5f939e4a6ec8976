"""Recurrent text encoders: cells by hand are torch's, pads are never read, order and device are kept."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from mmcourse.checking.draw import Draw
from mmcourse.checking.watch import OneDevice, to_meta
from mmcourse.show.through_time import _told, reach
from mmcourse.text import GRUEncoder, LSTMEncoder, RNNEncoder, masked_max, masked_mean
from mmcourse.text.cells import gru_cell, lstm_cell, read, rnn_cell
from mmcourse.text.flow import through_time
from mmcourse.text.rnn import last_state, open_forget_gates, read_packed
from mmcourse.text.vectors import cooccurrences, embedding, nearest, ppmi, svd_vectors

CELLS = {"rnn": (rnn_cell, nn.RNNCell), "lstm": (lstm_cell, nn.LSTMCell), "gru": (gru_cell, nn.GRUCell)}
NETWORKS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
ENCODERS = [RNNEncoder, LSTMEncoder, GRUEncoder]


def leaves(value) -> list[Tensor]:
    return [value] if isinstance(value, Tensor) else [x for part in value for x in leaves(part)]


def same(a, b, *inputs: Tensor) -> None:
    """Values and gradients, of one tensor or of several."""
    for x, y in zip(leaves(a), leaves(b), strict=True):
        torch.testing.assert_close(x, y, rtol=1e-9, atol=1e-9)
    weigh = [torch.arange(1, x.numel() + 1, dtype=x.dtype).view_as(x) for x in leaves(a)]
    mine, theirs = (
        torch.autograd.grad(
            sum((w * x).sum() for w, x in zip(weigh, leaves(out), strict=True)), inputs, retain_graph=True
        )
        for out in (a, b)
    )
    for x, y in zip(mine, theirs, strict=True):
        torch.testing.assert_close(x, y, rtol=1e-9, atol=1e-9)


def cell(kind: str, d_in: int = 5, d: int = 3) -> tuple[nn.Module, list[Tensor]]:
    """torch's cell in float64, with weights of any sign and size, and those weights in our cells' order."""
    theirs = CELLS[kind][1](d_in, d).double()
    theirs.load_state_dict(Draw(3).module(theirs))
    return theirs, [theirs.weight_ih, theirs.weight_hh, theirs.bias_ih, theirs.bias_hh]


def state_of(kind: str, draw: Draw, batch: int, d: int = 3):
    h, c = (draw.normal(batch, d).requires_grad_() for _ in range(2))
    return (h, c) if kind == "lstm" else h


class TestCells:
    @pytest.mark.parametrize("kind", CELLS)
    @pytest.mark.parametrize("batch", [1, 4])
    def test_by_hand_is_torchs(self, kind, batch):
        draw = Draw(0)
        theirs, weights = cell(kind)
        x, state = draw.normal(batch, 5).requires_grad_(), state_of(kind, draw, batch)
        same(CELLS[kind][0](x, state, *weights), theirs(x, state), x, *leaves(state), *weights)

    def test_the_other_gru_is_another_function(self):
        """Cho et al.'s r closes h before the product: not what torch's weights mean, even without biases."""
        theirs, (w_ih, w_hh, b_ih, b_hh) = cell("gru")
        x, h = Draw(0).normal(2, 5), Draw(1).normal(2, 3)
        r, z = torch.sigmoid(x @ w_ih[:6].T + h @ w_hh[:6].T).chunk(2, -1)
        n = (x @ w_ih[6:].T + (r * h) @ w_hh[6:].T).tanh()
        nothing = torch.zeros_like(b_ih)
        assert not torch.allclose((1 - z) * n + z * h, gru_cell(x, h, w_ih, w_hh, nothing, nothing), atol=1e-3)

    @pytest.mark.parametrize("kind", CELLS)
    @pytest.mark.parametrize("backwards", [False, True])
    @pytest.mark.parametrize("lengths", [(4, 4, 4), (2, 5, 1), (0, 3, 5), (3,)])
    def test_a_loop_over_the_cell_is_the_packed_network(self, kind, backwards, lengths):
        draw = Draw(1)
        one, weights = cell(kind)
        network = NETWORKS[kind](5, 3, batch_first=True, bidirectional=True).double()
        side = "_reverse" if backwards else ""
        network.load_state_dict(
            {**Draw(9).module(network), **{f"{name}_l0{side}": value for name, value in one.state_dict().items()}}
        )
        words, mask = draw.normal(len(lengths), max(lengths), 5).requires_grad_(), draw.mask(*lengths)
        zeros = torch.zeros(len(lengths), 3, dtype=torch.float64)
        start = (zeros, zeros) if kind == "lstm" else zeros
        states, end = read(lambda x, s: CELLS[kind][0](x, s, *weights), words, mask, start, backwards)
        half = slice(3, 6) if backwards else slice(0, 3)
        packed, last = read_packed(network, words, mask)
        same([states, leaves(end)[0]], [packed[..., half], last[:, half]], words)


class TestPacked:
    @pytest.mark.parametrize("kind", NETWORKS)
    @pytest.mark.parametrize("options", [{}, {"bidirectional": True}, {"num_layers": 2, "bidirectional": True}])
    def test_is_torchs_own(self, kind, options):
        """Against h_n and the padded outputs that torch gives when it is told the lengths, in another order."""
        draw = Draw(2)
        network = NETWORKS[kind](5, 3, batch_first=True, **options).double()
        network.load_state_dict(draw.module(network))
        words, mask = draw.normal(3, 6, 5).requires_grad_(), draw.mask(2, 6, 4)
        order = torch.tensor([1, 2, 0])  # longest first
        packed = pack_padded_sequence(words[order], torch.tensor([6, 4, 2]), batch_first=True)
        out, hidden = network(packed)
        padded, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True)
        h = hidden[0] if kind == "lstm" else hidden
        ends = torch.cat(list(h[-2:]), -1) if options.get("bidirectional") else h[-1]
        back = order.argsort()
        same(list(read_packed(network, words, mask)), [padded[back], ends[back]], words)

    @pytest.mark.parametrize("encoder", ENCODERS)
    @pytest.mark.parametrize("both", [False, True])
    def test_pads_and_neighbours_have_no_say(self, encoder, both):
        draw = Draw(0)
        model = encoder(20, 6, both=both, layers=2).double()
        ids, mask = draw.integers(1, 20, 4, 7), draw.mask(3, 7, 0, 1)
        out = model(ids, mask)
        junk = ids.masked_fill(~mask, 13)
        for a, b in zip(out, model(junk, mask), strict=True):
            assert a.equal(b)
        for row, length in enumerate((3, 7, 0, 1)):
            alone = model(ids[row : row + 1, : max(length, 1)], mask[row : row + 1, : max(length, 1)])
            torch.testing.assert_close(alone.vector[0], out.vector[row], rtol=1e-9, atol=1e-9)
            torch.testing.assert_close(alone.tokens[0, :length], out.tokens[row, :length], rtol=1e-9, atol=1e-9)
        assert [tuple(part.shape) for part in out] == [(4, 6), (4, 7, 6), (4, 7)]

    @pytest.mark.parametrize("encoder", ENCODERS)
    def test_a_sentence_without_words_is_exact_zeros_with_finite_gradients(self, encoder):
        model = encoder(9, 4)
        out = model(torch.zeros(2, 1, dtype=torch.long), torch.zeros(2, 1, dtype=torch.bool))
        assert out.vector.eq(0).all()
        assert out.tokens.eq(0).all()
        (out.vector.sum() + out.tokens.sum()).backward()
        assert all(p.grad is None or p.grad.isfinite().all() for p in model.parameters())

    def test_order_matters_here_and_not_in_a_bag(self):
        model, mask = LSTMEncoder(9, 4).double(), torch.ones(1, 2, dtype=torch.bool)
        one, other = (model(torch.tensor([ids]), mask) for ids in ([3, 5], [5, 3]))
        assert not torch.allclose(one.vector, other.vector)
        a, b = (masked_mean(model.vectors(torch.tensor([ids])), mask) for ids in ([3, 5], [5, 3]))
        torch.testing.assert_close(a, b)

    def test_a_pad_before_a_word_is_refused(self):
        mask = torch.tensor([[False, True]])
        with pytest.raises(ValueError, match="a pad stands before a word"):
            LSTMEncoder(9, 4)(torch.tensor([[0, 3]]), mask)

    def test_an_odd_number_of_features_has_no_halves(self):
        with pytest.raises(ValueError, match="choose an even d"):
            GRUEncoder(9, 5, both=True)

    def test_forget_gates_start_open(self):
        lstm = nn.LSTM(3, 2, num_layers=2, bidirectional=True)
        before = {name: value.detach().clone() for name, value in lstm.named_parameters()}
        open_forget_gates(lstm, 1.5)
        for name, value in lstm.named_parameters():
            if name.startswith("bias_"):
                assert value[2:4].eq(1.5 if "_ih" in name else 0).all()
                assert value[[0, 1, 4, 5, 6, 7]].equal(before[name][[0, 1, 4, 5, 6, 7]])
            else:
                assert value.equal(before[name])


class TestPooling:
    def test_last_state_is_h_n(self):
        draw = Draw(4)
        network = nn.GRU(5, 3, batch_first=True).double()
        words, mask = draw.normal(4, 6, 5).requires_grad_(), draw.mask(2, 6, 0, 1)
        states, last = read_packed(network, words, mask)
        same(last_state(states, mask), last, words)

    @pytest.mark.parametrize("scale", [1.0, -1.0])
    def test_masked_max_is_torchs_on_each_row_alone(self, scale):
        draw = Draw(5)
        x, mask = (draw.normal(3, 5, 4).abs() * scale).requires_grad_(), draw.mask(2, 5, 1)
        same(masked_max(x, mask), torch.stack([x[b, :n].amax(0) for b, n in enumerate((2, 5, 1))]), x)

    @pytest.mark.parametrize("pool", [masked_mean, masked_max])
    def test_of_nothing_is_zero_and_its_gradient_too(self, pool):
        x, mask = Draw(6).normal(2, 3, 4).requires_grad_(), Draw(6).mask(0, 3)
        out = pool(x, mask)
        (grad,) = torch.autograd.grad(out.sum(), x)
        assert out[0].eq(0).all()
        assert grad[0].eq(0).all()
        assert grad.isfinite().all()

    def test_half_precision_is_added_up_in_single(self):
        x, mask = torch.full((1, 3000, 2), 40.0, dtype=torch.float16), torch.ones(1, 3000, dtype=torch.bool)
        out = masked_mean(x, mask)
        assert out.dtype == torch.float16
        assert out.eq(40).all()
        assert x.sum(1).isinf().all(), "what the other order would do"

    @pytest.mark.parametrize("name", ["masked_max", "last_state", "rnn_cell", "gru_cell", "lstm_cell", "read"])
    def test_stays_on_the_device_of_its_inputs(self, name):
        """Meta tensors stand in for a GPU, as in tests/test_references.py. (Packing needs values: not judged.)"""
        draw = Draw(0)
        x, h, mask = draw.normal(2, 5), draw.normal(2, 3), draw.mask(1, 4)
        tokens = draw.normal(2, 4, 5)
        gates = {"rnn_cell": 1, "lstm_cell": 4}.get(name, 3)
        weights = [draw.normal(gates * 3, 5), draw.normal(gates * 3, 3), draw.normal(gates * 3), draw.normal(gates * 3)]
        run, args = {
            "masked_max": (masked_max, [tokens, mask]),
            "last_state": (last_state, [tokens, mask]),
            "rnn_cell": (rnn_cell, [x, h, *weights]),
            "gru_cell": (gru_cell, [x, h, *weights]),
            "lstm_cell": (lambda x, h, *w: lstm_cell(x, (h, h), *w)[0], [x, h, *weights]),
            "read": (
                lambda tokens, mask, h, *w: read(lambda x, s: gru_cell(x, s, *w), tokens, mask, h)[0],
                [tokens, mask, h, *weights],
            ),
        }[name]
        there = [to_meta(a).requires_grad_(a.is_floating_point()) for a in args]
        with OneDevice():
            out = run(*there)
            assert out.is_meta
            out.sum().backward()


class TestWordVectors:
    IDS = torch.tensor([[2, 3, 4, 2], [3, 2, 0, 0], [4, 1, 3, 0]])
    MASK = torch.tensor([[True] * 4, [True, True, False, False], [True, True, True, False]])

    @pytest.mark.parametrize("window", [1, 2, 9])
    def test_cooccurrences_are_counted(self, window):
        expected = torch.zeros(5, 5)
        for row, real in zip(self.IDS.tolist(), self.MASK.tolist(), strict=True):
            for i, a in enumerate(row):
                for j, b in enumerate(row):
                    near = 0 < abs(i - j) <= window and real[i] and real[j]
                    expected[a, b] += near and a > 1 and b > 1
        assert cooccurrences(self.IDS, self.MASK, 5, window).equal(expected)

    def test_ppmi_is_its_definition(self):
        counts = cooccurrences(self.IDS, self.MASK, 5, 2).double()
        joint, one = counts / counts.sum(), counts.sum(1) / counts.sum()
        out = ppmi(counts)
        for a in range(5):
            for b in range(5):
                chance = one[a] * one[b]
                expected = max(0.0, (joint[a, b] / chance).log().item()) if joint[a, b] > 0 else 0.0
                assert out[a, b].item() == pytest.approx(expected)

    def test_svd_is_torchs_exact_one(self):
        half = Draw(0).normal(40, 6)
        matrix = half @ half.T  # of rank 6
        vectors = svd_vectors(matrix, 6)
        exact = torch.linalg.svd(matrix)
        best = (exact.U[:, :6] * exact.S[:6]) @ exact.U[:, :6].T
        torch.testing.assert_close((vectors @ vectors.T)[1:, 1:], best[1:, 1:])
        assert vectors[0].eq(0).all()
        state = torch.random.get_rng_state()
        assert svd_vectors(matrix, 6).equal(vectors)
        assert torch.random.get_rng_state().equal(state), "the global generator is left alone"

    def test_nearest_by_angle_not_by_length(self):
        vectors = torch.tensor([[0.0, 0.0], [1.0, 0.1], [0.0, 1.0], [50.0, 20.0], [0.1, 3.0]])
        assert nearest(vectors, 2, 2) == [4, 3]

    def test_the_padding_row_is_cleared_and_stays(self):
        vectors = Draw(0).normal(5, 3)
        table = embedding(vectors)
        assert table.weight[1:].equal(vectors[1:])
        table(torch.tensor([0, 2])).square().sum().backward()
        assert table.weight[0].eq(0).all()
        assert table.weight.grad[0].eq(0).all()
        assert table.weight.grad[2].ne(0).all()
        assert vectors[0].ne(0).all(), "what was given is left as it was"


class TestThroughTime:
    @pytest.mark.parametrize("kind", NETWORKS)
    def test_is_the_jacobians_norm(self, kind):
        rnn = NETWORKS[kind](4, 3, batch_first=True).double()
        words = Draw(0).normal(5, 4)

        def last(x):
            hidden = rnn(x[None])[1]
            return (hidden[0] if kind == "lstm" else hidden)[-1, 0]

        exact = torch.autograd.functional.jacobian(last, words)  # (3, 5, 4)
        torch.testing.assert_close(through_time(rnn, words), exact.norm(dim=(0, 2)))

    def test_open_forget_gates_reach_further(self):
        state = torch.random.get_rng_state()
        shares = [reach("LSTM", 20, bias)[0] for bias in (0.0, 1.0, 3.0)]
        assert shares[0] < shares[1] / 10 < shares[2] / 100
        assert torch.random.get_rng_state().equal(state)
        assert reach("RNN", 20)[-1] == 1

    def test_what_is_told_says_it_in_words(self):
        said = _told("LSTM", 20, 1.0)
        assert "LSTM, 20 words, forget bias +1.0: of the last word's gradient the first word has 1 part in" in said
        assert said.count("<rect") == 20
        assert "forget" not in _told("RNN", 20, 1.0)
