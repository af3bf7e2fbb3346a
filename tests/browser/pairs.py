"""Two reports of one fault."""

from tests.browser.installation import Installation

OLDER = "Lampadaire éteint devant le 12 rue Monge"
NEWER = "Le lampadaire devant le 12 rue Monge est éteint"
_WEST, _STEP = 4.0, 0.02


def send_pair(desk: Installation, older: str = OLDER, newer: str = NEWER, **fields: object) -> tuple[str, str]:
    """Send them, a few metres apart and far from all others, outside the city, so that both wait; their ids."""
    place = {"lat": 47.3216, "lon": _WEST - desk.number() * _STEP}
    first = desk.send(older, **(place | fields))
    place["lat"] += 0.00004
    return first, desk.send(newer, **(place | fields))
