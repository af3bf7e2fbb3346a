"""The card of the duplicate part: what it was trained on, what it is worth, and what not."""

from pathlib import Path

from evaluation.duplicate_corpus import true_pairs
from models.duplicates.scorer import PART
from training.duplicates.config import DuplicateConfig
from training.duplicates.examples import Examples
from training.duplicates.measure import DuplicateFigures

CARD = f"{PART}/CARD.md"


def write_duplicate_card(folder: Path, config: DuplicateConfig, examples: Examples, figures: DuplicateFigures) -> None:
    """Write the card into a bundle."""
    chosen = figures.chosen
    rules = "\n".join(
        f"| {name}, true categories | {rule.precision:.3f} | {rule.recall:.3f} | {rule.f1:.3f} |"
        for name, rule in figures.rules.items()
    )
    curve = "\n".join(
        f"| {item.threshold:.2f} | {item.raw.precision:.3f} | {item.raw.recall:.3f} | {item.raw.f1:.3f} |"
        f" {item.adjusted.precision:.3f} | {item.adjusted.f1:.3f} |"
        for item in figures.curve
    )
    known = examples.scene_categories
    categories = (
        f"predicted categories of text networks that never saw the author either (right for {known.accuracy:.1%})"
        if known
        else "the text model's categories"
    )
    text = f"""# Duplicates

Says how likely two reports are about one fault, what speaks for it, and which cluster a report joins.

A pair network (decomposable attention over the states of layers {", ".join(map(str, config.layers))} of the text model)
compares two texts; an additive model weighs its answer with distance, time, category, words and numbers, so that
every probability is a sum of named contributions.

## Data

{len(examples.scenes)} invented reports in scenes of Dijon by {len({scene.hand for scene in examples.scenes})} authors
({len(true_pairs(examples.scenes))} duplicate pairs), `datasets/duplicates`, and {len(examples.cases)} links made by
staff of a real city (Boston 311, 2016–2018; none of its rows is here). Unlinked reports of that city are not proven
unique, so the links measure who is found, never who is wrongly found.

## Figures

On authors left out of training ({config.folds} groups), {categories},
clusters grown in the order of time:

| | precision | recall | F1 of pairs |
| --- | --- | --- | --- |
| this part at {chosen.threshold:.2f} | {chosen.raw.precision:.3f} | {chosen.raw.recall:.3f} | {chosen.raw.f1:.3f} |
{rules}

The corpus was written to be hard: it has several times more near pairs of one category and two faults than duplicates.
Counted as if there were as many of them as duplicates: precision {chosen.adjusted.precision:.3f},
F1 {chosen.adjusted.f1:.3f}, expected calibration error {figures.calibration_error:.3f}.

| threshold | precision | recall | F1 | precision, adjusted | F1, adjusted |
| --- | --- | --- | --- | --- | --- |
{curve}

Links of the real city, cases left out: original first {figures.first:.3f}, among five {figures.first_five:.3f}
(nearest of the same service: {figures.nearest_first:.3f} and {figures.nearest_five:.3f}).

## Limits

Invented reports are no real ones; the weights of photos were not learned on pairs of one fault; languages other than
French and English were hardly seen.
"""
    (folder / CARD).write_text(text, encoding="utf-8")
