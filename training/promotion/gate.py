"""What a gate is, what it measures, and how that is judged."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Protocol

import mlflow
from mlflow.models import EvaluationResult, MetricThreshold
from mlflow.models.evaluation.validation import ModelValidationFailedException

from models.promotions import GateNote
from training.promotion.contest import Contest

Status = Literal["pass", "fail", "skipped", "forced"]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure; with a limit, the gate is shut where it lies beyond.

    Attributes:
        name: as MLflow shall call it.
        value: the figure.
        limit: the least value that passes, or the most; none for a figure that is only told.
        at_least: whether `limit` is the least.
    """

    name: str
    value: float
    limit: float | None = None
    at_least: bool = True

    @property
    def holds(self) -> bool:
        """Whether the figure is within its limit; what is no number is not."""
        if self.limit is None:
            return True
        threshold = MetricThreshold(threshold=float(self.limit), greater_is_better=self.at_least)
        candidate = EvaluationResult(metrics={self.name: self.value}, artifacts={})
        try:
            mlflow.validate_evaluation_results({self.name: threshold}, candidate)
        except ModelValidationFailedException:
            return False
        return True


def at_most(name: str, value: float, limit: float) -> Measure:
    """A figure that must not be larger."""
    return Measure(name, value, limit, at_least=False)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a gate found.

    Attributes:
        message: full sentences for the reader.
        measures: the figures; the gate is passed where all hold.
        skipped: whether nothing could be judged; the message then says why.
    """

    message: str
    measures: tuple[Measure, ...] = ()
    skipped: bool = False


class Gate(Protocol):
    """One thing that must hold of a challenger.

    Attributes:
        code: stable identifier, never given to another gate.
        title: what holds where the gate is passed.
        may_be_forced: whether a person may promote in spite of it.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    may_be_forced: ClassVar[bool]

    def judge(self, contest: Contest, /) -> Finding:
        """Measure a challenger."""
        ...


@dataclass(frozen=True, slots=True)
class GateResult:
    """What became of one gate."""

    code: str
    title: str
    status: Status
    message: str
    measures: tuple[Measure, ...]
    may_be_forced: bool = True

    @property
    def shut(self) -> bool:
        """Whether it forbids the promotion."""
        return self.status == "fail"

    def note(self) -> GateNote:
        """What the history of a folder of models keeps of it."""
        values = {measure.name: measure.value for measure in self.measures}
        return GateNote(code=self.code, title=self.title, status=self.status, message=self.message, values=values)


def try_gates(gates: Iterable[Gate], contest: Contest) -> Iterator[GateResult]:
    """Try each gate in turn; all are tried, whatever the first ones say."""
    for gate in gates:
        found = gate.judge(contest)
        held = all(measure.holds for measure in found.measures)
        status: Status = "skipped" if found.skipped else "pass" if held else "fail"
        yield GateResult(gate.code, gate.title, status, found.message, found.measures, gate.may_be_forced)


def forced(results: Sequence[GateResult], codes: Collection[str]) -> list[GateResult]:
    """The results where a person answers for the shut gates of these codes."""
    return [
        replace(result, status="forced") if result.shut and result.may_be_forced and result.code in codes else result
        for result in results
    ]
