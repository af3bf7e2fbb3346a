"""What one service process holds: settings, keys, metrics, and the engine once it is loaded."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from serving.keys import KeyRing
from serving.metrics import Metrics
from triage.settings import Settings, load_settings

if TYPE_CHECKING:
    from models.predictor import Predictor
    from serving.batching import Batcher
    from serving.explaining import Explainer
    from serving.requests import AlertReader


@dataclass(slots=True)
class Runtime:
    """Filled by the service when its worker starts; handed to routes and middleware."""

    settings: Settings = field(default_factory=load_settings)
    keys: KeyRing = field(default_factory=lambda: KeyRing(()))
    metrics: Metrics = field(default_factory=Metrics)
    predictor: "Predictor | None" = None
    reader: "AlertReader | None" = None
    batcher: "Batcher | None" = None
    explainer: "Explainer | None" = None
    ready: bool = False
