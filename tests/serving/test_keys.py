"""API keys: shown once, stored as digests, in files that only their owner may read."""

import hashlib
import json
import stat
from pathlib import Path

import pytest

from serving.keys import KEYS_FILE, LOCAL_KEY_FILE, LOCAL_SCOPES, KeyRing, KeyStore
from serving.scopes import Scope
from triage.errors import InvalidConfiguration

GOOD_DIGEST = "0" * 64


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(state: Path) -> KeyStore:
    return KeyStore(state)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def write_keys(state: Path, content: str | bytes) -> None:
    state.mkdir()
    (state / KEYS_FILE).write_bytes(content if isinstance(content, bytes) else content.encode())


def test_a_new_installation_has_no_key_and_writes_nothing(store: KeyStore, state: Path) -> None:
    assert store.all() == ()
    assert not state.exists()


def test_a_key_is_long_random_and_recognised(store: KeyStore) -> None:
    first, second = store.add("intake"), store.add("reports")
    assert first != second
    assert first.startswith("triage_")
    assert len(first) >= 40
    ring = KeyRing(store.all())
    assert ring.owner(first) == "intake"
    assert ring.owner(second) == "reports"


@pytest.mark.parametrize("key", ["", "triage_", "wrong", "é", "\xff\xfe", "x" * 100_000, "\x00"])
def test_another_key_has_no_owner(store: KeyStore, key: str) -> None:
    real = store.add("intake")
    ring = KeyRing(store.all())
    assert ring.owner(key) is None
    assert ring.owner(real + key) == ("intake" if key == "" else None)
    assert KeyRing(()).owner(key) is None


def test_only_the_digest_is_stored(store: KeyStore, state: Path) -> None:
    key = store.add("intake")
    content = (state / KEYS_FILE).read_text()
    assert key not in content
    assert key.removeprefix("triage_") not in content
    assert hashlib.sha256(key.encode()).hexdigest() in content


def test_only_the_owner_may_read_the_files(store: KeyStore, state: Path) -> None:
    store.local_key()
    store.add("intake")
    assert mode(state) == 0o700
    assert {path.name: mode(path) for path in state.iterdir()} == {KEYS_FILE: 0o600, LOCAL_KEY_FILE: 0o600}


def test_a_file_that_others_could_read_is_private_after_the_next_key(store: KeyStore, state: Path) -> None:
    store.add("intake")
    (state / KEYS_FILE).chmod(0o644)
    store.add("reports")
    assert mode(state / KEYS_FILE) == 0o600


def test_a_name_is_given_once(store: KeyStore) -> None:
    key = store.add("intake")
    with pytest.raises(InvalidConfiguration, match="'intake' exists already"):
        store.add("intake")
    assert [stored.name for stored in store.all()] == ["intake"]
    assert KeyRing(store.all()).owner(key) == "intake"


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_a_key_needs_a_name(store: KeyStore, name: str) -> None:
    with pytest.raises(InvalidConfiguration, match="needs a name"):
        store.add(name)
    assert store.all() == ()


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        b"\xff\xfe",
        '{"keys": [{}]}',
        '{"keys": [{"name": "a", "sha256": "short", "created_at": "2026-01-01T00:00:00Z"}]}',
        f'{{"keys": [{{"name": "a", "sha256": "{"é" * 64}", "created_at": "2026-01-01T00:00:00Z"}}]}}',
        '{"keys": [], "admin": true}',
    ],
)
def test_a_broken_file_is_refused_in_a_sentence_and_left_as_it_is(
    store: KeyStore, state: Path, content: str | bytes
) -> None:
    write_keys(state, content)
    before = (state / KEYS_FILE).read_bytes()
    for use in (store.all, store.local_key, lambda: store.add("intake")):
        with pytest.raises(InvalidConfiguration, match=KEYS_FILE):
            use()
    assert (state / KEYS_FILE).read_bytes() == before


def test_a_folder_that_cannot_be_written_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(InvalidConfiguration, match="TRIAGE_STATE_DIR"):
        KeyStore(tmp_path / "file" / "state").add("intake")


def test_the_local_key_is_made_once_and_used_again(store: KeyStore, state: Path) -> None:
    key = store.local_key()
    assert store.local_key() == key
    assert KeyStore(state).local_key() == key
    assert (state / LOCAL_KEY_FILE).read_text().strip() == key
    assert KeyRing(store.all()).owner(key) == "local"


