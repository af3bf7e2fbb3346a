"""Forms of apps: what is needed is read, what is personal is not, and nothing hostile gets through."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.open311.forms import MAX_FIELDS, MAX_LINK, NewRequest, key_in, read_request
from serving.problems import Problem
from triage.alert import MAX_ADDRESS_CHARACTERS

PLACE = {"lat": "47.3216", "long": "5.0415"}


def read(*pairs: tuple[str, str], **fields: str) -> NewRequest:
    return read_request(urlencode([*fields.items(), *pairs]).encode())


def refusal(*pairs: tuple[str, str], **fields: str) -> list[str]:
    with pytest.raises(Problem) as caught:
        read(*pairs, **fields)
    assert caught.value.status == 400
    return [fault.field for fault in caught.value.errors]


def test_a_form_with_every_field_of_the_standard_is_read_without_personal_data() -> None:
    form = {
        **PLACE,
        "api_key": "secret",
        "jurisdiction_id": "dijon.example",
        "service_code": "voirie",
        "address_string": "12 rue Monge, Dijon",
        "address_id": "21231_0012",
        "email": "someone@exemple.fr",
        "device_id": "tt222111",
        "account_id": "123456",
        "first_name": "Zébulon",
        "last_name": "Dupré",
        "phone": "06 12 34 56 78",
        "description": "Trou dans la chaussée\r\ndevant l'école",
        "media_url": "https://photos.example/trou.jpg?size=large",
        "attribute[WHISPAWN]": "123456",
    }
    assert read(**form) == NewRequest(
        description="Trou dans la chaussée\r\ndevant l'école",
        service_code="voirie",
        place=(47.3216, 5.0415),
        address="12 rue Monge, Dijon",
        link="https://photos.example/trou.jpg?size=large",
    )


def test_an_empty_field_is_as_good_as_none() -> None:
    found = read(**PLACE, service_code="", media_url=" ", address_string="", description="trou")
    assert (found.service_code, found.link, found.address) == (None, None, None)


@pytest.mark.parametrize("where", [PLACE, {"address_string": "12 rue Monge"}, {"address_id": "21231_0012"}])
def test_one_way_of_saying_where_is_enough(where: dict[str, str]) -> None:
    assert read(**where, description="trou").description == "trou"


def test_without_any_place_a_request_is_refused() -> None:
    assert refusal(description="trou") == []


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"lat": "47.3"}, ["long"]),
        ({"long": "5.04"}, ["lat"]),
        ({"lat": "91", "long": "181"}, ["lat", "long"]),
        ({"lat": "nan", "long": "inf"}, ["lat", "long"]),
        ({"lat": "1e2", "long": "0x5"}, ["lat", "long"]),
        ({"lat": "47,3", "long": "5,04"}, ["lat", "long"]),
        ({"lat": "٤٧", "long": "5"}, ["lat"]),
        (PLACE | {"media_url": "javascript:alert(1)"}, ["media_url"]),
        (PLACE | {"media_url": "file:///etc/passwd"}, ["media_url"]),
        (PLACE | {"media_url": "https://"}, ["media_url"]),
        (PLACE | {"media_url": "https://name:word@photos.example/a.jpg"}, ["media_url"]),
        (PLACE | {"media_url": "https://photos.example/a b.jpg"}, ["media_url"]),
        (PLACE | {"media_url": "https://photos.example/\u202egpj.a"}, ["media_url"]),
        (PLACE | {"media_url": "https://photos.example/" + "a" * MAX_LINK}, ["media_url"]),
        (PLACE | {"address_string": "a" * (MAX_ADDRESS_CHARACTERS + 1)}, ["address_string"]),
    ],
)
def test_every_field_at_fault_is_named(fields: dict[str, str], named: list[str]) -> None:
    assert refusal(**fields) == named


def test_a_link_that_carries_personal_data_is_not_kept() -> None:
    assert read(**PLACE, media_url="https://photos.example/?from=someone@exemple.fr").link is None


def test_a_field_given_twice_counts_once_or_is_refused() -> None:
    assert read(("description", "trou"), ("description", "trou"), **PLACE).description == "trou"
    assert refusal(("description", "trou"), ("description", "banc"), **PLACE) == ["description"]


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", b"description=%ff%fe&lat=1&long=1", b"&".join(b"a=b" for _ in range(MAX_FIELDS + 1))],
)
def test_what_is_no_form_in_utf_8_or_has_too_many_fields_is_refused(body: bytes) -> None:
    with pytest.raises(Problem) as caught:
        read_request(body)
    assert (caught.value.status, caught.value.code) == (400, "bad_form")


@given(st.binary(max_size=400))
def test_no_body_at_all_breaks_the_reader(body: bytes) -> None:
    key_in(body)
    try:
        found = read_request(body)
    except Problem as problem:
        assert problem.status == 400
    else:
        assert found.place or found.address


@pytest.mark.parametrize(
    ("body", "key"),
    [
        (b"api_key=abc&a=b", "abc"),
        (b"api_key=abc&api_key=abc", "abc"),
        (b"api_key=abc&api_key=def", ""),
        (b"API_KEY=abc", ""),
        (b"\xff", ""),
        (b"", ""),
    ],
)
def test_a_key_is_taken_where_there_is_one_alone(body: bytes, key: str) -> None:
    assert key_in(body) == key
