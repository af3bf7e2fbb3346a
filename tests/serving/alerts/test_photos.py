"""Photos of stored alerts: kept blurred where the settings say so, compared, and never the reason why one is lost."""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL.Image import Image

from models.duplicates.finder import seen_photo
from models.privacy.keeping import KeptPhoto, PhotoKeeper
from models.privacy.regions import Region
from triage.photo_storage import PhotoStorage
from triage.store.store import Store

MakeAlert = Callable[..., dict[str, Any]]
Encode = Callable[..., bytes]
Start = Callable[..., Any]


class HandMadeDetector:
    """Finds nothing personal, but holds pictures whose corner is red."""

    def find(self, image: Image) -> tuple[Region, ...]:
        red, green, _ = image.getpixel((0, 0))  # type: ignore[misc]
        return (Region("vehicle", 0, 0, 4, 4, 0.9),) if red > 200 > green else ()

    def shareable(self, regions: tuple[Region, ...]) -> bool:
        return not regions

    def blur(self, image: Image, regions: tuple[Region, ...]) -> Image:  # noqa: ARG002
        return image


class BrokenKeeper:
    """A storage that is not there."""

    def keep(self, image: Image, *, seen: bool = False) -> KeptPhoto:  # noqa: ARG002
        raise OSError("no room for 06 12 34 56 78")


class SlowKeeper:
    """A storage that answers after everybody has gone."""

    def keep(self, image: Image, *, seen: bool = False) -> KeptPhoto:  # noqa: ARG002
        time.sleep(2)
        return KeptPhoto(None, {})


@pytest.fixture
def keeper(tmp_path: Path) -> PhotoKeeper:
    return PhotoKeeper(HandMadeDetector(), PhotoStorage(str(tmp_path / "photos")))  # type: ignore[arg-type]


def send(client: httpx.Client, alert: dict[str, Any], *photos: bytes) -> dict[str, Any]:
    files = [("alert", (None, json.dumps(alert))), *(("photo", ("a", photo)) for photo in photos)]
    answer = client.post("/v1/alerts", files=files)
    assert answer.status_code in {200, 201}, answer.text
    document: dict[str, Any] = answer.json()
    return document


def test_photos_are_kept_or_held_and_what_duplicates_compare_is_stored(
    start: Start, lamp: MakeAlert, picture: Encode, keeper: PhotoKeeper, tmp_path: Path
) -> None:
    with start(keeper=keeper) as service:
        assert send(service.client, lamp(), picture("blue"), b"no photo", picture("red"))["reasons"] == []
        shown = service.client.get("/v1/alerts/lamp-1")
        with Store.open(service.settings.store_url) as store:
            alert = store.alert("lamp-1")
    [kept, held] = shown.json()["photos"]
    assert held == {"key": None, "held": True}
    assert kept.keys() == {"key", "held"}
    [file] = (tmp_path / "photos").rglob("*.jpg")
    assert file.stem == kept["key"]
    assert "embedding" not in shown.text
    assert alert is not None
    for stored in alert.photos:
        seen = seen_photo(stored)
        assert seen is not None
        assert (seen.embedding, seen.hash) == (b"seen", 2**63 + 1)


def test_a_repeat_with_the_same_photo_is_harmless_and_one_with_another_is_not(
    start: Start, lamp: MakeAlert, picture: Encode, keeper: PhotoKeeper
) -> None:
    with start(keeper=keeper) as service:
        client, blue = service.client, picture("blue")
        first = send(client, lamp(), blue)
        in_base64 = lamp(photo={"base64": base64.b64encode(blue).decode()})
        again = client.post("/v1/alerts", json=in_base64)
        assert (again.status_code, again.json()) == (200, first)
        other = lamp(photo={"base64": base64.b64encode(picture("lime")).decode()})
        assert client.post("/v1/alerts", json=other).status_code == 409


def test_a_photo_that_cannot_be_kept_costs_no_alert(
    start: Start, lamp: MakeAlert, picture: Encode, caplog: pytest.LogCaptureFixture
) -> None:
    with start(keeper=BrokenKeeper()) as service:
        assert send(service.client, lamp(), picture("blue"))["reasons"] == ["photo_not_kept"]
        shown = service.client.get("/v1/alerts/lamp-1").json()
        assert shown["photos"] == [{"key": None, "held": False}]
        assert shown["reasons"] == ["photo_not_kept"]
    assert "OSError" in caplog.text
    assert "06 12 34 56 78" not in caplog.text


def test_a_place_to_keep_photos_that_does_not_answer_costs_no_alert(
    start: Start, lamp: MakeAlert, picture: Encode
) -> None:
    with start(keeper=SlowKeeper(), deadline_s=0.5) as service:
        assert send(service.client, lamp(), picture("blue"))["reasons"] == ["photo_not_kept"]


def test_without_a_place_to_keep_them_photos_are_compared_alone(
    client: httpx.Client, lamp: MakeAlert, picture: Encode, tmp_path: Path
) -> None:
    send(client, lamp(), picture("blue"))
    assert client.get("/v1/alerts/lamp-1").json()["photos"] == [{"key": None, "held": False}]
    assert not list(tmp_path.rglob("*.jpg"))
