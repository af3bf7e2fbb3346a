"""Texts joined with what the photo model answered to pictures it had not been trained on.

Nobody has a corpus of alerts with photos that may be shown, so pairs are made: a text of a category with a picture
that fits it, with one of another fault, or with one that shows nothing wrong; a text that names nothing with any.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from triage.corpus import LabelledAlert
from triage.taxonomy import HEADS, Head, Taxonomy


class Joined(StrEnum):
    """How text and picture belong together."""

    VAGUE_FITTING = "vague_fitting"
    VAGUE_NOTHING = "vague_nothing"
    CLEAR_FITTING = "clear_fitting"
    CLEAR_WRONG = "clear_wrong"
    CLEAR_NOTHING = "clear_nothing"


@dataclass(frozen=True, slots=True)
class Pair:
    """Positions of a text and a picture, how they were joined, and the label of each head."""

    text: int
    picture: int
    joined: Joined
    labels: dict[Head, str]


def make_pairs(
    clear: Sequence[LabelledAlert],
    vague: Sequence[LabelledAlert],
    pictures: Sequence[int],
    taxonomy: Taxonomy,
    *,
    draws: int,
    seed: int,
) -> list[Pair]:
    """Join texts with pictures; positions of vague texts follow those of clear ones.

    Args:
        clear: texts that name their object.
        vague: texts that name none.
        pictures: number of each picture's true label.
        taxonomy: says which labels fit which category.
        draws: pictures drawn for each text and way of joining.
        seed: draws them.
    """
    generator = np.random.default_rng(seed)
    labels = list(taxonomy.photo_labels)
    by_label = [np.flatnonzero(np.asarray(pictures) == number) for number in range(len(labels))]
    shows = {number for number, code in enumerate(labels) if taxonomy.photo_labels[code].category}

    def draw(allowed: set[int]) -> list[int]:
        usable = sorted(number for number in allowed if len(by_label[number]))
        # A label first, so that one with many pictures does not rule.
        return [int(generator.choice(by_label[generator.choice(usable)])) for _ in range(draws if usable else 0)]

    pairs = []
    for position, row in enumerate((*clear, *vague)):
        given = {head: row.label(head) for head in HEADS}
        if position >= len(clear):
            for picture in draw(shows):
                expected = _expected(taxonomy, labels[pictures[picture]])
                pairs.append(Pair(position, picture, Joined.VAGUE_FITTING, expected))
            nothing = draw(set(range(len(labels))) - shows)
            pairs += [Pair(position, picture, Joined.VAGUE_NOTHING, given) for picture in nothing]
            continue
        entries = {number: taxonomy.photo_labels[labels[number]] for number in shows}
        ways = {
            Joined.CLEAR_FITTING: {number for number, entry in entries.items() if entry.category == row.category},
            Joined.CLEAR_WRONG: {
                number for number, entry in entries.items() if row.category not in {entry.category, *entry.also}
            },
            Joined.CLEAR_NOTHING: set(range(len(labels))) - shows,
        }
        for way, allowed in ways.items():
            pairs += [Pair(position, picture, way, given) for picture in draw(allowed)]
    return pairs


def category_accuracy(pairs: Sequence[Pair], answers: Sequence[str]) -> dict[Joined, float]:
    """Share of right categories for each way of joining that occurs."""
    found: dict[Joined, list[bool]] = {}
    for pair, answered in zip(pairs, answers, strict=True):
        found.setdefault(pair.joined, []).append(answered == pair.labels["category"])
    return {way: float(np.mean(right)) for way, right in found.items()}


def _expected(taxonomy: Taxonomy, code: str) -> dict[Head, str]:
    """What a text that names nothing is about where its picture shows a fault."""
    label = taxonomy.photo_labels[code]
    assert label.category is not None and label.priority is not None  # noqa: S101 - only such are drawn
    department = taxonomy.categories[label.category].default_department
    return {"category": label.category, "department": department, "priority": label.priority}
