"""The whole path of `triage train fusion`: nothing but how text and photo are joined is learned anew."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from models.bundle import TAXONOMY, Bundle, load_bundle
from models.fusion import PART
from models.photo import PART as PHOTO
from models.predictor import Predictor
from models.text import TextModel
from training.assemble import carry_over, carry_rest, seal
from training.fusion.part import FusionTexts, read_fusion_texts, write_fusion
from training.run import PartResult, TrainingRequest, origin_of, publish, refuse_foreign_folder
from training.tracking import RunTracker, track_run
from triage.corpus import read_corpus
from triage.errors import InvalidConfiguration
from triage.taxonomy import load_taxonomy


def train_fusion(request: TrainingRequest, base: Path) -> PartResult:
    """Fit the fusion to the text and photo parts of a bundle, and write a whole bundle.

    Raises:
        InvalidConfiguration: the output folder exists and is no bundle, or the base has no photo part.
        InvalidBundle: the base is broken.
        InvalidCorpus: the texts are missing or broken.
    """
    taxonomy = load_taxonomy(request.taxonomy)
    bundle = load_bundle(base)
    if PHOTO not in bundle.manifest.parts:
        raise InvalidConfiguration(f"The bundle {base} has no photo part to join; run: triage train photo")
    texts = read_fusion_texts(read_corpus(request.corpus, taxonomy), request.photo_texts, taxonomy)
    refuse_foreign_folder(request.output)
    with track_run(request.tracking_uri, "fusion") as tracker, tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "bundle"
        folder.mkdir()
        return join_and_publish(request, bundle, folder, texts, tracker, {})


def join_and_publish(
    request: TrainingRequest,
    base: Bundle,
    folder: Path,
    texts: FusionTexts,
    tracker: RunTracker,
    figures: Mapping[str, float],
) -> PartResult:
    """Complete a folder that may hold a new photo part to a proven bundle, log it, and put it in its place.

    Args:
        request: taxonomy and place of the bundle.
        base: gives every part that the folder lacks, but the fusion.
        folder: the new parts.
        texts: what the fusion is learned on.
        tracker: of the run.
        figures: of the new parts; those of the fusion are added.
    """
    made = tuple(path.name for path in folder.iterdir())
    parts = (*carry_over(base.folder, folder, (*made, PART)), *made, PART)
    carry_rest(base.folder, folder)
    shutil.copy(request.taxonomy, folder / TAXONOMY)
    joined = write_fusion(folder, TextModel.from_bundle(base), texts, load_taxonomy(request.taxonomy))
    metrics = {**figures, **joined}
    tracker.log_metrics(metrics)
    seal(folder, base.manifest, origin_of(request, tracker), parts, metrics)
    Predictor.load(folder).check_golden()
    publish(folder, request, tracker)
    return PartResult(request.output, tracker.run_id, metrics)
