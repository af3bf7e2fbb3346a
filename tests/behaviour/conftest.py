"""The shipped bundle or that of `TRIAGE_BUNDLE`, asked once for each text, and the texts of this folder."""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from models.predictor import Predictor
from triage.alert import Alert
from triage.prediction import Prediction
from triage.settings import PROJECT_ROOT

HERE = Path(__file__).parent

Predict = Callable[[Iterable[str]], dict[str, Prediction]]
Pairs = Sequence[tuple[str, str]]
ReadRows = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def predictor() -> Predictor:
    bundle = Path(os.environ.get("TRIAGE_BUNDLE") or PROJECT_ROOT / "models" / "pretrained")
    return Predictor.load(bundle, threads=1)


@pytest.fixture(scope="session")
def predict(predictor: Predictor) -> Predict:
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
def ranks(predictor: Predictor) -> dict[str, int]:
    return {code: priority.rank for code, priority in predictor.taxonomy.priorities.items()}


@pytest.fixture(scope="session")
def unmoved(predict: Predict, ranks: dict[str, int]) -> Callable[[Pairs, Callable[[float, float], bool]], list[str]]:
    """The pairs of texts whose urgencies, after and before, do not compare as they must, as lines to list."""

    def urgency(prediction: Prediction) -> float:
        """The probability of the more pressing half of the priorities."""
        answers = (prediction.priority, *prediction.priority.alternatives)
        return sum(answer.confidence for answer in answers if ranks[answer.code] < len(ranks) / 2)

    def failures(pairs: Pairs, moves: Callable[[float, float], bool]) -> list[str]:
        found = {text: urgency(prediction) for text, prediction in predict(t for pair in pairs for t in pair).items()}
        return [
            f"{after} (urgency {found[after]:.3f}, was {found[before]:.3f})"
            for before, after in pairs
            if not moves(found[after], found[before])
        ]

    return failures


@pytest.fixture(scope="session")
def raised(predict: Predict, ranks: dict[str, int]) -> Callable[[Pairs], list[str]]:
    """The pairs of texts whose second is answered a more pressing priority than the first, as lines to list."""

    def failures(pairs: Pairs) -> list[str]:
        predictions = predict(text for pair in pairs for text in pair)
        code = {text: prediction.priority.code for text, prediction in predictions.items()}
        return [
            f"{after} (is {code[after]}, was {code[before]})"
            for before, after in pairs
            if ranks[code[after]] < ranks[code[before]]
        ]

    return failures


@pytest.fixture(scope="session")
def read_rows() -> ReadRows:
    """Reads a file of this folder, one JSON object a line."""

    def read(name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]

    return read


@pytest.fixture(scope="session")
def read_pairs(read_rows: ReadRows) -> Callable[[str, str], dict[str, Pairs]]:
    """Reads a file of pairs, each before and after a change, by what its rows say in a field."""

    def read(name: str, field: str) -> dict[str, Pairs]:
        pairs: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in read_rows(name):
            pairs[row[field]].append((row["before"], row["after"]))
        return dict(pairs)

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
