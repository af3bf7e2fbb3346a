"""Names and roles of staff."""

import pytest

from triage.errors import InvalidConfiguration
from triage.staff import Member, Role, checked_display_name, checked_name


def test_each_role_covers_those_before_it() -> None:
    assert [[one.covers(other) for other in Role] for one in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
    assert Member("a", "A", Role.SUPERVISOR).may(Role.AGENT)
    assert not Member("a", "A", Role.AGENT).may(Role.SUPERVISOR)


@pytest.mark.parametrize("name", ["a", "a.petit", "a-b_c+d@ville.example", "7", "a" * 100])
def test_names_that_may_be_chosen(name: str) -> None:
    assert checked_name(f" {name.upper()} ") == name


@pytest.mark.parametrize(
    "name",
    ["", " ", ".a", "a.", "-", "a b", "a/b", "émilie", "a\nb", "a\x00", "а", "a" * 101, "<b>", "../x", "a\u202eb"],
)
def test_names_that_may_not(name: str) -> None:
    with pytest.raises(InvalidConfiguration):
        checked_name(name)


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a\x1b[2J", "a\u202eb", "x" * 101])
def test_names_to_show_are_one_plain_line(name: str) -> None:
    with pytest.raises(InvalidConfiguration):
        checked_display_name(name)
    assert checked_display_name(" Émilie d'Ö <b> ") == "Émilie d'Ö <b>"
