# What lesson 00 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = live

# The silent guest: a perfect model has an error, since every output meets every target.
assert error > 0
assert difference.shape == (4, 4)
assert mixed == 12

# The pipeline: both together beat either alone, over the kept seeds and in this run.
assert len(kept) >= 5
assert wins >= len(kept) - 1
assert live["both"] > max(live["picture alone"], live["name alone"]) > by_chance
assert "5" not in kept, "your run is another seed than those that were kept"

# Its weights are about those of the two others together.
assert abs(sizes["both"] / (sizes["picture alone"] + sizes["name alone"]) - 1) < 0.05

# A name without a known word: one answer for all, and the picture carries the pair; else the pair is best.
without = {name: score(out[~known], test.labels[~known]) for name, out in logits.items()}
with_one = {name: score(out[known], test.labels[known]) for name, out in logits.items()}
assert len(logits["name alone"][~known].argmax(-1).unique()) == 1
assert without["both"] - without["picture alone"] < without["picture alone"] - without["name alone"]
assert with_one["both"] > max(with_one["picture alone"], with_one["name alone"])
assert with_one["picture alone"] > without["picture alone"]

# Where it breaks: fusion wins more than it loses against each, and loses some. Knowing whom to believe is about as good.
for name in ("picture alone", "name alone"):
    won, lost_pairs = right["both"] & ~right[name], ~right["both"] & right[name]
    assert won.sum() > lost_pairs.sum() > 0
assert (~right["both"] & either).sum() > 0 and (right["both"] & ~either).sum() > 0
assert abs(int(either.sum()) - int(right["both"].sum())) < 0.06 * len(test)

# Wrong names: accuracy falls much more than confidence. Before, as sure as right; now surer than right.
now = score(swapped, test.labels)
assert (other != torch.arange(len(test))).all()
assert live["both"] - now > 2 * (sure["right names"] - sure["wrong names"]) > 0
assert abs(sure["right names"] - live["both"]) < 0.1
assert sure["wrong names"] > now + 0.05
