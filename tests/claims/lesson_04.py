# What lesson 04 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = live

# Not long enough: people praise, the bag condemns, and both 'problem' and 'long' vote against the film.
assert people > 1 and chance < 0.2
assert all(votes[said.index(word)] < 0 for word in ("problem", "long"))
assert (chances[0] - chances[1]).abs() < 1e-6

# The article's text encoder: an error from a string; from words, the number 0 for 'not' and a vector.
assert outcome == "c"
assert from_words[0] == 0 and from_words[1].shape == (33,)

# Words as vectors: kinds of words, not praise.
assert near["good"][0] == "bad" and near["funny"][0] == "dull"
assert near["comedy"][0] == "drama" and near["two"][0] == "three" and near["woman"][0] == "man"
assert at_first == 0 < after and gradient == 0

# A mean that ignores padding: shorter and shorter, and always the same.
assert all(a > b for a, b in zip(lengths_by_pads["mean(1)"], lengths_by_pads["mean(1)"][1:]))
assert max(lengths_by_pads["masked_mean"]) - min(lengths_by_pads["masked_mean"]) < 1e-4
assert half.sum(1).isinf().all() and masked_mean(half, half[..., 0] > 0).item() == 40

# A state that is carried along; what reaches the first word.
assert apart > 0.05 > 1e-5 > (means[0] - means[1]).norm()
assert share < 1e-3 and 0.3 < keeps < 0.7

# Gates: only a bias of 3 brings a tenth through 20 words; torch's own is hardly better off than the RNN.
assert shares["LSTM, bias 3"][1] > 0.1 > shares["LSTM, bias 1"][1] > shares["LSTM, bias 0"][1] > shares["RNN"][1]
assert 0.4 < shares["LSTM, bias 0"][1] ** (1 / 19) < 0.7

# The claim on memory, in every kept seed: what little reaches is not learnt, and what reaches is.
assert len(kept) >= 5 and "5" not in kept
for name in NETWORKS:
    for T, reaches in zip((10, 20, 40), shares[name]):
        for run in kept.values():
            if reaches > 5e-3:
                assert run[f"{T} words, {name}"] > 0.95
            elif reaches < 5e-4:
                assert run[f"{T} words, {name}"] < 0.6

# Where does the reading end: pads change out[:, -1], and not the state at the last word.
assert not torch.allclose(out_at_end, alone[0, -1], atol=1e-2)
assert list(agrees.values()) == [True, False, True]

# What order is worth: about as many weights each; no reader leads the bag; the gated ones lose by shuffling; the RNN is last.
assert max(weights.values()) < 1.02 * min(weights.values())
assert mean["bag of words: test"] > max(positive, 1 - positive) + 0.2
for name in ("GRU", "LSTM", "LSTM, both ways"):
    assert mean[f"{name}: test"] < mean["bag of words: test"] + 0.01
    assert abs(mean[f"{name}: test"] - mean["bag of words: test"]) < 0.05
    assert mean[f"{name}: test"] > mean[f"{name}: shuffled"] + 0.005
    assert mean[f"{name}: shuffled"] > mean[f"{name}: test"] - 0.06
    assert mean[f"{name}: test"] > mean["RNN: test"] + 0.02
    assert mean[f"{name}: negated"] < mean["bag of words: negated"] + 0.01
assert all(run["bag of words: test"] == run["bag of words: shuffled"] for run in kept.values())
assert -0.03 <= lead <= 0.03

# Where it breaks: on tweets all of them are worse than always saying 'positive'; more words are unknown.
assert best < commoner
assert unknown["tweets"] > 1.5 * unknown["reviews"]
