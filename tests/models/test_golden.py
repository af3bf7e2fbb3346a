"""Golden texts: a bundle that does not answer here as where it was made is found out."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.bundle import GOLDEN
from models.golden import TOLERANCE
from models.predictor import Predictor
from models.text import DESCRIPTION
from triage.errors import InvalidBundle

Sign = Callable[..., Path]
Tampered = Callable[[Callable[[list[dict[str, Any]]], None]], Predictor]


@pytest.fixture
def tampered(copy: Path, sign: Sign) -> Tampered:
    """The shipped bundle with its golden rows changed."""

    def load(change: Callable[[list[dict[str, Any]]], None]) -> Predictor:
        golden = json.loads((copy / GOLDEN).read_text(encoding="utf-8"))
        change(golden)
        (copy / GOLDEN).write_text(json.dumps(golden), encoding="utf-8")
        return Predictor.load(sign(copy), threads=1)

    return load


def test_the_shipped_golden_answers_are_reproduced(predictor: Predictor) -> None:
    predictor.check_golden()


def test_golden_answers_are_reproduced_on_any_number_of_threads(predictor: Predictor) -> None:
    Predictor.load(predictor.bundle.folder, threads=2).check_golden()


def test_another_golden_code_is_refused(predictor: Predictor, tampered: Tampered) -> None:
    def change(golden: list[dict[str, Any]]) -> None:
        right = golden[-1]["answers"]["department"]["code"]
        golden[-1]["answers"]["department"]["code"] = next(
            c for c in predictor.taxonomy.codes("department") if c != right
        )

    with pytest.raises(InvalidBundle, match="for department instead of"):
        tampered(change).check_golden()


@pytest.mark.parametrize("sign_of_change", [-1, 1])
def test_another_golden_confidence_is_refused(tampered: Tampered, sign_of_change: int) -> None:
    def change(golden: list[dict[str, Any]]) -> None:
        golden[0]["answers"]["category"]["confidence"] += sign_of_change * 3 * TOLERANCE

    with pytest.raises(InvalidBundle, match=r"golden text 0 .* for category"):
        tampered(change).check_golden()


def test_another_golden_text_is_refused(tampered: Tampered) -> None:
    def change(golden: list[dict[str, Any]]) -> None:
        golden[0]["text"] = "zzz"

    with pytest.raises(InvalidBundle):
        tampered(change).check_golden()


def test_a_golden_file_without_texts_is_refused(tampered: Tampered) -> None:
    with pytest.raises(InvalidBundle):
        tampered(list.clear).check_golden()


@pytest.mark.parametrize("content", ["", "{}", "[{}]", '["text"]'])
def test_a_golden_file_of_another_shape_is_refused(copy: Path, sign: Sign, content: str) -> None:
    (copy / GOLDEN).write_text(content, encoding="utf-8")
    with pytest.raises(InvalidBundle):
        Predictor.load(sign(copy), threads=1).check_golden()


def test_other_weights_are_found_out_by_the_golden_texts(copy: Path, sign: Sign) -> None:
    # The calibration stands for the weights: it changes every probability, and its digest is right.
    description = json.loads((copy / DESCRIPTION).read_text())
    description["calibration"]["temperatures"]["category"] *= 3
    (copy / DESCRIPTION).write_text(json.dumps(description))
    with pytest.raises(InvalidBundle, match="do not serve it"):
        Predictor.load(sign(copy), threads=1).check_golden()
