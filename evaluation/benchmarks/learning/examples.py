"""What the simulation learns from: numbers of texts, and labels that are hidden until somebody is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import StandardScaler

from evaluation.metrics import Floats, Integers, label_numbers
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy

WORD_DIRECTIONS = 300
# Chosen on the validation split with 600 and 3,000 random labels: words alone or embeddings alone are 7 to 15 points
# of macro-F1 worse.
_WORD_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Examples:
    """Rows of equal order: ids, features of shape (rows, width), and per head the position of each label's code."""

    ids: tuple[str, ...]
    features: Floats
    labels: Mapping[Head, Integers]

    def __len__(self) -> int:
        return len(self.ids)

    def of(self, positions: Integers) -> "Examples":
        """The rows at these positions."""
        return Examples(
            tuple(self.ids[position] for position in positions),
            self.features[positions],
            {head: values[positions] for head, values in self.labels.items()},
        )


def make_examples(
    pool: Sequence[LabelledAlert],
    test: Sequence[LabelledAlert],
    taxonomy: Taxonomy,
    embeddings: tuple[Floats, Floats] | None,
    seed: int = 13,
) -> tuple[Examples, Examples]:
    """Features of the pool and of the test rows, fitted on the pool's texts without any label.

    Args:
        pool: rows that can be labelled.
        test: rows that are only measured.
        taxonomy: the order of codes.
        embeddings: of pool and test, shape (rows, width); none leaves the words alone.
        seed: of the reduction of words.
    """
    blocks = [_words(pool, test, seed)]
    if embeddings is not None:
        scaler = StandardScaler().fit(embeddings[0])
        width = embeddings[0].shape[1]
        blocks.append(tuple(scaler.transform(values) / np.sqrt(width) for values in embeddings))
    known, measured = (np.hstack([block[side] for block in blocks]).astype(np.float32) for side in (0, 1))
    return _examples(pool, known, taxonomy), _examples(test, measured, taxonomy)


def thinned(pool: Examples, skew: float, generator: np.random.Generator) -> Examples:
    """The pool with the k-th category, in an order drawn by chance, thinned to 1 ÷ k to the power of `skew`."""
    category = pool.labels["category"]
    codes = generator.permutation(np.unique(category))
    kept = []
    for place, code in enumerate(codes, 1):
        members = np.flatnonzero(category == code)
        kept.append(generator.choice(members, max(1, round(len(members) / place**skew)), replace=False))
    return pool.of(np.sort(np.concatenate(kept)))


def _words(pool: Sequence[LabelledAlert], test: Sequence[LabelledAlert], seed: int) -> tuple[Floats, Floats]:
    vectorizer = TfidfVectorizer(strip_accents="unicode", ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    counted = vectorizer.fit_transform([row.masked_text for row in pool])
    directions = TruncatedSVD(min(WORD_DIRECTIONS, counted.shape[1] - 1), random_state=seed)
    known = directions.fit_transform(counted)
    measured = directions.transform(vectorizer.transform([row.masked_text for row in test]))
    return _WORD_WEIGHT * known, _WORD_WEIGHT * measured


def _examples(rows: Sequence[LabelledAlert], features: Floats, taxonomy: Taxonomy) -> Examples:
    labels = {head: label_numbers(rows, head, taxonomy) for head in HEADS}
    return Examples(tuple(row.id for row in rows), features, labels)
