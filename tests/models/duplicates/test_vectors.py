"""What is kept of a text: small, nearly the same when it comes back, and known by its size."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.duplicates.vectors import MAX_TOKENS, Vector, VectorFormat

CODES, WIDTH, NARROW = 16, 24, 8
LAYOUT = VectorFormat(CODES, WIDTH, NARROW)


def vector(tokens: int, seed: int = 1) -> Vector:
    generator = np.random.default_rng(seed)
    embedding = generator.normal(size=WIDTH)
    return Vector(
        generator.dirichlet(np.ones(CODES)).astype(np.float32),
        (embedding / np.linalg.norm(embedding)).astype(np.float32),
        generator.uniform(-4, 4, (tokens, NARROW)).astype(np.float32),
    )


@given(st.integers(0, MAX_TOKENS), st.integers(0, 2**31))
def test_a_vector_comes_back_but_for_rounding(tokens: int, seed: int) -> None:
    before = vector(tokens, seed)
    after = LAYOUT.unpack(before.pack())
    assert after.states.shape == (tokens, NARROW)
    np.testing.assert_allclose(after.categories, before.categories, atol=0.5 / 127 + 1e-6)
    np.testing.assert_allclose(after.embedding, before.embedding, atol=0.5 / 127 + 1e-6)
    np.testing.assert_allclose(after.states, before.states, atol=2 / 127 + 1e-6)


def test_what_came_back_is_packed_to_the_same_bytes() -> None:
    packed = vector(9).pack()
    assert LAYOUT.unpack(packed).pack() == packed


def test_numbers_are_float32_and_a_byte_each() -> None:
    packed = vector(5).pack()
    assert len(packed) == CODES + WIDTH + 5 * NARROW
    found = LAYOUT.unpack(packed)
    assert {part.dtype for part in (found.categories, found.embedding, found.states)} == {np.dtype(np.float32)}


def test_later_tokens_are_left_out() -> None:
    long = vector(MAX_TOKENS + 9)
    assert len(LAYOUT.unpack(long.pack()).states) == MAX_TOKENS


def test_values_out_of_range_are_cut_and_do_not_wrap_around() -> None:
    found = LAYOUT.unpack(Vector(np.full(CODES, 2.0), np.full(WIDTH, -2.0), np.full((1, NARROW), -9.0)).pack())
    assert (found.categories[0], found.embedding[0], found.states[0, 0]) == pytest.approx((1, -1, -4))


def test_a_text_without_words_has_no_tokens() -> None:
    assert LAYOUT.unpack(vector(0).pack()).states.shape == (0, NARROW)


@pytest.mark.parametrize("content", [b"", b"x", bytes(CODES + WIDTH - 1), bytes(CODES + WIDTH + NARROW + 1)])
def test_bytes_of_another_bundle_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="no vector of this bundle"):
        LAYOUT.unpack(content)
