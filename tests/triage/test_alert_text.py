"""The words of an alert: what counts as words, what is cleaned, what is refused."""

import base64
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from triage.alert import MAX_TEXT_CHARACTERS, parse_alert
from triage.errors import InvalidAlert

AlertJson = Callable[..., str]
Faults = Callable[..., dict[str, str]]
ONE_BYTE = {"base64": base64.b64encode(b"x").decode()}


def test_spaces_around_a_text_are_removed_and_lines_inside_are_kept(alert_json: AlertJson) -> None:
    assert parse_alert(alert_json(text="\t Trou\r\nprofond \n")).text == "Trou\r\nprofond"


@pytest.mark.parametrize("text", ["ثقب في الطريق", "路上有洞", "дыра", "🚮 plein", "12"])
def test_a_text_in_any_script_with_a_letter_or_digit_is_accepted(alert_json: AlertJson, text: str) -> None:
    assert parse_alert(alert_json(text=text)).text == text


@pytest.mark.parametrize("text", ["", " \n\t", None, "…!?", "\u200b\ufeff", "\u0301"])
def test_an_alert_without_words_and_without_photo_is_refused_and_names_the_text(
    alert_json: AlertJson, faults: Faults, text: str | None
) -> None:
    assert faults(alert_json(text=text)) == {"text": "no_words"}


def test_an_alert_without_text_and_photo_keys_is_refused_and_names_the_text(faults: Faults) -> None:
    assert faults('{"id": "a-1"}') == {"text": "no_words"}


@pytest.mark.parametrize("text", ["😡", "😡 🤬 👎🏽", "🇫🇷", "👩‍👩‍👧", "❤️", "🆘"])
def test_emoji_alone_are_refused_and_name_the_text(alert_json: AlertJson, faults: Faults, text: str) -> None:
    assert faults(alert_json(text=text)) == {"text": "no_words"}


@pytest.mark.parametrize("text", ["ℹ️", "1️⃣", "1⃣", "#️⃣1️⃣", "Ⓜ️", "²", "½"])
def test_emoji_made_of_a_letter_or_a_digit_are_still_emoji(alert_json: AlertJson, faults: Faults, text: str) -> None:
    assert faults(alert_json(text=text)) == {"text": "no_words"}


def test_emoji_with_a_photo_are_accepted(alert_json: AlertJson) -> None:
    assert parse_alert(alert_json(text="😡", photo=ONE_BYTE)).text == "😡"


def test_a_text_of_the_greatest_length_is_accepted_and_one_character_more_is_refused(
    alert_json: AlertJson, faults: Faults
) -> None:
    assert len(parse_alert(alert_json(text="a" * MAX_TEXT_CHARACTERS)).text) == MAX_TEXT_CHARACTERS
    assert set(faults(alert_json(text="a" * (MAX_TEXT_CHARACTERS + 1)))) == {"text"}


def test_a_text_of_100_kilobytes_is_refused_by_name(alert_json: AlertJson, faults: Faults) -> None:
    assert set(faults(alert_json(text="é" * 50_000))) == {"text"}


def test_the_message_about_a_long_text_speaks_of_characters(alert_json: AlertJson, faults: Faults) -> None:
    source = alert_json(text="a" * (MAX_TEXT_CHARACTERS + 1))
    assert faults(source) == {"text": "string_too_long"}
    with pytest.raises(InvalidAlert, match="5000 characters"):
        parse_alert(source)


@pytest.mark.parametrize(
    "character", ["\x00", "\x07", "\x0b", "\x0c", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\u2029"]
)
def test_a_text_with_a_control_character_is_refused_by_name_and_position(alert_json: AlertJson, character: str) -> None:
    with pytest.raises(InvalidAlert, match=rf"U\+{ord(character):04X} at position 4") as caught:
        parse_alert(alert_json(text=f"Trou{character}!"))
    assert [(error.field, error.code) for error in caught.value.errors] == [("text", "control_character")]


@pytest.mark.parametrize("mark", ["\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2069"])
def test_marks_of_direction_that_phones_insert_are_removed(alert_json: AlertJson, mark: str) -> None:
    assert parse_alert(alert_json(text=f"{mark}Tr{mark}ou {mark}")).text == "Trou"


@pytest.mark.parametrize("text", ["E\u0301clairage", "\u1100\u1161", "A\u030a"])
def test_a_text_is_kept_in_composed_letters(alert_json: AlertJson, text: str) -> None:
    assert parse_alert(alert_json(text=text)).text == unicodedata.normalize("NFC", text) != text


@pytest.mark.parametrize("text", ["1️⃣ lampe", "n° 1️⃣2", "❤️a"])
def test_words_beside_emoji_count(alert_json: AlertJson, text: str) -> None:
    assert parse_alert(alert_json(text=text)).has_words


def test_a_text_of_control_characters_is_refused_by_name(alert_json: AlertJson, faults: Faults) -> None:
    assert faults(alert_json(text="\x01\x02\x03")) == {"text": "control_character"}


@pytest.mark.parametrize("text", [5, 1.5, True, ["Trou"], {"fr": "Trou"}])
def test_a_text_of_another_type_is_refused_by_name(alert_json: AlertJson, faults: Faults, text: Any) -> None:
    assert faults(alert_json(text=text)) == {"text": "string_type"}


# Hints


def test_a_hint_of_another_type_or_of_201_characters_is_refused_by_name(alert_json: AlertJson, faults: Faults) -> None:
    assert set(faults(alert_json(category_hint=3))) == {"category_hint"}
    assert set(faults(alert_json(category_hint="a" * 201))) == {"category_hint"}


@pytest.mark.parametrize("hint", ["a\x00", "a\nb", "a\t", "\r", "\x7f", "\u2028"])
def test_a_hint_with_a_control_character_is_refused_by_name(alert_json: AlertJson, faults: Faults, hint: str) -> None:
    assert faults(alert_json(category_hint=hint)) == {"category_hint": "control_character"}


@pytest.mark.parametrize("hint", ["Éclairage public", "", "照明", "a/b:c"])
def test_any_other_hint_is_kept_as_it_is(alert_json: AlertJson, hint: str) -> None:
    assert parse_alert(alert_json(category_hint=hint)).category_hint == hint
