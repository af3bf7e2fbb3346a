"""Fetches photos by links, from hosts that the settings allow."""

import time

import httpx

from triage.errors import PhotoRefused
from triage.photo import MAX_PHOTO_BYTES

TIMEOUT_S = 5.0


def fetch_photo(url: str, client: httpx.Client | None = None, timeout_s: float = TIMEOUT_S) -> bytes:
    """The bytes of a photo; its host was checked when the alert was parsed, and no redirect leads elsewhere.

    Args:
        url: the link.
        client: asks for it, and is closed then; one of its own by default.
        timeout_s: longest time for the photo to begin, for each piece of it, and for it to come whole.

    Raises:
        PhotoRefused: the host does not answer in time, answers no photo, or more than a photo may have.
    """
    started = time.monotonic()
    with client or httpx.Client(timeout=timeout_s, follow_redirects=False) as session:
        try:
            with session.stream("GET", url) as response:
                if response.status_code != httpx.codes.OK:
                    raise PhotoRefused(f"The link to the photo answers {response.status_code}; send 'base64'.")
                content = bytearray()
                for chunk in response.iter_bytes():
                    content += chunk
                    if time.monotonic() - started > timeout_s:  # a host may send byte by byte
                        raise PhotoRefused(f"The photo behind the link did not come within {timeout_s:g} s.")
                    if len(content) > MAX_PHOTO_BYTES:
                        raise PhotoRefused(f"The photo behind the link has more than {MAX_PHOTO_BYTES} bytes.")
                return bytes(content)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise PhotoRefused(f"The photo behind the link cannot be fetched ({type(error).__name__}).") from None
