"""`triage data`: look at the corpora that models are trained on, and add to them."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import data_import

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rich.console import Console
    from rich.table import Table

    from training.corpus_checks.check import Finding
    from training.corpus_checks.summary import CorpusSummary
    from training.corpus_checks.suspects import Suspect
    from triage.corpus import LabelledAlert
    from triage.taxonomy import Taxonomy

app = typer.Typer(
    no_args_is_help=True,
    help="Look at the corpora that models are trained on, and add to them.",
    epilog="Example: triage data check",
)
app.command("import")(data_import.import_rows)


@app.command()
def check(
    corpus: Annotated[Path, typer.Option(help="A JSONL file, or a folder of them.")] = Path("datasets/corpus"),
    taxonomy: Annotated[Path, typer.Option(help="The codes that labels come from.")] = Path("datasets/taxonomy.yaml"),
    rules: Annotated[Path, typer.Option(help="Who acts instead of the default.")] = Path(
        "datasets/department_rules.yaml"
    ),
    suspects: Annotated[
        int, typer.Option(min=0, help="Also list so many labels of each head that look wrong (cleanlab; minutes).")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Answer with one JSON object.")] = False,
) -> None:
    """Check a corpus: ids, balance, duplicates, leaks between splits, signs of templates, department rules.

    Prints the counts and every finding with its code. The exit status is 1 when something is found.
    Suspects are no findings: they are worth a second look, and most of them are right and merely hard.

    Example: triage data check --corpus datasets/corpus --suspects 20
    """
    from rich.console import Console
    from rich.progress import track

    from training.corpus_checks.registry import CHECKS, run_checks
    from training.corpus_checks.rules import RulesKept
    from training.corpus_checks.summary import summarise
    from triage.corpus import read_corpus
    from triage.rules import load_rules
    from triage.taxonomy import load_taxonomy

    codes = load_taxonomy(taxonomy)
    rows = read_corpus(corpus, codes)
    every = (*CHECKS, RulesKept(load_rules(rules, codes)))
    checks = track(every, "Checking the corpus", console=Console(stderr=True), transient=True)
    findings = run_checks(rows, codes, checks)
    summary = summarise(rows, codes)
    doubted = _find_suspects(rows, codes, suspects) if suspects else ()
    if as_json:
        found = {"findings": [asdict(item) for item in findings], "suspects": [asdict(item) for item in doubted]}
        typer.echo(json.dumps({"summary": asdict(summary)} | found))
    else:
        console = Console()
        _print_summary(console, summary)
        _print_findings(console, findings)
        if doubted:
            _print_suspects(console, doubted, rows)
    if findings:
        raise typer.Exit(1)


def _find_suspects(rows: "Sequence[LabelledAlert]", taxonomy: "Taxonomy", limit: int) -> "tuple[Suspect, ...]":
    from rich.console import Console

    from training.corpus_checks.suspects import find_suspects

    with Console(stderr=True).status("reading") as status:
        return find_suspects(rows, taxonomy, limit, lambda head: status.update(f"fitting the {head}, four folds"))


def _print_suspects(console: "Console", suspects: "Sequence[Suspect]", rows: "Sequence[LabelledAlert]") -> None:
    from rich.table import Table
    from rich.text import Text

    texts = {row.id: row.masked_text for row in rows}
    table = Table("id", "head", "label", "likelier", "probability", "text", title="Labels worth a second look")
    for item in suspects:
        table.add_row(item.id, item.head, item.label, item.likelier, f"{item.probability:.2f}", Text(texts[item.id]))
    console.print(table)


def _print_summary(console: "Console", summary: "CorpusSummary") -> None:
    from rich.columns import Columns
    from rich.table import Table

    categories = Table("category", title="Rows by category and split", title_justify="left")
    for split in summary.splits:
        categories.add_column(split, justify="right")
    categories.add_column("all", justify="right")
    for code, counts in summary.categories.items():
        categories.add_row(code, *map(str, counts.values()), str(sum(counts.values())))
    categories.add_section()
    categories.add_row("all", *map(str, summary.splits.values()), str(summary.rows))
    wording = {
        "texts without an accent": f"{summary.accentless_share:.1%}",
        "median length in words": f"{summary.median_words:g}",
        "five-word phrases in several texts": f"{summary.recurring_five_gram_share:.2%}",
    }
    console.print(categories)
    console.print(
        Columns(
            [
                _counts("department", summary.departments.items()),
                _counts("priority", summary.priorities.items()),
                _counts("language", summary.languages.items()),
                _counts("opening", summary.frequent_openings.items()),
                _counts("wording", wording.items(), unit="value"),
            ]
        )
    )


def _counts(name: str, counts: "Iterable[tuple[str, int | str]]", unit: str = "rows") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(name)
    table.add_column(unit, justify="right")
    for label, count in counts:
        table.add_row(Text(label), str(count))
    return table


def _print_findings(console: "Console", findings: "tuple[Finding, ...]") -> None:
    from rich.text import Text

    for finding in findings:
        console.print(Text.assemble((finding.code, "bold red"), f"  {finding.message}"), soft_wrap=True)
    if findings:
        codes = dict.fromkeys(finding.code for finding in findings)
        console.print(
            f"Findings: {len(findings)} ({', '.join(codes)}). Mend the rows that they name, then check again."
        )
    else:
        console.print("Nothing found: the corpus is fit to train on.")
