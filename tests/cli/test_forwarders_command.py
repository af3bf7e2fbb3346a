"""`triage forwarders`: a file is checked before a service uses it, and departments can be sent a test."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

RunTriage = Callable[..., "subprocess.CompletedProcess[str]"]
Sentence = Callable[["subprocess.CompletedProcess[str]"], str]


@pytest.fixture
def forms() -> Iterator[tuple[str, list[dict[str, list[str]]]]]:
    """Where an Open311 server listens, and the forms that it gets; it knows no service but `EP-1`."""
    received: list[dict[str, list[str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            received.append(form)
            good = form["service_code"] == ["EP-1"]
            content = b'[{"service_request_id": "1"}]' if good else b"[]"
            self.send_response(200 if good else 400)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", received
        server.shutdown()
        thread.join()


@pytest.fixture
def file(tmp_path: Path, forms: tuple[str, list[dict[str, list[str]]]]) -> Path:
    path = tmp_path / "forwarders.yaml"
    path.write_text(
        "departments:\n"
        f"  eclairage: {{open311: {{url: '{forms[0]}', services: {{eclairage_public: EP-1}}}}}}\n"
        f"  voirie: {{open311: {{url: '{forms[0]}'}}, original: true}}\n",
        encoding="utf-8",
    )
    return path


def test_a_good_file_is_shown_as_a_table_and_as_json(triage: RunTriage, file: Path) -> None:
    done = triage("forwarders", "check", forwarders=file, webhook_hosts="127.0.0.1")
    assert done.returncode == 0, done.stderr
    assert "eclairage" in done.stdout
    assert "as sent" in done.stdout
    assert "No forwarder for trafic" in done.stdout
    done = triage("forwarders", "check", "--json", forwarders=file, webhook_hosts="127.0.0.1")
    document = json.loads(done.stdout)
    assert [row["original"] for row in document["departments"]] == [False, True]
    assert "proprete" in document["without"]


def test_each_fault_is_a_line_and_the_status_says_so(triage: RunTriage, file: Path) -> None:
    done = triage("forwarders", "check", "--file", file)
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines()[1:]] == [
        "departments.eclairage.open311.url",
        "departments.voirie.open311.url",
    ]
    done = triage("forwarders", "check", "--file", file, "--json")
    assert done.returncode == 1
    assert len(json.loads(done.stdout)["faults"]) == 2


def test_a_test_says_that_it_is_one_and_what_was_not_taken_is_told(
    triage: RunTriage, file: Path, forms: tuple[str, list[dict[str, list[str]]]]
) -> None:
    done = triage("forwarders", "check", "--send-test", "--json", forwarders=file, webhook_hosts="127.0.0.1")
    assert done.returncode == 1, done.stderr
    assert [row["test"] for row in json.loads(done.stdout)["departments"]] == ["taken", "it answers 400"]
    [lamps, _] = forms[1]
    assert lamps["description"][0].startswith("Essai de transmission : rien à faire.")
    assert "Ceci est un essai : cette alerte n’existe pas et il n’y a rien à faire." in lamps["description"][0]
    done = triage(
        "forwarders", "check", "--send-test", "--department", "eclairage", forwarders=file, webhook_hosts="127.0.0.1"
    )
    assert done.returncode == 0, done.stderr


def test_what_is_not_there_is_said_in_a_sentence(triage: RunTriage, sentence: Sentence, file: Path) -> None:
    assert "set TRIAGE_FORWARDERS or give --file" in sentence(triage("forwarders", "check"))
    done = triage("forwarders", "check", "--department", "eau", forwarders=file, webhook_hosts="127.0.0.1")
    assert "no department 'eau'; it has eclairage, voirie" in sentence(done)


def test_a_service_does_not_start_with_a_file_that_cannot_be_used(
    triage: RunTriage, sentence: Sentence, file: Path
) -> None:
    done = triage("serve", forwarders=file)
    assert "departments.eclairage.open311.url: nothing can be sent there" in sentence(done)
