"""What stands where no bundle loads: alerts are taken in and shown to staff, and nothing is predicted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL.Image import Image

from models.bundle import RULES, TAXONOMY, Bundle, Manifest, Origin
from models.folder import ModelFolder
from models.photo import Picture
from models.photo_reader import Pictures
from models.predictor import PredictedBatch
from triage.alert import Alert
from triage.errors import InvalidModelFolder, InvalidTaxonomy
from triage.policy import Thresholds
from triage.prediction import ExplainedPrediction, Prediction
from triage.rules import load_rules
from triage.settings import PROJECT_ROOT, Settings
from triage.taxonomy import Taxonomy, load_taxonomy

# Photos wait at this size until a model can be asked; none reads more.
MOST_PIXELS = 1024
_NONE = "0" * 64
_SHIPPED = PROJECT_ROOT / "models" / "pretrained"
_DATASETS = PROJECT_ROOT / "datasets"


class NotLoaded(Exception):
    """No bundle is loaded."""


class NoBundle(Bundle):
    """Where the city's words and rules are, and nothing else.

    Args:
        files: paths by the names that they have in a bundle.
        taxonomy: the words.
    """

    def __init__(self, files: Mapping[str, Path], taxonomy: Taxonomy) -> None:
        manifest = Manifest.model_construct(
            format_version=1,
            name="none",
            version="none",
            taxonomy_version=taxonomy.version,
            taxonomy_sha256=_NONE,
            data_sha256=_NONE,
            parts=(),
            # Above 1: whoever rehearses the policy with them routes nothing.
            thresholds=Thresholds(category=1.01, department=1.01, urgent=1, error_rate=0.01),
            metrics={},
            origin=Origin(command="", commit="", run_id="", created_at=datetime.fromtimestamp(0, UTC)),
            files={},
        )
        super().__init__(files[TAXONOMY].parent, manifest, _NONE)
        self._files = files

    def path(self, name: str) -> Path:
        """Where the words or rules are.

        Raises:
            InvalidBundle: for all else.
        """
        return self._files[name] if name in self._files else super().path(name)


class NoModel:
    """Knows the city's words and answers nothing."""

    finder = None

    def __init__(self, taxonomy: Taxonomy) -> None:
        self.taxonomy = taxonomy

    def language(self, _text: str) -> str | None:
        """None: it cannot be told."""
        return None

    def prepare(self, image: Image) -> Picture | None:
        """A picture from which every model can make its own."""
        small = image.copy()
        small.thumbnail((MOST_PIXELS, MOST_PIXELS))
        return np.asarray(small.convert("RGB"), np.uint8)

    def predict(self, _alerts: Sequence[Alert], _pictures: Sequence[Pictures] | None = None) -> PredictedBatch:
        """Fail.

        Raises:
            NotLoaded: always.
        """
        raise NotLoaded

    def explain(self, _alert: Alert, _prediction: Prediction, _pictures: Pictures = ()) -> ExplainedPrediction:
        """Fail.

        Raises:
            NotLoaded: always.
        """
        raise NotLoaded


def words_and_rules(settings: Settings) -> tuple[Taxonomy, NoBundle]:
    """The city's words, and the rules that fit them: from the bundle that does not load, or else from others.

    Raises:
        InvalidTaxonomy: the city's own file cannot be used, or no words are left anywhere.
    """
    own = load_taxonomy(settings.taxonomy) if settings.taxonomy else None
    for folder in _folders(settings):
        try:
            taxonomy = own or load_taxonomy(folder / TAXONOMY)
            load_rules(folder / RULES, taxonomy)
        except InvalidTaxonomy:
            continue
        return taxonomy, NoBundle({TAXONOMY: settings.taxonomy or folder / TAXONOMY, RULES: folder / RULES}, taxonomy)
    raise InvalidTaxonomy(f"No bundle loads, and {_DATASETS} has no taxonomy with rules either; install again.")


def _folders(settings: Settings) -> Iterable[Path]:
    if settings.models:
        try:
            named = ModelFolder(settings.models).champion()
        except InvalidModelFolder:
            named = None
        if named:
            yield settings.models / named.version
    yield from (settings.bundle, _SHIPPED, _DATASETS)
