"""Makes the engine of a bundle: loaded beside the one that answers, proved, and fitted to the words in use."""

from pathlib import Path

from models.bundle import TAXONOMY, Bundle
from models.predictor import Predictor
from models.privacy import PrivacyDetector
from models.privacy.keeping import PhotoKeeper
from models.promotions import Challenger
from models.shared import SharedParts
from serving.engine import Engine, Engines, placed
from serving.models.shadow import Trial
from triage.errors import InvalidModelFolder, InvalidTaxonomy
from triage.photo_storage import PhotoStorage
from triage.settings import Settings
from triage.store.personal import PersonalKeys
from triage.taxonomy import Taxonomy, load_taxonomy


class Loader:
    """Loads bundles for one service; what they share is loaded once.

    Args:
        settings: the city's own files, and how many threads a model has.
        keys: turn plates into digests.
        engines: put the parts around a model together.
    """

    def __init__(self, settings: Settings, keys: PersonalKeys, engines: Engines) -> None:
        self._settings = settings
        self._keys = keys
        self._engines = engines
        self._shared = SharedParts()

    def first(self, folder: Path) -> Engine:
        """The engine that a service starts with.

        Raises:
            InvalidBundle: a file is broken, or the bundle does not answer here as where it was made.
            InvalidConfiguration: a file of the city does not fit it.
            InvalidTaxonomy: neither does the city's taxonomy.
        """
        return self._engine(self._predictor(folder, self._settings.taxonomy, self._settings.threads))

    def next(self, bundle: Bundle, served: Taxonomy) -> Engine:
        """The engine of a bundle that is to take over.

        Args:
            bundle: verified.
            served: the words in use until then.

        Raises:
            InvalidBundle: it is broken, or does not answer here as where it was made.
            InvalidConfiguration: a file of the city does not fit it.
            InvalidModelFolder: another bundle lies there now.
            InvalidTaxonomy: the taxonomies of both lack codes of the other.
        """
        return self._engine(self._verified(bundle, served, self._settings.threads))

    def challenger(self, bundle: Bundle, served: Taxonomy, named: Challenger) -> Trial:
        """A bundle that answers unheard, on one thread.

        Raises:
            TriageError: as for `next`.
        """
        predictor = self._verified(bundle, served, threads=1)
        return Trial(named, bundle, placed(predictor.predict, self._settings.area), predictor.photo_size)

    def _verified(self, bundle: Bundle, served: Taxonomy, threads: int | None) -> Predictor:
        own = load_taxonomy(self._settings.taxonomy or bundle.path(TAXONOMY))
        predictor = self._predictor(bundle.folder, fitting_taxonomy(own, served), threads)
        if predictor.bundle.sha256 != bundle.sha256:
            raise InvalidModelFolder(f"The bundle {bundle.folder} was replaced while it was loaded; promote it again.")
        return predictor

    def _predictor(self, folder: Path, taxonomy: Path | Taxonomy | None, threads: int | None) -> Predictor:
        predictor = Predictor.load(
            folder,
            taxonomy=taxonomy,
            duplicate_rules=self._settings.duplicate_rules,
            threads=threads,
            plate_digest=self._keys.plate_digest,
            languages=self._shared,
        )
        predictor.check_golden()
        return predictor

    def _engine(self, predictor: Predictor) -> Engine:
        return self._engines.make(predictor, predictor.bundle, self._keeper(predictor.bundle))

    def _keeper(self, bundle: Bundle) -> PhotoKeeper | None:
        settings = self._settings
        if not settings.photo_store:
            return None
        detector = PrivacyDetector.from_bundle(bundle, settings.threads, hold_vehicles=settings.hold_vehicles)
        return PhotoKeeper(detector, PhotoStorage(settings.photo_store))


def fitting_taxonomy(own: Taxonomy, served: Taxonomy) -> Taxonomy:
    """The words for a bundle that takes over: its own, unless stored alerts would lose theirs.

    A bundle from before a category was added must not take the category from alerts that have it, nor from the lists
    and pages that show them. Whether the bundle can be served with what is given here is checked where it is loaded.
    """
    try:
        own.require_compatible(served)
    except InvalidTaxonomy:
        return served
    return own
