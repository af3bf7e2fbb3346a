"""Makes a bundle champion or challenger, in the folder that services read and in MLflow: in both or in neither."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

from models.bundle import Bundle
from models.folder import ModelFolder
from models.promotions import Challenger, Event, HistoryEntry, Promotion
from training.promotion.gate import GateResult
from training.registry.versions import CHALLENGER, CHAMPION, RegisteredVersions
from triage.errors import TriageError

FIRST = "It was served before the first promotion."


class Promoter:
    """Changes a folder of models and the aliases of MLflow's registry together.

    The folder is what services read, so it has the last word: MLflow is changed first, and put back where the folder
    then refuses. What a crash leaves between the two, `settle` mends.
    """

    def __init__(self, folder: ModelFolder, registry: RegisteredVersions, by: str, why: str = "") -> None:
        self._folder = folder
        self._registry = registry
        self._by = by
        self._why = why

    def settle(self) -> None:
        """Let both aliases name what the folder names.

        Raises:
            TrackingFailed: MLflow refused.
            InvalidModelFolder: the folder is broken.
        """
        for alias, named in ((CHAMPION, self._folder.champion()), (CHALLENGER, self._folder.challenger())):
            number = self._registry.find(named.bundle_sha256) if named else None
            if named and number is None:
                number = self._register(self._folder.verified(named), named.by, named.why)
            if self._registry.named(alias) != number:
                self._registry.point(alias, number)

    def start(self, bundle: Bundle) -> Promotion:
        """Make the bundle that was served so far the first champion, so that there is one to go back to."""
        return self._make_champion(bundle, FIRST)

    def promote(self, bundle: Bundle, results: Sequence[GateResult], run_id: str) -> Promotion:
        """Make a bundle the champion.

        Raises:
            TrackingFailed: MLflow refused; nothing was changed.
            InvalidModelFolder: it is the champion already, or the folder cannot be written.
        """
        return self._make_champion(bundle, self._why, results, run_id)

    def shadow(self, bundle: Bundle, share: float) -> Challenger:
        """Let a bundle answer a share of the alerts beside the champion.

        Raises:
            TrackingFailed: MLflow refused; nothing was changed.
            InvalidModelFolder: it is the champion, or the folder cannot be written.
        """
        number = self._register(bundle, self._by, self._why)
        self._folder.install(bundle.folder)
        with self._in_both():
            self._registry.point(CHALLENGER, number)
            return self._folder.shadow(bundle.manifest.version, share, by=self._by, why=self._why)

    def end_shadow(self) -> Challenger | None:
        """Stop asking the challenger; returns it, or none where there was none."""
        with self._in_both():
            self._registry.point(CHALLENGER, None)
            return self._folder.end_shadow(by=self._by, why=self._why)

    def refuse(self, bundle: Bundle, results: Sequence[GateResult], run_id: str) -> None:
        """Write down that a bundle was not let through."""
        champion = self._folder.champion()
        self._folder.record(
            HistoryEntry(
                at=datetime.now(UTC).replace(microsecond=0),
                event=Event.REFUSED,
                version=bundle.manifest.version,
                bundle_sha256=bundle.sha256,
                by=self._by,
                why=self._why,
                previous=champion.version if champion else None,
                run_id=run_id,
                gates=tuple(result.note() for result in results),
            )
        )

    def _make_champion(
        self, bundle: Bundle, why: str, results: Sequence[GateResult] = (), run_id: str | None = None
    ) -> Promotion:
        number = self._register(bundle, self._by, why)
        self._folder.install(bundle.folder)
        with self._in_both():
            self._registry.point(CHAMPION, number)
            if self._registry.named(CHALLENGER) == number:
                self._registry.point(CHALLENGER, None)
            return self._folder.promote(
                bundle.manifest.version,
                by=self._by,
                why=why,
                run_id=run_id,
                gates=[result.note() for result in results],
            )

    def _register(self, bundle: Bundle, by: str, why: str) -> str:
        trained = {"trained_by_run": bundle.manifest.origin.run_id, "trained_from": bundle.manifest.data_sha256}
        return self._registry.register(bundle, why, {"by": by, **trained})

    @contextmanager
    def _in_both(self) -> Iterator[None]:
        try:
            yield
        except BaseException:
            with suppress(TriageError):  # what went wrong first is what the reader must know
                self.settle()
            raise
