"""The texts that every benchmark runs on."""

from pathlib import Path

from triage.corpus import read_corpus
from triage.errors import InvalidCorpus
from triage.taxonomy import Taxonomy

BENCH_TEXTS = 256


def bench_texts(corpus: Path, taxonomy: Taxonomy) -> list[str]:
    """The first 256 texts of the corpus by a fixed order that mixes authors and lengths.

    Raises:
        InvalidCorpus: the corpus has fewer rows.
    """
    rows = sorted(read_corpus(corpus, taxonomy), key=lambda row: row.id[::-1])
    if len(rows) < BENCH_TEXTS:
        raise InvalidCorpus(f"{corpus} has {len(rows)} rows; the benchmark needs {BENCH_TEXTS}.")
    return [row.masked_text for row in rows[:BENCH_TEXTS]]
