"""The tables of the sheet."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal, format_percent

from evaluation.register.facts import Facts
from triage.taxonomy import HEADS

Table = tuple[Sequence[str], Sequence[Sequence[str]]]

_REPORT, _ACCURACY = "reports_", "_category_accuracy"
_HEAD_FIGURES = ("macro_f1", "accuracy", "top_3", "calibration_error")
_PLAIN = frozenset({"photo_macro_f1"})


@dataclass(frozen=True, slots=True)
class Tables:
    """Makes them.

    Attributes:
        titles: the heads of the columns of each table.
        heads: what categories, departments and priorities are called.
        figures: what the figures of decisions, photos and duplicates are called, in their order.
        none: stands where the bundle has no such figure.
    """

    facts: Facts
    titles: Mapping[str, Sequence[str]]
    heads: Mapping[str, str]
    figures: Mapping[str, str]
    none: str
    language: str

    def table(self, name: str, hours: str) -> Table:
        """The table of a name; `hours` is how a number of hours is written."""
        makers: Mapping[str, Callable[[], list[list[str]]]] = {
            "categories": self._categories,
            "priorities": lambda: self._priorities(hours),
            "heads": self._heads,
            "decisions": self._decisions,
            "reports": self._reports,
        }
        return self.titles[name], makers[name]()

    def percent(self, metric: str) -> str:
        """A figure of the bundle as a share of a hundred."""
        value = self.facts.metrics.get(metric)
        pattern = "0.#\u202f%" if self.language == "fr" else "0.#%"
        return self.none if value is None else str(format_percent(value, pattern, locale=self.language))

    def _number(self, metric: str) -> str:
        value = self.facts.metrics.get(metric)
        return self.none if value is None else str(format_decimal(value, "0.000", locale=self.language))

    def _categories(self) -> list[list[str]]:
        taxonomy = self.facts.taxonomy
        departments = taxonomy.departments
        return [
            [getattr(entry, self.language), getattr(departments[entry.default_department], self.language)]
            for entry in taxonomy.categories.values()
        ]

    def _priorities(self, hours: str) -> list[list[str]]:
        ranked = sorted(self.facts.taxonomy.priorities.values(), key=lambda entry: entry.rank)
        return [
            [
                getattr(entry, self.language),
                hours.replace("{{ hours }}", str(format_decimal(entry.target_hours, locale=self.language))),
            ]
            for entry in ranked
        ]

    def _heads(self) -> list[list[str]]:
        lines = []
        for head in HEADS:
            f1, right, three, error = (f"{head}_{figure}" for figure in _HEAD_FIGURES)
            figures = [self._number(f1), self._number(f"baseline_{f1}"), self.percent(right), self.percent(three)]
            lines.append([self.heads[head], *figures, self._number(error)])
        return lines

    def _decisions(self) -> list[list[str]]:
        known = [name for name in self.figures if name in self.facts.metrics]
        return [[self.figures[name], self._number(name) if name in _PLAIN else self.percent(name)] for name in known]

    def _reports(self) -> list[list[str]]:
        cities = [
            name.removeprefix(_REPORT).removesuffix(_ACCURACY)
            for name in self.facts.metrics
            if name.startswith(_REPORT) and name.endswith(_ACCURACY)
        ]
        return [
            [city.title(), *(self.percent(f"{_REPORT}{city}_{head}_accuracy") for head in HEADS)] for city in cities
        ]
