"""Reads and writes the boxes of ISO base media files (ISO/IEC 14496-12) that a HEIC (23008-12) is made of."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from triage.errors import PhotoRefused
from triage.photo_formats.opened import Damaged

MAX_BOXES = 4_000
"""Side by side in one box; a telephone writes some hundred."""
MAX_NUMBERS = 100_000
"""In all tables of a file together; reading them takes 0.1 s."""

_TOO_MANY = "more parts than any camera writes"

_Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Property:
    """What is said of an item: the type and content of a box, and whether a reader must understand it."""

    kind: bytes
    content: bytes
    essential: bool


@dataclass(slots=True)
class Items:
    """The table of contents of a HEIC.

    Attributes:
        file: all bytes, in which `extents` count.
        primary: the item to show.
        kinds: item → type of four letters.
        references: type, item that refers, items referred to.
        properties: item → what is said of it, in the order to apply.
        extents: item → where its bytes are: start and length.
        numbers_left: how many numbers may still be read.
    """

    file: bytes
    primary: int = 0
    kinds: dict[int, bytes] = field(default_factory=dict)
    references: list[tuple[bytes, int, list[int]]] = field(default_factory=list)
    properties: dict[int, list[Property]] = field(default_factory=dict)
    extents: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    numbers_left: int = MAX_NUMBERS

    def length(self, item: int) -> int:
        """Bytes that the item claims."""
        return sum(length for _, length in self.extents[item])

    def data(self, item: int) -> bytes:
        """The bytes of an item.

        Raises:
            Damaged: the item leaves the file, or is longer than it.
        """
        extents = self.extents[item]
        if self.length(item) > len(self.file) or any(start + length > len(self.file) for start, length in extents):
            raise Damaged("an item leaves the file")
        return b"".join(self.file[start : start + length] for start, length in extents)

    def referred(self, kind: bytes, item: int) -> list[int]:
        """The items to which one refers, in order."""
        return [other for each, source, others in self.references if (each, source) == (kind, item) for other in others]


class _Reader:
    """Reads whole numbers one after the other, big end first; `items` counts them over all its tables."""

    def __init__(self, items: Items, span: _Span) -> None:
        self._items = items
        self._position, self._end = span

    def number(self, size: int) -> int:
        start, self._position = self._position, self._position + size
        self._items.numbers_left -= 1
        if self._position > self._end or not self._items.numbers_left:
            raise Damaged("a box ends early, or " + _TOO_MANY)
        return int.from_bytes(self._items.file[start : self._position], "big")


def _boxes(content: bytes, start: int, end: int) -> Iterator[tuple[bytes, _Span]]:
    for _ in range(MAX_BOXES):
        if start + 8 > end:
            return
        size, kind = struct.unpack_from(">I4s", content, start)
        head = 8
        if size == 1:
            (size,) = struct.unpack_from(">Q", content, start + 8)
            head = 16
        size = size or end - start
        if size < head or start + size > end:
            raise Damaged("a box leaves its parent")
        yield kind, (start + head, start + size)
        start += size
    raise Damaged(_TOO_MANY)


def read_items(content: bytes) -> Items:
    """Read the table of contents of a HEIC.

    Raises:
        PhotoRefused: the file is a film.
        Damaged, KeyError, struct.error: there is none, or it contradicts itself.
    """
    top = dict(reversed([*_boxes(content, 0, len(content))]))  # the first of a kind counts
    if b"meta" not in top and b"moov" in top:
        raise PhotoRefused("The file holds a film; send a still picture as JPEG, PNG, WebP or HEIC.")
    start, end = top[b"meta"]
    parts = dict(_boxes(content, start + 4, end))
    items = Items(content)
    version, reader = _versioned(items, parts[b"pitm"])
    items.primary = reader.number(4 if version else 2)
    _read_kinds(items, parts[b"iinf"])
    _read_extents(items, parts[b"iloc"], parts.get(b"idat", (len(content), 0))[0])
    _read_properties(items, parts[b"iprp"])
    if b"iref" in parts:
        _read_references(items, parts[b"iref"])
    return items


def _versioned(items: Items, span: _Span) -> tuple[int, _Reader]:
    reader = _Reader(items, span)
    version = reader.number(1)
    reader.number(3)
    return version, reader


def _read_kinds(items: Items, span: _Span) -> None:
    version, _ = _versioned(items, span)
    for _, inner in _boxes(items.file, span[0] + (8 if version else 6), span[1]):
        version, reader = _versioned(items, inner)
        item = reader.number(4 if version == 3 else 2)
        reader.number(2)
        items.kinds[item] = reader.number(4).to_bytes(4, "big")


def _read_extents(items: Items, span: _Span, inner_data: int) -> None:
    version, reader = _versioned(items, span)
    sizes = reader.number(2)
    offset_size, length_size, base_size, index_size = (sizes >> shift & 15 for shift in (12, 8, 4, 0))
    for _ in range(reader.number(4 if version == 2 else 2)):
        item = reader.number(4 if version == 2 else 2)
        method = reader.number(2) & 15 if version else 0
        reader.number(2)
        base = reader.number(base_size) + (inner_data if method == 1 else 0)
        extents = []
        for _ in range(reader.number(2)):
            reader.number(index_size if version else 0)
            extents.append((base + reader.number(offset_size), reader.number(length_size)))
        if method < 2:
            items.extents[item] = extents


def _read_references(items: Items, span: _Span) -> None:
    version, _ = _versioned(items, span)
    size = 4 if version else 2
    for kind, inner in _boxes(items.file, span[0] + 4, span[1]):
        reader = _Reader(items, inner)
        source = reader.number(size)
        items.references.append((kind, source, [reader.number(size) for _ in range(reader.number(2))]))


def _read_properties(items: Items, span: _Span) -> None:
    boxes = [*_boxes(items.file, *span)]
    known = [(kind, items.file[start:end]) for kind, (start, end) in _boxes(items.file, *dict(boxes)[b"ipco"])]
    for kind, inner in boxes:
        if kind == b"ipma":
            for item, index, essential in _claims(_Reader(items, inner)):
                if not 0 < index <= len(known):
                    raise Damaged("a property that is not there")
                items.properties.setdefault(item, []).append(Property(*known[index - 1], essential))


def _claims(reader: _Reader) -> Iterator[tuple[int, int, bool]]:
    """Item, number of the property (from 1) and whether it is essential."""
    version, flags = reader.number(1), reader.number(3)
    size = 2 if flags & 1 else 1
    for _ in range(reader.number(4)):
        item = reader.number(4 if version else 2)
        for _ in range(reader.number(1)):
            essential, index = divmod(reader.number(size), 1 << (8 * size - 1))
            yield item, index, bool(essential)


def box(kind: bytes, *contents: bytes) -> bytes:
    """A box of the type `kind`, with its contents one after the other."""
    content = b"".join(contents)
    return struct.pack(">I4s", len(content) + 8, kind) + content


def full_box(kind: bytes, version: int, flags: int, *contents: bytes) -> bytes:
    """A box that starts with its version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *contents)


