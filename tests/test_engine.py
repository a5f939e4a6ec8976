"""The checking engine: what it sees, what it says, what it stops."""

import signal
import time

import pytest
import torch
from IPython.core.interactiveshell import InteractiveShell
from torch import nn

from mmcourse import bank, check, hint, solution
from mmcourse.checking import store
from mmcourse.checking.card import MIME, CheckFailed, as_html, as_text, bundle
from mmcourse.checking.draw import Draw
from mmcourse.checking.exercise import About, Case, Function, Module, ModuleCase
from mmcourse.checking.judge import examine
from mmcourse.checking.mistake import Mistake, Written
from mmcourse.checking.probe import probe_call
from mmcourse.checking.watch import MemoryWatch, MixedDevices, OneDevice, TookTooLong, time_limit


def double(x):
    return x * 2


def exercise(reference=double, cases=None, mistakes=(), **more):
    about = About("99.1", "double it", "double", ("?", "", ""), mistakes)
    kind = Module if isinstance(reference, type) else Function
    plain = [("plain", (2, 3)), ("one", (1, 2))]
    cases = cases or (lambda draw: [Case(name, {"x": draw.normal(*shape)}) for name, shape in plain])
    return kind(about=about, reference=reference, cases=cases, **more)


def said(answer, **more):
    verdict = examine(exercise(**more), answer, 0)
    return verdict, " ".join(check.says for check in verdict.checks) + " " + verdict.feedback


class TestSays:
    def test_where_and_by_how_much(self):
        verdict, text = said(lambda x: torch.where(torch.arange(x.shape[1]) == 1, x * 3, x * 2))
        assert "first at `[0, 1]`" in text
        assert "2 of 6 entries differ" in text
        assert verdict.points == 0

    def test_partial_points(self):
        verdict, _ = said(lambda x: x * 2 if len(x) > 1 else x)
        assert (verdict.points, verdict.status) == (1, "partial")

    def test_shape(self):
        assert "has shape (3, 2), expected (2, 3)" in said(lambda x: (x * 2).T)[1]

    def test_dtype(self):
        assert "has dtype float32, expected float64" in said(lambda x: (x * 2).float())[1]

    def test_nan(self):
        assert "nan" in said(lambda x: x * float("nan"))[1]

    def test_other_structure(self):
        assert "returns tuple([0]: tensor) where tensor is expected" in said(lambda x: (x * 2,))[1]

    def test_none(self):
        assert "NoneType" in said(lambda x: None)[1]

    def test_exception_with_its_line(self):
        def answer(x):
            y = x * 2
            return y @ y

        assert "in the line `return y @ y`" in said(answer)[1]

    def test_gradient_cut_off(self):
        assert "no gradient reaches x" in said(lambda x: x.detach() * 2)[1]

    def test_another_gradient(self):
        text = said(lambda x: x + x.detach())[1]
        assert "gives the right values, but another gradient for x" in text

    def test_not_a_function(self):
        assert "a function was expected here, this is of type int" in said(3)[1]
        assert "a function was expected here, this is the class Case" in said(Case)[1]

    def test_unknown_mistake_is_not_guessed(self):
        verdict, _ = said(
            lambda x: x * 5, mistakes=(Mistake("tripled", "Three? (lesson 99, 'x')", (Written(lambda x: x * 3),)),)
        )
        assert verdict.mistake is None
        assert "This is what one gets" not in verdict.feedback


