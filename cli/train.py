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
    TEACHER = "teacher"
    ALL = "all"


def train(
    part: Annotated[Part, typer.Argument(help="Part of the bundle to train.")] = Part.ALL,
    config: Annotated[
        Path | None, typer.Option(help="YAML of choices; training/configs/text.yaml or teacher.yaml by default.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Train so often; the best on validation or the average ships.")] = 1,
    base: Annotated[
        Path | None, typer.Option(help="Bundle whose other parts are carried over; models/pretrained by default.")
    ] = None,
    corpus: Annotated[Path, typer.Option(help="Corpus file or folder.")] = Path("datasets/corpus"),
    taxonomy: Annotated[Path, typer.Option(help="Taxonomy file.")] = Path("datasets/taxonomy.yaml"),
    rules: Annotated[Path, typer.Option(help="Department rules file.")] = Path("datasets/department_rules.yaml"),
    output: Annotated[
        Path | None, typer.Option(help="Folder of the result; work/bundle or work/teacher by default.")
    ] = None,
) -> None:
    """Train from the corpus, export to ONNX, prove parity and write a bundle; all of it is in MLflow.

    `teacher` trains the larger network whose answers the text model learns from beside the labels;
    it takes an hour or more on two cores.

    Example: triage train teacher && triage train text --seeds 3 --output work/bundle
    """
    from cli.tables import print_evaluation, print_targets
    from evaluation.targets import targets
    from training.config import DEFAULT_CONFIG, TEACHER_CONFIG, load_config
    from training.pipeline import TrainingRequest, train_teacher, train_text
    from triage.settings import PROJECT_ROOT, load_settings

    settings = load_settings()
    shipped = PROJECT_ROOT / "models" / "pretrained"
    if base is None and (shipped / "manifest.json").exists():
        base = shipped
    command = shlex.join(["triage", *sys.argv[1:]])
    folder = output or Path("work/teacher" if part is Part.TEACHER else "work/bundle")
    request = TrainingRequest(corpus, taxonomy, rules, folder, settings.tracking_uri, command)
    if part is Part.TEACHER:
        train_teacher(load_config(config or TEACHER_CONFIG), request, seeds)
        typer.echo(f"The teacher is in {folder}; learn from it with: triage train text")
        return
    if part is not Part.ALL:
        typer.echo(f"Training the {part.value} part; other parts are carried over.", err=True)
    result = train_text(load_config(config or DEFAULT_CONFIG), request, base, seeds)
    print_evaluation(result.evaluation)
    print_targets(targets(result.evaluation))
    typer.echo(
        f"The bundle is in {result.bundle}; serve it with: triage serve --bundle {result.bundle}\n"
        f"MLflow run {result.run_id}; look at it with: mlflow ui --backend-store-uri {settings.tracking_uri}"
    )
