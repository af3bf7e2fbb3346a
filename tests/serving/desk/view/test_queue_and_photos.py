from serving.desk.view.photos import photos_of
from serving.desk.view.queue import opening, queue_view
from tests.serving.desk.made import NOON, prediction, stored_alert
from triage.store.review_records import QueuePage, QueueRow


def test_a_text_is_cut_after_a_word() -> None:
    assert opening("court") == "court"
    assert opening("un deux\n trois", 9) == "un deux…"
    assert opening("x" * 200, 10) == "xxxxxxxxx…"


def test_rows_say_who_else_looks_at_an_alert() -> None:
    rows = tuple(
        QueueRow(stored_alert(name), holder, NOON) for name, holder in (("a", "a.petit"), ("b", "c.roy"), ("c", None))
    )
    view = queue_view(QueuePage(rows, None), 3, current="a", reader="a.petit", next_path=None, is_start=True)
    assert [(row.id, row.is_current, row.held_by) for row in view.rows] == [
        ("a", True, None),
        ("b", False, "c.roy"),
        ("c", False, None),
    ]


def test_an_alert_drawn_by_chance_gives_no_reason() -> None:
    row = QueueRow(stored_alert("a", queue="sample", reasons=("no_place",)), None, None)
    [shown] = queue_view(QueuePage((row,), None), 1, current=None, reader="x", next_path=None, is_start=True).rows
    assert shown.by_chance
    assert shown.reason is None


def test_photos_show_what_the_model_saw_only_where_it_was_sure() -> None:
    said = [
        {"label": "waste", "confidence": 0.9, "abstains": False, "alternatives": []},
        {"label": "graffiti", "confidence": 0.3, "abstains": True, "alternatives": []},
    ]
    photos = ({"key": "k" * 64, "held": False}, {"key": None, "held": True})
    sure, unsure = photos_of(stored_alert("a/b", photos=photos, prediction=prediction(photos=said)))
    assert (sure.label, sure.path, sure.heat_path) == (
        "waste",
        "/review/alerts/a%2Fb/photos/1",
        "/review/alerts/a%2Fb/heat/1",
    )
    assert (unsure.label, unsure.path, unsure.held, unsure.heat_path) == (None, None, True, None)


def test_labels_are_left_out_where_a_photo_could_not_be_read() -> None:
    """Then nobody knows which label belongs to which photo."""
    said = [{"label": "waste", "confidence": 0.9, "abstains": False, "alternatives": []}] * 2
    [photo] = photos_of(stored_alert(photos=({"key": "k", "held": False},), prediction=prediction(photos=said)))
    assert photo.label is None
