"""The counts that describe a corpus."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from training.corpus_checks.wording import accentless_share, five_grams, median_words, openings
from triage.corpus import LabelledAlert, Split
from triage.taxonomy import Taxonomy


@dataclass(frozen=True, slots=True)
class CorpusSummary:
    """How many rows a corpus has of each kind, and how its texts are worded; shares lie between 0 and 1.

    Codes come in the order of the taxonomy, those without rows included.
    """

    rows: int
    splits: Mapping[str, int]
    categories: Mapping[str, Mapping[str, int]]
    departments: Mapping[str, int]
    priorities: Mapping[str, int]
    languages: Mapping[str, int]
    accentless_share: float
    median_words: float
    recurring_five_gram_share: float
    frequent_openings: Mapping[str, int]


def summarise(rows: Sequence[LabelledAlert], taxonomy: Taxonomy) -> CorpusSummary:
    """Count the rows; `categories` counts each category by split."""
    departments = Counter(row.department for row in rows)
    priorities = Counter(row.priority for row in rows)
    splits = Counter(row.split for row in rows)
    cells = Counter((row.category, row.split) for row in rows)
    return CorpusSummary(
        rows=len(rows),
        splits={split.value: splits[split] for split in Split},
        categories={code: {split.value: cells[code, split] for split in Split} for code in taxonomy.codes("category")},
        departments={code: departments[code] for code in taxonomy.codes("department")},
        priorities={code: priorities[code] for code in taxonomy.codes("priority")},
        languages=dict(Counter(row.lang for row in rows).most_common()),
        accentless_share=accentless_share(rows),
        median_words=median_words(rows),
        recurring_five_gram_share=five_grams(rows).recurring_share,
        frequent_openings=dict(openings(rows).most_common(8)),
    )
