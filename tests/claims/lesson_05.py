# What lesson 05 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = live

# The same words, twice: well above the commonest label, and one number for two opposite sentences.
assert right > 0.78 > 0.6 > max(commonest, 1 - commonest)
assert same_chance < 1e-5

# Who shares one unit, and why divide by √d.
assert truth == "b"
assert largest["undivided", 256] > 0.9 > 0.45 > largest["divided by √d", 256]
assert abs(largest["divided by √d", 16] - largest["divided by √d", 1024]) < 0.1
assert pull["undivided", 1024] < 0.5 * pull["divided by √d", 1024]

# Masks: one way passes, and only a mask after the softmax loses part of the unit.
assert passing == ["-inf before the softmax"]
assert abs(sums["-inf before the softmax"] - 1) < 1e-5 < 1 - sums["times the mask after the softmax"]

# A row with nothing to look at: three answers; the first two ways differ in their gradients alone.
assert set(found.values()) == {"zeros", "nan", "the output's bias"}
assert list(finite.values()) == [True, False, True]

# Where a word stands, what runs through.
assert moves_along and same_mean
assert steps.max() < 1e-4
assert left["pre-norm"][-1] > left["post-norm, 2017"][-1] + 0.2

# Looking at heads; a wrong mask that scores well.
assert taken["on"] == 0 and taken["off"] > 0.2
assert wrong["with its mask"][1] < 1e-4 and wrong["with its mask"][2] == 0
assert wrong["without"][1] > 0.1 and wrong["without"][2] > 0
assert abs(gap) < 0.03

# Against the LSTM: the claim, in every kept seed and in this run.
assert len(kept) >= 5 and "5" not in kept
last = SIZES[-1]
for run in [*kept.values(), live]:
    assert run[f"direction, bag of words, {last}"] == 0.5
    for name in ("LSTM", "Transformer"):
        assert run[f"direction, {name}, {last}"] > 0.7
        assert abs(run[f"direction mixed up, {name}"] - 0.5) < 0.05
        assert run[f"sentiment, {name}, {last}"] < run[f"sentiment, bag of words, {last}"] + 0.01
    assert run["sentiment mixed up, bag of words"] == run[f"sentiment, bag of words, {last}"]
few = SIZES[0]
for task in TASKS:
    assert means[f"{task}, LSTM, {few}"] > means[f"{task}, Transformer, {few}"] + 0.01
    assert 0 < means[f"{task}, LSTM, {last}"] - means[f"{task}, Transformer, {last}"] < 0.04
assert means[f"sentiment, bag of words, {last}"] > means[f"sentiment, LSTM, {last}"] + 0.003
assert max(lost.values()) < 0.03
assert max(weights.values()) / min(weights.values()) < 1.02

# The first word alone is about as good as a reader; without the ends of sentences, readers lose most of their lead.
assert alone["first word"] > 0.68
assert alone["first word"] > min(live[f"direction, {name}, {last}"] for name in ("LSTM", "Transformer")) - 0.05
for name in ("LSTM", "Transformer"):
    assert alone[name] - 0.5 < 0.5 * (live[f"direction, {name}, {last}"] - 0.5)

# The start: large words help the LSTM at direction, keep the Transformer from it, and help nobody at sentiment.
at = {name: [f"{task}, {name}, {last}" for task in TASKS] for name in READERS}
assert means[f"torch's start: {at['LSTM'][1]}"] > means[at["LSTM"][1]] + 0.03
assert means[f"torch's start: {at['Transformer'][1]}"] < 0.6
assert all(means[f"torch's start: {key}"] < means[key] - 0.01 for key, _ in at.values())
