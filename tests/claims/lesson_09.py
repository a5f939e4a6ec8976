# What lesson 09 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = live

# Not one vehicle: nothing named, as accurate as always saying no, and a ranking that is nearly perfect.
assert named == 0 and always_no > 0.95
assert ranking > 0.95 and scores.max() < 0 and vehicle[order].sum() > len(where) / 2

# When accuracy says too little: a threshold finds most; a weight finds all, at the price of accuracy and of the chances.
assert f1(scores >= at, vehicle) > 0.5 > f1(scores > 0, vehicle) == 0
assert costs and counts(weighted > 0, vehicle)[2] == 0
assert ((weighted > 0) == vehicle).double().mean() < always_no - 0.02
assert abs(auroc(weighted, vehicle) - ranking) < 0.03

# Nine groups: the rarest in training has the least F1, macro-F1 lies below accuracy, and the two formulas differ.
assert min(range(9), key=lambda k: each[k]) == order_of_rarity[0] and min(each) < 0.2
assert mine_macro < accuracy_of_picture - 0.03
assert abs(mine_macro - other) > 0.002

# Several at once: by accuracy the thresholds are last and 'no' second; by macro-F1 they are first, and 'no' last.
no, half, own_way = (several(yes) for yes in ways.values())
assert no[1] == 0 and no[2] == 40 and half[1] > 0.1 and own_way[1] > half[1] + 0.05
assert own_way[0] < no[0] < half[0] < no[0] + 0.02

# How sure: it boasts, by more than luck; a temperature helps and moves no answer.
assert gap > 0.05 and ece > by_luck and modest_gap < -0.02
assert change == 0 and tau > 1.5 and cooled < ece - 0.03 and cooled < by_luck + 0.02
assert not yours and sure_of.mean() > hit.mean() + 0.1

# The article's program.
assert apart == 0 and reaches is None
assert on_scale["raw pixels"] < on_scale["on the scale of its training"] - 0.03
assert joined.startswith("RuntimeError") and tuple(per_place.shape) == (1, 3, 3, 1)
assert all(len(word) == 1 for word in asked) and not {"a", "s", "t", "i", "o"} & set(asked)
assert set(trials) - set(fell) <= {"NLTK's list"}
assert history_of_one[-1] < history_of_one[29] < 0 and says.unique().tolist() == [1] and one_or_none < 0.2

# Put right.
assert all(found.values())
assert rebuilt > 3 * majority and abs(rebuilt - accuracy_of_picture) < 0.06

# The experiment: the claim, in every kept seed and in this run.
assert len(kept) >= 5 and "5" not in kept
for run in [*kept.values(), live]:
    groups_of, reviews_of = ({n: run[f"{task}, {n}, accuracy"] for n in MODELS} for task in ("groups", "reviews"))
    assert groups_of["[f; g]"] > groups_of["attention"] - 0.02
    assert groups_of["[f; g]"] > groups_of["text alone"] > groups_of["picture alone"] + 0.1
    assert all(groups_of[n] > groups_of["picture alone"] + 0.1 for n in list(MODELS)[2:])
    assert all(run[f"groups, {n}, shuffled"] < groups_of[n] - 0.12 for n in list(MODELS)[2:])
    assert run["groups, text alone, shuffled"] == groups_of["text alone"]
    assert run["groups, [f; g], macro-F1"] > run["groups, text alone, macro-F1"]
    assert abs(reviews_of["text alone"] - 0.5) < 1e-9
    assert all(abs(reviews_of[n] - 0.5) < 0.05 for n in ("picture alone", "[f; g]"))
    assert reviews_of["attention"] > 0.68 > abs(run["reviews, attention, shuffled"] - 0.5) + 0.6
    assert reviews_of["[f; g], hidden layer"] < reviews_of["attention"] - 0.05
    assert run["reviews, [f; g], error"] < 0.05
    assert max(MODELS, key=lambda n: run[f"reviews, {n}, error"]) == "attention"
    assert run["OpenMoji, accuracy"] < run["Twemoji, accuracy"] - 0.08
    assert run["OpenMoji, error"] > run["Twemoji, error"] + 0.03
    assert run["OpenMoji, confidence"] > run["OpenMoji, accuracy"]
assert means["groups, attention, accuracy"] < means["groups, [f; g], accuracy"] + 0.003
worst = max(list(MODELS)[2:], key=lambda n: means[f"groups, {n}, error"])
assert worst == "attention"
by_seed = runs["groups, attention, accuracy"]
assert max(by_seed) - min(by_seed) > abs(means["groups, attention, accuracy"] - means["groups, [f; g], accuracy"])
assert sum(value > 0.6 for value in runs["reviews, [f; g], hidden layer, accuracy"]) == 1
assert low_high["[f; g]"][0] < 0 < gains["[f; g]"].mean()
assert high == ["attention"]
assert later["[f; g], hidden layer"] > max(0.7, later["attention"] - 0.05) and abs(later["[f; g]"] - 0.5) < 0.05
assert rose and surer
