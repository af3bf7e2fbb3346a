"""One start: what is planned, what an earlier start left to do, and what came of it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.backfill.archive import open_archive
from cli.backfill.cluster import answer_parts, started
from cli.backfill.manifest import InputFile, Manifest, Options
from cli.backfill.output import OutputFolder
from cli.backfill.parts import Part
from cli.backfill.scoring import Job, PartReport
from cli.backfill.terminal import Show
from models.bundle import load_bundle
from triage.errors import InvalidConfiguration
from triage.settings import Settings


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for on the command line.

    Attributes:
        source: URL of the archive.
        target: URL of the folder of answers.
        columns: such as `text=Beschreibung`.
        encoding: of CSV files.
        separator: of CSV files; None to tell it from their first line.
        photos: folder where paths of photos start; that of a local archive where it is None.
        rows_per_part: rows of one part.
    """

    source: str
    target: str
    columns: tuple[str, ...] = ()
    encoding: str = "utf-8"
    separator: str | None = None
    photos: Path | None = None
    rows_per_part: int = 2_000


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that is known before any row is answered."""

    job: Job
    parts: tuple[Part, ...]
    manifest: Manifest

    @property
    def rows(self) -> int:
        """Rows of the whole archive."""
        return sum(part.piece.rows for part in self.parts)


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a start.

    Attributes:
        rows: of the whole archive; all of them are answered.
        errors: rows among them that got an error.
        answered: rows that this start answered; the others were there.
        parts: files that hold the answers.
        workers: parts answered at a time.
        rows_per_s: from the first part's begin to the last one's end; 0 where nothing was left to do.
        nodes: rows that each machine answered.
    """

    rows: int
    errors: int
    answered: int
    parts: int
    workers: int
    rows_per_s: float
    nodes: dict[str, int]


def make_plan(request: Request, bundle: Path, settings: Settings) -> Plan:
    """Find the archive, cut it into parts and note what the answers depend on.

    Raises:
        InvalidConfiguration: the archive, its columns or the output cannot be used.
        InvalidBundle: the bundle is broken.
    """
    _require_apart(request)
    archive = open_archive(request.source, request.columns, settings.time_zone, request.encoding, request.separator)
    loaded = load_bundle(bundle)
    photos = request.photos or archive.folder
    manifest = Manifest(
        inputs=tuple(InputFile(name=name, bytes=size, sha256=digest) for name, size, digest in archive.digests()),
        model_version=loaded.manifest.version,
        bundle_sha256=loaded.sha256,
        options=_options(request, settings, archive.columns),
    )
    parts = tuple(archive.parts(request.rows_per_part))
    if not parts:
        raise InvalidConfiguration(f"--input {request.source} holds no rows; name another archive.")
    job = Job(
        archive=archive,
        output=OutputFolder(request.target),
        bundle=bundle.resolve(),
        bundle_sha256=loaded.sha256,
        taxonomy=settings.taxonomy.resolve() if settings.taxonomy else None,
        area=settings.area,
        photos=photos.resolve() if photos else None,
        place_from_photo=settings.photo_place,
        digest=manifest.digest,
    )
    return Plan(job, parts, manifest)


def run(plan: Plan, show: Show, *, address: str | None, workers: int | None, fresh: bool) -> Summary:
    """Answer what is not answered yet.

    Raises:
        InvalidConfiguration: the folder of answers or the cluster cannot be used.
        BackfillFailed: it could not go on; what is answered stays.
    """
    output = plan.job.output
    output.prepare(plan.manifest, fresh=fresh)
    finished = output.finished(plan.parts, plan.manifest)
    left = [part for part in plan.parts if part.number not in finished]
    kept = plan.rows - sum(part.piece.rows for part in left)
    show("starting Ray", kept, plan.rows)
    reports: list[PartReport] = []
    nodes: dict[str, int] = {}
    count = 0
    if left:
        with started(address, workers) as cluster:
            count = min(cluster, len(left))
            for report, node in answer_parts(plan.job, left, count):
                reports.append(report)
                nodes[node] = nodes.get(node, 0) + report.rows
                show("answering", kept + sum(nodes.values()), plan.rows)
    output.complete()
    return Summary(
        rows=plan.rows,
        errors=sum(finished.values()) + sum(report.errors for report in reports),
        answered=sum(nodes.values()),
        parts=len(plan.parts),
        workers=count,
        rows_per_s=_rate(reports),
        nodes=nodes,
    )


def _require_apart(request: Request) -> None:
    source, target = Path(request.source), Path(request.target)
    if source.is_dir() and target.resolve().is_relative_to(source.resolve()):
        raise InvalidConfiguration(
            f"--output {target} lies in the folder of --input, where its answers would be rows of the archive; name"
            " another folder."
        )


def _options(request: Request, settings: Settings, columns: tuple[dict[str, str], ...]) -> Options:
    return Options(
        columns=columns,
        encoding=request.encoding,
        separator=request.separator,
        rows_per_part=request.rows_per_part,
        photos=str(request.photos) if request.photos else None,
        time_zone=settings.time_zone,
        area=settings.area,
        place_from_photo=settings.photo_place,
        taxonomy_sha256=hashlib.sha256(settings.taxonomy.read_bytes()).hexdigest() if settings.taxonomy else None,
    )


def _rate(reports: Sequence[PartReport]) -> float:
    if not reports:
        return 0.0
    seconds = max(report.ended for report in reports) - min(report.started for report in reports)
    return sum(report.rows for report in reports) / max(seconds, 1e-9)
