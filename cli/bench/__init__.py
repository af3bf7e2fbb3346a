"""`triage bench`: what reads texts or photos, what finds duplicates, labels, service, desk and store: a file each."""

import typer

from cli.bench import backfill, duplicates, learning, photos, review, serving, soak, store, texts

app = typer.Typer(
    no_args_is_help=True,
    help="Measurements that are ratios within one run, not absolute times.",
    epilog="Example: triage bench inference",
)
app.command("inference")(texts.inference)
app.command("sizes")(texts.sizes)
app.command("photo")(photos.photo)
app.command("privacy")(photos.privacy)
app.command("duplicates")(duplicates.duplicates)
app.command("backfill")(backfill.backfill)
app.command("serving")(serving.serving)
app.command("soak")(soak.soak)
app.command("review")(review.review)
app.command("learning")(learning.learning)
app.command("store")(store.store)
