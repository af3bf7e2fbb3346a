"""Real reports: texts from a folder outside, labels by key, and nothing of one in the other."""

import csv
import gzip
import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from evaluation.real_reports import CITIES, labelled_reports, report_key, unlabelled_reports
from triage.corpus import LabelledAlert, Split
from triage.errors import InvalidCorpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

HEADER = ("key", "category", "department", "priority", "split")
LAMP = ("eclairage_public", "eclairage", "normale")
HOLE = ("voirie", "voirie", "haute")
FILES = {city.name: city.file for city in CITIES}

KONSTANZ = [
    ("id", "text", "responsible_ascii"),
    ("2972", "Schleyerweg Lampe\nNr. 7  defekt", "Stadtwerke"),
    ("2973", "Zwei Schlaglöcher, Rückfragen 06 39 98 12 12", "TBK"),
    ("2974", "kurz", "TBK"),  # shorter than a report can be
    ("2975", "Müll am Ufer, ruft 06 39 98 70 33 an", "TBK"),
]
BOSTON = [
    ("service_request_id", "service_name", "description"),
    ("101", "Street Lights", "Street light out on Weld St"),
    *((str(number), "Other", f"Broken bench number {number}") for number in range(200, 240)),
]
PARIS = [
    ("type", "soustype", "code_postal"),
    ("Voirie et espace public", "Affaissement, trou, bosse", "75012"),
    ("Voirie et espace public", "Affaissement, trou, bosse", "75001"),
    ("Propreté", "Épanchement d'urine", "75001"),
]
HOLE_IN_PARIS = "Voirie et espace public : Affaissement, trou, bosse"


