"""Cuts a multilingual vocabulary to the languages that residents use.

Nearly all of the encoder is its table of 250,037 tokens. Kept are the special tokens, every
piece of a single character (so any text can still be written), and the pieces that frequent
words of the chosen languages are made of, by how often those words occur.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from wordfreq import top_n_list, word_frequency

from training.encoder.packed import UnigramVocabulary

SPACE = "▁"
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
_DROPPED = r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b\ufeff]"


@dataclass(frozen=True, slots=True)
class LanguageShare:
    """How many frequent words of a language count, and how much they weigh."""

    code: str
    words: int
    weight: float


# French first, then the languages of Dijon and of cities whose reports are read; Darija is typed in Latin letters.
DEFAULT_LANGUAGES: tuple[LanguageShare, ...] = (
    LanguageShare("fr", 100_000, 1.0),
    LanguageShare("en", 60_000, 0.4),
    LanguageShare("de", 60_000, 0.3),
    LanguageShare("es", 40_000, 0.2),
    LanguageShare("it", 40_000, 0.2),
    LanguageShare("pt", 40_000, 0.2),
    LanguageShare("nl", 30_000, 0.1),
    LanguageShare("tr", 15_000, 0.05),
    LanguageShare("ar", 8_000, 0.05),
    LanguageShare("pl", 5_000, 0.03),
    LanguageShare("ro", 5_000, 0.03),
    LanguageShare("ru", 5_000, 0.03),
)


def build_tokenizer(vocabulary: UnigramVocabulary) -> Tokenizer:
    """A fast tokenizer that splits as XLM-RoBERTa's SentencePiece model does."""
    tokenizer = Tokenizer(models.Unigram(list(vocabulary.pieces), unk_id=vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Replace(Regex(_DROPPED), ""),
            normalizers.Replace(Regex(r"\s"), " "),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="always", split=False)
    tokenizer.decoder = decoders.Metaspace(replacement=SPACE)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> $B </s>",
        special_tokens=[("<s>", vocabulary.bos), ("</s>", vocabulary.eos)],
    )
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    return tokenizer


def choose_pieces(
    vocabulary: UnigramVocabulary,
    size: int,
    texts: Iterable[str] = (),
    languages: Sequence[LanguageShare] = DEFAULT_LANGUAGES,
) -> list[int]:
    """Ids of the pieces to keep, ascending.

    Args:
        vocabulary: the whole vocabulary.
        size: how many pieces to keep; all special and single-character pieces stay in any case.
        texts: training texts, whose pieces are kept too.
        languages: whose frequent words choose the rest.
    """
    tokenizer = build_tokenizer(vocabulary)
    always = {
        number
        for number, (piece, _) in enumerate(vocabulary.pieces)
        if piece in SPECIAL or len(piece.removeprefix(SPACE)) <= 1
    }
    for encoding in tokenizer.encode_batch(list(texts)):
        always.update(encoding.ids)
    counts: Counter[int] = Counter()
    for language in languages:
        words = top_n_list(language.code, language.words)
        for word, encoding in zip(words, tokenizer.encode_batch(words, add_special_tokens=False), strict=True):
            frequency = word_frequency(word, language.code) * language.weight
            for token in encoding.ids:
                counts[token] += frequency
    ranked = (token for token, _ in counts.most_common() if token not in always)
    for token in ranked:
        if len(always) >= size:
            break
        always.add(token)
    return sorted(always)


def cut_vocabulary(vocabulary: UnigramVocabulary, kept: Sequence[int]) -> UnigramVocabulary:
    """The vocabulary of the kept ids, renumbered from 0 in their order."""
    position = {old: new for new, old in enumerate(kept)}
    return UnigramVocabulary(
        pieces=tuple(vocabulary.pieces[old] for old in kept),
        bos=position[vocabulary.bos],
        eos=position[vocabulary.eos],
        pad=position[vocabulary.pad],
        unk=position[vocabulary.unk],
    )
