"""Rewritings that must not change the category (INV)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from evaluation.typing_noise import strip_accents, strip_punctuation
from triage.prediction import Prediction

# Staff see the same fault written in many ways; about one rewriting in fifteen may tip a text
# that lies between two categories, more would mean that the model reads manners and places.
LEAST_SAME_CATEGORY = 0.93
FILE = "invariance.jsonl"

Predict = Callable[[Iterable[str]], dict[str, Prediction]]
ReadRows = Callable[[str], list[dict[str, Any]]]
RequireShare = Callable[[int, Sequence[str], float, str], None]


def _changed(pairs: Sequence[tuple[str, str]], predict: Predict) -> list[str]:
    predictions = predict(text for pair in pairs for text in pair)
    codes = [
        (rewritten, predictions[text].category.code, predictions[rewritten].category.code) for text, rewritten in pairs
    ]
    return [f"{rewritten} (was {before}, is {after})" for rewritten, before, after in codes if before != after]


def test_another_place_politeness_anger_or_a_name_keeps_the_category(
    predict: Predict, read_rows: ReadRows, require_share: RequireShare
) -> None:
    pairs = [(row["text"], variant) for row in read_rows(FILE) for variant in row["variants"]]
    require_share(len(pairs), _changed(pairs, predict), LEAST_SAME_CATEGORY, "A rewriting keeps the category")


@pytest.mark.parametrize(
    ("manner", "rewrite"),
    [("no accents", strip_accents), ("no punctuation", strip_punctuation), ("capitals", str.upper)],
    ids=["no_accents", "no_punctuation", "capitals"],
)
def test_typing_as_on_a_phone_keeps_the_category(
    manner: str, rewrite: Callable[[str], str], predict: Predict, read_rows: ReadRows, require_share: RequireShare
) -> None:
    texts = [text for row in read_rows(FILE) for text in (row["text"], *row["variants"])]
    pairs = [(text, rewrite(text)) for text in texts if rewrite(text) != text]
    require_share(len(pairs), _changed(pairs, predict), LEAST_SAME_CATEGORY, f"Typing with {manner} keeps the category")
