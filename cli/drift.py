"""`triage drift`."""

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evaluation.live.drift.observed import Observed
    from evaluation.live.drift.report import DriftReport
    from evaluation.live.drift.sentences import Writer
    from models.bundle import Bundle
    from models.reference import Reference
    from triage.alert import Alert
    from triage.settings import Settings
    from triage.store.figures import Window

_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]
_CHUNK = 256
_MOST_TOLD = 5
_COLOURS = {"drifted": "bold red", "steady": "green"}


def drift(
    days: Annotated[
        float | None, typer.Option(min=0.01, max=3650, help="Look at so many days up to now; 14 by default.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=_DATES, help="Look at alerts from then on; UTC where no zone is given.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Look at the alerts of a file (JSONL) instead of the store.", exists=True, dir_okay=False),
    ] = None,
    output_file: Annotated[
        Path | None, typer.Option("--output", help="HTML file for the report with its drawings.", dir_okay=False)
    ] = None,
    store_url: Annotated[
        str | None, typer.Option("--store", help="URL of the alert store; that of the settings by default.")
    ] = None,
    bundle: Annotated[
        Path | None, typer.Option(help="Bundle to compare with; the one that is served by default.")
    ] = None,
    fail: Annotated[
        bool, typer.Option("--fail", help="End with status 1 where anything has drifted, for cron.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Tell whether the alerts that come in still resemble those that the bundle was checked on.

    Eight measures, each with a code and a threshold: categories, confidence, content of texts, languages, length,
    photos, unknown words, and answers that staff changed. Of looks at alerts like those of the reference, at most 1 in
    100 raises any alarm. Of the store the newest 5,000 alerts of the time are read, of a file its last 5,000. The exit
    status is 0 whatever has drifted, unless --fail is given.

    Example: triage drift --days 14
    Example: triage drift --data alerts.jsonl --output report.html
    Example: triage drift --json --fail
    """
    from cli.bundle_choice import settings_in_use
    from evaluation.live.drift.report import compare
    from evaluation.report.drift import Looked, write_drift_report
    from models.bundle import load_bundle
    from triage.errors import InvalidConfiguration

    if (data is not None) + (since is not None) + (days is not None) > 1 or (data and store_url):
        raise InvalidConfiguration("--data, --since and --days say what to look at; give one of them.")
    settings = settings_in_use(bundle)
    verified = load_bundle(settings.bundle)
    reference = _reference(verified)
    if data:
        observed, alerts = _in_file(data, verified, reference, settings), f"those of {data.name}"
    else:
        window = _window(since, days)
        observed = _in_store(window, store_url, verified, reference, settings)
        alerts = f"from {window.since:%Y-%m-%d %H:%M} to {window.until:%Y-%m-%d %H:%M} UTC"
    report, writer = compare(reference, observed), _writer(verified)
    named = f"{verified.manifest.name} {verified.manifest.version}"
    if output_file:
        looked = Looked(alerts, named, reference.data, reference.alerts)
        write_drift_report(report, looked, writer, output_file)
    if as_json:
        document = _document(report, writer) | {"looked_at": alerts, "bundle_sha256": verified.sha256}
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _print(report, writer)
    typer.echo(_summary(report, alerts, named) + (f" The report is in {output_file}." if output_file else ""), err=True)
    if fail and report.drifted:
        raise typer.Exit(1)


def _reference(bundle: "Bundle") -> "Reference":
    from models.reference import read_reference
    from triage.errors import InvalidConfiguration

    reference = read_reference(bundle)
    if reference is None:
        raise InvalidConfiguration(
            f"The bundle {bundle.folder} has no reference to compare alerts with; make one with: triage reference"
            f" {bundle.folder}"
        )
    return reference


def _window(since: datetime | None, days: float | None) -> "Window":
    from datetime import UTC, timedelta

    from evaluation.live.drift.observing import window_of
    from triage.errors import InvalidConfiguration

    now = datetime.now(UTC)
    if since and not since.tzinfo:
        since = since.replace(tzinfo=UTC)
    if since and since >= now:
        raise InvalidConfiguration("--since lies in the future; name a time that alerts have come in since.")
    return window_of(now, now - timedelta(days=days) if days else since)


def _in_store(
    window: "Window", store_url: str | None, bundle: "Bundle", reference: "Reference", settings: "Settings"
) -> "Observed":
    from rich.console import Console

    from evaluation.live.drift.observing import observe, read_store
    from models.observation import TextObserver
    from triage.store.configured import personal_keys
    from triage.store.store import Store

    observer = TextObserver.from_bundle(bundle, reference)
    with (
        Console(stderr=True).status("reading what came in"),
        Store.open(store_url or settings.store_url, key=personal_keys(settings)) as store,
    ):
        return observe(read_store(store, window, bundle.sha256, observer.vector_version), observer)


def _in_file(path: Path, bundle: "Bundle", reference: "Reference", settings: "Settings") -> "Observed":
    from rich.console import Console
    from rich.progress import track

    from evaluation.observing import AlertObserver
    from models.predictor import Predictor
    from models.text import TextModel

    alerts = _last_alerts(path)
    predictor = Predictor.load(bundle.folder, taxonomy=settings.taxonomy, threads=settings.threads)
    observer = AlertObserver(predictor, TextModel.from_bundle(bundle, settings.threads), reference)
    starts = range(0, len(alerts), _CHUNK)
    for start in track(starts, "reading alerts", console=Console(stderr=True), transient=True):
        observer.add(alerts[start : start + _CHUNK])
    return observer.observed()


def _last_alerts(path: Path) -> "Sequence[Alert]":
    from collections import deque

    from triage.alert import parse_alert
    from triage.alert_files import JsonLines
    from triage.errors import InvalidAlert, InvalidConfiguration
    from triage.store.arrivals import MAX_ARRIVALS

    last = deque((line for chunk in JsonLines(path).chunks(_CHUNK) for line in chunk), maxlen=MAX_ARRIVALS)
    alerts, refused = [], 0
    for line in last:
        try:
            alerts.append(parse_alert(_fields_of_alert(line.content), allow_paths=True))
        except InvalidAlert as error:
            refused += 1
            if refused <= _MOST_TOLD:
                typer.echo(f"line {line.number} is left out: {error.message}", err=True)
    if refused > _MOST_TOLD:
        typer.echo(f"{refused - _MOST_TOLD:,} more lines are left out.", err=True)
    if not alerts:
        raise InvalidConfiguration(f"{path} holds no alert; a line is a JSON object with an id and a text or a photo.")
    return alerts


def _fields_of_alert(line: bytes) -> bytes:
    """A line without fields that an alert does not have: labelled and past alerts are looked at all the same."""
    from triage.alert import Alert

    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if not isinstance(document, dict):
        return line
    return json.dumps({name: value for name, value in document.items() if name in Alert.model_fields}).encode()


def _writer(bundle: "Bundle") -> "Writer":
    from babel import Locale

    from evaluation.live.drift.sentences import EnglishWriter
    from models.bundle import TAXONOMY
    from triage.taxonomy import load_taxonomy

    categories = load_taxonomy(bundle.path(TAXONOMY)).categories
    languages = {code: str(name) for code, name in Locale("en").languages.items()}
    return EnglishWriter({code: f"“{entry.en}”" for code, entry in categories.items()}, languages)


def _document(report: "DriftReport", writer: "Writer") -> dict[str, Any]:
    from evaluation.live.drift.report import FALSE_ALARMS

    return {
        "alerts": report.alerts,
        "drifted": [finding.code for finding in report.drifted],
        "false_alarms": FALSE_ALARMS,
        "measures": [
            {
                "code": finding.code,
                "name": finding.name,
                "status": finding.status.value,
                "alerts": finding.alerts,
                "value": finding.value,
                "threshold": finding.threshold,
                "sentence": finding.sentence.written(writer),
            }
            for finding in report.findings
        ],
    }


def _print(report: "DriftReport", writer: "Writer") -> None:
    from rich.table import Table
    from rich.text import Text

    from cli.tables import wide_console
    from evaluation.report.drift import verdict

    table = Table()
    for column in ("code", "measure", "value", "threshold", "verdict", "what was found"):
        right = column in {"value", "threshold"}
        table.add_column(column, justify="right" if right else "left", no_wrap=column != "what was found")
    for finding in report.findings:
        words = verdict(finding)
        figures = ["–" if part is None else writer.percent(part) for part in (finding.value, finding.threshold)]
        status = Text(words, _COLOURS.get(words, "dim"))
        sentence = Text(finding.sentence.written(writer))
        table.add_row(finding.code, writer.gettext(finding.title), *figures, status, sentence)
    wide_console().print(table)


def _summary(report: "DriftReport", alerts: str, bundle: str) -> str:
    from evaluation.live.drift.finding import LEAST_ALERTS, Status

    looked = f"{report.alerts:,} alerts, {alerts}, beside the reference of {bundle}"
    if report.alerts < LEAST_ALERTS:
        return (
            f"Too few alerts have come in to tell: {looked}. At least {LEAST_ALERTS} are needed; look at a longer time."
        )
    if not report.drifted:
        measured = sum(finding.status is not Status.UNMEASURED for finding in report.findings)
        return f"Nothing has drifted, of {measured} measures that could be compared: {looked}."
    return f"{len(report.drifted)} of {len(report.findings)} measures have drifted: {looked}."
