# What lesson 03 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = score | {f"plain {layers}": right[layers] for layers in DEPTHS}
sample |= {f"residual {layers}": right[f"residual {layers}"] for layers in DEPTHS}

# Deeper and worse: the deepest plain net knows its own pictures worst, in this run and in every kept seed.
assert right[34] < min(right[6], right[18])
assert weights[34] > 3 * weights[6]
assert len(lost) == 5
assert len(kept) >= 5 and "5" not in kept
for run in kept.values():
    assert run["plain 34"] < run["plain 6"] - 0.05
    assert run["plain 34"] < run["plain 18"]

# A road around: with the shortcut the deep nets are ahead of the shallow one.
assert min(right["residual 18"], right["residual 34"]) > right["residual 6"]
for run in kept.values():
    assert run["residual 34"] > run["plain 34"] + 0.1
    assert run["residual 34"] > run["residual 6"] - 0.05
average = {name: sum(values) / len(values) for name, values in runs.items()}
assert average["residual 34"] > average["residual 6"] + 0.03
assert average["plain 34"] < average["plain 18"] < average["plain 6"] + 0.02

# What the gradient meets: it explodes in the plain net, by far, and hardly in the residual one.
assert ratio["plain"] > 10 > ratio["residual"]
# ... and turns into noise; with the shortcut the agreement hardly falls.
assert ways["plain", 4][1] > 0.9 and ways["residual", 4][1] > 0.9
assert all(abs(ways["plain", n][1]) < 0.2 for n in (34, 50))
assert all(ways["residual", n][1] > 0.8 for n in LAYERS)
plain_agree = [ways["plain", n][1] for n in LAYERS]
assert plain_agree == sorted(plain_agree, reverse=True)
# ... one block out: the plain net loses more.
assert minus["plain"] > 2 * minus["residual"]

# Stages.
assert encoded.tokens.shape == (1, 49, 512)
assert tuple(grids["stem"].shape[2:]) == (56, 56)

# Borrowed eyes: two and a near miss, or three, on the right scale; none on the wrong one; a wrong scale leaves next to nothing.
named = [text.split("\n")[0] for text in says(three)]
assert named[:2] == ["soccer ball", "balloon"] and named[2] in ("violin", "cello")
assert not any(same)
proper = cost["as Lite0 wants them, 0 to 255"]
assert proper > majority + 0.08
assert cost["0 to 1"] < proper - 0.08
assert cost["torchvision's scale"] < proper - 0.05
assert abs(cost["blue and red exchanged"] - proper) < 0.08

# Frozen, and moving: no weight, and statistics; neighbours count in training mode.
assert went and not learnt
assert alike["training mode"] < 0.8 < 0.999 < alike["eval mode"]
assert moved(frozen, before) == []

# Look once.
assert again.equal(vectors)
assert read < encoded_in / 5

# What labels cost: the claim, on the kept means; the probe is ahead in this run as well.
for n in said:
    assert means[f"linear probe, {n}"] > means[f"own CNN, {n}"] + 0.03
    assert score[f"linear probe, {n}"] > score[f"own CNN, {n}"]
assert means["linear probe, 10"] > means["own CNN, 40"] - 0.01
assert means["linear probe, all"] < 0.7
for n in said:
    assert abs(means[f"last layer tuned, {n}"] - means[f"linear probe, {n}"]) < 0.05
for n in (10, 40):
    assert means[f"tuned, not still, {n}"] < means[f"last layer tuned, {n}"] - 0.01
assert reached in ([40, "all"], ["all"], [])

# Where it breaks.
assert found["pixels"] > 0.95 and found["Lite0's 9 regions"] > 0.9
assert 0.35 < found["Lite0's vector"] < found["Lite0's 9 regions"] - 0.2
