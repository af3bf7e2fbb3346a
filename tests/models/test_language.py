"""The language of a text: told for ordinary reports, and not guessed where there is too little to go by."""

import json
from collections import Counter

import pytest

from models.language import LANGUAGES, LanguageReader
from triage.redaction import redact
from triage.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def reader() -> LanguageReader:
    return LanguageReader()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Lampadaire éteint devant le 12 rue Monge", "fr"),
        ("The street light in front of my house is out", "en"),
        ("Die Straßenlaterne vor unserem Haus ist kaputt", "de"),
        ("Hay una farola apagada en la calle mayor", "es"),
        ("<PLAQUE> voiture ventouse depuis trois semaines", "fr"),
        ("LAMPADAIRE CASSE DEVANT LA MAIRIE", "fr"),
    ],
)
def test_a_report_is_told(reader: LanguageReader, text: str, language: str) -> None:
    assert reader.tell(text) == language


@pytest.mark.parametrize("text", ["", "12", "??", "<TEL>", "trou", "🙂🙂", "\ud800"])
def test_what_says_too_little_is_not_guessed(reader: LanguageReader, text: str) -> None:
    assert reader.tell(text) is None


def test_other_languages_are_told_where_they_are_asked_for() -> None:
    assert LanguageReader(("fr", "sv")).tell("Gatlyktan utanför vårt hus är trasig") == "sv"


def test_texts_of_the_corpus_are_told_and_hardly_one_is_mistaken(reader: LanguageReader) -> None:
    found: Counter[str] = Counter()
    for line in (PROJECT_ROOT / "datasets" / "corpus" / "test.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["lang"] in LANGUAGES:
            told = reader.tell(redact(row["text"]).text)
            found["right" if told == row["lang"] else "open" if told is None else "wrong"] += 1
    total = found.total()
    assert found["right"] >= 0.98 * total
    assert found["wrong"] <= 0.002 * total
