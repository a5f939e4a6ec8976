"""The texts of exercises, mistakes as diffs of a solution, and the code that they run in."""

import pytest

from mmcourse import bank
from mmcourse.bank.about import Named
from mmcourse.bank.diffs import Diff, patched
from mmcourse.bank.solution_code import Solution, answer_only, started
from mmcourse.bank.solution_text import as_markdown, mistakes_as_markdown
from mmcourse.bank.text import TextError, read
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import About, Case, Function
from mmcourse.checking.judge import examine
from mmcourse.checking.mistake import Mistake, StaleMistake
from mmcourse.checking.verdict import Status

CODE = """\
def f(x):
    y = x + 1  # up
    z = y * 2
    y = x + 1  # up
    return z"""


class TestDiffs:
    def test_lines_are_taken_away_and_put_in(self):
        assert patched(CODE, "-    z = y * 2\n+    z = y * 3\n+    z = -z") == CODE.replace(
            "y * 2", "y * 3\n    z = -z"
        )

    def test_context_tells_two_places_apart_and_stays(self):
        assert patched(CODE, "     z = y * 2\n-    y = x + 1  # up\n") == CODE.replace("2\n    y = x + 1  # up", "2")

    def test_two_places(self):
        both = patched(CODE, "-def f(x):\n+def f(x, a=1):\n@@\n-    return z\n+    return z + a")
        assert both == CODE.replace("f(x)", "f(x, a=1)").replace("return z", "return z + a")

    @pytest.mark.parametrize(
        ("diff", "says"),
        [
            ("-    y = x + 1  # up\n+    y = x", "stands 2 times"),
            ("-    y = x + 1\n+    y = x", "stands 0 times"),
            ("-def f(x):\n-    return z", "stands 0 times"),
            ("+    y = x", "not once"),
            ("?    y = x", "begins with -, . or a blank"),
        ],
    )
    def test_what_does_not_fit_is_named(self, diff, says):
        with pytest.raises(ValueError, match=says):
            patched(CODE, diff)


class TestSolution:
    def test_the_answer_without_markers_and_starter(self):
        cell = "def f(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n"
        cell += "    ### BEGIN STARTER\n    # y = x\n    #\n    # return -y\n    ### END STARTER"
        assert answer_only(cell) == "def f(x):\n    return x"
        assert started(cell) == "def f(x):\n    y = x\n    \n    return -y\n"

    def test_of_the_set_above_it_only_what_it_needs_is_run(self, monkeypatch):
        cells = (
            ("import math\nlog = []\nheavy = 1 / 0", ""),
            ("def helper(x):\n    return x * factor\nfactor = 3", ""),
            ("def f(x):\n    heavy = x\n    return helper(heavy)", "99.1"),
            ("helper = None", ""),
        )
        monkeypatch.setattr(
            "mmcourse.bank.solution_code.cells",
            lambda lesson: [type("C", (), {"source": s, "answers": a})() for s, a in cells],
        )
        solution = Solution("99.1", "f")
        assert solution.run(solution.code, "itself")(2) == 6

    @pytest.mark.parametrize(("code", "says"), [("def g(x): ...", "KeyError"), ("def f(x: Nowhere): ...", "NameError")])
    def test_code_that_does_not_run_is_stale(self, code, says):
        with pytest.raises(StaleMistake, match=says):
            Solution("06.6", "f").run(code, "a mistake")

    def test_no_solution_is_stale(self):
        for id in ("06.77", "77.1"):
            with pytest.raises(StaleMistake, match=id):
                print(Solution(id, "f").code)


class TestStale:
    """A solution changed under its mistakes: an author is told, a learner is not bothered."""

    diff = Diff("doubled twice", ("-    a line that is not there\n+    another",), Solution("06.6", "mix"))

    def test_an_author_is_told_which(self):
        assert not self.diff.fits
        with pytest.raises(StaleMistake, match=r"06.6, 'doubled twice' is no diff of its solution: 'a line"):
            self.diff.running()

    def test_a_learners_mistake_is_left_unnamed(self):
        about = About(
            "99.1", "double it", "double", ("?", "", ""), (Mistake("doubled twice", "?", (self.diff,)),), self.diff
        )
        toy = Function(about=about, reference=lambda x: x * 2, cases=lambda draw: [Case("one", {"x": draw.normal(3)})])
        verdict = examine(toy, lambda x: x * 4, 0)
        assert (verdict.status, verdict.mistake) == (Status.FAILED, None)


