"""A test that a department may get before its first alert: it says in every channel that nothing is to be done."""

from datetime import datetime

from serving.forwarding.forwarder import due_at
from serving.forwarding.handover import Handover
from triage.places import Box
from triage.store.records import StoredAlert
from triage.taxonomy import Taxonomy

_TEXT = "Essai de transmission : rien à faire. / Test of the forwarder: nothing to do."


def trial(department: str, taxonomy: Taxonomy, area: Box, now: datetime) -> Handover:
    """A handover of an alert that does not exist, in the middle of the city.

    Args:
        department: its code.
        taxonomy: has the category and the priority that it gets.
        area: of the city.
        now: when it is sent.
    """
    categories = taxonomy.categories.items()
    own = (code for code, category in categories if category.default_department == department)
    priority = taxonomy.codes("priority")[-1]
    name = f"test-{department}-{now:%Y%m%dT%H%M%S}"
    alert = StoredAlert(
        seq=0,
        id=name,
        text=_TEXT,
        lat=(area.south + area.north) / 2,
        lon=(area.west + area.east) / 2,
        created_at=now,
        received_at=now,
        category_hint=None,
        category=next(own, taxonomy.fallback_category),
        department=department,
        priority=priority,
        decision="route",
        reasons=(),
        photos=(),
        plates=(),
        vector_version="",
        prediction=None,
        content_sha256="",
        state="open",
        closed_at=None,
        cluster_id=None,
        covered_by=None,
        recurrence_of=None,
        updated_at=now,
        queue=None,
        queue_rank=None,
        language=None,
        review_id=None,
        address=None,
        commune=None,
        channel=None,
        version=1,
        expected_at=None,
        status_note=None,
        status_department=None,
    )
    due = due_at(now, taxonomy.priorities[priority].target_hours)
    return Handover(name, now, department, alert, _TEXT, False, due, None, None, by_staff=False, is_test=True)
