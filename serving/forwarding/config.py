"""The file that says how each department gets its alerts. Secrets are named in it, never written."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

ChannelKind = Literal["webhook", "open311", "email"]
Security = Literal["starttls", "tls", "none"]
CHANNELS: tuple[ChannelKind, ...] = ("webhook", "open311", "email")

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:]+")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def _without_query(value: str) -> str:
    if "?" in value:
        raise PydanticCustomError("url", "write where GeoReport begins, without anything behind a question mark")
    return value.rstrip("/")


def _a_variable(value: str) -> str:
    if not _VARIABLE.fullmatch(value):
        # The value is not repeated: it may be the secret itself.
        raise PydanticCustomError(
            "variable", "write the name of an environment variable such as ROADS_SECRET, not the secret itself"
        )
    return value


def _a_host(value: str) -> str:
    if not _HOST.fullmatch(value):
        raise PydanticCustomError("host", "write a plain host such as mail.example")
    return value


def _a_mail_address(value: str) -> str:
    if len(value) > 254 or not _ADDRESS.fullmatch(value):
        raise PydanticCustomError("mail_address", "write a plain address such as roads@city.example")
    return value


# Where things may be sent to, the settings say too: see `loading`.
_Base = Annotated[str, AfterValidator(_without_query)]
_Variable = Annotated[str, AfterValidator(_a_variable)]
_Host = Annotated[str, AfterValidator(_a_host)]
_Address = Annotated[str, AfterValidator(_a_mail_address)]
_Word = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Webhook(_Frozen):
    """A POST of JSON, signed with the secret that the variable holds."""

    url: str
    secret_env: _Variable


class Open311(_Frozen):
    """A POST to `requests` of the department's own Open311 server (GeoReport v2).

    Attributes:
        url: where the server's GeoReport begins, such as https://roads.example/open311/v2.
        key_env: the variable with the key that the server gave; some ask for none.
        jurisdiction: `jurisdiction_id`, where the server holds several.
        services: the server's `service_code` for our categories.
        other_service: that for all others; without it they go under our own code.
        fields: what else the server wants with every request, such as `attribute[SOURCE]`.
    """

    url: _Base
    key_env: _Variable | None = None
    jurisdiction: _Word | None = None
    services: Mapping[str, _Word] = Field(default_factory=dict)
    other_service: _Word | None = None
    fields: Mapping[_Word, _Word] = Field(default_factory=dict, max_length=20)


class Email(_Frozen):
    """A mail in the department's language."""

    to: tuple[_Address, ...] = Field(min_length=1, max_length=20)
    language: Literal["fr", "en"] = "fr"


class DepartmentEntry(_Frozen):
    """How one department gets its alerts: by exactly one channel.

    Attributes:
        original: whether it gets the text as sent, personal data included; each reading is logged.
    """

    webhook: Webhook | None = None
    open311: Open311 | None = None
    email: Email | None = None
    original: bool = False

    @model_validator(mode="after")
    def _by_one_channel(self) -> "DepartmentEntry":
        if sum(getattr(self, name) is not None for name in CHANNELS) != 1:
            raise PydanticCustomError("channel", "give one of webhook, open311 and email")
        return self

    @property
    def channel(self) -> ChannelKind:
        """The one that is given."""
        return next(name for name in CHANNELS if getattr(self, name) is not None)

    @property
    def destination(self) -> str:
        """Where alerts go, in a word for people."""
        if self.email:
            return ", ".join(self.email.to)
        given = self.webhook or self.open311
        assert given is not None  # noqa: S101 - see the validator
        return given.url.partition("?")[0]  # tokens are often put behind


class MailServer(_Frozen):
    """The server that takes the city's mail.

    Attributes:
        security: `starttls` turns an open connection into a private one and goes no further where it cannot, `tls`
            is private from the start, `none` is for a server on this machine.
        authority: file of the certificates to trust, where the city has its own.
    """

    host: _Host
    port: int = Field(587, ge=1, le=65535)
    security: Security = "starttls"
    user: _Word | None = None
    password_env: _Variable | None = None
    sender: _Address
    authority: str | None = None

    @model_validator(mode="after")
    def _whole(self) -> "MailServer":
        if (self.user is None) != (self.password_env is None):
            raise PydanticCustomError("login", "user and password_env belong together; give both or neither")
        if self.security == "none" and self.host not in LOOPBACK:
            raise PydanticCustomError("security", "mail leaves this machine over starttls or tls only")
        return self


class ForwardersFile(_Frozen):
    """The whole file: by the code of the department, how it gets its alerts."""

    mail: MailServer | None = None
    departments: Mapping[str, DepartmentEntry] = Field(min_length=1)
