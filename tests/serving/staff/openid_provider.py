"""A small OpenID provider on a port of this machine: it checks what providers check, and can be told to misbehave."""

import base64
import contextlib
import hashlib
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT, SECRET = "triage-desk", "hunter2-hunter2"


class OpenIdProvider:
    """Knows one person, who agrees to everything.

    Attributes:
        claims: of the person; those of the ID token are made from them.
        userinfo: what the provider tells of the person when it is asked.
        spoil: changes the ID token's claims before they are signed.
        sign: "right", or how it is signed wrongly.
        asked: parameters of each request for a code.
    """

    def __init__(self) -> None:
        self.base = ""
        self.claims: dict[str, Any] = {"sub": "248289", "preferred_username": "j.petit", "name": "J. Petit"}
        self.userinfo: dict[str, Any] | None = None
        self.described: dict[str, Any] = {}
        self.spoil: dict[str, Any] = {}
        self.sign = "right"
        self.asked: list[dict[str, str]] = []
        self._key = RSAKey.generate_key(2048, {"kid": "first"})
        self._codes: dict[str, dict[str, str]] = {}
        self._tokens: set[str] = set()

    def renew_key(self) -> None:
        self._key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})

    def agree(self, address: str) -> str:
        """What a browser does that is sent here: the address to which it is sent back."""
        answer = httpx.get(address, follow_redirects=False, trust_env=False)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    @contextlib.contextmanager
    def running(self) -> Iterator["OpenIdProvider"]:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            self.base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            server = uvicorn.Server(uvicorn.Config(self._app(), log_config=None, ws="none", lifespan="off"))
            thread = threading.Thread(target=server.run, args=([listening],))
            thread.start()
            try:
                while not server.started:
                    time.sleep(0.01)
                yield self
            finally:
                server.should_exit = True
                thread.join(20)

    def _app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
                Route("/userinfo", self._tell),
            ]
        )

    async def _describe(self, _: Request) -> Response:
        described = {
            "issuer": self.base,
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "jwks_uri": f"{self.base}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
        }
        if self.userinfo is not None:
            described["userinfo_endpoint"] = f"{self.base}/userinfo"
        return JSONResponse(described | self.described)

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        self.asked.append(asked)
        assert asked["client_id"] == CLIENT and asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe()
        self._codes[code] = asked
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _token(self, request: Request) -> Response:
        sent = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
        credentials = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self._codes.pop(sent.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if (
            request.headers.get("authorization") != f"Basic {credentials}"
            or asked is None
            or asked["redirect_uri"] != sent.get("redirect_uri")
            or asked["code_challenge"] != challenge.decode().rstrip("=")
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = secrets.token_urlsafe()
        self._tokens.add(token)
        now = int(time.time())
        claims = {"iss": self.base, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        whole = {name: value for name, value in (claims | self.claims | self.spoil).items() if value is not None}
        return JSONResponse({"access_token": token, "token_type": "Bearer", "id_token": self._signed(whole)})

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.sign == "none":
            parts = (b'{"alg":"none"}', json.dumps(claims).encode(), b"")
            return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
        if self.sign == "symmetric":  # with the public key as the secret, as careless libraries accept
            key = OctKey.import_key(self._key.as_pem(private=False))
            return jwt.encode({"alg": "HS256", "kid": "first"}, claims, key, algorithms=["HS256"])
        key = RSAKey.generate_key(2048, {"kid": self._key.kid}) if self.sign == "stranger" else self._key
        return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _tell(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return JSONResponse(self.userinfo) if token in self._tokens else JSONResponse({}, 401)


def path_of(address: str) -> str:
    """What of an address a browser asks its server for."""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"
