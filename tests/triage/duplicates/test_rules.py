"""The file of rules: the one that ships, and every fault that a city's copy can have."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from triage.duplicates.rules import DuplicateRules, load_duplicate_rules
from triage.errors import InvalidConfiguration
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy

REAL = (PROJECT_ROOT / "datasets" / "duplicate_rules.yaml").read_text(encoding="utf-8")
WITHOUT_WORDS = REAL.split("words:")[0]
Load = Callable[[str | bytes], DuplicateRules]


@pytest.fixture
def load(tmp_path: Path, taxonomy: Taxonomy) -> Load:
    """Reads a file of such a content."""

    def read(content: str | bytes) -> DuplicateRules:
        path = tmp_path / "rules.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return load_duplicate_rules(path, taxonomy)

    return read


def changed(old: str, new: str) -> str:
    """The file that ships with one change."""
    assert old in REAL
    return REAL.replace(old, new, 1)


# The file that ships


def test_every_category_has_a_reach_of_its_own(rules: DuplicateRules, taxonomy: Taxonomy) -> None:
    assert set(rules.categories) == set(taxonomy.categories)


def test_slow_faults_keep_a_longer_window_than_events(rules: DuplicateRules) -> None:
    slow = [rules.reach(code).days for code in ("eclairage_public", "voirie", "signalisation", "mobilier_urbain")]
    quick = [rules.reach(code).days for code in ("eau_assainissement", "tranquillite", "feux_tricolores")]
    assert min(slow) > max(quick)
    # Guide, section 4: a slow fault with no known repair stays the same occurrence for up to 60 days.
    assert max(slow) == 60


def test_an_unknown_category_and_none_at_all_have_the_default_reach(rules: DuplicateRules) -> None:
    assert rules.reach(None) == rules.reach("") == rules.reach("unheard of") == rules.default


def test_a_fault_that_comes_back_is_looked_for_longer_than_a_duplicate(rules: DuplicateRules) -> None:
    assert rules.looks_back("eau_assainissement") == timedelta(days=180)
    assert rules.late == timedelta(days=2)


def test_the_longer_of_window_and_recurrence_decides_how_far_back_is_looked(load: Load) -> None:
    rules = load(changed("recurrence_days: 180", "recurrence_days: 10"))
    assert rules.looks_back("voirie") == timedelta(days=60)


# A city's copy


def test_a_radius_of_0_switches_a_category_off(load: Load) -> None:
    rules = load(changed("graffiti:           {radius_m: 200", "graffiti: {radius_m: 0"))
    assert rules.reach("graffiti").radius_m == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (changed("default: {radius_m: 200, days: 45}", "default: {radius_m: -1, days: 45}"), "default.radius_m"),
        (changed("default: {radius_m: 200, days: 45}", "default: {radius_m: 5001, days: 45}"), "default.radius_m"),
        (changed("default: {radius_m: 200, days: 45}", "default: {radius_m: .nan, days: 45}"), "default.radius_m"),
        (changed("default: {radius_m: 200, days: 45}", "default: {radius_m: 200, days: 0}"), "default.days"),
        (changed("default: {radius_m: 200, days: 45}", "default: {radius_m: 200}"), "default.days"),
        (changed("default: {radius_m: 200, days: 45}", "default: {radius: 200, days: 45}"), "default.radius_m"),
        (changed("recurrence_days: 180", "recurrence_days: 731"), "recurrence_days"),
        (changed("late_days: 2", "late_days: 31"), "late_days"),
        (changed("late_days: 2", "late_days: 2\nlately: 3"), "lately"),
        (changed("  again:", "  encore: [x]\n  again:"), "words.encore"),
        (changed("late_days: 2", "late_days: 2\nlate_days: 3"), "comes twice"),
        (WITHOUT_WORDS, "words"),
        (WITHOUT_WORDS + "words: {again: [], cleared: [ab], known: [ab], other: [ab], thanks: [ab]}", "again"),
        (WITHOUT_WORDS + "words: {again: [a], cleared: [ab], known: [ab], other: [ab], thanks: [ab]}", "again"),
        ("[]", "malformed"),
        ("", "malformed"),
        ("default: [", "cannot be read"),
        (b"default: \xff", "cannot be read"),
    ],
)
def test_a_fault_in_the_file_is_told_with_its_place(load: Load, content: str | bytes, words: str) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        load(content)
    assert words in caught.value.message
    assert "rules.yaml" in caught.value.message
    assert caught.value.message.endswith(".")


def test_a_category_that_the_taxonomy_lacks_is_refused(load: Load) -> None:
    with pytest.raises(InvalidConfiguration, match="the category 'lampes', which the taxonomy lacks"):
        load(changed("graffiti:", "lampes:"))


def test_a_missing_file_is_refused_by_name(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with pytest.raises(InvalidConfiguration, match=r"none\.yaml cannot be read"):
        load_duplicate_rules(tmp_path / "none.yaml", taxonomy)
