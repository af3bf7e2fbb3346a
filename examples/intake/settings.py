"""What the example is started with."""

from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class IntakeSettings:
    """The choices of whoever runs it.

    Attributes:
        triage_url: address of the service.
        key: its API key, with the scopes alerts and events; it stays on this server.
        secret: signs links and forms.
        sending_limit: reports of one address.
        taxonomy: the city's names of categories and departments.
        zone: where the city's clocks are.
    """

    triage_url: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    sending_limit: str = "10 per 10 minutes"
    taxonomy: Path = ROOT / "datasets" / "taxonomy.yaml"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Paris"))
