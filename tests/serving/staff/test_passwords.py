"""Passwords as they are kept."""

import asyncio
import statistics
import time

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from serving.staff.passwords import MAX_CHARACTERS, Passwords, checked_password
from triage.errors import InvalidConfiguration

QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


def test_a_password_is_kept_as_argon2id_that_takes_64_mib() -> None:
    kept = Passwords().hash("un cheval vert 12")
    found = extract_parameters(kept)
    assert (found.type, found.memory_cost, found.time_cost) == (Type.ID, 65_536, 3)
    assert Passwords().hash("un cheval vert 12") != kept


def test_a_name_without_a_password_takes_as_long_as_one_with_a_wrong_one() -> None:
    passwords = Passwords()
    kept = passwords.hash("un cheval vert 12")

    async def seconds(stored: str | None) -> float:
        started = time.perf_counter()
        assert not await passwords.check(stored, "wrong")
        return time.perf_counter() - started

    async def measure() -> tuple[float, float]:
        pairs = [(await seconds(kept), await seconds(None)) for _ in range(5)]
        known, unknown = zip(*pairs, strict=True)
        return statistics.median(known), statistics.median(unknown)

    known, unknown = asyncio.run(measure())
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize("stored", ["", "x", "$argon2id$", "$argon2id$v=19$m=64,t=1,p=1$c2FsdA$aGFzaA", "{SSHA}x"])
def test_what_is_no_hash_fits_no_password(stored: str) -> None:
    passwords = Passwords(QUICK)
    assert not asyncio.run(passwords.check(stored, "un cheval vert 12"))


@pytest.mark.parametrize(
    "password", ["é" * 12, "e\u0301" * 12, " " * 12, "x" * MAX_CHARACTERS, "\ud800" * 12, "\x00" * 12]
)
def test_any_characters_make_a_password(password: str) -> None:
    passwords = Passwords(QUICK)
    kept = passwords.hash(checked_password(password))
    assert asyncio.run(passwords.check(kept, password))
    assert not asyncio.run(passwords.check(kept, password[:-1]))


@pytest.mark.parametrize("length", [0, 11, MAX_CHARACTERS + 1])
def test_a_password_is_neither_short_nor_endless(length: int) -> None:
    with pytest.raises(InvalidConfiguration):
        checked_password("x" * length)


def test_two_checks_run_at_once_and_the_others_wait() -> None:
    passwords = Passwords()
    kept = passwords.hash("un cheval vert 12")

    async def crowd() -> int:
        checks = [asyncio.create_task(passwords.check(kept, "wrong")) for _ in range(5)]
        await asyncio.sleep(0.02)
        waiting = passwords.waiting
        await asyncio.gather(*checks)
        return waiting

    assert asyncio.run(crowd()) == 3
