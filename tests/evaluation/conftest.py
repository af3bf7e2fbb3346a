"""A predictor whose answers were written by hand, and what was measured on it."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from evaluation.answers import Answers, answer_rows
from evaluation.evaluate import Evaluation, evaluate
from models.bundle import FileEntry, Manifest, Origin
from triage.alert import Alert
from triage.corpus import LabelledAlert
from triage.policy import Thresholds
from triage.prediction import Alternative, Answer, Decision, ModelInfo, Prediction
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy

INFO = ModelInfo(name="essai", version="1", taxonomy=1, bundle_sha256="0" * 64)
ROUTE, REVIEW, BOTH = Decision.ROUTE, Decision.REVIEW, Decision.ROUTE_AND_REVIEW
Codes = tuple[str, str, str]
Case = tuple[Codes, Codes, Decision, float]

# Id: what is true, what is answered, what the policy decided, with which confidence.
CASES: dict[str, Case] = {
    "a": (("voirie", "voirie", "haute"), ("voirie", "voirie", "haute"), ROUTE, 0.8),
    "b": (("voirie", "voirie", "basse"), ("voirie", "proprete", "basse"), ROUTE, 0.8),
    "c": (("graffiti", "proprete", "basse"), ("voirie", "proprete", "basse"), ROUTE, 0.8),
    "d": (("graffiti", "proprete", "basse"), ("graffiti", "proprete", "haute"), ROUTE, 0.8),
    "e": (("graffiti", "proprete", "haute"), ("voirie", "voirie", "haute"), REVIEW, 0.8),
    "f": (("voirie", "voirie", "haute"), ("voirie", "voirie", "critique"), BOTH, 0.8),
    "g": (("voirie", "voirie", "critique"), ("voirie", "voirie", "critique"), BOTH, 0.8),
    "h": (("voirie", "voirie", "critique"), ("voirie", "voirie", "haute"), REVIEW, 0.8),
    "i": (("voirie", "voirie", "critique"), ("graffiti", "voirie", "haute"), ROUTE, 0.8),
}


class WrittenPredictor:
    """Answers what its cases say, whatever the text."""

    def __init__(self, taxonomy: Taxonomy, cases: dict[str, Case]) -> None:
        self.taxonomy = taxonomy
        self.bundle = SimpleNamespace(manifest=manifest(), sha256="b" * 64)
        self.batches: list[int] = []
        self.texts: list[str] = []
        self._cases = cases

    def predict(self, alerts: Sequence[Alert]) -> Any:
        self.batches.append(len(alerts))
        self.texts += [alert.text or "" for alert in alerts]
        return SimpleNamespace(predictions=tuple(self._answer(alert) for alert in alerts))

    def _answer(self, alert: Alert) -> Prediction:
        _, codes, decision, confidence = self._cases[alert.id.partition("-")[0]]
        answers = {}
        for head, code in zip(HEADS, codes, strict=True):
            others = [other for other in self.taxonomy.codes(head) if other != code]
            # The first of the others is second; the rest share little.
            shares = [1 - confidence - 0.001 * (len(others) - 1)] + [0.001] * (len(others) - 1)
            alternatives = tuple(Alternative(code=o, confidence=s) for o, s in zip(others, shares, strict=True))
            answers[head] = Answer(code=code, confidence=confidence, alternatives=alternatives)
        return Prediction(id=alert.id, **answers, decision=decision, reasons=(), model=INFO)


def manifest(**metrics: float) -> Manifest:
    entry = FileEntry(sha256="c" * 64, bytes=1000)
    return Manifest(
        format_version=1,
        name="essai",
        version="1",
        taxonomy_version=1,
        taxonomy_sha256="c" * 64,
        data_sha256="d" * 64,
        parts=("text",),
        thresholds=Thresholds(category=0.75, department=0.75, urgent=0.1, error_rate=0.05),
        metrics=metrics,
        origin=Origin(command="triage train text", commit="abc", run_id="r", created_at="2026-01-01T00:00:00Z"),
        files={"taxonomy.yaml": entry, "text/model.onnx": FileEntry(sha256="e" * 64, bytes=37_000_000)},
    )


def labelled(name: str, cases: dict[str, Case], text: str | None = None, lang: str = "fr") -> LabelledAlert:
    category, department, priority = cases[name.partition("-")[0]][0]
    return LabelledAlert(
        id=name,
        text=text or f"texte {name * 3}",
        category=category,
        department=department,
        priority=priority,
        lang=lang,
    )


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


@pytest.fixture
def predictor(taxonomy: Taxonomy) -> Any:
    return WrittenPredictor(taxonomy, CASES)


@pytest.fixture(scope="session")
def row() -> Callable[..., LabelledAlert]:
    """A labelled row of the cases: `row("a")`, `row("a-1")`, `row("a", text="…", lang="de")`."""
    return lambda name, text=None, lang="fr": labelled(name, CASES, text, lang)


@pytest.fixture(scope="session")
def evaluation(taxonomy: Taxonomy) -> Evaluation:
    """All cases, measured once; the baselines learn from the rows that they are measured on."""
    rows = [labelled(name, CASES) for name in CASES]
    return evaluate(WrittenPredictor(taxonomy, CASES), rows, rows)  # type: ignore[arg-type]


@pytest.fixture
def answered(taxonomy: Taxonomy) -> Callable[..., Answers]:
    """Answers to cases of one's own; `texts` and `langs` by id."""

    def build(
        cases: dict[str, Case], texts: dict[str, str] | None = None, langs: dict[str, str] | None = None
    ) -> Answers:
        rows = [labelled(name, cases, (texts or {}).get(name), (langs or {}).get(name, "fr")) for name in cases]
        return answer_rows(WrittenPredictor(taxonomy, cases), rows)  # type: ignore[arg-type]

    return build
