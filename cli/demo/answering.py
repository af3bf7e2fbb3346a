"""What two agents of the demo have answered before it opens, so that there is something to supervise."""

import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cli.demo.alerts import DemoAlert
from serving.alerts.events import reviewed_events
from serving.desk.forms import shown
from serving.desk.view.duplicates import worth_showing
from serving.staff.passwords import Passwords
from triage.prediction import Prediction
from triage.review.order import returned_place
from triage.review.rules import ReviewRules
from triage.review.suspects import suspicion
from triage.staff import Role
from triage.store.records import Json, StoredAlert
from triage.store.review_records import NewReturn, ReviewDecision
from triage.store.store import Store
from triage.taxonomy import HEADS, Head

# What is younger still waits when the demo opens.
_YOUNGEST = timedelta(hours=20)
_RETURNED_AFTER = timedelta(hours=2)
# An agent who does not look closely takes the model's answer, which the other one puts right; of some other alerts too
# two agents say what they think.
_TRUSTING, _TWICE = 0.15, 0.2


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demo; the password is printed once."""

    name: str
    display_name: str
    role: Role
    password: str


def add_accounts(store: Store) -> tuple[DemoAccount, ...]:
    """Make an agent and a supervisor."""
    accounts = tuple(
        DemoAccount(f"demo.{role}", shown_as, role, secrets.token_urlsafe(12))
        for role, shown_as in ((Role.AGENT, "Demo agent"), (Role.SUPERVISOR, "Demo supervisor"))
    )
    passwords = Passwords()
    for account in accounts:
        store.add_account(account.name, account.display_name, account.role, passwords.hash(account.password))
    return accounts


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers what has waited for long.

    Attributes:
        names: of the two who answer.
        rules: where an alert waits that was given back, and which labels look wrong.
        now: when the demo opens.
    """

    names: Sequence[str]
    rules: ReviewRules
    now: datetime

    def run(self, store: Store, alerts: Sequence[DemoAlert]) -> int:
        """Store the answers; how many there are."""
        decided = []
        for told in alerts:
            alert = store.alert(told.id)
            if alert is not None and (told.answered or self._has_waited(alert)):
                decided.append((told, alert))
        count = 0
        for told, alert in sorted(decided, key=lambda pair: self._decided_at(*pair)):
            count += self._answer(store, told, alert)
        self._suspect(store, [told.id for told, _ in decided if told.returned is None])
        return count

    def _has_waited(self, alert: StoredAlert) -> bool:
        return alert.queue is not None and self.now - alert.received_at >= _YOUNGEST

    def _decided_at(self, told: DemoAlert, alert: StoredAlert) -> datetime:
        generator = random.Random(f"when {told.id}")
        # Whatever may be urgent is looked at first.
        hours = generator.uniform(0.05, 0.3) if alert.decision == "route_and_review" else generator.uniform(0.3, 9)
        return alert.received_at + timedelta(hours=hours)

    def _answer(self, store: Store, told: DemoAlert, alert: StoredAlert) -> int:
        generator = random.Random(f"how {told.id}")
        first, second = generator.sample(list(self.names), 2)
        right: dict[Head, str] = {head: getattr(told, head) for head in HEADS}
        trusting = not told.answered and generator.random() < _TRUSTING
        codes = _models_answer(alert) if trusting else right | dict(told.answered)
        at = self._decided_at(told, alert)
        alert = _decide(store, alert, codes, first, at)
        if told.returned is not None:
            self._give_back(store, told, alert, at + _RETURNED_AFTER)
        elif not told.answered and (trusting or generator.random() < _TWICE):
            _decide(store, alert, right, second, at + timedelta(hours=generator.uniform(0.5, 6)))
            return 2
        return 1

    def _give_back(self, store: Store, told: DemoAlert, alert: StoredAlert, at: datetime) -> None:
        department = alert.department or told.department
        new = NewReturn(alert.id, department, told.department, told.returned or "", department, at)
        store.add_return(new, returned_place(at, self.rules))

    def _suspect(self, store: Store, ids: Sequence[str]) -> None:
        found = {}
        for alert_id in ids:
            alert = store.alert(alert_id)
            if alert is not None and alert.prediction is not None:
                prediction = Prediction.model_validate(alert.prediction)
                found[alert_id] = suspicion(alert, prediction, self.rules.suspects)
        store.suspect({name: doubt for name, doubt in found.items() if doubt is not None})


def _models_answer(alert: StoredAlert) -> dict[Head, str]:
    answer: Json = alert.prediction or {}
    return {head: answer[head]["code"] for head in HEADS}


def _decide(store: Store, alert: StoredAlert, codes: dict[Head, str], reviewer: str, at: datetime) -> StoredAlert:
    answer: Json = alert.prediction or {}
    category = answer["category"]
    ranked = [category["code"], *(other["code"] for other in category["alternatives"])]
    links = tuple((link.other_id, link.probability) for link in worth_showing(store.links(alert.id)))
    rank = ranked.index(codes["category"]) + 1
    decision = ReviewDecision(
        alert_id=alert.id,
        reviewer=reviewer,
        decided_at=at,
        follows=alert.review_id,
        category=codes["category"],
        department=codes["department"],
        priority=codes["priority"],
        # Whoever has to look for the answer takes longer.
        seconds=round(random.Random(f"{reviewer} {alert.id}").uniform(3, 14) * rank**0.5, 1),
        rank=rank,
        model_version=answer["model"]["version"],
        shown=shown(answer, links),
    )
    return store.decide(decision, reviewed_events(decision))
