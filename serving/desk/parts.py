"""What the review desk's pages need beside the store: the city's words and rules, photos, the length of a claim."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from models.bundle import RULES, Bundle
from models.photo import Picture
from serving.desk.languages import CODES
from serving.desk.names import Names, read_reasons
from triage.intake import Intake
from triage.photo_storage import PhotoStorage
from triage.policy import Thresholds
from triage.rules import DepartmentRules, load_rules
from triage.settings import Settings
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class DeskParts:
    """Read once; handlers get it with the engine.

    Attributes:
        taxonomy: the city's codes.
        rules: which departments a category admits.
        names: what codes are called, by language.
        photos: where photos are kept; None where none are.
        intake: reads a kept photo again, for its heat map.
        claim: how long an alert is one agent's.
        bundle_sha256: whose answers are given now.
        thresholds: those that its answers are decided with.
    """

    taxonomy: Taxonomy
    rules: DepartmentRules
    names: Mapping[str, Names]
    photos: PhotoStorage | None
    intake: Intake[Picture]
    claim: timedelta
    bundle_sha256: str
    thresholds: Thresholds


def build_desk(settings: Settings, taxonomy: Taxonomy, intake: Intake[Picture], bundle: Bundle) -> DeskParts:
    """Put the parts together.

    Args:
        settings: where photos are, and how long a claim lasts.
        taxonomy: the city's words.
        intake: reads photos.
        bundle: whose answers are given.

    Raises:
        InvalidBundle: the bundle has no rules.
        InvalidConfiguration: the sentences for reasons, or the place of photos, cannot be used.
        InvalidTaxonomy: the bundle's rules name a code that the taxonomy lacks.
    """
    reasons = read_reasons()
    return DeskParts(
        taxonomy=taxonomy,
        rules=load_rules(bundle.path(RULES), taxonomy),
        names={code: Names(code, taxonomy, reasons) for code in CODES},
        photos=PhotoStorage(settings.photo_store) if settings.photo_store else None,
        intake=intake,
        claim=timedelta(minutes=settings.claim_minutes),
        bundle_sha256=bundle.sha256,
        thresholds=bundle.manifest.thresholds,
    )
