"""Where browsers find the desk: what cookies, redirects and the check of origins go by."""

import ipaddress
import re
from dataclasses import dataclass

from starlette.types import Scope

from serving.desk.languages import N_
from serving.problems import Problem

_HOST = re.compile(r"(?P<name>[a-z0-9.-]+|\[[0-9a-f:.]+\])(:[0-9]{1,5})?", re.ASCII)
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class Site:
    """One address of the desk, such as https://triage.example."""

    origin: str

    @property
    def secure(self) -> bool:
        """Whether nobody on the way can read along."""
        return self.origin.startswith("https://")

    @property
    def local(self) -> bool:
        """Whether it is this machine's own address, which no other machine can take."""
        return is_loopback(self.origin.partition("://")[2])


def site_of(scope: Scope, public_url: str) -> Site:
    """The site that a request is for.

    Args:
        scope: of the request.
        public_url: the address by settings; without it, the one that the browser asked for counts.

    Raises:
        Problem: 400 where the header Host is missing or holds no plain name.
    """
    if public_url:
        return Site(public_url)
    hosts = [value.decode("latin-1").lower() for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        raise Problem(400, "bad_host", N_("The address of this page cannot be read."))
    scheme = scope.get("scheme", "http")
    return Site(f"{scheme}://{hosts[0].removesuffix(_DEFAULT_PORTS.get(scheme, ''))}")


def is_loopback(host: str) -> bool:
    """Whether a host, with or without a port, is this machine as it calls itself."""
    match = _HOST.fullmatch(host.lower())
    name = match["name"] if match else host
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return name == "localhost"
