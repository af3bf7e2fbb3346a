"""Alerts that are, or may be, about the same fault, as they stand beside the one that is looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from serving.desk.languages import N_
from serving.desk.view.evidence import Waterfall, phrases, waterfall
from serving.desk.view.links import desk_path
from serving.desk.view.photos import PhotoView, photos_of
from serving.desk.view.said import STATE_NAMES
from serving.desk.view.words import Piece, plain_pieces
from triage.store.records import Link, LinkKind, State, StoredAlert

# Beyond the likeliest six nobody finds the one that matters.
MOST_SHOWN = 6

# What a link says; the name of its model's kind is shown to nobody.
KINDS: Mapping[LinkKind, str] = {
    "duplicate": N_("Linked as the same problem"),
    "candidate": N_("Possible duplicate"),
    "covered_by": N_("Report of the whole area"),
    "recurrence_of": N_("Closed before: the problem may be back"),
    "rejected": N_("Not a duplicate"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """Another alert beside the one that is looked at.

    Attributes:
        kind: how the two are tied.
        apart: the time between the two.
        is_older: whether it came first.
        unlikely: whether it is folded away, since more speaks against it than for it.
    """

    id: str
    kind: LinkKind
    probability: float
    distance_m: float | None
    apart: timedelta
    is_older: bool
    text: tuple[Piece, ...]
    language: str | None
    category: str | None
    state: State
    photos: tuple[PhotoView, ...]
    phrases: tuple[str, ...]
    waterfall: Waterfall | None

    @property
    def path(self) -> str:
        """Its page, which takes it from nobody."""
        return f"{desk_path(self.id)}?look=1"

    @property
    def is_linked(self) -> bool:
        """Whether the two are in one cluster."""
        return self.kind == "duplicate"

    @property
    def label(self) -> str:
        """What the link says, as a message."""
        return KINDS[self.kind]

    @property
    def state_label(self) -> str:
        """Its state, as a message."""
        return STATE_NAMES[self.state]


def worth_showing(links: Sequence[Link]) -> tuple[Link, ...]:
    """The links that are shown, the likeliest first: one for each other alert, those of a cluster before the rest."""
    order = {"duplicate": 0, "covered_by": 1, "recurrence_of": 1, "candidate": 2}
    known = sorted((link for link in links if link.kind in order), key=lambda link: order[link.kind])
    first: dict[str, Link] = {}
    for link in known:
        first.setdefault(link.other_id, link)
    return tuple(sorted(first.values(), key=lambda link: (link.kind != "duplicate", -link.probability)))[:MOST_SHOWN]


def told_apart(links: Sequence[Link]) -> tuple[Link, ...]:
    """The links to alerts that a person told apart from this one."""
    return tuple(link for link in links if link.kind == "rejected")[:MOST_SHOWN]


def candidates_of(
    alert: StoredAlert, links: Sequence[Link], others: Mapping[str, StoredAlert]
) -> tuple[Candidate, ...]:
    """What stands beside an alert.

    Args:
        alert: the one that is looked at.
        links: those that `worth_showing` or `told_apart` gave.
        others: the alerts that they name, by id.
    """
    return tuple(_candidate(alert, link, others[link.other_id]) for link in links if link.other_id in others)


def _candidate(alert: StoredAlert, link: Link, other: StoredAlert) -> Candidate:
    return Candidate(
        id=other.id,
        kind=link.kind,
        probability=link.probability,
        distance_m=link.distance_m,
        apart=abs(alert.created_at - other.created_at),
        is_older=other.created_at <= alert.created_at,
        text=plain_pieces(other.text),
        language=other.language,
        category=other.category,
        state=other.state,
        photos=photos_of(other),
        phrases=phrases(link.evidence),
        waterfall=waterfall(link.evidence, link.probability),
    )
