"""The text network: answers per head, blind to padding, and built from an encoder's folder."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

import training.text.network
from models.networks.text import QuantizedEmbedding
from models.tokenization import PREFIX
from training.config import TextConfig
from training.encoder.packed import UnigramVocabulary
from training.encoder.source import wrap_tokenizer
from training.encoder.vocabulary import build_tokenizer, choose_pieces
from training.text.network import BuiltNetwork, build_network
from triage.taxonomy import HEADS, Taxonomy

TEXTS = ["lampe noir rue", "trou route danger ici", "tag mur sale encore vite"]


def batch(*lengths: int, longest: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Random tokens of some lengths, padded."""
    generator = torch.Generator().manual_seed(7)
    longest = max(longest, *lengths)
    ids = torch.ones((len(lengths), longest), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for line, length in enumerate(lengths):
        ids[line, :length] = torch.randint(4, 1000, (length,), generator=generator)
        mask[line, :length] = 1
    return ids, mask


# The network


def test_each_head_answers_as_many_logits_as_it_has_codes(make_tiny: Any, taxonomy: Taxonomy) -> None:
    outputs = make_tiny().network(*batch(5, 9))
    assert len(outputs) == len(HEADS) + 2
    for head, values in zip(HEADS, outputs, strict=False):
        assert values.shape == (2, len(taxonomy.codes(head)))
    assert outputs[-2].shape == (2, 2)
    assert outputs[-1].shape == (2, 32)


def test_the_embedding_has_unit_length(make_tiny: Any) -> None:
    with torch.inference_mode():
        lengths = make_tiny().network(*batch(1, 5, 9))[-1].norm(dim=1)
    np.testing.assert_allclose(lengths, 1.0, atol=1e-6)


def test_padding_does_not_change_an_answer(make_tiny: Any) -> None:
    network = make_tiny().network
    ids, mask = batch(6)
    wide_ids, wide_mask = batch(6, longest=40)
    with torch.inference_mode():
        for narrow, wide in zip(network(ids, mask), network(wide_ids, wide_mask), strict=True):
            np.testing.assert_allclose(narrow, wide, atol=1e-5)


def test_what_stands_in_the_padding_does_not_matter(make_tiny: Any) -> None:
    network = make_tiny().network
    ids, mask = batch(6, longest=12)
    other = ids.clone()
    other[:, 6:] = 77
    with torch.inference_mode():
        for one, two in zip(network(ids, mask), network(other, mask), strict=True):
            np.testing.assert_allclose(one, two, atol=1e-5)


def test_a_text_without_any_token_is_no_division_by_zero(make_tiny: Any) -> None:
    ids, mask = batch(4)
    with torch.inference_mode():
        outputs = make_tiny().network(ids, torch.zeros_like(mask))
    assert all(torch.isfinite(values).all() for values in outputs)


def test_dropout_works_in_training_only(make_tiny: Any) -> None:
    network, inputs = make_tiny(dropout=0.5).network, batch(8)
    with torch.inference_mode():
        assert torch.equal(network(*inputs)[0], network(*inputs)[0])
        network.train()
        assert not torch.equal(network(*inputs)[0], network(*inputs)[0])


# The int8 table


def test_an_int8_row_is_exact_within_half_a_step_of_its_own_scale() -> None:
    generator = torch.Generator().manual_seed(3)
    table = torch.randn((50, 32), generator=generator) * torch.logspace(-4, 2, 50)[:, None]
    found = QuantizedEmbedding(table)(torch.arange(50))
    steps = table.abs().amax(dim=1, keepdim=True) / 127
    assert ((found - table).abs() <= steps * 0.501).all()


def test_an_int8_row_of_zeros_stays_zero() -> None:
    assert not QuantizedEmbedding(torch.zeros((2, 8)))(torch.tensor([0, 1])).any()


def test_the_int8_table_takes_a_quarter_of_the_bytes() -> None:
    table = QuantizedEmbedding(torch.randn((100, 64)))
    assert table.weight.dtype == torch.int8
    assert sum(values.nbytes for values in table.state_dict().values()) < 0.3 * 100 * 64 * 4


# Built from a folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, make_tiny: Any, vocabulary: UnigramVocabulary) -> Path:
    """A tiny encoder as sentence-transformers writes one."""
    path = tmp_path_factory.mktemp("encoder")
    make_tiny().network.encoder.save_pretrained(path / "bert")
    wrap_tokenizer(build_tokenizer(vocabulary), 160).save_pretrained(path / "bert")
    transformer = Transformer(str(path / "bert"), max_seq_length=160)
    SentenceTransformer(modules=[transformer, Pooling(32, pooling_mode="mean")], device="cpu").save(str(path / "st"))
    return path / "st"


@pytest.fixture
def few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the frequent words of eleven languages, which take seconds to read."""
    monkeypatch.setattr(
        training.text.network, "choose_pieces", lambda *arguments: choose_pieces(*arguments, languages=())
    )


@pytest.fixture
def built(folder: Path, tiny_config: TextConfig, taxonomy: Taxonomy, few_words: None) -> BuiltNetwork:  # noqa: ARG001
    config = tiny_config.model_copy(update={"encoder": str(folder), "layers": None})
    # The pieces of the prefix stay by the frequent words that are left out here.
    return build_network(config, taxonomy, [PREFIX + text for text in TEXTS])


def test_an_encoder_from_a_folder_is_cut_and_gets_heads(built: BuiltNetwork, taxonomy: Taxonomy, folder: Path) -> None:
    table = built.network.encoder.embeddings.word_embeddings.weight
    assert len(table) == built.tokenizer.get_vocab_size() == built.network.encoder.config.vocab_size < 1024
    assert {head: len(layer.weight) for head, layer in built.network.heads.items()} == {
        head: len(taxonomy.codes(head)) for head in HEADS
    }
    assert (built.source.kind, built.source.name) == ("hub", str(folder))


def test_the_cut_encoder_reads_texts_as_the_whole_one_did(built: BuiltNetwork, folder: Path) -> None:
    expected = SentenceTransformer(str(folder), device="cpu").encode(
        [PREFIX + text for text in TEXTS], normalize_embeddings=True, show_progress_bar=False
    )
    tokenizer = built.text_tokenizer()
    built.network.eval()
    for text, wanted in zip(TEXTS, expected, strict=True):
        (ids,) = tokenizer.encode([text])
        with torch.inference_mode():
            found = built.network(torch.tensor([ids]), torch.ones((1, len(ids)), dtype=torch.long))[-1]
        np.testing.assert_allclose(found[0], wanted, atol=1e-5)


def test_the_sizes_are_those_of_the_encoder(built: BuiltNetwork) -> None:
    assert built.size().model_dump() == {"width": 32, "layers": 2, "attention_heads": 2, "feed_forward": 64}


@pytest.mark.parametrize("freeze", [True, False])
@pytest.mark.usefixtures("few_words")
def test_fewer_layers_and_a_frozen_table_are_a_choice(
    folder: Path, tiny_config: TextConfig, taxonomy: Taxonomy, freeze: bool
) -> None:
    config = tiny_config.model_copy(update={"encoder": str(folder), "layers": 1, "freeze_embeddings": freeze})
    built = build_network(config, taxonomy, TEXTS)
    assert built.size().layers == len(built.network.encoder.encoder.layer) == 1
    assert built.network.encoder.embeddings.word_embeddings.weight.requires_grad is not freeze


@pytest.mark.usefixtures("few_words")
def test_the_same_seed_draws_the_same_heads(folder: Path, tiny_config: TextConfig, taxonomy: Taxonomy) -> None:
    config = tiny_config.model_copy(update={"encoder": str(folder)})
    one, two = (build_network(config, taxonomy, TEXTS).network.heads["category"].weight for _ in range(2))
    assert torch.equal(one, two)
