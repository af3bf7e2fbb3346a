"""A suggested mapping is valid YAML whatever the names, and proposes only what is clear."""

from collections import Counter
from collections.abc import Sequence

import yaml

from triage.city_exports.mapping import LabelMapping
from triage.city_exports.report import ForeignReport
from triage.city_exports.stub import SAMPLE, mapping_stub, seen_categories, unmapped_lines

HEAD = ["source: x", "licence: CC0", "language: fr", "priority: normale"]


def reports(name: str, count: int) -> list[ForeignReport]:
    return [ForeignReport(number, str(number), f"{name} {number}", (name,)) for number in range(count)]


def test_names_that_yaml_would_misread_come_back_as_they_are() -> None:
    names = ["007", "no", 'a "b" # c', "é: è", "null"]
    seen = seen_categories([report for name in names for report in reports(name, 1)])
    content = yaml.safe_load(mapping_stub(seen, Counter({"12": 3}), Counter({"yes": 1}), HEAD))
    mapping = LabelMapping.model_validate(content)
    assert set(mapping.categories) == set(names)
    assert set(mapping.departments) == {"12"}
    assert set(mapping.priorities) == {"yes"}


def test_a_clear_answer_of_the_model_is_filled_in_and_an_unclear_one_is_left_to_a_person() -> None:
    def ask(texts: Sequence[str]) -> list[str]:
        return ["voirie" if text.startswith("Loch") or number % 2 else "proprete" for number, text in enumerate(texts)]

    seen = seen_categories([*reports("Loch", 60), *reports("Sonstiges", 4)], ask)
    assert [(item.name, item.reports, item.proposal) for item in seen] == [
        ("Loch", 60, "voirie"),
        ("Sonstiges", 4, None),
    ]
    assert seen[0].answers.total() == SAMPLE
    content = mapping_stub(seen, Counter(), Counter(), HEAD)
    assert '"Loch": voirie  # 60 reports; the model says of 40: voirie 40' in content
    assert '"Sonstiges": null  # 4 reports; the model says of 4: proprete 2, voirie 2' in content


def test_unmapped_categories_are_lines_to_paste_most_frequent_first() -> None:
    assert unmapped_lines({"a": 1, "b": 1200}) == ['  "b": null  # 1,200 reports', '  "a": null  # 1 report']
