"""Who counts as a neighbour of Signalen's route."""

from ipaddress import ip_network
from typing import Any

import pytest

from serving.scopes import Scope
from serving.signalen.neighbours import neighbour_key
from serving.signalen.places import PREDICT

NETWORKS = (ip_network("10.1.2.0/24"), ip_network("fd00::/8"))


def scope(client: Any, path: str = PREDICT) -> dict[str, Any]:
    return {"type": "http", "path": path, "client": client}


@pytest.mark.parametrize("address", ["10.1.2.3", "fd00::1", "::ffff:10.1.2.3"])
def test_an_address_of_a_network_may_predict_and_nothing_else(address: str) -> None:
    key = neighbour_key(scope((address, 5000)), NETWORKS)
    assert key is not None
    assert [one for one in Scope if key.may(one)] == [Scope.PREDICT]


@pytest.mark.parametrize("client", [("10.1.3.3", 1), ("::1", 1), ("testclient", 1), ("", 1), None])
def test_nobody_else_is(client: Any) -> None:
    assert neighbour_key(scope(client), NETWORKS) is None


def test_no_network_and_no_other_route_counts() -> None:
    assert neighbour_key(scope(("10.1.2.3", 1)), ()) is None
    assert neighbour_key(scope(("10.1.2.3", 1), "/v1/predict"), NETWORKS) is None
