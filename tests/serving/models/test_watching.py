"""A running service and its folder of models: who takes over, who is refused, and what stays."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from models.folder import CHAMPION, ModelFolder
from serving.models.changes import RETRY_S
from serving.models.watching import ModelWatch
from tests.serving.models.conftest import MadeBundle, Watched
from triage.errors import InvalidBundle


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The lines that were logged since the last call."""
    caplog.set_level(logging.INFO, "triage.serving")

    def lines() -> list[str]:
        found = [f"{record.levelname} {record.getMessage()}" for record in caplog.records]
        caplog.clear()
        return found

    return lines


def test_without_a_champion_the_first_bundle_goes_on(watched: Watched) -> None:
    assert watched.look() == "first"
    assert watched.loaded == []


def test_a_new_champion_takes_over(watched: Watched, made: MadeBundle, log: Callable[[], list[str]]) -> None:
    watched.promote(made("second"))
    before = watched.runtime.engine
    assert watched.look() == "second"
    after = watched.runtime.engine
    assert before is not None
    assert after is not None
    assert after.desk.bundle_sha256 == after.bundle.sha256 != before.bundle.sha256
    assert after.bundle.folder == watched.models.path / "second"
    assert (after.door, after.batcher.queue, after.staff) == (before.door, before.batcher.queue, before.staff)
    assert watched.metric("triage_model_swaps_total 1.0")
    assert watched.metric('triage_model_info{name="ondijon-triage",version="second"} 1.0')
    [line] = log()
    assert line.startswith("INFO bundle second (")
    assert "after first (" in line


def test_a_champion_that_answers_already_is_not_loaded_again(watched: Watched, made: MadeBundle) -> None:
    watched.promote(made("second"))
    assert [watched.look() for _ in range(3)] == ["second"] * 3
    assert watched.loaded == ["second"]


def test_a_service_that_started_with_the_champion_loads_nothing(watched: Watched, tmp_path: Path) -> None:
    watched.promote(tmp_path / "bundles" / "first")
    assert watched.look() == "first"
    assert watched.loaded == []
    assert not watched.metric("triage_model_swaps_total 1.0")


def test_a_rollback_swaps_at_once_without_loading(watched: Watched, made: MadeBundle) -> None:
    for version in ("second", "third"):
        watched.promote(made(version))
        watched.look()
    watched.models.rollback(by="bob")
    assert watched.look() == "second"
    watched.promote(made("fourth"))
    assert watched.look() == "fourth"
    assert watched.loaded == ["second", "third", "fourth"]


def test_a_rollback_works_though_the_files_of_the_one_before_are_gone(watched: Watched, made: MadeBundle) -> None:
    """What is in memory was proved when it was loaded."""
    for version in ("second", "third"):
        watched.promote(made(version))
        watched.look()
    watched.models.rollback(by="bob")
    (watched.models.path / "second" / "text" / "model.onnx").unlink()
    assert watched.look() == "second"


def test_a_corrupt_bundle_is_refused_with_one_line(
    watched: Watched, made: MadeBundle, log: Callable[[], list[str]]
) -> None:
    watched.promote(made("second"))
    (watched.models.path / "second" / "text" / "model.onnx").write_bytes(b"?")
    assert [watched.look() for _ in range(3)] == ["first"] * 3
    [line] = log()
    assert line.startswith("ERROR the new champion is refused, the service goes on without it: ")
    assert "model.onnx" in line
    assert "\n" not in line
    assert watched.metric('triage_model_refusals_total{role="champion"} 1.0')
    assert watched.loaded == []


def test_another_bundle_than_was_promoted_is_refused(
    watched: Watched, made: MadeBundle, log: Callable[[], list[str]]
) -> None:
    watched.promote(made("second"))
    champion = watched.models.path / CHAMPION
    digest = watched.models.champion().bundle_sha256  # type: ignore[union-attr]
    champion.write_text(champion.read_text().replace(digest, "f" * 64))
    assert watched.look() == "first"
    assert "is not the one that was put there" in log()[0]


def test_a_bundle_that_does_not_reproduce_its_golden_answers_is_refused(
    watched: Watched, made: MadeBundle, log: Callable[[], list[str]]
) -> None:
    watched.broken["second"] = InvalidBundle("The golden text 0 is answered otherwise.")
    watched.promote(made("second"))
    assert watched.look() == "first"
    assert log()[0].endswith("The golden text 0 is answered otherwise.")


def test_an_error_that_nobody_thought_of_stops_neither_the_service_nor_the_looks(
    watched: Watched, made: MadeBundle, log: Callable[[], list[str]]
) -> None:
    watched.broken["second"] = MemoryError("a resident's words")
    watched.promote(made("second"))
    assert watched.look() == "first"
    assert log() == [
        "ERROR the new champion is refused, the service goes on without it: It cannot be loaded (MemoryError)."
    ]
    watched.promote(made("third"))
    assert watched.look() == "third"


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": "../first"}', "\x00" * 100_000])
def test_a_file_that_names_nothing_is_refused(watched: Watched, log: Callable[[], list[str]], content: str) -> None:
    watched.models.path.mkdir()
    (watched.models.path / CHAMPION).write_text(content)
    assert watched.look() == "first"
    assert "names no model" in log()[0]


