"""Vectors that are remembered: each text is read once, and memory has an end."""

from collections.abc import Sequence

from models.duplicates.reading import Remembering


class Reader:
    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[bytes]:
        self.asked.append(list(texts))
        return [text.encode() for text in texts]


def test_a_text_is_read_once_and_answered_in_its_place() -> None:
    reader = Reader()
    remembering = Remembering(reader)
    assert remembering(["a", "b"]) == [b"a", b"b"]
    assert remembering(["c", "a", "c", "b"]) == [b"c", b"a", b"c", b"b"]
    assert remembering(["b"]) == [b"b"]
    assert reader.asked == [["a", "b"], ["c"]]


def test_what_was_not_asked_for_longest_is_forgotten() -> None:
    reader = Reader()
    remembering = Remembering(reader, most=2)
    remembering(["a", "b"])
    remembering(["a"])
    remembering(["c"])
    assert remembering(["a", "c"]) == [b"a", b"c"]
    assert reader.asked == [["a", "b"], ["c"]]
    assert remembering(["b"]) == [b"b"]
    assert reader.asked[-1] == ["b"]


def test_more_texts_than_are_kept_are_answered_all_the_same() -> None:
    assert Remembering(Reader(), most=1)(["a", "b", "c"]) == [b"a", b"b", b"c"]


def test_no_texts_ask_nobody() -> None:
    reader = Reader()
    assert Remembering(reader)([]) == []
    assert reader.asked == []
