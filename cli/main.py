"""The command `triage`; the one place that knows all others."""

import sys

import typer
from rich.console import Console

from cli import (
    add_category,
    backfill,
    backup,
    bench,
    data,
    demo,
    drift,
    duplicates,
    evaluate,
    events,
    export_reviews,
    forwarders,
    importing,
    key,
    personal_data,
    photo,
    predict,
    promote,
    purge,
    reference,
    register,
    restore,
    rollback,
    serve,
    suspects,
    train,
    tune,
    user,
    webhook,
)
from triage.errors import TriageError

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,  # locals may hold residents' texts
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Triage of residents' alerts: category, priority and department, with honest confidence.",
    epilog="Example: triage serve",
)
app.command("serve")(serve.serve)
app.command("predict")(predict.predict)
app.command("backfill")(backfill.backfill)
app.command("duplicates")(duplicates.duplicates)
app.command("train")(train.train)
app.command("tune")(tune.tune)
app.command("add-category")(add_category.add_category)
app.command("evaluate")(evaluate.evaluate)
app.command("promote")(promote.promote)
app.command("rollback")(rollback.rollback)
app.command("demo")(demo.demo)
app.command("import")(importing.import_alerts)
app.command("export-reviews")(export_reviews.export_reviews)
app.command("suspects")(suspects.suspects)
app.command("drift")(drift.drift)
app.command("reference")(reference.reference)
app.command("backup")(backup.backup)
app.command("restore")(restore.restore)
app.command("purge")(purge.purge)
app.command("register")(register.register)
app.add_typer(bench.app, name="bench")
app.add_typer(data.app, name="data")
app.add_typer(events.app, name="events")
app.add_typer(forwarders.app, name="forwarders")
app.add_typer(key.app, name="key")
app.add_typer(personal_data.app, name="personal-data")
app.add_typer(photo.app, name="photo")
app.add_typer(user.app, name="user")
app.add_typer(webhook.app, name="webhook")


def run() -> None:
    """Run the command; expected errors end it with one sentence and status 2."""
    try:
        app()
    except TriageError as error:
        Console(stderr=True).print(f"[bold red]triage:[/] {error.message}", highlight=False, soft_wrap=True)
        sys.exit(2)
    except ModuleNotFoundError as error:
        from cli.extras import explain_missing_module

        Console(stderr=True).print(f"[bold red]triage:[/] {explain_missing_module(error)}", soft_wrap=True)
        sys.exit(2)
