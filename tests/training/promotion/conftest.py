"""Contests between the shipped text part and variants of it, each made by editing JSON and sealed again."""

import json
import shutil
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from models.bundle import TAXONOMY, load_bundle, write_manifest
from models.predictor import Predictor
from training.promotion.contest import Contest, TrainingTexts
from training.promotion.gate import Finding, Gate
from triage.corpus import LabelledAlert, Split, in_split, read_corpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import taxonomy_digest

Fields = dict[str, Any]
Edit = Callable[[Path, Fields], None]
MakeVariant = Callable[[str], Path]
MakeContest = Callable[..., Contest]
Held = Callable[[Gate, Contest], bool]

SHIPPED = PROJECT_ROOT / "models" / "pretrained"
EVERY = 4  # of the test rows: enough of each category, and seconds instead of half a minute


def _leave(_folder: Path, _fields: Fields) -> None:
    """The same model under another version."""


def _describe(change: Callable[[Fields], None]) -> Edit:
    def edit(folder: Path, _fields: Fields) -> None:
        file = folder / "text" / "description.json"
        description = json.loads(file.read_text(encoding="utf-8"))
        change(description)
        file.write_text(json.dumps(description), encoding="utf-8")

    return edit


def _swap(head: str, one: str, other: str) -> Edit:
    """A head that takes two codes for each other."""

    def change(description: Fields) -> None:
        codes = description["codes"][head]
        first, second = codes.index(one), codes.index(other)
        codes[first], codes[second] = other, one

    return _describe(change)


def _heat(description: Fields) -> None:
    temperatures = description["calibration"]["temperatures"]
    description["calibration"]["temperatures"] = {head: 4 * value for head, value in temperatures.items()}


def _threshold(**changes: float) -> Edit:
    def edit(_folder: Path, fields: Fields) -> None:
        fields["thresholds"] = fields["thresholds"] | changes

    return edit


def _metric(**changes: float) -> Edit:
    def edit(_folder: Path, fields: Fields) -> None:
        fields["metrics"] = fields["metrics"] | changes

    return edit


def _forget_int8(_folder: Path, fields: Fields) -> None:
    fields["metrics"] = {name: value for name, value in fields["metrics"].items() if not name.startswith("int8")}


def _add_category(folder: Path, _fields: Fields) -> None:
    file = folder / TAXONOMY
    text = file.read_text(encoding="utf-8")
    line = "  essaim: {fr: Essaim, en: Swarm, default_department: accueil}\n"
    file.write_text(text.replace("categories:\n", f"categories:\n{line}", 1), encoding="utf-8")


def _pad(folder: Path, _fields: Fields) -> None:
    (folder / "text" / "padding.bin").write_bytes(bytes(8_000_000))


VARIANTS: dict[str, Edit] = {
    "same": _leave,
    "swapped": _swap("category", "proprete", "voirie"),
    "blind": _swap("priority", "critique", "basse"),
    "hot": _describe(_heat),
    "shy": _threshold(category=0.99, department=0.99),
    "bold": _threshold(category=0.05, department=0.05, unknown_language=1.0),
    "promising more": _threshold(error_rate=0.10),
    "fearless": _threshold(urgent=1.0),
    "larger": _pad,
    "lossy": _metric(int8_category_macro_f1_change=-0.02),
    "unproven": _forget_int8,
    "wider": _add_category,
}


@pytest.fixture(scope="session")
def variant(tmp_path_factory: pytest.TempPathFactory) -> MakeVariant:
    """The text part of the shipped bundle, changed as `VARIANTS` says."""
    root = tmp_path_factory.mktemp("variants")
    parts = shutil.ignore_patterns("photo", "fusion", "detectors", "duplicates", "reference.json")
    shipped = load_bundle(SHIPPED).manifest.model_dump(exclude={"format_version", "files"})

    @cache
    def make(name: str) -> Path:
        folder = Path(shutil.copytree(SHIPPED, root / name.replace(" ", "-"), ignore=parts))
        fields = shipped | {"parts": ("text",), "version": f"test-{name.replace(' ', '-')}"}
        VARIANTS[name](folder, fields)
        write_manifest(folder, **(fields | {"taxonomy_sha256": taxonomy_digest(folder / TAXONOMY)}))
        return folder

    return make


@pytest.fixture(scope="session")
def predictors(variant: MakeVariant) -> Callable[[str], Predictor]:
    """The predictors of the variants, each loaded once."""
    return cache(lambda name: Predictor.load(variant(name), threads=1))


@pytest.fixture(scope="session")
def test_rows(predictors: Callable[[str], Predictor]) -> tuple[LabelledAlert, ...]:
    rows = read_corpus(PROJECT_ROOT / "datasets" / "corpus", predictors("same").taxonomy)
    return in_split(rows, Split.TEST)[::EVERY]


@pytest.fixture(scope="session")
def contest(predictors: Callable[[str], Predictor], test_rows: tuple[LabelledAlert, ...]) -> MakeContest:
    """A contest between two variants; those on all test rows are kept with what was answered."""

    @cache
    def whole(challenger: str, champion: str) -> Contest:
        return make(challenger, champion, rows=test_rows)

    def make(
        challenger: str = "same",
        champion: str = "same",
        *,
        rows: Sequence[LabelledAlert] | None = None,
        training: TrainingTexts | None = None,
        **others: Any,
    ) -> Contest:
        if rows is None and training is None and not others:
            return whole(challenger, champion)
        after = predictors(challenger)
        return Contest(
            champion=predictors(champion),
            challenger=after,
            test=test_rows if rows is None else rows,
            training=training or TrainingTexts((), proven=True),
            **({"taxonomy": after.taxonomy} | others),
        )

    return make


@pytest.fixture(scope="session")
def held() -> Held:
    """Whether a gate lets a challenger through."""

    def judge(gate: Gate, contest: Contest) -> bool:
        finding = gate.judge(contest)
        assert not finding.skipped
        assert finding.message.endswith(".")
        return all(measure.holds for measure in finding.measures)

    return judge


@pytest.fixture(scope="session")
def values() -> Callable[[Finding], dict[str, float]]:
    """The figures of a finding by their names."""
    return lambda finding: {measure.name: measure.value for measure in finding.measures}
