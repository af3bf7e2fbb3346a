"""Made-up alerts of a city of Dijon's size over three years, the same in every run."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from triage.places import Box
from triage.store.records import NewAlert, Search

CITY = Box(west=4.95, south=47.25, east=5.15, north=47.39)
DISTRICT = Box(west=5.03, south=47.32, east=5.0433, north=47.329)  # one square kilometre
START = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=3 * 365)

# As in datasets/duplicate_rules.yaml: most categories look so far, half a year back for faults that come back.
RADIUS_M = 200.0
BACK, LATE = timedelta(days=180), timedelta(days=2)

_CATEGORIES = ("voirie", "proprete", "eclairage_public", "stationnement", "graffiti")
_PHRASES = (
    "Lampadaire éteint devant le numéro {number} depuis trois jours, le trottoir est dans le noir",
    "nid de poule au {number}, les vélos font un écart dangereux",
    "Encore un matelas et des cartons devant le {number}, cela fait une semaine que personne ne passe",
    "tag sur la façade du {number}",
    "voiture ventouse devant le {number}, elle n'a pas bougé depuis des semaines et gêne la livraison du magasin",
)
_generator = random.Random(0)
# As many bytes as the bundle keeps of a text: its categories, an embedding and some tokens (models/duplicates/).
_VECTORS = tuple(_generator.randbytes(400 + 48 * _generator.randint(8, 40)) for _ in range(256))


def past_alerts(count: int, in_district: int) -> Iterator[NewAlert]:
    """Alerts in order of time: `in_district` of them in one district, the others evenly over the rest of the city.

    Those of the district are at the same places and times whatever the number of others, and spread as evenly.
    """
    district, rest = random.Random(1), random.Random(2)
    inside = 0
    for number in range(count):
        if number * in_district >= inside * count:
            yield _alert(f"district-{inside}", district, DISTRICT, START + SPAN * (inside / in_district))
            inside += 1
        else:
            yield _alert(f"rest-{number}", rest, CITY, START + SPAN * (number / count), but=DISTRICT)


def district_alert(alert_id: str) -> NewAlert:
    """An alert somewhere in the district at some time; the same for the same id."""
    generator = random.Random(alert_id)
    return _alert(alert_id, generator, DISTRICT, START + SPAN * generator.random())


def search_in_district(generator: random.Random) -> Search:
    """The look-up of an alert somewhere in the district at some time, which has half a year before it."""
    lat, lon = _place(generator, DISTRICT)
    return search_around(lat, lon, START + BACK + (SPAN - BACK) * generator.random())


def search_around(lat: float, lon: float, moment: datetime) -> Search:
    """The look-up of an alert, as the service makes it."""
    return Search(lat, lon, RADIUS_M, moment - BACK, moment + LATE)


def _alert(alert_id: str, generator: random.Random, area: Box, moment: datetime, but: Box | None = None) -> NewAlert:
    lat, lon = _place(generator, area)
    while but is not None and but.holds(lat, lon):
        lat, lon = _place(generator, area)
    category = generator.choice(_CATEGORIES)
    return NewAlert(
        id=alert_id,
        text=generator.choice(_PHRASES).format(number=generator.randint(1, 200)),
        original=None,
        lat=lat,
        lon=lon,
        created_at=moment,
        received_at=moment,
        category_hint=None,
        category=category,
        department="voirie",
        priority="normale",
        decision="route",
        reasons=(),
        photos=(),
        plates=(),
        vector=generator.choice(_VECTORS),
        vector_version="made-up",
        prediction={"id": alert_id, "category": {"code": category, "confidence": 0.9}},
        content_sha256=alert_id.rjust(64, "0"),
    )


def _place(generator: random.Random, area: Box) -> tuple[float, float]:
    return generator.uniform(area.south, area.north), generator.uniform(area.west, area.east)
