"""Photos are taken in before any model runs: decoded once, prepared, and a bad one never costs the answer to a text."""

import base64
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from triage.alert import Alert, parse_alert
from triage.errors import InvalidAlert, PhotoRefused
from triage.intake import Intake, TakenIn
from triage.photo import LONGEST_SIDE, MAX_PHOTO_BYTES

HOST = "photos.example"
DIJON, BEAUNE = (47.32, 5.04), (47.02, 4.84)

Size = tuple[int, int]
TakeIn = Callable[..., TakenIn[Size]]


def picture(width: int = 32, height: int = 24, place: tuple[float, float] | None = None, turned: bool = False) -> bytes:
    exif = Image.Exif()
    if place:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (place[0], 0.0, 0.0), 3: "E", 4: (place[1], 0.0, 0.0)})
    if turned:
        exif[ExifTags.Base.Orientation] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def sent(content: bytes) -> dict[str, str]:
    return {"base64": base64.b64encode(content).decode()}


def alert(text: str, *photos: dict[str, str], **fields: float) -> Alert:
    document = {"id": "a-1", "text": text, "photo": photos, **fields}
    return parse_alert(json.dumps(document), allow_paths=True, photo_hosts={HOST})


READABLE, UNREADABLE = sent(picture()), sent(b"no photo at all")


def size_of(image: Image.Image) -> Size:
    assert (image.mode, image.info) == ("RGB", {})
    return image.size


@pytest.fixture
def take_in() -> TakeIn:
    """Takes in an alert as the service does, with the sizes of pictures in place of what a model takes."""
    return Intake(size_of).take_in


def refusal(intake: Intake[Size], *photos: dict[str, str]) -> dict[str, str]:
    """Field → message of an alert that has these photos and no words."""
    with pytest.raises(InvalidAlert) as caught:
        intake.take_in(alert("😡", *photos))
    assert {error.code for error in caught.value.errors} == {"photo_refused"}
    return {error.field: error.message for error in caught.value.errors}


# Pictures


def test_an_alert_without_photos_is_taken_in_as_it_is(take_in: TakeIn) -> None:
    assert take_in(alert("Trou")) == TakenIn(alert("Trou"), ())


@pytest.mark.parametrize(
    ("photos", "pictures"),
    [
        ((READABLE,), ((32, 24),)),
        ((UNREADABLE,), (None,)),
        ((READABLE, UNREADABLE, sent(picture(40, 50))), ((32, 24), None, (40, 50))),
        ((UNREADABLE, UNREADABLE), (None, None)),
    ],
)
def test_pictures_come_in_the_order_of_the_photos_with_a_gap_for_each_that_cannot_be_read(
    take_in: TakeIn, photos: tuple[dict[str, str], ...], pictures: tuple[Size | None, ...]
) -> None:
    taken = take_in(alert("Trou", *photos))
    assert taken.pictures == pictures
    assert taken.alert == alert("Trou", *photos)


def test_a_picture_is_upright_and_no_larger_than_needed(take_in: TakeIn) -> None:
    assert take_in(alert("", sent(picture(60, 20, turned=True)))).pictures == ((20, 60),)
    assert take_in(alert("", sent(picture(2 * LONGEST_SIDE, 100)))).pictures == ((LONGEST_SIDE, 50),)


def test_a_model_that_takes_no_pictures_gets_none_but_bad_photos_are_still_named() -> None:
    intake: Intake[Size] = Intake(lambda _: None)
    assert intake.take_in(alert("", READABLE, UNREADABLE)).pictures == (None, None)
    assert set(refusal(intake, UNREADABLE)) == {"photo[0]"}


# Photos that cannot be read


def test_one_readable_photo_is_enough_without_a_text(take_in: TakeIn) -> None:
    assert take_in(alert("", UNREADABLE, READABLE)).pictures == (None, (32, 24))


def test_unreadable_photos_without_a_text_are_refused_and_named() -> None:
    assert set(refusal(Intake(size_of), UNREADABLE)) == {"photo[0]"}
    assert set(refusal(Intake(size_of), UNREADABLE, UNREADABLE)) == {"photo[0]", "photo[1]"}