def write(path: Path, lines: Iterable[Sequence[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    for city, lines in (("konstanz", KONSTANZ), ("boston", BOSTON), ("paris", PARIS)):
        write(folder / FILES[city], lines)
    return folder


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    folder = tmp_path / "labels"
    folder.mkdir()
    write(folder / "konstanz.csv", [HEADER, ("2973", *HOLE, "test"), ("2972", *LAMP, "train")])
    write(folder / "boston.csv", [HEADER, ("101", *LAMP, "train")])
    write(folder / "paris.csv", [HEADER, (report_key(HOLE_IN_PARIS), *HOLE, "test")])
    return folder


@pytest.fixture
def rows(reports: Path, labels: Path, taxonomy: Taxonomy) -> dict[str, LabelledAlert]:
    return {row.id: row for row in labelled_reports(reports, taxonomy, labels)}


def test_every_labelled_report_is_read_once_under_its_citys_name(rows: dict[str, LabelledAlert]) -> None:
    assert list(rows) == ["konstanz-2973", "konstanz-2972", "boston-101", f"paris-{report_key(HOLE_IN_PARIS)}"]


def test_each_city_writes_in_its_language(rows: dict[str, LabelledAlert]) -> None:
    assert [row.lang for row in rows.values()] == ["de", "de", "en", "fr"]


def test_labels_and_splits_are_those_of_the_label_file(rows: dict[str, LabelledAlert]) -> None:
    hole = rows["konstanz-2973"]
    assert (hole.category, hole.department, hole.priority) == HOLE
    assert {row.id for row in rows.values() if row.split is Split.TRAIN} == {"konstanz-2972", "boston-101"}


def test_a_text_is_one_line_and_a_phrase_joins_its_two_columns(rows: dict[str, LabelledAlert]) -> None:
    assert rows["konstanz-2972"].text == "Schleyerweg Lampe Nr. 7 defekt"
    assert rows[f"paris-{report_key(HOLE_IN_PARIS)}"].text == HOLE_IN_PARIS


def test_a_key_is_the_start_of_the_digest_of_the_text() -> None:
    # echo -n "abc" | sha256sum
    assert report_key("abc") == "ba7816bf8f01cfea"


def test_reports_without_labels_are_those_that_no_file_names(reports: Path, labels: Path) -> None:
    found = unlabelled_reports(reports, 100, 13, labels)
    expected = {"Müll am Ufer, ruft <TEL> an", "Propreté : Épanchement d'urine", *(line[2] for line in BOSTON[2:])}
    assert len(found) == len(expected) == 42
    assert set(found) == expected


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize(
    "text",
    ["Zwei Schlaglöcher, Rückfragen 06 39 98 12 12", "Zwei  Schlaglöcher,\nRückfragen 06 39 98 12 12 "],
    ids=["the_same", "other_spaces"],
)
def test_the_text_of_a_labelled_report_is_not_drawn_under_another_number(
    text: str, split: str, reports: Path, labels: Path, taxonomy: Taxonomy
) -> None:
    write(reports / FILES["konstanz"], [*KONSTANZ, ("3001", text, "TBK"), ("3002", "Neue Bank fehlt", "TBK")])
    write(labels / "konstanz.csv", [HEADER, ("2973", *HOLE, split), ("2972", *LAMP, "train")])
    drawn = unlabelled_reports(reports, 100, 13, labels)
    assert "Neue Bank fehlt" in drawn
    assert not {row.masked_text for row in labelled_reports(reports, taxonomy, labels)} & set(drawn)


def test_the_text_of_a_labelled_report_is_not_drawn_where_it_came_before_it(reports: Path, labels: Path) -> None:
    write(reports / FILES["boston"], [BOSTON[0], ("7", "Other", BOSTON[1][2]), *BOSTON[1:]])
    assert BOSTON[1][2] not in unlabelled_reports(reports, 100, 13, labels)


def test_a_text_that_came_under_two_numbers_is_drawn_once(reports: Path, labels: Path) -> None:
    write(reports / FILES["boston"], [*BOSTON, ("900", "Other", BOSTON[2][2])])
    assert unlabelled_reports(reports, 100, 13, labels).count(BOSTON[2][2]) == 1


def test_a_number_bounds_each_city_alone(reports: Path, labels: Path) -> None:
    found = unlabelled_reports(reports, 5, 13, labels)
    assert sum(text.startswith("Broken bench") for text in found) == 5
    assert len(found) == 1 + 5 + 1


def test_the_draw_repeats_with_its_seed(reports: Path, labels: Path) -> None:
    drawn = unlabelled_reports(reports, 5, 13, labels)
    assert drawn == unlabelled_reports(reports, 5, 13, labels)
    assert drawn != unlabelled_reports(reports, 5, 14, labels)


def test_personal_data_is_masked_before_anything_is_learnt(
    reports: Path, labels: Path, rows: dict[str, LabelledAlert]
) -> None:
    assert rows["konstanz-2973"].masked_text == "Zwei Schlaglöcher, Rückfragen <TEL>"
    assert not any("06 39" in text for text in unlabelled_reports(reports, 100, 13, labels))


# What is refused


def refusal(reports: Path, taxonomy: Taxonomy, labels: Path) -> str:
    with pytest.raises(InvalidCorpus) as caught:
        labelled_reports(reports, taxonomy, labels)
    return caught.value.message


@pytest.mark.parametrize("city", FILES)
def test_a_missing_file_of_reports_says_what_to_do(city: str, reports: Path, labels: Path, taxonomy: Taxonomy) -> None:
    (reports / FILES[city]).unlink()
    message = refusal(reports, taxonomy, labels)
    assert FILES[city] in message
    assert "Name the folder that holds them, or set `reports` to null." in message
    with pytest.raises(InvalidCorpus, match="Name the folder that holds them"):
        unlabelled_reports(reports, 5, 13, labels)


def test_what_is_no_compressed_file_is_refused(reports: Path, labels: Path, taxonomy: Taxonomy) -> None:
    (reports / FILES["paris"]).write_text("type,soustype\n", encoding="utf-8")
    assert "cannot be read" in refusal(reports, taxonomy, labels)


def test_a_missing_label_file_is_named(reports: Path, labels: Path, taxonomy: Taxonomy) -> None:
    (labels / "boston.csv").unlink()
    assert refusal(reports, taxonomy, labels).startswith(f"The labels {labels / 'boston.csv'} cannot be read")


@pytest.mark.parametrize("key", ["9999", "2974"], ids=["unknown", "too_short"])
def test_a_label_without_its_report_is_named(key: str, reports: Path, labels: Path, taxonomy: Taxonomy) -> None:
    write(labels / "konstanz.csv", [HEADER, (key, *LAMP, "train")])
    message = refusal(reports, taxonomy, labels)
    assert message == (
        f"{labels / 'konstanz.csv'}: the report '{key}' is not in {reports / FILES['konstanz']}; remove its line."
    )


@pytest.mark.parametrize(
    ("codes", "said"),
    [
        (("lampes", "eclairage", "normale"), "'lampes' of '101' is no category of the taxonomy; mend it."),
        (("voirie", "mairie", "normale"), "'mairie' of '101' is no department of the taxonomy; mend it."),
        (("voirie", "voirie", "urgente"), "'urgente' of '101' is no priority of the taxonomy; mend it."),
    ],
    ids=["category", "department", "priority"],
)
def test_a_label_beyond_the_taxonomy_is_named(
    codes: tuple[str, str, str], said: str, reports: Path, labels: Path, taxonomy: Taxonomy
) -> None:
    write(labels / "boston.csv", [HEADER, ("101", *codes, "train")])
    assert refusal(reports, taxonomy, labels) == f"{labels / 'boston.csv'}: {said}"


@pytest.mark.parametrize(
    ("line", "field"),
    [(("101", *LAMP, "trial"), "split"), (("101", *LAMP[:2]), "priority"), (("101", *LAMP), "split")],
    ids=["unknown_split", "no_priority", "no_split"],
)
def test_a_line_that_is_no_label_names_its_file_and_report_and_is_to_be_mended(
    line: tuple[str, ...], field: str, reports: Path, labels: Path, taxonomy: Taxonomy
) -> None:
    write(labels / "boston.csv", [HEADER, line])
    message = refusal(reports, taxonomy, labels)
    assert message.startswith(f"{labels / 'boston.csv'}: '101': {field}: Input should be ")
    assert message.endswith("; mend its line.")


def test_an_unknown_split_is_told_which_there_are(reports: Path, labels: Path, taxonomy: Taxonomy) -> None:
    write(labels / "boston.csv", [HEADER, ("101", *LAMP, "trial")])
    assert all(f"'{split}'" in refusal(reports, taxonomy, labels) for split in Split)


@pytest.mark.parametrize("header", [("id", *HEADER[1:]), ("Key", *HEADER[1:])], ids=["other_name", "capital"])
def test_labels_without_keys_are_told_where_the_columns_are_described(
    header: tuple[str, ...], reports: Path, labels: Path, taxonomy: Taxonomy
) -> None:
    write(labels / "paris.csv", [header, (report_key(HOLE_IN_PARIS), *HOLE, "test")])
    said = f"The labels {labels / 'paris.csv'} have no column 'key'; see datasets/real_reports/README.md."
    assert refusal(reports, taxonomy, labels) == said
    with pytest.raises(InvalidCorpus, match="have no column 'key'"):
        unlabelled_reports(reports, 5, 13, labels)
