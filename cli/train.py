"""`triage train`."""

import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from training.config import TextConfig
    from training.run import TrainingRequest


class Part(StrEnum):
    """What can be trained at this stage; `all` trains every part there is."""

    TEXT = "text"
    TEACHER = "teacher"
    PHOTO = "photo"
    FUSION = "fusion"
    DUPLICATES = "duplicates"
    SCENE_CATEGORIES = "scene-categories"
    ALL = "all"


def train(
    part: Annotated[Part, typer.Argument(help="Part of the bundle to train.")] = Part.ALL,
    config: Annotated[
        Path | None, typer.Option(help="YAML of choices; training/configs/PART.yaml by default (all: text.yaml).")
    ] = None,
    smoke: Annotated[
        bool, typer.Option("--smoke", help="The whole path on small choices, in under two minutes; learns little.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Start anew where the same training was interrupted.")] = False,
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Train the text so often, in place of what the configuration says.")
    ] = None,
    base: Annotated[
        Path | None,
        typer.Option(help="Bundle whose other parts are carried over; the champion, else models/pretrained."),
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
        Path | None, typer.Option(help="Folder of the result; work/bundle, or work/teacher; with --smoke below it.")
    ] = None,
) -> None:
    """Train from the corpus, export to ONNX, prove parity and write a bundle; all of it is in MLflow.

    `teacher` trains the larger network whose answers the text model learns from beside the labels;
    it takes an hour or more on two cores. `photo` needs a folder of pictures with an index.csv (file,
    class, source); `fusion` learns anew how text and photo are joined, in a minute and without pictures.
    `duplicates` learns on scenes of reports, and on real reports where its configuration names them;
    `scene-categories` writes what it reads in place of the text model's own answers to these scenes.
    `all` trains text, fusion and duplicates.

    A training of text or teacher that was interrupted goes on after its last whole epoch when the same command runs
    again.

    Example: triage train teacher && triage train text --seeds 3 --output work/bundle
    Example: triage train --smoke
    Example: triage train photo --images ../shared/data/photos
    """
    from models.folder import bundle_in_use
    from training.run import TrainingRequest
    from triage.errors import InvalidConfiguration
    from triage.settings import PROJECT_ROOT, load_settings

    if smoke and config:
        raise InvalidConfiguration("--smoke brings its own choices; leave out either --smoke or --config.")
    settings = load_settings()
    if base is None:
        used = bundle_in_use(settings.models, PROJECT_ROOT / "models" / "pretrained")
        base = used if (used / "manifest.json").exists() else None
    command = shlex.join(["triage", *sys.argv[1:]])
    kind = {Part.TEACHER: "teacher", Part.SCENE_CATEGORIES: "scene_categories.json"}.get(part, "bundle")
    folder = output or Path("work/smoke" if smoke else "work") / kind
    request = TrainingRequest(
        corpus, taxonomy, rules, folder, settings.tracking_uri, command, photo_texts, scenes, fresh=fresh
    )
    if part not in {Part.ALL, Part.TEACHER, Part.SCENE_CATEGORIES}:
        typer.echo(f"Training the {part.value} part; other parts are carried over.", err=True)
    if smoke:
        config = _smoke_config(part)
    if part is Part.TEACHER:
        _train_teacher(request, config, seeds)
        return
    if part is Part.SCENE_CATEGORIES:
        _fit_scene_categories(request, config)
        return
    if part in {Part.PHOTO, Part.FUSION, Part.DUPLICATES}:
        run_id = _train_beside_text(part, request, config, images, base)
    else:
        run_id = _train_text(request, config, base, seeds)
    typer.echo(
        f"The bundle is in {folder}; serve it with: triage serve --bundle {folder}\n"
        f"MLflow run {run_id}; look at it with: mlflow ui --backend-store-uri {settings.tracking_uri}"
    )


def _smoke_config(part: Part) -> Path:
    from training.config import SMOKE_CONFIG

    small = {
        Part.PHOTO: "photo-smoke.yaml",
        Part.DUPLICATES: "duplicates-smoke.yaml",
        Part.SCENE_CATEGORIES: "scene-categories-smoke.yaml",
    }
    return SMOKE_CONFIG.with_name(small.get(part, SMOKE_CONFIG.name))


def _text_choices(config: Path, seeds: int | None) -> "TextConfig":
    from training.config import load_config

    choices = load_config(config)
    return choices.model_copy(update={"seeds": seeds}) if seeds else choices


def _train_teacher(request: "TrainingRequest", config: Path | None, seeds: int | None) -> None:
    from training.config import TEACHER_CONFIG
    from training.pipeline import train_teacher

    train_teacher(_text_choices(config or TEACHER_CONFIG, seeds), request)
    typer.echo(f"The teacher is in {request.output}; learn from it with: triage train text")


def _fit_scene_categories(request: "TrainingRequest", config: Path | None) -> None:
    from training.duplicates.cross_fit import CROSS_FIT_CONFIG, cross_fit_categories, load_cross_fit_config

    found = cross_fit_categories(load_cross_fit_config(config or CROSS_FIT_CONFIG), request)
    typer.echo(
        f"The categories are in {request.output}, right for {found.categories.accuracy:.1%} of the reports;"
        f" learn from them with: triage train duplicates\nMLflow run {found.run_id}"
    )


def _train_text(request: "TrainingRequest", config: Path | None, base: Path | None, seeds: int | None) -> str:
    from cli.tables import print_evaluation, print_figures, print_targets
    from evaluation.targets import targets
    from training.config import DEFAULT_CONFIG
    from training.pipeline import train_text

    result = train_text(_text_choices(config or DEFAULT_CONFIG, seeds), request, base)
    print_evaluation(result.evaluation)
    print_targets(targets(result.evaluation))
    if result.duplicates:
        print_figures(result.duplicates)
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
