"""Made-up alerts that wait for staff, as dense in a large city as in a small one; the same in every run."""

import math
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from triage.places import box
from triage.store.records import Json, NewAlert, QueuePlace
from triage.taxonomy import HEADS, Taxonomy

# So many open alerts lie in a circle of 300 m, as on the desk's map: a busy district.
_AROUND_300_M = 60
_MIDDLE = (47.322, 5.041)
_DAYS = 30
_SAMPLE_SHARE = 0.2
_TEXTS = (
    "Lampadaire éteint devant le numéro {number} depuis trois jours, le trottoir est dans le noir",
    "nid de poule au {number}, les vélos font un écart dangereux",
    "Encore un matelas et des cartons devant le {number}, cela fait une semaine que personne ne passe",
    "tag sur la façade du {number}",
    "voiture ventouse devant le {number}, elle n'a pas bougé depuis des semaines et gêne la livraison du magasin",
)


def waiting_alerts(count: int, taxonomy: Taxonomy, now: datetime) -> Iterator[NewAlert]:
    """Alerts of the last month in the order of their arrival, each with a whole answer and a place in the queue.

    Args:
        count: how many; the city is as large as they need.
        taxonomy: the codes of their answers.
        now: when the last one arrived.
    """
    generator = random.Random(count)
    radius_m = 300 * math.sqrt(count / _AROUND_300_M) * math.sqrt(math.pi) / 2
    area = box(*_MIDDLE, radius_m)
    for number in range(count):
        at = now - timedelta(days=_DAYS) * (1 - number / count)
        lat, lon = generator.uniform(area.south, area.north), generator.uniform(area.west, area.east)
        yield _alert(f"waiting-{number}", generator, (lat, lon), at, taxonomy)


def _alert(
    alert_id: str, generator: random.Random, place: tuple[float, float], at: datetime, taxonomy: Taxonomy
) -> NewAlert:
    answer: dict[str, Json] = {head: _answer(generator, tuple(taxonomy.codes(head))) for head in HEADS}
    is_sample = generator.random() < _SAMPLE_SHARE
    cost = 12.0 if is_sample else generator.uniform(0, 60)
    return NewAlert(
        id=alert_id,
        text=generator.choice(_TEXTS).format(number=generator.randint(1, 200)),
        original=None,
        lat=place[0],
        lon=place[1],
        created_at=at,
        received_at=at,
        category_hint=None,
        category=answer["category"]["code"],
        department=answer["department"]["code"],
        priority=answer["priority"]["code"],
        decision="route" if is_sample else "review",
        reasons=() if is_sample else ("category_uncertain",),
        photos=(),
        plates=(),
        vector=None,
        vector_version="",
        prediction=_prediction(alert_id, answer, is_sample),
        content_sha256=alert_id.rjust(64, "0"),
        queue_place=QueuePlace("sample" if is_sample else "review", cost - at.timestamp() / 3600),
        language="fr",
    )


def _answer(generator: random.Random, codes: Sequence[str]) -> Json:
    """An answer of some head: the codes in an order of their own, half of what is left for each."""
    ranked = generator.sample(codes, len(codes))
    first = generator.uniform(0.4, 0.95)
    shares = [round((1 - first) / 2**place, 4) for place in range(1, len(ranked))]
    others = [{"code": code, "confidence": share} for code, share in zip(ranked[1:], shares, strict=True)]
    return {"code": ranked[0], "confidence": round(first, 4), "alternatives": others}


def _prediction(alert_id: str, answer: dict[str, Json], is_sample: bool) -> Json:
    return {
        "id": alert_id,
        **answer,
        "decision": "route" if is_sample else "review",
        "reasons": [] if is_sample else ["category_uncertain"],
        "photos": [],
        "duplicates": [],
        "model": {"name": "made-up", "version": "1", "taxonomy": 1, "bundle_sha256": "0" * 64},
    }
