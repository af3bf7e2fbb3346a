"""A mapping to fill in: every foreign category with its count, and where a model was asked, what it says."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.city_exports.report import ForeignReport

SAMPLE = 40
# Below this share of one answer the model rather guesses, and the line is left to a person.
AGREED = 0.6

AskCategories = Callable[[Sequence[str]], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a foreign name occurs, and what a model answered to a sample of its reports."""

    name: str
    reports: int
    answers: Counter[str]

    @property
    def proposal(self) -> str | None:
        """The answer that most of the sample got, if it is clear."""
        if not self.answers:
            return None
        code, count = self.answers.most_common(1)[0]
        return code if count >= AGREED * self.answers.total() else None


def seen_categories(reports: Iterable[ForeignReport], ask: AskCategories | None = None) -> list[Seen]:
    """The foreign categories, most frequent first.

    Args:
        reports: all of them.
        ask: the likeliest category of each of some texts; the first reports of each category are asked about.
    """
    counts: Counter[str] = Counter()
    samples: dict[str, list[str]] = {}
    for report in reports:
        name = report.categories[0] if report.categories else ""
        counts[name] += 1
        sample = samples.setdefault(name, [])
        if ask and len(sample) < SAMPLE and report.text:
            sample.append(report.text)
    return [
        Seen(name, count, Counter(ask(samples[name])) if ask and samples[name] else Counter())
        for name, count in counts.most_common()
        if name
    ]


def category_lines(seen: Iterable[Seen]) -> list[str]:
    """Lines for `categories:`; a proposal is filled in, what is unclear is null with what there is to know."""
    return [f"  {_quoted(item.name)}: {item.proposal or 'null'}{_remark(item)}" for item in seen]


def unmapped_lines(counts: Mapping[str, int]) -> list[str]:
    """Lines for `categories:` of what a mapping does not name yet."""
    return category_lines(Seen(name, count, Counter()) for name, count in Counter(counts).most_common())


def mapping_stub(seen: Sequence[Seen], departments: Counter[str], priorities: Counter[str], head: Sequence[str]) -> str:
    """A whole mapping file.

    Args:
        seen: the foreign categories.
        departments: the foreign departments with their counts.
        priorities: the foreign priorities likewise.
        head: the lines of source, licence, language, default priority and columns.
    """
    lines = [
        "# null leaves reports out. A category may also be {category: …, department: …, priority: …}.",
        *head,
        "categories:" if seen else "categories: {}",
        *category_lines(seen),
    ]
    for name, counts in (("departments", departments), ("priorities", priorities)):
        lines += [f"{name}:" if counts else f"{name}: {{}}"]
        lines += [f"  {_quoted(key)}: null  # {count:,} reports" for key, count in counts.most_common()]
    return "\n".join(lines) + "\n"


def _remark(item: Seen) -> str:
    said = ", ".join(f"{code} {count}" for code, count in item.answers.most_common(3))
    asked = f"; the model says of {item.answers.total()}: {said}" if said else ""
    return f"  # {item.reports:,} {'report' if item.reports == 1 else 'reports'}{asked}"


def _quoted(name: str) -> str:
    # JSON strings are YAML strings, and no name can then be read as a number, a comment or null.
    return json.dumps(name, ensure_ascii=False)
