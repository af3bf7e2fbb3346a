"""Gates on alerts that staff answered, and on the parts that read no text."""

import json
import shutil
from collections.abc import Callable

import pytest

from models.bundle import load_bundle, write_manifest
from models.predictor import Predictor
from training.promotion.contest import Contest, TrainingTexts
from training.promotion.gate import Gate
from training.promotion.gates.others import NotWorseOnReviews, OtherParts
from triage.corpus import LabelledAlert
from triage.settings import PROJECT_ROOT

MakeContest = Callable[..., Contest]
Held = Callable[[Gate, Contest], bool]
Rows = tuple[LabelledAlert, ...]

SHIPPED = PROJECT_ROOT / "models" / "pretrained"


def test_few_reviews_decide_nothing(contest: MakeContest, test_rows: Rows) -> None:
    finding = NotWorseOnReviews().judge(contest("swapped", reviews=test_rows[:29]))
    assert finding.skipped
    assert finding.message.startswith("There are 29 answers of staff")


def test_an_equal_challenger_passes_on_reviews(contest: MakeContest, test_rows: Rows, held: Held) -> None:
    assert held(NotWorseOnReviews(), contest("same", reviews=test_rows[::2]))


def test_a_challenger_that_is_worse_on_reviews_is_stopped(contest: MakeContest, test_rows: Rows) -> None:
    finding = NotWorseOnReviews().judge(contest("swapped", reviews=test_rows[::2]))
    shut = [measure.name for measure in finding.measures if not measure.holds]
    assert shut == ["review_category_accuracy_change_high"]


@pytest.fixture(scope="module")
def whole_contest(tmp_path_factory: pytest.TempPathFactory, test_rows: Rows) -> MakeContest:
    """The shipped bundle against a copy whose figures, parts or files are others."""
    shipped = Predictor.load(SHIPPED, threads=1)

    def make(
        *, metrics: dict[str, float] | None = None, without: tuple[str, ...] = (), changed: str | None = None
    ) -> Contest:
        folder = tmp_path_factory.mktemp("whole") / "bundle"
        shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns(*without))
        if changed:
            file = folder / changed
            document = json.loads(file.read_text(encoding="utf-8"))
            file.write_text(json.dumps(document, indent=3), encoding="utf-8")
        fields = load_bundle(SHIPPED).manifest.model_dump(exclude={"format_version", "files"})
        fields["parts"] = tuple(part for part in fields["parts"] if part not in without)
        fields["metrics"] |= metrics or {}
        write_manifest(folder, **(fields | {"version": "test-whole"}))
        challenger = Predictor.load(folder, threads=1)
        return Contest(shipped, challenger, challenger.taxonomy, test_rows, TrainingTexts((), proven=True))

    return make


def test_parts_that_are_the_same_files_are_not_compared(whole_contest: MakeContest, held: Held) -> None:
    assert held(OtherParts(), whole_contest(metrics={"photo_macro_f1": 0.0}))


def test_a_part_that_changed_and_is_as_good_passes(whole_contest: MakeContest, held: Held) -> None:
    assert held(OtherParts(), whole_contest(changed="photo/description.json"))


def test_a_part_that_changed_and_is_worse_is_stopped(whole_contest: MakeContest) -> None:
    finding = OtherParts().judge(whole_contest(changed="photo/description.json", metrics={"photo_macro_f1": 0.5}))
    assert [measure.name for measure in finding.measures if not measure.holds] == ["photo_macro_f1_change"]
    assert finding.message.startswith("Changed: photo; as each bundle says, photo_macro_f1 -0.")


def test_a_part_that_is_lost_is_missed(whole_contest: MakeContest) -> None:
    finding = OtherParts().judge(whole_contest(without=("photo", "fusion")))
    assert [measure.name for measure in finding.measures if not measure.holds] == ["parts_lost"]
    assert finding.message.startswith("The challenger lacks the parts photo and fusion.")
