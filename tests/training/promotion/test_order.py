"""From an order to a champion: in the folder of models and in MLflow, or in neither."""

import shutil
from collections.abc import Callable
from pathlib import Path

import mlflow
import pytest

from models.folder import ModelFolder
from models.promotions import Event
from training.promotion.contest import Contest
from training.promotion.gate import GateResult, at_most
from training.promotion.gates.registry import all_gates
from training.promotion.order import (
    Order,
    Outcome,
    carry_out,
    champion_to_beat,
    end_shadow,
    require_sensible,
    roll_back,
)
from training.promotion.promoter import FIRST
from training.promotion.record import GATES
from training.registry.tracking import TrackingFailed
from training.registry.versions import CHALLENGER, CHAMPION, NAME, RegisteredVersions
from triage.errors import InvalidConfiguration, InvalidModelFolder

MakeContest = Callable[..., Contest]
MakeVariant = Callable[[str], Path]
MakeOrder = Callable[..., Order]

PASSED = GateResult("GAT004", "not worse overall", "pass", "Fine.", (at_most("loss", 0.0, 0.1),))
SHUT = GateResult("GAT005", "no category is worse", "fail", "Worse.", (at_most("loss", 0.3, 0.1),))
FINAL = GateResult("GAT001", "golden answers", "fail", "Other.", (at_most("failures", 1, 0),), may_be_forced=False)


@pytest.fixture
def order(tmp_path: Path, tracking_uri: str) -> MakeOrder:
    def make(**choices: object) -> Order:
        given = {"folder": ModelFolder(tmp_path / "models"), "tracking_uri": tracking_uri, "by": "d.durand"} | choices
        return Order(**given)  # type: ignore[arg-type]

    return make


def version_named(alias: str) -> str | None:
    """The version of the bundle that MLflow's registry names so."""
    number = RegisteredVersions().named(alias)
    return mlflow.MlflowClient().get_model_version(NAME, number).tags["bundle_version"] if number else None


def champion_of(order: Order) -> str | None:
    assert order.folder
    champion = order.folder.champion()
    return champion.version if champion else None


def events(order: Order) -> list[tuple[Event, str]]:
    assert order.folder
    return [(entry.event, entry.version) for entry in order.folder.history()]


@pytest.mark.slow
class TestPromotion:
    def test_the_first_one_has_the_bundle_served_before_to_go_back_to(
        self, order: MakeOrder, contest: MakeContest
    ) -> None:
        asked = order(why="Learned more.")
        decision = carry_out(asked, contest("shy", "same"), [PASSED])
        assert decision.outcome is Outcome.PROMOTED
        assert events(asked) == [(Event.PROMOTED, "test-same"), (Event.PROMOTED, "test-shy")]
        assert asked.folder
        first, second = asked.folder.history()
        assert (first.why, second.why, second.by, second.previous) == (FIRST, "Learned more.", "d.durand", "test-same")
        assert version_named(CHAMPION) == "test-shy"
        rolled_back, failure = roll_back(asked, asked.folder)
        assert (rolled_back.version, failure) == ("test-same", None)
        assert version_named(CHAMPION) == "test-same"

    def test_mlflow_keeps_every_gate_with_its_figures_and_who_and_why(
        self, order: MakeOrder, contest: MakeContest
    ) -> None:
        decision = carry_out(order(why="Learned more."), contest("shy", "same"), [PASSED])
        assert decision.run_id
        run = mlflow.get_run(decision.run_id)
        assert run.data.metrics == {"GAT004.loss": 0.0}
        told = {name: run.data.tags[name] for name in ("gate.GAT004", "by", "why", "outcome")}
        assert told == {"gate.GAT004": "pass", "by": "d.durand", "why": "Learned more.", "outcome": "promoted"}
        [gate] = mlflow.artifacts.load_dict(f"{run.info.artifact_uri}/{GATES}")
        assert (gate["code"], gate["message"]) == ("GAT004", "Fine.")
        version = mlflow.MlflowClient().get_model_version_by_alias(NAME, CHAMPION)
        assert (version.description, version.tags["by"]) == ("Learned more.", "d.durand")

    def test_a_shut_gate_refuses_and_is_written_down(self, order: MakeOrder, contest: MakeContest) -> None:
        asked = order()
        decision = carry_out(asked, contest("shy", "same"), [PASSED, SHUT])
        assert decision.outcome is Outcome.REFUSED
        assert events(asked) == [(Event.REFUSED, "test-shy")]
        assert (champion_of(asked), version_named(CHAMPION)) == (None, None)
        assert asked.folder
        assert asked.folder.history()[0].run_id == decision.run_id
        assert [gate.status for gate in asked.folder.history()[0].gates] == ["pass", "fail"]

    def test_a_challenger_may_answer_unheard_behind_a_shut_gate_until_it_is_ended(
        self, order: MakeOrder, contest: MakeContest
    ) -> None:
        asked = order(share=0.2)
        assert carry_out(asked, contest("shy", "same"), [SHUT]).outcome is Outcome.SHADOWED
        assert asked.folder
        challenger = asked.folder.challenger()
        assert challenger
        assert (challenger.version, challenger.share, champion_of(asked)) == ("test-shy", 0.2, "test-same")
        assert (version_named(CHAMPION), version_named(CHALLENGER)) == ("test-same", "test-shy")
        ended = end_shadow(asked, asked.folder)
        assert ended == challenger
        assert (asked.folder.challenger(), version_named(CHALLENGER)) == (None, None)

    def test_a_challenger_that_the_service_would_refuse_does_not_answer_unheard(
        self, order: MakeOrder, contest: MakeContest
    ) -> None:
        asked = order(share=0.2)
        assert carry_out(asked, contest("shy", "same"), [FINAL]).outcome is Outcome.REFUSED
        assert asked.folder
        assert asked.folder.challenger() is None

    def test_a_challenger_that_is_promoted_is_challenger_no_more(self, order: MakeOrder, contest: MakeContest) -> None:
        both = contest("shy", "same")
        carry_out(order(share=0.2), both, [PASSED])
        carry_out(order(), both, [PASSED])
        assert (version_named(CHAMPION), version_named(CHALLENGER)) == ("test-shy", None)

    def test_what_the_folder_refuses_is_not_left_in_mlflow(
        self, order: MakeOrder, contest: MakeContest, variant: MakeVariant
    ) -> None:
        asked = order()
        carry_out(asked, contest("shy", "same"), [PASSED])
        assert asked.folder
        # Another bundle lies where the challenger would go.
        shutil.copytree(variant("same"), asked.folder.path / "test-bold")
        with pytest.raises(InvalidModelFolder):
            carry_out(asked, contest("bold", "same"), [PASSED])
        assert champion_of(asked) == version_named(CHAMPION) == "test-shy"

    def test_an_alias_that_was_left_behind_follows_at_the_next_promotion(
        self, order: MakeOrder, contest: MakeContest
    ) -> None:
        asked = order()
        carry_out(asked, contest("shy", "same"), [PASSED])
        assert asked.folder
        away = order(tracking_uri="http://127.0.0.1:9")
        promotion, failure = roll_back(away, asked.folder)
        assert promotion.version == champion_of(asked) == "test-same"
        assert isinstance(failure, TrackingFailed)
        mlflow.set_tracking_uri(asked.tracking_uri)
        assert version_named(CHAMPION) == "test-shy"
        carry_out(asked, contest("bold", "same"), [SHUT])
        assert version_named(CHAMPION) == "test-same"

    def test_a_registry_that_was_lost_is_filled_again(
        self, order: MakeOrder, contest: MakeContest, tmp_path: Path, migrated_database: Path
    ) -> None:
        asked = order()
        carry_out(asked, contest("shy", "same"), [PASSED])
        fresh = order(tracking_uri=f"sqlite:///{shutil.copy(migrated_database, tmp_path / 'fresh.db')}")
        carry_out(fresh, contest("bold", "same"), [SHUT])
        assert version_named(CHAMPION) == "test-shy"


