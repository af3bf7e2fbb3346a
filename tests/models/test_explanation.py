"""Explanations: every word is weighed, the telling ones most, at a cost that has a bound."""

from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.explanation import MAX_PARTS, Part, explain, split_parts
from triage.alert import MAX_TEXT_CHARACTERS
from triage.prediction import Explanation
from triage.taxonomy import HEADS

LEAK = 0
texts = st.text(st.sampled_from("ab é0.,!'\u00a0\u2003\t\n<>🔥"), max_size=300) | st.text(max_size=100)


class WordModel:
    """Two codes a head: `fuite` and `lampe` decide the category, `tram` the department, nothing the priority."""

    def __init__(self, reads: int = 10**9) -> None:
        self.passes: list[list[str]] = []
        self.tokenizer = SimpleNamespace(reading=lambda text: text[:reads])
        self.description = SimpleNamespace(codes=dict.fromkeys(HEADS, ("first", "second")))

    def predict(self, texts: Sequence[str], **_: Any) -> Any:
        self.passes.append(list(texts))
        category = [text.count("fuite") - text.count("lampe") for text in texts]
        department = [text.count("tram") for text in texts]
        return SimpleNamespace(category=category, department=department, priority=[0] * len(texts))

    def probabilities(self, output: Any) -> dict[str, Any]:
        first = {head: 1 / (1 + np.exp(-3 * np.array(getattr(output, head), float) - 0.1)) for head in HEADS}
        return {head: np.stack([share, 1 - share], axis=1) for head, share in first.items()}


def explained(text: str, model: WordModel | None = None, rules: Sequence[str] = ()) -> Explanation:
    fake = model or WordModel()
    probabilities = fake.probabilities(fake.predict([text]))
    answered = {head: ("first", "second")[int(probabilities[head][0].argmax())] for head in HEADS}
    fake.passes.clear()
    return explain(fake, text, answered, rules)  # type: ignore[arg-type]


def weights(explanation: Explanation, head: str = "category") -> dict[str, float]:
    return {word.text: word.weights[head] for word in explanation.words}  # type: ignore[index]


# Parts


def words_of(text: str, parts: Sequence[Part]) -> list[str]:
    return [word for part in parts for word in text[part.start : part.end].split()]


@settings(max_examples=200, deadline=None)
@given(texts)
def test_parts_hold_every_word_once_and_in_order(text: str) -> None:
    assert words_of(text, split_parts(text)) == text.split()


@settings(max_examples=200, deadline=None)
@given(texts, st.integers(1, 8))
def test_parts_are_few_apart_and_never_empty(text: str, limit: int) -> None:
    parts = split_parts(text, limit)
    assert len(parts) <= limit
    for before, after in pairwise(parts):
        assert before.end < after.start
    for part in parts:
        content = text[part.start : part.end]
        assert content
        assert content == content.strip()


@pytest.mark.parametrize(("words", "parts"), [(0, 0), (1, 1), (40, 40), (41, 21), (80, 40), (81, 27), (2_500, 40)])
def test_words_are_taken_together_only_where_they_are_too_many(words: int, parts: int) -> None:
    assert len(split_parts("a " * words)) == parts


def test_a_text_without_words_has_no_parts() -> None:
    assert split_parts("") == split_parts(" \n\t ") == []


# Weights


def test_the_telling_word_weighs_most_and_others_nothing() -> None:
    found = weights(explained("grosse fuite rue Monge"))
    assert list(found) == ["grosse", "fuite", "rue", "Monge"]
    assert found["fuite"] > 0.5
    assert [str(found[word]) for word in ("grosse", "rue", "Monge")] == ["0.0"] * 3


def test_a_weight_is_the_drop_of_the_logarithm_of_the_answered_code() -> None:
    model = WordModel()
    text = "grosse fuite"
    with_word, without = (model.probabilities(model.predict([t]))["category"][0, LEAK] for t in (text, "grosse"))
    assert without < with_word
    assert weights(explained(text))["fuite"] == pytest.approx(np.log(with_word / without), abs=0.001)


def test_a_word_against_the_answer_weighs_less_than_nothing() -> None:
    found = weights(explained("fuite fuites sous la lampe"))
    assert found["lampe"] < 0 < found["fuite"]


def test_every_head_is_explained_for_its_own_answer() -> None:
    found = explained("la lampe du tram clignote")
    for head, telling in (("category", "lampe"), ("department", "tram"), ("priority", None)):
        assert [word for word, weight in weights(found, head).items() if weight] == ([telling] if telling else [])


def test_places_refer_to_the_text_that_is_answered() -> None:
    text = "  vu une\nfuite…  \tici <TEL> "
    found = explained(text)
    assert found.text == text
    assert [word.text for word in found.words] == ["vu", "une", "fuite…", "ici", "<TEL>"]
    assert all(text[word.start : word.end] == word.text for word in found.words)


def test_a_word_is_left_out_where_it_stands_and_no_other() -> None:
    model = WordModel()
    explained("fuite ici fuite", model)
    [[whole, *variants]] = model.passes
    assert whole == "fuite ici fuite"
    assert [variant.split() for variant in variants] == [["ici", "fuite"], ["fuite", "fuite"], ["fuite", "ici"]]


def test_the_rules_are_named_as_given() -> None:
    assert explained("fuite").department_rules == ()
    assert explained("fuite", rules=["park", "works"]).department_rules == ("park", "works")


def test_a_text_without_words_is_explained_by_none() -> None:
    assert explained("") == Explanation(text="", words=(), department_rules=())


def test_a_probability_that_falls_to_nothing_keeps_its_weight_finite() -> None:
    found = weights(explained("fuite " * 30))
    assert all(np.isfinite(value) for value in found.values())
    certain = WordModel()
    certain.probabilities = lambda output: {  # type: ignore[method-assign]
        head: np.array([[score, 1 - score] for score in output.category], float) for head in HEADS
    }
    assert weights(explained("une fuite", certain))["fuite"] == pytest.approx(-np.log(1e-6), abs=0.001)


def test_words_beyond_what_the_model_reads_have_no_part() -> None:
    found = explained("fuite ici lampe", WordModel(reads=len("fuite ici ")))
    assert [word.text for word in found.words] == ["fuite", "ici"]
    assert found.text == "fuite ici "


# Cost


@pytest.mark.parametrize("word", ["a", "fuite", "é", "anticonstitutionnellement"])
def test_the_longest_text_costs_one_call_of_a_bounded_size(word: str) -> None:
    text = f"{word} " * MAX_TEXT_CHARACTERS
    model = WordModel()
    found = explained(text[:MAX_TEXT_CHARACTERS].strip(), model)
    [variants] = model.passes
    assert len(variants) == len(found.words) + 1 <= MAX_PARTS + 1
    assert sum(len(part.text) for part in found.words) <= MAX_TEXT_CHARACTERS


def test_a_single_word_of_the_greatest_length_is_one_part() -> None:
    assert len(explained("a" * MAX_TEXT_CHARACTERS).words) == 1
