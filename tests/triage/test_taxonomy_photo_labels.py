"""What photos can show, by the city's file: cross-checked like all else in it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.errors import InvalidTaxonomy
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

TINY = """\
version: 1
languages: [fr, en]
categories:
  lampes: {fr: Lampes, en: Lamps, default_department: guichet}
  divers: {fr: Divers, en: Rest, default_department: guichet, fallback: true}
departments:
  guichet: {fr: Guichet, en: Desk, fallback: true}
priorities:
  vite: {rank: 0, fr: Vite, en: Soon, target_hours: 2, urgent: true}
  tard: {rank: 1, fr: Tard, en: Late, target_hours: 24}
"""
SHOWN = """\
photo_labels:
  lampe: {fr: Lampe, en: Lamp, category: lampes, priority: tard, urgent: 0.1, also: [divers]}
  rue: {fr: Rue, en: Street}
  autre: {fr: Autre, en: Other, irrelevant: true}
"""

Load = Callable[[str], Taxonomy]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def load_text(content: str) -> Taxonomy:
        (tmp_path / "city.yaml").write_text(content, encoding="utf-8")
        return load_taxonomy(tmp_path / "city.yaml")

    return load_text


def test_a_file_may_say_what_photos_show(load: Load) -> None:
    found = load(TINY + SHOWN).photo_labels
    assert list(found) == ["lampe", "rue", "autre"]
    assert (found["lampe"].category, found["lampe"].priority, found["lampe"].urgent) == ("lampes", "tard", 0.1)
    assert (found["rue"].category, found["rue"].urgent, found["rue"].also) == (None, 0, ())
    assert [label.irrelevant for label in found.values()] == [False, False, True]


def test_a_file_needs_no_photo_labels(load: Load) -> None:
    assert load(TINY).photo_labels == {}


def test_no_photo_label_of_the_real_file_is_urgent_by_itself() -> None:
    real = load_taxonomy(PROJECT_ROOT / "datasets" / "taxonomy.yaml")
    assert len(real.photo_labels) == 9
    assert all(label.urgent < 0.5 for label in real.photo_labels.values())
    assert all(label.category not in label.also for label in real.photo_labels.values())
    assert all(label.priority != real.urgent_priority for label in real.photo_labels.values())


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("category: lampes", "category: ailleurs", "photo label 'lampe' names 'ailleurs'"),
        ("priority: tard", "priority: demain", "photo label 'lampe' names 'demain'"),
        ("also: [divers]", "also: [divers, ailleurs]", "photo label 'lampe' names 'ailleurs'"),
        ("category: lampes, ", "", "give both or neither"),
        ("priority: tard, ", "", "give both or neither"),
        (", irrelevant: true", "", "exactly one of the photo_labels"),
        ("en: Street", "en: Street, irrelevant: true", "exactly one of the photo_labels"),
        ("urgent: 0.1", "urgent: 1.5", r"photo_labels\.lampe\.urgent"),
        ("urgent: 0.1", "urgent: .nan", r"photo_labels\.lampe\.urgent"),
        ("en: Street", "en: Street, colour: grey", r"photo_labels\.rue\.colour"),
        ("fr: Rue, ", "", r"photo_labels\.rue\.fr"),
        ("  rue:", "  Rue:", "Rue"),
        ("  rue:", "  lampe:", "'lampe' comes twice"),
    ],
)
def test_photo_labels_that_contradict_the_file_are_refused_and_say_where(
    load: Load, old: str, new: str, told: str
) -> None:
    assert old in SHOWN
    with pytest.raises(InvalidTaxonomy, match=told):
        load(TINY + SHOWN.replace(old, new, 1))


def test_a_city_may_not_remove_a_photo_label_but_may_add_one(load: Load) -> None:
    trained = load(TINY + SHOWN)
    load(TINY + SHOWN + "  mur: {fr: Mur, en: Wall}\n").require_compatible(trained)
    with pytest.raises(InvalidTaxonomy, match="lacks the photo label rue, which the model"):
        load(TINY + SHOWN.replace("  rue: {fr: Rue, en: Street}\n", "")).require_compatible(trained)
    load(TINY + SHOWN).require_compatible(load(TINY))
