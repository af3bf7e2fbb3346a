"""Every command explains itself and shows an example."""

import re
import subprocess
from collections.abc import Callable, Iterator

import pytest
import typer

from cli.main import app

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]


def commands(node: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """A command and all below it, as words of the command line."""
    yield words
    for name, child in getattr(node, "commands", {}).items():
        yield from commands(child, (*words, name))


COMMANDS = tuple(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(("triage", *words)))
def test_help_shows_an_example_of_that_command(triage: RunTriage, words: tuple[str, ...]) -> None:
    done = triage(*words, "--help")
    assert done.returncode == 0, done.stderr
    plain = " ".join(re.sub(r"\x1b\[[0-9;]*m", "", done.stdout).split())
    assert f"Example: {' '.join(('triage', *words))}" in plain


def test_the_commands_of_the_contract_are_there() -> None:
    names = {words[0] for words in COMMANDS if words}
    assert names >= {"serve", "predict", "train", "evaluate", "bench", "data", "import", "key"}


@pytest.mark.parametrize("words", [(), ("key",), ("data",), ("bench",)])
def test_a_group_alone_shows_its_help(triage: RunTriage, words: tuple[str, ...]) -> None:
    done = triage(*words)
    assert "Commands" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [("nope",), ("predict",), ("predict", "--nope"), ("serve", "--port", "70000")])
def test_a_wrong_command_line_is_a_status_2_without_a_traceback(triage: RunTriage, words: tuple[str, ...]) -> None:
    done = triage(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "Usage" in done.stderr
