"""What the challenger answers beside the champion, as the page shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from evaluation.live.answers import BOUND
from evaluation.live.intervals import Share
from models.promotions import Challenger
from serving.desk.names import Names
from serving.desk.view.links import desk_path
from serving.models.shadow import Trial
from triage.store.figures import Window
from triage.store.records import Json
from triage.store.shadow import Disagreement, ShadowFigures
from triage.store.store import Store
from triage.taxonomy import HEADS

SHOWN = 10
_MOST_LETTERS = 120


@dataclass(frozen=True, slots=True)
class Shadowed:
    """What the store has of a challenger.

    Attributes:
        named: who let it answer, since when and why.
        disagreements: newest first.
    """

    named: Challenger
    figures: ShadowFigures
    disagreements: Sequence[Disagreement]


@dataclass(frozen=True, slots=True)
class Differing:
    """An alert that the two answer differently; `staff` is empty where nobody has answered it."""

    path: str
    at: datetime
    title: str
    champion: str
    challenger: str
    staff: str


@dataclass(frozen=True, slots=True)
class ShadowPanel:
    """The whole panel.

    Attributes:
        differing: among the alerts that both answered.
        champion_routed, challenger_routed: what each routes without a look.
        champion_right, challenger_right: whose category and department staff chose, of the alerts on which the two
            differ and staff have answered.
        categories: by the champion's category.
        listed: the newest alerts on which they differ.
    """

    named: Challenger
    differing: Share
    champion_routed: Share
    challenger_routed: Share
    champion_right: Share
    challenger_right: Share
    categories: Sequence[tuple[str, Share]]
    listed: Sequence[Differing]


def read_shadow(store: Store, trial: Trial | None, champion_sha256: str, window: Window) -> Shadowed | None:
    """What the store has of the challenger beside the champion; None where there is no challenger.

    Raises:
        StoreFailed: the store cannot be read.
    """
    if trial is None:
        return None
    of = (champion_sha256, trial.bundle.sha256, window)
    return Shadowed(trial.named, store.shadow_figures(*of), store.disagreements(*of))


def shadow_panel(found: Shadowed | None, names: Names) -> ShadowPanel | None:
    """The panel in the reader's language; None where there is no challenger."""
    if found is None:
        return None
    figures = found.figures
    answered = [(one, one.staff) for one in found.disagreements if one.staff is not None]
    return ShadowPanel(
        named=found.named,
        differing=Share.of(figures.differing, figures.alerts, BOUND),
        champion_routed=Share.of(figures.champion_routed, figures.alerts, BOUND),
        challenger_routed=Share.of(figures.challenger_routed, figures.alerts, BOUND),
        champion_right=_right([(one.champion, staff) for one, staff in answered]),
        challenger_right=_right([(one.challenger, staff) for one, staff in answered]),
        categories=[
            (names.category(count.category), Share.of(count.differing, count.alerts, BOUND))
            for count in figures.categories
        ],
        listed=[_differing(one, names) for one in found.disagreements[:SHOWN]],
    )


def _right(answers: Sequence[tuple[Json, Mapping[str, str | None]]]) -> Share:
    """How many send an alert where staff did."""
    hits = sum(all(said[head]["code"] == staff[head] for head in HEADS[:2]) for said, staff in answers)
    return Share.of(hits, len(answers), BOUND)


def _differing(one: Disagreement, names: Names) -> Differing:
    title = one.text if len(one.text) <= _MOST_LETTERS else f"{one.text[:_MOST_LETTERS].rstrip()}…"
    return Differing(
        path=f"{desk_path(one.alert_id)}?look=1",
        at=one.at,
        title=title or one.alert_id,
        champion=_named(one.champion, names),
        challenger=_named(one.challenger, names),
        staff=names.answer(*(one.staff[head] for head in HEADS)) if one.staff else "",
    )


def _named(said: Json, names: Names) -> str:
    return names.answer(*(said[head]["code"] for head in HEADS))
