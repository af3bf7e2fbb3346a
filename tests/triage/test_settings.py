"""Settings: arguments, then the environment, then the file, then defaults."""

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from triage.errors import InvalidConfiguration
from triage.places import Box
from triage.settings import PROJECT_ROOT, Settings, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a file of settings, and no setting in the environment."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.upper().startswith("TRIAGE_"):
            monkeypatch.delenv(name)
    return tmp_path


def write_toml(folder: Path, content: str) -> None:
    (folder / "triage.toml").write_text(content, encoding="utf-8")


def test_defaults_serve_the_bundle_that_ships() -> None:
    settings = Settings()
    assert settings.bundle == PROJECT_ROOT / "models" / "pretrained"
    assert settings.taxonomy is None
    assert settings.threads is None
    assert not settings.bench_routes


def test_a_bundle_of_the_command_line_wins_over_the_folder_of_models(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_MODELS", "work/models")
    assert load_settings().models == Path("work/models")
    assert load_settings(Path("other")).models is None
    write_toml(empty_folder, 'models = "here"')
    assert load_settings(Path("other")).models is None


def test_a_word_undoes_the_folder_of_models_that_a_file_names(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_toml(empty_folder, 'models = "here"')
    assert Settings().models == Path("here")
    monkeypatch.setenv("TRIAGE_MODELS", "none")
    assert Settings().models is None


def test_every_setting_has_a_description() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_the_file_beats_the_defaults(empty_folder: Path) -> None:
    write_toml(empty_folder, 'max_queue = 5\ntaxonomy = "city.yaml"\n')
    assert Settings().max_queue == 5
    assert Settings().taxonomy == Path("city.yaml")


def test_the_environment_beats_the_file_and_arguments_beat_both(
    empty_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_toml(empty_folder, "max_queue = 5\nthreads = 1\nmax_batch_size = 4\n")
    monkeypatch.setenv("TRIAGE_MAX_QUEUE", "6")
    monkeypatch.setenv("TRIAGE_THREADS", "2")
    settings = Settings(max_queue=7)
    assert (settings.max_queue, settings.threads, settings.max_batch_size) == (7, 2, 4)


def test_a_variable_of_another_program_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGED_MAX_QUEUE", "6")
    monkeypatch.setenv("MAX_QUEUE", "6")
    assert Settings().max_queue == 2048


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("threads", "0"),
        ("threads", "two"),
        ("max_batch_size", "0"),
        ("max_batch_size", "1025"),
        ("max_wait_ms", "-1"),
        ("max_wait_ms", "nan"),
        ("max_queue", "0"),
        ("deadline_s", "0"),
        ("deadline_s", "nan"),
        ("max_body_bytes", "1023"),
        ("max_body_bytes", "48 MB"),
        ("bench_routes", "peut-être"),
    ],
)
def test_a_value_out_of_range_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"TRIAGE_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Settings()


@pytest.mark.parametrize("content", ["colour = 'red'", "[serving]\nmax_queue = 5", "max_queue = 'x'"])
def test_a_setting_of_the_file_that_nobody_knows_or_reads_is_refused(empty_folder: Path, content: str) -> None:
    write_toml(empty_folder, content)
    with pytest.raises(ValidationError):
        Settings()


def test_an_unknown_argument_is_refused() -> None:
    with pytest.raises(ValidationError, match="colour"):
        Settings(colour="red")  # type: ignore[call-arg]


def test_settings_cannot_be_changed_once_read() -> None:
    settings = Settings()
    with pytest.raises(ValidationError):
        settings.max_queue = 1  # type: ignore[misc]


def test_an_empty_variable_counts_as_not_set(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_toml(empty_folder, "max_queue = 5\n")
    for name in ("BUNDLE", "THREADS", "MAX_QUEUE"):
        monkeypatch.setenv(f"TRIAGE_{name}", "")
    settings = Settings()
    assert settings.bundle == PROJECT_ROOT / "models" / "pretrained"
    assert (settings.threads, settings.max_queue) == (None, 5)


def test_the_bundle_of_the_command_line_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_BUNDLE", "here")
    assert load_settings().bundle == Path("here")
    assert load_settings(Path("there")).bundle == Path("there")


def test_a_bad_value_is_refused_with_the_names_of_variable_and_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_MAX_QUEUE", "0")
    with pytest.raises(InvalidConfiguration, match=r"TRIAGE_MAX_QUEUE \(or max_queue in triage\.toml\)"):
        load_settings()


@pytest.mark.parametrize("content", [b"max_queue = ", b"[serving\n", "bundle = 'modèle'".encode("latin-1"), b"\x00"])
def test_a_file_that_is_no_toml_in_utf_8_is_refused_by_name(empty_folder: Path, content: bytes) -> None:
    (empty_folder / "triage.toml").write_bytes(content)
    with pytest.raises(InvalidConfiguration, match=r"triage\.toml cannot be read"):
        load_settings()


# Hosts of photos


@pytest.mark.parametrize(
    ("value", "hosts"),
    [
        ("photos.example", {"photos.example"}),
        ("Photos.Example, files.example:8443,", {"photos.example", "files.example:8443"}),
        ("", set()),
    ],
)
def test_a_variable_names_hosts_with_commas_between(
    monkeypatch: pytest.MonkeyPatch, value: str, hosts: set[str]
) -> None:
    monkeypatch.setenv("TRIAGE_PHOTO_HOSTS", value)
    assert load_settings().photo_hosts == hosts


def test_a_file_lists_hosts(empty_folder: Path) -> None:
    write_toml(empty_folder, 'photo_hosts = ["Photos.example", "files.example"]\n')
    assert load_settings().photo_hosts == {"photos.example", "files.example"}


@pytest.mark.parametrize("value", ["https://photos.example", "photos.example/a", "*", "a b", "user@photos.example"])
def test_what_is_no_host_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TRIAGE_PHOTO_HOSTS", value)
    with pytest.raises(InvalidConfiguration, match="TRIAGE_PHOTO_HOSTS"):
        load_settings()


# The store and the city


def test_the_store_is_a_file_in_the_state_folder_by_default(empty_folder: Path) -> None:
    assert Settings().store_url == f"sqlite:///{empty_folder}/.triage/alerts.db"
    assert Settings(state_dir=Path("/var/lib/triage")).store_url == "sqlite:////var/lib/triage/alerts.db"


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("sqlite:///data/alerts.db", "sqlite:///{here}/data/alerts.db"),
        ("sqlite:////data/alerts.db", "sqlite:////data/alerts.db"),
        ("postgresql://triage:secret@db/alerts", "postgresql://triage:secret@db/alerts"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("nonsense", "nonsense"),
    ],
)
def test_a_file_is_named_by_its_whole_path_so_that_a_service_may_run_elsewhere(
    empty_folder: Path, given: str, used: str
) -> None:
    assert Settings(store=given).store_url == used.format(here=empty_folder)


def test_what_is_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_STORE", "postgresql://triage:secret@db/alerts")
    monkeypatch.setenv("TRIAGE_PERSONAL_KEYS", "secret one, secret two")
    settings = Settings()
    assert settings.personal_keys == ("secret one", "secret two")
    assert "secret" not in f"{settings!r} {settings}"


def test_the_city_is_a_box_round_dijon_until_it_is_named(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().area.holds(47.3220, 5.0415)
    assert not Settings().area.holds(48.85, 2.35)
    write_toml(empty_folder, "area = [7.0, 43.6, 7.4, 43.8]")
    assert Settings().area == Box(7.0, 43.6, 7.4, 43.8)
    monkeypatch.setenv("TRIAGE_AREA", "9.1, 47.6, 9.3, 47.8")
    assert Settings().area == Box(9.1, 47.6, 9.3, 47.8)


@pytest.mark.parametrize(
    "value",
    ["Dijon", "1,2,3", "1,2,3,4,5", "5.25,47.2,4.85,47.45", "4,48,5,47", "nan,47,5,48", "4,47,5,91", "4,47,4,48"],
)
def test_a_city_that_is_no_box_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TRIAGE_AREA", value)
    with pytest.raises(InvalidConfiguration, match=r"TRIAGE_AREA \(or area in triage.toml\)"):
        load_settings()
