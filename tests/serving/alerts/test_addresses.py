"""Where an alert is in words, and how it came: checked, masked, stored and shown."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

MakeAlert = Callable[..., dict[str, Any]]
Post = Callable[[dict[str, Any]], dict[str, Any]]
ReadProblem = Callable[..., dict[str, Any]]

GEOJSON = {"Accept": "application/geo+json"}
WORDS = {"address": "12 rue Monge", "commune": "Dijon", "channel": "telephone"}


def test_an_address_a_commune_and_a_channel_are_shown_again(on_each: Any, lamp: MakeAlert) -> None:
    client = on_each.client
    assert client.post("/v1/alerts", json=lamp(**WORDS)).status_code == 201
    shown = client.get("/v1/alerts/lamp-1").json()
    assert {name: shown[name] for name in WORDS} == WORDS
    [listed] = client.get("/v1/alerts", headers=GEOJSON).json()["features"]
    assert {name: listed["properties"][name] for name in WORDS} == WORDS


def test_an_address_alone_is_no_place_where_duplicates_are_looked_for(
    client: httpx.Client, post: Post, lamp: MakeAlert
) -> None:
    post(lamp("near"))
    answer = post(lamp("told", lat=None, lon=None, **WORDS))
    assert answer["duplicates"] == []
    shown = client.get("/v1/alerts/told", headers=GEOJSON).json()
    assert (shown["geometry"], shown["properties"]["address"]) == (None, "12 rue Monge")


def test_personal_data_in_an_address_is_masked_everywhere(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp(address="12 rue Monge, tél. 06 12 34 56 78", commune="Dijon (06 12 34 56 78)"))
    answer = client.get("/v1/alerts/lamp-1")
    assert (answer.json()["address"], answer.json()["commune"]) == ("12 rue Monge, tél. <TEL>", "Dijon (<TEL>)")
    assert "34 56" not in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("address", "r" * 301),
        ("commune", "D" * 101),
        ("commune", "Dijon\x00"),
        ("channel", "fax"),
        ("channel", ""),
        ("address", 12),
    ],
)
def test_a_field_that_breaks_its_limits_is_named(
    client: httpx.Client, lamp: MakeAlert, problem: ReadProblem, field: str, value: Any
) -> None:
    problem(client.post("/v1/alerts", json=lamp(**{field: value})), 422, field)


def test_an_address_that_says_nothing_is_none(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp(address=" \n ", commune=None))
    assert client.get("/v1/alerts/lamp-1").json()["address"] is None


def test_an_address_of_several_lines_is_one_line(client: httpx.Client, post: Post, lamp: MakeAlert) -> None:
    post(lamp(address="12  rue Monge\r\n21000 Dijon\n"))
    assert client.get("/v1/alerts/lamp-1").json()["address"] == "12 rue Monge 21000 Dijon"


def test_an_address_makes_a_repeat_another_alert_only_where_one_is_given(
    client: httpx.Client, post: Post, lamp: MakeAlert, problem: ReadProblem
) -> None:
    post(lamp())
    assert client.post("/v1/alerts", json=lamp(address=None, commune="", channel=None)).status_code == 200
    problem(client.post("/v1/alerts", json=lamp(address="12 rue Monge")), 409, "id")
