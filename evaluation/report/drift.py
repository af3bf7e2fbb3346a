"""Writes what drifted as one HTML file that needs no other."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from evaluation.live.drift.finding import Bars, Curves, Finding, Status
from evaluation.live.drift.report import FALSE_ALARMS, DriftReport
from evaluation.live.drift.sentences import Writer
from triage.errors import InvalidConfiguration

_TEMPLATE = "drift.html.jinja"
_VERDICTS = {Status.DRIFTED: "drifted", Status.STEADY: "steady", Status.UNMEASURED: "not measured"}
# Of a drawing, in its own units.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 420, 180, 44, 24


@dataclass(frozen=True, slots=True)
class Looked:
    """What was compared, in words.

    Attributes:
        alerts: which alerts, such as a time or a file.
        bundle: its name and version.
        reference: what the alerts of the reference were.
        reference_alerts: how many they were.
    """

    alerts: str
    bundle: str
    reference: str
    reference_alerts: int


@dataclass(frozen=True, slots=True)
class _Bar:
    """Two bars, of lengths up to 1 for the greatest share that is drawn."""

    label: str
    length_before: float
    length_now: float
    before: float
    now: float


@dataclass(frozen=True, slots=True)
class _Chart:
    """Paths over an axis: what it is, and where its words stand."""

    what: str
    before: str
    now: str
    ticks: Sequence[tuple[float, str]]


def verdict(finding: Finding) -> str:
    """The status in words."""
    return _VERDICTS[finding.status]


def write_drift_report(report: DriftReport, looked: Looked, writer: Writer, path: Path) -> None:
    """Write the page; one that is there is replaced.

    Args:
        report: what all measures found.
        looked: what was compared.
        writer: writes figures and names; the page's own words are English.
        path: the file.

    Raises:
        InvalidConfiguration: it cannot be written.
    """
    try:
        path.write_text(render_drift(report, looked, writer), encoding="utf-8")
    except OSError as error:
        raise InvalidConfiguration(
            f"The report {path} cannot be written: {error.strerror}. Name another file."
        ) from error


def render_drift(report: DriftReport, looked: Looked, writer: Writer) -> str:
    """The page with its drawings inside; every text is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    size = {"width": _WIDTH, "height": _HEIGHT, "left": _LEFT, "bottom": _HEIGHT - _BOTTOM}
    return environment.get_template(_TEMPLATE).render(
        report=report,
        looked=looked,
        writer=writer,
        false_alarms=FALSE_ALARMS,
        verdict=verdict,
        size=size,
        bars={finding.code: _bars(finding.plot, writer) for finding in report.findings},
        charts={finding.code: _chart(finding.plot, writer) for finding in report.findings},
    )


def _bars(plot: object, writer: Writer) -> Sequence[_Bar]:
    if not isinstance(plot, Bars):
        return ()
    most = max(share for _, *shares in plot.rows for share in shares) or 1.0
    return [_Bar(label.written(writer), before / most, now / most, before, now) for label, before, now in plot.rows]


def _chart(plot: object, writer: Writer) -> _Chart | None:
    if not isinstance(plot, Curves):
        return None
    first, last = plot.axis[0], plot.axis[-1]

    def across(value: float) -> float:
        return round(_LEFT + (value - first) / (last - first) * (_WIDTH - _LEFT), 1)

    def path(shares: Sequence[float]) -> str:
        drop = _HEIGHT - _BOTTOM
        points = (f"{across(x)},{round(drop * (1 - y), 1)}" for x, y in zip(plot.axis, shares, strict=True))
        return "M" + "L".join(points)

    def written(value: float) -> str:
        return f"{value:.0%}" if plot.in_percent else writer.number(float(f"{value:.2g}"))

    ends = [first + (last - first) * step / 4 for step in range(5)]
    return _Chart(
        writer.gettext(plot.what),
        path(plot.before),
        path(plot.now),
        [(across(value), written(value)) for value in ends],
    )
