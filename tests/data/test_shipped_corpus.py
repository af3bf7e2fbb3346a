import pytest

from training.corpus_checks.check import Check
from training.corpus_checks.registry import CHECKS
from triage.corpus import LabelledAlert, read_corpus
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy, load_taxonomy

DATASETS = PROJECT_ROOT / "datasets"


@pytest.fixture(scope="module")
def taxonomy() -> Taxonomy:
    return load_taxonomy(DATASETS / "taxonomy.yaml")


@pytest.fixture(scope="module")
def corpus(taxonomy: Taxonomy) -> tuple[LabelledAlert, ...]:
    return read_corpus(DATASETS / "corpus", taxonomy)


def test_the_shipped_corpus_is_large_enough(corpus: tuple[LabelledAlert, ...]) -> None:
    assert len(corpus) >= 1600


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_the_shipped_corpus_passes_every_check(
    check: Check, corpus: tuple[LabelledAlert, ...], taxonomy: Taxonomy
) -> None:
    findings = check.find(corpus, taxonomy)
    assert not findings, "\n".join(findings)
