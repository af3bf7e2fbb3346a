"""`triage duplicates`: pairs of clusters, or candidates, of a file of alerts, whatever a line holds."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.bundle import MANIFEST, TAXONOMY, load_bundle, write_manifest
from models.duplicates.scorer import DESCRIPTION
from triage.taxonomy import taxonomy_digest

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]
Answered = tuple["subprocess.CompletedProcess[str]", list[dict[str, Any]]]
Find = Callable[..., Answered]

# Without these two the command ends with a traceback, of which a test below tells.
WINDOW = ("--before", "30d", "--after", "2d")
NEAR, FAR = 0.982, 0.018


@pytest.fixture(scope="module")
def near_bundle(tmp_path_factory: pytest.TempPathFactory, duplicate_bundle: Path) -> Path:
    """A real bundle whose weights a test can reckon with: who stands within 30 m is a duplicate, nobody an area."""
    folder = Path(shutil.copytree(duplicate_bundle, tmp_path_factory.mktemp("near") / "bundle"))
    described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    weights = {"intercept": 0.0, "terms": [{"measures": ["distance"], "edges": [[30.0]], "scores": [0.0, 4.0, -4.0]}]}
    described |= {"pairs": weights, "ranking": weights, "threshold": 0.6}
    described["area"]["bias"] = -1000.0
    (folder / DESCRIPTION).write_text(json.dumps(described), encoding="utf-8")
    fields = load_bundle(duplicate_bundle).manifest.model_dump(exclude={"format_version", "files"})
    (folder / MANIFEST).unlink()
    write_manifest(folder, **(fields | {"taxonomy_sha256": taxonomy_digest(folder / TAXONOMY)}))
    return folder


@pytest.fixture
def find(triage: RunTriage, tmp_path: Path, near_bundle: Path) -> Find:
    """Writes lines to a file, looks for duplicates among them, and reads the answers."""

    def run(*lines: bytes, options: tuple[str, ...] = (), bundle: Path = near_bundle, **settings: str) -> Answered:
        source, target = tmp_path / "alerts" / "in.jsonl", tmp_path / "out.jsonl"
        source.parent.mkdir(exist_ok=True)
        source.write_bytes(b"\n".join(lines) + b"\n")
        arguments = ("--input", source, "--output", target, "--bundle", bundle, *WINDOW, *options)
        done = triage("duplicates", *arguments, **settings)
        assert "Traceback" not in done.stderr, done.stderr
        found = target.read_bytes().splitlines() if target.exists() else []
        return done, [json.loads(line) for line in found]

    return run


def alert(name: str, minute: int = 0, north_m: float = 0, text: str = "lampadaire éteint", **fields: Any) -> bytes:
    """A lamp in rue Monge in the evening of 3 February."""
    place = {"lat": 47.3208 + north_m / 111_195, "lon": 5.0352}
    moment = {"created_at": f"2026-02-03T18:{minute:02}:00+01:00"}
    return json.dumps({"id": name, "text": text, **place, **moment, **fields}).encode()


def pair(later: str, earlier: str, probability: float = NEAR) -> dict[str, Any]:
    return {"id": later, "duplicate_of": earlier, "probability": probability}


# Pairs


def test_every_pair_of_every_cluster_is_written_the_later_first_whatever_the_order_of_lines(find: Find) -> None:
    done, answers = find(alert("c", 30), alert("a", 10), alert("far", 40, 90), alert("b", 20, 5))
    assert done.returncode == 0, done.stderr
    assert answers == [pair("b", "a"), pair("c", "a"), pair("c", "b")]
    assert "3 pairs and 0 error lines" in done.stderr
    assert done.stdout == ""


def test_a_threshold_of_0_writes_every_pair_that_was_scored(find: Find) -> None:
    lines = alert("a", 10), alert("b", 20, 5), alert("far", 40, 90), alert("out of reach", 50, 900)
    _, answers = find(*lines, options=("--threshold", "0"))
    key = lambda row: (row["id"], row["duplicate_of"])  # noqa: E731 - used twice, here
    expected = [pair("b", "a"), pair("far", "a", FAR), pair("far", "b", FAR)]
    assert sorted(answers, key=key) == sorted(expected, key=key)


@pytest.mark.parametrize(("threshold", "pairs"), [("0.99", 0), ("0.98", 1), ("0.01", 3), ("1", 0)])
def test_a_threshold_of_ones_own_decides(find: Find, threshold: str, pairs: int) -> None:
    lines = alert("a", 10), alert("b", 20, 5), alert("far", 40, 90)
    done, answers = find(*lines, options=("--threshold", threshold))
    assert (done.returncode, len(answers)) == (0, pairs)


def test_alerts_that_callers_gave_two_categories_are_not_compared(find: Find) -> None:
    lines = alert("a", 1, category_hint="Lamps"), alert("b", 2, category_hint="Roads"), alert("c", 3)
    _, answers = find(*lines, options=("--threshold", "0"))
    assert {frozenset((row["id"], row["duplicate_of"])) for row in answers} == {
        frozenset("ca"),
        frozenset("cb"),
    }


def test_an_alert_without_a_place_is_never_a_duplicate(find: Find) -> None:
    nowhere = json.dumps({"id": "nowhere", "text": "lampadaire éteint"}).encode()
    done, answers = find(alert("a"), nowhere, alert("b", 1))
    assert (done.returncode, answers) == (0, [pair("b", "a")])


def test_alerts_without_a_time_were_made_now(find: Find) -> None:
    done, answers = find(alert("a", created_at=None), alert("b", created_at=None), alert("months ago", 1))
    assert done.returncode == 0
    assert [{row["id"], row["duplicate_of"]} for row in answers] == [{"a", "b"}]


def test_a_city_can_switch_a_category_off(find: Find, tmp_path: Path, near_bundle: Path) -> None:
    rules = (near_bundle / "duplicates" / "rules.yaml").read_text(encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(rules.replace("radius_m: 200", "radius_m: 0"), encoding="utf-8")
    options = ("--threshold", "0")
    _, answers = find(alert("a"), alert("b", 1), options=options, duplicate_rules=str(tmp_path / "rules.yaml"))
    assert answers == []


def test_an_empty_file_is_no_error(find: Find) -> None:
    done, answers = find(b"")
    assert (done.returncode, answers) == (0, [])


# Bad lines


def test_bad_lines_and_repeated_ids_become_error_lines_and_the_status_is_1(find: Find) -> None:
    done, answers = find(
        alert("a"),
        b"not JSON",
        alert("b", 1),
        alert("a", 2),
        alert("half a place", lon=None),
        alert("no words", text="!!!"),
        b'{"id": "latin-1", "text": "caf\xe9"}',
        b"",
    )
    assert done.returncode == 1
    assert "1 pairs and 5 error lines" in done.stderr
    errors = [row for row in answers if "error" in row]
    assert [row["id"] for row in errors] == [None, "a", "half a place", "no words", None]
    assert all(row["error"]["code"] and row["error"]["message"] for row in errors)
    assert "earlier line" in errors[1]["error"]["message"]
    assert answers[len(errors) :] == [pair("b", "a")]


def test_a_file_of_bad_lines_alone_has_no_pairs(find: Find) -> None:
    done, answers = find(b"[]", b"{}")
    assert done.returncode == 1
    assert all("error" in row for row in answers)


# Candidates


def test_candidates_of_every_alert_are_written_in_the_order_of_the_file(find: Find) -> None:
    lines = alert("c", 30, 100), alert("a", 10), alert("alone", 0, 5_000), alert("b", 20, 5)
    done, answers = find(*lines, options=("--rank", "5"))
    assert done.returncode == 0, done.stderr
    assert [row["id"] for row in answers] == ["c", "a", "alone", "b"]
    found = {row["id"]: [(item["id"], item["probability"]) for item in row["candidates"]] for row in answers}
    assert found["b"] == [("a", NEAR), ("c", FAR)]
    assert (found["alone"], {name for name, _ in found["c"]}) == ([], {"a", "b"})
    assert "4 ranked alerts and 0 error lines" in done.stderr


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), {"day before", "hour before", "hour after", "at 150 m"}),
        (("--after", "0h"), {"day before", "hour before", "at 150 m"}),
        (("--before", "2h"), {"hour before", "hour after", "at 150 m"}),
        (("--before", "0d", "--after", "1h"), {"hour after"}),
        (("--radius", "100"), {"day before", "hour before", "hour after"}),
        (("--radius", "0"), set()),
    ],
)
def test_the_window_says_who_is_a_candidate(find: Find, options: tuple[str, ...], expected: set[str]) -> None:
    lines = (
        alert("new"),
        alert("day before", created_at="2026-02-02T18:00:00+01:00"),
        alert("hour before", created_at="2026-02-03T17:00:00+01:00"),
        alert("hour after", created_at="2026-02-03T19:00:00+01:00"),
        alert("at 150 m", north_m=150, created_at="2026-02-03T17:30:00+01:00"),
        alert("month before", created_at="2026-01-02T18:00:00+01:00"),
    )
    _, answers = find(*lines, options=("--rank", "9", *options))
    assert {item["id"] for item in answers[0]["candidates"]} == expected


def test_no_more_candidates_are_written_than_asked_for(find: Find) -> None:
    _, answers = find(*(alert(str(number), number) for number in range(6)), options=("--rank", "2"))
    assert {len(row["candidates"]) for row in answers} == {2}


def test_candidates_have_the_category_that_the_caller_named(find: Find) -> None:
    lines = (
        alert("a", 1, category_hint="Lamps"),
        alert("b", 2, category_hint="Roads"),
        alert("c", 3, category_hint="Lamps"),
    )
    _, answers = find(*lines, options=("--rank", "5"))
    assert [[item["id"] for item in row["candidates"]] for row in answers] == [["c"], [], ["a"]]


def test_a_bad_line_has_no_rank(find: Find) -> None:
    done, answers = find(b"not JSON", alert("a"), options=("--rank", "5"))
    assert done.returncode == 1
    assert [("error" in row, row["id"]) for row in answers] == [(True, None), (False, "a")]


# What cannot be done


@pytest.mark.parametrize(
    "options",
    [
        ("--before", "30"),
        ("--before", "-1d"),
        ("--after", "d"),
        ("--after", "1w"),
        ("--before", "99999d"),
        ("--rank", "201"),
    ],
)
def test_a_wrong_option_is_a_usage_error(find: Find, options: tuple[str, ...]) -> None:
    done, answers = find(alert("a"), options=("--rank", "5", *options))
    assert (done.returncode, answers) == (2, [])
    assert "Usage" in done.stderr


def test_a_bundle_without_the_part_is_told_what_to_train(find: Find, bundle_without_duplicates: Path) -> None:
    done, answers = find(alert("a"), bundle=bundle_without_duplicates)
    assert (done.returncode, answers) == (2, [])
    [line] = done.stderr.splitlines()
    assert line.endswith("has no duplicate part; run: triage train duplicates")


def test_the_input_is_not_overwritten(triage: RunTriage, tmp_path: Path, near_bundle: Path, sentence: Sentence) -> None:
    (tmp_path / "in.jsonl").write_bytes(alert("a"))
    files = ("--input", "in.jsonl", "--output", "in.jsonl", "--bundle", near_bundle, *WINDOW)
    assert "would overwrite the input" in sentence(triage("duplicates", *files))
    assert (tmp_path / "in.jsonl").read_bytes() == alert("a")


def test_a_folder_that_is_not_there_is_told(
    triage: RunTriage, tmp_path: Path, near_bundle: Path, sentence: Sentence
) -> None:
    (tmp_path / "in.jsonl").write_bytes(alert("a"))
    files = ("--input", "in.jsonl", "--output", "none/out.jsonl", "--bundle", near_bundle, *WINDOW)
    assert "does not exist; make it first" in sentence(triage("duplicates", *files))


def test_the_windows_may_be_left_out(triage: RunTriage, tmp_path: Path, near_bundle: Path) -> None:
    (tmp_path / "in.jsonl").write_bytes(alert("a") + b"\n" + alert("b", 1))
    done = triage("duplicates", "--input", "in.jsonl", "--output", "out.jsonl", "--bundle", near_bundle)
    assert done.returncode == 0
    assert json.loads((tmp_path / "out.jsonl").read_text()) == pair("b", "a")


def test_an_alert_from_the_beginning_of_the_calendar_ends_nothing(find: Find) -> None:
    done, answers = find(alert("old", created_at="0001-01-05T00:00:00Z"), alert("a"), alert("b", 1))
    assert (done.returncode, answers) == (0, [pair("b", "a")])
