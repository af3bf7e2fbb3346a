"""Alerts to be stored: each with an id and a place of its own, so that none is compared with many others."""

import itertools
import json
from collections.abc import Iterator, Sequence

# About 150 m from one to the next, in a grid over and around the city.
_STEP = 0.002
_COLUMNS, _ROWS = 150, 100


def alerts_to_store(texts: Sequence[str], name: str = "bench") -> Iterator[bytes]:
    """Bodies of alerts without end; their ids begin with the name."""
    for number in itertools.count():
        place = number % (_COLUMNS * _ROWS)
        alert = {
            "id": f"{name}-{number}",
            "text": texts[number % len(texts)],
            "lat": round(47.22 + _STEP * (place // _COLUMNS), 6),
            "lon": round(4.89 + _STEP * (place % _COLUMNS), 6),
        }
        yield json.dumps(alert).encode()
