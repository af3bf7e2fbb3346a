"""Signing in by an OpenID provider: authorization code with PKCE, state and nonce."""

import contextlib
import hmac
import logging
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.integrations.starlette_client import StarletteOAuth2App

from triage.errors import InvalidConfiguration, TriageError
from triage.settings import Settings
from triage.staff import MAX_DISPLAY_NAME, Role, checked_name

TIMEOUT_S = 10.0
# Signatures that only the provider can make. A provider may list "none" among its own, which is for other uses.
_ALGORITHMS = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
_ENDPOINT = re.compile(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9._@+-]+", re.ASCII)
_DISCOVERY = "/.well-known/openid-configuration"

logger = logging.getLogger("triage.serving")


class ProviderFailed(TriageError):
    """The provider cannot be reached, refused, or answered something that proves nothing."""

    code = "provider_failed"


class NoRole(TriageError):
    """The provider knows the person, but gives them no role here."""

    code = "no_role"


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider vouches for.

    Attributes:
        identity: who it is, as the provider will always say.
        name: for a new account.
        display_name: how to call the person.
        role: the highest that the provider gives.
    """

    identity: str
    name: str
    display_name: str
    role: Role


class Provider:
    """One OpenID provider.

    Args:
        settings: where it is, and what its claims mean.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Any = StarletteOAuth2App(
            None,
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret or None,
            server_metadata_url=settings.oidc_issuer.rstrip("/") + _DISCOVERY,
            client_kwargs={
                "scope": settings.oidc_scopes,
                "code_challenge_method": "S256",
                "timeout": TIMEOUT_S,
                "token_endpoint_auth_method": "client_secret_basic" if settings.oidc_client_secret else "none",
            },
        )

    async def begin(self, back: str) -> tuple[str, dict[str, str]]:
        """Where to send the browser, and what to note with it until it comes back.

        Args:
            back: the address to which the provider sends the browser.

        Raises:
            ProviderFailed: it cannot be reached, or is not the one of the settings.
        """
        with _explained():
            await self._check_provider()
            begun = await self._client.create_authorization_url(back)
            return begun["url"], {name: begun[name] for name in ("state", "nonce", "code_verifier")}

    async def finish(self, back: str, noted: Mapping[str, str], sent: Mapping[str, str]) -> Person:
        """Who comes back from the provider.

        Args:
            back: the address to which the provider sent the browser.
            noted: what was noted with this browser.
            sent: what the provider gave the browser to bring.

        Raises:
            ProviderFailed: this browser was not sent there, or the provider proves nothing.
            NoRole: the person has no role here.
        """
        if not hmac.compare_digest(noted.get("state", "").encode(), sent.get("state", "").encode()) or not noted:
            raise ProviderFailed("This sign-in was not begun in this browser, or too long ago.")
        if "code" not in sent:
            raise ProviderFailed("The identity provider refused.")
        with _explained():
            await self._check_provider()
            token = await self._client.fetch_access_token(
                redirect_uri=back, code=sent["code"], code_verifier=noted["code_verifier"]
            )
            claims = await self._client.parse_id_token(token, noted["nonce"], claims_options=self._expected())
            if claims is None:
                raise ProviderFailed("The identity provider sent no ID token.")
            claims = dict(claims) | await self._more_claims(token, claims)
        return self._person(claims)

    async def _check_provider(self) -> None:
        described = await self._client.load_server_metadata()
        if described.get("issuer") != self._settings.oidc_issuer:
            raise ProviderFailed("The provider calls itself otherwise than TRIAGE_OIDC_ISSUER.")
        if not all(_ENDPOINT.match(str(described.get(name))) for name in _ENDPOINTS):
            raise ProviderFailed("The provider names addresses without https.")
        listed = described.get("id_token_signing_alg_values_supported") or ["RS256"]
        described["id_token_signing_alg_values_supported"] = sorted(_ALGORITHMS.intersection(listed))

    def _expected(self) -> dict[str, Any]:
        return {
            "iss": {"essential": True, "value": self._settings.oidc_issuer},
            "aud": {"essential": True, "value": self._settings.oidc_client_id},
        }

    async def _more_claims(self, token: Any, claims: Mapping[str, Any]) -> dict[str, Any]:
        """What some providers tell of a person only when they are asked for it."""
        described = await self._client.load_server_metadata()
        if _inside(claims, self._settings.oidc_role_claim) is not None or "userinfo_endpoint" not in described:
            return {}
        told = dict(await self._client.userinfo(token=token))
        if told.get("sub") != claims["sub"]:
            raise ProviderFailed("The provider told of another person.")
        # What was signed counts.
        return {name: value for name, value in told.items() if name not in claims}

    def _person(self, claims: Mapping[str, Any]) -> Person:
        settings = self._settings
        given = _inside(claims, settings.oidc_role_claim)
        values = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        roles = [role for value, role in settings.oidc_roles.items() if value in values]
        if not roles:
            raise NoRole("The identity provider gives this person no role here.")
        wanted = str(claims.get(settings.oidc_name_claim) or claims["sub"])
        try:
            name = checked_name(_plain(wanted))
        except InvalidConfiguration:
            raise ProviderFailed("The identity provider gives this person no name that can be used.") from None
        shown = "".join(sign for sign in str(claims.get("name") or wanted) if sign.isprintable()).strip()
        role = max(roles, key=tuple(Role).index)
        return Person(f"{settings.oidc_issuer} {claims['sub']}", name, shown[:MAX_DISPLAY_NAME] or name, role)


def configured_provider(settings: Settings) -> Provider | None:
    """The provider of the settings, if there is one.

    Raises:
        InvalidConfiguration: the settings name a provider, but not all that it takes.
    """
    if not settings.oidc_issuer:
        return None
    if not (settings.oidc_client_id and settings.oidc_roles and "openid" in settings.oidc_scopes.split()):
        raise InvalidConfiguration(
            "TRIAGE_OIDC_ISSUER needs TRIAGE_OIDC_CLIENT_ID and TRIAGE_OIDC_ROLES, and 'openid' among the scopes."
        )
    return Provider(settings)


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    """Turns whatever a provider can do wrong into one error; the log says what kind it was, and no value."""
    try:
        yield
    except ProviderFailed as error:
        logger.warning("signing in by the OpenID provider failed: %s", error.message)
        raise
    except Exception as error:
        logger.warning("signing in by the OpenID provider failed: %s", type(error).__name__)
        raise ProviderFailed("The identity provider cannot be used at the moment.") from None


def _inside(claims: Mapping[str, Any], path: str) -> Any:
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return _NOT_IN_NAMES.sub("-", letters).strip("-._@+")[:100].rstrip("-._@+")
