"""The file of rules: what ships is whole, and what cannot be used is refused with a sentence."""

from collections.abc import Callable
from pathlib import Path

import pytest

from triage.errors import InvalidConfiguration
from triage.review.rules import DEFAULT_RULES, ReviewRules, load_review_rules
from triage.taxonomy import Taxonomy

Change = Callable[[str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """The file that ships, with one text for another."""

    def write(old: str, new: str) -> Path:
        content = DEFAULT_RULES.read_text(encoding="utf-8")
        assert old in content
        path = tmp_path / "rules.yaml"
        path.write_text(content.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def test_what_ships_costs_most_where_it_presses_most(rules: ReviewRules, taxonomy: Taxonomy) -> None:
    costs = [rules.costs[code] for code in taxonomy.codes("priority")]
    assert costs == sorted(costs, reverse=True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  basse: 8", "  basse: 8\n  urgente: 9", "names the priority 'urgente', which the taxonomy lacks"),
        ("  basse: 8\n", "", "gives no cost for the priority 'basse'"),
        ("  basse: 8", "  basse: -1", "malformed"),
        ("  basse: 8", "  basse: .nan", "malformed"),
        ("sample_share: 0.08", "sample_share: 8", "malformed"),
        ("sample_share: 0.08", "share: 0.08", "malformed"),
        ("least_other: 0.95", "least_other: 0.2", "malformed"),
        ("urgent_hours: 8760", "urgent_hours: [", "cannot be read"),
    ],
)
def test_rules_that_cannot_be_used_are_refused_with_a_sentence(
    changed: Change, taxonomy: Taxonomy, old: str, new: str, said: str
) -> None:
    with pytest.raises(InvalidConfiguration, match=said):
        load_review_rules(changed(old, new), taxonomy)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with pytest.raises(InvalidConfiguration, match=r"nowhere\.yaml"):
        load_review_rules(tmp_path / "nowhere.yaml", taxonomy)


def test_a_city_may_draw_all_or_none(changed: Change, taxonomy: Taxonomy) -> None:
    for share in (0, 1):
        path = changed("sample_share: 0.08", f"sample_share: {share}")
        assert load_review_rules(path, taxonomy).sample_share == share
