"""Which rows are told again so that the old categories are not forgotten, and which examples are left out in turn."""

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from models.text import TextDescription
from training.new_category.config import GrowthConfig
from triage.corpus import LabelledAlert
from triage.errors import InvalidCorpus, InvalidTaxonomy
from triage.taxonomy import Taxonomy

LEAST_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Rows:
    """All rows of a fit, and the places of the examples among them."""

    all: tuple[LabelledAlert, ...]
    examples: tuple[int, ...]


def new_codes(old: Taxonomy, new: Taxonomy) -> tuple[str, ...]:
    """The categories that only the new taxonomy has."""
    return tuple(code for code in new.codes("category") if code not in old.codes("category"))


def require_examples(train: Sequence[LabelledAlert], old: Taxonomy, new: Taxonomy, least: int = LEAST_EXAMPLES) -> None:
    """Refuse a taxonomy without a new category, or one with too few examples to learn and to judge it.

    Raises:
        InvalidTaxonomy: nothing is new.
        InvalidCorpus: naming the category and how many examples it has.
    """
    fresh = new_codes(old, new)
    if not fresh:
        raise InvalidTaxonomy(
            "The taxonomy has no category that the bundle lacks; add one to a copy of datasets/taxonomy.yaml, and name"
            " that with --taxonomy."
        )
    counts = Counter(row.category for row in train)
    for code in fresh:
        if counts[code] < least:
            raise InvalidCorpus(
                f"The new category '{code}' has {counts[code]} train rows; write {least} at least, better thirty, and"
                " name their file with --examples."
            )


def choose_rows(train: Sequence[LabelledAlert], old: TextDescription, config: GrowthConfig) -> Rows:
    """The examples, and rows of the old categories that are told again.

    As many of each category as the configuration says, drawn with its seed; and those whose wording is nearest to the
    examples, since they show where the new category ends.
    """
    generator = random.Random(config.seed)
    known: defaultdict[str, list[LabelledAlert]] = defaultdict(list)
    examples = []
    for row in train:
        if row.category in old.codes["category"]:
            known[row.category].append(row)
        else:
            examples.append(row)
    drawn = [
        row
        for code in old.codes["category"]
        for row in generator.sample(known[code], min(len(known[code]), config.rehearsed))
    ]
    near = _nearest([row for rows in known.values() for row in rows], examples, config.near)
    rehearsed = list({row.id: row for row in (*drawn, *near)}.values())
    start = len(rehearsed)
    return Rows((*rehearsed, *examples), tuple(range(start, start + len(examples))))


def _nearest(rows: Sequence[LabelledAlert], examples: Sequence[LabelledAlert], count: int) -> list[LabelledAlert]:
    """The rows most like any example, by pieces of words, which survive typing and endings."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=2)
    vectors = vectorizer.fit_transform([row.masked_text for row in (*rows, *examples)])
    alike = (vectors[: len(rows)] @ vectors[len(rows) :].T).max(axis=1).toarray().ravel()
    return [rows[place] for place in np.argsort(-alike, kind="stable")[:count]]


def folds(rows: Rows, config: GrowthConfig) -> list[list[int]]:
    """Places of examples in groups of like size, each of every new category; each group is left out once."""
    places = list(rows.examples)
    random.Random(config.seed).shuffle(places)
    places.sort(key=lambda place: rows.all[place].category)
    return [places[number :: config.folds] for number in range(config.folds) if places[number :: config.folds]]
