"""The whole path once, small: scenes go in, a proven bundle that finds duplicates comes out."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from models.bundle import CARD, MANIFEST, TAXONOMY, load_bundle
from models.duplicates.scorer import COMPARISON, DESCRIPTION, ENCODER, PART, RULES, read_description
from models.predictor import Predictor
from training.duplicates.card import CARD as DUPLICATE_CARD
from training.duplicates.config import DuplicateConfig
from training.duplicates.pipeline import train_duplicates
from training.duplicates.reading import tap_names
from training.run import TrainingRequest
from triage.alert import Alert
from triage.duplicates.evidence import MEASURES
from triage.errors import InvalidBundle, InvalidConfiguration, InvalidCorpus
from triage.settings import PROJECT_ROOT

MakeRequest = Callable[..., TrainingRequest]
SHIPPED = PROJECT_ROOT / "models" / "pretrained"
FIGURES = {"f1", "precision", "recall", "adjusted_f1", "adjusted_precision", "ece", "link_first", "link_first_five"}


@pytest.mark.slow
@pytest.mark.xdist_group("duplicate run")
class TestWholeRun:
    def test_the_bundle_loads_and_reproduces_its_golden_answers(self, duplicate_run: Any) -> None:
        predictor = Predictor.load(duplicate_run.result.bundle, threads=1)
        predictor.check_golden()
        assert predictor.finder is not None

    def test_the_bundle_compares_alerts(self, duplicate_run: Any) -> None:
        predictor = Predictor.load(duplicate_run.result.bundle, threads=1)
        moment = datetime(2026, 2, 3, 18, tzinfo=UTC)
        alerts = [
            Alert(id=name, text=text, lat=47.3208, lon=5.0352, created_at=moment + timedelta(minutes=minutes))
            for name, text, minutes in (("a", "lampe morte rue Monge", 0), ("b", "réverbère éteint", 40))
        ]
        earlier, later = predictor.predict(alerts).reports
        [found] = predictor.finder.compare(later, [earlier])  # type: ignore[union-attr]
        assert 0 < found.probability < 1
        assert "within 25 m" in found.phrases

    def test_figures_are_shares(self, duplicate_run: Any) -> None:
        metrics = duplicate_run.result.metrics
        assert metrics.keys() == {f"duplicates.{name}" for name in FIGURES}
        assert all(0 <= value <= 1 for value in metrics.values())
        # Without a real city nothing was linked.
        assert metrics["duplicates.link_first"] == metrics["duplicates.link_first_five"] == 0

    def test_the_description_says_what_it_was_learned_on(
        self, duplicate_run: Any, duplicate_config: DuplicateConfig
    ) -> None:
        bundle = load_bundle(duplicate_run.result.bundle)
        found = read_description(bundle)
        assert found.text_sha256 == bundle.manifest.files["text/model.onnx"].sha256
        assert found.taps == tap_names(duplicate_config.layers)
        assert found.narrow == duplicate_config.narrow
        assert 0 < found.threshold < 1
        assert found.threshold == round(found.threshold, 2)
        assert found.photos == duplicate_config.photos
        assert found.pairs.requires() <= set(MEASURES)
        assert found.ranking.terms == ()

    def test_all_else_is_as_in_the_base(self, duplicate_run: Any) -> None:
        found, base = load_bundle(duplicate_run.result.bundle).manifest, load_bundle(duplicate_run.base).manifest
        assert set(found.parts) == {*base.parts, PART}
        kept = {name for name in base.files if not name.startswith(f"{PART}/")} - {TAXONOMY}
        assert {name: found.files[name] for name in kept} == {name: base.files[name] for name in kept}
        assert CARD in kept
        assert (found.thresholds, found.data_sha256) == (base.thresholds, base.data_sha256)

    def test_the_manifest_says_how_the_part_was_made(self, duplicate_run: Any) -> None:
        manifest = load_bundle(duplicate_run.result.bundle).manifest
        assert manifest.origin.run_id == duplicate_run.result.run_id
        assert manifest.origin.command == duplicate_run.request.command
        assert manifest.metrics.items() >= duplicate_run.result.metrics.items()

    def test_the_part_is_small_and_holds_nothing_that_can_run_code(self, duplicate_run: Any) -> None:
        folder = duplicate_run.result.bundle
        names = {path.relative_to(folder).as_posix() for path in (folder / PART).rglob("*")}
        assert names == {DESCRIPTION, ENCODER, COMPARISON, RULES, DUPLICATE_CARD}
        assert load_bundle(folder).manifest.part_bytes(PART) < 4_000_000
        assert (folder / RULES).read_bytes() == duplicate_run.request.duplicate_rules.read_bytes()

    def test_the_part_holds_no_text_of_a_resident(self, duplicate_run: Any) -> None:
        content = b"".join(path.read_bytes() for path in (duplicate_run.result.bundle / PART).iterdir())
        for path in duplicate_run.request.duplicates.glob("*.jsonl"):
            for line in path.read_text(encoding="utf-8").splitlines():
                text = json.loads(line)["text"]
                assert len(text) < 20 or text.encode() not in content

    def test_the_card_tells_figures_and_limits(self, duplicate_run: Any) -> None:
        card = (duplicate_run.result.bundle / DUPLICATE_CARD).read_text(encoding="utf-8")
        assert "{" not in card
        for words in ("# Duplicates", "50 m, 12 weeks", "250 m, nearest five", "## Limits"):
            assert words in card
        assert f"{duplicate_run.result.metrics['duplicates.f1']:.3f}" in card

    def test_the_run_holds_choices_figures_and_the_bundle(
        self, duplicate_run: Any, duplicate_config: DuplicateConfig, tmp_path: Path
    ) -> None:
        client = MlflowClient(duplicate_run.request.tracking_uri)
        run = client.get_run(duplicate_run.result.run_id)
        assert run.info.status == "FINISHED"
        assert run.data.params["narrow"] == str(duplicate_config.narrow)
        assert run.data.metrics.items() >= duplicate_run.result.metrics.items()
        found = Path(client.download_artifacts(duplicate_run.result.run_id, "bundle", str(tmp_path)))
        assert (found / MANIFEST).read_bytes() == (duplicate_run.result.bundle / MANIFEST).read_bytes()


# What is refused


def test_a_folder_that_is_no_bundle_is_not_overwritten(
    tmp_path: Path, duplicate_config: DuplicateConfig, make_request: MakeRequest, duplicate_scenes: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    request = replace(make_request(tmp_path / "corpus", tmp_path / "mine"), duplicates=duplicate_scenes)
    with pytest.raises(InvalidConfiguration, match="mine exists and holds no manifest"):
        train_duplicates(duplicate_config, request, SHIPPED)
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"


def test_a_broken_base_is_refused_before_a_run_begins(
    tmp_path: Path, duplicate_config: DuplicateConfig, make_request: MakeRequest
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / MANIFEST).write_text("{}")
    with pytest.raises(InvalidBundle, match="is not a manifest"):
        train_duplicates(duplicate_config, make_request(tmp_path / "corpus", tmp_path / "out"), tmp_path / "base")
    assert not (tmp_path / "unused.db").exists()


def test_scenes_that_are_not_there_are_refused_and_leave_no_bundle(
    tmp_path: Path, tracking_uri: str, duplicate_config: DuplicateConfig, make_request: MakeRequest
) -> None:
    request = replace(make_request(tmp_path / "corpus", tmp_path / "out", tracking_uri), duplicates=tmp_path / "none")
    with pytest.raises(InvalidCorpus, match="holds no scenes"):
        train_duplicates(duplicate_config, request, SHIPPED)
    assert not (tmp_path / "out").exists()


def test_fewer_authors_than_groups_are_refused_by_a_sentence(
    tmp_path: Path,
    tracking_uri: str,
    duplicate_config: DuplicateConfig,
    make_request: MakeRequest,
    duplicate_scenes: Path,
) -> None:
    (tmp_path / "scenes").mkdir()
    alone = next(duplicate_scenes.glob("*.jsonl"))
    (tmp_path / "scenes" / alone.name).write_bytes(alone.read_bytes())
    request = replace(make_request(tmp_path / "corpus", tmp_path / "out", tracking_uri), duplicates=tmp_path / "scenes")
    with pytest.raises(InvalidConfiguration, match="folds"):
        train_duplicates(duplicate_config, request, SHIPPED)
