"""Golden texts: answers that another processor gives too, and that their batch does not change."""

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from models.golden import answer_golden
from training.text.proof import GOLDEN_ROWS, golden_texts
from triage.taxonomy import HEADS


class FixedModel:
    """A text model whose surest answer to the text "n" is n per cent, plus what the batch adds."""

    def __init__(self, noise_per_text: float = 0.0) -> None:
        self.description = SimpleNamespace(codes=dict.fromkeys(HEADS, ("yes", "no")))
        self._noise = noise_per_text

    def predict(self, texts: Sequence[str]) -> np.ndarray:
        sure = np.array([int(text) / 100 for text in texts]) + self._noise * len(texts)
        return np.stack([sure, 1 - sure], axis=1)

    def probabilities(self, output: np.ndarray) -> dict[str, np.ndarray]:
        return dict.fromkeys(HEADS, output)


def test_golden_texts_are_those_that_are_answered_clearly() -> None:
    texts = golden_texts(FixedModel(), [str(number) for number in range(50, 100)])  # type: ignore[arg-type]
    assert 0 < len(texts) <= GOLDEN_ROWS
    assert all(int(text) >= 58 for text in texts)


def test_where_no_answer_is_clear_the_clearest_become_golden() -> None:
    texts = [str(number) for number in range(50, 57) for _ in range(10)]
    assert set(golden_texts(FixedModel(), texts)) <= {"55", "56"}  # type: ignore[arg-type]


def test_golden_answers_are_what_the_golden_texts_alone_get() -> None:
    model = FixedModel(noise_per_text=0.001)
    texts = golden_texts(model, [str(number) for number in range(60, 95)])  # type: ignore[arg-type]
    rows = answer_golden(model, texts)  # type: ignore[arg-type]
    alone = model.predict(texts).max(axis=1)
    assert [row.answers["category"].confidence for row in rows] == pytest.approx(alone, abs=1e-4)
