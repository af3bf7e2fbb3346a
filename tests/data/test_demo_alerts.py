"""The demo's alerts are what their README says: labelled by the taxonomy, clustered, and about nobody."""

import re
from collections import Counter

import pytest

from cli.demo.alerts import FILE, DemoAlert, read_demo_alerts
from cli.demo.pictures import KINDS
from triage.places import distance_m
from triage.redaction import plates, redact
from triage.settings import PROJECT_ROOT, Settings
from triage.taxonomy import HEADS, load_taxonomy

ALERTS = read_demo_alerts()
TAXONOMY = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")
BY_FAULT = {
    fault: [alert for alert in ALERTS if alert.fault == fault] for fault in {alert.fault for alert in ALERTS} - {None}
}
CLUSTERS = {fault: members for fault, members in BY_FAULT.items() if len(members) > 1}


def test_there_are_300_of_every_category_and_some_without_french() -> None:
    assert len(ALERTS) == len({alert.id for alert in ALERTS}) == len({alert.text for alert in ALERTS}) == 300
    assert {alert.category for alert in ALERTS} == set(TAXONOMY.categories)
    assert Counter(alert.language for alert in ALERTS).keys() >= {"fr", "en", "de"}
    assert FILE.stat().st_size < 200_000


def test_every_code_is_the_citys() -> None:
    for alert in ALERTS:
        for head in HEADS:
            assert getattr(alert, head) in TAXONOMY.codes(head)
            assert alert.answered.get(head, getattr(alert, head)) in TAXONOMY.codes(head)


def test_about_sixty_are_duplicates_and_lie_together() -> None:
    assert 55 <= sum(map(len, CLUSTERS.values())) <= 70
    for members in CLUSTERS.values():
        for other in members[1:]:
            assert distance_m(members[0].lat, members[0].lon, other.lat, other.lon) < 150


def test_outages_recurrences_and_returns_name_what_they_refer_to() -> None:
    areas = {alert.fault for alert in ALERTS if alert.area}
    assert {alert.covered_by for alert in ALERTS} - {None} == areas
    for alert in ALERTS:
        if alert.recurrence_of is not None:
            [before] = BY_FAULT[alert.recurrence_of]
            assert before.hours_ago > (before.closed_hours_ago or 0) > alert.hours_ago
        assert alert.returned is None or alert.answered


def test_every_place_is_in_the_city_and_every_time_is_past() -> None:
    area = Settings.model_fields["area"].default
    assert all(area.holds(alert.lat, alert.lon) and alert.hours_ago > 0 for alert in ALERTS)


def test_every_photo_can_be_drawn_and_its_label_is_one_of_photos() -> None:
    photos = [alert.photo for alert in ALERTS if alert.photo is not None]
    assert {photo.drawing for photo in photos} == set(KINDS)
    assert {photo.label for photo in photos} - {None} <= set(TAXONOMY.photo_labels)


@pytest.mark.parametrize("alert", [alert for alert in ALERTS if redact(alert.text).kinds], ids=lambda alert: alert.id)
def test_personal_data_is_masked_and_nobodys(alert: DemoAlert) -> None:
    kinds = redact(alert.text).kinds
    numbers = re.findall(r"\b0\d(?:[ .-]?\d\d){4}\b", alert.text)
    assert all(re.sub(r"\D", "", number).startswith(("063998", "035301")) for number in numbers)
    assert all("SS" in plate.upper() for plate in plates(alert.text))
    assert all(host in {"example.org", "example.com"} for host in re.findall(r"@(\S+)", alert.text))
    assert bool(numbers) == ("TEL" in kinds)


def test_each_kind_of_personal_data_occurs() -> None:
    kinds = frozenset[str]().union(*(redact(alert.text).kinds for alert in ALERTS))
    assert kinds >= {"TEL", "PLAQUE", "EMAIL"}
