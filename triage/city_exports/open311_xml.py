"""Reads `<service_requests>` of Open311 GeoReport v2 as a stream, without document types or entities."""

from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from xml.etree.ElementTree import ParseError, XMLParser

from triage.errors import InvalidConfiguration

_PIECE = 1 << 16
_MAX_FIELD_CHARACTERS = 100_000
_REQUEST = "request"


class _Requests:
    """Target of a parser: collects the fields of each request; nothing else of the document is kept."""

    def __init__(self) -> None:
        self.done: deque[dict[str, str]] = deque()
        self._fields: dict[str, str] | None = None
        self._depth = 0
        self._text: list[str] = []
        self._held = 0

    def start(self, tag: str, _attributes: dict[str, str]) -> None:
        if self._fields is None:
            self._fields = {} if tag == _REQUEST else None
            return
        self._depth += 1
        self._text, self._held = [], 0

    def data(self, text: str) -> None:
        if self._fields is not None and self._held < _MAX_FIELD_CHARACTERS:
            self._text.append(text)
            self._held += len(text)

    def end(self, tag: str) -> None:
        if self._fields is None:
            return
        if self._depth == 0:
            self.done.append(self._fields)
            self._fields = None
            return
        if self._depth == 1:
            self._fields[tag] = "".join(self._text)
        self._depth -= 1
        self._text, self._held = [], 0

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> NoReturn:
        # An export needs none, and entities that it declares could be made to grow without end.
        raise InvalidConfiguration("The XML file declares a document type; remove the line <!DOCTYPE …>.")

    def close(self) -> None:
        """Nothing is left to give."""


def xml_requests(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Each request with its number, counted from 1.

    Raises:
        InvalidConfiguration: the file is no XML, or declares a document type.
    """
    target = _Requests()
    parser = XMLParser(target=target)  # noqa: S314 - it refuses document types, hence entities
    number = 0
    try:
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                parser.feed(piece)
                while target.done:
                    number += 1
                    yield number, target.done.popleft()
        parser.close()
    except ParseError as error:
        raise InvalidConfiguration(f"{path} is no XML that can be read ({error}); export it again.") from error
