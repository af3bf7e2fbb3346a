"""Which of Signalen's categories each of the city's stands for, and an answer in its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, ValidationError

from triage.errors import InvalidConfiguration, first_fault
from triage.prediction import Answer
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy
from triage.yaml_file import UnreadableYaml, read_yaml

DEFAULT_CATEGORIES = PROJECT_ROOT / "datasets" / "signalen.yaml"

# Sums of decimals would show their rounding.
_DIGITS = 6
# Addresses and their probabilities, side by side, the likeliest first.
Ranked = tuple[list[str], list[float]]

_Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]


class Slugs(BaseModel):
    """A main category and one of its sub categories, as Signalen's addresses name them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    main: _Slug
    sub: _Slug

    @property
    def main_path(self) -> str:
        """The end of the main category's address."""
        return f"/categories/{self.main}"

    @property
    def sub_path(self) -> str:
        """The end of the sub category's address."""
        return f"{self.main_path}/sub_categories/{self.sub}"


@dataclass(frozen=True, slots=True)
class SignalenCategories:
    """The mapping from the city's categories.

    Attributes:
        slugs: by the code of the category.
        fallback: for categories that have none.
    """

    slugs: Mapping[str, Slugs]
    fallback: Slugs

    def ranked(self, answer: Answer, base: str) -> tuple[Ranked, Ranked]:
        """Main and sub categories by probability; where several categories share one, their probabilities add up.

        Args:
            answer: of the category head.
            base: what every address begins with.
        """
        main: dict[str, float] = {}
        sub: dict[str, float] = {}
        for one in (answer, *answer.alternatives):
            slugs = self.slugs.get(one.code, self.fallback)
            for path, sums in ((slugs.main_path, main), (slugs.sub_path, sub)):
                sums[path] = sums.get(path, 0.0) + one.confidence
        return _ranked(main, base), _ranked(sub, base)


def load_categories(path: Path | None, taxonomy: Taxonomy) -> SignalenCategories:
    """Read and check the file.

    Args:
        path: a city's own file, where every code must be the taxonomy's; by default the one that ships, whose codes a
            city may lack.
        taxonomy: the city's codes.

    Raises:
        InvalidConfiguration: it cannot be read, is malformed, names a category that the taxonomy lacks, or leaves out
            the one that all others fall back to.
    """
    chosen = path or DEFAULT_CATEGORIES
    try:
        slugs = TypeAdapter(dict[str, Slugs]).validate_python(read_yaml(chosen))
    except UnreadableYaml as error:
        raise InvalidConfiguration(f"The file {chosen} cannot be read: {error}.") from error
    except ValidationError as error:
        raise InvalidConfiguration(f"The file {chosen} is malformed: {first_fault(error, 'the file')}.") from error
    unknown, fallback = sorted(set(slugs) - set(taxonomy.categories)), slugs.get(taxonomy.fallback_category)
    if path is not None and unknown:
        raise InvalidConfiguration(f"The file {path} names the category '{unknown[0]}', which the taxonomy lacks.")
    if path is not None and fallback is None:
        raise InvalidConfiguration(f"The file {path} lacks the category '{taxonomy.fallback_category}'; add it.")
    return SignalenCategories(slugs, fallback or Slugs(main="overig", sub="overig"))


def _ranked(sums: Mapping[str, float], base: str) -> Ranked:
    best = sorted(sums.items(), key=lambda item: -item[1])
    return [f"{base}{path}" for path, _ in best], [min(1.0, round(probability, _DIGITS)) for _, probability in best]
