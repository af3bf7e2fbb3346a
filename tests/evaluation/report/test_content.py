"""What a report says: bins, confusions and the sections as plain values."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from evaluation.answers import Answers, HeadAnswers
from evaluation.decisions import risk_coverage
from evaluation.evaluate import Evaluation
from evaluation.metrics import ECE_BINS, expected_calibration_error
from evaluation.report.content import confusions, reliability_bins, report_content, thinned
from triage.prediction import Decision


def test_bins_hold_the_rows_of_their_confidence() -> None:
    probabilities = np.array([[0.61, 0.39], [0.65, 0.35], [1.0, 0.0]])
    bins = reliability_bins(HeadAnswers(np.array([0, 1, 0]), probabilities))
    assert len(bins) == ECE_BINS
    assert [item.rows for item in bins] == [0] * 9 + [2] + [0] * 4 + [1]
    assert (bins[9].low, bins[9].high) == pytest.approx((0.6, 2 / 3))
    assert bins[9].confidence == pytest.approx(0.63)
    assert bins[9].accuracy == pytest.approx(0.5)
    assert bins[0].accuracy is None


def test_the_bins_give_the_calibration_error(evaluation: Evaluation) -> None:
    head = evaluation.answers.heads["department"]
    gaps = [
        item.rows * abs((item.accuracy or 0) - (item.confidence or 0)) for item in reliability_bins(head) if item.rows
    ]
    assert sum(gaps) / 9 == pytest.approx(expected_calibration_error(head.truth, head.probabilities))


def test_confusions_count_truths_in_lines_and_answers_in_columns(evaluation: Evaluation) -> None:
    found = confusions(evaluation.answers, "category")
    road, tag = found.codes.index("voirie"), found.codes.index("graffiti")
    assert found.counts[road][road] == 5
    assert (found.counts[tag][road], found.counts[road][tag]) == (2, 1)
    assert sum(map(sum, found.counts)) == 9
    assert found.frequent == (("graffiti", "voirie", 2), ("voirie", "graffiti", 1))


def test_the_source_names_bundle_data_and_digests(evaluation: Evaluation) -> None:
    source = report_content(evaluation, "nine cases", 100).source
    assert (source.model, source.version, source.data, source.rows) == ("essai", "1", "nine cases", 9)
    assert source.bundle_sha256 == "b" * 64
    assert len(source.data_sha256) == 64


def test_figures_are_those_of_the_model_and_of_three_baselines(evaluation: Evaluation) -> None:
    content = report_content(evaluation, "nine cases", 100)
    assert list(content.figures) == ["model", "tf-idf", "keyword", "majority"]
    assert content.figures["model"] is evaluation.model
    assert content.agreement["category"].raw == pytest.approx(6 / 9)


def test_long_curves_are_thinned_and_keep_their_ends(answered: Callable[..., Answers]) -> None:
    road, tag = ("voirie", "voirie", "haute"), ("graffiti", "voirie", "haute")
    cases: dict[str, Any] = {f"r{n}": (road, road if n else tag, Decision.ROUTE, 0.5 + n / 1000) for n in range(450)}
    whole = risk_coverage(answered(cases))
    thin = thinned(whole)
    assert (len(whole.coverage), len(thin.coverage)) == (450, 200)
    assert thin.coverage[[0, -1]].tolist() == whole.coverage[[0, -1]].tolist()
    assert thin.risk[[0, -1]].tolist() == [0.0, 1 / 450]
    assert thin.area == whole.area


def test_short_curves_stay_whole(evaluation: Evaluation) -> None:
    curve = risk_coverage(evaluation.answers)
    assert thinned(curve) is curve