def test_a_photo_that_is_cut_off_cannot_be_read(take_in: TakeIn) -> None:
    assert take_in(alert("Trou", sent(picture(200, 200)[:-300]))).pictures == (None,)


# Paths


def test_a_photo_is_read_relative_to_the_folder_of_the_input(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(picture())
    for path in ("a.jpg", str(tmp_path / "a.jpg")):
        assert Intake(size_of, folder=tmp_path).take_in(alert("", {"path": path})).pictures == ((32, 24),)


@pytest.mark.parametrize("path", ["none.jpg", "", ".", "a/b.jpg", "a" * 5_000, "a\x00.jpg"])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, path: str) -> None:
    messages = refusal(Intake(size_of, folder=tmp_path), {"path": path})
    assert set(messages) == {"photo[0]"}
    assert messages["photo[0]"].startswith("the file cannot be read: ")
    assert not messages["photo[0]"].endswith(("None", ": "))


def test_a_missing_file_does_not_cost_the_answer_to_a_good_text(tmp_path: Path) -> None:
    assert Intake(size_of, folder=tmp_path).take_in(alert("Trou", {"path": "none.jpg"})).pictures == (None,)


def test_a_file_that_is_too_large_is_refused_without_being_read_whole(tmp_path: Path) -> None:
    with (tmp_path / "large.jpg").open("wb") as stream:
        stream.truncate(MAX_PHOTO_BYTES * 100)
    messages = refusal(Intake(size_of, folder=tmp_path), {"path": "large.jpg"})
    assert f"send at most {MAX_PHOTO_BYTES}" in messages["photo[0]"]


# Links


LINK = {"url": f"https://{HOST}/a.jpg"}


def test_a_link_is_followed_where_the_service_follows_any() -> None:
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return picture()

    assert Intake(size_of, fetch=fetch).take_in(alert("", LINK, READABLE)).pictures == ((32, 24), (32, 24))
    assert asked == [LINK["url"]]


def test_a_link_that_brings_nothing_does_not_cost_the_answer_to_a_good_text() -> None:
    def fetch(_: str) -> bytes:
        raise PhotoRefused("The link to the photo answers 404; send 'base64'.")

    assert Intake(size_of, fetch=fetch).take_in(alert("Trou", LINK)).pictures == (None,)
    assert "answers 404" in refusal(Intake(size_of, fetch=fetch), LINK)["photo[0]"]


def test_without_somebody_to_fetch_it_a_link_cannot_be_read() -> None:
    assert "send 'base64'" in refusal(Intake(size_of), LINK)["photo[0]"]


# Places


def placed(*photos: bytes, allowed: bool = True, **fields: float) -> tuple[float | None, float | None]:
    found = Intake(size_of, place_from_photo=allowed).take_in(alert("Trou", *map(sent, photos), **fields)).alert
    return found.lat, found.lon


def test_an_alert_without_a_place_takes_that_of_its_first_photo_that_has_one() -> None:
    assert placed(picture(place=DIJON)) == pytest.approx(DIJON)
    assert placed(picture(), picture(place=BEAUNE), picture(place=DIJON)) == pytest.approx(BEAUNE)
    assert placed(b"no photo", picture(place=DIJON)) == pytest.approx(DIJON)


def test_the_place_of_the_resident_is_kept() -> None:
    assert placed(picture(place=DIJON), lat=45.76, lon=4.83) == (45.76, 4.83)
    assert placed(picture(place=DIJON), lat=0.0, lon=0.0) == (0.0, 0.0)


def test_the_place_of_a_photo_is_left_alone_where_the_city_did_not_allow_it() -> None:
    assert placed(picture(place=DIJON), allowed=False) == (None, None)
    assert Intake(size_of).take_in(alert("Trou", sent(picture(place=DIJON)))).alert.lat is None


def test_photos_without_a_place_leave_the_alert_without_one() -> None:
    assert placed(picture(), picture()) == (None, None)