@pytest.mark.parametrize("content", [b"", b"triage_foreign\n", b"\xff\xfe"])
def test_a_local_key_that_is_not_among_the_keys_is_refused(store: KeyStore, state: Path, content: bytes) -> None:
    store.local_key()
    (state / LOCAL_KEY_FILE).write_bytes(content)
    with pytest.raises(InvalidConfiguration, match="remove both files"):
        store.local_key()


def test_keys_survive_a_crash_that_left_a_scratch_file(store: KeyStore, state: Path) -> None:
    store.add("intake")
    (state / KEYS_FILE).with_suffix(".new").write_text("half a f")
    store.add("reports")
    assert [stored.name for stored in store.all()] == ["intake", "reports"]
    assert json.loads((state / KEYS_FILE).read_text())["keys"][0]["name"] == "intake"
    assert not (state / KEYS_FILE).with_suffix(".new").exists()


# Scopes


def test_a_key_predicts_unless_said_otherwise(store: KeyStore) -> None:
    store.add("intake")
    store.add("map", [Scope.EVENTS, Scope.ALERTS, Scope.ALERTS])
    assert [key.scopes for key in store.all()] == [(Scope.PREDICT,), (Scope.ALERTS, Scope.EVENTS)]


def test_admin_may_do_everything_and_others_what_they_were_made_for(store: KeyStore) -> None:
    store.add("boss", [Scope.ADMIN])
    store.add("reader", [Scope.PERSONAL])
    admin, reader = store.all()
    assert all(map(admin.may, Scope))
    assert [scope for scope in Scope if reader.may(scope)] == [Scope.PERSONAL]


def test_a_file_that_is_older_than_scopes_means_predict(state: Path, store: KeyStore) -> None:
    write_keys(
        state, json.dumps({"keys": [{"name": "a", "sha256": GOOD_DIGEST, "created_at": "2026-01-01T00:00:00Z"}]})
    )
    assert [key.scopes for key in store.all()] == [(Scope.PREDICT,)]


@pytest.mark.parametrize("scopes", ["[]", '["everything"]', '"admin"', "null"])
def test_a_file_with_other_scopes_is_refused(state: Path, store: KeyStore, scopes: str) -> None:
    key = f'{{"name": "a", "sha256": "{GOOD_DIGEST}", "created_at": "2026-01-01T00:00:00Z", "scopes": {scopes}}}'
    write_keys(state, f'{{"keys": [{key}]}}')
    with pytest.raises(InvalidConfiguration, match=KEYS_FILE):
        store.all()


def test_the_local_key_predicts_reads_and_stores_alerts_and_follows_events(store: KeyStore) -> None:
    store.local_key()
    assert store.all()[0].scopes == (Scope.PREDICT, Scope.ALERTS, Scope.EVENTS)


def test_a_local_key_that_is_older_than_scopes_gets_them_at_the_next_start(store: KeyStore, state: Path) -> None:
    key = store.local_key()
    store.add("other")
    content = json.loads((state / KEYS_FILE).read_text())
    del content["keys"][0]["scopes"]
    (state / KEYS_FILE).write_text(json.dumps(content))
    assert store.local_key() == key
    assert [stored.scopes for stored in store.all()] == [LOCAL_SCOPES, (Scope.PREDICT,)]


def test_a_key_that_was_removed_is_unknown_and_its_name_is_free(store: KeyStore) -> None:
    gone, kept = store.add("gone"), store.add("kept")
    store.remove("gone")
    ring = KeyRing(store.all())
    assert (ring.owner(gone), ring.owner(kept)) == (None, "kept")
    assert store.add("gone") != gone


def test_a_name_that_no_key_has_cannot_be_removed(store: KeyStore) -> None:
    store.add("intake")
    with pytest.raises(InvalidConfiguration, match="no key named 'Intake'"):
        store.remove("Intake")
    assert len(store.all()) == 1


def test_the_local_key_is_made_anew_after_it_was_removed(store: KeyStore) -> None:
    old = store.local_key()
    store.remove("local")
    assert store.local_key() != old


def test_a_digest_that_matches_no_key_has_no_owner(state: Path, store: KeyStore) -> None:
    write_keys(
        state, json.dumps({"keys": [{"name": "a", "sha256": GOOD_DIGEST, "created_at": "2026-01-01T00:00:00Z"}]})
    )
    assert KeyRing(store.all()).owner(GOOD_DIGEST) is None
