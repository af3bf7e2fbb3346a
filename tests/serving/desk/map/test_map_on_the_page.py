"""The map on an alert's page: what lies around, safe whatever residents write, and tiles where a city wants them."""

import contextlib
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from serving.desk.map.view import MOST_SHOWN
from tests.serving.desk.map.conftest import WriteArchive, picture
from tests.serving.staff.desk_client import NOON, Desk, StartDesk, running_desk
from triage.settings import Settings
from triage.store.personal import PersonalKeys
from triage.store.records import NewAlert, QueuePlace

LAT, LON = 47.3216, 5.0415
METRE = 1 / 111_195


@pytest.fixture
def start(tmp_path: Path) -> Iterator[StartDesk]:
    """Starts a desk with some settings."""
    keys = PersonalKeys([PersonalKeys.new_key()])
    with contextlib.ExitStack() as running:

        def run(**chosen: Any) -> Desk:
            return running.enter_context(running_desk(Settings(state_dir=tmp_path / "state", **chosen), keys))

        yield run


def alert(name: str, north_m: float | None = 0, **fields: Any) -> NewAlert:
    """An alert so many metres north of the first one; without a place where these are None."""
    given = {
        "text": "Lampadaire éteint",
        "lat": None if north_m is None else LAT + north_m * METRE,
        "lon": None if north_m is None else LON,
        "created_at": NOON - timedelta(hours=2),
        "category": "eclairage_public",
    }
    rest = {"original": None, "received_at": NOON, "category_hint": None, "department": "eclairage", "reasons": ()}
    codes = {"priority": "normale", "decision": "review", "photos": (), "plates": (), "vector": None}
    last = {"vector_version": "", "prediction": None, "content_sha256": name, "queue_place": QueuePlace("review", 1)}
    return NewAlert(id=name, **(given | rest | codes | last | fields))


def page(desk: Desk, *alerts: NewAlert, closed: tuple[str, ...] = (), language: str = "en") -> str:
    """The page of the first alert."""
    with desk.store() as store:
        store.import_many(alerts, closed=dict.fromkeys(closed, NOON))
    browser = desk.signed_in()
    browser.cookies.set("lang", language)
    answer = browser.get(f"/review/alerts/{alerts[0].id}")
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_open_alerts_around_are_numbered_linked_and_listed(start: StartDesk) -> None:
    said = page(
        start(),
        alert("here"),
        alert("near", 50),
        alert("other", 200, category="proprete", text="Sacs éventrés"),
        alert("far", 400),
        alert("done", 20),
        closed=("done",),
    )
    assert "2 open alerts within 300" in said
    assert re.findall(r'data-spot="(\w+)"', said.partition("map-list")[2]) == ["near", "other"]
    assert said.count('href="/review/alerts/near?look=1"') >= 2
    assert "<title>1. " in said and "Sacs éventrés</title>" in said
    assert re.search("50\\sm north · .{1,20} ago", said)
    assert said.count('class="map-mark map-same"') == said.count('class="map-mark map-other"') == 1


def test_the_list_says_in_french_what_the_drawing_shows(start: StartDesk) -> None:
    said = page(start(), alert("here"), alert("near", -120), language="fr")
    assert "1 alerte ouverte à moins de 300" in said
    assert "au sud" in said
    assert 'class="map-sketch" viewBox="0 0 320 320" aria-hidden="true"' in said


def test_a_lonely_alert_and_one_without_a_place_say_so(start: StartDesk) -> None:
    desk = start()
    assert "No other open alert within 300" in page(desk, alert("here"))
    assert "This alert has no place." in page(desk, alert("nowhere", None))


def test_what_residents_write_is_never_markup(start: StartDesk) -> None:
    evil = '</title></svg><script>alert(1)</script>"onmouseover="x'
    said = page(start(), alert("here"), alert('a"><script>', 10, text=evil, category="<b>"))
    assert "<script>alert" not in said
    assert 'a"><script>' not in said
    assert "<b>" not in said
    assert "&lt;/title&gt;" in said


def test_a_crowd_is_bounded_and_most_of_it_folded_away(start: StartDesk) -> None:
    crowd = [alert(f"crowd-{number:03}", number % 200) for number in range(150)]
    said = page(start(), alert("here"), *crowd)
    assert f"{MOST_SHOWN} open alerts" in said
    assert "more, farther away" in said
    assert said.count('class="map-mark ') == MOST_SHOWN


def test_without_a_setting_no_picture_is_asked_for(start: StartDesk) -> None:
    desk = start()
    assert "<image" not in page(desk, alert("here"))
    assert "img-src 'self' data:;" in desk.signed_in("b.petit").get("/review/help").headers["Content-Security-Policy"]


def test_tiles_of_another_host_are_drawn_named_and_allowed(start: StartDesk) -> None:
    desk = start(map_tiles="https://tiles.example/{z}/{x}/{y}.png", map_attribution="© <City>")
    said = page(desk, alert("here"))
    assert '<image href="https://tiles.example/16/33685/22965.png"' in said
    assert "© &lt;City&gt;" in said
    policy = desk.signed_in("b.petit").get("/review/help").headers["Content-Security-Policy"]
    assert "img-src 'self' data: https://tiles.example;" in policy


def test_tiles_of_a_file_come_from_the_desk_for_staff_alone(start: StartDesk, write_archive: WriteArchive) -> None:
    red = picture("red")
    desk = start(map_tiles=str(write_archive({(12, 2105, 1435): red})))
    assert '<image href="/review/tiles/12/2105/1435"' in page(desk, alert("here"))
    browser = desk.signed_in()
    answer = browser.get("/review/tiles/12/2105/1435")
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, red, "image/png")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "private" in answer.headers["Cache-Control"]
    assert desk.browser().get("/review/tiles/12/2105/1435").status_code == 303


@pytest.mark.parametrize(
    "path", ["12/2105/1436", "13/0/0", "12/99999999/0", "a/b/c", "-1/0/0", "1/0/%2e%2e", f"1/{'9' * 5000}/0", "١/0/0"]
)
def test_a_tile_that_is_not_there_is_a_404(start: StartDesk, write_archive: WriteArchive, path: str) -> None:
    desk = start(map_tiles=str(write_archive({(12, 2105, 1435): picture("red")})))
    assert desk.signed_in().get(f"/review/tiles/{path}").status_code == 404


def test_without_a_file_every_tile_is_a_404(start: StartDesk) -> None:
    assert start().signed_in().get("/review/tiles/0/0/0").status_code == 404
