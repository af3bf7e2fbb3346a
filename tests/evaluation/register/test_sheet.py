"""The sheet of the algorithm register: in two languages, with the figures of the bundle in use."""

import json
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evaluation.register.facts import Facts, read_facts
from evaluation.register.sheet import LANGUAGES, Language, read_words, write_sheet
from evaluation.register.writing import written
from models.bundle import load_bundle
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT, Settings

TODAY = date(2026, 11, 23)
# Fields that the Dutch publication standard asks for, by its names.
STANDARD = {
    "name", "organization", "department", "description_short", "type", "url", "status", "begin_date", "goal", "impact",
    "proportionality", "decision_making_process", "human_intervention", "risk_management", "lawful_basis",
    "objection_procedure", "competent_authority", "dpia", "source_data", "methods_and_models", "monitoring",
    "performance_standard", "risks", "contact_email", "revision_date",
}  # fmt: skip
CITY = {"organization": "Ville <b>d'essai</b>", "contact_email": "contact@ville.example"}


@pytest.fixture(scope="module")
def facts() -> Facts:
    return read_facts(load_bundle(PROJECT_ROOT / "models" / "pretrained"), Settings(photo_store="photos"))


def keys(words: Any) -> Iterator[tuple[str, int, Any, Any, bool]]:
    """What must be alike in both languages."""
    for section in words.sections:
        for field in section.fields:
            yield field.key, len(field.text), field.items, field.table, field.missing is None


def test_both_languages_have_the_same_fields_and_those_of_the_standard() -> None:
    french, english = (read_words(language) for language in LANGUAGES)
    assert list(keys(french)) == list(keys(english))
    assert {key for key, *_ in keys(french)} >= STANDARD
    for name in ("tables", "heads", "figures"):
        assert set(getattr(french, name)) == set(getattr(english, name))
    assert {key: len(heads) for key, heads in french.tables.items()} == {
        key: len(heads) for key, heads in english.tables.items()
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_and_thresholds_are_those_of_the_bundle(facts: Facts, language: Language) -> None:
    text = written(write_sheet(facts, language, {}, TODAY), facts, "markdown")
    f1 = f"{facts.metrics['category_macro_f1']:.3f}"
    assert (f1.replace(".", ",") if language == "fr" else f1) in text
    for said in (facts.version, facts.sha256, "90", "365", "8"):
        assert said in text
    assert all(getattr(entry, language) in text for entry in facts.taxonomy.categories.values())
    assert all(sentence[language] in text for sentence in facts.reasons.values())
    assert "{{" not in text and "None" not in text


def test_what_only_the_city_knows_is_asked_for_until_it_is_given(facts: Facts) -> None:
    empty = write_sheet(facts, "fr", {}, TODAY)
    assert {"organization", "contact_email", "lawful_basis"} <= set(empty.missing)
    filled = write_sheet(facts, "fr", CITY, TODAY)
    assert set(empty.missing) - set(filled.missing) == set(CITY)
    assert "contact@ville.example" in written(filled, facts, "markdown")
    with pytest.raises(InvalidConfiguration, match="organisation"):
        write_sheet(facts, "fr", {"organisation": "x"}, TODAY)


def test_the_json_has_every_field_under_the_name_of_the_standard(facts: Facts) -> None:
    document = json.loads(written(write_sheet(facts, "en", CITY, TODAY), facts, "json"))
    assert set(document["fields"]) >= STANDARD
    assert document["thresholds"]["error_rate"] == facts.thresholds.error_rate
    assert document["metrics"] == dict(facts.metrics)
    assert document["fields"]["organization"] == {
        "title": "Organisation",
        "text": CITY["organization"],
        "missing": False,
    }
    assert len(document["fields"]["categories"]["rows"]) == len(facts.taxonomy.categories)


def test_the_page_is_whole_and_shows_details_as_text(facts: Facts) -> None:
    page = written(write_sheet(facts, "fr", CITY, TODAY), facts, "html")
    assert "Ville &lt;b&gt;d&#39;essai&lt;/b&gt;" in page
    opened: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            assert not {"src", "href"} & {name for name, _ in attrs}
            if tag != "meta":
                opened.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert opened.pop() == tag

    Reader().feed(page)
    assert opened == []


def test_settings_change_what_is_said_of_keeping(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, purge_personal_after=None)
    facts = read_facts(load_bundle(PROJECT_ROOT / "models" / "pretrained"), settings)
    text = written(write_sheet(facts, "en", {}, TODAY), facts, "markdown")
    assert "notes of staff: no limit is set." in text
    assert "Photos are not kept." in text
