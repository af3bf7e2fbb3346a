"""An HTTP client that reaches no private address, follows no redirect and asks no proxy.

Between the check of an address and the connection no name is resolved again: a host cannot show a public address
first and a private one then.
"""

import ssl
from collections.abc import Collection

import httpx

from serving.outbound.addresses import AddressRefused, Resolve, checked_url, is_listed, refuse_private, resolve

CONNECT_S, ANSWER_S = 5.0, 15.0
# More than that of a receiver's addresses are not tried.
MAX_ADDRESSES = 4


class GuardedTransport(httpx.AsyncBaseTransport):
    """Resolves the host, checks all its addresses, and connects to one of these.

    Args:
        allowed: hosts that may be private, and without https.
        trust: whose certificates count; those of certifi by default.
        resolver: gives addresses.
    """

    def __init__(
        self, allowed: Collection[str], trust: ssl.SSLContext | None = None, resolver: Resolve = resolve
    ) -> None:
        self._allowed = allowed
        self._trust = trust or httpx.create_ssl_context()
        self._resolver = resolver
        # One for each host: httpcore would use a connection to one host for another at the same address.
        self._inner: dict[tuple[str, str, int | None], httpx.AsyncHTTPTransport] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request to the first address that answers.

        Raises:
            httpx.UnsupportedProtocol: the address is refused; the text says why.
            httpx.TransportError: nothing answers.
        """
        url = request.url
        try:
            checked_url(str(url), self._allowed)
            listed = is_listed(url.host, url.port, self._allowed)
            found = await self._resolver(url.host, url.port or (443 if url.scheme == "https" else 80))
            addresses = refuse_private(found, listed=listed)
        except AddressRefused as error:
            raise httpx.UnsupportedProtocol(str(error), request=request) from None
        inner = self._inner.setdefault(
            (url.scheme, url.host, url.port), httpx.AsyncHTTPTransport(verify=self._trust, retries=0)
        )
        unreachable: httpx.TransportError = httpx.ConnectError("no address", request=request)
        for address in dict.fromkeys(addresses[:MAX_ADDRESSES]):
            try:
                return await inner.handle_async_request(_to(address, request))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                unreachable = error
        raise unreachable

    async def aclose(self) -> None:
        """Close every connection."""
        for inner in self._inner.values():
            await inner.aclose()


def guarded_client(
    allowed: Collection[str], trust: ssl.SSLContext | None = None, resolver: Resolve = resolve
) -> httpx.AsyncClient:
    """A client for one receiver or several; the caller closes it.

    Args:
        allowed: hosts that may be private, and without https; see `Settings.webhook_hosts`.
        trust: whose certificates count.
        resolver: gives addresses.
    """
    timeout = httpx.Timeout(ANSWER_S, connect=CONNECT_S)
    transport = GuardedTransport(allowed, trust, resolver)
    return httpx.AsyncClient(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


def _to(address: str, request: httpx.Request) -> httpx.Request:
    # The header Host and the name in the certificate stay those of the URL.
    return httpx.Request(
        method=request.method,
        url=request.url.copy_with(host=address),
        headers=request.headers,
        stream=request.stream,
        extensions=request.extensions | {"sni_hostname": request.url.host},
    )
