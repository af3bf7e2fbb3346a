"""A folder of models: bundles by version, the one that is served, the one that is tried beside it, and the history."""

import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from models.bundle import Bundle, load_bundle
from models.folder_files import append_entry, changing, read_history, read_named, replace_file, sync_folder
from models.promotions import Challenger, Event, GateNote, HistoryEntry, Promotion, Version
from triage.errors import InvalidModelFolder

CHAMPION = "champion.json"
CHALLENGER = "challenger.json"
HISTORY = "history.jsonl"

_INCOMING = ".incoming-"
_VERSION: TypeAdapter[str] = TypeAdapter(Version)


class ModelFolder:
    """Reads and changes a folder of models; changes by several processes come one after the other.

    A bundle's digest is compared when it comes in and whenever it is handed out, and `champion.json` is replaced whole,
    so that a reader sees the champion before or the one after.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def champion(self) -> Promotion | None:
        """The bundle to serve; none before the first promotion.

        Raises:
            InvalidModelFolder: the file cannot be read or is no such file.
        """
        return read_named(self.path / CHAMPION, Promotion)

    def challenger(self) -> Challenger | None:
        """The bundle that answers beside the champion without being heard; mostly none.

        Raises:
            InvalidModelFolder: the file cannot be read or is no such file.
        """
        return read_named(self.path / CHALLENGER, Challenger)

    def bundle_path(self, version: str) -> Path:
        """Where a version lies, or would lie.

        Raises:
            InvalidModelFolder: the name could lead elsewhere.
        """
        try:
            return self.path / _VERSION.validate_python(version)
        except ValidationError as error:
            raise InvalidModelFolder(
                f"'{version[:100]}' cannot name a model in {self.path}: letters, digits, '.', '_' and '-' can, 100 at"
                " most, the first a letter or digit, and no ending of a JSON file."
            ) from error

    def verified(self, named: Promotion | Challenger | HistoryEntry) -> Bundle:
        """The bundle that is named, all of its files checked just now.

        Raises:
            InvalidBundle: it is broken, truncated or missing.
            InvalidModelFolder: it is another one than was named.
        """
        folder = self.bundle_path(named.version)
        if folder.is_symlink():
            raise InvalidModelFolder(f"The model {folder} is a link; copy the bundle itself there.")
        bundle = load_bundle(folder)
        if bundle.sha256 != named.bundle_sha256:
            raise InvalidModelFolder(
                f"The model {folder} is not the one that was put there: its digest is {bundle.sha256[:12]} instead of"
                f" {named.bundle_sha256[:12]}. Install the right one again, or roll back."
            )
        return bundle

    def install(self, bundle: Path) -> Bundle:
        """Copy a bundle into the folder under its manifest's version; one that is there already stays.

        Raises:
            InvalidBundle: it is broken, or cannot be copied whole.
            InvalidModelFolder: another bundle has this version, or the folder cannot be written.
        """
        source = load_bundle(bundle)
        target = self.bundle_path(source.manifest.version)
        with changing(self.path):
            if target.exists() or target.is_symlink():
                return self._require_same(target, source)
            for left in self.path.glob(f"{_INCOMING}*"):
                shutil.rmtree(left, ignore_errors=True)  # by a copy that was killed
            with tempfile.TemporaryDirectory(dir=self.path, prefix=_INCOMING) as scratch:
                copy = Path(shutil.copytree(bundle, Path(scratch) / "bundle"))
                self._require_same(copy, source)
                copy.rename(target)
            sync_folder(self.path)
        return Bundle(target, source.manifest, source.sha256)

    def promote(
        self,
        version: str,
        *,
        by: str,
        why: str = "",
        run_id: str | None = None,
        gates: Sequence[GateNote] = (),
    ) -> Promotion:
        """Make an installed version the champion; as challenger it is done.

        Raises:
            InvalidBundle: it is broken.
            InvalidModelFolder: it is the champion already, or the folder cannot be written.
        """
        bundle = load_bundle(self.bundle_path(version))
        with changing(self.path):
            before = self.champion()
            if before and before.version == version:
                raise InvalidModelFolder(f"{version} is the champion of {self.path} already; nothing was changed.")
            promotion = Promotion(
                version=version,
                bundle_sha256=bundle.sha256,
                promoted_at=_now(),
                by=by,
                why=why,
                previous=before.version if before else None,
            )
            self._make_champion(promotion, Event.PROMOTED, promotion.previous, run_id, gates)
        return promotion

    def rollback(self, *, by: str, why: str = "") -> Promotion:
        """Make the champion before this one champion again; a second time goes one further back.

        Raises:
            InvalidBundle: that one is broken.
            InvalidModelFolder: there was none before, it is not what it was, or the folder cannot be written.
        """
        with changing(self.path):
            now = self.champion()
            if now is None or now.previous is None:
                raise InvalidModelFolder(f"There is no champion to go back to in {self.path}; nothing was changed.")
            then = self._as_promoted(now.previous)
            self.verified(then)
            promotion = Promotion(
                version=then.version,
                bundle_sha256=then.bundle_sha256,
                promoted_at=_now(),
                by=by,
                why=why,
                previous=then.previous,
            )
            self._make_champion(promotion, Event.ROLLED_BACK, now.version)
        return promotion

    def shadow(self, version: str, share: float, *, by: str, why: str = "") -> Challenger:
        """Let an installed version answer a share of the alerts beside the champion.

        Raises:
            InvalidBundle: it is broken.
            InvalidModelFolder: it is the champion, or the folder cannot be written.
        """
        bundle = load_bundle(self.bundle_path(version))
        with changing(self.path):
            before = self.champion()
            if before and before.version == version:
                raise InvalidModelFolder(f"{version} is the champion of {self.path}; it cannot challenge itself.")
            challenger = Challenger(
                version=version, bundle_sha256=bundle.sha256, share=share, since=_now(), by=by, why=why
            )
            append_entry(
                self.path / HISTORY,
                _entry(Event.SHADOWED, challenger, challenger.since, before.version if before else None),
            )
            replace_file(self.path / CHALLENGER, challenger)
        return challenger

    def end_shadow(self, *, by: str, why: str = "") -> Challenger | None:
        """Stop asking the challenger; returns it, or none where there was none."""
        with changing(self.path):
            ended = self.challenger()
            if ended:
                append_entry(
                    self.path / HISTORY,
                    _entry(Event.SHADOW_ENDED, ended.model_copy(update={"by": by, "why": why}), _now(), None),
                )
                (self.path / CHALLENGER).unlink()
        return ended

    def record(self, entry: HistoryEntry) -> None:
        """Add a line to the history that changes nothing, such as a refusal.

        Raises:
            InvalidModelFolder: the folder cannot be written.
        """
        with changing(self.path):
            append_entry(self.path / HISTORY, entry)

    def history(self) -> tuple[HistoryEntry, ...]:
        """Everything that happened, oldest first; a last line that a crash cut off is left out.

        Raises:
            InvalidModelFolder: the file cannot be read or has another line that is no entry.
        """
        return read_history(self.path / HISTORY)

    def _as_promoted(self, version: str) -> HistoryEntry:
        found = [entry for entry in self.history() if (entry.version, entry.event) == (version, Event.PROMOTED)]
        if not found:
            raise InvalidModelFolder(
                f"The history of {self.path} does not say that {version} ever was champion; promote it instead."
            )
        return found[-1]

    def _require_same(self, folder: Path, source: Bundle) -> Bundle:
        found = load_bundle(folder)
        if folder.is_symlink() or found.sha256 != source.sha256:
            raise InvalidModelFolder(
                f"Another bundle than {source.folder} has its version {source.manifest.version} in {self.path}; a"
                " version names one bundle for ever. Train it again for a version of its own."
            )
        return found

    def _make_champion(
        self,
        promotion: Promotion,
        event: Event,
        previous: str | None,
        run_id: str | None = None,
        gates: Sequence[GateNote] = (),
    ) -> None:
        entry = _entry(event, promotion, promotion.promoted_at, previous)
        append_entry(self.path / HISTORY, entry.model_copy(update={"run_id": run_id, "gates": tuple(gates)}))
        replace_file(self.path / CHAMPION, promotion)
        challenger = self.challenger()
        if challenger and challenger.version == promotion.version:
            (self.path / CHALLENGER).unlink()


def bundle_in_use(models: Path | None, bundle: Path) -> Path:
    """The champion of a folder of models where there is one, else the bundle of the settings.

    Raises:
        InvalidBundle: the champion is broken.
        InvalidModelFolder: the folder cannot be read, or its champion is not what was promoted.
    """
    folder = ModelFolder(models) if models else None
    champion = folder.champion() if folder else None
    return folder.verified(champion).folder if folder and champion else bundle


def _entry(event: Event, named: Promotion | Challenger, at: datetime, previous: str | None) -> HistoryEntry:
    return HistoryEntry(
        at=at,
        event=event,
        version=named.version,
        bundle_sha256=named.bundle_sha256,
        by=named.by,
        why=named.why,
        previous=previous,
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
