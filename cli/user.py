"""`triage user`."""

import sys
from typing import Annotated

import typer

from triage.staff import Role

app = typer.Typer(
    no_args_is_help=True,
    help="Accounts of staff who work at the review desk.",
    epilog="Example: triage user add a.petit --role agent",
)

Name = Annotated[str, typer.Argument(help="The name to sign in with, such as 'a.petit'.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from the first line of stdin.")]


@app.command("add")
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="What the member may do; each role may do all that those before it may.")],
    display_name: Annotated[str | None, typer.Option(help="How others see the name; the name by default.")] = None,
    password_stdin: FromStdin = False,
) -> None:
    """Make an account; the password is asked for.

    Example: triage user add a.petit --role agent --display-name 'A. Petit'
    """
    from serving.staff.passwords import Passwords
    from triage.settings import load_settings
    from triage.staff import checked_display_name, checked_name
    from triage.store.configured import open_store

    checked, shown = checked_name(name), checked_display_name(display_name or name)
    password = _password(from_stdin=password_stdin)
    with open_store(load_settings()) as store:
        store.add_account(checked, shown, role, Passwords().hash(password))
    typer.echo(f"'{checked}' can sign in as {role}.")


@app.command("list")
def list_users() -> None:
    """List every account: name, role, how it signs in, whether it is disabled.

    Example: triage user list
    """
    from triage.settings import load_settings
    from triage.store.configured import open_store

    with open_store(load_settings()) as store:
        for account in store.staff():
            way = "password" if account.password_hash else "provider"
            state = "disabled" if account.disabled_at else "active"
            typer.echo(f"{account.name}\t{account.role}\t{way}\t{state}\t{account.display_name}")


@app.command("role")
def set_role(name: Name, role: Annotated[Role, typer.Argument(help="The new role.")]) -> None:
    """Give a member another role; they sign in again.

    Example: triage user role a.petit supervisor
    """
    from triage.settings import load_settings
    from triage.store.configured import open_store

    with open_store(load_settings()) as store:
        store.set_role(_known(name), role)


@app.command("password")
def set_password(name: Name, password_stdin: FromStdin = False) -> None:
    """Give a member another password; their sessions end.

    Example: triage user password a.petit
    """
    from serving.staff.passwords import Passwords
    from triage.settings import load_settings
    from triage.store.configured import open_store

    password = _password(from_stdin=password_stdin)
    with open_store(load_settings()) as store:
        store.set_password(_known(name), Passwords().hash(password))


@app.command("disable")
def disable(name: Name) -> None:
    """Let a member in no more; their sessions end at once. What they did stays theirs.

    Example: triage user disable a.petit
    """
    from triage.settings import load_settings
    from triage.store.configured import open_store

    with open_store(load_settings()) as store:
        store.disable_account(_known(name))


@app.command("enable")
def enable(name: Name) -> None:
    """Let a disabled member in again.

    Example: triage user enable a.petit
    """
    from triage.settings import load_settings
    from triage.store.configured import open_store

    with open_store(load_settings()) as store:
        store.enable_account(_known(name))


@app.command("log")
def log(
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many entries at most.")] = 50,
    action: Annotated[str | None, typer.Option(help="One kind of entry alone, such as 'sign_in_failed'.")] = None,
) -> None:
    """Show the audit log, newest first, one JSON object a line.

    Example: triage user log --action role_changed
    """
    import json

    from triage.settings import load_settings
    from triage.store.configured import open_store

    with open_store(load_settings()) as store:
        for entry in store.audit_log(limit, action):
            # JSON in ASCII: whatever an entry quotes, a terminal shows it and does not obey it.
            document = {
                "at": entry.at.isoformat(timespec="seconds"),
                "actor": entry.actor,
                "action": entry.action,
                "subject": entry.subject,
                "details": entry.details,
            }
            typer.echo(json.dumps(document))


def _known(name: str) -> str:
    return name.strip().lower()


def _password(*, from_stdin: bool) -> str:
    from serving.staff.passwords import checked_password
    from triage.errors import InvalidConfiguration

    if from_stdin:
        return checked_password(sys.stdin.readline().rstrip("\r\n"))
    if not sys.stdin.isatty():
        raise InvalidConfiguration("There is no terminal to ask for the password; send it with --password-stdin.")
    typed: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return checked_password(typed)
