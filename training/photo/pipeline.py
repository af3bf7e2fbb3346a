"""The whole path of `triage train photo`: pictures, held-out sources, final fit, export, fusion, bundle, MLflow."""

import copy
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import nn

from models.bundle import load_bundle
from models.networks.photo import PhotoHead, PhotoNetwork
from models.photo import Picture, prepare
from training.fusion.part import read_fusion_texts
from training.fusion.pipeline import join_and_publish
from training.photo.backbone import PhotoBackbone, load_backbone
from training.photo.card import write_photo_card
from training.photo.config import PhotoConfig
from training.photo.fit import Fitting, Tuned, answer, fit, steps_of
from training.photo.folds import leave_sources_out
from training.photo.part import HeldOutLogits, PhotoPartWriter
from training.photo.pictures import PictureSet, read_pictures
from training.photo.views import cache_views
from training.run import PartResult, TrainingRequest, log_network, refuse_foreign_folder
from training.tracking import track_run
from triage.corpus import read_corpus
from triage.taxonomy import load_taxonomy

SAMPLES = 128


def train_photo(config: PhotoConfig, request: TrainingRequest, images: Path, base: Path) -> PartResult:
    """Train the photo part on pictures, fit the fusion to it, and write a whole bundle.

    Raises:
        InvalidCorpus: the pictures or their index are missing.
        InvalidConfiguration: the output folder exists and is no bundle, or the backbone cannot be had.
        InvalidBundle: the base is broken.
    """
    taxonomy = load_taxonomy(request.taxonomy)
    labels = tuple(taxonomy.photo_labels)
    pictures = read_pictures(images, config.classes, labels)
    base_bundle = load_bundle(base)
    texts = read_fusion_texts(read_corpus(request.corpus, taxonomy), request.photo_texts, taxonomy)
    refuse_foreign_folder(request.output)
    with track_run(request.tracking_uri, config.name) as tracker, tempfile.TemporaryDirectory() as scratch:
        tracker.log_parameters(config.model_dump(mode="json"))
        tracker.log_parameters({"pictures.count": len(pictures.paths), "pictures.sha256": pictures.digest()})
        folder, work = Path(scratch) / "bundle", Path(scratch) / "work"
        folder.mkdir()
        work.mkdir()
        backbone = load_backbone(config.backbone)
        tracker.log_parameters({"source.kind": backbone.source, "source.sha256": backbone.sha256})
        network, held_out = _fit_all(config, pictures, backbone, len(labels), work)
        log_network(network, work / "network", tracker)
        irrelevant = next(number for number, code in enumerate(labels) if taxonomy.photo_labels[code].irrelevant)
        writer = PhotoPartWriter(folder, config, pictures, labels)
        part = writer.write(network, held_out, irrelevant, _samples(pictures, config))
        write_photo_card(folder, config, backbone, pictures, part)
        return join_and_publish(request, base_bundle, folder, texts, tracker, part.metrics())


def _fit_all(
    config: PhotoConfig, pictures: PictureSet, backbone: PhotoBackbone, labels: int, work: Path
) -> tuple[PhotoNetwork, HeldOutLogits]:
    """One fit without each group of sources, for the held-out answers, and one on all pictures."""
    network = _network(config, backbone, labels)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("reading views", total=len(pictures.paths))
        views = cache_views(network, pictures, config, work, lambda done: progress.advance(task, done))
        fitting = Fitting(pictures, views, config)
        rows, logits = [], []
        for fold in leave_sources_out(pictures, config.folds, config.seed):
            name = f"without {', '.join(fold.sources)}"[:60]
            task = progress.add_task(name, total=steps_of(config, len(fold.train)))
            tuned = Tuned(copy.deepcopy(network.tuned), copy.deepcopy(network.head))
            fit(tuned, fitting, fold.train, lambda _, task=task: progress.advance(task))  # type: ignore[misc]
            rows.append(fold.held_out)
            logits.append(answer(tuned, views, fold.held_out))
        everything = np.arange(len(pictures.paths))
        task = progress.add_task("all sources", total=steps_of(config, len(everything)))
        fit(Tuned(network.tuned, network.head), fitting, everything, lambda _: progress.advance(task))
    return network.eval(), HeldOutLogits(np.concatenate(rows), np.concatenate(logits))


def _network(config: PhotoConfig, backbone: PhotoBackbone, labels: int) -> PhotoNetwork:
    stages = list(backbone.stages)
    frozen, tuned = nn.Sequential(*stages[: config.frozen_stages]), nn.Sequential(*stages[config.frozen_stages :])
    head = PhotoHead(backbone.width, labels, config.dropout)
    return PhotoNetwork(frozen, tuned, head, backbone.mean, backbone.deviation).eval()


def _samples(pictures: PictureSet, config: PhotoConfig) -> list[Picture]:
    """Pictures of every source, prepared as serving prepares them."""
    order = np.random.default_rng(config.seed).permutation(len(pictures.paths))[:SAMPLES]
    prepared = []
    for row in order:
        with Image.open(pictures.paths[row]) as image:
            prepared.append(prepare(image.convert("RGB"), config.size))
    return prepared
