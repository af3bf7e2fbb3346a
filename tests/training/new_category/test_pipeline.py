"""One command's whole path: thirty examples and a grown taxonomy go in, a proven bundle and its price come out."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from models.bundle import Bundle, load_bundle, write_manifest
from models.duplicates.scorer import PART as DUPLICATES
from models.photo import PART as PHOTO
from models.predictor import Predictor
from training.config import TextConfig
from training.new_category.config import GrowthConfig
from training.new_category.pipeline import REPORT, Grown, add_category
from training.run import TrainingRequest
from triage.alert import Alert
from triage.errors import InvalidCorpus, InvalidTaxonomy
from triage.settings import PROJECT_ROOT

MakeRequest = Callable[..., TrainingRequest]

EXAMPLES = PROJECT_ROOT / "datasets" / "new_category" / "compostage.jsonl"
CONFIG = GrowthConfig(epochs=4, rehearsed=6, near=10, folds=2, learning_rate=2e-4)


@dataclass(frozen=True)
class Finished:
    """What came out, and what it was made from."""

    grown: Grown
    request: TrainingRequest
    base: Path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped bundle without its duplicate part, which has tests of its own."""
    shipped = load_bundle(PROJECT_ROOT / "models" / "pretrained")
    folder = tmp_path_factory.mktemp("base") / "bundle"
    shutil.copytree(shipped.folder, folder, ignore=shutil.ignore_patterns(DUPLICATES, "manifest.json"))
    fields = shipped.manifest.model_dump(exclude={"format_version", "files"})
    write_manifest(folder, **(fields | {"parts": tuple(part for part in fields["parts"] if part != DUPLICATES)}))
    return folder


@pytest.fixture(scope="module")
def request_of_growth(
    tmp_path_factory: pytest.TempPathFactory,
    make_tracking: Callable[[Path], str],
    make_request: MakeRequest,
    write_corpus: Callable[[Path], Path],
    grown_file: Path,
) -> TrainingRequest:
    folder = tmp_path_factory.mktemp("growing")
    asked = make_request(write_corpus(folder / "corpus"), folder / "bundle", make_tracking(folder))
    return replace(asked, taxonomy=grown_file)


@pytest.fixture(scope="module")
def finished(request_of_growth: TrainingRequest, smoke_config: TextConfig, base: Path) -> Finished:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(request_of_growth.output.parent)
        return Finished(add_category(request_of_growth, base, EXAMPLES, smoke_config, CONFIG), request_of_growth, base)


pytestmark = [
    pytest.mark.filterwarnings("ignore:The specified dataset source can be interpreted in multiple ways"),
    pytest.mark.xdist_group("new_category"),  # one fit for all of them
]


@pytest.mark.slow
def test_the_new_bundle_is_whole_answers_the_new_category_and_carries_photos_over(finished: Finished) -> None:
    before, after = load_bundle(finished.base), load_bundle(finished.grown.bundle)
    assert set(after.manifest.parts) == set(before.manifest.parts)
    assert _digests(after, PHOTO) == _digests(before, PHOTO)
    predictor = Predictor.load(finished.grown.bundle, threads=1)
    predictor.check_golden()
    [answer] = predictor.predict([Alert(id="1", text="Le composteur du quartier déborde")]).predictions
    codes = {answer.category.code, *(item.code for item in answer.category.alternatives)}
    assert codes == set(predictor.taxonomy.codes("category"))
    assert "compostage" in codes


@pytest.mark.slow
def test_it_says_what_the_new_category_is_worth_and_what_it_cost_each_other_one(finished: Finished) -> None:
    cost = finished.grown.cost
    [own] = cost.own
    assert (own.code, own.examples, own.judged, own.left_out) == ("compostage", 30, 30, True)
    assert own.found >= 10, "four epochs on the shipped model were to find a third of what was left out"
    assert {item.code for item in cost.categories} <= set(Predictor.load(finished.base, threads=1).taxonomy.categories)
    assert cost.heads["category"][1] > 0.8, "the old categories were to be kept"
    assert "| voirie |" in finished.grown.report


@pytest.mark.slow
def test_the_run_keeps_choices_figures_report_and_bundle(finished: Finished) -> None:
    client = MlflowClient(finished.request.tracking_uri)
    run = client.get_run(finished.grown.run_id)
    assert run.data.params["new_categories"] == "compostage"
    assert run.data.params["base.sha256"] == load_bundle(finished.base).sha256
    assert run.data.metrics["new_compostage_recall"] == pytest.approx(finished.grown.cost.own[0].recall)
    assert len(client.get_metric_history(run.info.run_id, "train_loss")) == CONFIG.epochs
    assert {REPORT, "bundle", "network"} <= {item.path for item in client.list_artifacts(run.info.run_id)}


def test_a_removed_code_nothing_new_and_missing_examples_are_refused_before_anything_is_read(
    make_request: MakeRequest,
    tmp_path: Path,
    smoke_config: TextConfig,
    grown_file: Path,
    base: Path,
) -> None:
    request = make_request(PROJECT_ROOT / "datasets" / "corpus", tmp_path / "bundle")
    with pytest.raises(InvalidTaxonomy, match="no category that the bundle lacks"):
        add_category(request, base, None, smoke_config, CONFIG)
    with pytest.raises(InvalidCorpus, match="'compostage' has 0 train rows"):
        add_category(replace(request, taxonomy=grown_file), base, None, smoke_config, CONFIG)
    content = grown_file.read_text(encoding="utf-8")
    (tmp_path / "shrunk.yaml").write_text(
        "\n".join(line for line in content.splitlines() if not line.startswith("  animaux:")), encoding="utf-8"
    )
    with pytest.raises(InvalidTaxonomy, match="lacks the category animaux"):
        add_category(replace(request, taxonomy=tmp_path / "shrunk.yaml"), base, None, smoke_config, CONFIG)
    assert not (tmp_path / "bundle").exists()


def _digests(bundle: Bundle, part: str) -> dict[str, str]:
    return {name: item.sha256 for name, item in bundle.manifest.files.items() if name.startswith(f"{part}/")}
