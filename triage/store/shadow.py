"""What a challenger answered beside the champion, unheard, and how often the two differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, Column, ColumnElement, Index, Table, Text, func, insert, select

from triage.prediction import Decision
from triage.store.base import StoreBase
from triage.store.figures import Window, is_label
from triage.store.records import Json
from triage.store.rows import HEADS, numbers_of
from triage.store.schema import Moment, alerts, metadata, numbered, of_alert, reviews

# More than anybody reads, and enough to see who is right more often.
MAX_DISAGREEMENTS = 1_000

shadow_answers = Table(
    "shadow_answers",
    metadata,
    numbered(),
    of_alert(index=True),
    Column("at", Moment, nullable=False),
    Column("champion_sha256", Text, nullable=False),
    Column("challenger_sha256", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("differs", Boolean, nullable=False),
    Column("champion", JSON, nullable=False),
    Column("challenger", JSON, nullable=False),
    Index(None, "challenger_sha256", "champion_sha256", "at"),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True)
class ShadowAnswer:
    """Two answers to one alert: `code` and `confidence` of each head, and `decision`.

    Attributes:
        champion_sha256, challenger_sha256: the bundles that gave them.
    """

    alert_id: str
    at: datetime
    champion_sha256: str
    challenger_sha256: str
    champion: Json
    challenger: Json

    @property
    def differs(self) -> bool:
        """Whether any head was answered with another code."""
        return any(self.champion[head]["code"] != self.challenger[head]["code"] for head in HEADS)


@dataclass(frozen=True, slots=True)
class ShadowCount:
    """How many alerts of one of the champion's categories both answered, and on how many they differ."""

    category: str
    alerts: int
    differing: int


@dataclass(frozen=True, slots=True)
class ShadowFigures:
    """Both bundles on the same alerts.

    Attributes:
        categories: by the champion's category, most alerts first.
        champion_routed, challenger_routed: how many alerts each routes without a look.
    """

    categories: tuple[ShadowCount, ...]
    champion_routed: int
    challenger_routed: int

    @property
    def alerts(self) -> int:
        """How many alerts both answered."""
        return sum(count.alerts for count in self.categories)

    @property
    def differing(self) -> int:
        """On how many they differ."""
        return sum(count.differing for count in self.categories)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An alert that the two answer differently.

    Attributes:
        text: without personal data.
        staff: the codes in effect where a person has answered; None where nobody has.
    """

    alert_id: str
    at: datetime
    text: str
    champion: Json
    challenger: Json
    staff: Mapping[str, str | None] | None


class ShadowAnswers(StoreBase):
    """Answers of challengers. Every method raises StoreFailed where the database cannot be read or written."""

    def add_shadow_answers(self, answers: Sequence[ShadowAnswer]) -> None:
        """Keep answers; those to alerts that are not stored, or no longer, are left out."""
        with self._database.writing("keep a challenger's answers") as connection:
            known = numbers_of(connection, [answer.alert_id for answer in answers])
            rows = [_values(answer, known[answer.alert_id]) for answer in answers if answer.alert_id in known]
            if rows:
                connection.execute(insert(shadow_answers), rows)

    def shadow_figures(self, champion_sha256: str, challenger_sha256: str, window: Window) -> ShadowFigures:
        """How often two bundles differ on the alerts of a window."""
        table = shadow_answers
        counted = (
            func.count().label("alerts"),
            func.count().filter(table.c.differs).label("differing"),
            func.count().filter(_routes(table.c.champion)).label("champion_routed"),
            func.count().filter(_routes(table.c.challenger)).label("challenger_routed"),
        )
        statement = (
            select(table.c.category, *counted)
            .where(*_of(champion_sha256, challenger_sha256, window))
            .group_by(table.c.category)
            .order_by(func.count().desc(), table.c.category)
        )
        with self._database.reading("count a challenger's answers") as connection:
            rows = connection.execute(statement).all()
        return ShadowFigures(
            tuple(ShadowCount(row.category, row.alerts, row.differing) for row in rows),
            sum(row.champion_routed for row in rows),
            sum(row.challenger_routed for row in rows),
        )

    def disagreements(
        self, champion_sha256: str, challenger_sha256: str, window: Window, limit: int = MAX_DISAGREEMENTS
    ) -> tuple[Disagreement, ...]:
        """The alerts of a window that two bundles answer differently, newest first."""
        table = shadow_answers
        answered = select(reviews.c.seq).where(reviews.c.alert_seq == alerts.c.seq, *is_label(reviews)).exists()
        said = (table.c.at, table.c.champion, table.c.challenger)
        statement = (
            select(alerts.c.id, alerts.c.text, *(alerts.c[head] for head in HEADS), *said, answered.label("answered"))
            .join(alerts, alerts.c.seq == table.c.alert_seq)
            .where(*_of(champion_sha256, challenger_sha256, window), table.c.differs)
            .order_by(table.c.at.desc(), table.c.seq.desc())
            .limit(limit)
        )
        with self._database.reading("read a challenger's answers") as connection:
            return tuple(map(_disagreement, connection.execute(statement)))


def _values(answer: ShadowAnswer, number: int) -> dict[str, Any]:
    return {
        "alert_seq": number,
        "at": answer.at,
        "champion_sha256": answer.champion_sha256,
        "challenger_sha256": answer.challenger_sha256,
        "category": answer.champion["category"]["code"],
        "differs": answer.differs,
        "champion": answer.champion,
        "challenger": answer.challenger,
    }


def _of(champion_sha256: str, challenger_sha256: str, window: Window) -> tuple[ColumnElement[bool], ...]:
    table = shadow_answers
    return (
        table.c.challenger_sha256 == challenger_sha256,
        table.c.champion_sha256 == champion_sha256,
        table.c.at >= window.since,
        table.c.at < window.until,
    )


def _routes(answer: Any) -> ColumnElement[bool]:
    routed: ColumnElement[bool] = answer["decision"].as_string() == Decision.ROUTE.value
    return routed


def _disagreement(row: Any) -> Disagreement:
    return Disagreement(
        alert_id=row.id,
        at=row.at,
        text=row.text,
        champion=row.champion,
        challenger=row.challenger,
        staff={head: getattr(row, head) for head in HEADS} if row.answered else None,
    )
