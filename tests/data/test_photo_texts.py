"""The texts written for photos: sound by the guide, enough of each kind, and neither twice here nor in the corpus."""

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.corpus import LabelledAlert, Split, read_corpus
from triage.rules import load_rules
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy

DATASETS = PROJECT_ROOT / "datasets"
FOLDER = DATASETS / "photo_texts"
VAGUE, CLEAR_OTHER = FOLDER / "vague.jsonl", FOLDER / "clear_other.jsonl"
FIELDS = {"id", "text", *HEADS, "lang", "split"}
# Above this cosine of character 3- to 5-grams two short texts say the same in nearly the same words.
NEAR_DUPLICATE = 0.85

each_file = pytest.mark.parametrize("file", [VAGUE, CLEAR_OTHER], ids=lambda file: file.stem)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy(DATASETS / "taxonomy.yaml")


def lines_of(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]


def plain(text: str) -> str:
    """Letters and digits alone, in small letters and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


@each_file
def test_every_row_is_a_labelled_alert_in_the_taxonomy(file: Path, taxonomy: Taxonomy) -> None:
    rows = read_corpus(file, taxonomy)
    assert all(row.text == row.text.strip() for row in rows)
    extra = {"raised"} if file == VAGUE else set()
    assert all(line.keys() == FIELDS | extra for line in lines_of(file))


def test_ids_are_unique_over_both_files(taxonomy: Taxonomy) -> None:
    rows = [*read_corpus(VAGUE, taxonomy), *read_corpus(CLEAR_OTHER, taxonomy)]
    assert [name for name, count in Counter(row.id for row in rows).items() if count > 1] == []


def test_a_text_that_names_no_object_belongs_nowhere_and_can_wait(taxonomy: Taxonomy) -> None:
    """Guide, section 6: it is `autre`, `accueil`, `basse` until its photo says more."""
    expected = (taxonomy.fallback_category, taxonomy.fallback_department, taxonomy.codes("priority")[-1])
    assert {tuple(line[head] for head in HEADS) for line in lines_of(VAGUE)} == {expected}


def test_a_text_that_is_no_matter_of_the_city_is_so_whatever_its_photo_shows(taxonomy: Taxonomy) -> None:
    rules = load_rules(DATASETS / "department_rules.yaml", taxonomy)
    for line in lines_of(CLEAR_OTHER):
        assert line["category"] == taxonomy.fallback_category
        assert rules.allows(line["category"], line["department"], taxonomy), line


def test_there_are_enough_vague_texts_in_each_split_and_language() -> None:
    lines = lines_of(VAGUE)
    assert len(lines) >= 500
    splits = Counter(line["split"] for line in lines)
    assert set(splits) == set(Split)
    assert splits["train"] > splits["validation"] + splits["test"]
    assert min(splits.values()) >= 80
    languages = Counter(line["lang"] for line in lines)
    assert languages["fr"] > len(lines) / 2
    assert len(languages) >= 3


@pytest.mark.parametrize("split", list(Split))
def test_some_vague_texts_of_each_split_say_what_raises_a_priority_and_most_do_not(split: Split) -> None:
    raised = [line["raised"] for line in lines_of(VAGUE) if line["split"] == split]
    assert all(isinstance(value, bool) for value in raised)
    assert 0.1 < sum(raised) / len(raised) < 0.4


def test_vague_texts_are_short() -> None:
    lengths = sorted(len(line["text"].split()) for line in lines_of(VAGUE))
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[-1] <= 60


# Nothing twice


def test_no_text_is_in_either_file_twice() -> None:
    counts = Counter(plain(line["text"]) for file in (VAGUE, CLEAR_OTHER) for line in lines_of(file))
    assert [text for text, count in counts.items() if count > 1] == []


def test_no_text_is_one_of_the_corpus(taxonomy: Taxonomy) -> None:
    corpus = {plain(row.text): row.id for row in read_corpus(DATASETS / "corpus", taxonomy)}
    found = [
        f"{line['id']} is {corpus[plain(line['text'])]}: {line['text']}"
        for file in (VAGUE, CLEAR_OTHER)
        for line in lines_of(file)
        if plain(line["text"]) in corpus
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("split", [Split.VALIDATION, Split.TEST])
def test_no_held_out_text_is_nearly_one_that_was_learned(split: Split, taxonomy: Taxonomy) -> None:
    rows: list[LabelledAlert] = [*read_corpus(VAGUE, taxonomy), *read_corpus(CLEAR_OTHER, taxonomy)]
    learned = [row for row in rows if row.split is not split]
    held_out = [row for row in rows if row.split is split]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), strip_accents="unicode")
    vectors = vectorizer.fit_transform([row.text for row in (*learned, *held_out)])
    similar = (vectors[len(learned) :] @ vectors[: len(learned)].T).toarray()
    nearest = [learned[number] for number in similar.argmax(axis=1)]
    found = [
        f"{row.id} {row.text!r} is nearly {near.id} {near.text!r} ({cosine:.2f})"
        for row, near, cosine in zip(held_out, nearest, similar.max(axis=1), strict=True)
        if cosine >= NEAR_DUPLICATE
    ]
    assert not found, "\n".join(found)
