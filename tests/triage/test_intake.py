"""Photos are looked at before any model runs; a bad one never costs the answer to a good text."""

import base64
import io
import json
from pathlib import Path

import pytest
from PIL import Image

from triage.alert import Alert, parse_alert
from triage.errors import InvalidAlert
from triage.intake import check_photos
from triage.photo import MAX_PHOTO_BYTES


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (32, 24), "red").save(buffer, "JPEG")
    return buffer.getvalue()


def sent(content: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(content).decode()}


def alert(text: str, *photos: dict[str, str]) -> Alert:
    return parse_alert(json.dumps({"id": "a-1", "text": text, "photo": photos}), allow_paths=True)


READABLE, UNREADABLE = sent(picture()), sent(b"no photo at all")


def refusal(*photos: dict[str, str], folder: Path | None = None) -> dict[str, str]:
    """Field → message of an alert that has these photos and no words."""
    with pytest.raises(InvalidAlert) as caught:
        check_photos(alert("😡", *photos), folder)
    assert {error.code for error in caught.value.errors} == {"photo_refused"}
    return {error.field: error.message for error in caught.value.errors}


@pytest.mark.parametrize(
    ("photos", "reasons"),
    [
        ((), ()),
        ((READABLE,), ("photo_ignored",)),
        ((READABLE, READABLE), ("photo_ignored",)),
        ((UNREADABLE,), ("photo_unreadable",)),
        ((READABLE, UNREADABLE), ("photo_unreadable", "photo_ignored")),
    ],
)
def test_a_good_text_is_answered_whatever_its_photos(
    photos: tuple[dict[str, str], ...], reasons: tuple[str, ...]
) -> None:
    assert check_photos(alert("Trou", *photos)) == reasons


def test_one_readable_photo_is_enough_without_a_text() -> None:
    assert check_photos(alert("", UNREADABLE, READABLE)) == ("photo_unreadable", "photo_ignored")


def test_unreadable_photos_without_a_text_are_refused_and_named() -> None:
    assert set(refusal(UNREADABLE)) == {"photo[0]"}
    assert set(refusal(UNREADABLE, UNREADABLE)) == {"photo[0]", "photo[1]"}


def test_a_photo_is_read_relative_to_the_folder_of_the_input(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    for path in ("a.jpg", str(tmp_path / "a.jpg")):
        assert check_photos(alert("", {"path": path}), tmp_path) == ("photo_ignored",)


@pytest.mark.parametrize("path", ["none.jpg", "", ".", "a/b.jpg", "a" * 5_000, "a\x00.jpg"])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, path: str) -> None:
    messages = refusal({"path": path}, folder=tmp_path)
    assert set(messages) == {"photo[0]"}
    assert messages["photo[0]"].startswith("the file cannot be read: ")
    assert not messages["photo[0]"].endswith(("None", ": "))


def test_a_missing_file_does_not_cost_the_answer_to_a_good_text(tmp_path: Path) -> None:
    assert check_photos(alert("Trou", {"path": "none.jpg"}), tmp_path) == ("photo_unreadable",)


def test_a_file_that_is_too_large_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "large.jpg").open("wb") as stream:
        stream.truncate(MAX_PHOTO_BYTES * 100)
    assert f"send at most {MAX_PHOTO_BYTES}" in refusal({"path": "large.jpg"}, folder=tmp_path)["photo[0]"]
