"""Without a setting no other host is asked; with one, tiles come from there or from the city's own file."""

import pytest
from pydantic import ValidationError

from serving.desk.map.backdrop import Backdrop
from tests.serving.desk.map.conftest import WriteArchive, picture
from triage.settings import Settings

DIJON = (47.3216, 5.0415)
SCALE = 146 / 300


def backdrop(tiles: str, attribution: str = "") -> Backdrop:
    return Backdrop.from_settings(Settings(map_tiles=tiles, map_attribution=attribution))


def test_by_default_there_are_no_tiles_and_no_hosts() -> None:
    nothing = backdrop("")
    assert nothing.pictures(*DIJON, SCALE) == ()
    assert nothing.image_hosts == ()


def test_a_url_names_one_host_and_its_tiles() -> None:
    city = backdrop("https://tiles.example:8443/{z}/{y}/{x}.png?style={z}", "© City")
    pictures = city.pictures(*DIJON, SCALE)
    assert city.image_hosts == ("https://tiles.example:8443",)
    assert city.attribution == "© City"
    assert "https://tiles.example:8443/16/22965/33685.png?style=16" in {picture.href for picture in pictures}
    assert not any("{" in picture.href for picture in pictures)


def test_a_file_is_served_by_the_desk_itself(write_archive: WriteArchive) -> None:
    path = write_archive({(12, 2105, 1435): picture("red")}, metadata={"attribution": "© OSM"})
    city = backdrop(str(path))
    assert city.image_hosts == ()
    assert city.attribution == "© OSM"
    assert {picture.href for picture in city.pictures(*DIJON, SCALE)} == {"/review/tiles/12/2105/1435"}
    assert backdrop(str(path), "© City").attribution == "© City"


@pytest.mark.parametrize(
    "odd",
    [
        "http://tiles.example/{z}/{x}/{y}",
        "https://tiles.example/{z}/{x}",
        "https://user@tiles.example/{z}/{x}/{y}",
        "https://{z}.example/{x}/{y}/{z}",
        "https://a.example;script-src */{z}/{x}/{y}",
        "https://a.example/{z}/{x}/{y}/{s}",
        'https://a.example/{z}/{x}/{y}"onload="',
        "javascript:alert({z}{x}{y})",
        "//a.example/{z}/{x}/{y}",
        "tiles.mbtiles",
    ],
)
def test_a_setting_that_is_neither_is_refused(odd: str) -> None:
    with pytest.raises(ValidationError, match="pmtiles"):
        Settings(map_tiles=odd)


@pytest.mark.parametrize("good", ["https://a.example/{z}/{x}/{y}", "http://127.0.0.1:8080/{z}/{x}/{y}@2x.png"])
def test_https_anywhere_and_http_on_this_machine_are_taken(good: str) -> None:
    assert Settings(map_tiles=good).map_tiles == good
