"""Content negotiation: the client's preference counts, its silence means the first form."""

import pytest
from starlette.requests import Request

from serving.negotiation import choose_media_type
from serving.problems import Problem

JSON, GEOJSON = "application/json", "application/geo+json"


def choose(*accepted: str) -> str:
    headers = [(b"accept", value.encode("latin-1")) for value in accepted]
    return choose_media_type(Request({"type": "http", "headers": headers}), (JSON, GEOJSON))


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [
        ((), JSON),
        (("",), JSON),
        (("*/*",), JSON),
        (("application/*",), JSON),
        ((JSON,), JSON),
        ((GEOJSON,), GEOJSON),
        (("APPLICATION/Geo+JSON",), GEOJSON),
        ((f"{GEOJSON}; charset=utf-8",), GEOJSON),
        ((f"{JSON}, {GEOJSON}",), JSON),
        ((f"{GEOJSON}, {JSON}",), JSON),
        ((f"{JSON};q=0.5, {GEOJSON}",), GEOJSON),
        ((f"{JSON};q=0.5", f"{GEOJSON};q=0.6"), GEOJSON),
        ((f"{GEOJSON};q=0.999, {JSON}; Q=1.000",), JSON),
        ((f"{GEOJSON}, */*;q=0.1",), GEOJSON),
        ((f"*/*, {JSON};q=0",), GEOJSON),
        ((f"application/*;q=0.2, {JSON};q=0.1",), GEOJSON),
        (("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",), JSON),
        ((f"nonsense, ;;, {GEOJSON};q=2, {JSON};q=0.1",), JSON),
    ],
)
def test_the_most_specific_range_that_fits_decides(accepted: tuple[str, ...], chosen: str) -> None:
    assert choose(*accepted) == chosen


@pytest.mark.parametrize(
    "accepted",
    ["text/html", "image/*", "*/*;q=0", f"{JSON};q=0, {GEOJSON};q=0.000", "nonsense", "*/json", f"{JSON};q=x", "é/à"],
)
def test_a_client_that_likes_neither_is_told_what_there_is(accepted: str) -> None:
    with pytest.raises(Problem) as caught:
        choose(accepted)
    assert (caught.value.status, caught.value.headers) == (406, {"Vary": "Accept"})
    assert JSON in caught.value.detail
    assert GEOJSON in caught.value.detail
