"""The gate that lets pytest judge, on small suites; the whole one is run where a promotion is tried end to end."""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from training.promotion.contest import Contest
from training.promotion.gates.behaviour import Behaves, run_suite

MakeContest = Callable[..., Contest]
MakeSuite = Callable[..., Path]

SUITE = """
    import os
    from pathlib import Path

    import pytest

    def test_the_bundle_is_the_challenger() -> None:
        assert (Path(os.environ["TRIAGE_BUNDLE"]) / "manifest.json").exists()

    @pytest.mark.xfail
    def test_a_known_weakness_that_was_overcome() -> None:
        pass

    def test_{name}():
        assert {truth}

    def test_what_does_not_apply() -> None:
        pytest.skip("no photos here")
"""


@pytest.fixture
def suite(tmp_path: Path) -> MakeSuite:
    """A folder of tests, the last of which holds or does not."""

    def write(truth: bool, name: str = "danger") -> Path:
        folder = tmp_path / "tests" / "behaviour"
        folder.mkdir(parents=True)
        (folder / "test_few.py").write_text(textwrap.dedent(SUITE).format(truth=truth, name=name), encoding="utf-8")
        return folder

    return write


def test_a_challenger_that_behaves_passes(contest: MakeContest, suite: MakeSuite) -> None:
    finding = Behaves().judge(contest("same", behaviour=suite(True)))
    assert all(measure.holds for measure in finding.measures)
    assert finding.message == "3 of 4 cases pass, 1 do not apply."


def test_a_case_that_fails_is_named(contest: MakeContest, suite: MakeSuite) -> None:
    finding = Behaves().judge(contest("same", behaviour=suite(False, "fire_is_urgent")))
    assert not all(measure.holds for measure in finding.measures)
    assert finding.message == "1 of 4 cases fail: test_fire_is_urgent."


def test_a_suite_that_cannot_run_is_no_pass(contest: MakeContest, tmp_path: Path) -> None:
    finding = Behaves().judge(contest("same", behaviour=tmp_path / "tests" / "nothing"))
    assert not all(measure.holds for measure in finding.measures)


def test_a_suite_without_a_case_is_no_pass(contest: MakeContest, tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "behaviour"
    folder.mkdir(parents=True)
    finding = Behaves().judge(contest("same", behaviour=folder))
    assert not all(measure.holds for measure in finding.measures)


def test_without_the_suite_the_gate_is_skipped(contest: MakeContest) -> None:
    finding = Behaves().judge(contest("same", behaviour=None))
    assert finding.skipped
    assert "tests/behaviour" in finding.message


def test_the_suite_leaves_the_variables_of_this_process_alone(contest: MakeContest, suite: MakeSuite) -> None:
    before = dict(os.environ)
    run_suite(suite(True), contest("same").challenger.bundle.folder)
    assert dict(os.environ) == before
