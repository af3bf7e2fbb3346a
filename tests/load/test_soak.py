"""The short form of `triage bench soak`: a real server near its capacity, then far beyond it, then as before."""

import pytest

from evaluation.benchmarks.open_load import Phase, Sent, refusal_fault
from evaluation.benchmarks.soak import Lengths, bench_soak, recovered_s
from evaluation.benchmarks.texts import bench_texts
from models.bundle import TAXONOMY
from triage.settings import PROJECT_ROOT
from triage.taxonomy import load_taxonomy

BUNDLE = PROJECT_ROOT / "models" / "pretrained"
# Near its limit the server sometimes closes a connection without an answer; few may be lost so.
LOST = "no answer (ClientOSError)"
SHORT = Lengths(capacity=4, steady=8, burst=4, after=14)


@pytest.mark.slow
@pytest.mark.xdist_group("soak")
def test_a_burst_is_refused_with_a_time_to_come_back_and_never_with_a_fault() -> None:
    texts = bench_texts(PROJECT_ROOT / "datasets" / "corpus", load_taxonomy(BUNDLE / TAXONOMY))
    passed: list[float] = []
    figures = bench_soak(BUNDLE, texts, SHORT, lambda _, seconds: passed.append(seconds))
    # How soon it recovers is for the full form on a machine of its own: here other tests take the processors.
    for one in (figures.steady, figures.burst, figures.after):
        assert set(one.statuses) <= {"0", "201", "202", "429", "503"}, figures
        assert set(one.faults) <= {LOST}, figures
        assert one.faults.get(LOST, 0) <= 0.05 * sum(one.statuses.values()), figures
    assert figures.burst.offered_per_s + figures.burst.unsent / SHORT.burst > 1.5 * figures.steady.offered_per_s
    assert {"201", "202"} & set(figures.burst.statuses), "nothing was stored in the burst"
    assert figures.memory_mb is None, "half a minute says nothing about memory"
    assert sum(passed) > 0.7 * SHORT.whole


def phase(*slow: float, seconds: float = 20) -> Phase:
    """A request each tenth of a second; those that leave between two moments take two seconds."""
    sent = tuple(
        Sent(tenth / 10, 2.0 if slow and slow[0] <= tenth / 10 < slow[1] else 0.01, 201)
        for tenth in range(int(10 * seconds))
    )
    return Phase(seconds, sent, 0)


@pytest.mark.parametrize(
    ("after", "seconds"),
    [(phase(), 0.0), (phase(0, 3), 4.0), (phase(6, 7), 8.0), (phase(0, 20), None), (Phase(20, (), 0), None)],
)
def test_recovery_is_when_the_slowest_answers_are_quick_for_good(after: Phase, seconds: float | None) -> None:
    assert recovered_s(phase(), after) == seconds


def test_a_refusal_is_a_fault_only_where_it_does_not_say_when_to_come_back() -> None:
    assert refusal_fault(503, "1") == refusal_fault(429, "5") == refusal_fault(201, None) == ""
    assert refusal_fault(503, None) == "503 without Retry-After"
    assert refusal_fault(500, "1") == "500"
