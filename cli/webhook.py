"""`triage webhook`."""

import sys
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True,
    help="Addresses that are told of events, each by a signed POST.",
    epilog="Example: triage webhook add residents-app https://app.example/hooks/triage --kind alert.closed",
)

Name = Annotated[str, typer.Argument(help="What you call it, such as 'residents-app'.")]


@app.command("add")
def add(
    name: Name,
    url: Annotated[str, typer.Argument(help="Where events go, such as https://app.example/hooks/triage.")],
    kind: Annotated[
        list[str] | None,
        typer.Option(help="Kind of event that it is told of, such as 'alert.closed', once for each; all by default."),
    ] = None,
    secret_stdin: Annotated[
        bool, typer.Option("--secret-stdin", help="Read the secret (whsec_…) from stdin instead of making one.")
    ] = False,
) -> None:
    """Send events to an address from now on, and print once the secret that signs them.

    A running service notices within three seconds. Events wait while the receiver is away, for a day each.

    Example: triage webhook add residents-app https://app.example/hooks/triage --kind alert.closed
    """
    from serving.outbound.registering import (
        checked_kinds,
        checked_name,
        checked_secret,
        checked_webhook_url,
        new_secret,
        refuse_one_more,
    )
    from triage.settings import load_settings
    from triage.store.configured import open_store

    settings = load_settings()
    checked, kinds = checked_name(name), checked_kinds(kind or ())
    checked_webhook_url(url, settings.webhook_hosts)
    secret = checked_secret(sys.stdin.readline().strip()) if secret_stdin else new_secret()
    with open_store(settings) as store:
        refuse_one_more(store.webhooks())
        store.add_webhook(checked, url, kinds, secret)
    if not secret_stdin:
        typer.echo(secret)


@app.command("list")
def list_webhooks(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List webhooks: where they go, what they are told, how they are doing; secrets are never shown.

    Example: triage webhook list --json
    """
    import json

    from cli.event_tables import print_table, state_in_words, target_document
    from triage.settings import load_settings
    from triage.store.configured import open_store

    with open_store(load_settings()) as store:
        webhooks, outlooks = store.webhooks(), {outlook.state.name: outlook for outlook in store.target_states()}
    if as_json:
        for webhook in webhooks:
            document = {"name": webhook.name, "url": webhook.url, "kinds": webhook.kinds}
            typer.echo(json.dumps(document | target_document(outlooks[webhook.target])))
        return
    rows = [
        (webhook.name, webhook.url, " ".join(webhook.kinds) or "all", state_in_words(outlooks[webhook.target]))
        for webhook in webhooks
    ]
    print_table(("name", "address", "kinds", "state"), rows)


@app.command("remove")
def remove(name: Name) -> None:
    """Send nothing more to an address, and forget what it has not taken.

    Example: triage webhook remove residents-app
    """
    from triage.settings import load_settings
    from triage.store.configured import open_store

    with open_store(load_settings()) as store:
        store.remove_webhook(name)


@app.command("test")
def test(name: Name) -> None:
    """Send a signed event of the kind `webhook.test` now, and say what the receiver answered.

    Example: triage webhook test residents-app
    """
    import asyncio

    from serving.outbound.registering import try_webhook
    from triage.settings import load_settings
    from triage.store.configured import open_store

    settings = load_settings()
    with open_store(settings) as store:
        webhooks = store.webhooks()
    typer.echo(asyncio.run(try_webhook(name, webhooks, settings)))
