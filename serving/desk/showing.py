"""From what was gathered to what the page's template shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from serving.desk.gathering import Around, Gathered, Wanted
from serving.desk.map.backdrop import Backdrop
from serving.desk.map.view import map_view
from serving.desk.names import Names
from serving.desk.parts import DeskParts
from serving.desk.view.answers import Answers, Defaults, answers_of
from serving.desk.view.duplicates import Candidate, candidates_of
from serving.desk.view.forwarding import Undelivered, undelivered_of
from serving.desk.view.history import Happening, history_of
from serving.desk.view.links import DESK, desk_path
from serving.desk.view.photos import PhotoView, photos_of
from serving.desk.view.queue import QueueView, queue_view
from serving.desk.view.said import CHANNEL_NAMES, STATE_NAMES
from serving.desk.view.words import Piece, holds_masks, plain_pieces
from triage.staff import Member, Role
from triage.store.records import StoredAlert
from triage.store.review_records import SUSPECT_QUEUE

# After that, nobody takes back by a key what they decided.
_UNDO_WITHIN = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class AlertView:
    """The alert on the page.

    Attributes:
        pieces: its text.
        language: of its text, if known.
        is_masked: whether personal data was taken out of it.
        may_unmask: whether the reader may see the text as sent.
        unmasked: the text as sent, where it was asked for.
        is_open: whether the reader may answer.
        held_by, held_until: the other agent who looks at it.
        is_suspect: whether the question is which of two labels is right.
        words_shown: whether the deciding words are marked.
        told_apart: alerts that a person told apart from this one.
        undelivered: the departments that have not taken it.
        photo_link: where its sender keeps a photo.
    """

    alert: StoredAlert
    pieces: tuple[Piece, ...]
    language: str | None
    is_masked: bool
    may_unmask: bool
    unmasked: tuple[Piece, ...] | None
    is_open: bool
    held_by: str | None
    held_until: datetime | None
    is_suspect: bool
    words_shown: bool
    answers: Answers
    photos: tuple[PhotoView, ...]
    candidates: tuple[Candidate, ...]
    told_apart: tuple[Candidate, ...]
    history: tuple[Happening, ...]
    undelivered: tuple[Undelivered, ...]
    photo_link: str | None

    def path(self, action: str = "") -> str:
        """The alert's page, or what is done to it."""
        return desk_path(self.alert.id, action)

    @property
    def is_answered(self) -> bool:
        """Whether a person answered it, and nobody asks for another answer."""
        return self.alert.review_id is not None and self.alert.queue is None

    @property
    def state_label(self) -> str:
        """Its state, as a message."""
        return STATE_NAMES[self.alert.state]

    @property
    def channel_label(self) -> str:
        """How it came, as a message; "" where nobody knows."""
        return next((name for channel, name in CHANNEL_NAMES.items() if channel == self.alert.channel), "")

    @property
    def photo_host(self) -> str:
        """Whose site a photo's link leads to: a reader must know that before following it."""
        return urlsplit(self.photo_link or "").hostname or ""

    @property
    def model_version(self) -> str:
        """Whose answers are shown; empty where no model was asked."""
        return str(self.alert.prediction["model"]["version"]) if self.alert.prediction else ""


@dataclass(frozen=True, slots=True)
class Shown:
    """How an alert is to be shown.

    Attributes:
        is_open: whether the reader may answer.
        held_by, held_until: the other agent who looks at it.
        words: its text with the deciding words marked.
        unmasked: the text as sent.
    """

    is_open: bool = True
    held_by: str | None = None
    held_until: datetime | None = None
    words: tuple[Piece, ...] | None = None
    unmasked: str | None = None


@dataclass(frozen=True, slots=True)
class Showing:
    """Makes what `desk.html` shows to one reader."""

    parts: DeskParts
    backdrop: Backdrop
    names: Names
    member: Member

    def values(self, gathered: Gathered, wanted: Wanted, how: Shown) -> Mapping[str, Any]:
        """The values of the template."""
        is_suspects = wanted.kinds == SUSPECT_QUEUE
        found = gathered.around
        return {
            "section": "suspects" if is_suspects else "queue",
            "names": self.names,
            "category_name": self.names.category,
            "queue": _queue(gathered, wanted, f"{DESK}/suspects" if is_suspects else DESK),
            "view": None if found is None else _alert_view(found, self.parts, self.names, self.member, how),
            "map": None if found is None else map_view(found.alert, found.neighbours, self.backdrop),
            "last": _undoable(gathered, wanted),
            "opened": int(wanted.now.timestamp()),
        }


def _queue(gathered: Gathered, wanted: Wanted, path: str) -> QueueView:
    cursor = gathered.queue.cursor
    return queue_view(
        gathered.queue,
        sum(gathered.counts.get(kind, 0) for kind in wanted.kinds),
        current=wanted.alert_id,
        reader=wanted.reader,
        next_path=None if cursor is None else f"{path}?{urlencode({'after': cursor})}",
        is_start=wanted.cursor is None,
    )


def _undoable(gathered: Gathered, wanted: Wanted) -> Mapping[str, Any] | None:
    if gathered.last is None or wanted.now - gathered.last[0].decided_at > _UNDO_WITHIN:
        return None
    entry, alert = gathered.last
    # On the alert's own page another button undoes it.
    return None if alert.id == wanted.alert_id else {"entry": entry, "path": desk_path(alert.id)}


def _alert_view(found: Around, parts: DeskParts, names: Names, member: Member, how: Shown) -> AlertView:
    alert = found.alert
    defaults = Defaults(parts.taxonomy, parts.rules, alert.prediction)
    is_suspect = alert.queue in SUSPECT_QUEUE
    return AlertView(
        alert=alert,
        pieces=how.words or plain_pieces(alert.text),
        language=alert.language,
        is_masked=holds_masks(alert.text),
        may_unmask=member.may(Role.SUPERVISOR),
        unmasked=None if how.unmasked is None else (Piece(how.unmasked),),
        is_open=how.is_open and alert.state != "withdrawn",
        held_by=how.held_by,
        held_until=how.held_until,
        is_suspect=is_suspect,
        words_shown=how.words is not None,
        answers=answers_of(alert, alert.prediction, names, defaults, unbiased=is_suspect),
        photos=photos_of(alert),
        candidates=candidates_of(alert, found.links, found.others),
        told_apart=candidates_of(alert, found.rejected, found.others),
        history=history_of(alert, found.reviews, found.notes, found.returns, found.readings, found.told),
        undelivered=undelivered_of(found.undelivered),
        photo_link=found.photo_link,
    )
