"""Personal data leaves a text; places, numbers and dates stay in it."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.redaction import redact

PHONES = [
    "06 39 98 12 34",
    "06.39.98.12.34",
    "06-39-98-12-34",
    "06/39/98/12/34",
    "0639981234",
    "+33 6 39 98 12 34",
    "+33639981234",
    "+33 (0)6 39 98 12 34",
    "+33.6.39.98.12.34",
    "0033 6 39 98 12 34",
    "0033639981234",
    "06 3998 1234",
]
EMAILS = [
    "lea@example.org",
    "lea.m+tram-1@example.org",
    "LEA@EXAMPLE.ORG",
    "léa@example.org",
    "lea@mail.ville.example.org",
]
PLATES = [
    "AB-123-CD",
    "AB 123 CD",
    "AB123CD",
    "ab-123-cd",
    "1234 AB 21",
    "1234AB21",
    "1234-AB-21",
    "123 ABC 21",
    "45 BCD 2A",
]
IBANS = ["FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189", "DE89 3704 0044 0532 0130 00"]
NIRS = ["1 85 05 78 006 084 36", "185057800608436", "1850578006084", "2.99.12.2A.006.084.36", "2 85 11 2b 006 084"]
NAMES = ["je m'appelle Karim", "Je m’appelle Léa", "je m'appelle Anne-Sophie", "My name is Aïcha"]
EVERYTHING = {"TEL": PHONES, "EMAIL": EMAILS, "PLAQUE": PLATES, "IBAN": IBANS, "NIR": NIRS}

INNOCENT = [
    "rue Jean Jaurès",
    "place Wilson",
    "Rue Jean Jaurès, à l'angle de la place Wilson",
    "devant le 12 bis rue de la Liberté",
    "12, rue des Godrans, 21000 Dijon",
    "21000 Dijon",
    "le 14 juillet 2026",
    "le 12/06/2026 à 10h30",
    "12/06/2026 18:45",
    "2026-06-05 10:30",
    "2026-06-05T10:30:00+02:00",
    "de 08h30 à 12h",
    "vers 8 h 30",
    "tous les jours de 7h à 9h depuis le 03/05",
    "lampadaire 0412",
    "candélabre n°21-0639",
    "lampadaires 1203, 1204, 1205 et 1206",
    "n°1234",
    "mât n° 12 345",
    "tram T1",
    "T1/T2 à la station Darcy",
    "ligne L6, arrêt Monge",
    "1 200 €",
    "12,50 € de ticket",
    "47.3220, 5.0415",
    "3 trous de 20 cm sur 50 m",
    "cela fait 3 fois en 2026",
    "dossier 2026-000123",
    "@ondijon ne répond pas",
    "un lampadaire @ la gare",
    "place du 30 Octobre",
    "rue du 8 mai 1945",
    "appelez le 115 ou le 17",
    "LAMPADAIRE ÉTEINT RUE DES FORGES",
]

SPOKEN_TRAPS = [
    "devant le 112 de la rue d'Auxonne",
    "entre le 123 et le 131 rue de Longvic",
    "sur la RN 274 en direction de Beaune",
    "la RD 974 et la rocade",
    "ce 150 cm de trou",
    "LAMPES 12 ET 14 ÉTEINTES",
]
DATE_TRAPS = ["le 05/06/2026 10h30", "05/06/2026 18:45", "01.02.2026 07h15", "du 05-08-2026 20h"]


# What is masked


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in EVERYTHING.items() for value in values])
@pytest.mark.parametrize("sentence", ["{}", "Trou rue Monge, {}, merci", "({})", "{}.", "appelez-moi:{}", "{}\n{}"])
def test_personal_data_is_replaced_by_its_mark(kind: str, value: str, sentence: str) -> None:
    found = redact(sentence.replace("{}", value))
    assert found.text == sentence.replace("{}", f"<{kind}>")
    assert found.kinds == {kind}


@pytest.mark.parametrize("sentence", NAMES)
def test_a_name_that_its_writer_introduces_is_masked(sentence: str) -> None:
    assert redact(f"{sentence}, il y a un trou.").text == f"{sentence.rpartition(' ')[0]} <NOM>, il y a un trou."


def test_every_kind_in_one_text_is_found() -> None:
    text = "je m'appelle Karim, " + " ; ".join(values[0] for values in EVERYTHING.values())
    assert redact(text).kinds == {"NOM", *EVERYTHING}


def test_two_numbers_in_a_row_are_two_marks() -> None:
    assert redact("06 39 98 12 34 / 06 39 98 12 35").text == "<TEL> / <TEL>"


@pytest.mark.parametrize(
    "phone",
    [
        "06\u00a039\u00a098\u00a012\u00a034",
        "06\u202f39\u202f98\u202f12\u202f34",
        "06 39 98\u200b 12 34",
        "06\u201139\u201198\u201112\u201134",
        "06 - 39 - 98 - 12 - 34",
        "06. 39. 98. 12. 34",
    ],
)
def test_a_phone_number_as_keyboards_and_copies_write_it_is_masked(phone: str) -> None:
    assert redact(phone).text == "<TEL>"


@pytest.mark.parametrize("iban", [IBANS[0].lower(), IBANS[0].replace(" ", "\u00a0"), IBANS[0].replace(" ", "-")])
def test_an_iban_in_small_letters_or_with_other_separators_is_masked(iban: str) -> None:
    assert redact(iban).text == "<IBAN>"


def test_an_old_plate_in_small_letters_is_masked() -> None:
    assert redact("voiture 1234 ab 21").kinds == {"PLAQUE"}


@pytest.mark.parametrize("text", ["Je m'appelle Élodie", "rené@example.org"])
def test_decomposed_letters_are_masked_like_composed_ones(text: str) -> None:
    assert redact(unicodedata.normalize("NFD", text)).kinds == redact(text).kinds


@pytest.mark.parametrize(
    "text", ["je m'appelle karim", "JE M'APPELLE KARIM", "Je  m'appelle Karim", "je m'appelle\u00a0Karim"]
)
def test_a_name_is_masked_in_any_case_and_after_any_space(text: str) -> None:
    assert "karim" not in redact(text).text.lower()


def test_a_name_ends_with_its_line() -> None:
    assert redact("Je m'appelle Karim\nLampadaire éteint").text == "Je m'appelle <NOM>\nLampadaire éteint"


# What is kept


@pytest.mark.parametrize("text", INNOCENT)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_places_numbers_and_dates_are_kept(text: str, form: str) -> None:
    written = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    found = redact(written)
    assert found.text == unicodedata.normalize("NFC", written)
    assert not found.kinds


@pytest.mark.parametrize("text", SPOKEN_TRAPS)
def test_small_words_around_a_number_are_no_plate(text: str) -> None:
    assert redact(text).text == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize("text", DATE_TRAPS)
def test_a_date_followed_by_an_hour_is_no_phone_number(text: str) -> None:
    assert redact(text).text == unicodedata.normalize("NFC", text)


def test_an_empty_text_stays_empty() -> None:
    assert redact("").text == ""


@pytest.mark.parametrize("mark", ["<TEL>", "<PLAQUE>", "<EMAIL>", "<IBAN>", "<NIR>", "<NOM>"])
def test_marks_survive_a_second_pass(mark: str) -> None:
    assert redact(f"je m'appelle {mark}, {mark}").text == f"je m'appelle {mark}, {mark}"


# Whatever is written

personal = st.sampled_from([value for values in EVERYTHING.values() for value in values] + NAMES)
pieces = st.lists(personal | st.sampled_from(INNOCENT), max_size=6)


@settings(max_examples=100, deadline=None)
@given(pieces, st.sampled_from([", ", " ; ", "\n", " (", ") ", " | "]))
def test_a_masked_text_has_nothing_left_to_mask(parts: list[str], separator: str) -> None:
    once = redact(separator.join(parts))
    twice = redact(once.text)
    assert twice.text == once.text
    assert not twice.kinds


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80))
def test_any_text_can_be_masked_and_then_stays_as_it_is(text: str) -> None:
    once = redact(text)
    assert redact(once.text).text == once.text
    assert bool(once.kinds) == (once.text != unicodedata.normalize("NFC", text))


@settings(max_examples=50, deadline=None)
@given(personal.filter(lambda value: value not in NAMES), st.sampled_from(INNOCENT), st.sampled_from(INNOCENT))
def test_personal_data_never_survives_among_innocent_words(value: str, before: str, after: str) -> None:
    assert value not in redact(f"{before}, {value}, {after}").text


def test_data_glued_together_is_masked_in_one_pass() -> None:
    once = redact(PHONES[4] + IBANS[1])
    assert redact(once.text).text == once.text


@pytest.mark.parametrize(
    "text",
    [
        "a" * 5_000,
        "a@" * 2_500,
        "a." * 2_500,
        "1" * 5_000,
        "0 1" * 1_600,
        "FR76" + " AAAA" * 999,
        "je m'appelle A" + " " * 4_900,
        "AB 12" * 1_000,
    ],
)
def test_a_hostile_text_of_the_greatest_length_is_masked_at_once(text: str) -> None:
    started = time.perf_counter()
    redact(text)
    assert time.perf_counter() - started < 2
