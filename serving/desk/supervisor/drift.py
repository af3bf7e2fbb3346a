"""What drifted, as the page shows it: in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.live.drift.finding import Finding, Status
from evaluation.live.drift.report import FALSE_ALARMS
from evaluation.live.drift.sentences import UNTOLD
from serving.desk.languages import Language
from serving.desk.names import Names
from serving.desk.supervisor.wording import Wording
from serving.drift import Look


@dataclass(frozen=True, slots=True)
class DriftWriter:
    """Writes the sentences of findings."""

    language: Language
    names: Names

    def gettext(self, message: str) -> str:
        """A message in the reader's language."""
        return self.language.gettext(message)

    def percent(self, share: float) -> str:
        """A share with one digit."""
        return Wording(self.language).share(share)

    def number(self, value: float) -> str:
        """A count."""
        return self.language.number(value)

    def category(self, code: str) -> str:
        """What the city calls it, in quotation marks."""
        return self.gettext("“%(name)s”") % {"name": self.names.category(code)}

    def language_name(self, code: str) -> str:
        """What a language is called."""
        return self.language.name_of(code) if code else self.gettext(UNTOLD)


@dataclass(frozen=True, slots=True)
class Measured:
    """A measure in words; value and threshold are empty where it could not be compared."""

    code: str
    title: str
    status: Status
    sentence: str
    value: str
    threshold: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The whole panel.

    Attributes:
        drifted: how many measures lie beyond their threshold.
        checked_on: how many alerts the reference describes.
        false_alarms: how many looks without drift raise any alarm.
    """

    look: Look
    alerts: int
    drifted: int
    checked_on: int
    false_alarms: str
    measures: Sequence[Measured]


def panel_of(look: Look, language: Language, names: Names) -> Panel | None:
    """The panel; None where the bundle has no reference."""
    if look.reference is None or look.report is None:
        return None
    writer = DriftWriter(language, names)
    return Panel(
        look=look,
        alerts=look.report.alerts,
        drifted=len(look.report.drifted),
        checked_on=look.reference.alerts,
        false_alarms=Wording(language).whole_percent(FALSE_ALARMS),
        measures=[_measured(finding, writer) for finding in look.report.findings],
    )


def _measured(finding: Finding, writer: DriftWriter) -> Measured:
    return Measured(
        code=finding.code,
        title=writer.gettext(finding.title),
        status=finding.status,
        sentence=finding.sentence.written(writer),
        value="" if finding.value is None else writer.percent(finding.value),
        threshold="" if finding.threshold is None else writer.percent(finding.threshold),
    )
