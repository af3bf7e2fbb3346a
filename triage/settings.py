"""Settings: environment variables `TRIAGE_…` first, then the file `triage.toml`, then defaults."""

import re
import tomllib
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from triage.durations import read_duration
from triage.errors import InvalidConfiguration
from triage.places import Box
from triage.staff import Role

_SQLITE = "sqlite:///"
# An empty variable counts as not given, so a file's choice is undone by this word.
NONE = "none"
PROJECT_ROOT = Path(__file__).resolve().parent.parent


def _listed(value: Any) -> Any:
    # A variable holds names with commas between them, a file a list.
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


def _plain_hosts(values: frozenset[str]) -> frozenset[str]:
    hosts = frozenset(value.lower() for value in values)
    foreign = sorted(host for host in hosts if not _HOST.fullmatch(host))
    if foreign:
        raise PydanticCustomError("host", "'{host}' is no plain host such as photos.example", {"host": foreign[0]})
    return hosts


def _paired(value: Any) -> Any:
    # A variable holds pairs such as "lighting-desk=agent,lighting-head=supervisor", a file a table.
    return dict(pair.rpartition("=")[::2] for pair in _listed(value)) if isinstance(value, str) else value


def _an_origin(value: str) -> str:
    origin = value.lower().rstrip("/")
    if origin and not _ORIGIN.fullmatch(origin):
        raise PydanticCustomError("origin", "write an address such as https://triage.example; http is for 127.0.0.1")
    return origin


def _an_issuer(value: str) -> str:
    if value and not _ISSUER.fullmatch(value):
        raise PydanticCustomError("issuer", "write an address that begins with https://; http is for 127.0.0.1")
    return value


def _an_address(value: str) -> str:
    address = value.rstrip("/")
    if address and not _BASE.fullmatch(address):
        raise PydanticCustomError(
            "address", "write an address such as https://signalen.example/signals/v1/public/terms"
        )
    return address


def _kept_for(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value == NONE:
        return None
    try:
        return read_duration(value)
    except ValueError as error:
        raise PydanticCustomError("duration", "{why}, or none to keep it for ever", {"why": str(error)}) from None


def _a_real_box(value: Box) -> Box:
    if not (-180 <= value.west < value.east <= 180 and -90 <= value.south < value.north <= 90):
        raise PydanticCustomError("box", "write west,south,east,north in degrees, such as 4.85,47.20,5.25,47.45")
    return value


def _tile_source(value: str) -> str:
    is_template = _TILES.fullmatch(value) and all(part in value for part in ("{z}", "{x}", "{y}"))
    if value and not value.endswith(".pmtiles") and not is_template:
        raise PydanticCustomError(
            "tiles", "write a URL such as https://tiles.example/{z}/{x}/{y}.png, or the path of a .pmtiles file"
        )
    return value


# The host goes into the pages' policy, so nothing else may stand there; without https only this machine is asked.
_TILES = re.compile(r"(https://[a-z0-9.-]+|http://(localhost|127\.0\.0\.1))(:[0-9]+)?/([^\s{}\"'<>;]|\{[zxy]\})*")
_BASE = re.compile(r"(https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?(/[A-Za-z0-9._~-]+)*")
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]+)?")
_ORIGIN = re.compile(r"(https://[a-z0-9.-]+|http://(127\.0\.0\.1|localhost|\[::1\]))(:[0-9]{1,5})?")
_ISSUER = re.compile(_ORIGIN.pattern + r"(/[A-Za-z0-9._~%/-]*)?")
_Hosts = Annotated[frozenset[str], NoDecode, BeforeValidator(_listed), AfterValidator(_plain_hosts)]
_Tiles = Annotated[str, AfterValidator(_tile_source)]
_Origin = Annotated[str, AfterValidator(_an_origin)]
_Issuer = Annotated[str, AfterValidator(_an_issuer)]
_Roles = Annotated[dict[str, Role], NoDecode, BeforeValidator(_paired)]
_KeptFor = Annotated[timedelta | None, BeforeValidator(_kept_for)]
_Folder = Annotated[Path | None, BeforeValidator(lambda value: None if value == NONE else value)]
_Keys = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
_Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_listed)]
_Base = Annotated[str, AfterValidator(_an_address)]
_Box = Annotated[Box, NoDecode, BeforeValidator(_listed), AfterValidator(_a_real_box)]


