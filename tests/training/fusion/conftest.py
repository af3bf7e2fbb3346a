"""Texts and pictures made by hand: an embedding says whether a text names nothing, and what its category is."""

from dataclasses import dataclass

import numpy as np
import pytest

from evaluation.pairs import Pair, make_pairs
from models.bundle import load_bundle
from models.fusion import Fusion, TextAnswer
from models.text import TextModel
from training.fusion.fit import fit_probe, untrained
from triage.corpus import LabelledAlert
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Head, Taxonomy

WIDTH = 6
COUNT = 60


@dataclass(frozen=True)
class HandMade:
    """Clear texts, then vague ones, with their answers; pictures with theirs; how they are joined."""

    taxonomy: Taxonomy
    codes: dict[Head, tuple[str, ...]]
    rows: tuple[LabelledAlert, ...]
    texts: list[TextAnswer]
    labels: tuple[int, ...]
    photos: np.ndarray
    pairs: list[Pair]

    def embeddings(self, vague: bool) -> np.ndarray:
        return np.stack([text.embedding for text in (self.texts[COUNT:] if vague else self.texts[:COUNT])])


@pytest.fixture(scope="session")
def hand_made(taxonomy: Taxonomy) -> HandMade:
    generator = np.random.default_rng(8)
    codes = {head: taxonomy.codes(head) for head in HEADS}
    shown = [entry.category for entry in taxonomy.photo_labels.values() if entry.category]
    rows = [_row(taxonomy, number, shown[number % len(shown)]) for number in range(COUNT)]
    rows += [_row(taxonomy, COUNT + number, taxonomy.fallback_category) for number in range(COUNT)]
    texts = [_answer(generator, codes, row, vague=number >= COUNT) for number, row in enumerate(rows)]
    labels = tuple(int(label) for label in np.tile(np.arange(len(taxonomy.photo_labels)), 8))
    photos = generator.dirichlet(np.full(len(taxonomy.photo_labels), 0.1), len(labels)) * 0.2
    photos[np.arange(len(labels)), labels] += 0.8
    pairs = make_pairs(rows[:COUNT], rows[COUNT:], labels, taxonomy, draws=2, seed=1)
    return HandMade(taxonomy, codes, tuple(rows), texts, labels, photos, pairs)


def _row(taxonomy: Taxonomy, number: int, category: str) -> LabelledAlert:
    department = taxonomy.categories[category].default_department
    return LabelledAlert(
        id=str(number), text="texte", category=category, department=department, priority=taxonomy.codes("priority")[2]
    )


def _answer(
    generator: np.random.Generator, codes: dict[Head, tuple[str, ...]], row: LabelledAlert, *, vague: bool
) -> TextAnswer:
    """A clear text is right nine times in ten; a vague one is answered as what belongs nowhere."""
    probabilities = {}
    for head in HEADS:
        shares = generator.dirichlet(np.full(len(codes[head]), 0.2)) * 0.3
        right = generator.random() < 0.9
        shares[codes[head].index(row.label(head)) if right else generator.integers(len(shares))] += 0.7
        probabilities[head] = shares
    embedding = generator.normal(0, 0.3, WIDTH)
    embedding[0] = generator.normal(1 if vague else -1, 0.2)
    return TextAnswer(probabilities, embedding, has_words=True)


@pytest.fixture(scope="session")
def unfitted(hand_made: HandMade) -> Fusion:
    """A fusion whose probes are fitted and whose gate is not."""
    probe = fit_probe(hand_made.embeddings(vague=True), hand_made.embeddings(vague=False), 10.0, balanced=True)
    return Fusion(untrained(probe, probe), hand_made.taxonomy, hand_made.codes)


@pytest.fixture(scope="session")
def shipped_text_model() -> TextModel:
    return TextModel.from_bundle(load_bundle(PROJECT_ROOT / "models" / "pretrained"), threads=1)
