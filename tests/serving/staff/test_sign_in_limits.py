"""Counters of attempts: bounded, and proof against clocks that are set."""

import pytest

from serving.staff.limits import SignInLimits, network_of


class Clocks:
    """A wall clock and a steady one."""

    def __init__(self) -> None:
        self.wall = 1_000_000.0
        self.steady = 10.0


def test_the_eleventh_attempt_for_a_name_is_refused_wherever_it_comes_from() -> None:
    limits = SignInLimits()
    assert [limits.admit("a.petit", f"192.0.2.{number}") for number in range(12)] == [True] * 10 + [False] * 2
    assert limits.admit("m.noir", "192.0.2.1")
    limits.forgive("a.petit")
    assert limits.admit("a.petit", "192.0.2.1")


def test_a_refusal_is_reported_once() -> None:
    limits = SignInLimits()
    assert [limits.first_refusal("a", "192.0.2.1") for _ in range(3)] == [True, False, False]
    assert limits.first_refusal("b", "192.0.2.1")


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    clocks = Clocks()
    limits = SignInLimits(lambda: clocks.wall, lambda: clocks.steady)
    for _ in range(11):
        limits.admit("a.petit", "192.0.2.1")
    clocks.wall -= 30
    assert not limits.admit("a.petit", "192.0.2.1")  # a small correction forgives nothing
    clocks.wall -= 86_400
    assert limits.admit("a.petit", "192.0.2.1")
    clocks.wall += 86_400
    assert limits.admit("a.petit", "192.0.2.1")


def test_made_up_names_and_addresses_fill_no_memory() -> None:
    limits = SignInLimits()
    for number in range(70_000):
        limits.first_refusal(f"name {number}", "192.0.2.1")
    assert len(limits._storage.events) <= 65_536


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("not an address", "not an address"),
    ],
)
def test_neighbours_in_one_network_count_as_one(address: str, network: str) -> None:
    assert network_of(address) == network
