"""What the shipped duplicate part must get right: pairs that differ in one thing alone (guide, section 4)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.duplicates.finder import DuplicateFinder, as_report
from models.predictor import Predictor
from triage.alert import Alert
from triage.duplicates.report import Report
from triage.store.records import Neighbour

Tell = Callable[..., Report]
Likely = Callable[[Report, Report], float]

EVENING = datetime(2026, 2, 3, 18, tzinfo=UTC)

# Two residents tell one fault within ten metres and an hour.
SAME = [
    ("Lampadaire éteint devant le 12 rue Monge", "le lampadaire devant le 12 rue monge ne marche plus"),
    ("Gros nid-de-poule devant la boulangerie rue Berbisey", "trou énorme dans la chaussée en face de la boulangerie"),
    ("Matelas et cartons déposés au pied des conteneurs", "encore un matelas abandonné à coté des poubelles"),
    ("Fuite d'eau importante sur le trottoir", "ça coule à flot sur le trottoir, une canalisation a pété"),
    ("tag obscène sur le mur de l'école", "graffiti insultant sur le mur de l'ecole"),
]
# The second is another thing in the same place and hour.
OTHER_THING = [
    ("Lampadaire éteint devant le 12 rue Monge", "Gros nid-de-poule devant le 12 rue Monge"),
    ("Matelas et cartons déposés au pied des conteneurs", "tag obscène sur le mur à côté des conteneurs"),
    pytest.param(
        ("Gros trou dans la chaussée", "ivrognes qui crient dans la rue"),
        marks=pytest.mark.xfail(reason="place and time alone carry it past the threshold; texts weigh too little yet"),
    ),
    ("Fuite d'eau importante sur le trottoir", "voiture ventouse garée sur le trottoir depuis un mois"),
]
# One place, told by number: the same number, and another.
NUMBERED = [
    ("Lampadaire éteint devant le 12 rue Monge", "lampe en panne au 12 rue Monge", "lampe en panne au 38 rue Monge"),
    ("Nid-de-poule devant le 5 rue Berbisey", "trou dans la route face au 5", "trou dans la route face au 31"),
]


@pytest.fixture(scope="module")
def finder(predictor: Predictor) -> DuplicateFinder:
    assert predictor.finder is not None
    return predictor.finder


@pytest.fixture(scope="module")
def tell(predictor: Predictor, finder: DuplicateFinder) -> Tell:  # noqa: ARG001 - skips without the part
    """A report in rue Monge as the service reads it: `tell("…", hours=1, north_m=20)`."""

    def read(text: str, hours: float = 0, north_m: float = 0, **fields: Any) -> Report:
        place = {"lat": 47.3208 + north_m / 111_195, "lon": 5.0352}
        alert = Alert(
            id=f"{hours} {north_m} {text}"[:200], text=text, created_at=EVENING + timedelta(hours=hours), **place
        )
        return replace(predictor.predict([alert]).reports[0], **fields)

    return read


@pytest.fixture(scope="module")
def likely(finder: DuplicateFinder) -> Likely:
    """The probability that two reports are about one fault."""
    return lambda later, earlier: finder.compare(later, [earlier])[0].probability


@pytest.mark.parametrize("texts", SAME, ids=lambda texts: texts[0][:20])
def test_one_fault_told_twice_within_metres_and_an_hour_is_a_duplicate(
    finder: DuplicateFinder, tell: Tell, likely: Likely, texts: tuple[str, str]
) -> None:
    assert likely(tell(texts[1], hours=1, north_m=8), tell(texts[0])) >= finder.threshold


def test_the_same_words_sent_twice_are_a_duplicate(finder: DuplicateFinder, tell: Tell, likely: Likely) -> None:
    text = "le lampadaire est mort devant chez moi"
    assert likely(tell(text, hours=0.1), tell(text)) >= finder.threshold


@pytest.mark.parametrize("texts", OTHER_THING, ids=lambda texts: texts[1][:20])
def test_another_thing_at_the_same_place_is_none(
    finder: DuplicateFinder, tell: Tell, likely: Likely, texts: tuple[str, str]
) -> None:
    assert likely(tell(texts[1], hours=1, north_m=8), tell(texts[0])) < finder.threshold


def test_the_same_words_400_m_away_are_never_compared(finder: DuplicateFinder, tell: Tell) -> None:
    asked, other = tell("Lampadaire éteint"), tell("Lampadaire éteint", north_m=400)
    search = finder.search(asked)
    assert search is not None
    assert search.radius_m < 400
    assert other.lat is not None
    assert abs(other.lat - search.lat) * 111_195 > search.radius_m


@pytest.mark.parametrize("texts", NUMBERED, ids=lambda texts: texts[0][:20])
def test_two_of_a_street_60_m_apart_are_told_apart_by_their_numbers(
    tell: Tell, likely: Likely, texts: tuple[str, str, str]
) -> None:
    first, same, other = texts
    assert likely(tell(other, hours=3, north_m=60), tell(first)) < likely(tell(same, hours=3, north_m=60), tell(first))


def test_the_farther_apart_the_less_likely(tell: Tell, likely: Likely) -> None:
    first, again = "Lampadaire éteint rue Monge", "une lampe ne marche plus rue monge"
    found = [likely(tell(again, hours=2, north_m=metres), tell(first)) for metres in (3, 60, 180)]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]


def test_a_party_of_another_night_is_another(tell: Tell, likely: Likely) -> None:
    first, again = "fête bruyante, musique à fond chez les voisins", "musique très forte, impossible de dormir"
    assert likely(tell(again, hours=24 * 6), tell(first)) < likely(tell(again, hours=0.5), tell(first))


def test_the_order_of_the_reports_changes_little(tell: Tell, likely: Likely) -> None:
    one, two = tell(SAME[0][0]), tell(SAME[0][1])
    assert likely(one, two) == pytest.approx(likely(two, one), abs=1e-3)


def test_the_same_place_failing_after_it_was_closed_recurs(finder: DuplicateFinder, tell: Tell) -> None:
    closed = EVENING + timedelta(days=4)
    before = tell("Lampadaire éteint devant le 12 rue Monge", closed_at=closed)
    new = tell("le lampadaire du 12 rue Monge est à nouveau éteint", hours=24 * 9, north_m=6)
    found = finder.decide(new, [before])
    assert (found.linking.join, found.linking.recurrence_of) == (None, before.id)
    assert found.duplicates == ()


def test_never_repaired_and_still_there_is_the_same_fault(finder: DuplicateFinder, tell: Tell) -> None:
    before = tell("Lampadaire éteint devant le 12 rue Monge")
    new = tell("toujours pas réparé, le lampadaire du 12 rue Monge est encore éteint", hours=24 * 5, north_m=6)
    assert finder.decide(new, [before]).linking.join == before.id


def test_a_dark_street_covers_its_lamps_and_joins_none(finder: DuplicateFinder, tell: Tell) -> None:
    street = tell("Toute la rue Monge est dans le noir, plus aucun lampadaire ne marche")
    lamp = tell("Lampadaire éteint devant le 12 rue Monge", hours=1, north_m=30)
    found = finder.decide(lamp, [street])
    assert (found.linking.join, found.linking.covered_by) == (None, street.id)


def test_one_plate_told_twice_speaks_for_one_car(tell: Tell, likely: Likely) -> None:
    first = tell("Clio grise AB-123-CD garée devant mon garage")
    same = tell("voiture ventouse AB-123-CD rue Monge", hours=20, north_m=15)
    other = tell("voiture ventouse XY-987-ZT rue Monge", hours=20, north_m=15)
    assert likely(same, first) > likely(other, first)


def test_the_shipped_vectors_come_back_from_a_store(finder: DuplicateFinder, tell: Tell, likely: Likely) -> None:
    new, before = tell(SAME[0][1], hours=1, north_m=8), tell(SAME[0][0])
    stored = Neighbour(
        seq=1,
        id="b",
        text=before.text,
        lat=before.lat or 0.0,
        lon=before.lon or 0.0,
        created_at=before.created_at,
        category_hint=None,
        category=before.category,
        state="open",
        closed_at=None,
        cluster_id=None,
        photos=(),
        plates=(),
        vector=before.vector,
        vector_version=finder.version,
        distance_m=8.0,
    )
    assert likely(new, as_report(stored, finder.version)) == likely(new, before)
