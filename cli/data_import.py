"""`triage data import`."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from triage.city_exports.readers import ExportFormat
from triage.corpus import Split

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from training.corpus_checks.check import Finding
    from triage.city_exports.mapping import LabelMapping
    from triage.city_exports.report import ForeignReport, Refusal
    from triage.city_exports.rows import ImportedRow, Labelled
    from triage.rules import DepartmentRules
    from triage.taxonomy import Taxonomy

_SHOWN = 20
_TOLD_EVERY = 500


def import_rows(
    input_file: Annotated[
        Path, typer.Option("--input", help="The export: .csv, .json, .jsonl or .xml.", exists=True, dir_okay=False)
    ],
    export_format: Annotated[ExportFormat, typer.Option("--format", help="What wrote it.")],
    mapping: Annotated[
        Path | None, typer.Option(help="What its words mean in our taxonomy (YAML).", exists=True, dir_okay=False)
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="File of corpus rows to write (JSON Lines).", dir_okay=False)
    ] = None,
    split: Annotated[Split, typer.Option(help="Split of all rows.")] = Split.TRAIN,
    suggest: Annotated[
        Path | None,
        typer.Option(help="Write a mapping to fill in to this file instead, with counts.", dir_okay=False),
    ] = None,
    predict: Annotated[
        bool, typer.Option("--predict", help="With --suggest: propose what the model answers to 40 reports of each.")
    ] = False,
    beside: Annotated[
        Path | None, typer.Option(help="A corpus that the rows will lie beside; what repeats it is left out.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Bundle for --predict; the one that is served by default.")
    ] = None,
    taxonomy: Annotated[Path, typer.Option(help="The codes that labels come from.")] = Path("datasets/taxonomy.yaml"),
    rules: Annotated[Path, typer.Option(help="Who acts instead of the default.")] = Path(
        "datasets/department_rules.yaml"
    ),
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Turn another system's export into rows of a corpus, by a mapping file.

    Texts are masked before anything is written; the hour and the place of a report stay behind. Every row notes its
    source, licence, foreign category and what gave each label. Categories that the mapping does not name are listed
    with counts, as lines to paste into it. Bad records are told by their number and code, never by their text; the run
    goes on, and the exit status is then 1. At the end the rows are checked as `triage data check` does.

    Start with --suggest, which writes a mapping to fill in.

    Example: triage data import --input export.json --format open311 --suggest mapping.yaml --predict
    Example: triage data import --input export.json --format open311 --mapping mapping.yaml --output rows.jsonl
    """
    from triage.city_exports.mapping import load_mapping
    from triage.errors import InvalidConfiguration
    from triage.rules import load_rules
    from triage.taxonomy import load_taxonomy

    chosen = load_mapping(mapping) if mapping else None
    codes = load_taxonomy(taxonomy)
    if suggest:
        from cli.data_suggest import write_suggestion

        write_suggestion(input_file, export_format, chosen, suggest, bundle, predict=predict)
        return
    if chosen is None or output is None:
        raise InvalidConfiguration("Name a --mapping and an --output, or --suggest FILE to get a mapping to fill in.")
    _require_place(output, input_file)
    departments = load_rules(rules, codes)
    chosen.require_codes(codes, departments)
    done = _label(input_file, export_format, chosen, codes, departments, split)
    alike, findings = _judge(done.rows, beside, codes, departments)
    rows = [row for row in done.rows if row.id not in alike]
    _write(rows, output)
    _tell(done, rows, len(alike), findings, output, as_json=as_json)
    if done.refused or done.unmapped or findings:
        raise typer.Exit(1)


def _require_place(output: Path, input_file: Path) -> None:
    from triage.errors import InvalidConfiguration

    if not output.parent.is_dir():
        raise InvalidConfiguration(f"The folder {output.parent} of --output does not exist; make it first.")
    if output.exists() and output.samefile(input_file):
        raise InvalidConfiguration(f"--output would overwrite the input {input_file}; name another file.")


