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


# Links


HOSTS = ("photos.example", "files.example:8443")


@pytest.mark.parametrize(
    "url",
    [
        "https://photos.example/a.jpg",
        "https://photos.example",
        "https://PHOTOS.example/a.jpg?size=1#top",
        "https://files.example:8443/a.jpg",
    ],
)
def test_a_link_to_an_allowed_host_is_accepted(url: str) -> None:
    (photo,) = parse_alert(photo_json({"url": url}), photo_hosts=HOSTS).photo
    assert (photo.url, photo.base64, photo.path) == (url, None, None)


@pytest.mark.parametrize(
    "url",
    [
        "http://photos.example/a.jpg",
        "https://other.example/a.jpg",
        "https://photos.example.evil.example/a.jpg",
        "https://evil-photos.example/a.jpg",
        "https://photos.example:8080/a.jpg",
        "https://photos.example:443/a.jpg",
        "https://files.example/a.jpg",
        "https://user@photos.example/a.jpg",
        "https://photos.example@evil.example/a.jpg",
        "https://photos.example\\@evil.example/a.jpg",
        "https://evil.example/https://photos.example/",
        "https://evil.example#@photos.example/",
        "https://photos.example./a.jpg",
        "https:photos.example/a.jpg",
        "https:///photos.example/a.jpg",
        "//photos.example/a.jpg",
        "photos.example/a.jpg",
        "file:///etc/passwd",
        "ftp://photos.example/a.jpg",
        "https://[photos.example/a.jpg",
        "https://127.0.0.1/a.jpg",
        "https://169.254.169.254/latest/meta-data/",
        "data:image/png;base64,eA==",
        "",
    ],
)
def test_any_other_link_is_refused_and_names_the_photo(faults: Faults, url: str) -> None:
    assert faults(photo_json([ONE_BYTE, {"url": url}]), photo_hosts=HOSTS) == {"photo[1].url": "url_refused"}


def test_without_allowed_hosts_no_link_is_accepted(faults: Faults) -> None:
    for allow_paths in (False, True):
        found = faults(photo_json({"url": "https://photos.example/a.jpg"}), allow_paths=allow_paths)
        assert found == {"photo[0].url": "url_refused"}


def test_a_link_beside_another_source_is_refused(faults: Faults) -> None:
    both = {"url": "https://photos.example/a.jpg", **ONE_BYTE}
    assert faults(photo_json(both), photo_hosts=HOSTS) == {"photo[0]": "photo_source"}


def test_a_link_of_thousands_of_characters_is_refused(faults: Faults) -> None:
    long = {"url": "https://photos.example/" + "a" * 2_000}
    assert faults(photo_json(long), photo_hosts=HOSTS) == {"photo[0].url": "string_too_long"}


def test_a_link_that_is_no_text_is_refused(faults: Faults) -> None:
    assert faults(photo_json({"url": 5}), photo_hosts=HOSTS) == {"photo[0].url": "string_type"}
