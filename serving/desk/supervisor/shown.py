"""The figures as the page shows them: with names, words and charts."""

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.live.answers import Overrides, Quartiles, Week
from serving.desk.languages import N_, Language
from serving.desk.names import Names
from serving.desk.supervisor.charts import BarChart, LineChart, curve, share_bars, share_lines, span_bars
from serving.desk.supervisor.report import Report, Simulation, Times
from serving.desk.supervisor.wording import Wording

_QUEUES = {
    "review": N_("The model was unsure"),
    "sample": N_("Random sample"),
    "suspect": N_("Suspected errors"),
    "": N_("Opened by hand"),
}


@dataclass(frozen=True, slots=True)
class Duration:
    """The time that a kind of decision took."""

    label: str
    quartiles: Quartiles


@dataclass(frozen=True, slots=True)
class Charts:
    """The drawings beside the tables; None where there is nothing to draw."""

    weeks: LineChart | None
    categories: BarChart | None
    times: BarChart | None


@dataclass(frozen=True, slots=True)
class SimulatorCharts:
    """What every threshold would bring; None where there are no answers to rehearse."""

    reviews: LineChart
    errors: LineChart


def draw(report: Report, language: Language, names: Names) -> Charts:
    """The drawings of a report."""
    words = Wording(language)
    durations = durations_of(report.times, language)
    return Charts(
        weeks=_weeks(report.weeks, language, words) if report.weeks else None,
        categories=_categories(report.categories, names, words) if report.categories else None,
        times=_times(durations, words) if durations else None,
    )


def draw_simulation(simulation: Simulation, language: Language) -> SimulatorCharts | None:
    """The drawings of the simulator."""
    if not simulation.today.alerts:
        return None
    words = Wording(language)
    thresholds = [outlook.threshold for outlook in simulation.curve]
    marks = {simulation.tried.threshold: "tried", simulation.today.threshold: "today"}
    marked = [(style, threshold) for threshold, style in marks.items()]
    loads = [outlook.reviews_per_day for outlook in simulation.curve]
    errors = [outlook.expected_error for outlook in simulation.curve]
    return SimulatorCharts(
        reviews=curve(thresholds, loads, marked, words.whole_percent, words.whole),
        errors=curve(thresholds, errors, marked, words.whole_percent, words.whole_percent),
    )


def durations_of(times: Times, language: Language) -> list[Duration]:
    """The times that are known, each with what it is the time of."""
    listed = [(_QUEUES.get(queue, queue), quartiles) for queue, quartiles in times.by_queue.items()]
    listed += [
        (N_("The model's first answer was chosen"), times.first_answer),
        (N_("Another answer was chosen"), times.other_answer),
    ]
    return [Duration(language.gettext(label), quartiles) for label, quartiles in listed if quartiles is not None]


def week_label(week: Week, language: Language) -> str:
    """The number of an ISO week."""
    return language.gettext("W%(week)s") % {"week": week.monday.isocalendar().week}


def _weeks(weeks: Sequence[Week], language: Language, words: Wording) -> LineChart:
    labels = [week_label(week, language) for week in weeks]
    lines = [("first", [week.unsure for week in weeks]), ("second", [week.sample_wrong for week in weeks])]
    return share_lines(labels, lines, words.whole_percent)


def _categories(lines: Sequence[Overrides], names: Names, words: Wording) -> BarChart:
    return share_bars(
        [
            (names.category(line.name), f"{words.share(line.any.value)} ({words.counted(line.any)})", line.any)
            for line in lines
        ]
    )


def _times(durations: Sequence[Duration], words: Wording) -> BarChart:
    rows = []
    for duration in durations:
        parts = duration.quartiles.low, duration.quartiles.median, duration.quartiles.high
        rows.append((duration.label, words.seconds(duration.quartiles.median), parts))
    return span_bars(rows)
