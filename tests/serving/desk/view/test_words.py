import pytest

from serving.desk.view.words import MASKS, Piece, holds_masks, in_words, marked_pieces, plain_pieces
from triage.prediction import ExplainedWord


def word(text: str, weight: float) -> ExplainedWord:
    return ExplainedWord(text=text, start=0, end=0, weights={"category": weight, "department": 0, "priority": 0})


def joined(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces)


def test_masks_are_named_instead_of_shown() -> None:
    pieces = plain_pieces("Appeler le <TEL> ou <EMAIL>.")
    assert [piece.kind for piece in pieces] == ["plain", "mask", "plain", "mask", "plain"]
    assert pieces[1].text == MASKS["<TEL>"]


def test_what_only_looks_like_a_mask_stays_text() -> None:
    assert plain_pieces("<SCRIPT>alert</SCRIPT>") == (Piece("<SCRIPT>"), Piece("alert</SCRIPT>"))
    assert not holds_masks("<SCRIPT>")


@pytest.mark.parametrize("mask", MASKS)
def test_every_mask_of_redaction_is_known(mask: str) -> None:
    assert holds_masks(f"a {mask} b")


def test_the_strongest_words_are_marked_and_the_weak_ones_less() -> None:
    pieces = marked_pieces(
        "Un matelas sale rue Monge",
        [word("un", 0.0), word("matelas", 2.0), word("sale", 0.5), word("rue", 0.1), word("monge", -1.0)],
    )
    marked = [piece for piece in pieces if piece.mark]
    assert marked == [Piece("matelas", mark="strong"), Piece("sale", mark="weak")]
    assert joined(pieces) == "Un matelas sale rue Monge"


def test_words_that_say_next_to_nothing_are_not_marked() -> None:
    assert all(piece.mark is None for piece in marked_pieces("Un matelas", [word("matelas", 0.01)]))


def test_a_greeting_that_the_model_does_not_read_shifts_no_mark() -> None:
    pieces = marked_pieces("Bonjour madame, MATELAS rue Monge. Merci", [word("matelas", 1.0), word("rue", 0.0)])
    assert [piece.text for piece in pieces if piece.mark == "strong"] == ["MATELAS"]
    assert joined(pieces) == "Bonjour madame, MATELAS rue Monge. Merci"


def test_the_same_word_twice_is_marked_where_it_counts() -> None:
    pieces = marked_pieces("trou et trou", [word("trou", 0.0), word("et", 0.0), word("trou", 1.0)])
    assert [piece.mark for piece in pieces] == [None, "strong"]


def test_a_word_that_is_not_in_the_text_is_passed_over() -> None:
    pieces = marked_pieces("un trou", [word("ailleurs", 3.0), word("trou", 2.0)])
    assert [piece.text for piece in pieces if piece.mark == "strong"] == ["trou"]


def test_letters_that_grow_when_made_small_break_nothing() -> None:
    text = "İİİ trou"
    assert joined(marked_pieces(text, [word("trou", 1.0)])) == text


def test_a_mask_that_decided_is_marked_and_still_named() -> None:
    pieces = marked_pieces("au <TEL> vite", [word("<tel>", 1.0)])
    assert pieces == (Piece("au "), Piece(MASKS["<TEL>"], "mask", "strong"), Piece(" vite"))


def test_a_mask_within_deciding_words_is_marked_with_them() -> None:
    pieces = marked_pieces("rappelez le <TEL>, merci", [word("rappelez le <TEL>,", 1.0), word("merci", 0.3)])
    assert [(piece.kind, piece.mark) for piece in pieces] == [
        ("plain", "strong"),
        ("mask", "strong"),
        ("plain", "strong"),
        ("plain", None),
        ("plain", "weak"),
    ]


def test_in_a_title_a_mask_is_named_in_brackets() -> None:
    assert in_words("la <PLAQUE> gêne <b>", str.upper) == "la [NUMBER PLATE MASKED] gêne <b>"
