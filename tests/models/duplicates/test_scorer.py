"""The duplicate part of a bundle: what it reads, how it compares two reports, and what it refuses."""

import json
import shutil
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.bundle import MANIFEST, TAXONOMY, load_bundle, write_manifest
from models.duplicates.additive import probability
from models.duplicates.network import PairNetwork
from models.duplicates.scorer import COMPARISON, DESCRIPTION, ENCODER, RULES, DuplicateScorer, read_description
from models.predictor import Predictor
from triage.alert import Alert
from triage.duplicates.evidence import MEASURES
from triage.duplicates.report import Report, SeenPhoto
from triage.duplicates.rules import DuplicateRules
from triage.errors import InvalidBundle, InvalidConfiguration
from triage.taxonomy import taxonomy_digest

MakeReport = Callable[..., Report]
Weighted = Callable[..., Any]

TEXTS = ("lampadaire éteint au 12", "trou dans la rue Monge", "the lamp is out", "encore éteint", "x", "")


@pytest.fixture(scope="module")
def rules(finder: Any) -> DuplicateRules:
    return finder.rules


@pytest.fixture(scope="module")
def network(duplicate_bundle: Path) -> PairNetwork:
    return PairNetwork(duplicate_bundle / ENCODER, duplicate_bundle / COMPARISON, threads=1)


# Pairs


def test_the_order_of_a_pair_changes_nothing(
    scorer: DuplicateScorer, report: MakeReport, rules: DuplicateRules
) -> None:
    reports = [report(str(number), text, hours=7 * number, north_m=9 * number) for number, text in enumerate(TEXTS)]
    for one, two in combinations(reports, 2):
        [there], [back] = scorer.score(one, [two], rules), scorer.score(two, [one], rules)
        assert there.probability == pytest.approx(back.probability, abs=1e-4)
        assert there.phrases == back.phrases
        for name in MEASURES:
            assert there.measures[name] == pytest.approx(back.measures[name], abs=1e-4), name


def test_the_company_of_a_pair_changes_nothing(
    scorer: DuplicateScorer, report: MakeReport, rules: DuplicateRules
) -> None:
    reports = [report(str(number), text, north_m=9 * number) for number, text in enumerate(TEXTS)]
    together = scorer.score(reports[0], reports[1:], rules)
    for other, found in zip(reports[1:], together, strict=True):
        [alone] = scorer.score(reports[0], [other], rules)
        assert alone.probability == pytest.approx(found.probability, abs=1e-4)


def test_what_each_measure_adds_sums_up_to_the_answer(
    scorer: DuplicateScorer, report: MakeReport, rules: DuplicateRules
) -> None:
    photo = SeenPhoto(bytes([1, 2]), 7)
    [found] = scorer.score(report("b", hours=2, photos=(photo,)), [report("a", TEXTS[2], photos=(photo,))], rules)
    logit = scorer.description.pairs.intercept + sum(item.amount for item in found.contributions)
    assert found.probability == pytest.approx(probability(logit))
    assert [item.measures for item in found.contributions][-1] == ("picture",)
    assert found.phrases[-1] == "same picture"


def test_texts_without_words_are_compared_by_all_the_rest(
    scorer: DuplicateScorer, report: MakeReport, rules: DuplicateRules
) -> None:
    [found] = scorer.score(report("b", ""), [report("a", TEXTS[0])], rules)
    assert [name for name, value in found.measures.items() if value is None] == [
        "meaning",
        "topic",
        "letters",
        "words",
        "rare",
    ]
    assert 0 < found.probability < 1


def test_a_text_is_most_alike_to_itself(scorer: DuplicateScorer, report: MakeReport, rules: DuplicateRules) -> None:
    [same, other] = scorer.score(report("b", TEXTS[0]), [report("a", TEXTS[0]), report("c", TEXTS[1])], rules)
    for name in ("topic", "letters", "words", "category"):
        assert same.measures[name] > other.measures[name], name  # type: ignore[operator]
    assert same.measures["topic"] == pytest.approx(1, abs=0.03)


def test_a_report_that_was_not_read_is_refused_by_its_id(
    scorer: DuplicateScorer, report: MakeReport, rules: DuplicateRules, unread: Callable[[Report], Report]
) -> None:
    with pytest.raises(ValueError, match="the report 'blank' has not been read"):
        scorer.score(report("b"), [unread(report("blank"))], rules)


def test_whether_a_report_speaks_of_an_area_is_a_matter_of_its_text(weighted: Weighted, report: MakeReport) -> None:
    described = weighted().scorer.description
    everything = described.area.model_copy(update={"bias": 1000.0})
    scorer = weighted().scorer.with_description(described.model_copy(update={"area": everything}))
    assert scorer.is_area(report("a"))
    assert not scorer.is_area(report("a", ""))
    assert not weighted().scorer.is_area(report("a"))


# The network


def test_a_crowd_is_compared_as_each_pair_alone(network: PairNetwork, scorer: DuplicateScorer) -> None:
    generator = np.random.default_rng(5)
    narrow = scorer.description.narrow
    texts = [generator.uniform(-2, 2, (1 + number % 9, narrow)).astype(np.float32) for number in range(600)]
    found = network.compare(texts, texts[::-1])
    for row in (0, 1, 255, 256, 257, 599):
        [alone] = network.compare([texts[row]], [texts[-1 - row]])
        assert alone == pytest.approx(found[row], abs=1e-4)