def test_without_mlflow_nothing_is_changed(order: MakeOrder, contest: MakeContest, variant: MakeVariant) -> None:
    asked = order(tracking_uri="http://127.0.0.1:9")
    with pytest.raises(TrackingFailed, match="does not answer"):
        champion_to_beat(asked, None, variant("same"), variant("shy"))
    with pytest.raises(TrackingFailed, match="does not answer"):
        carry_out(asked, contest("shy", "same"), [PASSED])
    assert asked.folder
    assert not asked.folder.path.exists()


def test_a_dry_run_needs_no_mlflow_and_changes_nothing(order: MakeOrder, contest: MakeContest) -> None:
    asked = order(tracking_uri="http://127.0.0.1:9", dry_run=True)
    assert carry_out(asked, contest("shy", "same"), [PASSED]).outcome is Outcome.TRIED
    assert carry_out(asked, contest("shy", "same"), [SHUT]).outcome is Outcome.REFUSED
    assert asked.folder
    assert not asked.folder.path.exists()


def test_a_challenger_must_beat_the_champion_and_no_weaker_bundle(
    order: MakeOrder, variant: MakeVariant, tmp_path: Path
) -> None:
    asked = order()
    assert asked.folder
    asked.folder.install(variant("same"))
    asked.folder.promote("test-same", by="d.durand")
    assert champion_to_beat(asked, None, tmp_path, variant("shy")) == asked.folder.bundle_path("test-same")
    with pytest.raises(InvalidConfiguration, match="which a challenger must beat"):
        champion_to_beat(asked, variant("swapped"), tmp_path, variant("shy"))
    dry = order(dry_run=True)
    assert champion_to_beat(dry, variant("swapped"), tmp_path, variant("shy")) == variant("swapped")
    with pytest.raises(InvalidModelFolder, match="already"):
        champion_to_beat(asked, None, tmp_path, variant("same"))


def test_before_the_first_champion_the_served_bundle_is_to_be_beaten_or_a_named_one(
    order: MakeOrder, variant: MakeVariant
) -> None:
    assert champion_to_beat(order(), None, variant("same"), variant("shy")) == variant("same")
    assert champion_to_beat(order(), variant("hot"), variant("same"), variant("shy")) == variant("hot")


def test_who_forces_a_gate_gives_a_reason(order: MakeOrder) -> None:
    with pytest.raises(InvalidConfiguration, match="gives a reason; add it with --why"):
        require_sensible(order(force=frozenset({"GAT005"})), all_gates())
    require_sensible(order(force=frozenset({"GAT005"}), why="A new law."), all_gates())


@pytest.mark.parametrize(("code", "said"), [("GAT099", "There is no gate GAT099"), ("GAT001", "cannot be forced")])
def test_what_is_no_gate_or_final_cannot_be_forced(order: MakeOrder, code: str, said: str) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        require_sensible(order(force=frozenset({code}), why="Because."), all_gates())
