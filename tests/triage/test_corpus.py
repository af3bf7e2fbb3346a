"""The corpus: one labelled alert a line; a bad line is named by file and number."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.corpus import LabelledAlert, Split, corpus_digest, in_split, read_corpus
from triage.errors import InvalidCorpus
from triage.taxonomy import HEADS, Taxonomy, load_taxonomy

Read = Callable[[str | bytes], tuple[LabelledAlert, ...]]


def row(**fields: Any) -> dict[str, Any]:
    labels = {"category": "voirie", "department": "proprete", "priority": "haute"}
    return {"id": "r-1", "text": "Trou", **labels, **fields}


def line(**fields: Any) -> str:
    return json.dumps(row(**fields), ensure_ascii=False)


def labelled(**fields: Any) -> LabelledAlert:
    return LabelledAlert.model_validate_json(line(**fields))


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy(Path(__file__).parents[2] / "datasets" / "taxonomy.yaml")


@pytest.fixture
def read(tmp_path: Path, taxonomy: Taxonomy) -> Read:
    def read_text(content: str | bytes) -> tuple[LabelledAlert, ...]:
        path = tmp_path / "rows.jsonl"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_corpus(path, taxonomy)

    return read_text


def test_a_line_gives_a_text_with_a_label_for_each_head(read: Read) -> None:
    (found,) = read(line(lang="ar-Latn", split="train"))
    assert [found.label(head) for head in HEADS] == ["voirie", "proprete", "haute"]
    assert (found.text, found.lang, found.split) == ("Trou", "ar-Latn", Split.TRAIN)


def test_a_row_is_french_and_for_testing_unless_it_says_otherwise(read: Read) -> None:
    (found,) = read(line())
    assert (found.lang, found.split) == ("fr", Split.TEST)


def test_blank_lines_and_windows_line_ends_do_no_harm(read: Read) -> None:
    content = f"\n{line(id='a')}\r\n\r\n  \n{line(id='b')}"
    assert [item.id for item in read(content)] == ["a", "b"]


def test_fields_that_nobody_knows_are_ignored(read: Read) -> None:
    assert read(line(colour="red")) == read(line())


def test_a_folder_is_read_in_the_order_of_its_names(tmp_path: Path, taxonomy: Taxonomy) -> None:
    (tmp_path / "b.jsonl").write_text(line(id="2"), encoding="utf-8")
    (tmp_path / "a.jsonl").write_text(line(id="1"), encoding="utf-8")
    (tmp_path / "README.md").write_text("not a row", encoding="utf-8")
    assert [item.id for item in read_corpus(tmp_path, taxonomy)] == ["1", "2"]


def test_a_folder_without_rows_and_a_missing_file_are_refused_by_name(tmp_path: Path, taxonomy: Taxonomy) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(InvalidCorpus, match=path.name):
            read_corpus(path, taxonomy)


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        ("{", "the line"),
        ("null", "the line"),
        ("[" * 10_000, "the line"),
        ('{"id": "a"}', "text"),
        (line(text=""), "text"),
        (line(id=""), "id"),
        (line(id="a" * 201), "id"),
        (line(id=5), "id"),
        (line(split="dev"), "split"),
        (line(lang="français"), "lang"),
        (line(lang="fr\n"), "lang"),
        (line(category="trou"), "category 'trou'"),
        (line(department="voirie\n"), "department 'voirie\n'"),
        (line(priority="Haute"), "priority 'Haute'"),
        (line(priority=None), "priority"),
    ],
)
def test_a_bad_line_is_refused_by_file_number_and_field(read: Read, bad: str, told: str) -> None:
    with pytest.raises(InvalidCorpus) as caught:
        read(f"{line(id='r-0')}\n\n{bad}\n")
    assert "rows.jsonl, line 3: " in caught.value.message
    assert told in caught.value.message


def test_a_file_that_is_not_utf_8_is_refused_by_name(read: Read) -> None:
    with pytest.raises(InvalidCorpus, match=r"rows\.jsonl cannot be read"):
        read(line(text="d\xe9j\xe0").encode("latin-1"))


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\x85"])
def test_a_text_may_hold_a_unicode_line_separator(read: Read, character: str) -> None:
    (found,) = read(line(text=f"Trou{character}profond"))
    assert found.text == f"Trou{character}profond"


@pytest.mark.parametrize("split", ["train", "test"])
def test_an_id_that_comes_twice_is_refused(read: Read, split: str) -> None:
    with pytest.raises(InvalidCorpus, match=r"rows\.jsonl, line 3: the id 'r-1' is that of .*rows\.jsonl, line 1"):
        read(f"{line(split='train')}\n\n{line(text='Autre trou', split=split)}\n")


def test_an_id_that_comes_in_two_files_is_refused_with_both(tmp_path: Path, taxonomy: Taxonomy) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(line(), encoding="utf-8")
    with pytest.raises(InvalidCorpus, match=r"b\.jsonl, line 1: .*a\.jsonl, line 1"):
        read_corpus(tmp_path, taxonomy)


def test_a_file_may_start_with_a_byte_order_mark(read: Read) -> None:
    assert read(b"\xef\xbb\xbf" + line().encode()) == read(line())


def test_models_see_the_text_as_they_see_that_of_an_alert() -> None:
    assert labelled(text=" \u202aE\u0301clairage\u202c ").masked_text == "Éclairage"


def test_rows_of_one_split_keep_their_order() -> None:
    rows = [labelled(id=str(number), split="train" if number % 2 else "test") for number in range(6)]
    assert [item.id for item in in_split(rows, Split.TRAIN)] == ["1", "3", "5"]
    assert in_split(rows, Split.VALIDATION) == ()


@settings(max_examples=50, deadline=None)
@given(st.permutations([labelled(id=name) for name in ("a", "b", "é", "É", "10", "9")]))
def test_the_digest_does_not_depend_on_the_order_of_the_rows(rows: list[LabelledAlert]) -> None:
    assert corpus_digest(rows) == corpus_digest(sorted(rows, key=lambda item: item.id, reverse=True))


def test_the_digest_does_not_depend_on_the_order_of_rows_with_one_id() -> None:
    rows = (labelled(text="Trou"), labelled(text="Bosse"))
    assert corpus_digest(rows) == corpus_digest(rows[::-1])


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Trous"},
        {"category": "graffiti"},
        {"priority": "basse"},
        {"lang": "en"},
        {"split": "train"},
        {"id": "r-2"},
    ],
)
def test_the_digest_changes_with_every_field(change: dict[str, str]) -> None:
    assert corpus_digest([labelled()]) != corpus_digest([labelled(**change)])


def test_the_digest_tells_one_row_from_the_same_row_twice_and_from_none() -> None:
    assert len({corpus_digest([]), corpus_digest([labelled()]), corpus_digest([labelled(), labelled()])}) == 3