def test_no_pair_has_no_answer(network: PairNetwork) -> None:
    assert network.compare([], []).shape == (0,)


# What a predictor hands over


def test_alerts_are_read_as_they_are_read_again(comparing: Predictor) -> None:
    alerts = [Alert(id=str(number), text=text) for number, text in enumerate(TEXTS[:5])]
    found = comparing.predict(alerts).reports
    assert [item.id for item in found] == [alert.id for alert in alerts]
    again = comparing.read_again([item.text for item in found])
    layout = comparing.finder.scorer._format  # type: ignore[union-attr]
    for item, vector in zip(found, again, strict=True):
        one, two = layout.unpack(item.vector), layout.unpack(vector)  # type: ignore[arg-type]
        np.testing.assert_allclose(one.embedding, two.embedding, atol=0.03)
        np.testing.assert_allclose(one.states, two.states, atol=0.3)


def test_personal_data_are_masked_and_plates_are_kept_as_digests(duplicate_bundle: Path) -> None:
    digested = Predictor.load(duplicate_bundle, threads=1, plate_digest=lambda plate: f"digest of {len(plate)}")
    [found] = digested.predict([Alert(id="a", text="la Clio AB-123-CD devant chez moi, 06 12 34 56 78")]).reports
    assert found.text == "la Clio <PLAQUE> devant chez moi, <TEL>"
    assert found.plates == {"digest of 9"}


def test_a_report_has_the_answered_category_and_all_that_the_caller_said(comparing: Predictor) -> None:
    alert = Alert(id="a", text="lampadaire éteint", lat=47.3, lon=5.0, category_hint="Lamps")
    batch = comparing.predict([alert])
    [found] = batch.reports
    assert (found.lat, found.lon, found.hint) == (47.3, 5.0, "Lamps")
    assert found.category == batch.predictions[0].category.code
    assert found.created_at.tzinfo is not None


def test_a_bundle_without_the_part_reads_no_vectors(bundle_without_duplicates: Path) -> None:
    predictor = Predictor.load(bundle_without_duplicates, threads=1)
    assert predictor.finder is None
    assert predictor.predict([Alert(id="a", text="lampe")]).reports[0].vector is None


# Broken bundles


@pytest.fixture
def broken(tmp_path: Path, duplicate_bundle: Path) -> Callable[..., Path]:
    """A copy of the bundle with a field of the description changed, signed as if it had been made so."""

    def make(**fields: Any) -> Path:
        folder = Path(shutil.copytree(duplicate_bundle, tmp_path / "bundle"))
        described = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8")) | fields
        (folder / DESCRIPTION).write_text(json.dumps(described), encoding="utf-8")
        kept = load_bundle(duplicate_bundle).manifest.model_dump(exclude={"format_version", "files"})
        (folder / MANIFEST).unlink()
        write_manifest(folder, **(kept | {"taxonomy_sha256": taxonomy_digest(folder / TAXONOMY)}))
        return folder

    return make


@pytest.mark.parametrize(
    "fields",
    [{"threshold": 1.0}, {"threshold": None}, {"taps": []}, {"narrow": 0}, {"more": 1}, {"words": {"weights": []}}],
)
def test_a_malformed_description_is_refused_by_its_path(broken: Callable[..., Path], fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidBundle, match=r"duplicates\.json does not describe a duplicate model"):
        read_description(load_bundle(broken(**fields)))


def test_a_part_learned_with_another_text_model_is_refused(broken: Callable[..., Path]) -> None:
    with pytest.raises(InvalidBundle, match="reads another text model; run: triage train duplicates"):
        Predictor.load(broken(text_sha256="0" * 64), threads=1)


def test_taps_that_the_text_model_lacks_are_refused(broken: Callable[..., Path]) -> None:
    with pytest.raises(InvalidBundle, match="no model that onnxruntime can read"):
        Predictor.load(broken(taps=["/encoder/layer.99"]), threads=1)


def test_a_model_that_reads_a_measure_which_nobody_takes_is_refused(broken: Callable[..., Path]) -> None:
    term = {"measures": ["smell"], "edges": [[1.0]], "scores": [0.0, 1.0, -1.0]}
    with pytest.raises(InvalidBundle, match="smell"):
        Predictor.load(broken(pairs={"intercept": 0.0, "terms": [term]}), threads=1)


def test_a_citys_own_rules_take_the_place_of_the_bundles(duplicate_bundle: Path, tmp_path: Path) -> None:
    rules = (duplicate_bundle / RULES).read_text(encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(rules.replace("late_days: 2", "late_days: 5"), encoding="utf-8")
    found = Predictor.load(duplicate_bundle, duplicate_rules=tmp_path / "rules.yaml", threads=1).finder
    assert found is not None
    assert found.rules.late_days == 5
    with pytest.raises(InvalidConfiguration, match=r"none\.yaml"):
        Predictor.load(duplicate_bundle, duplicate_rules=tmp_path / "none.yaml", threads=1)