def _label(
    input_file: Path,
    export_format: ExportFormat,
    mapping: "LabelMapping",
    taxonomy: "Taxonomy",
    rules: "DepartmentRules",
    split: Split,
) -> "Labelled":
    from rich.console import Console

    from models.language import LanguageReader
    from triage.city_exports.mapping import TOLD
    from triage.city_exports.readers import read_export
    from triage.city_exports.rows import Labeller

    tell = LanguageReader().tell if mapping.language == TOLD else lambda _text: None
    labeller = Labeller(mapping, taxonomy, rules, split, export_format, tell)
    with Console(stderr=True).status("reading") as status:
        found = read_export(input_file, export_format, mapping.columns)
        return labeller.label(_counted(found, lambda count: status.update(f"reading, {count:,} records")))


def _counted(
    records: "Iterator[ForeignReport | Refusal]", tell: "Callable[[int], None]"
) -> "Iterator[ForeignReport | Refusal]":
    for count, record in enumerate(records, 1):
        if count % _TOLD_EVERY == 0:
            tell(count)
        yield record


def _judge(
    rows: "Sequence[ImportedRow]", beside: Path | None, taxonomy: "Taxonomy", rules: "DepartmentRules"
) -> "tuple[frozenset[str], tuple[Finding, ...]]":
    """The ids of rows that nearly repeat another, and what the checks find among the others."""
    from rich.console import Console

    from cli.corpus_rows import nearly_repeated
    from training.corpus_checks.balance import UniqueIds
    from training.corpus_checks.duplicates import Contradictions, LeaksBetweenSplits, NearDuplicates
    from training.corpus_checks.registry import run_checks
    from training.corpus_checks.rules import RulesKept
    from triage.corpus import read_corpus

    with Console(stderr=True).status("comparing texts"):
        known = read_corpus(beside, taxonomy) if beside else ()
        alike = nearly_repeated(rows, known)
        kept = [*known, *(row for row in rows if row.id not in alike)]
        checks = (UniqueIds(), NearDuplicates(), LeaksBetweenSplits(), Contradictions(), RulesKept(rules))
        return alike, run_checks(kept, taxonomy, checks)


def _write(rows: "Sequence[ImportedRow]", output: Path) -> None:
    from cli.corpus_rows import whole_file

    with whole_file(output) as stream:
        for row in rows:
            stream.write(row.model_dump_json() + "\n")


def _tell(
    done: "Labelled",
    rows: "Sequence[ImportedRow]",
    alike: int,
    findings: "Sequence[Finding]",
    output: Path,
    *,
    as_json: bool,
) -> None:
    from dataclasses import asdict

    from triage.city_exports.stub import unmapped_lines

    by_category = Counter(row.category for row in rows)
    if as_json:
        counts = {
            "written": len(rows),
            "categories": dict(by_category.most_common()),
            "left_out": done.left_out,
            "repeated": done.repeated + alike,
            "departments_against_rules": done.against_rules,
            "unmapped": dict(done.unmapped.most_common()),
            "refused": [asdict(refusal) for refusal in done.refused],
            "findings": [asdict(finding) for finding in findings],
        }
        typer.echo(json.dumps(counts, ensure_ascii=False))
        return
    for refusal in done.refused:
        typer.echo(f"record {refusal.place}: {refusal.code}: {refusal.message}", err=True)
    if done.unmapped:
        typer.echo("The mapping does not name these categories; add them under `categories:`", err=True)
        typer.echo("\n".join(unmapped_lines(done.unmapped)), err=True)
    for code, count in by_category.most_common():
        typer.echo(f"{count:>7,}  {code}")
    _tell_sum(done, len(rows), alike, findings, output)


def _tell_sum(done: "Labelled", written: int, alike: int, findings: "Sequence[Finding]", output: Path) -> None:
    typer.echo(
        f"{written:,} rows are in {output}. Left out: {done.left_out:,} that the mapping maps to nothing,"
        f" {done.unmapped.total():,} of categories that it does not name, {done.repeated + alike:,} that repeat another"
        f" text; refused: {len(done.refused):,}.",
        err=True,
    )
    if done.against_rules:
        typer.echo(f"{done.against_rules:,} got their category's default department: no rule gives theirs.", err=True)
    for finding in findings[:_SHOWN]:
        typer.echo(f"{finding.code}  {finding.message}", err=True)
    verdict = (
        f"`triage data check` would find {len(findings)} faults; mend them in the export or in the mapping."
        if findings
        else "Row by row they pass `triage data check`; balance and wording are judged with the whole corpus."
    )
    typer.echo(verdict, err=True)
