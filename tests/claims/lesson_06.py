# What lesson 06 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = live | {f"emoji, {name}": value for name, value in live_emoji.items()}

# Does the word fit: a shrug from concatenation, four of four from a product.
assert undecided
assert ((chance > 0.9) == fits.bool()).all() and ((chance < 0.1) == ~fits.bool()).all()

# Two votes: at most three, and never below ln 2.
assert most == 3
assert abs(least - ln2) < 1e-6 < least_with_most - least

# More data: a sum's two curves close on ln 2 from below and above; a product's test curve falls to near the least.
assert by_concat[0][0] < ln2 - 0.05 < ln2 + 0.1 < by_concat[0][1]
assert all(abs(loss - ln2) < 0.02 for loss in by_concat[-1])
assert closer
assert floor <= by_product[-1][1] + 0.005 < floor + 0.05
assert by_product[0][1] > by_product[-1][1]

# One product: a sum's lines are parallel and nearly flat, a product's turn.
assert gap.std() < 1e-3 < gap.abs().mean()
assert all(abs(slopes["[f; g]", text]) < 0.1 for text in ("as it is", "turned round"))
assert slopes["U f ∘ V g", "as it is"] > 1 and slopes["U f ∘ V g", "turned round"] < -1
assert interaction(gating, *both) > 0.9

# Needing both: both tasks have a surplus; a sum fails at XOR and comes close at AND.
assert all(both_bits > first + second + 0.1 for first, second, both_bits in bits.values())
assert reached["XOR"] < 0.6
assert 0 < AND.bayes()[0] - reached["AND"] < 0.06 < reached["AND"] - 0.75

# Where they meet: plain addition leaves a rare class at even odds; with the prior out it is likely.
assert abs(plain[0, 1] - 0.5) < 1e-6 < 0.8 < once[0, 1]

# Side by side: the claim, in every kept seed and in this run.
assert len(kept) >= 5 and "5" not in kept
sums = ("picture alone", "text alone", "[f; g]", "late")
for run in [*kept.values(), live]:
    for task in (XOR, GATING):
        assert all(run[f"{task.name}, {name}"] < 0.6 for name in sums)
        assert all(task.bayes()[0] - 0.1 < run[f"{task.name}, {n}"] for n in NAMES if n not in sums)
    assert all(run[f"AND, {name}"] > 0.9 for name in NAMES[2:])
    assert run["AND, [f; g]"] < run["AND, late"] - 0.01
    assert max(run[f"AND, {name}"] for name in NAMES[:2]) < 0.8
for task in (XOR, GATING, AND):
    assert all(run[f"{task.name}, {name}"] < task.bayes()[0] + 0.015 for run in kept.values() for name in NAMES)
assert len(low) == 2

# Where it breaks: longer pictures; both together lose to the name alone; the picture is louder and knows training by heart.
assert length_ratio > 20
mean = {key: sum(values) / len(values) for key, values in forms.items()}
for run in [*kept.values(), frozen]:
    assert run["as they come, picture alone"] < run["as they come, [f; g]"] < run["as they come, text alone"] - 0.03
assert all(picture > 4 * name for picture, name, _ in loud.values())
assert loud[5][2] > 0.85 and loud[30][2] > 0.99

# The volume: near the picture alone on the left, near the name alone on the right, best between, where lengths agree.
assert abs(heard[0] - alone["picture alone"]) < 0.06
assert abs(heard[-1] - alone["text alone"]) < 0.06
assert max(heard) > alone["text alone"] + 0.02
assert 3 <= loudest / length_ratio * 10 <= 30

# Forms: standardised, both pass the name in that form and are level with it as it came; at unit length both beat the
# best of the name alone, in every seed.
assert mean["standardised, [f; g]"] - mean["as they come, [f; g]"] > 0.04
assert mean["standardised, [f; g]"] > mean["standardised, text alone"] + 0.01
assert abs(mean["standardised, [f; g]"] - mean["as they come, text alone"]) < 0.02
assert max(forms["unit length, text alone"]) - min(forms["unit length, text alone"]) < 0.01
for run in kept.values():
    assert run["unit length, [f; g]"] > best_text + 0.005
assert now["standardised"][0] > 1.2 * now["standardised"][1]
assert 0.6 < now["unit length"][0] / now["unit length"][1] < 1.7
assert mean["unit length, picture alone"] < mean["as they come, picture alone"]

# All fusions on emoji: above both halves on average; what the form changed is more than what the fusions differ by.
average = {name: sum(values) / len(values) for name, values in on_emojis.items()}
assert all(average[name] > max(average["picture alone"], average["text alone"]) for name in NAMES[2:])
fused = [average[name] for name in NAMES[2:]]
assert max(fused) - min(fused) < mean["unit length, [f; g]"] - mean["as they come, [f; g]"]
assert all(value < 0.1 for value in share.values())
assert share["[f; g]"] < 1e-6 and share["late"] < 1e-6 < share["product"]
