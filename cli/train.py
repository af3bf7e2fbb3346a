"""`triage train`."""

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from training.run import TrainingRequest


class Part(StrEnum):
    """What can be trained at this stage; `all` trains every part there is."""

    TEXT = "text"
    TEACHER = "teacher"
    PHOTO = "photo"
    FUSION = "fusion"
    DUPLICATES = "duplicates"
    ALL = "all"


def train(
    part: Annotated[Part, typer.Argument(help="Part of the bundle to train.")] = Part.ALL,
    config: Annotated[
        Path | None, typer.Option(help="YAML of choices; training/configs/PART.yaml by default (all: text.yaml).")
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=1, help="Train the text so often; the best on validation or the average ships.")
    ] = 1,
    base: Annotated[
        Path | None, typer.Option(help="Bundle whose other parts are carried over; models/pretrained by default.")
    ] = None,
    corpus: Annotated[Path, typer.Option(help="Corpus file or folder.")] = Path("datasets/corpus"),
    scenes: Annotated[Path, typer.Option(help="Folder of scenes of duplicates.")] = Path("datasets/duplicates"),
    photo_texts: Annotated[Path, typer.Option(help="Folder of the texts written for photos.")] = Path(
        "datasets/photo_texts"
    ),
    images: Annotated[Path, typer.Option(help="Folder of labelled pictures, for the photo part.")] = Path(
        "../shared/data/photos"
    ),
    taxonomy: Annotated[Path, typer.Option(help="Taxonomy file.")] = Path("datasets/taxonomy.yaml"),
    rules: Annotated[Path, typer.Option(help="Department rules file.")] = Path("datasets/department_rules.yaml"),
    output: Annotated[
        Path | None, typer.Option(help="Folder of the result; work/bundle or work/teacher by default.")
    ] = None,
) -> None:
    """Train from the corpus, export to ONNX, prove parity and write a bundle; all of it is in MLflow.

    `teacher` trains the larger network whose answers the text model learns from beside the labels;
    it takes an hour or more on two cores. `photo` needs a folder of pictures with an index.csv (file,
    class, source); `fusion` learns anew how text and photo are joined, in a minute and without pictures.
    `duplicates` learns on scenes of reports, and on real reports where its configuration names them.
    `all` trains text, fusion and duplicates.

    Example: triage train teacher && triage train text --seeds 3 --output work/bundle
    Example: triage train photo --images ../shared/data/photos
    Example: triage train duplicates --config training/configs/duplicates-smoke.yaml
    """
    from training.run import TrainingRequest
    from triage.settings import PROJECT_ROOT, load_settings

    settings = load_settings()
    shipped = PROJECT_ROOT / "models" / "pretrained"
    if base is None and (shipped / "manifest.json").exists():
        base = shipped
    command = shlex.join(["triage", *sys.argv[1:]])
    folder = output or Path("work/teacher" if part is Part.TEACHER else "work/bundle")
    request = TrainingRequest(corpus, taxonomy, rules, folder, settings.tracking_uri, command, photo_texts, scenes)
    if part not in {Part.ALL, Part.TEACHER}:
        typer.echo(f"Training the {part.value} part; other parts are carried over.", err=True)
    if part is Part.TEACHER:
        _train_teacher(request, config, seeds)
        return
    if part in {Part.PHOTO, Part.FUSION, Part.DUPLICATES}:
        run_id = _train_beside_text(part, request, config, images, base)
    else:
        run_id = _train_text(request, config, base, seeds)
    typer.echo(
        f"The bundle is in {folder}; serve it with: triage serve --bundle {folder}\n"
        f"MLflow run {run_id}; look at it with: mlflow ui --backend-store-uri {settings.tracking_uri}"
    )


def _train_teacher(request: "TrainingRequest", config: Path | None, seeds: int) -> None:
    from training.config import TEACHER_CONFIG, load_config
    from training.pipeline import train_teacher

    train_teacher(load_config(config or TEACHER_CONFIG), request, seeds)
    typer.echo(f"The teacher is in {request.output}; learn from it with: triage train text")


def _train_text(request: "TrainingRequest", config: Path | None, base: Path | None, seeds: int) -> str:
    from cli.tables import print_evaluation, print_figures, print_targets
    from evaluation.targets import targets
    from models.bundle import load_bundle
    from models.duplicates.scorer import PART as DUPLICATES
    from training.config import DEFAULT_CONFIG, load_config
    from training.duplicates.config import load_duplicate_config
    from training.duplicates.pipeline import train_duplicates
    from training.pipeline import train_text

    choices = load_config(config or DEFAULT_CONFIG)
    result = train_text(choices, request, base, seeds)
    print_evaluation(result.evaluation)
    print_targets(targets(result.evaluation))
    if base and DUPLICATES in load_bundle(base).manifest.parts:
        typer.echo("Training the duplicate part anew: it reads states of the text model.", err=True)
        print_figures(train_duplicates(load_duplicate_config(choices.duplicates), request, request.output).metrics)
    return result.run_id


def _train_beside_text(
    part: Part, request: "TrainingRequest", config: Path | None, images: Path, base: Path | None
) -> str:
    from cli.tables import print_figures
    from training.duplicates.config import DEFAULT_CONFIG as DUPLICATES_CONFIG
    from training.duplicates.config import load_duplicate_config
    from training.duplicates.pipeline import train_duplicates
    from training.fusion.pipeline import train_fusion
    from training.photo.config import DEFAULT_CONFIG, load_photo_config
    from training.photo.pipeline import train_photo
    from triage.errors import InvalidConfiguration

    if base is None:
        raise InvalidConfiguration("There is no bundle to carry the text part over from; name one with --base.")
    if part is Part.FUSION:
        result = train_fusion(request, base)
    elif part is Part.DUPLICATES:
        result = train_duplicates(load_duplicate_config(config or DUPLICATES_CONFIG), request, base)
    else:
        result = train_photo(load_photo_config(config or DEFAULT_CONFIG), request, images, base)
    print_figures(result.metrics)
    return result.run_id