class LogFormat(StrEnum):
    """For whom the log is: people, or collectors."""

    TEXT = "text"
    JSON = "json"


class Settings(BaseSettings):
    """Every choice that a city or an operator makes; read once and passed on."""

    model_config = SettingsConfigDict(
        env_prefix="TRIAGE_", env_ignore_empty=True, toml_file="triage.toml", frozen=True, extra="forbid"
    )

    bundle: Path = Field(PROJECT_ROOT / "models" / "pretrained", description="Folder of the bundle to serve.")
    models: _Folder = Field(
        None, description="Folder of promoted models, whose champion is served; none by default: the bundle is."
    )
    taxonomy: Path | None = Field(None, description="The city's own taxonomy file; the bundle's copy by default.")
    state_dir: Path = Field(Path(".triage"), description="Folder of API keys and other local state.")
    store: str = Field(
        "",
        repr=False,  # it may hold a password
        description="URL of the alert store, SQLite or PostgreSQL; by default the file alerts.db in the state folder.",
    )
    personal_keys: _Keys = Field(
        (),
        repr=False,
        description="Keys for personal data, the first encrypts; by default those in personal.key in the state folder.",
    )
    area: _Box = Field(
        Box(4.85, 47.20, 5.25, 47.45),
        description="The city as west,south,east,north in degrees; an alert from outside is looked at by staff.",
    )
    duplicate_rules: Path | None = Field(
        None, description="The city's own rules for duplicates; the bundle's copy by default."
    )
    review_rules: Path | None = Field(
        None, description="The city's own order of the review queue; datasets/review_rules.yaml by default."
    )
    threads: int | None = Field(None, ge=1, description="Threads of one inference session; all cores by default.")
    max_batch_size: int = Field(32, ge=1, le=1024, description="Most alerts in one pass through the model.")
    max_wait_ms: float = Field(0.0, ge=0, le=1000, description="How long a batch waits for company.")
    max_queue: int = Field(2048, ge=1, description="Alerts that may wait; one more is answered 503.")
    deadline_s: float = Field(20.0, gt=0, description="Longest time for one answer before a 503.")
    model_budget_s: float = Field(
        8.0,
        gt=0,
        description="How long an alert to be stored waits for the model; then it is stored without an answer.",
    )
    key_requests_per_minute: int = Field(
        60_000, ge=1, description="Requests that a key may send in a minute to one process, unless it says otherwise."
    )
    key_requests_at_once: int = Field(
        256, ge=1, description="Requests of a key that one process answers at the same time, unless it says otherwise."
    )
    max_body_bytes: int = Field(48_000_000, ge=1024, description="Largest request body; more is a 413.")
    webhook_hosts: _Hosts = Field(
        frozenset(),
        description="Hosts of the city's own network, such as gru.dijon.example:8080, to which events may go though"
        " their address is private or they lack https.",
    )
    forwarders: Path | None = Field(
        None, description="The file that says how each department gets its alerts; without it none are handed on."
    )
    streams_per_key: int = Field(
        10, ge=1, description="Streams of events that one process keeps open at the same time for a key."
    )
    photo_hosts: _Hosts = Field(frozenset(), description="Hosts from which photos may be fetched by a link.")
    photo_place: bool = Field(False, description="Whether an alert without a place takes that of its photo.")
    photo_store: str = Field("", description="Where blurred photos are kept: a folder or s3:// URL; empty keeps none.")
    purge_personal_after: _KeptFor = Field(
        timedelta(days=90),
        description="What `triage purge` keeps of persons, such as 90d; none keeps texts as sent, plates and notes.",
    )
    purge_photos_after: _KeptFor = Field(
        timedelta(days=365), description="How long `triage purge` keeps photos, such as 365d; none keeps them."
    )
    hold_vehicles: bool = Field(
        True, description="Whether a photo with a vehicle waits for a person, while plates are found too rarely."
    )
    time_zone: str = Field("Europe/Paris", description="Where the city's clocks are; the review desk shows their time.")
    claim_minutes: float = Field(15, gt=0, description="How long an alert on an agent's page is kept from others.")
    map_tiles: _Tiles = Field(
        "",
        description="Map tiles behind the desk's sketches: a URL with {z}, {x} and {y}, whose host then learns which"
        " places are looked at, or a raster .pmtiles file; empty shows none and asks no other host.",
    )
    map_attribution: str = Field("", description="Whom the map names, such as © OpenStreetMap contributors.")
    public_url: _Origin = Field(
        "", description="Where browsers find the review desk behind a proxy, such as https://triage.example."
    )
    session_idle_minutes: float = Field(120, gt=0, description="Staff who did nothing for so long sign in again.")
    session_hours: float = Field(12, gt=0, description="Staff sign in again after so long, whatever they do.")
    oidc_issuer: _Issuer = Field("", description="OpenID provider of staff, such as https://login.example/city.")
    oidc_client_id: str = Field("", description="What the OpenID provider calls this service.")
    oidc_client_secret: str = Field("", repr=False, description="Secret that the OpenID provider gave this service.")
    oidc_scopes: str = Field("openid profile", description="What the OpenID provider is asked for.")
    oidc_name_claim: str = Field("preferred_username", description="The claim that names a new member of staff.")
    oidc_role_claim: str = Field("roles", description="The claim that decides the role; dots lead inside objects.")
    oidc_roles: _Roles = Field(
        {}, description="Values of that claim and the roles that they give, such as desk=agent,desk-heads=supervisor."
    )
    log_format: LogFormat = Field(
        LogFormat.TEXT, description="`json` writes a JSON object a line, and a line for each request."
    )
    otlp_endpoint: str = Field(
        "", description="Where traces go over OTLP/HTTP, such as http://collector:4318/v1/traces; empty traces nothing."
    )
    open311_services: Path | None = Field(
        None, description="The city's own words for Open311's services; datasets/open311.yaml by default."
    )
    signalen_base: _Base = Field(
        "",
        description="What a Signalen's category addresses begin with, such as"
        " https://signalen.example/signals/v1/public/terms; empty closes its route.",
    )
    signalen_categories: Path | None = Field(
        None, description="Signalen's category for each of the city's; datasets/signalen.yaml by default."
    )
    signalen_networks: _Networks = Field(
        (), description="Networks that may ask Signalen's route without a key, such as 10.1.2.0/24; none by default."
    )
    bench_routes: bool = Field(False, description="Offers /v1/bench/echo, which `triage bench serving` compares with.")
    tracking_uri: str = Field("sqlite:///mlflow.db", description="MLflow server or database of training runs.")

    @property
    def store_url(self) -> str:
        """Where the alert store is, a file as its whole path: the setting, or `alerts.db` in the state folder."""
        file = self.store.removeprefix(_SQLITE) if self.store else str(self.state_dir / "alerts.db")
        named = file not in {self.store, "", ":memory:"}
        return f"{_SQLITE}{Path(file).resolve()}" if named else self.store

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources: arguments, environment, TOML file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(bundle: Path | None = None) -> Settings:
    """Read the settings; a bundle of the command line wins over every source, the folder of models included.

    Raises:
        InvalidConfiguration: naming the setting and what is wrong with it.
    """
    try:
        return Settings() if bundle is None else Settings(bundle=bundle, models=None)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])  # what follows is a place in a list
        raise InvalidConfiguration(
            f"The setting TRIAGE_{name.upper()} (or {name} in triage.toml) cannot be used: {first['msg']}."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise InvalidConfiguration(f"The file triage.toml cannot be read: {error}.") from error
