"""What the sheet says of the bundle in use and of the city's settings, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.bundle import CARD, TAXONOMY, Bundle
from triage.errors import InvalidConfiguration
from triage.policy import Thresholds
from triage.review.rules import DEFAULT_RULES, load_review_rules
from triage.settings import PROJECT_ROOT, Settings
from triage.taxonomy import Taxonomy, load_taxonomy
from triage.yaml_file import UnreadableYaml, read_yaml

# Why an alert waits for staff; other reasons only note something.
DOUBTS = (
    "category_uncertain",
    "department_uncertain",
    "priority_uncertain",
    "language_unknown",
    "text_missing",
    "possible_critique",
    "model_unavailable",
)
_REASONS = PROJECT_ROOT / "datasets" / "reasons.yaml"


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the sheet's sentences and tables are made from.

    Attributes:
        metrics: the figures of the bundle's manifest, by name.
        reasons: code → language → why an alert waits for staff.
        sample_share: how much of what is routed without staff is drawn for them.
        personal_days, photo_days: how long things are kept; None for ever.
        cards: the files of the bundle that describe its parts.
    """

    model: str
    version: str
    sha256: str
    data_sha256: str
    made_at: datetime
    parts: tuple[str, ...]
    cards: tuple[str, ...]
    size: int
    thresholds: Thresholds
    metrics: Mapping[str, float]
    taxonomy: Taxonomy
    reasons: Mapping[str, Mapping[str, str]]
    sample_share: float
    personal_days: int | None
    photo_days: int | None
    keeps_photos: bool
    holds_vehicles: bool


def read_facts(bundle: Bundle, settings: Settings) -> Facts:
    """The facts of a verified bundle and of the settings beside it.

    Raises:
        InvalidTaxonomy: the city's taxonomy cannot be used.
        InvalidConfiguration: the rules of the review queue, or the sentences for reasons, cannot be used.
    """
    manifest = bundle.manifest
    taxonomy = load_taxonomy(settings.taxonomy or bundle.path(TAXONOMY))
    return Facts(
        model=manifest.name,
        version=manifest.version,
        sha256=bundle.sha256,
        data_sha256=manifest.data_sha256,
        made_at=manifest.origin.created_at,
        parts=manifest.parts,
        cards=tuple(name for name in manifest.files if name.rpartition("/")[2] == CARD),
        size=sum(entry.bytes for entry in manifest.files.values()),
        thresholds=manifest.thresholds,
        metrics=manifest.metrics,
        taxonomy=taxonomy,
        reasons=_reasons(),
        sample_share=load_review_rules(settings.review_rules or DEFAULT_RULES, taxonomy).sample_share,
        personal_days=_days(settings.purge_personal_after),
        photo_days=_days(settings.purge_photos_after),
        keeps_photos=bool(settings.photo_store),
        holds_vehicles=settings.hold_vehicles,
    )


def _days(kept: timedelta | None) -> int | None:
    return None if kept is None else -(-kept // timedelta(days=1))


def _reasons() -> Mapping[str, Mapping[str, str]]:
    try:
        sentences = read_yaml(_REASONS)
    except UnreadableYaml as error:
        raise InvalidConfiguration(f"{_REASONS} cannot be read: {error}. Restore it.") from error
    return {code: sentences[code] for code in DOUBTS}
