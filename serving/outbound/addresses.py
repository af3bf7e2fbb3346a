"""Which addresses events may go to: public ones over https, and others where the settings name their host."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from urllib.parse import SplitResult, urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Gives every address of a host.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

MAX_URL = 2_000
# IPv4 addresses that hide in IPv6 ones, behind the prefix of a translator.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_PORTS = {"https": 443, "http": 80}


class AddressRefused(Exception):
    """An address that nothing is sent to; the text says why, without the address itself."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the resolver of this machine.

    Raises:
        AddressRefused: it knows no such host.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused("its host has no address") from None
    return [str(info[4][0]) for info in found]


def checked_url(url: str, allowed: Collection[str]) -> SplitResult:
    """The parts of a URL that things may be sent to, as far as can be said without asking for its address.

    Args:
        url: where to.
        allowed: hosts, with their port where it is not the usual one, that need neither https nor a public address.

    Raises:
        AddressRefused: it may not be used.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("it is no URL") from None
    if parts.scheme not in _PORTS or not parts.hostname or len(url) > MAX_URL or not url.isascii() or " " in url:
        raise AddressRefused("it is no URL such as https://receiver.example/hook")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise AddressRefused("it holds a name, a password or a fragment")
    if port == 0:
        raise AddressRefused("its port is 0")
    if parts.scheme != "https" and not is_listed(parts.hostname, port, allowed):
        raise AddressRefused("it is not https, and TRIAGE_WEBHOOK_HOSTS does not list its host")
    return parts


def is_listed(host: str, port: int | None, allowed: Collection[str]) -> bool:
    """Whether the settings name a host; one with a port is listed for that port alone."""
    return host in allowed or f"{host}:{port}" in allowed


def refuse_private(addresses: Sequence[str], *, listed: bool) -> Sequence[str]:
    """The same addresses, if things may be sent to each of them.

    Args:
        addresses: all that a host has.
        listed: whether the settings name the host, so that it may be private.

    Raises:
        AddressRefused: one of them is not public; or, of a host that is listed, one that is nobody's.
    """
    if not addresses:
        raise AddressRefused("its host has no address")
    for text in addresses:
        address = _unwrapped(ipaddress.ip_address(text.partition("%")[0]))
        # Link-local ones, where clouds keep their secrets, are never a receiver, whatever the settings say.
        reserved = address.is_reserved and not address.is_loopback  # ::1 counts as both
        if address.is_link_local or address.is_multicast or address.is_unspecified or reserved:
            raise AddressRefused("its address is no receiver's")
        if not (listed or address.is_global):
            raise AddressRefused("its address is private, and TRIAGE_WEBHOOK_HOSTS does not list its host")
    return addresses


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, where that is where packets go."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _NAT64:
        return ipaddress.IPv4Address(address.packed[-4:])
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None) or address
