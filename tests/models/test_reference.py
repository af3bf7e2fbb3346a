"""The reference of a bundle: what it holds, what it must agree with, and how it gets into a bundle."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from models.bundle import load_bundle, read_manifest
from models.embedding_reference import Directions, EmbeddingReference
from models.reference import (
    MAX_BYTES,
    REFERENCE,
    Reference,
    count_lengths,
    count_percents,
    pack_pieces,
    read_reference,
    replace_reference,
    shares_unseen,
    unpack_pieces,
)
from triage.errors import InvalidBundle
from triage.settings import PROJECT_ROOT

SHIPPED = PROJECT_ROOT / "models" / "pretrained"
Sign = Callable[..., Path]


@pytest.fixture(scope="module")
def shipped() -> Reference:
    reference = read_reference(load_bundle(SHIPPED))
    assert reference is not None
    return reference


def test_the_shipped_bundle_has_a_small_one_of_its_validation_split(shipped: Reference) -> None:
    assert (SHIPPED / REFERENCE).stat().st_size < MAX_BYTES
    assert shipped.alerts > 800
    assert "validation" in shipped.data
    assert shipped.photos is None
    assert shipped.embeddings.coordinates().shape == (shipped.alerts, 33)


def test_no_word_can_be_read_from_it(shipped: Reference) -> None:
    document = shipped.model_dump(exclude={"seen_pieces", "embeddings", "data", "text_sha256"}, mode="json")
    words = {name for field in document.values() if isinstance(field, dict) for name in field}
    codes = set(shipped.categories) | set(shipped.languages) | set(shipped.answers)
    assert words <= codes


def test_it_is_read_as_it_was_written(shipped: Reference) -> None:
    assert Reference.model_validate_json(shipped.model_dump_json()) == shipped


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("confidences", [1, 2], "other bins"),
        ("categories", {"voirie": 3}, "as many alerts"),
        ("alerts", 0, "alerts"),
        ("seen_pieces", "no base64!", "seen_pieces"),
        ("seen_pieces", 7, "base64 is expected"),
        ("answers", {"route": {"alerts": 1, "wrong": 2}}, "more answers are wrong"),
        ("photos", {"alerts": 1, "with_photo": 2}, "more alerts have a photo"),
        ("words", ["trou"], "words"),
    ],
)
def test_what_contradicts_itself_is_refused(shipped: Reference, field: str, value: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Reference.model_validate_json(json.dumps(json.loads(shipped.model_dump_json()) | {field: value}))


def test_sizes_of_embeddings_must_agree(shipped: Reference) -> None:
    whole = shipped.embeddings.model_dump()
    with pytest.raises(ValidationError, match="do not agree"):
        EmbeddingReference(**(whole | {"rows": shipped.embeddings.rows[:-1]}))


def test_a_bundle_without_one_has_none(copy: Path, sign: Sign) -> None:
    (copy / REFERENCE).unlink()
    assert read_reference(load_bundle(sign(copy))) is None


@pytest.mark.parametrize(
    ("content", "message"),
    [("{}", "is no reference: data: Field required"), (" " * (MAX_BYTES + 1), "too large for a reference")],
)
def test_a_file_that_is_no_reference_is_refused_by_name(copy: Path, sign: Sign, content: str, message: str) -> None:
    (copy / REFERENCE).write_text(content, encoding="utf-8")
    with pytest.raises(InvalidBundle, match=message) as caught:
        read_reference(load_bundle(sign(copy)))
    assert str(copy / REFERENCE) in caught.value.message


def test_one_of_another_text_model_is_refused(copy: Path, sign: Sign, shipped: Reference) -> None:
    other = shipped.model_copy(update={"text_sha256": "a" * 64})
    (copy / REFERENCE).write_text(other.model_dump_json(), encoding="utf-8")
    with pytest.raises(InvalidBundle, match="another text model; run: triage reference"):
        read_reference(load_bundle(sign(copy)))


def test_a_bundle_with_another_one_differs_in_nothing_else(copy: Path, shipped: Reference) -> None:
    before = load_bundle(copy)
    after = replace_reference(before, shipped.model_copy(update={"data": "reviews.jsonl"}))
    assert after.sha256 != before.sha256
    assert read_manifest(copy)[1] == after.sha256
    kept = before.manifest.model_dump()
    changed = after.manifest.model_dump()
    assert kept["files"].pop(REFERENCE) != changed["files"].pop(REFERENCE)
    assert kept == changed
    found = read_reference(after)
    assert found is not None
    assert found.data == "reviews.jsonl"


def test_pieces_that_were_not_seen_are_counted() -> None:
    seen = unpack_pieces(pack_pieces({1, 2, 9}, 12))
    assert [place for place, flag in enumerate(seen) if flag] == [1, 2, 9]
    assert shares_unseen([[1, 2, 9, 3], [1], [], [0, 0]], seen) == [0.25, 0, 0, 1]


def test_values_are_counted_in_their_bins() -> None:
    percents = count_percents([0, 0.004, 0.006, 0.996, 1, 1.2, -0.1])
    assert (percents[0], percents[1], percents[100], percents.sum()) == (3, 1, 3, 7)
    lengths = count_lengths([0, 1, 9, 10, 10_000])
    assert (lengths[0], lengths[1], lengths[2], lengths[-1], lengths.sum()) == (1, 2, 1, 1, 5)


def test_texts_lie_after_rounding_where_they_lay_before() -> None:
    random = np.random.default_rng(0)
    embeddings = random.normal(size=(50, 16)).astype(np.float32)
    embeddings /= np.linalg.norm(embeddings, axis=1)[:, None]
    directions = Directions.of(embeddings[:25], 4)
    coordinates = directions.project(embeddings[25:])
    kept = directions.describe(coordinates, 1.0, 1.0)
    assert kept.coordinates().shape == (25, 5)
    assert np.abs(kept.coordinates() - coordinates).max() < 0.01
    assert np.abs(kept.project(embeddings[25:]) - coordinates).max() < 0.01
    # What the directions leave out is in the last coordinate, so that lengths are kept.
    apart = np.round(embeddings[25:] * 127) / 127 - directions.mean
    assert np.allclose((coordinates**2).sum(axis=1), (apart**2).sum(axis=1), atol=1e-3)