class TestGates:
    def shut(self, answer, **more):
        verdict, _ = said(answer, **more)
        assert verdict.points == 0
        return [check.name for check in verdict.checks if check.gate and not check.passed]

    def test_input_written_into(self):
        assert self.shut(lambda x: x.mul_(2)) == ["inputs left as they were"]

    def test_random(self):
        assert self.shut(lambda x: x * 2 + torch.rand(()) * 1e-3) == ["the same twice"]

    def test_tensor_made_on_the_cpu(self):
        assert self.shut(lambda x: x * torch.full(x.shape, 2.0, dtype=x.dtype)) == ["any device"]

    def test_result_on_the_cpu(self):
        assert self.shut(lambda x: torch.ones(x.shape, dtype=x.dtype) if x.is_meta else x * 2) == ["any device"]

    def test_what_depends_on_values_is_not_judged(self):
        def answer(x):
            return x * 2 if x.sum().item() < 1e9 else x

        assert said(answer)[0].status == "passed"

    def test_parameters(self):
        class Right(nn.Module):
            def __init__(self):
                super().__init__()
                self.layers = nn.ModuleList([nn.Linear(2, 2)])

            def forward(self, x):
                return self.layers[0](x)

        class Hidden(Right):
            def __init__(self):
                nn.Module.__init__(self)
                self.layers = [nn.Linear(2, 2).double()]

        def cases(draw):
            return [ModuleCase("plain", {"x": draw.normal(3, 2)}, state=draw.module(Right()))]

        verdict = examine(exercise(Right, cases), Hidden, 0)
        gate = next(check for check in verdict.checks if check.name == "parameters")
        assert not gate.passed
        assert "missing: layers.0.weight (2, 2)" in gate.says
        assert "nn.ModuleList" in gate.says

    def test_dropout_left_on(self):
        class Right(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(2, 2)

            def forward(self, x):
                return self.layer(x)

        class Dropping(Right):
            def forward(self, x):
                return nn.functional.dropout(self.layer(x), 0.5)

        def cases(draw):
            return [ModuleCase("plain", {"x": draw.normal(30, 2)}, state=draw.module(Right()))]

        verdict = examine(exercise(Right, cases), Dropping, 0)
        assert "the same twice" in [check.name for check in verdict.checks if not check.passed]


class Small(nn.Module):
    """A layer with statistics, and one without."""

    def __init__(self, frozen=False):
        super().__init__()
        self.norm, self.layer = nn.BatchNorm1d(2), nn.Linear(2, 2)
        self.norm.requires_grad_(not frozen)

    def forward(self, x):
        return self.layer(self.norm(x))


class TestModules:
    """Modules as inputs, and modules in training mode."""

    def cases(self, draw):
        encoder = Small().double().train()
        return [Case("plain", {"encoder": encoder, "x": draw.normal(5, 2)}, gradients=False)]

    def right(self, encoder, x):
        return encoder.eval()(x)

    def test_a_module_is_an_input_and_its_mode_may_be_set(self):
        verdict, _ = said(self.right, reference=self.right, cases=self.cases)
        assert verdict.status == "passed"

    def test_statistics_that_moved_are_an_input_written_into(self):
        verdict, text = said(lambda encoder, x: encoder(x), reference=self.right, cases=self.cases)
        assert verdict.points == 0
        assert "writes into encoder" in text

    def test_in_training_and_afterwards(self):
        class Still(Small):
            def train(self, mode=True):
                super().train(mode)
                self.norm.eval()
                return self

        def cases(draw):
            state = draw.module(Small())
            state["norm.running_var"] = state["norm.running_var"].abs() + 1
            return [ModuleCase("trained", {"x": draw.normal(5, 2)}, state=state, training=True, init={"frozen": True})]

        still = exercise(Still, cases)
        assert examine(still, Still, 0).status == "passed"
        verdict = examine(still, Small, 0)
        assert verdict.points == 0
        assert "at ['in training'] differs" in verdict.checks[-1].says

        class Thawed(Still):
            def __init__(self, frozen):
                super().__init__()

        assert "another gradient for norm.weight" in examine(still, Thawed, 0).checks[-1].says
        assert examine(exercise(Small, cases), Still, 0).points == 0

    def test_a_module_to_build_on_is_built_on_a_copy(self):
        class On(nn.Module):
            def __init__(self, given):
                super().__init__()
                self.given = given

            def forward(self, x):
                return self.given(x)

        given = Small()

        def cases(draw):
            return [
                ModuleCase("plain", {"x": draw.normal(3, 2)}, state=On(Small()).state_dict(), init={"given": given})
            ]

        assert examine(exercise(On, cases), On, 0).status == "passed"
        assert given.training
        assert given.layer.weight.dtype == torch.float32


class TestStops:
    def test_a_loop_that_never_ends(self):
        def answer(x):
            while True:
                try:
                    time.sleep(0.01)
                except Exception:
                    continue

        start = time.monotonic()
        verdict, text = said(answer, seconds=0.3)
        assert time.monotonic() - start < 5
        assert "does not finish: it was stopped after 0.3 seconds" in text
        assert verdict.points == 0

    @pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no alarm signal on this system")
    def test_the_alarm_is_put_back(self):
        before = signal.getsignal(signal.SIGALRM)
        probe_call(double, Case("x", {"x": torch.ones(2, dtype=torch.float64)}))
        assert signal.getsignal(signal.SIGALRM) is before
        assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)

    def test_in_a_thread_too(self):
        import threading

        ended = []

        def work():
            try:
                with time_limit(0.2):
                    while True:
                        sum(range(1000))
            except TookTooLong:
                ended.append(True)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join(10)
        assert ended == [True]

    def test_exit_is_only_an_error(self):
        def answer(x):
            raise SystemExit(0)

        assert "raises SystemExit" in said(answer)[1]


