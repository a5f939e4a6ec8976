"""`mmcourse data`: the sets by name and how they stand here, a set's card, and a page of examples."""

import textwrap
from statistics import fmean

from mmcourse import fetch
from mmcourse.data import SETS, card


def listing() -> str:
    """Every set by name, with its state on this machine and what to do."""
    cards = [card(name) for name in SETS]
    width = max(len(one.name) for one in cards)
    lines = []
    for one in cards:
        state = one.state()
        lines.append(f"{one.name:<{width}}  {state.word:<16}  {one.title}")
        if state.says:
            lines += textwrap.wrap(
                state.says, 96, initial_indent=" " * (width + 20), subsequent_indent=" " * (width + 20)
            )
    return "\n".join(
        [*lines, "", "`mmcourse data NAME` shows a set's card, `mmcourse data --page FILE.html` examples."]
    )


def describe(name: str) -> str:
    """A set's card as text, with its baselines. Raises CourseError, naming what there is, for an unknown name."""
    if name not in SETS:
        raise fetch.CourseError(f"There is no data set {name!r}; there are {', '.join(SETS)}.")
    one, state = card(name), card(name).state()
    rows = {
        "an item": one.what,
        "how many": one.many,
        "from": one.source,
        "licence": one.licence,
        "attribution": one.attribution,
        "fit for": one.fit,
        "not fit for": one.unfit,
        "comes": one.comes,
        "here": f"{state.word}. {state.says}".strip() if state.says else state.word,
        "load": one.home or f"load({name!r}, 'train')",
        "baselines": _baselines(name),
    }
    lines = [f"{one.title} ({name})", ""]
    for what, text in rows.items():
        lines += textwrap.wrap(text, 110, initial_indent=f"{what:<12}  ", subsequent_indent=" " * 14)
    return "\n".join(lines)


def bring(name: str) -> list[str]:
    """Fetch the archives that a set needs, or uses; returns where they lie. Raises CourseError."""
    if name not in SETS:
        raise fetch.CourseError(f"There is no data set {name!r}; there are {', '.join(SETS)}.")
    if not card(name).archives:
        raise fetch.CourseError(f"{name} does not come as an archive. {card(name).get}")
    return [str(fetch.fetch(archive)) for archive in card(name).archives]


def _baselines(name: str) -> str:
    """What `make results ARGS=data_cards` kept, over its seeds."""
    try:
        runs = list(fetch.results("data_cards")["seeds"].values())
    except fetch.CourseError:
        return "not computed yet: `make results ARGS=data_cards` in a checkout"
    kept = [key for key in runs[0] if key.startswith(f"{name}: ")] if runs else []
    if not kept:
        return "none kept: computed for sets that lie on the machine where `make results ARGS=data_cards` runs"
    said = [f"{key.removeprefix(f'{name}: ')} {fmean(run[key] for run in runs if key in run):.2f}" for key in kept]
    return f"accuracy on the test split, mean of {len(runs)} runs: {', '.join(said)}"
