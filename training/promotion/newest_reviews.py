"""The newest answers of staff to alerts drawn at random: a test set that grows by itself."""

from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from models.bundle import RULES, Bundle
from training.corpus_checks.duplicates import retold
from training.promotion.contest import TrainingTexts
from triage.corpus import LabelledAlert
from triage.review.export import Exporter
from triage.rules import load_rules
from triage.store.store import Store
from triage.taxonomy import Taxonomy

SAMPLE = "sample"
MOST = 1_000
WINDOW = timedelta(days=180)

_FILE = "sqlite:///"


def newest_reviews(
    store_url: str, challenger: Bundle, taxonomy: Taxonomy, training: TrainingTexts, now: datetime
) -> Sequence[LabelledAlert]:
    """Rows that the challenger was not trained on, without personal data.

    Where its training texts are not all known, only answers that are younger than the challenger count.

    Args:
        store_url: where the alerts are; a file that is not there holds none.
        challenger: whose rules say which labels fit together.
        taxonomy: the challenger's.
        training: what it was trained on.
        now: the end of the half-year that counts.

    Raises:
        StoreFailed: the store is there but cannot be read.
        StoreTooOld: its tables are of an older version; `triage serve` brings them up to date.
    """
    if store_url.startswith(_FILE) and not Path(store_url.removeprefix(_FILE)).exists():
        return ()
    since = now - WINDOW if training.proven else max(challenger.manifest.origin.created_at, now - WINDOW)
    exporter = Exporter(taxonomy, load_rules(challenger.path(RULES), taxonomy), lambda _kind, name: name)
    with Store.open(store_url, migrate=False) as store:
        drawn = (review for review in store.labelled_reviews(since, now) if review.queue == SAMPLE)
        rows = exporter.export(deque(drawn, MOST)).rows
    known = {row.id for row in retold(rows, training.texts)}
    return tuple(row for row in rows if row.id not in known)
