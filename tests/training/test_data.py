"""What a run learns from: nothing but what its configuration names, and nothing that is measured later."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from evaluation.real_reports import CITIES, labelled_reports, unlabelled_reports
from training.config import CorpusChoice, TextConfig
from training.data import TrainingData, read_training_data
from training.text.examples import IGNORED
from triage.corpus import LabelledAlert, Split
from triage.errors import InvalidCorpus
from triage.taxonomy import HEADS, Taxonomy

MakeCorpus = Callable[..., Path]
LABELS = {"category": "voirie", "department": "voirie", "priority": "normale"}


def scene(name: str, text: str, category: str = "voirie") -> str:
    place = {"lat": 47.32, "lon": 5.04, "created_at": "2026-02-03T12:00:00+01:00"}
    return json.dumps({"id": name, "text": text, "category": category, "fault": f"{name}/A", **place})


def row(name: str, split: Split, **changes: str) -> LabelledAlert:
    return LabelledAlert(**({"id": name, "text": f"trou numero {name}", **LABELS} | changes), split=split)


@pytest.fixture
def write(tmp_path: Path) -> MakeCorpus:
    def make(name: str, rows: Iterable[LabelledAlert]) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        lines = [line.model_dump_json() + "\n" for line in rows]
        (folder / "alerts.jsonl").write_text("".join(lines), encoding="utf-8")
        return folder

    return make


@pytest.fixture
def corpus(write: MakeCorpus) -> Path:
    return write("corpus", [row("a", Split.TRAIN), row("b", Split.TRAIN), *(row(s, s) for s in list(Split)[1:])])


@pytest.fixture
def config(smoke_config: TextConfig) -> TextConfig:
    return smoke_config


@pytest.fixture
def reports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two labelled reports of one city, one of them for testing, and two without labels."""
    folder, labels = tmp_path / "reports", tmp_path / "labels"
    folder.mkdir()
    labels.mkdir()
    for city in CITIES:
        columns = [*([city.number] if city.number else []), *city.text]
        (folder / city.file).write_bytes(gzip.compress(table([columns])))
        (labels / f"{city.name}.csv").write_bytes(table([("key", *HEADS, "split")]))
    (folder / CITIES[0].file).write_bytes(
        table([("id", "text"), *((str(number), f"Schlagloch Nummer {number}") for number in range(4))])
    )
    labelled = [(key, *LABELS.values(), split) for key, split in (("0", "train"), ("1", "test"))]
    (labels / f"{CITIES[0].name}.csv").write_bytes(table([("key", *HEADS, "split"), *labelled]))
    # Where labels lie is no choice of a run, so there is nothing to hand over.
    for read in (labelled_reports, unlabelled_reports):
        monkeypatch.setattr(f"training.data.{read.__name__}", partial(read, labels=labels))
    return folder


