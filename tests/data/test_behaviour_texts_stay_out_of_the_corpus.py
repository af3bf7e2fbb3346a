"""The texts of tests/behaviour examine the model, so the corpus must not contain them."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.settings import PROJECT_ROOT

# Above this cosine of character 3- to 5-grams two short texts say the same in nearly the same words.
NEAR_DUPLICATE = 0.6

BEHAVIOUR = PROJECT_ROOT / "tests" / "behaviour"
CORPUS = PROJECT_ROOT / "datasets" / "corpus"


def _rows(files: Iterable[Path]) -> list[dict[str, Any]]:
    lines = [line for file in sorted(files) for line in file.read_text(encoding="utf-8").splitlines()]
    return [json.loads(line) for line in lines if line.strip()]


def _texts(row: dict[str, Any]) -> list[str]:
    return [row[field] for field in ("text", "before", "after") if field in row] + row.get("variants", [])


@pytest.mark.parametrize("name", ["minimum_functionality", "invariance", "direction", "negation", "contact"])
def test_no_behaviour_text_is_a_near_duplicate_of_the_corpus(name: str) -> None:
    corpus = [row["text"] for row in _rows(CORPUS.glob("*.jsonl"))]
    assert corpus, f"{CORPUS} holds no .jsonl file with texts, so nothing can be compared; put the corpus there."
    texts = [text for row in _rows([BEHAVIOUR / f"{name}.jsonl"]) for text in _texts(row)]
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=(3, 5), strip_accents="unicode")
    vectors = vectorizer.fit_transform([*corpus, *texts])
    similar = (vectors[len(corpus) :] @ vectors[: len(corpus)].T).toarray()
    found = [
        f"- {text}\n  {similar[number].max():.2f} {corpus[similar[number].argmax()]}"
        for number, text in enumerate(texts)
        if similar[number].max() >= NEAR_DUPLICATE
    ]
    assert not found, f"{len(found)} of {len(texts)} texts are nearly in the corpus; write others:\n" + "\n".join(found)
