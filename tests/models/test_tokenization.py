"""Tokens: truncated, padded and batched, and every text comes back at its place."""

import weakref
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tokenization import MAX_TOKENS, TextTokenizer, TokenBatch, Tokenizers
from triage.errors import InvalidBundle
from triage.settings import PROJECT_ROOT

rows_of_tokens = st.lists(st.lists(st.integers(4, 900), min_size=1, max_size=40), max_size=30)


@pytest.fixture(scope="module")
def tokenizer() -> TextTokenizer:
    return TextTokenizer(PROJECT_ROOT / "models" / "pretrained" / "text" / "tokenizer.json")


def unpadded(batch: TokenBatch) -> list[list[int]]:
    return [ids[mask == 1].tolist() for ids, mask in zip(batch.ids, batch.mask, strict=True)]


def test_a_text_is_framed_and_prefixed(tokenizer: TextTokenizer) -> None:
    empty, text = tokenizer.encode(["", "lampadaire"])
    assert text[0] == empty[0]
    assert text[-1] == empty[-1]
    # The words of the prefix stand in front of both; a trailing space or its piece may differ.
    assert text[: len(empty) - 2] == empty[: len(empty) - 2]
    assert len(empty) > 2


def test_a_long_text_is_cut_and_keeps_its_end_mark(tokenizer: TextTokenizer) -> None:
    short, long = tokenizer.encode(["rue", "rue " * 2000])
    assert len(long) == MAX_TOKENS
    assert long[-1] == short[-1]


def test_a_text_alone_gets_the_tokens_it_gets_among_others(tokenizer: TextTokenizer) -> None:
    texts = ["trou", "lampadaire éteint rue Monge depuis lundi", "", "🤢 ???"]
    assert tokenizer.encode(texts) == [tokenizer.encode([text])[0] for text in texts]


@pytest.mark.parametrize("text", ["", "lampe éteinte rue Monge", "路灯坏了，很危险", "https://example.org/a/b lampe"])
def test_a_short_text_is_read_to_its_end(tokenizer: TextTokenizer, text: str) -> None:
    assert tokenizer.reading(text).strip() == text


def test_manners_and_shouting_are_not_read(tokenizer: TextTokenizer) -> None:
    assert tokenizer.reading("Bonjour, LAMPE CASSÉE ici") == "LAMPE CASSÉE ici"
    assert tokenizer.reading("LAMPE CASSÉE ICI") == "lampe cassée ici"


def test_of_a_long_text_as_much_is_read_as_the_tokens_hold(tokenizer: TextTokenizer) -> None:
    text = "la lampe du coin ne marche plus depuis lundi et personne ne vient, " * 20
    read = tokenizer.reading(text)
    assert 200 < len(read) < len(text)
    assert text.startswith(read)
    [cut], [whole] = tokenizer.encode([read], as_typed=False), tokenizer.encode([text])
    assert cut[:-2] == whole[: len(cut) - 2]  # the last piece may be cut in two


def test_no_texts_are_no_rows(tokenizer: TextTokenizer) -> None:
    assert tokenizer.encode([]) == []
    assert list(tokenizer.batches([], 100)) == []


def test_every_token_is_in_the_vocabulary(tokenizer: TextTokenizer) -> None:
    (ids,) = tokenizer.encode(["Lampadaire éteint عمود 灯 🤢 <PLAQUE>"])
    assert all(0 <= number < tokenizer.size for number in ids)


@given(rows_of_tokens, st.integers(1, 200))
def test_each_row_is_in_one_batch_unchanged(tokenizer: TextTokenizer, rows: list[list[int]], budget: int) -> None:
    found = {}
    for batch in tokenizer.batches(rows, budget):
        assert batch.ids.shape == batch.mask.shape == (len(batch.positions), batch.ids.shape[1])
        assert batch.ids.dtype == batch.mask.dtype == np.int64
        for position, row in zip(batch.positions, unpadded(batch), strict=True):
            assert position not in found
            found[position] = row
    assert [found[position] for position in range(len(rows))] == rows


@given(rows_of_tokens, st.integers(1, 200))
def test_a_batch_exceeds_its_budget_only_with_a_single_row(
    tokenizer: TextTokenizer, rows: list[list[int]], budget: int
) -> None:
    for batch in tokenizer.batches(rows, budget):
        assert batch.ids.size <= budget or len(batch.positions) == 1


@given(rows_of_tokens, st.integers(1, 200))
def test_no_batch_is_wider_than_its_longest_row(tokenizer: TextTokenizer, rows: list[list[int]], budget: int) -> None:
    for batch in tokenizer.batches(rows, budget):
        assert batch.ids.shape[1] == max(len(rows[position]) for position in batch.positions)


@given(rows_of_tokens, st.integers(1, 200))
def test_two_neighbouring_batches_would_not_fit_into_one(
    tokenizer: TextTokenizer, rows: list[list[int]], budget: int
) -> None:
    batches = list(tokenizer.batches(rows, budget))
    for left, right in pairwise(batches):
        first = min(len(rows[position]) for position in right.positions)
        assert first * (len(left.positions) + 1) > budget


def test_padding_is_the_vocabulary_s_own(tokenizer: TextTokenizer) -> None:
    from tokenizers import Tokenizer

    raw = Tokenizer.from_file(str(PROJECT_ROOT / "models" / "pretrained" / "text" / "tokenizer.json"))
    (batch,) = tokenizer.batches([[5], [5, 6, 7]], 100)
    assert set(batch.ids[batch.mask == 0].tolist()) == {raw.token_to_id("<pad>")}


def test_padding_saved_in_the_file_is_not_applied(tmp_path: Path) -> None:
    from tokenizers import Tokenizer

    raw = Tokenizer.from_file(str(PROJECT_ROOT / "models" / "pretrained" / "text" / "tokenizer.json"))
    raw.enable_padding(length=200)
    raw.enable_truncation(5)
    raw.save(str(tmp_path / "tokenizer.json"))
    one, two = TextTokenizer(tmp_path / "tokenizer.json").encode(["rue", "lampadaire éteint rue Monge depuis lundi"])
    assert 5 < len(two) < MAX_TOKENS
    assert len(one) < len(two)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[1, 2]", b'{"version": "1.0", "model": {"type": "X"}}'])
def test_what_is_no_tokenizer_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(InvalidBundle, match=r"tokenizer\.json is no tokenizer"):
        TextTokenizer(path)


def test_a_missing_tokenizer_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidBundle):
        TextTokenizer(tmp_path / "tokenizer.json")


def test_bundles_of_one_vocabulary_share_a_tokenizer_as_long_as_it_is_used() -> None:
    path = PROJECT_ROOT / "models" / "pretrained" / "text" / "tokenizer.json"
    tokenizers = Tokenizers()
    first = tokenizers.read(path, "a" * 64)
    assert tokenizers.read(path, "a" * 64) is first
    assert tokenizers.read(path, "b" * 64) is not first
    gone = weakref.ref(first)
    del first
    assert gone() is None
