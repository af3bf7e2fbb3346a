"""Writes the fusion part of a bundle and measures what photos change."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.metrics import Floats
from evaluation.pairs import Pair, category_accuracy, make_pairs
from models.fusion import DESCRIPTION, PART, Fusion, FusionDescription, TextAnswer
from models.held_out import HELD_OUT, read_held_out
from models.photo import DESCRIPTION as PHOTO_DESCRIPTION
from models.photo import PhotoDescription
from models.text import TextModel
from training.fusion.fit import fit_gate, fit_probe, text_answers, untrained
from triage.corpus import LabelledAlert, Split, in_split, read_corpus
from triage.errors import InvalidCorpus
from triage.taxonomy import Head, Taxonomy

VAGUE, CLEAR_OTHER = "vague.jsonl", "clear_other.jsonl"
DRAWS = 3
SEED = 7
# The second is learned on a few hundred texts alone.
VAGUE_STRENGTH, RAISED_STRENGTH = 30.0, 10.0


@dataclass(frozen=True, slots=True)
class FusionTexts:
    """Texts that name their object, texts that name none, and whether each of these raises a priority."""

    clear: tuple[LabelledAlert, ...]
    vague: tuple[LabelledAlert, ...]
    raised: Mapping[str, bool]


def read_fusion_texts(corpus: Sequence[LabelledAlert], folder: Path, taxonomy: Taxonomy) -> FusionTexts:
    """The corpus and the texts written for photos.

    Raises:
        InvalidCorpus: a file is missing or broken.
    """
    vague = read_corpus(folder / VAGUE, taxonomy)
    other = read_corpus(folder / CLEAR_OTHER, taxonomy)
    lines = (folder / VAGUE).read_text(encoding="utf-8").split("\n")
    raised = {row["id"]: bool(row.get("raised")) for row in map(json.loads, filter(str.strip, lines))}
    if not any(raised.values()):
        raise InvalidCorpus(f"{folder / VAGUE} marks no row as raised; the fusion could not learn what raises.")
    # The corpus has texts without an object among its own of the fallback, not marked as such.
    clear = tuple(row for row in corpus if row.category != taxonomy.fallback_category)
    return FusionTexts((*clear, *other), vague, raised)


def write_fusion(folder: Path, model: TextModel, texts: FusionTexts, taxonomy: Taxonomy) -> dict[str, float]:
    """Fit the fusion on train and validation rows, write it, and measure it on test rows.

    Args:
        folder: holds the photo part already.
        model: the text model of the same bundle.
        texts: all splits.
        taxonomy: the bundle's own.

    Returns:
        Category accuracy of each way of joining text and picture, by the text alone and by both.
    """
    held_out = read_held_out(folder / HELD_OUT)
    description = PhotoDescription.model_validate_json((folder / PHOTO_DESCRIPTION).read_bytes())
    photos = held_out.probabilities(description.temperature)
    codes = model.description.codes
    fusion = Fusion(_fit_probes(model, texts), taxonomy, codes)
    answers, pairs = _joined(model, texts, Split.VALIDATION, held_out.labels, taxonomy)
    gate = fit_gate(fusion, answers, photos, pairs, codes)
    fusion = Fusion(fusion.description.model_copy(update={"gate": gate}), taxonomy, codes)
    (folder / PART).mkdir(exist_ok=True)
    (folder / DESCRIPTION).write_text(fusion.description.model_dump_json(indent=1) + "\n", encoding="utf-8")
    answers, pairs = _joined(model, texts, Split.TEST, held_out.labels, taxonomy)
    return measure_fusion(fusion, answers, photos, pairs, codes)


def measure_fusion(
    fusion: Fusion,
    texts: Sequence[TextAnswer],
    photos: Floats,
    pairs: Sequence[Pair],
    codes: Mapping[Head, tuple[str, ...]],
) -> dict[str, float]:
    """Category accuracy of each way of joining, by the text alone and by both."""
    fused = [fusion.fuse(texts[pair.text], photos[pair.picture]).probabilities["category"] for pair in pairs]
    both = category_accuracy(pairs, [codes["category"][int(row.argmax())] for row in fused])
    alone = category_accuracy(
        pairs, [codes["category"][int(texts[pair.text].probabilities["category"].argmax())] for pair in pairs]
    )
    return {f"fusion_{way}_text_alone": alone[way] for way in alone} | {f"fusion_{way}": both[way] for way in both}


def _fit_probes(model: TextModel, texts: FusionTexts) -> FusionDescription:
    vague = in_split(texts.vague, Split.TRAIN)
    clear = in_split(texts.clear, Split.TRAIN)
    of_vague = np.stack([answer.embedding for answer in text_answers(model, vague)])
    of_clear = np.stack([answer.embedding for answer in text_answers(model, clear)])
    raised = np.array([texts.raised[row.id] for row in vague])
    return untrained(
        fit_probe(of_vague, of_clear, VAGUE_STRENGTH, balanced=True),
        fit_probe(of_vague[raised], of_vague[~raised], RAISED_STRENGTH, balanced=False),
    )


def _joined(
    model: TextModel, texts: FusionTexts, split: Split, labels: Sequence[int], taxonomy: Taxonomy
) -> tuple[list[TextAnswer], list[Pair]]:
    clear, vague = in_split(texts.clear, split), in_split(texts.vague, split)
    answers = text_answers(model, (*clear, *vague))
    return answers, make_pairs(clear, vague, labels, taxonomy, draws=DRAWS, seed=SEED)
