"""A teacher: a larger trained network in a folder, with a cache of what it answers."""

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file
from safetensors.torch import load_model, save_model
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from models.bundle import digest
from models.networks.text import TextNetwork
from training.encoder.source import EncoderSource
from training.text.answers import Answers, TeacherAnswers, answers_of, as_arrays, text_key
from training.text.network import BuiltNetwork
from triage.errors import InvalidBundle
from triage.taxonomy import HEADS, Taxonomy

NETWORK = "network.safetensors"
TOKENIZER = "tokenizer.json"
DESCRIPTION = "teacher.json"
CACHE = "answers.safetensors"
CACHE_DIGEST = "answers.sha256"
KEY_LENGTH = 16  # characters of a text's key that tell texts apart well enough


@dataclass(frozen=True, slots=True)
class Teacher:
    """A loaded teacher; `sha256` is that of its weights, `fitted` the keys of the texts it was fitted on."""

    folder: Path
    built: BuiltNetwork
    sha256: str
    run_id: str
    fitted: frozenset[str]

    def refuse_to_have_seen(self, texts: Sequence[str]) -> None:
        """Refuse a teacher whose fitting saw held-out texts: its answers would leak their labels.

        Raises:
            InvalidBundle: saying how many.
        """
        seen = sum(text_key(text)[:KEY_LENGTH] in self.fitted for text in texts)
        if seen:
            raise InvalidBundle(
                f"The teacher in {self.folder} was fitted on {seen} texts that are now held out;"
                " make it again with: triage train teacher."
            )

    def answers(self, texts: list[str]) -> TeacherAnswers:
        """Its answers to masked texts; those not in the cache are computed and added to it.

        Raises:
            InvalidBundle: the cache was changed, or belongs to other weights.
        """
        cached = self._read_cache()
        known = {bytes(key).hex() for key in cached["keys"]} if cached else set()
        missing = [text for text in dict.fromkeys(texts) if text_key(text) not in known]
        if missing:
            computed = as_arrays(missing, answers_of(self.built.network, self.built.text_tokenizer(), missing))
            cached = {
                name: np.concatenate([cached[name], computed[name]]) if cached else computed[name] for name in computed
            }
            self._write_cache(cached)
        logits = {head: cached[f"logits.{head}"] for head in HEADS}
        keys = [bytes(key).hex() for key in cached["keys"]]
        return TeacherAnswers(keys, Answers(logits, cached["embeddings"]))

    def _read_cache(self) -> dict[str, np.ndarray]:
        path = self.folder / CACHE
        if not path.exists():
            return {}
        digests = self.folder / CACHE_DIGEST
        expected = json.loads(digests.read_text(encoding="utf-8")) if digests.exists() else None
        if expected != self._digests(path):
            raise InvalidBundle(f"{path} was changed or belongs to another teacher; remove it and train again.")
        return load_file(path)

    def _write_cache(self, arrays: dict[str, np.ndarray]) -> None:
        path = self.folder / CACHE
        fresh = path.with_suffix(f".{os.getpid()}")
        save_file(arrays, fresh)
        digests = fresh.with_suffix(".sha256")
        digests.write_text(json.dumps(self._digests(fresh)) + "\n", encoding="utf-8")
        digests.replace(self.folder / CACHE_DIGEST)
        fresh.replace(path)

    def _digests(self, cache: Path) -> dict[str, str]:
        return {"teacher": self.sha256, "tokenizer": digest(self.folder / TOKENIZER), "answers": digest(cache)}


def write_teacher(folder: Path, built: BuiltNetwork, taxonomy: Taxonomy, fitted: Sequence[str], run_id: str) -> None:
    """Write a trained network as a teacher, with the keys of the texts it was fitted on; replaces the folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    save_model(built.network, str(folder / NETWORK))
    built.tokenizer.save(str(folder / TOKENIZER))
    description = {
        "run_id": run_id,
        "source": asdict(built.source),
        "encoder": built.network.encoder.config.to_diff_dict(),
        "codes": _codes(taxonomy),
        "fitted": sorted({text_key(text)[:KEY_LENGTH] for text in fitted}),
        "sha256": digest(folder / NETWORK),
    }
    (folder / DESCRIPTION).write_text(json.dumps(description, indent=1) + "\n", encoding="utf-8")


def load_teacher(folder: Path, taxonomy: Taxonomy, dropout: float = 0.1) -> Teacher:
    """Load a teacher.

    Raises:
        InvalidBundle: the folder holds none, its weights were changed, or it answers other codes.
    """
    try:
        description = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
        sha256 = digest(folder / NETWORK)
    except (OSError, ValueError) as error:
        raise InvalidBundle(f"{folder} holds no teacher ({error}); make one with: triage train teacher.") from error
    if sha256 != description["sha256"]:
        raise InvalidBundle(f"{folder / NETWORK} was changed; make the teacher again with: triage train teacher.")
    if description["codes"] != _codes(taxonomy):
        raise InvalidBundle(f"{folder} answers other codes than the taxonomy, or in another order; make it again.")
    encoder = BertModel(BertConfig(**description["encoder"]), add_pooling_layer=False)
    encoder.set_attn_implementation("eager")
    network = TextNetwork(encoder, {head: len(taxonomy.codes(head)) for head in HEADS}, dropout)
    load_model(network, str(folder / NETWORK))
    embeddings = network.encoder.embeddings.word_embeddings
    embeddings.weight.requires_grad_(False)
    embeddings.padding_idx = None  # as in a network just built; the exporter warns of one
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    built = BuiltNetwork(network, tokenizer, EncoderSource(**description["source"]))
    return Teacher(folder, built, sha256, description["run_id"], frozenset(description["fitted"]))


def _codes(taxonomy: Taxonomy) -> dict[str, list[str]]:
    return {head: list(taxonomy.codes(head)) for head in HEADS}
