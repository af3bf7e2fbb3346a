"""`triage add-category`."""

import shlex
import sys
from pathlib import Path
from typing import Annotated

import typer


def add_category(
    taxonomy: Annotated[Path, typer.Option(help="A copy of the taxonomy with the new category.", exists=True)],
    examples: Annotated[
        Path | None, typer.Option(help="Its examples (JSON Lines), where the corpus does not hold them.", exists=True)
    ] = None,
    base: Annotated[
        Path | None, typer.Option(help="Bundle that is grown; the champion, else models/pretrained.")
    ] = None,
    corpus: Annotated[Path, typer.Option(help="Corpus file or folder.")] = Path("datasets/corpus"),
    scenes: Annotated[Path, typer.Option(help="Folder of scenes of duplicates.")] = Path("datasets/duplicates"),
    photo_texts: Annotated[Path, typer.Option(help="Folder of the texts written for photos.")] = Path(
        "datasets/photo_texts"
    ),
    rules: Annotated[Path, typer.Option(help="Department rules file.")] = Path("datasets/department_rules.yaml"),
    epochs: Annotated[int | None, typer.Option(min=1, help="How often the rows are told.")] = None,
    smoke: Annotated[bool, typer.Option("--smoke", help="The whole path on small choices; learns little.")] = False,
    output: Annotated[Path, typer.Option(help="Folder of the new bundle.")] = Path("work/bundle"),
    report: Annotated[Path, typer.Option(help="Where the report goes (Markdown).")] = Path("work/cost.md"),
) -> None:
    """Teach a bundle a new category from about thirty examples, and say what that cost the others.

    Add the category to a copy of datasets/taxonomy.yaml, with its words and its default department; write examples as
    rows of a corpus with the split train (and if you can, some more with the split test). The upper layers of the text
    model go on from the bundle's own weights, with rows of the corpus told again so that nothing is forgotten; no
    earlier training run is needed. Photo parts are carried over by digest; what reads the text model is fitted anew.

    The report compares every old category on the same test rows before and after, and judges the new one on examples
    that were left out. The result is a challenger like any other: triage promote --challenger work/bundle

    Example: triage add-category --taxonomy my-taxonomy.yaml --examples datasets/new_category/compostage.jsonl
    """
    from models.folder import bundle_in_use
    from training.config import DEFAULT_CONFIG, SMOKE_CONFIG, load_config
    from training.new_category.config import GrowthConfig
    from training.new_category.pipeline import add_category as grow
    from training.run import TrainingRequest
    from triage.settings import PROJECT_ROOT, load_settings

    settings = load_settings()
    base = base or bundle_in_use(settings.models, PROJECT_ROOT / "models" / "pretrained")
    text = load_config(SMOKE_CONFIG if smoke else DEFAULT_CONFIG)
    config = GrowthConfig(epochs=1, rehearsed=10, folds=2) if smoke else GrowthConfig()
    if epochs:
        config = config.model_copy(update={"epochs": epochs})
    command = shlex.join(["triage", *sys.argv[1:]])
    request = TrainingRequest(corpus, taxonomy, rules, output, settings.tracking_uri, command, photo_texts, scenes)
    grown = grow(request, base, examples, text, config)
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(grown.report, encoding="utf-8")
    typer.echo(grown.report)
    typer.echo(
        f"The bundle is in {grown.bundle}, the report in {report}; MLflow run {grown.run_id}.\n"
        f"Put it before the gates with: triage promote --challenger {grown.bundle}",
        err=True,
    )
