"""The shipped bundle, asked once for each text, and the texts of this folder."""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from models.predictor import Predictor
from triage.alert import Alert
from triage.prediction import Prediction
from triage.settings import PROJECT_ROOT

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def predictor() -> Predictor:
    return Predictor.load(PROJECT_ROOT / "models" / "pretrained", threads=1)


@pytest.fixture(scope="session")
def predict(predictor: Predictor) -> Callable[[Iterable[str]], dict[str, Prediction]]:
    """Predictions by text; each text is predicted once in a session."""
    known: dict[str, Prediction] = {}

    def predict_texts(texts: Iterable[str]) -> dict[str, Prediction]:
        wanted = tuple(dict.fromkeys(texts))
        for text in wanted:
            if text not in known:
                (known[text],) = predictor.predict([Alert(id=f"behaviour-{len(known)}", text=text)]).predictions
        return {text: known[text] for text in wanted}

    return predict_texts


@pytest.fixture(scope="session")
def urgency(predictor: Predictor) -> Callable[[Prediction], float]:
    """The probability of the more pressing half of the priorities."""
    ranks = {code: priority.rank for code, priority in predictor.taxonomy.priorities.items()}

    def of(prediction: Prediction) -> float:
        answers = (prediction.priority, *prediction.priority.alternatives)
        return sum(answer.confidence for answer in answers if ranks[answer.code] < len(ranks) / 2)

    return of


@pytest.fixture(scope="session")
def not_raised(
    predict: Callable[[Iterable[str]], dict[str, Prediction]], predictor: Predictor
) -> Callable[[Sequence[tuple[str, str]]], list[str]]:
    """The pairs of texts whose second is answered a more pressing priority than the first, as lines to list."""
    ranks = {code: priority.rank for code, priority in predictor.taxonomy.priorities.items()}

    def failures(pairs: Sequence[tuple[str, str]]) -> list[str]:
        predictions = predict(text for pair in pairs for text in pair)
        code = {text: prediction.priority.code for text, prediction in predictions.items()}
        return [
            f"{after} (is {code[after]}, was {code[before]})"
            for before, after in pairs
            if ranks[code[after]] < ranks[code[before]]
        ]

    return failures


@pytest.fixture(scope="session")
def read_rows() -> Callable[[str], list[dict[str, Any]]]:
    """Reads a file of this folder, one JSON object a line."""

    def read(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]

    return read


@pytest.fixture(scope="session")
def require_share() -> Callable[[int, Sequence[str], float, str], None]:
    """Fails, listing the failing texts, where too few of the cases behave."""

    def require(cases: int, failures: Sequence[str], least: float, claim: str) -> None:
        assert cases, f"There is no case for: {claim}."
        share = 1 - len(failures) / cases
        listed = "\n".join(f"- {failure}" for failure in failures)
        assert share >= least, (
            f"{claim}: {share:.3f} of {cases} cases, at least {least} wanted. The {len(failures)} that fail:\n{listed}"
        )

    return require
