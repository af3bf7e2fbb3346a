"""The demo's pictures are drawn the same way each time, and no two alerts get the same one."""

import io
from pathlib import Path

import pytest
from PIL import Image, ImageStat

from cli.demo.alerts import DemoAlert, DemoPhoto
from cli.demo.photos import PhotoSource
from cli.demo.pictures import KINDS, draw
from triage.errors import InvalidConfiguration


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_the_same_for_the_same_alert_and_another_for_the_next(kind: str) -> None:
    picture = draw(kind, "demo-001")
    assert picture.size == (640, 480)
    assert picture.tobytes() == draw(kind, "demo-001").tobytes()
    assert picture.tobytes() != draw(kind, "demo-002").tobytes()
    assert max(ImageStat.Stat(picture).stddev) > 15


def test_kinds_are_told_apart() -> None:
    assert len({draw(kind, "demo-001").tobytes() for kind in KINDS}) == len(KINDS)


def alert(drawing: str | None = "graffiti", label: str | None = "graffiti") -> DemoAlert:
    photo = None if drawing is None else DemoPhoto(drawing=drawing, label=label)
    codes = {"category": "graffiti", "department": "proprete", "priority": "normale"}
    return DemoAlert(id="demo-001", text="tag", lat=47.3, lon=5.0, hours_ago=1, language="fr", photo=photo, **codes)


def colour_of(content: bytes | None) -> tuple[int, ...]:
    assert content is not None
    pixel = Image.open(io.BytesIO(content)).convert("RGB").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel


def test_an_alert_without_a_photo_gets_none() -> None:
    assert PhotoSource().photo(alert(None)) is None


def test_a_folder_gives_the_pictures_of_its_labels_and_the_others_are_drawn(tmp_path: Path) -> None:
    (tmp_path / "graffiti").mkdir()
    Image.new("RGB", (32, 32), (0, 255, 0)).save(tmp_path / "graffiti" / "one.png")
    (tmp_path / "graffiti" / "notes.txt").write_text("no picture")
    source = PhotoSource(tmp_path)
    assert colour_of(source.photo(alert())) == (0, 255, 0)
    assert source.photo(alert("sofa", "waste")) == PhotoSource().photo(alert("sofa", "waste"))
    assert source.photo(alert("bench", None)) == PhotoSource().photo(alert("bench", None))


def test_a_folder_without_pictures_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfiguration, match="photo labels"):
        PhotoSource(tmp_path)
