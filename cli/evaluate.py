"""`triage evaluate`."""

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    data: Annotated[
        Path | None, typer.Option(help="Labelled alerts (JSONL) to measure on; the corpus' test split by default.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to measure; models/pretrained by default.")] = None,
    corpus: Annotated[Path, typer.Option(help="Corpus that the baseline is trained on.")] = Path("datasets/corpus"),
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Measure a bundle and the tf-idf baseline trained on the same rows.

    A line of --data needs id, text, category, department and priority; lang and split may be left out.

    Example: triage evaluate --data heldout.jsonl
    """
    import json

    from rich.console import Console

    from cli.tables import print_evaluation
    from evaluation.evaluate import evaluate as measure
    from models.predictor import Predictor
    from triage.corpus import Split, in_split, read_corpus
    from triage.settings import load_settings

    settings = load_settings(bundle)
    predictor = Predictor.load(settings.bundle, taxonomy=settings.taxonomy, threads=settings.threads)
    rows = read_corpus(corpus, predictor.taxonomy)
    measured = read_corpus(data, predictor.taxonomy) if data else in_split(rows, Split.TEST)
    with Console(stderr=True).status(f"measuring {len(measured)} alerts and training the baseline"):
        evaluation = measure(predictor, measured, in_split(rows, Split.TRAIN))
    if as_json:
        typer.echo(json.dumps(evaluation.metrics(), indent=2))
    else:
        print_evaluation(evaluation)