ALL = """\
## Hints

1. One
   line?
2. Two
3. Three

## Mistakes

### a diff of two forms

```diff
-a
+# b
```

```diff
-a
+c
```

Words on
two lines.

Lesson: Other

### by name

```python
slow  # another algorithm
```

W.

### a table

| entry | wrong |
|---|---|
| a b | (1, 2) |
| c | 'x' |

V.
"""

FAULTS = """\
## Faults

### one

```diff
-a
+b
```

A?

### two

```diff
-c
+d
```

B?

### three

```diff
-e
```

C?

### one, and three

```diff
-x
```

### two, and three

Left out: nobody could tell them apart.
"""


class TestText:
    @pytest.fixture
    def read(self, tmp_path):
        def write(body):
            (tmp_path / "ex01_x.md").write_text(f"# T\n\nLesson: S\n\n{body}", "utf8")
            return read(tmp_path / "ex01_x.md")

        return write

    def test_all_that_it_may_hold(self, read):
        text = read(ALL)
        assert (text.title, text.section, text.hints) == ("T", "S", ("One line?", "Two", "Three"))
        first, second, third = text.mistakes
        assert first.diffs == (("-a\n+# b\n",), ("-a\n+c\n",))
        assert (first.words, first.section) == ("Words on two lines.", "Other")
        assert second.named == (("slow", "another algorithm"),)
        assert third.wrong == ({"a b": (1, 2), "c": "x"},)

    def test_faults_stand_alone_and_in_pairs(self, read):
        assert [(m.name, m.words, m.diffs) for m in read(FAULTS).mistakes] == [
            ("one fault is left: one", "A?", (("-a\n+b\n",),)),
            ("one fault is left: two", "B?", (("-c\n+d\n",),)),
            ("one fault is left: three", "C?", (("-e\n",),)),
            ("two faults are left: one, and two", "A? B?", (("-a\n+b\n", "-c\n+d\n"),)),
            ("two faults are left: one, and three", "A? C?", (("-x\n",),)),
        ]

    @pytest.mark.parametrize(
        ("body", "says"),
        [
            ("## Wrong\n", "## Wrong is none of"),
            ("## Mistakes\n\n### a\n\n```text\nx\n```\n", "a fence is a diff or python"),
            ("## Mistakes\n\n### a\n\n```python\nx = 1\n```\n", "stands a name"),
            ("## Mistakes\n\n### a\n\n| e | w |\n|---|---|\n| a | b c |\n", "is not an entry and a value"),
        ],
    )
    def test_what_can_not_be_read_is_named(self, read, body, says):
        with pytest.raises(TextError, match=says):
            read(body)

    def test_no_title(self, tmp_path):
        (tmp_path / "x.md").write_text("no title", "utf8")
        with pytest.raises(TextError, match="the first line is the exercise's title"):
            read(tmp_path / "x.md")


class TestWhatALearnerSees:
    def test_a_section_of_another_lesson_is_said_to_be_one(self):
        hint = bank.exercise("06.8").mistakes[0].hint
        assert hint.endswith("(lesson 06 stands on lesson 04, 'A mean that ignores padding')")

    def test_mistakes_are_shown_with_their_lines(self):
        text = mistakes_as_markdown(bank.exercise("06.6"))
        assert text.count("<details>") == len(bank.exercise("06.6").mistakes)
        assert "```diff\n-    shares" in text
        assert "| exactly one | `2` |" in mistakes_as_markdown(bank.exercise("06.2"))

    def test_a_value_s_solution_and_a_modules(self):
        for id in ("06.2", "06.5"):
            assert "BEGIN" not in as_markdown(bank.exercise(id))


def test_a_named_form_is_found_when_it_is_asked_for():
    form = Named("mmcourse.checking.draw", "Draw", "why not")
    assert form.running() is Draw
    with pytest.raises(AttributeError):
        Named("mmcourse.checking.draw", "Nothing", "").running()
