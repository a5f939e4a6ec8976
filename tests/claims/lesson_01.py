# What lesson 01 says, held against what its cells computed. Runs as the lesson's last cell (tests/test_notebooks.py).

# What its live seed gave, under the names of its experiment: held against what is kept of that seed.
sample = live

# What the model is given: opposite sentences, the same words left; the same shape from both lines.
assert left_of(two[0]) == left_of(two[1]) == ["problems"]
assert scores[two[0]] > 1 and scores[two[1]] < -1
assert one.shape == other.shape and not one.equal(other)

# Splits: about one in three has a twin, and the look-up knows most of those.
assert 0.2 < share < 0.45
assert hit[is_twin].double().mean() > 0.65 > 0.5 > hit[~is_twin].double().mean()
assert not crossing(families, split_families(families, 0.2)).any()
assert not crossing(families, split_by(families, 0.2)).any()

# Pixels: test pictures come near 0 by training's ruler, and not exactly.
assert moved[0] == 228
assert 0 < by_hand_pixels.mean((0, 2, 3)).abs().max() < 0.2

# Letterbox: the mean over the mask is near the drawing's, over the square it is far.
assert (over_mask - truth).abs().max() < 0.02
assert way_to_grey > 1 / 4

# Flip.
assert mirror(drawing, "right arrow curving left")[1] == "left arrow curving right"
assert flips[0][1] == "left arrow curving left" and flips[2][1] == "copyleft" and flips[2][2] == "copyright"

# Sentences: the same numbers three ways; a long sentence keeps its end.
assert by_hand_ids.equal(ids) and ids[1, -1] == 3 and int(real[1].sum()) == 10

# Lengths: padding falls from way to way; where nothing is cut, most of the table is padding at one length for all.
at = {(row[0], row[1]): float(row[4].rstrip("%")) for row in lengths_rows}
for length in (fits, max(lengths)):
    one_length, longest, like = (at[way, length] for way in WAYS)
    assert one_length > longest > like
    assert like < 5
assert at[WAYS[0], fits] > 30

# Pieces: fewer different ones, more in a sentence, hardly any unknown.
assert learnt[0] == ("e", "s") and cut("lowest", learnt) == ["lo", "w", "est·"]
assert len(of_pieces) < len(of_words) / 5 and len(pieces) > len(test_words)
assert sum(p not in of_pieces for p in pieces) / len(pieces) < 0.01
assert sum(w not in of_words for w in test_words) / len(test_words) > 0.05
assert len(words(chinese)) == 1 < len(characters(chinese))

# Stop words: with wordpunct 'good' is left, with the others more; negations are spared.
assert [row[2] for row in stop_rows] == ["' | good", "n't | good", "isn't | good"]
assert "no" in spared_words

# Costs, in every kept seed and in this run.
assert len(kept) >= 5 and "5" not in kept
for run in [*kept.values(), live]:
    as_trained = run["test pictures: as in training"]
    stop_list = run["words: all"] - run["words, stop list: all"]
    worst_stop = max(run[f"{x}: negated"] - run[f"{x}, stop list: negated"] for x in ("words", "words and pairs"))
    slips = {key: as_trained - run[key] for key in of_pictures[1:]}
    assert min(slips.values()) > 0.1 > worst_stop > stop_list > 0
    assert run["words and pairs: negated"] > run["words: negated"] > run["words, stop list: negated"]
    assert run["characters, the article's loop: all"] < 0.65
    assert abs(run["words, stop list without negations: negated"] - run["words, stop list: negated"]) < 0.02
    for model in ("nearest picture", "bag of words"):
        with_twins, without_them = (run[f"{model}: {way}"] for way in ("twins in training", "twins left out"))
        assert with_twins - without_them > 0.04
        assert run[f"{model}: others left out"] - without_them > 0.04
    assert run["words and pairs: negated"] - run["words and pairs, stop list: negated"] > 0.02
mean = {key: sum(values) / len(values) for key, values in runs.items()}
assert min(of_pictures, key=mean.get) == "test pictures: view for permute"
lost_words = mean["words: negated"] - mean["words, stop list: negated"]
assert mean["words and pairs: negated"] - mean["words and pairs, stop list: negated"] > lost_words

# Where it breaks: by name alone, equal pictures stand on both sides; by family, none.
assert by_name[2][0] < 100 < by_family[2][0]
