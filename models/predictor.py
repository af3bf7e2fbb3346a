"""From alerts to predictions: redaction, model, calibration and policy in one place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.bundle import GOLDEN, RULES, TAXONOMY, Bundle, load_bundle
from models.calibration import Floats
from models.explanation import explain
from models.golden import check_golden
from models.text import TextModel
from triage.alert import Alert
from triage.errors import InvalidBundle
from triage.policy import Evidence, Policy
from triage.prediction import Alternative, Answer, ExplainedPrediction, ModelInfo, Prediction
from triage.redaction import redact
from triage.rules import DepartmentRules, load_rules
from triage.taxonomy import HEADS, Head, Taxonomy, load_taxonomy

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class PredictedBatch:
    """Predictions in the order of the alerts, and the seconds of each stage."""

    predictions: tuple[Prediction, ...]
    tokenize_s: float
    inference_s: float


class Predictor:
    """Answers alerts from one bundle; the only door to the models for serving and the command line."""

    def __init__(self, bundle: Bundle, taxonomy: Taxonomy, rules: DepartmentRules, text_model: TextModel) -> None:
        self.bundle = bundle
        self.taxonomy = taxonomy
        self._rules = rules
        self._text_model = text_model
        manifest = bundle.manifest
        self._policy = Policy(taxonomy, manifest.thresholds)
        self.model_info = ModelInfo(
            name=manifest.name,
            version=manifest.version,
            taxonomy=manifest.taxonomy_version,
            bundle_sha256=bundle.sha256,
        )

    @classmethod
    def load(cls, folder: Path, *, taxonomy: Path | None = None, threads: int | None = None) -> "Predictor":
        """Verify and load a bundle.

        Args:
            folder: the bundle.
            taxonomy: the city's own file; the bundle's copy by default.
            threads: threads of the inference session; all cores by default.

        Raises:
            InvalidBundle: a file is broken, truncated or foreign.
            InvalidTaxonomy: the city's file lacks a code that the model can answer.
        """
        bundle = load_bundle(folder)
        trained = load_taxonomy(bundle.path(TAXONOMY))
        city = load_taxonomy(taxonomy) if taxonomy else trained
        city.require_compatible(trained)
        model = TextModel.from_bundle(bundle, threads)
        for head in HEADS:
            if set(model.description.codes[head]) - set(trained.codes(head)):
                raise InvalidBundle(f"The text model of {folder} answers a {head} that its taxonomy lacks.")
        return cls(bundle, city, load_rules(bundle.path(RULES), trained), model)

    def predict(self, alerts: Sequence[Alert], notes: Sequence[tuple[str, ...]] | None = None) -> PredictedBatch:
        """Predict alerts of any number.

        Args:
            alerts: checked alerts.
            notes: per alert, reasons found before the model ran (such as an unreadable photo).
        """
        masked = [redact(alert.text).text if alert.has_words else "" for alert in alerts]
        output = self._text_model.predict(masked)
        probabilities = self._text_model.probabilities(output)
        predictions = tuple(
            self._answer(
                alert,
                {head: probabilities[head][row] for head in HEADS},
                float(output.unknown_language[row]),
                notes[row] if notes else (),
            )
            for row, alert in enumerate(alerts)
        )
        return PredictedBatch(predictions, output.tokenize_s, output.inference_s)

    def _answer(
        self, alert: Alert, rows: dict[Head, Floats], unknown_language: float, notes: tuple[str, ...]
    ) -> Prediction:
        codes = self._text_model.description.codes
        ranked = {head: _rank(codes[head], rows[head]) for head in HEADS}
        evidence = Evidence(
            {head: {item.code: item.confidence for item in ranked[head]} for head in HEADS},
            len(_WORD.findall(alert.text)) if alert.has_words else 0,
            unknown_language,
            notes,
        )
        outcome = self._policy.decide(evidence)
        answers = {
            head: Answer.model_construct(
                code=ranked[head][0].code,
                confidence=ranked[head][0].confidence,
                alternatives=tuple(ranked[head][1:]),
            )
            for head in HEADS
        }
        return Prediction.model_construct(
            id=alert.id,
            decision=outcome.decision,
            reasons=outcome.reasons,
            photos=(),
            duplicates=(),
            model=self.model_info,
            category=answers["category"],
            department=answers["department"],
            priority=answers["priority"],
        )

    def explain(self, alert: Alert, prediction: Prediction) -> ExplainedPrediction:
        """A prediction with the words that spoke for it, and the rules that give its department.

        Costs one pass over at most `MAX_PARTS` + 1 texts.
        """
        masked = redact(alert.text).text if alert.has_words else ""
        category, department = prediction.category.code, prediction.department.code
        rules = self._rules.naming(category, department, self.taxonomy)
        answered: dict[Head, str] = {
            "category": category,
            "department": department,
            "priority": prediction.priority.code,
        }
        explanation = explain(self._text_model, masked, answered, [rule.name for rule in rules])
        return ExplainedPrediction(**dict(prediction), explanation=explanation)

    def check_golden(self) -> None:
        """Prove that the model answers here as where it was made.

        Raises:
            InvalidBundle: naming the first text whose answer differs.
        """
        check_golden(self.bundle.path(GOLDEN), self._text_model)


def _rank(codes: Sequence[str], probabilities: Floats) -> list[Alternative]:
    order = np.argsort(-probabilities, kind="stable")
    # Already checked numbers: skipping validation halves the time to build an answer.
    return [
        Alternative.model_construct(code=codes[index], confidence=round(float(probabilities[index]), 4))
        for index in order
    ]
