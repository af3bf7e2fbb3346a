"""Cookies: signed, out of the reach of scripts, and kept to the site and the installation that set them."""

import hashlib
import hmac
import secrets

from itsdangerous import BadSignature, Signer, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from serving.staff.site import Site

_PROVIDER_S = 600
_DEVICE_S = 180 * 86_400


class Cookies:
    """Signs and reads the desk's cookies.

    Args:
        secret: of this installation; cookies of another one are nobody's.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._signer = Signer(secret, salt="session", digest_method=hashlib.sha256, key_derivation="hmac")
        self._serializer, self._devices = (
            URLSafeTimedSerializer(
                secret, salt=salt, signer_kwargs={"digest_method": hashlib.sha256, "key_derivation": "hmac"}
            )
            for salt in ("provider", "device")
        )
        # Browsers do not tell apart the ports of a machine: two installations on one must not share a name.
        self._suffix = hmac.digest(secret, b"name of the cookie", "sha256").hex()[:8]

    def session(self, request: Request, site: Site) -> str | None:
        """The secret of the session that a request belongs to, if its signature is ours."""
        sent = request.cookies.get(self._name("session", site))
        try:
            return None if sent is None else self._signer.unsign(sent).decode("ascii")
        except (BadSignature, UnicodeError):
            return None

    def set_session(self, response: Response, site: Site, secret: str) -> None:
        """Give a browser a session; it forgets it when it is closed."""
        self._set(response, site, "session", self._signer.sign(secret).decode("ascii"))

    def drop_session(self, response: Response, site: Site) -> None:
        """Take the session away from a browser."""
        self._drop(response, site, "session")

    def started(self, request: Request, site: Site) -> dict[str, str] | None:
        """What was noted when a browser was sent to the identity provider, for ten minutes."""
        sent = request.cookies.get(self._name("provider", site))
        try:
            return None if sent is None else dict(self._serializer.loads(sent, max_age=_PROVIDER_S))
        except (BadSignature, UnicodeError, TypeError, ValueError):
            return None

    def set_started(self, response: Response, site: Site, noted: dict[str, str]) -> None:
        """Note something with a browser that is sent to the identity provider."""
        self._set(response, site, "provider", str(self._serializer.dumps(noted)), max_age=_PROVIDER_S)

    def drop_started(self, response: Response, site: Site) -> None:
        """Forget it."""
        self._drop(response, site, "provider")

    def device(self, request: Request, site: Site, name: str) -> str | None:
        """The mark of this browser, if the owner of a name has signed in here before."""
        try:
            noted = self._devices.loads(request.cookies.get(self._name("device", site), ""), max_age=_DEVICE_S)
            return str(noted["mark"]) if noted["name"] == name else None
        except (BadSignature, UnicodeError, TypeError, KeyError):
            return None

    def set_device(self, response: Response, site: Site, name: str) -> None:
        """Mark a browser as one in which the owner of a name has signed in."""
        noted = str(self._devices.dumps({"name": name, "mark": secrets.token_hex(8)}))
        self._set(response, site, "device", noted, max_age=_DEVICE_S)

    def form_token(self, secret: str) -> str:
        """What forms of a session must send back; whoever can make a browser send its cookie does not know it."""
        return hmac.digest(self._secret, f"form {secret}".encode(), "sha256").hex()

    def _name(self, kind: str, site: Site) -> str:
        # Browsers take a name with this prefix only from the very host, over https.
        return f"{'__Host-' if site.secure else ''}triage_{kind}_{self._suffix}"

    def _set(self, response: Response, site: Site, kind: str, value: str, max_age: int | None = None) -> None:
        response.set_cookie(
            self._name(kind, site), value, max_age=max_age, path="/", secure=site.secure, httponly=True, samesite="lax"
        )

    def _drop(self, response: Response, site: Site, kind: str) -> None:
        response.delete_cookie(self._name(kind, site), path="/", secure=site.secure, httponly=True, samesite="lax")
