"""What somebody asks for, whether it makes sense, and carrying it out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from models.bundle import Bundle, load_bundle
from models.folder import ModelFolder
from models.promotions import Challenger, Promotion
from training.promotion.contest import Contest
from training.promotion.gate import Gate, GateResult
from training.promotion.promoter import Promoter
from training.promotion.record import record_gates, record_outcome, recorded
from training.registry.tracking import TrackingFailed, require_tracking
from training.registry.versions import RegisteredVersions
from triage.errors import InvalidConfiguration, InvalidModelFolder


class Outcome(StrEnum):
    """What became of a challenger."""

    PROMOTED = "promoted"
    SHADOWED = "shadowed"
    REFUSED = "refused"
    TRIED = "tried"


@dataclass(frozen=True, slots=True)
class Order:
    """Who wants a challenger in which folder, and why.

    Attributes:
        folder: the folder of models; a dry run needs none.
        tracking_uri: the MLflow server or database.
        by: who answers for it.
        why: their reason.
        force: codes of gates that they pass in their name.
        share: of the alerts that the challenger shall answer unheard; none to promote it.
        dry_run: whether the gates are only tried.
    """

    folder: ModelFolder | None
    tracking_uri: str
    by: str
    why: str = ""
    force: frozenset[str] = frozenset()
    share: float | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a challenger, and the MLflow run that keeps it."""

    outcome: Outcome
    run_id: str | None = None


def require_sensible(order: Order, gates: Collection[Gate]) -> None:
    """Refuse an order that could not be carried out, before anything is measured.

    Raises:
        InvalidConfiguration: it forces a gate that is none or cannot be forced, or does so without a reason.
    """
    known = {gate.code: gate for gate in gates}
    for code in sorted(order.force):
        if code not in known:
            raise InvalidConfiguration(f"There is no gate {code}; the gates are {', '.join(known)}.")
        if not known[code].may_be_forced:
            raise InvalidConfiguration(
                f"The gate {code} ({known[code].title}) cannot be forced: the service would refuse the bundle."
            )
    if order.force and not order.why:
        raise InvalidConfiguration("Who forces a gate gives a reason; add it with --why.")


def champion_to_beat(order: Order, named: Path | None, served: Path, challenger: Path) -> Path:
    """The bundle that a challenger is compared with: the champion, or what was served before there was one.

    Args:
        order: who wants it where.
        named: a bundle that somebody wants it compared with.
        served: the bundle of the settings.
        challenger: the bundle that shall be served.

    Raises:
        InvalidConfiguration: there is a champion, and another one was named.
        InvalidModelFolder: the challenger is the champion already, or the folder is broken.
        TrackingFailed: MLflow does not answer, which is better known before the gates are tried.
    """
    champion = order.folder.champion() if order.folder else None
    if not order.dry_run:
        require_tracking(order.tracking_uri)
    if order.folder is None or champion is None:
        return named or served
    if named is not None and order.dry_run:
        return named
    if named is not None:
        raise InvalidConfiguration(
            f"{order.folder.path} has the champion {champion.version}, which a challenger must beat; leave --champion"
            " out, or compare with another one in a --dry-run."
        )
    if load_bundle(challenger).sha256 == champion.bundle_sha256:
        raise InvalidModelFolder(f"{champion.version} is the champion of {order.folder.path} already.")
    return order.folder.verified(champion).folder


def carry_out(order: Order, contest: Contest, results: Sequence[GateResult]) -> Decision:
    """Promote a challenger, let it answer unheard, or refuse it, and write down why.

    A challenger that is not heard need only pass the gates that the service insists on.

    Raises:
        TrackingFailed: MLflow does not answer or refuses; nothing was changed.
        InvalidModelFolder: the folder cannot be changed.
    """
    shut = any(result.shut and (order.share is None or not result.may_be_forced) for result in results)
    if order.dry_run or order.folder is None:
        return Decision(Outcome.REFUSED if shut else Outcome.TRIED)
    before, after = contest.champion.bundle, contest.challenger.bundle
    tags = {"by": order.by, "why": order.why, "compared_with": before.sha256, "bundle_sha256": after.sha256}
    with recorded(order.tracking_uri, f"promote {after.manifest.version}", tags) as run_id:
        record_gates(results)
        promoter = Promoter(order.folder, RegisteredVersions(), order.by, order.why)
        promoter.settle()
        outcome = Outcome.REFUSED
        if shut:
            promoter.refuse(after, results, run_id)
        else:
            if order.folder.champion() is None and before.sha256 != after.sha256:
                promoter.start(before)
            outcome = _let_in(order, promoter, after, results, run_id)
        record_outcome(outcome)
    return Decision(outcome, run_id)


def end_shadow(order: Order, folder: ModelFolder) -> Challenger | None:
    """Stop asking the challenger; returns it, or none where there was none.

    Raises:
        TrackingFailed: MLflow does not answer; the challenger is still asked.
        InvalidModelFolder: the folder cannot be changed.
    """
    with recorded(order.tracking_uri, "end shadow", {"by": order.by, "why": order.why}):
        return Promoter(folder, RegisteredVersions(), order.by, order.why).end_shadow()


def roll_back(order: Order, folder: ModelFolder) -> tuple[Promotion, TrackingFailed | None]:
    """Make the champion before this one champion again.

    A city that must go back cannot wait for MLflow: its alias follows where it answers, else at the next promotion.

    Returns:
        The champion, and why MLflow could not be told, where it could not.

    Raises:
        InvalidBundle: the bundle before this one is broken.
        InvalidModelFolder: there was none before, or the folder cannot be changed.
    """
    promotion = folder.rollback(by=order.by, why=order.why)
    tags = {"by": order.by, "why": order.why, "bundle_sha256": promotion.bundle_sha256}
    try:
        with recorded(order.tracking_uri, f"roll back to {promotion.version}", tags):
            Promoter(folder, RegisteredVersions(), order.by, order.why).settle()
    except TrackingFailed as error:
        return promotion, error
    return promotion, None


def _let_in(order: Order, promoter: Promoter, bundle: Bundle, results: Sequence[GateResult], run_id: str) -> Outcome:
    if order.share is None:
        promoter.promote(bundle, results, run_id)
        return Outcome.PROMOTED
    promoter.shadow(bundle, order.share)
    return Outcome.SHADOWED
