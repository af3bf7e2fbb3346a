"""`triage suspects`."""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from triage.prediction import Prediction
    from triage.review.suspects import Ask
    from triage.settings import Settings
    from triage.store.records import StoredAlert
    from triage.taxonomy import Taxonomy


def suspects(
    most: Annotated[int, typer.Option(min=1, max=10_000, help="Put at most so many before staff, surest first.")] = 200,
    store_url: Annotated[
        str | None, typer.Option("--store", help="URL of the alert store; that of the settings by default.")
    ] = None,
    bundle: Annotated[Path | None, typer.Option(help="Bundle to use; the one that is served by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Look for labels that look wrong, and put them before staff in a queue of their own.

    Looked at are alerts that people answered, at the review desk or before they were imported; a label looks wrong
    where the model, from the text alone, is very sure of another code (`suspects` in review_rules.yaml). A label that
    staff looked at for this reason before is left alone.

    Example: triage suspects --most 50
    """
    from dataclasses import asdict

    from cli.bundle_choice import settings_in_use
    from triage.review.rules import DEFAULT_RULES, load_review_rules
    from triage.review.suspects import SuspectSearch
    from triage.store.configured import personal_keys
    from triage.store.store import Store

    settings = settings_in_use(bundle)
    ask, taxonomy = _model(settings)
    rules = load_review_rules(settings.review_rules or DEFAULT_RULES, taxonomy)
    with (
        Store.open(store_url or settings.store_url, key=personal_keys(settings)) as store,
        _bar(sum(store.counts().values())) as advance,
    ):
        found = SuspectSearch(store, ask, rules.suspects).run(most, advance)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    typer.echo(
        f"{found.suspected:,} of {found.labelled:,} labels look wrong; put before staff: {found.queued:,}.",
        err=True,
    )


def _model(settings: "Settings") -> "tuple[Ask, Taxonomy]":
    from models.predictor import Predictor
    from triage.alert import Alert

    predictor = Predictor.load(settings.bundle, taxonomy=settings.taxonomy, threads=settings.threads)

    def ask(alerts: "Sequence[StoredAlert]") -> "Sequence[Prediction]":
        # The texts were checked when they arrived, and masked since.
        texts = [Alert.model_construct(id=alert.id, text=alert.text) for alert in alerts]
        return predictor.predict(texts).predictions if texts else ()

    return ask, predictor.taxonomy


@contextlib.contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("looking", total=max(1, total))
        yield lambda more: progress.advance(task, more)