class TestPrints:
    def test_the_first_of_what_an_answer_prints_is_shown(self, home, capsys):
        def answer(train, test):
            print("here", train.shape)
            return 7

        with pytest.raises(CheckFailed):
            check("00.4", answer)
        assert "here torch.Size" in capsys.readouterr().out

    def test_a_flood_is_cut(self):
        def answer(x):
            for _ in range(10_000):
                print("x" * 100)
            return x * 2

        verdict = examine(exercise(), answer, 0)
        assert verdict.status == "passed"
        assert len(verdict.printed) == 2000


class TestMemory:
    def test_peak_counts_what_lives_at_once(self):
        with MemoryWatch() as one_by_one:
            total = torch.zeros(1000)
            for _ in range(50):
                total = total + 1
        with MemoryWatch() as together:
            kept = [torch.zeros(1000) + i for i in range(50)]
        assert one_by_one.peak <= 4 * 4000
        assert together.peak >= 50 * 4000
        assert len(kept) == 50

    def test_a_bound(self):
        def cases(draw):
            return [Case("large", {"x": draw.normal(1000, 8)}, memory=100_000, gradients=False)]

        assert said(double, cases=cases)[0].status == "passed"
        text = said(lambda x: (x[None].expand(8, -1, -1) * 2)[0], cases=cases)[1]
        assert "gives the right values, but holds 500 kB at once where 98 kB must do" in text


class TestOneDevice:
    def test_mixing_is_refused_and_numbers_and_copies_are_not(self):
        there = torch.empty(3, device="meta")
        with OneDevice():
            assert (there * torch.tensor(2.0)).is_meta
            assert torch.ones(3).to("meta").is_meta
            with pytest.raises(MixedDevices):
                there + torch.ones(3)


class TestCard:
    def verdict(self):
        return examine(bank.exercise("04.1"), lambda tokens, mask: tokens.mean(1), 0)

    def test_three_forms_say_the_same(self):
        forms = bundle(self.verdict(), "1.2")
        assert forms[MIME]["course"] == "1.2"
        assert forms[MIME]["points"] == 2
        for word in (
            "2 of 5 points · 04.1 masked mean",
            "padded",
            "averaged in as if they were words",
            "failed",
            "passed",
        ):
            assert word in forms["text/plain"]
            assert word in forms["text/html"]

    def test_html_escapes_what_a_learner_wrote(self):
        def answer(x):
            raise ValueError("<script>alert(1)</script>")

        html = as_html(examine(exercise(), answer, 0))
        assert "<script>" not in html
        assert "&lt;script&gt;" in html

    def test_marks_never_stand_alone(self):
        html = as_html(self.verdict())
        assert html.count("aria-hidden") == 1 + 5
        assert "color:" not in html.replace("currentColor", "")

    def test_the_card_is_a_group_with_a_name_and_no_empty_list(self):
        verdict = self.verdict()
        assert f"role='group' aria-label='{verdict.points} of 5 points · 04.1" in as_html(verdict)
        assert "<ul role='list'" in as_html(verdict)
        assert "<ul" not in as_html(examine(exercise(), None, 0))

    def test_json_is_plain(self):
        import json

        json.dumps(bundle(self.verdict(), "1"))


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("MMCOURSE_HOME", str(tmp_path))
    return tmp_path


