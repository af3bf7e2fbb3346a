"""`triage train`."""

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Part(StrEnum):
    """What can be trained at this stage; `all` trains every part there is."""

    TEXT = "text"
    ALL = "all"


def train(
    part: Annotated[Part, typer.Argument(help="Part of the bundle to train.")] = Part.ALL,
    config: Annotated[Path | None, typer.Option(help="YAML of choices; training/configs/text.yaml by default.")] = None,
    base: Annotated[
        Path | None, typer.Option(help="Bundle whose other parts are carried over; models/pretrained by default.")
    ] = None,
    corpus: Annotated[Path, typer.Option(help="Corpus file or folder.")] = Path("datasets/corpus"),
    taxonomy: Annotated[Path, typer.Option(help="Taxonomy file.")] = Path("datasets/taxonomy.yaml"),
    output: Annotated[Path, typer.Option(help="Folder of the new bundle.")] = Path("work/bundle"),
) -> None:
    """Train from the corpus, export to ONNX, prove parity and write a bundle; all of it is in MLflow.

    Example: triage train text --config training/configs/text.yaml --output work/bundle
    """
    from cli.tables import print_evaluation
    from training.config import DEFAULT_CONFIG, load_config
    from training.pipeline import TrainingRequest, train_text
    from triage.settings import PROJECT_ROOT, load_settings

    settings = load_settings()
    shipped = PROJECT_ROOT / "models" / "pretrained"
    if base is None and (shipped / "manifest.json").exists():
        base = shipped
    command = shlex.join(["triage", *sys.argv[1:]])
    if part is not Part.ALL:
        typer.echo(f"Training the {part.value} part; other parts are carried over.", err=True)
    request = TrainingRequest(corpus, taxonomy, output, settings.tracking_uri, command)
    result = train_text(load_config(config or DEFAULT_CONFIG), request, base)
    print_evaluation(result.evaluation)
    typer.echo(
        f"The bundle is in {result.bundle}; serve it with: triage serve --bundle {result.bundle}\n"
        f"MLflow run {result.run_id}; look at it with: mlflow ui --backend-store-uri {settings.tracking_uri}"
    )