def test_what_was_refused_is_tried_again_now_and_then_and_taken_once_mended(
    watched: Watched, made: MadeBundle, log: Callable[[], list[str]]
) -> None:
    watched.promote(made("second"))
    model = watched.models.path / "second" / "text" / "model.onnx"
    whole = model.read_bytes()
    model.write_bytes(b"?")
    assert watched.look() == "first"
    watched.now += RETRY_S
    assert watched.look() == "first"
    assert len(log()) == 1, "a refusal is told once"
    assert watched.metric('triage_model_refusals_total{role="champion"} 1.0')
    model.write_bytes(whole)
    assert watched.look() == "first", "not before its time"
    watched.now += RETRY_S
    assert watched.look() == "second"


def test_a_champion_that_is_gone_changes_nothing(watched: Watched, made: MadeBundle) -> None:
    watched.promote(made("second"))
    watched.look()
    (watched.models.path / CHAMPION).unlink()
    assert watched.look() == "second"


def test_two_bundles_stay_in_memory_and_no_third(watched: Watched, made: MadeBundle) -> None:
    engines = [watched.runtime.engine]
    for version in ("second", "third"):
        watched.promote(made(version))
        watched.look()
        engines.append(watched.runtime.engine)
    kept = [value for name, value in vars(watched.watch).items() if name == "_previous"]
    assert kept == [engines[1]]


def test_a_category_that_the_one_before_lacks_makes_a_rollback_load_it_again(
    watched: Watched, made: MadeBundle
) -> None:
    """Its words were its own; alerts of the new category must keep theirs."""
    added = "  velos:\n    fr: Vélos\n    en: Bicycles\n    default_department: voirie\n"
    watched.promote(made("second"))
    watched.look()
    watched.promote(made("third", lambda words: words.replace("categories:\n", f"categories:\n{added}", 1)))
    assert watched.look() == "third"
    assert watched.runtime.engine is not None
    assert "velos" in watched.runtime.engine.categories
    watched.models.rollback(by="bob")
    assert watched.look() == "second"
    assert watched.loaded == ["second", "third", "second"]


def test_a_started_watch_notices_within_seconds_and_ends(watched: Watched, made: MadeBundle) -> None:
    async def scenario() -> None:
        watch = ModelWatch(watched.runtime, ModelFolder(watched.models.path), watched, every_s=0.01)
        watch.start()
        await asyncio.sleep(0.05)
        watched.promote(made("second"))
        async with asyncio.timeout(10):
            while watched.version != "second":
                await asyncio.sleep(0.01)
        await watch.stop()

    asyncio.run(scenario())


def test_a_watch_without_an_engine_waits_for_one(watched: Watched, made: MadeBundle) -> None:
    engine, watched.runtime.engine = watched.runtime.engine, None
    watched.promote(made("second"))
    asyncio.run(watched.watch.look())
    watched.runtime.engine = engine
    assert watched.look() == "second"


# The challenger


def test_a_challenger_is_tried_out_until_its_file_goes(
    watched: Watched, made: MadeBundle, log: Callable[[], list[str]]
) -> None:
    watched.models.install(made("second"))
    named = watched.models.shadow("second", 0.25, by="anne", why="new rules")
    assert watched.look() == "first"
    assert watched.trial is not None
    assert watched.trial.named == named
    assert watched.metric('triage_challenger_info{version="second"} 1.0')
    watched.models.end_shadow(by="anne")
    watched.look()
    assert watched.trial is None
    assert not watched.metric('triage_challenger_info{version="second"} 1.0')
    assert [line.partition(" answers ")[2] for line in log()] == [
        "0.25 of the alerts unheard",
        "no more alerts unheard",
    ]


def test_another_share_needs_no_loading(watched: Watched, made: MadeBundle) -> None:
    watched.models.install(made("second"))
    for share in (0.25, 0.5):
        watched.models.shadow("second", share, by="anne")
        watched.look()
    assert watched.trial is not None
    assert watched.trial.named.share == 0.5
    assert watched.loaded == ["second"]


def test_a_challenger_that_becomes_champion_is_tried_out_no_more(watched: Watched, made: MadeBundle) -> None:
    watched.models.install(made("second"))
    watched.models.shadow("second", 1, by="anne")
    watched.look()
    watched.models.promote("second", by="anne")
    assert watched.look() == "second"
    assert watched.trial is None


def test_a_champion_takes_over_while_the_challenger_goes_on(watched: Watched, made: MadeBundle) -> None:
    watched.models.install(made("second"))
    watched.models.shadow("second", 1, by="anne")
    watched.look()
    watched.promote(made("third"))
    assert watched.look() == "third"
    assert watched.trial is not None
    assert watched.runtime.engine is not None
    assert watched.runtime.engine.shadow.trial is watched.trial


def test_a_broken_challenger_is_refused_with_one_line_and_the_one_before_is_asked_no_more(
    watched: Watched, made: MadeBundle, log: Callable[[], list[str]]
) -> None:
    watched.models.install(made("second"))
    watched.models.shadow("second", 1, by="anne")
    watched.look()
    log()
    watched.models.install(made("third"))
    watched.models.shadow("third", 1, by="anne")
    (watched.models.path / "third" / "text" / "model.onnx").write_bytes(b"?")
    assert [watched.look() for _ in range(2)] == ["first"] * 2
    assert watched.trial is None
    [line] = log()
    assert line.startswith("ERROR the new challenger is refused")
    assert watched.metric('triage_model_refusals_total{role="challenger"} 1.0')
