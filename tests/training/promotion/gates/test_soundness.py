"""Gates on what a challenger is, before anything is compared."""

from collections.abc import Callable

from models.predictor import Predictor
from training.promotion.contest import Contest, TrainingTexts
from training.promotion.gate import Gate
from training.promotion.gates.soundness import FittingTaxonomy, GoldenAnswers, Int8Parity, NoLeakage
from triage.corpus import LabelledAlert

MakeContest = Callable[..., Contest]
Held = Callable[[Gate, Contest], bool]
Rows = tuple[LabelledAlert, ...]
Predictors = Callable[[str], Predictor]


def test_a_model_that_answers_as_where_it_was_made_is_sound(contest: MakeContest, held: Held) -> None:
    assert held(GoldenAnswers(), contest("same"))


def test_a_model_that_answers_otherwise_here_is_refused_for_good(contest: MakeContest, held: Held) -> None:
    assert not held(GoldenAnswers(), contest("hot"))
    assert not GoldenAnswers.may_be_forced


def test_equal_taxonomies_fit(contest: MakeContest, held: Held) -> None:
    assert held(FittingTaxonomy(), contest("same"))


def test_a_new_category_may_come(contest: MakeContest) -> None:
    finding = FittingTaxonomy().judge(contest("wider", "same"))
    assert all(measure.holds for measure in finding.measures)
    assert finding.message == "The challenger adds category essaim; every code of the champion stays."


def test_a_category_that_the_champion_has_must_stay(contest: MakeContest) -> None:
    finding = FittingTaxonomy().judge(contest("same", "wider"))
    assert not all(measure.holds for measure in finding.measures)
    assert finding.message == "The champion answers category essaim, which the challenger does not know."


def test_a_city_that_does_not_know_the_new_category_is_told_so(contest: MakeContest, predictors: Predictors) -> None:
    finding = FittingTaxonomy().judge(contest("wider", "same", taxonomy=predictors("same").taxonomy))
    assert not all(measure.holds for measure in finding.measures)
    assert "lacks the category essaim" in finding.message


def test_test_rows_that_nobody_learned_from_leak_nothing(contest: MakeContest, held: Held) -> None:
    texts = TrainingTexts(("Le lampadaire devant le 12 rue Monge est éteint depuis trois jours.",), proven=True)
    assert held(NoLeakage(), contest(training=texts))


def test_a_test_row_among_the_training_texts_is_named(contest: MakeContest, test_rows: Rows) -> None:
    texts = TrainingTexts((test_rows[3].masked_text.upper(), "un texte de plus"), proven=True)
    finding = NoLeakage().judge(contest(training=texts))
    assert not all(measure.holds for measure in finding.measures)
    assert finding.message.startswith(f"{test_rows[3].id} of the test rows nearly repeat")


def test_a_leak_among_the_texts_at_hand_counts_though_others_are_missing(contest: MakeContest, test_rows: Rows) -> None:
    texts = TrainingTexts((test_rows[3].masked_text,), proven=False, doubts=("Some are missing.",))
    finding = NoLeakage().judge(contest(training=texts))
    assert not finding.skipped
    assert finding.message.endswith("Some are missing.")


def test_what_cannot_be_proven_is_skipped_with_its_reason(contest: MakeContest) -> None:
    finding = NoLeakage().judge(contest(training=TrainingTexts(("autre chose",), proven=False, doubts=("Why so.",))))
    assert finding.skipped
    assert finding.message.endswith("Why so.")


def test_the_shipped_model_loses_next_to_nothing_in_int8(contest: MakeContest, held: Held) -> None:
    assert held(Int8Parity(), contest("same"))


def test_a_model_that_loses_two_points_in_int8_is_stopped(contest: MakeContest, held: Held) -> None:
    assert not held(Int8Parity(), contest("lossy"))


def test_a_model_without_proof_of_parity_is_stopped(contest: MakeContest) -> None:
    finding = Int8Parity().judge(contest("unproven"))
    assert not all(measure.holds for measure in finding.measures)
    assert "category, department and priority" in finding.message