def table(lines: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue().encode()


@pytest.fixture
def scenes(tmp_path: Path) -> Path:
    """Three reports by two authors, one of which tells a row of the test split."""
    folder = tmp_path / "scenes"
    folder.mkdir()
    lines = [scene("s1", "lampe morte", "eclairage_public"), scene("s2", "trou numero test")]
    (folder / "hand_01.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "hand_02.jsonl").write_text(scene("s3", "rappelez le 06 39 98 12 12"), encoding="utf-8")
    return folder


def ids(rows: Iterable[LabelledAlert]) -> list[str]:
    return [row.id for row in rows]


def test_the_corpus_alone_is_read_where_nothing_else_is_named(
    config: TextConfig, corpus: Path, taxonomy: Taxonomy
) -> None:
    data = read_training_data(config, corpus, taxonomy)
    assert ids(data.corpus) == ["a", "b", "validation", "test"]
    assert data.others == {}
    assert data.texts == ()
    assert ids(data.train) == ["a", "b"]
    assert ids(data.split(Split.TEST)) == ["test"]


def test_further_corpora_add_their_train_rows_under_their_name(
    config: TextConfig, corpus: Path, write: MakeCorpus, taxonomy: Taxonomy
) -> None:
    first = write("other_cities", [row("c", Split.TRAIN), row("d", Split.TEST), row("e", Split.VALIDATION)])
    second = write("reviews", [row("f", Split.TRAIN)])
    corpora = (CorpusChoice(path=first), CorpusChoice(path=second))
    data = read_training_data(config.model_copy(update={"corpora": corpora}), corpus, taxonomy)
    assert {name: ids(rows) for name, rows in data.others.items()} == {
        first.as_posix(): ["c"],
        second.as_posix(): ["f"],
    }
    assert ids(data.train) == ["a", "b", "c", "f"]
    assert ids(data.split(Split.VALIDATION)) == ["validation"]


def test_fewer_rows_are_drawn_by_share_and_held_out_ones_apart_always_the_same(
    config: TextConfig, write: MakeCorpus, taxonomy: Taxonomy
) -> None:
    rows = [row(f"{split}-{number}", split) for split in Split for number in range(40)]
    other = write("other", [row(f"o{number}", Split.TRAIN) for number in range(20)])
    changes = {"corpora": (CorpusChoice(path=other),), "rows": 30, "held_out_rows": 12}
    corpus, chosen = write("corpus", rows), config.model_copy(update=changes)
    one, two = (read_training_data(chosen, corpus, taxonomy) for _ in range(2))
    assert [len(one.split(split)) for split in (Split.TRAIN, Split.VALIDATION, Split.TEST)] == [20, 12, 12]
    assert len(one.train) == 30
    assert one == two
    everything = config.model_copy(update=changes | {"rows": 1000, "held_out_rows": None})
    assert len(read_training_data(everything, corpus, taxonomy).train) == 60


def test_every_example_counts_as_much_as_the_weight_of_its_source(
    config: TextConfig, corpus: Path, reports: Path, write: MakeCorpus, taxonomy: Taxonomy
) -> None:
    other = write("other_cities", [row("c", Split.TRAIN)])
    changes = {"corpora": (CorpusChoice(path=other, weight=0.25),), "reports": reports, "reports_weight": 3.0}
    data = read_training_data(config.model_copy(update=changes), corpus, taxonomy)
    weights = {example.text: example.weight for example in data.examples(taxonomy)}
    assert weights["trou numero a"] == 1.0
    assert weights["trou numero c"] == 0.25
    assert sorted(weights.values())[-1] == 3.0


def test_of_real_reports_the_train_rows_are_learnt_from(
    config: TextConfig, corpus: Path, reports: Path, taxonomy: Taxonomy
) -> None:
    data = read_training_data(config.model_copy(update={"reports": reports}), corpus, taxonomy)
    assert {name: ids(rows) for name, rows in data.others.items()} == {"real_reports": ["konstanz-0"]}
    assert data.texts == ()


def test_reports_without_labels_are_read_where_a_number_is_given(
    config: TextConfig, corpus: Path, reports: Path, taxonomy: Taxonomy
) -> None:
    chosen = config.model_copy(update={"reports": reports, "unlabelled_reports": 50})
    data = read_training_data(chosen, corpus, taxonomy)
    assert sorted(data.texts) == ["Schlagloch Nummer 2", "Schlagloch Nummer 3"]


def test_a_number_of_unlabelled_reports_alone_reads_none(config: TextConfig, corpus: Path, taxonomy: Taxonomy) -> None:
    data = read_training_data(config.model_copy(update={"unlabelled_reports": 50}), corpus, taxonomy)
    assert data.texts == ()


def test_examples_are_train_rows_with_labels_then_texts_without(taxonomy: Taxonomy) -> None:
    others = {"other": (row("b", Split.TRAIN, text="appelez le 06 39 98 12 12"),)}
    data = TrainingData((row("a", Split.TRAIN), row("c", Split.TEST)), others, ("Laterne aus",))
    examples = data.examples(taxonomy)
    assert [example.text for example in examples] == ["trou numero a", "appelez le <TEL>", "Laterne aus"]
    assert [example.labels["category"] for example in examples] == [
        *[taxonomy.codes("category").index("voirie")] * 2,
        IGNORED,
    ]


def test_of_scenes_the_categories_are_learnt_but_not_of_those_that_tell_a_held_out_row(
    config: TextConfig, corpus: Path, scenes: Path, taxonomy: Taxonomy
) -> None:
    data = read_training_data(config.model_copy(update={"scenes": scenes, "scenes_weight": 0.5}), corpus, taxonomy)
    told = {example.text: example for example in data.examples(taxonomy)}
    assert set(told) == {"trou numero a", "trou numero b", "lampe morte", "rappelez le <TEL>"}
    labels = told["lampe morte"].labels
    assert labels["category"] == taxonomy.codes("category").index("eclairage_public")
    assert labels["department"] == labels["priority"] == IGNORED
    assert told["lampe morte"].weight == 0.5
    assert told["trou numero a"].weight == 1.0


def test_scenes_change_the_digest_and_none_leave_it_as_it_was(
    config: TextConfig, corpus: Path, scenes: Path, taxonomy: Taxonomy
) -> None:
    alone = read_training_data(config, corpus, taxonomy)
    data = read_training_data(config.model_copy(update={"scenes": scenes}), corpus, taxonomy)
    other = replace(data, scenes=(replace(data.scenes[0], category="graffiti"), *data.scenes[1:]))
    assert len({alone.digest(), data.digest(), other.digest()}) == 3
    assert replace(data, scenes=()).digest() == alone.digest()
    assert replace(data, scenes=data.scenes[::-1]).digest() == data.digest()


def test_fewer_rows_take_their_share_of_the_scenes(
    config: TextConfig, tmp_path: Path, taxonomy: Taxonomy, write: MakeCorpus
) -> None:
    rows = [row(f"{split}-{number}", split) for split in Split for number in range(40)]
    folder = tmp_path / "many"
    folder.mkdir()
    lines = [scene(f"s{number}", f"lampe {'xyzuvw'[number % 6] * (number + 2)}") for number in range(20)]
    (folder / "hand_01.jsonl").write_text("\n".join(lines), encoding="utf-8")
    chosen = config.model_copy(update={"scenes": folder, "rows": 10})
    data = read_training_data(chosen, write("large", rows), taxonomy)
    assert (len(data.train), len(data.scenes)) == (10, 5)


def test_a_scene_of_a_category_that_the_taxonomy_lacks_is_refused(
    config: TextConfig, corpus: Path, scenes: Path, taxonomy: Taxonomy
) -> None:
    (scenes / "hand_03.jsonl").write_text(scene("s4", "lampe", "inconnue"), encoding="utf-8")
    with pytest.raises(InvalidCorpus, match="the category 'inconnue', which is not in the taxonomy"):
        read_training_data(config.model_copy(update={"scenes": scenes}), corpus, taxonomy)


@pytest.mark.parametrize("missing", list(Split))
def test_a_corpus_without_one_of_the_splits_is_refused(
    config: TextConfig, write: MakeCorpus, taxonomy: Taxonomy, missing: Split
) -> None:
    corpus = write("corpus", [row(split, split) for split in Split if split is not missing])
    with pytest.raises(InvalidCorpus, match=f"corpus has no row in the split '{missing.value}'"):
        read_training_data(config, corpus, taxonomy)


def test_a_missing_further_corpus_is_named(
    config: TextConfig, corpus: Path, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    with pytest.raises(InvalidCorpus, match="nowhere cannot be read"):
        read_training_data(
            config.model_copy(update={"corpora": (CorpusChoice(path=tmp_path / "nowhere"),)}), corpus, taxonomy
        )


def test_a_further_corpus_needs_codes_of_the_taxonomy_too(
    config: TextConfig, corpus: Path, write: MakeCorpus, taxonomy: Taxonomy
) -> None:
    other = write("other", [row("c", Split.TRAIN, category="inconnue")])
    with pytest.raises(InvalidCorpus, match="the category 'inconnue' is not in the taxonomy"):
        read_training_data(config.model_copy(update={"corpora": (CorpusChoice(path=other),)}), corpus, taxonomy)


def test_missing_reports_say_how_to_do_without(
    config: TextConfig, corpus: Path, taxonomy: Taxonomy, tmp_path: Path
) -> None:
    with pytest.raises(InvalidCorpus, match="Name the folder that holds them, or set `reports` to null"):
        read_training_data(config.model_copy(update={"reports": tmp_path / "nowhere"}), corpus, taxonomy)
