"""`triage export-reviews`."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from triage.review.export import Export, Exporter, ReviewRow
    from triage.settings import Settings
    from triage.store.audit import AuditEntry
    from triage.store.personal import PersonalKeys
    from triage.taxonomy import Taxonomy

_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


def export_reviews(
    output_file: Annotated[Path, typer.Option("--output", help="File of JSON Lines to write.", dir_okay=False)],
    since: Annotated[
        datetime | None, typer.Option(formats=_DATES, help="Only answers from then on; UTC where no zone is given.")
    ] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DATES, help="Only answers before then.")] = None,
    beside: Annotated[
        Path | None,
        typer.Option(
            help="A corpus that the rows will lie beside: texts that nearly repeat one of it, or each other, are left "
            "out, as `triage data check` asks for (needs the packages of training).",
            exists=True,
        ),
    ] = None,
    store_url: Annotated[
        str | None, typer.Option("--store", help="URL of the alert store; that of the settings by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Write the answers of staff as rows of a corpus, ready to train on; nothing personal leaves.

    A row has the fields of datasets/corpus, all in the split train, and its provenance: the number of the review, the
    queue, the model's version and a pseudonym of the reviewer. Of each alert the last answer counts; answers undone, or
    saying only that an alert is a duplicate, give no row. What a department gave back waits in the queue `review`: what
    staff answer to that is a row like any other, and a return that nobody has answered is none. Texts are masked again.
    A review whose text may still hold something personal, or whose codes the taxonomy or its rules do not know, is
    refused and told by its number, and the exit status is then 1.

    What leaves is noted in the audit log (`triage user log --action reviews_exported`): when, how many rows, of which
    time.

    Example: triage export-reviews --output reviews.jsonl --since 2026-06-01
    """
    from cli.bundle_choice import settings_in_use
    from cli.corpus_rows import whole_file
    from triage.store.configured import personal_keys
    from triage.store.store import Store

    settings = settings_in_use()
    _require_folder(output_file)
    keys = personal_keys(settings)
    taxonomy, exporter = _exporter(settings, keys)
    with Store.open(store_url or settings.store_url, key=keys) as store:
        export = exporter.export(store.labelled_reviews(_in_utc(since), _in_utc(until)))
        alike = _nearly_repeated(export.rows, beside, taxonomy) if beside else frozenset[str]()
        with whole_file(output_file) as stream:
            for row in export.rows:
                if row.id not in alike:
                    stream.write(row.model_dump_json() + "\n")
            # Before the file is there: where nothing can be noted, nothing leaves.
            store.record(_entry(len(export.rows) - len(alike), export, _in_utc(since), _in_utc(until)))
    _tell(export, len(alike), output_file, as_json=as_json)
    if export.refused:
        raise typer.Exit(1)


def _entry(written: int, export: "Export", since: datetime | None, until: datetime | None) -> "AuditEntry":
    """What the audit log keeps of an export; no path, since folders may be named after people."""
    from datetime import UTC

    from triage.store.audit import COMMAND_LINE, NOBODY, AuditEntry

    details = {
        "rows": written,
        "refused": len(export.refused),
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
    }
    return AuditEntry(datetime.now(UTC), COMMAND_LINE, "reviews_exported", NOBODY, details)


def _exporter(settings: "Settings", keys: "PersonalKeys") -> "tuple[Taxonomy, Exporter]":
    from models.bundle import RULES, TAXONOMY
    from triage.review.export import Exporter, Pseudonyms
    from triage.rules import load_rules
    from triage.taxonomy import load_taxonomy

    taxonomy = load_taxonomy(settings.taxonomy or settings.bundle / TAXONOMY)
    rules = load_rules(settings.bundle / RULES, taxonomy)
    return taxonomy, Exporter(taxonomy, rules, Pseudonyms(keys).of)


def _require_folder(output_file: Path) -> None:
    from triage.errors import InvalidConfiguration

    if not output_file.parent.is_dir():
        raise InvalidConfiguration(f"The folder {output_file.parent} of --output does not exist; make it first.")


def _in_utc(moment: datetime | None) -> datetime | None:
    from datetime import UTC

    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _nearly_repeated(rows: "Sequence[ReviewRow]", beside: Path, taxonomy: "Taxonomy") -> frozenset[str]:
    from cli.corpus_rows import nearly_repeated
    from triage.corpus import read_corpus

    return nearly_repeated(rows, read_corpus(beside, taxonomy))


def _tell(export: "Export", alike: int, output_file: Path, *, as_json: bool) -> None:
    from dataclasses import asdict

    written = len(export.rows) - alike
    if as_json:
        refused = [asdict(refusal) for refusal in export.refused]
        counts = {"written": written, "repeated": export.repeated, "nearly_repeated": alike}
        typer.echo(json.dumps(counts | {"refused": refused}, ensure_ascii=False))
        return
    for refusal in export.refused:
        typer.echo(f"review {refusal.review}: {refusal.code}: {refusal.message}", err=True)
    typer.echo(
        f"{written:,} rows are in {output_file}; {export.repeated + alike:,} that repeat another text were left out, "
        f"{len(export.refused):,} refused.",
        err=True,
    )
