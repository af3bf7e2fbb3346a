"""`triage rollback`."""

import typer

from cli.model_folder import AsJson, By, Models, Why


def rollback(models: Models = None, why: Why = "", by: By = None, as_json: AsJson = False) -> None:
    """Make the champion before this one champion again; a second time goes one further back.

    Services that read the folder take it over by themselves. This works without MLflow too: its alias
    then follows at the next promotion or rollback.

    Example: triage rollback --models work/models --why 'Potholes go to the wrong department.'
    """
    import json

    from cli.model_folder import model_folder, who
    from training.promotion.order import Order, roll_back
    from triage.settings import load_settings

    settings = load_settings()
    folder = model_folder(models, settings)
    before = folder.champion()
    order = Order(folder, settings.tracking_uri, who(by), why.strip())
    promotion, failure = roll_back(order, folder)
    if failure:
        typer.echo(f"{failure.message} Its alias follows at the next promotion or rollback.", err=True)
    if as_json:
        left = before.version if before else None
        typer.echo(json.dumps(promotion.model_dump(mode="json") | {"left": left, "alias_moved": failure is None}))
    else:
        typer.echo(f"{promotion.version} is the champion of {folder.path} again. History: {folder.path}/history.jsonl")
