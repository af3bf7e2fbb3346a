"""Callers without a key: networks that the settings name may ask Signalen's route, and nothing else."""

from collections.abc import Collection
from datetime import UTC, datetime
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope as AsgiScope

from serving.keys import StoredKey
from serving.scopes import Scope
from serving.signalen.places import PREDICT

Network = IPv4Network | IPv6Network

# Stands for all of them, so that their requests are limited and counted like those of a key. No key has this digest.
_NEIGHBOURS = StoredKey(
    name="signalen networks", sha256="0" * 64, created_at=datetime.min.replace(tzinfo=UTC), scopes=(Scope.PREDICT,)
)


def neighbour_key(scope: AsgiScope, networks: Collection[Network]) -> StoredKey | None:
    """What a request without a key may do because of where it comes from; None for nothing.

    Args:
        scope: of the request; behind a proxy its client is the proxy, unless `FORWARDED_ALLOW_IPS` names that.
        networks: those that the settings name.
    """
    if not networks or scope["path"] != PREDICT or not scope.get("client"):
        return None
    try:
        address = ip_address(scope["client"][0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return _NEIGHBOURS if any(address in network for network in networks) else None
