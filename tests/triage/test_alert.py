"""The contract of one alert: what is read, what is refused, and which field a refusal names."""

import base64
import json
import math
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.alert import Alert, parse_alert
from triage.errors import InvalidAlert, InvalidJson

AlertJson = Callable[..., str]
Faults = Callable[..., dict[str, str]]
ONE_BYTE = {"base64": base64.b64encode(b"x").decode()}
FIELDS = ("id", "text", "photo", "lat", "lon", "created_at", "category_hint")


# What is read


def test_an_alert_needs_only_an_id_and_a_text() -> None:
    assert parse_alert('{"id": "a-1", "text": "Trou"}') == Alert(id="a-1", text="Trou")


def test_bytes_and_text_are_read_alike() -> None:
    source = json.dumps({"id": "é-1", "text": "Réverbère éteint"}, ensure_ascii=False)
    assert parse_alert(source.encode()) == parse_alert(source)


def test_bytes_may_start_with_one_byte_order_mark(alert_json: AlertJson) -> None:
    source = alert_json().encode()
    assert parse_alert(b"\xef\xbb\xbf" + source) == parse_alert(source)
    with pytest.raises(InvalidJson):
        parse_alert(b"\xef\xbb\xbf" * 2 + source)


@pytest.mark.parametrize("field", ["text", "photo", "lat", "lon", "created_at", "category_hint"])
def test_null_counts_as_absent(field: str) -> None:
    fields = {"text": "Trou", "photo": [ONE_BYTE], field: None}
    absent = {name: value for name, value in fields.items() if name != field}
    assert parse_alert(json.dumps({"id": "a-1", **fields})) == parse_alert(json.dumps({"id": "a-1", **absent}))


def test_an_id_may_have_200_printable_characters_of_any_script(alert_json: AlertJson) -> None:
    name = "é😀" * 100
    assert parse_alert(alert_json(id=name)).id == name


def test_the_last_value_of_a_repeated_key_counts() -> None:
    assert parse_alert('{"id": "a", "id": "b", "text": "Trou"}').id == "b"


# Not a document at all


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"bonjour",
        b'{"id": "a-1"',
        b'{"id": "a-1", "text": "Trou",}',
        b"{'id': 'a-1'}",
        b'{"id": "a-1", "text": "d\xe9j\xe0"}',
        b"\xff\xfe\x00",
        '{"id": "a-1", "text": "Trou"}'.encode("utf-16"),
        rb'{"id": "a-1", "text": "Trou \ud800"}',
        b'{"id": "a-1", "text": "Tr\x00ou"}',
        b"[" * 100_000,
        b'{"id": "a-1", "text": "Trou", "lat": ' + b"9" * 5_000 + b', "lon": 1}',
    ],
    ids=[
        "nothing",
        "a-word",
        "cut-short",
        "trailing-comma",
        "single-quotes",
        "latin-1",
        "random-bytes",
        "utf-16",
        "lone-surrogate-escape",
        "raw-control-character",
        "deep-nesting",
        "integer-of-5000-digits",
    ],
)
def test_what_is_not_json_in_utf_8_is_refused_as_invalid_json(source: bytes) -> None:
    with pytest.raises(InvalidJson) as caught:
        parse_alert(source)
    assert caught.value.code == "invalid_json"
    assert [error.field for error in caught.value.errors] == ["body"]


@pytest.mark.parametrize("source", ["null", "[]", '"Trou"', "3", "[[[]]]"])
def test_json_that_is_no_object_is_refused_and_names_the_body(faults: Faults, source: str) -> None:
    assert set(faults(source)) == {"body"}


def test_a_lone_surrogate_in_a_python_text_is_refused_and_names_the_body(faults: Faults) -> None:
    assert set(faults('{"id": "a-1", "text": "Trou \ud800"}')) == {"body"}


# Fields


def test_every_field_at_fault_is_named_at_once(alert_json: AlertJson, faults: Faults) -> None:
    source = alert_json(id="", text=5, lat=91, lon=-181, created_at="hier", category_hint=[], photo=5, colour="red")
    assert set(faults(source)) == {*FIELDS, "colour"}


def test_a_missing_id_is_named(faults: Faults) -> None:
    assert faults('{"text": "Trou"}') == {"id": "missing"}


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "\u3000",
        "a" * 201,
        "a\n",
        "a\tb",
        "\x00",
        "a\u200b",
        "\u202ea",
        "a\u00a0b",
        "\ue000",
        5,
        None,
        True,
        ["a"],
    ],
)
def test_an_id_that_is_not_1_to_200_printable_characters_is_refused(
    alert_json: AlertJson, faults: Faults, name: Any
) -> None:
    assert set(faults(alert_json(id=name))) == {"id"}


@pytest.mark.parametrize("field", ["priority", "TEXT", "text ", "😀", "__class__", "model_config"])
def test_an_unknown_field_is_refused_by_name(alert_json: AlertJson, faults: Faults, field: str) -> None:
    assert faults(alert_json(**{field: "x"})) == {field: "extra_forbidden"}


def test_an_unknown_field_full_of_nested_lists_is_refused_by_name(faults: Faults) -> None:
    nested = "[" * 150 + "]" * 150
    assert faults('{"id": "a-1", "text": "Trou", "x": ' + nested + "}") == {"x": "extra_forbidden"}


# Whatever arrives

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=12,
)
plausible_fields = st.fixed_dictionaries(
    {"id": st.text(min_size=1, max_size=5) | json_values},
    optional={
        "text": st.text(max_size=40) | json_values,
        "photo": st.lists(st.fixed_dictionaries({}, optional={"base64": st.text(max_size=8)})) | json_values,
        "lat": st.floats() | st.integers() | json_values,
        "lon": st.floats() | st.integers() | json_values,
        "created_at": st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1)).map(datetime.isoformat) | json_values,
        "category_hint": json_values,
    },
)


@settings(max_examples=150, deadline=None)
@given(json_values | plausible_fields)
def test_arbitrary_json_is_read_or_refused_as_an_invalid_alert(value: Any) -> None:
    try:
        alert = parse_alert(json.dumps(value))
    except InvalidAlert as error:
        assert error.errors
        assert all(item.field and item.code and item.message for item in error.errors)
    else:
        assert alert.photo or alert.has_words
        assert (alert.lat is None) == (alert.lon is None)
        assert alert.lat is None or (math.isfinite(alert.lat) and abs(alert.lat) <= 90)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(st.characters(), max_size=200))
def test_arbitrary_bytes_and_texts_are_read_or_refused_as_an_invalid_alert(source: bytes | str) -> None:
    with pytest.raises(InvalidAlert):
        parse_alert(source)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_what_is_written_back_is_read_as_the_same_alert(text: str) -> None:
    try:
        alert = parse_alert(json.dumps({"id": "a-1", "text": text}))
    except InvalidAlert:
        return
    assert parse_alert(alert.model_dump_json()) == alert
