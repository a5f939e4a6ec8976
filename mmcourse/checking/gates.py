"""Gates: what must hold for any point of a function or a module to count."""

from collections.abc import Sequence

from .leaves import TensorLeaf
from .seen import SeenCall, SeenModule
from .verdict import Result, gate


def gates_of(yours: Sequence[SeenCall], expected: Sequence[SeenCall]) -> list[Result]:
    """Judged on every case that ran."""
    ran = [seen for seen in yours if not seen.trouble]
    changed = ", ".join(sorted({name for seen in ran for name in seen.changed}))
    unsteady = [seen for seen in ran if not seen.repeats]
    gates = [
        gate("inputs left as they were", changed and f"your answer writes into {changed}; its owner still needs it"),
        gate("the same twice", _unsteady(unsteady) if unsteady else ""),
    ]
    mine, right = yours[0], expected[0]
    if isinstance(mine, SeenModule) and isinstance(right, SeenModule) and right.parameters:
        gates.insert(0, gate("parameters", _parameters(mine, right)))
    if right.stand is None or (right.stand.judged and not right.stand.mixed):
        where = mine.stand.mixed if mine.stand else ""
        says = f"on a GPU this would stop ({where}): a tensor is made on the CPU. Take device and dtype from an input"
        if mine.stand is None or mine.stand.judged:
            gates.append(gate("any device", where and says))
    return gates


def _unsteady(unsteady: list[SeenCall]) -> str:
    leaves = [leaf for seen in unsteady for leaf in seen.leaves.values() if isinstance(leaf, TensorLeaf)]
    if any(leaf.values is not None and leaf.values.isnan().any() for leaf in leaves):
        return (
            "two calls with the same input differ, and one gives nan: does a row with nothing to look at go through "
            "torch's attention? Without gradients it makes nan of such a row, with gradients it may not"
        )
    return "two calls with the same input differ: is something random at work?"


def _parameters(yours: SeenModule, expected: SeenModule) -> str:
    if not yours.unlike:
        return ""  # also where it could not even be built: the cases say why
    mine, right = yours.parameters, expected.parameters
    missing = [f"{name} {right[name]}" for name in right if name not in mine]
    extra = [f"{name} {mine[name]}" for name in mine if name not in right]
    says = [f"{n} is {mine[n]}, expected {right[n]}" for n in right if n in mine and mine[n] != right[n]]
    if missing:
        whole = not extra and any("weight" in name for name in missing)
        why = " (a plain Python list hides modules from the optimiser; nn.ModuleList shows them)" if whole else ""
        says.insert(0, f"missing: {', '.join(missing)}{why}")
    if extra:
        says.append(f"not expected: {', '.join(extra)}")
    return "; ".join(says)
