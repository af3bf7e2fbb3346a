"""The text model: tokenizer, encoder and one head per question in a single ONNX graph."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from models.bundle import Bundle
from models.calibration import Calibration, Floats, softmax
from models.onnx import OnnxModel
from models.tokenization import TextTokenizer, Tokenizers
from triage.errors import InvalidBundle
from triage.taxonomy import HEADS, Head

PART = "text"
MODEL = f"{PART}/model.onnx"
TOKENIZER = f"{PART}/tokenizer.json"
DESCRIPTION = f"{PART}/description.json"

# Outputs of the graph beside one for each head.
LANGUAGE = "language"
EMBEDDING = "embedding"

# Larger passes gain no throughput on a CPU and hold memory: 4096 tokens are 128 alerts of 32.
MAX_BATCH_TOKENS = 4096
# Who taps states looks at the beginning of a text; the rest would only hold memory.
MAX_TAPPED_TOKENS = 48

_NO_STATES: Floats = np.zeros((0, 0), np.float32)


class EncoderSize(BaseModel):
    """Sizes of the encoder in the graph."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width: int
    layers: int
    attention_heads: int
    feed_forward: int


class TextDescription(BaseModel):
    """What the graph's outputs mean: the codes of each head in order, and the calibration."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    encoder: EncoderSize
    codes: dict[Head, tuple[str, ...]]
    calibration: Calibration


@dataclass(frozen=True, slots=True)
class TextOutput:
    """Logits per head, shape (texts, codes); embeddings, shape (texts, width), unit length.

    `unknown_language` is the probability that a text is in a language the model never learned,
    shape (texts,). `tokenize_s` and `inference_s` are the seconds that each stage took. `states` are those of the
    taps, one after the other, per text of shape (tokens, states); empty without taps.
    """

    logits: Mapping[Head, Floats]
    unknown_language: Floats
    embeddings: Floats
    tokenize_s: float
    inference_s: float
    states: Sequence[Floats] = ()


class TextModel(OnnxModel):
    """Reads texts, answers logits per head and an embedding per text."""

    def __init__(
        self,
        model: Path,
        tokenizer: Path | TextTokenizer,
        description: TextDescription,
        threads: int | None = None,
        taps: Sequence[str] = (),
    ) -> None:
        super().__init__(model, threads, taps)
        self._taps = tuple(taps)
        self.description = description
        self.tokenizer = TextTokenizer(tokenizer) if isinstance(tokenizer, Path) else tokenizer

    @classmethod
    def from_bundle(
        cls,
        bundle: Bundle,
        threads: int | None = None,
        taps: Sequence[str] = (),
        tokenizers: Tokenizers | None = None,
    ) -> "TextModel":
        """Load the text part of a verified bundle.

        Args:
            bundle: verified.
            threads: of the session; all cores by default.
            taps: tensors inside it that are wanted too.
            tokenizers: shared with other bundles; its own by default.

        Raises:
            InvalidBundle: the bundle has no text part, or a broken one.
        """
        path = bundle.path(DESCRIPTION)
        try:
            description = TextDescription.model_validate_json(path.read_bytes())
        except ValidationError as error:
            raise InvalidBundle(f"The bundle file {path} does not describe a text model: {error}.") from error
        tokenizer = (tokenizers or Tokenizers()).read(bundle.path(TOKENIZER), bundle.manifest.files[TOKENIZER].sha256)
        return cls(bundle.path(MODEL), tokenizer, description, threads, taps)

    def predict(
        self, texts: Sequence[str], max_batch_tokens: int = MAX_BATCH_TOKENS, *, as_typed: bool = True
    ) -> TextOutput:
        """Logits and embeddings of texts, in their order; texts not as typed were read before (`reading`)."""
        started = time.perf_counter()
        rows = self.tokenizer.encode(texts, as_typed=as_typed)
        tokenized = time.perf_counter()
        widths: dict[str, int] = {head: len(codes) for head, codes in self.description.codes.items()}
        widths |= {LANGUAGE: 2, EMBEDDING: self.description.encoder.width}
        collected = {name: np.empty((len(texts), width), np.float32) for name, width in widths.items()}
        states: list[Floats] = [_NO_STATES] * len(texts) if self._taps else []
        for batch in self.tokenizer.batches(rows, max_batch_tokens):
            outputs = self.run({"input_ids": batch.ids, "attention_mask": batch.mask})
            tapped = [outputs.pop(name) for name in self._taps]
            for name, values in outputs.items():
                collected[name][batch.positions] = values
            for line, position in enumerate(batch.positions if tapped else ()):
                kept = slice(min(len(rows[position]), MAX_TAPPED_TOKENS))
                states[position] = np.concatenate([tap[line, kept] for tap in tapped], axis=1)
        return TextOutput(
            logits={head: collected[head] for head in HEADS},
            unknown_language=softmax(collected[LANGUAGE])[:, 1],
            embeddings=collected[EMBEDDING],
            tokenize_s=tokenized - started,
            inference_s=time.perf_counter() - tokenized,
            states=states,
        )

    def probabilities(self, output: TextOutput) -> Mapping[Head, Floats]:
        """Calibrated probabilities per head."""
        calibration = self.description.calibration
        return {head: calibration.probabilities(head, logits) for head, logits in output.logits.items()}
