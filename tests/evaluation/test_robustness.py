"""Robustness: which texts are asked, and what a drop is."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from evaluation.answers import answer_rows
from evaluation.robustness import changed_rows, robustness_figures
from triage.alert import Alert
from triage.corpus import LabelledAlert

Row = Callable[..., LabelledAlert]
TEXT = "Réverbère éteint, rappelez le 06 12 34 56 78 !"


def test_every_row_is_asked_again_in_four_ways(predictor: Any, row: Row) -> None:
    answers = answer_rows(predictor, [row("a", TEXT)])
    predictor.texts.clear()
    codes = [figures.code for figures in robustness_figures(predictor, answers)]
    assert codes == ["plain", "typos", "capitals", "contact"]
    plain, typos, capitals, contact = predictor.texts
    assert plain == "Reverbere eteint rappelez le <TEL>"
    assert capitals == "RÉVERBÈRE ÉTEINT, RAPPELEZ LE <TEL> !"
    assert len(typos.split()) == 6
    assert "Réverbère éteint, rappelez le <TEL> !" in contact
    assert len(contact) > len(TEXT)


def test_equal_seeds_make_equal_noise(predictor: Any, row: Row) -> None:
    answers = answer_rows(predictor, [row("a", TEXT * 5)])
    predictor.texts.clear()
    for seed in (1, 1, 2):
        robustness_figures(predictor, answers, seed)
    first, second, other = predictor.texts[1::4]
    assert first == second != other


def test_labels_and_ids_stay(row: Row) -> None:
    before = row("a", TEXT)
    [changed] = changed_rows([before], str.upper)
    assert changed.model_copy(update={"text": before.text}) == before


def test_the_drop_is_the_macro_f1_that_a_change_costs(predictor: Any, row: Row) -> None:
    class Shouting:
        """Answers another category to capitals."""

        taxonomy, bundle = predictor.taxonomy, predictor.bundle

        def predict(self, alerts: list[Alert]) -> Any:
            swap = {"a": "c-loud", "d": "d"}
            asked = [
                alert.model_copy(update={"id": swap[alert.id]}) if (alert.text or "").isupper() else alert
                for alert in alerts
            ]
            return SimpleNamespace(predictions=predictor.predict(asked).predictions)

    # "c" answers as "a" does but for department and priority; "a" and "d" are right but for the priority of "d".
    answers = answer_rows(Shouting(), [row("a", "trou"), row("d", "tag")])  # type: ignore[arg-type]
    plain, _, capitals, _ = robustness_figures(Shouting(), answers)  # type: ignore[arg-type]
    assert plain.drop == {"category": 0.0, "department": 0.0, "priority": 0.0}
    assert capitals.drop["category"] == 0.0
    # Departments: 1 and 1 before; "voirie" is missed and "proprete" answered twice after: (0 + 2/3) / 2.
    assert capitals.drop["department"] == pytest.approx(1 - 1 / 3)
    assert capitals.macro_f1["department"] == pytest.approx(1 / 3)
