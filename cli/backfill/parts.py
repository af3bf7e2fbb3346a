"""Parts of an archive: each is read, answered and written on its own."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of rows in one file; what `begin` and `end` count is known to the kind of file."""

    begin: int
    end: int
    rows: int


@dataclass(frozen=True, slots=True)
class Part:
    """A piece with its place in the archive.

    Attributes:
        number: from 0, over the whole archive.
        file: the number of its file.
        first_row: the number of its first row in the whole archive, from 1.
        piece: where it is in its file.
    """

    number: int
    file: int
    first_row: int
    piece: Piece

    @property
    def name(self) -> str:
        """The file of its answers."""
        return f"part-{self.number:05d}.parquet"
