"""Reads the file of forwarders and says everything that is wrong with it, a sentence for each fault."""

import base64
import difflib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from serving.forwarding.config import ForwardersFile
from serving.outbound.addresses import AddressRefused, checked_url
from triage.errors import InvalidConfiguration
from triage.taxonomy import Taxonomy
from triage.yaml_file import UnreadableYaml, read_yaml

_SECRETS = {"secret": "secret_env", "password": "password_env", "api_key": "key_env", "key": "key_env"}
_IN_OUR_WORDS = {"missing": "it is missing", "too_short": "give at least one"}
_SECRET, _LEAST_BYTES = "whsec_", 24


class InvalidForwarders(InvalidConfiguration):
    """The file of forwarders cannot be used; `faults` has a sentence for each reason."""

    def __init__(self, path: Path, faults: tuple[str, ...]) -> None:
        super().__init__(f"The forwarders in {path} cannot be used. {' '.join(faults)}")
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Forwarders:
    """What the file says, checked, with the secrets that it names.

    Attributes:
        secrets: the values of the environment variables that the file names, by name.
    """

    file: ForwardersFile
    secrets: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Forwarders(departments={sorted(self.file.departments)})"


def load_forwarders(
    path: Path, taxonomy: Taxonomy, allowed: Collection[str], environment: Mapping[str, str] = os.environ
) -> Forwarders:
    """Read and check the file.

    Args:
        path: the file, YAML.
        taxonomy: has the departments and categories that it may name.
        allowed: hosts that may be private and without https; see `Settings.webhook_hosts`.
        environment: where secrets are.

    Raises:
        InvalidForwarders: with every fault that was found.
    """
    try:
        content = read_yaml(path)
    except UnreadableYaml as error:
        raise InvalidForwarders(path, (f"It cannot be read: {error}.",)) from error
    try:
        file = _beside(path, ForwardersFile.model_validate(content))
    except ValidationError as error:
        raise InvalidForwarders(path, tuple(_sentences(error))) from None  # the error repeats what the file holds
    faults = (
        *_unknown_codes(file, taxonomy),
        *_missing_parts(file),
        *_bad_addresses(file, allowed),
        *_bad_secrets(file, environment),
    )
    if faults:
        raise InvalidForwarders(path, faults)
    return Forwarders(file, {name: environment[name] for name, _, _ in _variables(file)})


def _beside(path: Path, file: ForwardersFile) -> ForwardersFile:
    """The file with its paths from its own folder on."""
    if file.mail is None or file.mail.authority is None:
        return file
    authority = str(path.parent / file.mail.authority)
    return file.model_copy(update={"mail": file.mail.model_copy(update={"authority": authority})})


def without_forwarder(forwarders: Forwarders, taxonomy: Taxonomy) -> tuple[str, ...]:
    """The departments whose alerts nobody hands on."""
    return tuple(code for code in taxonomy.departments if code not in forwarders.file.departments)


def _sentences(error: ValidationError) -> Iterator[str]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    for fault in found:
        if any(other["loc"][: len(fault["loc"])] == fault["loc"] for other in found if other is not fault):
            continue  # what is wrong inside says it better
        where = ".".join(str(part) for part in fault["loc"]) or "file"
        name = str(fault["loc"][-1]) if fault["loc"] else ""
        if fault["type"] == "extra_forbidden" and name in _SECRETS:
            instead = f"secrets do not belong into this file: name an environment variable with {_SECRETS[name]}"
            yield f"{where}: {instead}."
        elif fault["type"] == "extra_forbidden":
            yield f"{where}: there is no such setting; deploy/forwarders.example.yaml shows those that exist."
        else:
            yield f"{where}: {_IN_OUR_WORDS.get(fault['type'], fault['msg'])}."


def _unknown_codes(file: ForwardersFile, taxonomy: Taxonomy) -> Iterator[str]:
    for code, entry in file.departments.items():
        if code not in taxonomy.departments:
            yield f"departments.{code}: the taxonomy has no such department. {_meant(code, taxonomy.departments)}"
        for category in entry.open311.services if entry.open311 else ():
            if category not in taxonomy.categories:
                where = f"departments.{code}.open311.services.{category}"
                yield f"{where}: the taxonomy has no such category. {_meant(category, taxonomy.categories)}"


def _meant(code: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(code, known, 1)
    return f"Did you mean '{close[0]}'?" if close else f"It has {', '.join(known)}."


def _missing_parts(file: ForwardersFile) -> Iterator[str]:
    by_mail = [code for code, entry in file.departments.items() if entry.email]
    if by_mail and file.mail is None:
        yield f"mail: '{by_mail[0]}' gets its alerts by e-mail, so name the mail server here, with host and sender."
    authority = file.mail.authority if file.mail else None
    if authority is not None and not Path(authority).is_file():
        yield "mail.authority: there is no such file."


def _bad_addresses(file: ForwardersFile, allowed: Collection[str]) -> Iterator[str]:
    for code, entry in file.departments.items():
        given = entry.webhook or entry.open311
        if given is None:
            continue
        try:
            checked_url(given.url, allowed)
        except AddressRefused as error:
            yield f"departments.{code}.{entry.channel}.url: nothing can be sent there, as {error}."


def _bad_secrets(file: ForwardersFile, environment: Mapping[str, str]) -> Iterator[str]:
    for variable, where, signs in _variables(file):
        value = environment.get(variable)
        if not value:
            yield f"{where}: the environment variable {variable} is not set, or empty."
        elif signs and not _can_sign(value):
            made = "'whsec_' and 24 random bytes or more in base64, such as from: openssl rand -base64 32"
            yield f"{where}: {variable} holds no secret for webhooks, which is {made}."


def _can_sign(secret: str) -> bool:
    if not secret.startswith(_SECRET):
        return False
    try:
        return len(base64.b64decode(secret.removeprefix(_SECRET), validate=True)) >= _LEAST_BYTES
    except ValueError:
        return False


def _variables(file: ForwardersFile) -> Iterator[tuple[str, str, bool]]:
    """Each variable that is named, where, and whether its value signs webhooks."""
    if file.mail and file.mail.password_env:
        yield file.mail.password_env, "mail.password_env", False
    for code, entry in file.departments.items():
        if entry.webhook:
            yield entry.webhook.secret_env, f"departments.{code}.webhook.secret_env", True
        if entry.open311 and entry.open311.key_env:
            yield entry.open311.key_env, f"departments.{code}.open311.key_env", False
