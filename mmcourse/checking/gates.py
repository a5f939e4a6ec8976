"""Gates: what must hold for any point to count."""

from .probe import Seen
from .verdict import Result


def gates_of(yours: list[Seen], expected: list[Seen]) -> list[Result]:
    """What must hold for any point to count: each is judged on every case that ran."""
    ran = [seen for seen in yours if not seen.trouble]
    gates = []
    if expected[0].parameters:
        gates.append(Result("parameters", 0, 0, *_parameters(yours[0], expected[0])))
    changed = sorted({name for seen in ran for name in seen.changed})
    gates.append(
        Result(
            "inputs left as they were",
            0,
            0,
            not changed,
            f"your answer writes into {', '.join(changed)}; whoever passed it in still needs it" if changed else "",
        )
    )
    steady = all(seen.repeats for seen in ran)
    gates.append(
        Result(
            "the same twice",
            0,
            0,
            steady,
            ""
            if steady
            else "two calls with the same input differ: is something random at work, or dropout on in eval?",
        )
    )
    device = yours[0].device
    if not expected[0].device and not device.startswith("not judged"):
        gates.append(
            Result(
                "any device",
                0,
                0,
                not device,
                ""
                if not device
                else f"on a GPU this would stop ({device.removeprefix('mixed: ')}): a tensor is made on the CPU. "
                "Take device and dtype from an input",
            )
        )
    return gates


def _parameters(yours: Seen, expected: Seen) -> tuple[bool, str]:
    if yours.trouble and not yours.parameters:
        return True, ""  # it could not even be built: the cases say why
    mine, right = yours.parameters, expected.parameters
    missing = [f"{name} {right[name]}" for name in right if name not in mine]
    extra = [f"{name} {mine[name]}" for name in mine if name not in right]
    other = [
        f"{name} is {mine[name]}, expected {right[name]}"
        for name in right
        if name in mine and mine[name] != right[name]
    ]
    said = (
        [f"missing: {', '.join(missing)}"] * bool(missing) + [f"not expected: {', '.join(extra)}"] * bool(extra) + other
    )
    note = " (a plain Python list hides modules from the optimiser: nn.ModuleList)" if missing else ""
    return not said, "; ".join(said) + note if said else ""
