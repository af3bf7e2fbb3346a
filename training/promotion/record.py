"""What MLflow keeps of a decision: every gate with its figures, who decided and why."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import mlflow
from pydantic import TypeAdapter

from models.promotions import GateNote
from training.promotion.gate import GateResult
from training.registry.explained import explained
from training.registry.tracking import require_tracking
from training.tracking import track_run

GATES = "gates.json"

_NOTES = TypeAdapter(tuple[GateNote, ...])


@contextmanager
def recorded(tracking_uri: str, name: str, tags: dict[str, str]) -> Iterator[str]:
    """Open a run for a decision; yields its number.

    Raises:
        TrackingFailed: MLflow does not answer, or refuses.
    """
    require_tracking(tracking_uri)
    with explained("write the decision down"), track_run(tracking_uri, name, system_metrics=False) as tracker:
        mlflow.set_tags({name: value[:500] for name, value in tags.items()})
        yield tracker.run_id


def record_gates(results: Sequence[GateResult]) -> None:
    """Log what each gate said in the open run: a tag, its figures, and all of it as one file."""
    mlflow.set_tags({f"gate.{result.code}": result.status for result in results})
    figures = {
        f"{result.code}.{measure.name}": float(measure.value)
        for result in results
        for measure in result.measures
        if math.isfinite(measure.value)
    }
    mlflow.log_metrics(figures)
    notes = _NOTES.dump_json(tuple(result.note() for result in results), indent=2)
    mlflow.log_text(notes.decode(), GATES)


def record_outcome(outcome: str) -> None:
    """Log what came of it in the open run."""
    mlflow.set_tag("outcome", outcome)
