"""What training reads: labels by number, texts without labels, and word salads of two kinds."""

import random
from collections.abc import Callable

from training.text.examples import (
    IGNORED,
    KNOWN,
    UNKNOWN,
    WordSalads,
    category_examples,
    labelled_examples,
    unlabelled_examples,
)
from triage.corpus import LabelledAlert, Split
from triage.taxonomy import HEADS, Taxonomy

Rows = list[LabelledAlert]


def test_labels_are_numbers_in_the_order_of_the_taxonomy(
    toy_rows: Callable[[Split, int], Rows], taxonomy: Taxonomy
) -> None:
    rows = toy_rows(Split.TRAIN, 6)
    for row, example in zip(rows, labelled_examples(rows, taxonomy), strict=True):
        assert {head: taxonomy.codes(head)[example.labels[head]] for head in HEADS} == {
            head: row.label(head) for head in HEADS
        }
        assert example.language == KNOWN


def test_personal_data_is_masked(taxonomy: Taxonomy, toy_rows: Callable[[Split, int], Rows]) -> None:
    row = toy_rows(Split.TRAIN, 1)[0].model_copy(update={"text": "lampe, appelez le 06 39 98 12 12"})
    assert labelled_examples([row], taxonomy)[0].text == "lampe, appelez le <TEL>"


def test_a_text_without_labels_has_none_for_any_head() -> None:
    [example] = unlabelled_examples(["Straßenlaterne aus"])
    assert set(example.labels.values()) == {IGNORED}


def test_of_a_text_with_its_category_alone_nothing_else_is_known(taxonomy: Taxonomy) -> None:
    [example] = category_examples([("lampe morte", "eclairage_public")], taxonomy, 0.5)
    assert example.labels == {
        "category": taxonomy.codes("category").index("eclairage_public"),
        "department": IGNORED,
        "priority": IGNORED,
    }
    assert (example.text, example.language, example.weight) == ("lampe morte", KNOWN, 0.5)


def test_salads_of_both_kinds_are_drawn_and_repeat_with_the_seed() -> None:
    salads = WordSalads()
    drawn = salads.draw(60, random.Random(1))
    assert drawn == salads.draw(60, random.Random(1))
    assert sum(example.language == KNOWN for example in drawn) == 20
    assert sum(example.language == UNKNOWN for example in drawn) == 40
    assert all(set(example.labels.values()) == {IGNORED} for example in drawn)
    assert all(len(example.text.split()) >= 3 for example in drawn)
