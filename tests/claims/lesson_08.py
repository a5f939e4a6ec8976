# What lesson 08 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = live

# Two colours change places: the same mean, the same answer, the other colours ruled out, half right in training.
assert same and answers[0] == answers[1]
assert ruled_out < 0.1
assert half == 0.5

# Every region with every word: only the joint softmax leaves out a word and a region.
assert gives_nothing == ["one unit for all pairs"]

# Both masks: without one of them pads get a share; hidden too late, nothing is left.
assert lost["both"] == [0, 0]
assert min(lost["no mask"]) > 0.05
assert lost["regions only"][0] > 0.05 < lost["words only"][1]
assert lost["regions only"][1] == lost["words only"][0] == 0
assert after.sum() == 0 and abs(before.sum() - 1) < 1e-6
assert finite

# Without the big tensor: a fraction of the memory.
assert 10 < times < 20
assert held["fused"] < held["by_einsum"] / 5

# What a score can see: two of six, all six, all six; a low-rank score has the rank that it says.
assert reached == {"a b": 2, "a b - a² / 2": 6, "two numbers each": 6}
assert seen_ranks == [1, 2, 4, 8]

# Its relatives: co-attention's weights have rank 1, the others' more; jointly, words share unequally.
assert map_ranks["co-attention"] == 1 < min(map_ranks["cross-attention"], map_ranks["bilinear attention"])
assert to_words[3] < 0.02 < max(to_words)

# Who has which colour: attention tells the twins apart.
assert answered == twin_labels
assert all(row[0] > 0.6 for row in lion_and_snake)

# On given regions, in every kept seed and in this run: what starts from the mean at one half, what reads regions near 1.
assert len(kept) >= 5 and "5" not in kept
pooled_ways = [name for name in live if name.startswith("pooled")]
looking = ("co-attention", "cross-attention", "bilinear attention")
assert len(pooled_ways) == 3 and stuck == pooled_ways
for run in [*kept.values(), live]:
    assert all(abs(run[name] - 0.5) < 0.03 for name in [*pooled_ways, "picture alone", "text alone"])
    assert all(run[name] > 0.97 for name in looking)
rates = task.rates()
assert abs(rates["pooled"].accuracy - 0.5) < 1e-9 < rates["additive"].accuracy - 0.5
assert abs(rates["full"].accuracy - 1) < 1e-9 < 1 - rates["additive"].accuracy

# From pixels, in every kept seed: attention is ahead by far, and the others get far as well, slowly, and stay below.
assert len(ends) >= 5
for run in ends.values():
    for way in ("pooled, product", "pooled, concat"):
        assert run[f"{way}, 500 steps"] < 0.45 < 0.65 < run["attention, 500 steps"]
        assert run[f"{way}, 6000 steps"] > run[f"{way}, 750 steps"] + 0.2
        assert run[f"{way}, 6000 steps"] - run[f"{way}, 4000 steps"] < 0.1
        assert run[f"{way}, 6000 steps"] < run["attention, 2000 steps"] - 0.03
        assert run[f"{way}, 1000 steps"] < run["attention, 1000 steps"] - 0.15
    assert run["attention, 1000 steps"] > 0.85
    assert run["pooled, product, 6000 steps"] > 0.8 and run["pooled, concat, 6000 steps"] > 0.6
assert climbing and behind

# Where it looked: it answers, the name has nearly all attention, the peak is in the box more often than by chance and
# less often than the answer is right.
assert known > 0.95
assert by_name > 0.9
assert 0.5 < hit < known - 0.05
assert 0.1 < counts[1][0] / 1000 < 0.4
assert len(found) > 18 and 3 <= len(missed) < 13 and answered_anyway > 0.9

# The whole ladder: each column as it is told.
average_of = {task: {r: average[r, task] for r in RUNGS} for task in TASKS}
views, xor, binding = (average_of[task] for task in ("two-views", "xor", "binding"))
assert views["bilinear"] < 0.6 and all(v > 0.9 for r, v in views.items() if r != "bilinear")
low = {r for r, v in xor.items() if v < 0.6}
assert low == {"concatenation", "late", "co-attention"}
looks_at_regions = {"FiLM", "co-attention", "cross-attention", "both ways", "latents (Perceiver)"}
looks_at_regions |= {"bilinear attention (BAN)"}
assert {r for r, v in binding.items() if v > 0.6} == looks_at_regions
assert all(v > 0.95 for r, v in binding.items() if r in looks_at_regions)
assert whole and set(whole) < looks_at_regions
assert min(costs[r].operations for r in whole) > 2 * costs["product"].operations
assert again > 0.97

# Where it breaks: a pooling that looks; thin scores; a map that is moved.
assert smuggled > 0.97
assert two[:2].sum() > 0.9 and two[2:].max() < 0.05 and agree > 0.97
assert thin[1] < 0.9 and thin[1] < thin[16] and thin[16] > 0.97
own, beside_it = ({name: (a == what).double().mean().item() for name, a in new_answers.items()}
                  for what in (new.labels, beside))
assert abs(own["as it is"] - known) < 0.005
assert own["within the cell"] > known - 0.05
assert beside_it["to the next cell"] > 0.75 and own["to the next cell"] < 0.15
assert own["even"] < 0.45
assert spoken > hit + 0.1 and spoken > 0.95
assert weight < 0.25
assert told_by["its own"] > 0.9 and told_by["the true box alone"] > 0.9 and told_by["without the true box"] < 0.3
