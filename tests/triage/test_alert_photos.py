"""The photos of an alert: how many, from where, and which one a refusal names."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from triage.alert import MAX_PHOTOS, parse_alert
from triage.photo import MAX_PHOTO_BYTES

AlertJson = Callable[..., str]
Faults = Callable[..., dict[str, str]]
ONE_BYTE = {"base64": base64.b64encode(b"x").decode()}


def photo_json(photo: Any) -> str:
    return json.dumps({"id": "a-1", "photo": photo})


def test_an_alert_may_be_a_photo_alone() -> None:
    alert = parse_alert(photo_json(ONE_BYTE))
    assert alert.text == ""
    assert not alert.has_words
    assert [photo.content() for photo in alert.photo] == [b"x"]


def test_an_empty_list_of_photos_counts_as_absent(alert_json: AlertJson) -> None:
    assert parse_alert(alert_json(photo=[])).photo == ()


def test_three_photos_are_accepted() -> None:
    assert len(parse_alert(photo_json([ONE_BYTE] * MAX_PHOTOS)).photo) == 3


def test_four_photos_are_refused_by_name(faults: Faults) -> None:
    assert set(faults(photo_json([ONE_BYTE] * 4))) == {"photo"}


@pytest.mark.parametrize("content", ["!!", "abc", "YQ==YQ==", "eA==\n", "data:image/png;base64,eA=="])
def test_bad_base64_is_refused_and_names_the_photo(faults: Faults, content: str) -> None:
    assert faults(photo_json([ONE_BYTE, {"base64": content}])) == {"photo[1]": "base64"}


@pytest.mark.parametrize("content", ["é", "ＹＱ＝＝", "😀"])
def test_base64_outside_ascii_is_refused_with_the_same_code(faults: Faults, content: str) -> None:
    assert faults(photo_json({"base64": content})) == {"photo[0]": "base64"}


def test_base64_longer_than_the_largest_photo_is_refused_before_it_is_decoded(faults: Faults) -> None:
    content = "a" * (MAX_PHOTO_BYTES * 4 // 3 + 8)
    assert faults(photo_json({"base64": content})) == {"photo[0].base64": "string_too_long"}


@pytest.mark.parametrize("photo", [{}, {"base64": None}, {"base64": "eA==", "path": "a.jpg"}])
def test_a_photo_needs_exactly_one_source(faults: Faults, photo: dict[str, str | None]) -> None:
    assert faults(photo_json(photo), allow_paths=True) == {"photo[0]": "photo_source"}


@pytest.mark.parametrize("photo", ["/etc/passwd", {"path": "a.jpg"}, ["a.jpg"], [{"path": "../a.jpg"}], ""])
def test_a_path_over_http_is_refused_and_names_the_photo(faults: Faults, photo: Any) -> None:
    assert faults(photo_json(photo)) == {"photo[0]": "path_refused"}


def test_paths_are_read_on_the_command_line() -> None:
    alert = parse_alert(photo_json(["a.jpg", {"path": "b.jpg"}, ONE_BYTE]), allow_paths=True)
    assert [photo.path for photo in alert.photo] == ["a.jpg", "b.jpg", None]


@pytest.mark.parametrize(
    ("photo", "field"),
    [(5, "photo"), (True, "photo"), ([5], "photo[0]"), ([None], "photo[0]"), ([[ONE_BYTE]], "photo[0]")],
)
def test_a_photo_of_another_type_is_refused_by_name(faults: Faults, photo: Any, field: str) -> None:
    assert set(faults(photo_json(photo))) == {field}


def test_an_unknown_field_of_a_photo_is_refused_by_its_path(faults: Faults) -> None:
    assert faults(photo_json([{**ONE_BYTE, "name": "a.jpg"}])) == {"photo[0].name": "extra_forbidden"}


def test_a_photo_with_a_url_is_refused_by_its_path(faults: Faults) -> None:
    assert "photo[0].url" in faults(photo_json({"url": "http://example.org/a.jpg"}))