class TestWhatALearnerCalls:
    def test_check_passes_silently_and_fails_in_one_line(self, home, capsys):
        check("00.4", bank.exercise("00.4").reference)
        with pytest.raises(CheckFailed, match="00.4: 0 of 4 points"):
            check("00.4", lambda train, test: 7)
        shell = InteractiveShell.instance()
        shell.run_cell("from mmcourse import check\ncheck('00.4', lambda train, test: 7)")
        out = capsys.readouterr().out
        assert "CheckFailed: 00.4" in out
        assert "Traceback" not in out

    def test_unknown_exercise(self, home):
        with pytest.raises(KeyError, match=r"there is no exercise '00.9'; there are 00.1, 00.2"):
            check("00.9", None)

    def test_hints_climb(self, home, capsys):
        hint("00.4")
        assert capsys.readouterr().out.count("Hint") == 1
        hint("00.4")
        hint("00.4")
        hint("00.4")
        assert "Hint 3 of 3" in capsys.readouterr().out

    def test_solution_waits_for_a_try(self, home, capsys):
        solution("00.4")
        assert "First a try" in capsys.readouterr().out
        with pytest.raises(CheckFailed):
            check("00.4", lambda train, test: 7)
        solution("00.4")
        assert "First a try" not in capsys.readouterr().out

    def test_after_a_pass_the_solution_shows_what_people_get_wrong(self, home, monkeypatch):
        import IPython.display

        shown = []
        monkeypatch.setattr(IPython.display, "display", lambda data, raw=False: shown.append(data))
        check("00.4", bank.exercise("00.4").reference)
        solution("00.4")
        _, answer, wrong = shown
        assert "a solution" in answer.data
        assert wrong.data.count("<details>") == len(bank.exercise("00.4").mistakes)

    def test_the_stub_is_no_try(self, home, capsys):
        def stub(train, test):
            raise NotImplementedError

        with pytest.raises(CheckFailed, match="Not attempted"):
            check("00.4", stub)
        capsys.readouterr()
        solution("00.4")
        assert "First a try" in capsys.readouterr().out

    def test_solution_holds_the_answer_and_why_without_markers(self):
        from mmcourse.bank.solution_text import as_markdown

        for id in bank.exercises("00"):
            text = as_markdown(bank.exercise(id))
            assert "**Why.**" in text
            assert "BEGIN" not in text
            assert "check(" not in text
            assert bank.exercise(id).answer in text

    def test_seed_from_the_environment(self, monkeypatch):
        monkeypatch.setenv("MMCOURSE_SEED", "12")
        assert bank.seed() == 12


class TestStore:
    def test_a_broken_file_is_laid_aside(self, home):
        store.path().write_text("{not json")
        with pytest.warns(UserWarning, match="could not be read"):
            assert store.read() == {"tries": {}, "hints": {}, "guesses": {}, "passed": {}}
        assert store.path().with_suffix(".broken").read_text() == "{not json"

    def test_nowhere_to_write_is_said_and_costs_nothing(self, tmp_path, monkeypatch):
        (tmp_path / "file").write_text("")
        monkeypatch.setenv("MMCOURSE_HOME", str(tmp_path / "file"))
        with pytest.warns(UserWarning, match="could not be saved"):
            check("00.4", bank.exercise("00.4").reference)


class TestPredict:
    def test_guess_and_reveal(self, home, capsys):
        from mmcourse import predict, reveal

        reveal("x", "a")
        assert "You kept no guess" in capsys.readouterr().out
        predict("x", choices="abc", guess="b", confidence=0.7)
        reveal("x", "a")
        assert "you guessed b, 70% sure" in capsys.readouterr().out
        assert store.read()["guesses"]["x"]["right"] is False

    def test_widget(self, home, monkeypatch):
        import IPython.display

        from mmcourse import predict

        shown = []
        monkeypatch.setattr(IPython.display, "display", lambda data, raw=False: shown.append(data))
        predict("y", choices="ab")
        pick, sure, button, said = shown[0].children
        assert button.disabled
        pick.value, sure.value = "b", 80
        assert not button.disabled
        button.click()
        assert store.read()["guesses"]["y"]["guess"] == "b"
        assert store.read()["guesses"]["y"]["confidence"] == 0.8
        assert "Kept: b, 80 percent sure" in said.value

    @pytest.mark.parametrize(("guess", "confidence", "what"), [("d", None, "choose one of a, b"), ("a", 3, "from 0")])
    def test_bad_guesses(self, home, guess, confidence, what):
        from mmcourse import predict

        with pytest.raises(ValueError, match=what):
            predict("x", choices="ab", guess=guess, confidence=confidence)


def test_draw_is_seeded_and_strided():
    a, b = Draw(1), Draw(1)
    assert a.normal(2, 3, 4).equal(b.normal(2, 3, 4))
    strided = a.normal(2, 3, 4, strided=True)
    assert strided.shape == (2, 3, 4)
    assert not strided.is_contiguous()
    assert Draw(1).mask(2, 0, size=3).tolist() == [[True, True, False], [False] * 3]


def test_text_card_reads_well():
    text = as_text(examine(bank.exercise("04.1"), lambda tokens, mask: tokens.mean(1), 0))
    assert text.split("\n")[0] == "2 of 5 points · 04.1 masked mean"
    assert "  failed: padded (0 of 1 point): differs, first at `[0, 0]`" in text
