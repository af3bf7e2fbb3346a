"""The two baselines that need no training to speak of: the most frequent answer, and a list of keywords."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.feature_selection import chi2

from evaluation.metrics import Booleans, Floats, Integers, label_numbers
from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy

KEYWORDS = 25
_LEAST_ROWS = 2  # a word of a single row is a word of its writer


class Baseline(Protocol):
    """Anything that gives probabilities of shape (rows, codes), in the taxonomy's order of codes."""

    def probabilities(self, rows: Sequence[LabelledAlert], head: Head) -> Floats:
        """Probabilities of the codes of one head."""
        ...


class MajorityBaseline:
    """Answers every row with the shares that the codes have among the rows it was made from."""

    def __init__(self, rows: Sequence[LabelledAlert], taxonomy: Taxonomy) -> None:
        self._shares = {head: _shares(label_numbers(rows, head, taxonomy), len(taxonomy.codes(head))) for head in HEADS}

    def probabilities(self, rows: Sequence[LabelledAlert], head: Head) -> Floats:
        """The same probabilities for each row."""
        return np.tile(self._shares[head], (len(rows), 1))


class KeywordBaseline:
    """Counts the keywords of each code in a text, as a rule-based intake would.

    The keywords of a code are the 25 words with the highest chi-square among those that are more frequent in its
    training rows than elsewhere, in two rows at least. Hits weigh equally; the codes' shares break ties.
    """

    def __init__(self, rows: Sequence[LabelledAlert], taxonomy: Taxonomy) -> None:
        self._vectorizer = CountVectorizer(strip_accents="unicode", binary=True, min_df=min(_LEAST_ROWS, len(rows)))
        found = self._vectorizer.fit_transform([row.masked_text for row in rows])
        self._shares, self._lists = {}, {}
        for head in HEADS:
            truth, classes = label_numbers(rows, head, taxonomy), len(taxonomy.codes(head))
            self._shares[head] = _shares(truth, classes)
            self._lists[head] = np.stack([_keywords(found, truth == number) for number in range(classes)])
        self._codes = {head: taxonomy.codes(head) for head in HEADS}

    def probabilities(self, rows: Sequence[LabelledAlert], head: Head) -> Floats:
        """Hits of each code plus its share, made to sum to one."""
        found = self._vectorizer.transform([row.masked_text for row in rows])
        scores = found @ self._lists[head].T.astype(float) + self._shares[head]
        return scores / scores.sum(axis=1, keepdims=True)

    def keywords(self, head: Head) -> Mapping[str, tuple[str, ...]]:
        """The keywords of each code, in alphabetical order."""
        words = self._vectorizer.get_feature_names_out()
        return {
            code: tuple(str(word) for word in words[chosen])
            for code, chosen in zip(self._codes[head], self._lists[head], strict=True)
        }


def _shares(truth: Integers, classes: int) -> Floats:
    return np.bincount(truth, minlength=classes) / len(truth)


def _keywords(found: csr_matrix, members: Booleans) -> Booleans:
    """Which words are keywords of the rows that are `members`, shape (words,)."""
    chosen = np.zeros(found.shape[1], bool)
    if not members.any() or members.all():
        return chosen
    # Scikit-learn answers NaN, with a warning, for a word that no row has; `min_df` left none.
    weight, _ = chi2(found, members)
    inside = np.asarray(found[members].mean(axis=0)).ravel()
    outside = np.asarray(found[~members].mean(axis=0)).ravel()
    weight[inside <= outside] = 0.0
    best = np.argsort(-weight, kind="stable")[:KEYWORDS]
    chosen[best[weight[best] > 0]] = True
    return chosen
