"""The file of forwarders: what it may say, and the sentence for each thing that it may not."""

from pathlib import Path

import pytest

from serving.forwarding.loading import InvalidForwarders, load_forwarders, without_forwarder
from triage.settings import PROJECT_ROOT
from triage.taxonomy import Taxonomy

SECRET = "whsec_" + "A" * 43 + "="
ENVIRONMENT = {"ROADS_SECRET": SECRET, "LAMPS_KEY": "clef", "MAIL_PASSWORD": "un cheval vert"}
MISSING = {"LAMPS_KEY": "", "ROADS_SECRET": "whsec_short"}
ALLOWED = frozenset({"gru.city.example"})
WHOLE = """
mail:
  host: mail.city.example
  user: triage
  password_env: MAIL_PASSWORD
  sender: triage@city.example
departments:
  voirie:
    webhook: {url: "https://roads.example/hook", secret_env: ROADS_SECRET}
    original: true
  eclairage:
    open311:
      url: https://lamps.example/open311/v2/
      key_env: LAMPS_KEY
      services: {eclairage_public: "SL-1"}
      other_service: SL-9
  proprete:
    email: {to: [proprete@city.example]}
"""


def load(folder: Path, text: str, taxonomy: Taxonomy, **environment: str) -> object:
    path = folder / "forwarders.yaml"
    path.write_text(text, encoding="utf-8")
    return load_forwarders(path, taxonomy, ALLOWED, ENVIRONMENT | environment)


def faults(folder: Path, text: str, taxonomy: Taxonomy, **environment: str) -> tuple[str, ...]:
    with pytest.raises(InvalidForwarders) as refused:
        load(folder, text, taxonomy, **environment)
    assert all(fault in refused.value.message for fault in refused.value.faults)
    return refused.value.faults


def test_a_whole_file_is_read_with_its_secrets(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = tmp_path / "forwarders.yaml"
    path.write_text(WHOLE, encoding="utf-8")
    found = load_forwarders(path, taxonomy, ALLOWED, ENVIRONMENT)
    entries = found.file.departments
    assert [entry.channel for entry in entries.values()] == ["webhook", "open311", "email"]
    assert entries["eclairage"].destination == "https://lamps.example/open311/v2"
    assert found.secrets == ENVIRONMENT
    assert SECRET not in repr(found)
    assert set(without_forwarder(found, taxonomy)) == set(taxonomy.departments) - set(entries)


def test_the_example_is_a_good_file(taxonomy: Taxonomy) -> None:
    path = PROJECT_ROOT / "deploy" / "forwarders.example.yaml"
    named = {"VOIRIE_WEBHOOK_SECRET": SECRET, "ECLAIRAGE_OPEN311_KEY": "clef", "TRIAGE_MAIL_PASSWORD": "clef"}
    found = load_forwarders(path, taxonomy, (), named)
    assert {entry.channel for entry in found.file.departments.values()} == {"webhook", "open311", "email"}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("  voirie:", "  vorie:", "departments.vorie: the taxonomy has no such department. Did you mean 'voirie'?"),
        (
            "{eclairage_public:",
            "{lampe:",
            "departments.eclairage.open311.services.lampe: the taxonomy has no such category. It has eclairage_public,",
        ),
        (
            "secret_env: ROADS_SECRET",
            f"secret: {SECRET}",
            "departments.voirie.webhook.secret: secrets do not belong into this file:"
            " name an environment variable with secret_env.",
        ),
        (
            "secret_env: ROADS_SECRET",
            f"secret_env: {SECRET}",
            "departments.voirie.webhook.secret_env: write the name of an environment variable such as ROADS_SECRET",
        ),
        (
            "original: true",
            "orginal: true",
            "departments.voirie.orginal: there is no such setting; deploy/forwarders.example.yaml shows those",
        ),
        ("    email: {to: [proprete@city.example]}", "    original: true", "departments.proprete: give one of webhook"),
        ("[proprete@city.example]", "['a@b\\nBcc: c@d']", "departments.proprete.email.to.0: write a plain address"),
        ("[proprete@city.example]", "[]", "departments.proprete.email.to: give at least one."),
        (
            "https://roads.example",
            "http://roads.example",
            "departments.voirie.webhook.url: nothing can be sent there, as it is not https, and",
        ),
        ("https://roads.example", "https://me:secret@roads.example", "as it holds a name, a password or a fragment."),
        ("open311/v2/", "open311/v2?key=1", "departments.eclairage.open311.url: write where GeoReport begins"),
        ("  user: triage\n", "", "mail: user and password_env belong together; give both or neither."),
        ("  host: mail", "  security: none\n  host: mail", "mail: mail leaves this machine over starttls or tls only."),
        ("  host: mail", "  authority: no.pem\n  host: mail", "mail.authority: there is no such file."),
    ],
)
def test_each_fault_has_its_sentence(tmp_path: Path, taxonomy: Taxonomy, old: str, new: str, fault: str) -> None:
    assert old in WHOLE
    found = faults(tmp_path, WHOLE.replace(old, new), taxonomy)[-1]
    assert fault in found
    assert SECRET not in found


def test_all_faults_of_a_kind_are_named_at_once(tmp_path: Path, taxonomy: Taxonomy) -> None:
    text = WHOLE.replace("  voirie:", "  vorie:").partition("departments:")[2]
    found = faults(tmp_path, f"departments:{text}", taxonomy, **MISSING)
    assert [fault.partition(":")[0] for fault in found] == [
        "departments.vorie",
        "mail",
        "departments.vorie.webhook.secret_env",
        "departments.eclairage.open311.key_env",
    ]
    assert "ROADS_SECRET holds no secret for webhooks" in found[2]
    assert found[3].endswith("the environment variable LAMPS_KEY is not set, or empty.")


def test_a_host_that_the_settings_list_needs_no_https(tmp_path: Path, taxonomy: Taxonomy) -> None:
    assert load(tmp_path, WHOLE.replace("https://roads.example", "http://gru.city.example"), taxonomy)


@pytest.mark.parametrize("text", ["departments: {}", "[]", "", "departments: [", "departments: {a: {}, a: {}}"])
def test_what_is_no_file_of_forwarders_is_refused(tmp_path: Path, taxonomy: Taxonomy, text: str) -> None:
    assert faults(tmp_path, text, taxonomy)


def test_a_file_that_is_not_there_is_refused_by_name(tmp_path: Path, taxonomy: Taxonomy) -> None:
    with pytest.raises(InvalidForwarders, match=r"nowhere\.yaml"):
        load_forwarders(tmp_path / "nowhere.yaml", taxonomy, ())
