"""What two photos add to the evidence."""

from collections.abc import Sequence

import numpy as np
import pytest

from models.duplicates.finder import seen_photo, stored_photo
from models.duplicates.photos import PhotoWeights
from triage.duplicates.report import SeenPhoto

WEIGHTS = PhotoWeights(
    same_bits=10, same=3.5, very_alike_from=0.9, very_alike=1.6, alike_from=0.7, alike=0.5, unlike=-0.4
)
FAR = (1 << 32) - 1


def photo(*embedding: int, hash: int = 0) -> SeenPhoto:
    return SeenPhoto(np.array(embedding, np.int8).tobytes(), hash)


def weigh(one: Sequence[SeenPhoto], two: Sequence[SeenPhoto]) -> list[tuple[str, float, float, str]]:
    return list(WEIGHTS.weigh(one, two))


@pytest.mark.parametrize(("one", "two"), [((), ()), ((photo(1),), ()), ((), (photo(1),))])
def test_photos_of_one_report_alone_say_nothing(one: Sequence[SeenPhoto], two: Sequence[SeenPhoto]) -> None:
    assert weigh(one, two) == []


def test_the_same_picture_speaks_most_whatever_its_embedding() -> None:
    [found] = weigh([photo(127, 0)], [photo(0, 127, hash=0b11_1111_1111)])
    assert found == ("picture", 10, 3.5, "same picture")


def test_one_bit_more_is_another_picture() -> None:
    [found] = weigh([photo(127, 0)], [photo(0, 127, hash=0b111_1111_1111)])
    assert found[3] == "photo differs"


@pytest.mark.parametrize(
    ("other", "amount", "phrase"),
    [
        (photo(100, 0, hash=FAR), 1.6, "photo very similar"),
        (photo(100, 45, hash=FAR), 1.6, "photo very similar"),
        (photo(100, 60, hash=FAR), 0.5, "photo similar"),
        (photo(100, 110, hash=FAR), -0.4, "photo differs"),
        (photo(-100, 0, hash=FAR), -0.4, "photo differs"),
    ],
)
def test_the_more_alike_photos_are_the_more_they_speak_for_one_fault(
    other: SeenPhoto, amount: float, phrase: str
) -> None:
    [found] = weigh([photo(100, 0)], [other])
    assert (found[0], found[2], found[3]) == ("photo", amount, phrase)


def test_of_several_photos_the_likest_two_count() -> None:
    [found] = weigh([photo(0, 1), photo(100, 0)], [photo(-1, 0, hash=FAR), photo(50, 0, hash=FAR)])
    assert found[3] == "photo very similar"
    assert found[1] == pytest.approx(1)


def test_embeddings_of_another_size_or_of_nothing_are_not_alike() -> None:
    for other in (photo(1, 2, 3, hash=FAR), photo(0, 0, hash=FAR)):
        [found] = weigh([photo(1, 2)], [other])
        assert found[1:3] == (0, -0.4)


def test_a_photo_comes_back_from_the_store() -> None:
    seen = photo(1, -2, 127, hash=2**63 + 5)
    assert seen_photo(stored_photo(seen)) == seen


@pytest.mark.parametrize("stored", [{}, {"embedding": "AA=="}, {"hash": 3}, {"embedding": None, "hash": 3}])
def test_a_photo_of_which_too_little_is_known_is_left_out(stored: dict[str, object]) -> None:
    assert seen_photo(stored) is None
