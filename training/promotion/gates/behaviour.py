"""Whether a challenger behaves: the suite of `tests/behaviour`, in a process of its own."""

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar
from xml.etree import ElementTree

from training.corpus_checks.check import listed
from training.promotion.contest import Contest
from training.promotion.gate import Finding, Measure, at_most

_NAMED = 3
_LONGEST_S = 1800


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """How many cases there were, how many could not be tried, and the names of those that failed."""

    cases: int
    skipped: int
    failed: tuple[str, ...]


class Behaves:
    """Plain alerts, rewritings and directions that no reader of the guide would doubt."""

    code: ClassVar[str] = "GAT012"
    title: ClassVar[str] = "the behaviour suite is passed"
    may_be_forced: ClassVar[bool] = True

    def judge(self, contest: Contest) -> Finding:
        """Run the suite against the challenger."""
        if contest.behaviour is None or find_spec("pytest") is None:
            missing = "pytest" if contest.behaviour else "the folder tests/behaviour"
            return Finding(f"The suite was not run, since {missing} is not installed here.", skipped=True)
        run = run_suite(contest.behaviour, contest.challenger.bundle.folder)
        measures = (
            at_most("behaviour_failures", len(run.failed), 0),
            Measure("behaviour_cases", run.cases, 1),
            Measure("behaviour_skipped", run.skipped),
        )
        if run.failed:
            told = f"{len(run.failed)} of {run.cases} cases fail: {listed(run.failed, _NAMED)}."
        else:
            told = f"{run.cases - run.skipped} of {run.cases} cases pass, {run.skipped} do not apply."
        return Finding(told, measures)


def run_suite(folder: Path, bundle: Path) -> SuiteRun:
    """Run the tests of a folder against a bundle.

    A known weakness that a challenger has overcome is no failure of the challenger.
    """
    with tempfile.TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.xml"
        said = _run(folder, bundle, report)
        if not report.exists():
            return SuiteRun(0, 0, (f"the suite did not run ({said[:200]})",))
        cases = list(ElementTree.parse(report).iter("testcase"))  # noqa: S314 - pytest wrote it just now
    failed = [
        case.get("name", "") for case in cases if case.find("failure") is not None or case.find("error") is not None
    ]
    skipped = sum(case.find("skipped") is not None for case in cases)
    return SuiteRun(len(cases), skipped, tuple(failed))


def _run(folder: Path, bundle: Path, report: Path) -> str:
    """Let pytest write its report; returns the last line that it said."""
    plugins = ("no:randomly", "no:xdist", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", str(folder), "-q", "-o", "xfail_strict=false"]
    command += [f"--junitxml={report}", *(part for plugin in plugins for part in ("-p", plugin))]
    environment = os.environ | {"TRIAGE_BUNDLE": str(bundle.resolve())}
    try:
        ended = subprocess.run(  # noqa: S603 - our own tests
            command, env=environment, cwd=folder.parent.parent, capture_output=True, timeout=_LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired:
        return f"it took longer than {_LONGEST_S} seconds"
    return (ended.stdout.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
