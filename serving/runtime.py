"""What one service process holds: settings, keys, metrics, and the engine once it is loaded."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from serving.alerts.catching_up import CatchUp
from serving.desk.languages import read_languages
from serving.desk.pages import Pages
from serving.drift import DriftWatch
from serving.keys import KeyRing, StoredKey
from serving.metrics import Metrics
from triage.settings import Settings, load_settings

if TYPE_CHECKING:
    from serving.engine import Engine


class Keys(Protocol):
    """Whoever knows the keys that a service accepts."""

    def find(self, key: str) -> StoredKey | None:
        """What is known of a key, or None."""


@dataclass(slots=True)
class Runtime:
    """Filled by the service when its worker starts; handed to routes and middleware."""

    settings: Settings = field(default_factory=load_settings)
    keys: Keys = field(default_factory=lambda: KeyRing(()))
    metrics: Metrics = field(default_factory=Metrics)
    engine: "Engine | None" = None
    pages: Pages = field(init=False)
    drift: DriftWatch = field(init=False)
    catch_up: CatchUp = field(init=False)

    def __post_init__(self) -> None:
        self.pages = Pages(read_languages(self.settings.time_zone))
        self.drift = DriftWatch(lambda: self.engine, self.metrics)
        self.catch_up = CatchUp(lambda: self.engine, self.metrics)