def write_heic(parts: Sequence[tuple[bytes, bytes, Sequence[Property]]], references: Sequence[bytes]) -> bytes:
    """A HEIC of the given items: type, bytes and properties of each; they are numbered from 1, and 1 is shown.

    Args:
        parts: the items.
        references: boxes that say how they refer to each other, made by `reference`.
    """
    numbers: dict[tuple[bytes, bytes], int] = {}
    kinds, places, claims, offset = [], [], [], 0
    for item, (kind, data, properties) in enumerate(parts, 1):
        hidden = int(item > 1)
        kinds.append(full_box(b"infe", 2, hidden, struct.pack(">HH4sx", item, 0, kind)))
        places.append(struct.pack(">HHHHII", item, 1, 0, 1, offset, len(data)))
        offset += len(data)
        claims.append(struct.pack(">HB", item, len(properties)))
        for each in properties:
            number = numbers.setdefault((each.kind, each.content), len(numbers) + 1)
            claims.append(struct.pack(">H", each.essential << 15 | number))
    return box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic") + full_box(
        b"meta",
        0,
        0,
        full_box(b"hdlr", 0, 0, bytes(4), b"pict", bytes(13)),
        full_box(b"pitm", 0, 0, struct.pack(">H", 1)),
        full_box(b"iinf", 0, 0, struct.pack(">H", len(kinds)), *kinds),
        full_box(b"iref", 0, 0, *references),
        box(
            b"iprp",
            box(b"ipco", *(box(*each) for each in numbers)),
            full_box(b"ipma", 0, 1, struct.pack(">I", len(parts)), *claims),
        ),
        full_box(b"iloc", 1, 0, struct.pack(">BBH", 0x44, 0, len(places)), *places),
        box(b"idat", *(data for _, data, _ in parts)),
    )


def reference(kind: bytes, source: int, others: Sequence[int]) -> bytes:
    """A box by which one item refers to others."""
    return box(kind, struct.pack(f">HH{len(others)}H", source, len(others), *others))
