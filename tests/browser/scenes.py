"""Every page of the desk in every state that looks different, for tests that look at all of them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from playwright.sync_api import expect

from cli.demo.alerts import read_demo_alerts
from cli.demo.photos import PhotoSource
from tests.browser.filling import Filling
from tests.browser.installation import Installation
from tests.browser.pairs import OLDER, send_pair
from tests.browser.visitor import Visitor
from triage.review.order import returned_place
from triage.review.rules import DEFAULT_RULES, load_review_rules
from triage.staff import Role
from triage.store.review_records import NewReturn
from triage.taxonomy import load_taxonomy


@dataclass(frozen=True, slots=True)
class Stage:
    """Alerts that were made ready.

    Attributes:
        rich: has photos, masks, duplicates, alerts told apart, notes and a history.
        held: is another agent's.
        given_back: came back from a department.
    """

    rich: str
    held: str
    given_back: str
    filled: Filling


@dataclass(frozen=True, slots=True)
class Scene:
    """One page in one state; `role` is of who looks, None for a stranger."""

    name: str
    role: Role | None
    show: Callable[[Visitor, Stage], None]


def tour(visit: Callable[..., Visitor], stage: Stage, **options: Any) -> Iterator[tuple[str, Visitor]]:
    """Every scene after the other, each with its name, in one window for each role."""
    windows: dict[Role | None, Visitor] = {}
    for scene in SCENES:
        if scene.role not in windows:
            windows[scene.role] = visit(role=scene.role, **options) if scene.role else visit(name=None, **options)
        scene.show(windows[scene.role], stage)
        yield scene.name, windows[scene.role]


def prepare(desk: Installation, filled: Filling) -> Stage:
    """Make the alerts."""
    source = PhotoSource()
    photos = [photo for photo in map(source.photo, read_demo_alerts()) if photo][:2]
    text = "Le lampadaire devant le 12 rue Monge est éteint, appelez le 06 39 98 12 34, voiture SS-042-AB dessous"
    older, rich = send_pair(desk, newer=text, photos={f"{number}.jpg": photo for number, photo in enumerate(photos)})
    place = {"lat": desk.stored(rich).lat, "lon": desk.stored(rich).lon}
    apart = desk.send(OLDER, **place)
    for number in range(6):
        desk.send(f"Dépôt sauvage numéro {number}", **(place | {"lat": (place["lat"] or 0) + 0.0003 * (number + 1)}))
    held, given_back = (desk.send("Bonjour, il y a un souci ici") for _ in range(2))
    now, other = datetime.now(UTC), desk.account()
    with desk.store() as store:
        store.link(rich, older)
        store.reject(rich, apart)
        store.add_note(rich, other, now, "Déjà vu hier.")
        store.original(rich, other, "test")
        store.claim(held, other, now, now + timedelta(days=1))
        rules = load_review_rules(DEFAULT_RULES, load_taxonomy(desk.settings.bundle / "taxonomy.yaml"))
        returned = NewReturn(given_back, "voirie", "eau", "Ce n'est pas chez nous", "voirie", now)
        store.add_return(returned, returned_place(now, rules))
    return Stage(rich, held, given_back, filled)


def unfold(window: Visitor) -> None:
    """Open whatever is folded."""
    window.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")


def _path(path: str, status: int = 200) -> Callable[[Visitor, Stage], None]:
    def show(window: Visitor, _: Stage) -> None:
        window.expect(status)
        answer = window.open(path)
        assert answer.status == status
        unfold(window)

    return show


def _refused(window: Visitor, _: Stage) -> None:
    window.expect(401)
    window.open("/review/sign-in")
    window.find("#name").fill(f"nobody.{window.desk.number()}")
    window.find("#password").fill("not a password")
    window.find("#sign-in").click()
    expect(window.find("#sign-in-error")).to_be_visible()


def _queue(window: Visitor, _: Stage) -> None:
    window.open()
    window.settled()


def _rich(window: Visitor, stage: Stage) -> None:
    _take(window, stage.rich)
    unfold(window)


def _unmasked(window: Visitor, stage: Stage) -> None:
    _take(window, stage.rich)
    window.find("#unmask").click()
    expect(window.find("#unmasked")).to_be_visible()
    unfold(window)


def _zoomed(window: Visitor, stage: Stage) -> None:
    _rich(window, stage)
    window.find(".photos a.photo").first.click()
    expect(window.find("dialog.zoom img")).to_be_visible()


def _held(window: Visitor, stage: Stage) -> None:
    window.take(stage.held)
    expect(window.find("#held")).to_be_visible()


def _looking(window: Visitor, stage: Stage) -> None:
    window.open(f"/review/alerts/{stage.rich}?look=1")
    window.settled()


def _answered(window: Visitor, stage: Stage) -> None:
    window.take(stage.filled.answered[0])
    expect(window.find("#history")).to_be_visible()


def _given_back(window: Visitor, stage: Stage) -> None:
    _take(window, stage.given_back)


def _nothing_left(window: Visitor, _: Stage) -> None:
    """Somebody else holds every suspected label."""
    now = datetime.now(UTC)
    with window.desk.store() as store:
        waiting = [row.alert for row in store.queue(("suspect",), now).rows]
        name = f"greedy.{window.desk.number()}"
        for alert in waiting:
            _free(window.desk, alert.id)
            store.claim(alert.id, name, now, now + timedelta(minutes=1))
        window.open("/review/suspects")
        expect(window.find("#empty")).to_be_visible()
        for alert in waiting:
            store.release(alert.id, name)


def _suspect(window: Visitor, _: Stage) -> None:
    window.open("/review/suspects")
    window.settled()
    unfold(window)


def _trouble(window: Visitor, _: Stage) -> None:
    alert = window.desk.send("Bonjour, il y a un souci ici")
    window.take(alert)
    now, other = datetime.now(UTC), window.desk.account()
    with window.desk.store() as store:
        store.release(alert, window.name or "?")
        store.claim(alert, other, now, now + timedelta(minutes=15))
    window.expect(409)
    window.find("#accept").click()
    expect(window.find("#trouble")).to_be_visible()


def _take(window: Visitor, alert_id: str) -> None:
    """Open an alert that others may have taken before."""
    _free(window.desk, alert_id)
    window.take(alert_id)


def _free(desk: Installation, alert_id: str) -> None:
    with desk.store() as store:
        for account in store.staff():
            store.release(alert_id, account.name)


SCENES = (
    Scene("sign-in", None, _path("/review/sign-in")),
    Scene("sign-in refused", None, _refused),
    Scene("queue", Role.AGENT, _queue),
    Scene("alert", Role.AGENT, _rich),
    Scene("photo enlarged", Role.AGENT, _zoomed),
    Scene("alert that another agent holds", Role.AGENT, _held),
    Scene("alert to look at", Role.AGENT, _looking),
    Scene("alert that is answered", Role.AGENT, _answered),
    Scene("alert that was given back", Role.AGENT, _given_back),
    Scene("alert unmasked", Role.SUPERVISOR, _unmasked),
    Scene("suspected label", Role.AGENT, _suspect),
    Scene("nothing left", Role.AGENT, _nothing_left),
    Scene("not stored", Role.AGENT, _trouble),
    Scene("help", Role.AGENT, _path("/review/help")),
    Scene("supervision", Role.SUPERVISOR, _path("/review/supervisor?threshold=60")),
    Scene("not found", Role.AGENT, _path("/review/alerts/no-such-alert", 404)),
    Scene("not allowed", Role.AGENT, _path("/review/supervisor", 403)),
)
