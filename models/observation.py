"""Looks at stored alerts as those of a bundle's reference were looked at, without asking the models again."""

from collections.abc import Sequence

import numpy as np
from pydantic import ValidationError

from models.bundle import Bundle
from models.calibration import Floats
from models.duplicates.scorer import DESCRIPTION as DUPLICATES
from models.duplicates.scorer import read_description, vector_version
from models.duplicates.vectors import VectorFormat
from models.reference import Reference, shares_unseen
from models.text import DESCRIPTION, TOKENIZER, TextDescription
from models.tokenization import TextTokenizer
from triage.errors import InvalidBundle


class TextObserver:
    """Reads pieces of words and stored vectors of one bundle.

    Attributes:
        vector_version: whose vectors it can read; "" where the bundle keeps none.
    """

    def __init__(
        self, tokenizer: TextTokenizer, reference: Reference, layout: VectorFormat | None, version: str
    ) -> None:
        self.vector_version = version
        self._tokenizer = tokenizer
        self._reference = reference
        self._layout = layout
        self._seen = reference.seen()

    @classmethod
    def from_bundle(cls, bundle: Bundle, reference: Reference) -> "TextObserver":
        """Load what it needs of a verified bundle.

        Raises:
            InvalidBundle: the tokenizer or a description is malformed.
        """
        tokenizer = TextTokenizer(bundle.path(TOKENIZER))
        if DUPLICATES not in bundle.manifest.files:
            return cls(tokenizer, reference, None, "")
        path = bundle.path(DESCRIPTION)
        try:
            text = TextDescription.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise InvalidBundle(f"The bundle file {path} does not describe a text model: {error}.") from error
        duplicates = read_description(bundle)
        layout = VectorFormat(len(text.codes["category"]), text.encoder.width, duplicates.narrow)
        return cls(tokenizer, reference, layout, vector_version(bundle, duplicates))

    def unseen(self, texts: Sequence[str]) -> list[float]:
        """The share of each text's pieces that training never met."""
        return shares_unseen(self._tokenizer.encode(texts), self._seen)

    def coordinates(self, vectors: Sequence[bytes]) -> Floats:
        """Where texts lie whose vectors are of `vector_version`, shape (texts, coordinates)."""
        if self._layout is None or not vectors:
            return np.zeros((0, len(self._reference.embeddings.steps)), np.float32)
        embeddings = np.array([self._layout.unpack(vector).embedding for vector in vectors])
        return self._reference.embeddings.project(embeddings)
