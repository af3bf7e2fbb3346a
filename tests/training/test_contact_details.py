"""Contact details in training: often enough, on both sides, and never in the words that a model is examined with."""

import json
import random
import re

import pytest

from evaluation import contact_details as examined
from training import contact_details as trained
from triage.redaction import redact
from triage.settings import PROJECT_ROOT

BEHAVIOUR = PROJECT_ROOT / "tests" / "behaviour" / "contact.jsonl"
TEXT = "Réverbère éteint"


def variants(text: str, count: int = 3000) -> list[str]:
    generator = random.Random(13)
    return [trained.with_contact(text, generator) for _ in range(count)]


def test_the_text_stays_whole_and_most_texts_gain_nothing() -> None:
    found = variants(TEXT)
    assert all(TEXT in variant for variant in found)
    assert sum(variant == TEXT for variant in found) / len(found) == pytest.approx(1 - trained.CONTACT_RATE, abs=0.03)


def test_sentences_stand_before_and_after_in_many_wordings() -> None:
    found = set(variants(TEXT))
    assert sum(variant.endswith(TEXT) for variant in found) > 10
    assert sum(variant.startswith(TEXT) for variant in found) > 40


def test_each_sentence_is_one_that_redaction_leaves_as_it_is() -> None:
    sentences = {variant.replace(TEXT, "").strip() for variant in variants(TEXT)}
    assert all(redact(sentence).text == sentence for sentence in sentences)


def test_no_wording_is_one_that_the_model_is_examined_with() -> None:
    learned = {_words(variant.replace(TEXT, "")) for variant in variants(TEXT)}
    reported = {_words(sentence) for sentence in (*examined.BEFORE, *examined.AFTER)}
    told = {
        _words(redact(variant).text.lower().replace(row["text"].lower(), ""))
        for row in map(json.loads, BEHAVIOUR.read_text(encoding="utf-8").splitlines())
        for variant in row["variants"]
    }
    # A bare number or address is written in one way only.
    bare = {("tel",), ("tel", "tel"), ("email",)}
    assert not (learned & (reported | told)) - bare


def _words(sentence: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", sentence.lower()))
