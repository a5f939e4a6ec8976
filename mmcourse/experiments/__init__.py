"""Experiments that are run over seeds and are no lesson's own: a module each, with `experiment(seed) -> dict`.

`binding`            does attention bind a thing to its colour sooner than pooled fusions do, from pixels?
`data_cards`         the baselines on the data sets' cards, and the certificates of the tasks with known rates
`fusion_comparison`  every fusion method at one budget of weights, on three tasks
`unseen_concepts`    retrieval among emoji that were never trained on: what pictures, texts and splits are worth

`make results ARGS=binding` keeps the numbers of one in `mmcourse/results/binding.json`.
"""
