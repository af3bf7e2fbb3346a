from collections.abc import Callable
from itertools import pairwise

import pytest

from training.corpus_checks import duplicates
from training.corpus_checks.duplicates import (
    Contradictions,
    LeaksBetweenSplits,
    NearDuplicates,
    retelling,
    retold,
    similar_pairs,
)
from triage.corpus import LabelledAlert
from triage.taxonomy import Taxonomy

MakeRow = Callable[..., LabelledAlert]

DIFFERENT = (
    "Le réverbère devant ma fenêtre clignote toute la nuit.",
    "Plus d'eau au robinet depuis ce matin, rue Monge.",
    "Un matelas et deux chaises cassées contre notre porche.",
    "À quelle heure ferme la piscine le dimanche ?",
)
SPLITS = ("train", "validation", "test", "train")
TOLD = "Affiches du cirque scotchées à chaque poteau de l'avenue, la date est passée depuis un mois."
TOLD_TWICE = "des affiches du cirque scotchees a chaque poteau de l avenue, date passee depuis un mois"
RETOLD = "Affiches du cirque scotchées à chaque poteau de l'avenue, elles partent en lambeaux sous la pluie."


def test_different_texts_pass(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(text) for text in DIFFERENT]
    assert NearDuplicates().find(rows, taxonomy) == []


def test_a_text_told_twice_without_accents_is_found_with_both_ids(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(TOLD), *(row(text) for text in DIFFERENT), row(TOLD_TWICE)]
    (message,) = NearDuplicates().find(rows, taxonomy)
    assert "r1 (train" in message
    assert "r6 (train" in message
    assert message.endswith("rewrite or remove one of them.")


def test_a_pair_across_splits_is_reported_as_a_leak_alone(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(TOLD), *(row(text) for text in DIFFERENT), row(TOLD_TWICE, split="test")]
    assert NearDuplicates().find(rows, taxonomy) == []
    (message,) = LeaksBetweenSplits().find(rows, taxonomy)
    assert "r1 (train" in message
    assert "r6 (test" in message


def test_different_texts_in_different_splits_pass(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row(text, split=split) for text, split in zip(DIFFERENT, SPLITS, strict=True)]
    assert LeaksBetweenSplits().find(rows, taxonomy) == []


def test_a_story_retold_is_a_leak_before_it_is_a_duplicate(row: MakeRow) -> None:
    others = [row(text) for text in DIFFERENT]
    (pair,) = similar_pairs([row(TOLD), row(RETOLD), *others], 0.3)
    assert LeaksBetweenSplits().threshold < pair.similarity < NearDuplicates().threshold


def test_dictated_texts_are_not_alike_for_their_commas(row: MakeRow) -> None:
    rows = [
        row("au feu virgule le couvercle est cassé virgule il penche virgule une roue tombe dedans"),
        row("ma poubelle marron virgule elle a perdu sa roue virgule le chat fait la fête virgule merci"),
        *(row(text) for text in DIFFERENT),
    ]
    assert similar_pairs(rows, 0.5) == []


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_blocks_of_any_size_find_the_same_pairs_in_the_same_order(
    row: MakeRow, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    rows = [row(text) for text in (TOLD, *DIFFERENT, TOLD_TWICE, RETOLD, TOLD)]
    expected = [(pair.first.id, pair.second.id) for pair in similar_pairs(rows, 0.3)]
    monkeypatch.setattr(duplicates, "_BLOCK", size)
    pairs = similar_pairs(rows, 0.3)
    assert [(pair.first.id, pair.second.id) for pair in pairs] == expected
    assert len(pairs) == 6  # the four texts of the circus, two by two
    assert all(first.similarity >= second.similarity for first, second in pairwise(pairs))


def test_an_empty_corpus_has_no_pairs() -> None:
    assert similar_pairs([], 0.5) == []


def test_equal_texts_with_equal_labels_do_not_contradict(row: MakeRow, taxonomy: Taxonomy) -> None:
    assert Contradictions().find([row("Bonjour !"), row("bonjour")], taxonomy) == []


def test_equal_texts_with_different_labels_are_named_with_their_labels(row: MakeRow, taxonomy: Taxonomy) -> None:
    rows = [row("Trou béant, rue Monge"), row("trou beant rue monge !!", priority="critique"), row("Merci")]
    (message,) = Contradictions().find(rows, taxonomy)
    assert message == (
        "Rows r1 and r2 have the same text but the priority basse and critique; keep the label that the guide asks for."
    )


def test_a_known_text_told_again_is_found_whatever_its_case_and_one_other_word(row: MakeRow) -> None:
    known = ["Le banc du quai Galliot penche, une latte a sauté hier soir", "Nid-de-poule rue de Gray"]
    again = row("LE BANC DU QUAI GALLIOT PENCHE UNE LATTE A SAUTE HIER MATIN", id="again")
    other = row("Le hibou du stade est mort accroché au grillage", id="other")
    assert retold([again, other], known) == [again]


def test_two_texts_of_few_words_are_retold_only_in_the_same_words(row: MakeRow) -> None:
    known = ["Das ist ein Test", "nid de poule, rue de Gray"]
    assert retold([row("test test 1 2", id="a")], known) == []
    assert [found.id for found in retold([row("Nid-de-poule rue de Gray !", id="b")], known)] == ["b"]


def test_what_is_alike_in_its_marks_of_personal_data_alone_is_not_retold(row: MakeRow) -> None:
    known = ["Camion <PLAQUE> garé devant la pharmacie, appelez <TEL> ou <EMAIL>"]
    text = "La moto AB-123-CD roule sur le trottoir, mon numéro 06 12 34 56 78, mon adresse a.b@c.fr"
    assert retold([row(text, id="a")], known) == []


def test_without_rows_or_texts_nothing_is_retold(row: MakeRow) -> None:
    assert retold([], ["Un texte"]) == retold([row("Un texte", id="a")], []) == []


def test_a_text_that_tells_a_held_out_one_is_found_even_where_it_is_short() -> None:
    texts = ["banc cassé au square", "Le hibou du stade est mort accroché au grillage", "Au square, banc cassé !"]
    assert retelling(texts, ["un banc cassé au square", *DIFFERENT]) == [True, False, True]


def test_nothing_tells_what_is_not_held_out() -> None:
    assert retelling(["banc cassé"], []) == [False]
    assert retelling([], ["banc cassé"]) == []
