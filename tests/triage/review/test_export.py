"""Rows of a corpus from answers of staff: whole, with where they come from, and without anything personal."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from triage.redaction import redact
from triage.review.answers import LabelledReview
from triage.review.export import Exporter, Pseudonyms, left_over
from triage.rules import load_rules
from triage.settings import PROJECT_ROOT
from triage.store.personal import PersonalKeys
from triage.taxonomy import load_taxonomy

DATASETS = PROJECT_ROOT / "datasets"
TAXONOMY = load_taxonomy(DATASETS / "taxonomy.yaml")
RULES = load_rules(DATASETS / "department_rules.yaml", TAXONOMY)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def pseudonyms() -> Pseudonyms:
    return Pseudonyms(PersonalKeys([PersonalKeys.new_key()]))


@pytest.fixture(scope="module")
def exporter(pseudonyms: Pseudonyms) -> Exporter:
    return Exporter(TAXONOMY, RULES, pseudonyms.of)


def labelled(number: int = 1, **fields: Any) -> LabelledReview:
    whole: dict[str, Any] = {
        "review_id": number,
        "alert_id": f"x-{number}",
        "text": f"Trou devant le {number} rue Monge",
        "language": "fr",
        "category": "voirie",
        "department": "voirie",
        "priority": "normale",
        "queue": "sample",
        "action": "decide",
        "reviewer": "anne",
        "decided_at": NOON,
        "model_version": "2026.06",
    }
    return LabelledReview(**(whole | fields))


def test_a_row_has_the_fields_of_the_corpus_and_where_it_comes_from(exporter: Exporter) -> None:
    [row] = exporter.export([labelled()]).rows
    shown = json.loads(row.model_dump_json())
    assert list(shown) == ["id", "text", "category", "department", "priority", "lang", "split", "provenance"]
    assert (row.text, row.category, row.department, row.priority) == (labelled().text, "voirie", "voirie", "normale")
    assert (row.lang, row.split) == ("fr", "train")
    provenance = row.provenance
    assert (provenance.review, provenance.queue, provenance.action) == (1, "sample", "decide")
    assert (provenance.model_version, provenance.decided_on) == ("2026.06", date(2026, 6, 1))


def test_neither_reviewers_nor_ids_of_alerts_are_told(exporter: Exporter) -> None:
    rows = exporter.export([labelled(1, alert_id="tel-0639981234"), labelled(2), labelled(3, reviewer="bob")]).rows
    written = "".join(row.model_dump_json() for row in rows)
    assert not [told for told in ("anne", "bob", "0639981234", "x-2") if told in written]
    first, second, third = (row.provenance.reviewer for row in rows)
    assert first == second != third
    assert len({row.id for row in rows}) == 3


def test_pseudonyms_are_the_same_each_time_and_others_with_another_key(pseudonyms: Pseudonyms) -> None:
    stranger = Pseudonyms(PersonalKeys([PersonalKeys.new_key()]))
    assert pseudonyms.of("reviewer", "anne") == pseudonyms.of("reviewer", "anne")
    assert pseudonyms.of("reviewer", "anne") != stranger.of("reviewer", "anne")
    assert pseudonyms.of("reviewer", "anne")[9:] != pseudonyms.of("alert", "anne")[6:]


def test_texts_are_masked_again(exporter: Exporter) -> None:
    [row] = exporter.export([labelled(text="Épave AB-123-CD rue Monge, appelez le 06 39 98 12 34")]).rows
    assert row.text == "Épave <PLAQUE> rue Monge, appelez le <TEL>"


@pytest.mark.parametrize(
    "text",
    [
        "Écrivez à jean @ exemple ou à jean@exemple",
        "Appelez le +49 351 56 39 98 12",
        "Mon dossier 1234-5678-90",
        "C'est Mme Durand qui jette ses sacs",
        "Voyez avec M. Roger au 3",
        "Épave \uff21\uff22-\uff11\uff12\uff13-\uff23\uff24 rue Monge",
        "Mon numéro : 06\u200d39\u200d98\u200d12\u200d34",
    ],
)
def test_what_may_still_be_personal_is_refused_by_its_number_alone(exporter: Exporter, text: str) -> None:
    export = exporter.export([labelled(7, text=text), labelled(8)])
    assert [row.provenance.review for row in export.rows] == [8]
    [refusal] = export.refused
    assert (refusal.review, refusal.code) == (7, "personal")
    assert not set(text.split()) & set(refusal.message.split()) - {"may", "hold"}


def test_nearly_nothing_of_the_shipped_corpus_looks_personal() -> None:
    lines = (DATASETS / "corpus" / "train.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [redact(json.loads(line)["text"]).text for line in lines]
    assert sum(left_over(text) is not None for text in texts) / len(texts) < 0.001


def test_marks_courtesies_and_streets_are_not_personal() -> None:
    for text in (
        "Bonjour Madame, Monsieur, lampe éteinte rue du Docteur Maret",
        "Madame Monsieur bonjour",
        "Épave <PLAQUE> <TEL> <EMAIL>",
        "Lampadaire 12-4 depuis le 12/06/2026 à 22h30",
    ):
        assert left_over(text) is None


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"category": "gone"}, "unknown_code"),
        ({"priority": None}, "unknown_code"),
        ({"category": "graffiti", "department": "eau"}, "against_rules"),
        ({"text": "… !"}, "unusable"),
        ({"language": "not a language"}, "unusable"),
    ],
)
def test_what_no_corpus_can_hold_is_refused(exporter: Exporter, fields: dict[str, Any], code: str) -> None:
    export = exporter.export([labelled(**fields)])
    assert export.rows == ()
    assert [refusal.code for refusal in export.refused] == [code]


def test_a_language_that_is_not_known_is_said_to_be_so(exporter: Exporter) -> None:
    assert exporter.export([labelled(language=None)]).rows[0].lang == "und"


def test_equal_texts_give_one_row(exporter: Exporter) -> None:
    export = exporter.export([labelled(1, text="Lampe éteinte !"), labelled(2, text="lampe eteinte"), labelled(3)])
    assert [row.provenance.review for row in export.rows] == [1, 3]
    assert (export.repeated, export.refused) == (1, ())


def test_equal_texts_with_other_codes_give_none(exporter: Exporter) -> None:
    export = exporter.export([labelled(1, text="Trou"), labelled(2, text="trou", priority="haute"), labelled(3)])
    assert [row.provenance.review for row in export.rows] == [3]
    assert [(refusal.review, refusal.code) for refusal in export.refused] == [
        (1, "contradiction"),
        (2, "contradiction"),
    ]
