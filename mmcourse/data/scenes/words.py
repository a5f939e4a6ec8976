"""What is said about scenes, in English and Chinese: one grammar, two languages."""

from .things import a, plural

# For each kind, several ways to ask. Which one is used is drawn without looking at the scene or the answer.
QUESTIONS = {
    "colour": (
        ("what colour is behind the {thing}?", "{thing}后面是什么颜色？"),
        ("which colour does the {thing} stand on?", "{thing}在什么颜色上？"),
        ("the {thing}: on what colour?", "{thing}，在哪种颜色上？"),
    ),
    "object": (
        ("what is on {colour}?", "{colour}上是什么？"),
        ("which thing stands on {colour}?", "什么在{colour}上？"),
    ),
    "position": (
        ("where is the {thing}?", "{thing}在哪里？"),
        ("in which place is the {thing}?", "{thing}在什么位置？"),
    ),
    "count": (
        ("how many {things} are there?", "图里有几个{thing}？"),
        ("what is the number of {things}?", "{thing}的数量是多少？"),
    ),
    "presence": (("is there {a_thing}?", "图里有{thing}吗？"), ("do you see {a_thing}?", "你看到{thing}了吗？")),
    "match": (("is the {thing} on {colour}?", "{thing}在{colour}上吗？"),),
    "relation": (("is the {thing} {relation} the {other}?", "{thing}在{other}的{relation}吗？"),),
}
STATEMENTS = {
    "presence": (("there is {a_thing}", "图里有{thing}"),),
    "match": (("the {thing} is on {colour}", "{thing}在{colour}上"),),
    "relation": (("the {thing} is {relation} the {other}", "{thing}在{other}的{relation}"),),
    "roles": (("the {thing} is {relation} the {other}", "{thing}在{other}的{relation}"),),
    "colours": (
        ("the {thing} is on {colour} and the {other} is on {colour_2}", "{thing}在{colour}上，{other}在{colour_2}上"),
    ),
}
_SIDE = {"en": 0, "zh": 1}
_AND = {"en": (", ", " and "), "zh": ("，", "，")}


def say(pattern: tuple[str, str], language: str, slots: dict[str, str]) -> str:
    """A pattern with its slots filled; `thing` gives `things` and `a_thing` too."""
    more = {"things": plural(slots["thing"]), "a_thing": a(slots["thing"])} if "thing" in slots else {}
    return pattern[_SIDE[language]].format(**slots, **more)


def caption(language: str, things: list[str], colours: list[str]) -> str:
    """All things in the order given: 'a cat on red, an owl on blue and a key on green'."""
    if language == "en":
        parts = [f"{a(thing)} on {colour}" for thing, colour in zip(things, colours, strict=True)]
    else:
        parts = [f"{thing}在{colour}上" for thing, colour in zip(things, colours, strict=True)]
    comma, last = _AND[language]
    return last.join([*([comma.join(parts[:-1])] if parts[:-1] else []), parts[-1]])
