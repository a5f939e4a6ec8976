# What lesson 02 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = live

# Moved a little: a perceptron's own training pictures, moved, are worth no more than the commonest group.
assert moved <= commonest + 0.03 < 0.3 < 0.55 < known
assert len(shown) == 6

# What fit does: ln 9 before any step; the loss falls.
assert abs(first - math.log(9)) < 0.2
assert mine == sorted(mine, reverse=True)

# Beside what: an interval of about five points either way; both models far above the commonest group.
assert 0.03 < widths["linear"] < 0.08
assert all(float(row[1]) > 0.4 for row in rows_of_baselines[1:]) and rows_of_baselines[0][1] < 0.2
assert flags_auroc > 0.85 and never > 0.8
assert trap == 0.5 < right_one < 1

# One small window: the map moves along.
assert along < 1e-4 < 0.1 < stays

# Fields: stride low down widens most; the rule's square is what a region depends on, and its middle counts most.
assert seen == {"a": 7, "b": 15, "c": 7}
assert len(rows_seen) == len(columns_seen) == field == 22 and step == 8
assert 0.35 < core < 0.75

# Keep the largest: one pixel costs more than four; the perceptron falls with the distance; the flags lose most.
assert near < far - 0.05 and at[0] - near > 0.06 and far > at[0] - 0.08
middle = shifts.index(0)
assert all(curves["MLP"][middle] > curves["MLP"][middle + s * 2] > curves["MLP"][middle + s * 6] for s in (-1, 1))
assert train.classes[worst] == "Flags"
assert alike["these"] > 0.85 and alike["all others"] < 0.15
assert per_group[0][worst] > 0.75 and per_group[1][worst] < 0.5 and per_group[4][worst] > per_group[1][worst] + 0.2

# Batch norm: random order is near eval, the file's order and single drawings are not.
assert like and worse
assert modes["train mode, one at a time"] < modes["eval"] - 0.2

# One vector, or a set.
assert outcome == "b" and tuple(tokens.shape) == (2, 49, 2048)
assert int(encoded.mask.sum()) == 8

# Does sharing pay? In every kept seed and in this run.
assert len(kept) >= 5 and "5" not in kept
for run in [*kept.values(), live]:
    lost_by = {n: run[f"{n}, middle"] - run[f"{n}, anywhere"] for n in names}
    assert lost_by["CNN, nudged"] < 0.1
    assert all(lost_by[f"{n}, {h}"] > 0.15 for n in ("linear", "MLP") for h in NUDGES)
    assert all(run[f"{n}, {h}, anywhere"] < 0.32 for n in ("linear", "MLP") for h in NUDGES)
    assert lost_by["CNN, still"] > lost_by["CNN, nudged"] + 0.02
    assert run["CNN, nudged, anywhere"] > 0.42
assert mean_of["CNN, still, middle"] > mean_of["CNN, nudged, middle"] > mean_of["CNN, nudged, anywhere"]
assert weights["CNN"] < weights["linear"] < 2 * weights["CNN"] and 7 < weights["MLP"] / weights["CNN"] < 9.5

# Where it breaks: a mirror costs little; turning, size and colour cost a lot, colour most.
assert broken["mirrored"] > broken["as they are"] - 0.06
hard = ("turned by 90 degrees", "half as large", "in grey", "colours inverted")
assert all(broken[name] < broken["as they are"] - 0.08 for name in hard)
assert max(broken["in grey"], broken["colours inverted"]) < broken["turned by 90 degrees"]
