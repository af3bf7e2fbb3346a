"""Hostile and odd HEIC files: name, bytes, and what must become of them."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import pillow_heif
from hostile_jpeg import Hostile, photograph, saved
from hostile_png import bomb
from PIL import Image

pillow_heif.register_heif_opener()


def box(kind: bytes, *contents: bytes) -> bytes:
    content = b"".join(contents)
    return struct.pack(">I4s", len(content) + 8, kind) + content


def full(kind: bytes, *contents: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *contents)


def found(content: bytes, kind: bytes) -> bytes:
    """The first box of a kind, head and all."""
    at = content.index(kind) - 4
    return content[at : at + int.from_bytes(content[at : at + 4], "big")]


@dataclass(frozen=True)
class Item:
    """An item to be written: its type, its bytes, and its properties by number (from 1)."""

    kind: bytes
    data: bytes
    properties: tuple[int, ...] = ()
    more: bytes = b""


@dataclass(frozen=True)
class Heic:
    """A HEIC whose parts can be forged one by one; items are numbered from 1, and 1 is the primary."""

    items: Sequence[Item]
    properties: Sequence[bytes]
    references: Sequence[tuple[bytes, int, Sequence[int]]] = ()
    extents: dict[int, bytes] = field(default_factory=dict)
    after: bytes = b""
    primary: int = 1

    def written(self) -> bytes:
        kinds, claims, places, offset = [], [], [], 0
        for number, item in enumerate(self.items, 1):
            kinds.append(full(b"infe", struct.pack(">HH4sx", number, 0, item.kind), item.more, version=2))
            claims.append(struct.pack(f">HB{len(item.properties)}B", number, len(item.properties), *item.properties))
            extent = struct.pack(">HII", 1, offset, len(item.data))
            places.append(struct.pack(">HHH", number, 1, 0) + self.extents.get(number, extent))
            offset += len(item.data)
        return box(b"ftyp", b"heic", bytes(4), b"mif1heic") + self._meta(kinds, claims, places) + self.after

    def _meta(self, kinds: list[bytes], claims: list[bytes], places: list[bytes]) -> bytes:
        links = [box(kind, struct.pack(f">HH{len(to)}H", source, len(to), *to)) for kind, source, to in self.references]
        return full(
            b"meta",
            full(b"hdlr", bytes(4), b"pict", bytes(13)),
            full(b"pitm", struct.pack(">H", self.primary)),
            full(b"iinf", struct.pack(">H", len(kinds)), *kinds),
            full(b"iref", *links),
            box(b"iprp", box(b"ipco", *self.properties), full(b"ipma", struct.pack(">I", len(claims)), *claims)),
            full(b"iloc", struct.pack(">BBH", 0x44, 0, len(places)), *places, version=1),
            box(b"idat", *(item.data for item in self.items)),
        )


def extent(size: int) -> bytes:
    return full(b"ispe", struct.pack(">II", size, size))


def grid_of(rows: int, columns: int, width: int, height: int) -> bytes:
    return struct.pack(">BBBBII", 0, 1, rows - 1, columns - 1, width, height)


class Tile:
    """A coded picture of 512 × 512 pixels, from which all others are made."""

    def __init__(self, image: Image.Image, **options: int) -> None:
        self.file = saved(image, "HEIF", **options)
        self.configuration, self.extent = found(self.file, b"hvcC"), found(self.file, b"ispe")
        self.stream = found(self.file, b"mdat")[8:]

    def single(self, stream: bytes | None = None) -> Heic:
        return Heic([Item(b"hvc1", stream or self.stream, (0x81, 2))], [self.configuration, self.extent])

    def grid(self, rows: int, columns: int, *, shared: bool = False, size: tuple[int, int] | None = None) -> Heic:
        number = 1 if shared else rows * columns
        width, height = size or (columns * 512, rows * 512)
        items = [Item(b"grid", grid_of(rows, columns, width, height), (3,))]
        items += [Item(b"hvc1", self.stream, (0x81, 2))] * number
        tiles = [2] * (rows * columns) if shared else [*range(2, number + 2)]
        canvas = full(b"ispe", struct.pack(">II", width, height))
        return Heic(items, [self.configuration, self.extent, canvas], [(b"dimg", 1, tiles)])


def sizes(tile: Tile) -> Iterator[Hostile]:
    one = tile.single()
    yield "heic-single", one.written(), "decoded"
    for size in (0, 1, 511, 513, 5_000, 60_000, 2**32 - 1):
        yield f"heic-claims-{size}", replace(one, properties=[tile.configuration, extent(size)]).written(), "either"
    yield "heic-grid", tile.grid(3, 2).written(), "decoded"
    yield "heic-grid-of-one-tile-12-times", tile.grid(3, 4, shared=True).written(), "decoded"
    yield "heic-grid-of-65280-tiles", tile.grid(255, 256, shared=True).written(), "refused"
    yield "heic-grid-of-600-tiles-shown-as-one-pixel", tile.grid(30, 20, shared=True, size=(1, 1)).written(), "refused"
    yield "heic-grid-that-is-too-large-for-its-tiles", tile.grid(2, 2, size=(4_000, 4_000)).written(), "refused"
    yield "heic-grid-of-2-gigapixels", tile.grid(2, 2, size=(50_000, 40_000)).written(), "refused"
    yield "heic-grid-of-one-tile-108-times", tile.grid(9, 12, shared=True, size=(5_712, 4_284)).written(), "decoded"
    yield "heic-grid-of-33-megapixels", tile.grid(10, 13, shared=True).written(), "refused"
    yield "heic-grid-without-tiles", replace(tile.grid(2, 2), references=[]).written(), "refused"
    yield "heic-grid-of-itself", replace(tile.grid(1, 1), references=[(b"dimg", 1, [1])]).written(), "refused"
    yield "heic-grid-of-missing-tiles", replace(tile.grid(1, 1), references=[(b"dimg", 1, [9])]).written(), "refused"


def streams(tile: Tile) -> Iterator[Hostile]:
    stream, one = tile.stream, tile.single()
    yield "heic-20-pictures-in-one", tile.single(stream * 20).written(), "refused"
    yield "heic-no-picture", tile.single(b"\x00\x00\x00\x03\x28\x01").written(), "refused"
    yield "heic-stream-of-zeros", tile.single(bytes(10_000)).written(), "refused"
    yield "heic-picture-that-needs-others", tile.single(stream[:4] + b"\x02" + stream[5:]).written(), "refused"
    yield "heic-picture-of-another-layer", tile.single(stream[:5] + b"\x09" + stream[6:]).written(), "refused"
    yield (
        "heic-slices-without-end",
        tile.single(stream + b"\x00\x00\x00\x03\x28\x01\x00" * 900_000).written(),
        "refused",
    )
    yield "heic-notes-without-end", tile.single(b"\x00\x00\x00\x03\x4e\x01\x80" * 900_000 + stream).written(), "either"
    yield "heic-damaged-stream", tile.single(stream[:2_000] + bytes(2_000) + stream[4_000:]).written(), "either"
    for name, forged in {
        "empty": full(b"hvcC"),
        "short": tile.configuration[:12],
        "huge": box(b"hvcC", tile.configuration[8:30], b"\x01\x27\xff\xff", b"\x00\x03\x4e\x01\x80" * 65_535),
        "with-a-picture": box(
            b"hvcC", tile.configuration[8:30], b"\x01\x28\x00\x01", struct.pack(">H", 3_000), stream[4:3_004]
        ),
        "with-lengths-of-2": tile.configuration[:29] + b"\x0d" + tile.configuration[30:],
        "with-zero-sets": tile.configuration[:30] + b"\x00" + tile.configuration[31:],
    }.items():
        yield f"heic-configuration-{name}", replace(one, properties=[forged, tile.extent]).written(), "refused"


def structure(tile: Tile) -> Iterator[Hostile]:
    one = tile.single()
    yield "heic-missing-primary", replace(one, primary=7).written(), "refused"
    for kind in (b"av01", b"jpeg", b"unci", b"iovl", b"iden", b"tmap", b"mime"):
        other = replace(one, items=[Item(kind, tile.stream, (0x81, 2))])
        yield f"heic-of-{kind.decode()}", other.written(), "refused"
    yield "heic-without-properties", replace(one, items=[Item(b"hvc1", tile.stream)]).written(), "refused"
    yield "heic-property-that-is-not-there", replace(one, items=[Item(b"hvc1", tile.stream, (9,))]).written(), "refused"
    for name, wrong in {
        "beyond-the-file": struct.pack(">HII", 1, 0, 2**31),
        "from-beyond-the-file": struct.pack(">HII", 1, 2**32 - 1, 4),
        "nowhere": struct.pack(">H", 0),
        "without-end": struct.pack(">H", 65_535),
        "many-times": struct.pack(">H", 3_000) + struct.pack(">II", 0, len(tile.stream)) * 3_000,
    }.items():
        yield f"heic-extent-{name}", replace(one, extents={1: wrong}).written(), "refused"
    exif = Item(b"Exif", bytes(4) + b"\xff" * 1_000_000)
    notes = replace(one, items=[*one.items, *[exif] * 9], references=[(b"cdsc", n, [1]) for n in range(2, 11)])
    yield "heic-9-exif-of-1-mb", notes.written(), "decoded"
    overlap = struct.pack(">HII", 1, 0, 8_000_000)
    shared = replace(
        one, items=[*one.items, *[Item(b"Exif", b"")] * 900], extents=dict.fromkeys(range(2, 902), overlap)
    )
    yield "heic-900-exif-that-overlap", replace(shared, after=box(b"mdat", bytes(8_000_000))).written(), "decoded"
    packed_notes = Item(b"mime", bomb(), more=b"application/rdf+xml\x00deflate\x00")
    packed = replace(one, items=[*one.items, packed_notes], references=[(b"cdsc", 2, [1])])
    yield "heic-packed-metadata-of-300-mb", packed.written(), "decoded"
    many = replace(one, items=[*one.items, *[Item(b"mime", b"")] * 60_000])
    yield "heic-60000-items", many.written(), "refused"
    yield (
        "heic-900000-properties",
        replace(one, properties=[*one.properties, *[box(b"free")] * 900_000]).written(),
        "refused",
    )
    yield "heic-900000-boxes", one.written() + box(b"free") * 900_000, "refused"
    large = box(b"colr", b"prof", bytes(5_000_000))
    claims = [Item(b"mime", b"", (3,) * 255)] * 3_900
    claimed = replace(one, items=[*one.items, *claims], properties=[*one.properties, large])
    yield "heic-property-of-5-mb-claimed-a-million-times", claimed.written(), "refused"
    long = replace(one, references=[(b"cdsc", 2, [1] * 65_535)] * 60)
    yield "heic-4-million-references", long.written(), "refused"
    deep = b""
    for _ in range(3_000):
        deep = box(b"iprp", deep)
    yield "heic-deep-boxes", box(b"ftyp", b"heic", bytes(4), b"mif1heic") + deep, "refused"


def several(tile: Tile) -> Iterator[Hostile]:
    image = photograph(300, 200)
    yield "heic-three-pictures", saved(image, "HEIF", save_all=True, append_images=[image, image]), "decoded"
    yield "heic-thumbnails", saved(image, "HEIF", thumbnails=[64, 128]), "decoded"
    yield "heic-transparent", saved(photograph(300, 200, "RGBA"), "HEIF"), "decoded"
    yield "heic-grey", saved(photograph(300, 200, "L"), "HEIF"), "decoded"
    yield "heic-444", saved(image, "HEIF", chroma=444), "decoded"
    deep = pillow_heif.from_bytes(mode="RGB;16", size=(64, 64), data=bytes(range(256)) * 96)
    deep.save(path := _Buffer())
    yield "heic-10-bit", path.content, "decoded"
    film = box(b"moov", box(b"trak", bytes(100)))
    start = box(b"ftyp", b"hevc", bytes(4), b"msf1hevc")
    yield "heic-film", start + box(b"mdat", tile.stream) + film, "refused"
    yield (
        "heic-picture-and-film",
        replace(tile.single(), after=film + box(b"mdat", bytes(2_000_000))).written(),
        "decoded",
    )
    yield (
        "heic-broken-film-beside",
        replace(tile.single(), after=box(b"moov", b"\xff" * 8_000_000)).written(),
        "decoded",
    )


class _Buffer:
    """Takes what pillow_heif writes."""

    content = b""

    def write(self, content: bytes) -> None:
        self.content += content


def heavy(tile: Tile) -> Iterator[Hostile]:
    """As much as is accepted, and a little more."""
    yield "heic-24-megapixels-in-5-mb", tile.grid(9, 12, size=(5_712, 4_284)).written(), "decoded"
    dense = Tile(photograph(512, 512), quality=70)
    yield "heic-9-megapixels-in-9-mb", dense.grid(6, 6).written(), "decoded"
    denser = Tile(photograph(512, 512), quality=32)
    yield "heic-24-megapixels-in-9-mb", denser.grid(9, 12, size=(5_712, 4_284)).written(), "refused"


def files() -> Iterator[Hostile]:
    tile = Tile(photograph(512, 512), quality=22)
    for group in (sizes, streams, structure, several, heavy):
        yield from group(tile)
