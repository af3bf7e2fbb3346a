"""`triage reference`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from evaluation.reference import Checked
    from triage.taxonomy import Taxonomy


def reference(
    bundle: Annotated[Path, typer.Argument(help="Bundle that gets the reference.", exists=True, file_okay=False)],
    data: Annotated[
        Path | None,
        typer.Option(help="Labelled alerts (JSONL) to compare with; the corpus' validation split by default."),
    ] = None,
    corpus: Annotated[Path, typer.Option(help="Corpus that the bundle was trained on.")] = Path("datasets/corpus"),
    as_json: Annotated[bool, typer.Option("--json", help="Print what was made as JSON.")] = False,
) -> None:
    """Make the reference that `triage drift` compares alerts with, and seal the bundle again.

    The reference holds counts and rounded coordinates alone, no text. `triage train` writes one from the validation
    split; with --data, alerts that staff of your city answered take its place (`triage export-reviews`), so that drift
    is looked for from your own city's mix on. The bundle's digest changes: make the reference before you promote it.

    Example: triage reference work/bundle
    Example: triage reference work/bundle --data reviews.jsonl
    """
    from rich.console import Console

    from evaluation.reference import make_reference
    from models.predictor import Predictor
    from models.reference import REFERENCE, replace_reference
    from models.text import TextModel
    from triage.settings import load_settings

    _require_not_promoted(bundle)
    settings = load_settings()
    predictor = Predictor.load(bundle, threads=settings.threads)
    checked = _checked(predictor.taxonomy, data, corpus)
    model = TextModel.from_bundle(predictor.bundle, settings.threads)
    with Console(stderr=True).status(f"looking at {len(checked.rows):,} alerts"):
        made = make_reference(predictor, model, checked)
        sealed = replace_reference(predictor.bundle, made)
    size = sealed.manifest.files[REFERENCE].bytes
    if as_json:
        typer.echo(json.dumps({"bundle_sha256": sealed.sha256, "alerts": made.alerts, "bytes": size}))
    typer.echo(
        f"{bundle / REFERENCE} describes {made.alerts:,} alerts in {size / 1000:.0f} kB; the digest of the bundle is"
        f" now {sealed.sha256[:12]}.",
        err=True,
    )


def _require_not_promoted(bundle: Path) -> None:
    from models.folder import CHAMPION, HISTORY
    from triage.errors import InvalidConfiguration

    folder = bundle.resolve().parent
    if any((folder / name).exists() for name in (CHAMPION, HISTORY)):
        raise InvalidConfiguration(
            f"{bundle} lies in a folder of models, where each must stay what was promoted. Make the reference in the"
            " bundle that it was copied from, and promote that."
        )


def _checked(taxonomy: "Taxonomy", data: Path | None, corpus: Path) -> "Checked":
    from evaluation.reference import Checked
    from triage.corpus import Split, in_split, read_corpus
    from triage.errors import InvalidConfiguration

    rows = read_corpus(corpus, taxonomy)
    checked = read_corpus(data, taxonomy) if data else in_split(rows, Split.VALIDATION)
    fitted = in_split(rows, Split.TRAIN)
    if not (checked and fitted):
        raise InvalidConfiguration(
            f"There are no alerts to compare with: {data or corpus} needs rows"
            f" {'' if data else 'of the validation split '}and {corpus} some of the train split."
        )
    named = data.name if data else f"the validation split of {corpus.name}"
    return Checked(checked, fitted, named)
