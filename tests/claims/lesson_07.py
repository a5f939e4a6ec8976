# What lesson 07 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = toys | missing
for name, right_there in (("as published", hits), ("balanced", new_hits)):
    sample[f"{name}, published yes/no"], sample[f"{name}, published all"] = right_there[asks].mean().item(), right_there.mean().item()
    sample[f"{name}, even yes/no"] = right_there[asks & is_even].mean().item()

# Right, without a look: far above the commonest answer; the colour of each picture is named, and mostly denied.
assert hits.mean() > commonest + 0.3
assert named == colours
assert there.count("no") >= 3

# Shuffle one half: it looks for colours and shapes, and hardly for yes or no, which are most of the questions.
assert by_kind["colour"][0] > 0.9 and by_kind["shape"][0] > 0.7
assert by_kind["colour"][1] < 0.25 and by_kind["shape"][1] < 0.45
assert 0 <= gap < 0.15 and by_kind["yes/no"][1] > 0.6
assert (kind == 2).double().mean() > 0.55
assert (other != torch.arange(len(other))).all()
assert all(found.rows[0][1] - row[1] < 0.1 for row in found.rows[1:4])
assert found.rows[3][0].endswith("text")
assert 0 < found.rows[0][1] - found.majority < 0.08

# The nearest sum: of 'both are cats' a perfect model may lose nothing, of 'fits' every one does.
assert most == {"the word fits": most["the word fits"], "both are cats": 4} and most["the word fits"] < 4

# Synergy is not what EMAP loses.
assert by_adding == ["AND", "two views"]
assert parts["XOR"].synergistic > 0.95 and lost["XOR"] > 0.3
assert parts["AND"].synergistic > 0.4
for run in [*kept.values(), toys]:
    assert run["XOR, model"] > 0.9 and run["XOR, EMAP"] < 0.65
    assert all(run[f"{name}, model"] - run[f"{name}, EMAP"] < 0.05 for name in TOYS if name != "XOR")

# Missed is not needed.
    assert min(run["copies, image"], run["copies, text"]) > 0.03
    assert abs(run["one tells, text"]) < 0.03 < 0.2 < run["one tells, image"]
for side in ("text alone", "picture alone"):
    assert abs(COPIES.rates()["full"].accuracy - COPIES.rates()[side].accuracy) < 1e-9

# Who learns first: the question's part early, before the colours; the two lines of yes/no stay close.
assert level <= 100
assert all(abs(a - b) < 0.05 for a, b in zip(own[2:7], borrowed[2:7]))
assert own[-1] - borrowed[-1] > 0.02
assert colour[next(i for i, (a, b) in enumerate(zip(own, borrowed)) if a - b > 0.03)] > 0.8
assert colour[level // 25] < 0.6 < 0.9 < colour[-1]
assert max(abs(a - b) for a, b in zip(own[level // 25 :], borrowed[level // 25 :])) < 0.15

# When one half is missing: worse than a model of the one half; dropout mends it, at no cost that shows.
for run in [*kept.values(), missing]:
    for day, way in (("picture missing", "name alone"), ("name missing", "picture alone")):
        plain, dropped, alone_then = (run[f"{w}, {day}"] for w in ("both, no dropout", "both, dropout", way))
        assert plain < alone_then - 0.01 and dropped > alone_then - 0.03
    assert run["both, dropout, both are there"] > run["both, no dropout, both are there"] - 0.02
losses = [alone_on - missing[f"both, no dropout, {day}"] for day, alone_on in (
    ("name missing", missing["picture alone, name missing"]), ("picture missing", missing["name alone, picture missing"]))]
assert losses[0] > losses[1]

# A set that gives itself away: balanced, the question alone is a coin; the model as published not much more.
assert abs(blind_hits[asks & is_even].mean() - 0.5) < 1e-9
assert fell < 0.68
assert len(kept) >= 5 and "5" not in kept
for run in kept.values():
    assert run["balanced, even yes/no"] > run["as published, even yes/no"] + 0.08
    assert run["as published, even yes/no"] < 0.68
    assert run["balanced, published yes/no"] < run["as published, published yes/no"]
    assert run["balanced, published all"] < run["as published, published all"]
assert new_hits[asks & is_even].mean() > hits[asks & is_even].mean() + 0.08
assert new_hits[asks].mean() < hits[asks].mean()
assert new_hits.mean() < hits.mean()

# How to say it: the difference is surely above 0, and its interval narrower than the two together.
assert ends[0] > 0 and ends[1] - ends[0] < sum(widths)
assert 0.8 < (ends[1] - ends[0]) / apart < 1.2

# Where it breaks: the same answers, and only one nearest sum is all right.
assert [row[-2:] for row in rows if row[0].endswith("sure")] in ([[4, 4], [4, 3]], [])
assert right_of_four(nearest(even_scores), "both are cats") == 4 == right_of_four(uneven_scores, "both are cats")
assert right_of_four(nearest(uneven_scores), "both are cats") < 4
