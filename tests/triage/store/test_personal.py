"""Keys for personal data: made once, kept private, replaced without losing anything."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from triage.errors import InvalidConfiguration
from triage.store.errors import OriginalUnreadable
from triage.store.personal import KEY_FILE, PersonalKeys

ONE, TWO = PersonalKeys.new_key(), PersonalKeys.new_key()


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    token = PersonalKeys([ONE]).encrypt("a", "secret")
    both = PersonalKeys([TWO, ONE])
    assert both.decrypt("a", token) == "secret"
    assert PersonalKeys([TWO]).decrypt("a", both.encrypt("a", "secret")) == "secret"
    assert PersonalKeys([TWO]).decrypt("a", both.renew(token)) == "secret"


@pytest.mark.parametrize("text", ["", "é" * 5_000, "line\nline\0after a zero", "🙂"])
def test_any_text_comes_back(text: str) -> None:
    keys = PersonalKeys([ONE])
    assert keys.decrypt("a", keys.encrypt("a", text)) == text


def test_a_text_is_bound_to_its_alert_and_to_its_key() -> None:
    token = PersonalKeys([ONE]).encrypt("a", "secret")
    for keys, alert_id, given in (
        (PersonalKeys([ONE]), "b", token),
        (PersonalKeys([TWO]), "a", token),
        (PersonalKeys([ONE]), "a", token[:-4] + b"AAAA"),
        (PersonalKeys([ONE]), "", b""),
    ):
        with pytest.raises(OriginalUnreadable) as caught:
            keys.decrypt(alert_id, given)
        assert "secret" not in str(caught.value)
    with pytest.raises(OriginalUnreadable):
        PersonalKeys([TWO]).renew(token)


@pytest.mark.parametrize("keys", [[], [""], ["too short"], [ONE[:-3]], [ONE, "é" * 44], [ONE + "\n" + TWO]])
def test_malformed_keys_are_refused_without_being_shown(keys: list[str]) -> None:
    with pytest.raises(InvalidConfiguration) as caught:
        PersonalKeys(keys)
    assert ONE[:10] not in str(caught.value)


def test_a_plate_has_one_digest_however_it_is_written() -> None:
    keys = PersonalKeys([ONE])
    written = ("AB-123-CD", "ab 123 cd", "AB123CD", "ab‑123.cd", "ＡＢ１２３ＣＤ", " AB_123_CD ")
    assert len({keys.plate_digest(plate) for plate in written}) == 1
    assert keys.plate_digest("AB-123-CE") != keys.plate_digest("AB-123-CD")
    assert len(keys.plate_digest("AB-123-CD")) == 64


def test_digests_of_plates_need_the_key_and_outlast_a_new_one() -> None:
    digest = PersonalKeys([ONE]).plate_digest("AB-123-CD")
    assert PersonalKeys([TWO]).plate_digest("AB-123-CD") != digest
    assert PersonalKeys([TWO, ONE]).plate_digest("AB-123-CD") == digest


def test_the_key_file_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "state"
    token = PersonalKeys.from_file(folder).encrypt("a", "secret")
    assert PersonalKeys.from_file(folder).decrypt("a", token) == "secret"
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_a_key_file_may_hold_several_keys(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_text(f"{TWO}\n{ONE}\n", encoding="ascii")
    token = PersonalKeys([ONE]).encrypt("a", "secret")
    assert PersonalKeys.from_file(tmp_path).decrypt("a", token) == "secret"


def test_starts_at_the_same_moment_share_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: PersonalKeys.from_file(tmp_path), range(8)))
    assert len({keys.plate_digest("AB-123-CD") for keys in made}) == 1


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\xff\xfe"])
def test_a_broken_key_file_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    (tmp_path / KEY_FILE).write_bytes(content)
    with pytest.raises(InvalidConfiguration):
        PersonalKeys.from_file(tmp_path)
    assert (tmp_path / KEY_FILE).read_bytes() == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InvalidConfiguration, match="TRIAGE_STATE_DIR"):
        PersonalKeys.from_file(tmp_path / "file" / "state")


def test_digests_of_contents_need_the_key_and_outlast_a_new_one() -> None:
    digest = PersonalKeys([ONE]).content_digest(b"an alert")
    assert len(digest) == 64
    assert PersonalKeys([ONE]).content_digest(b"another") != digest
    assert PersonalKeys([TWO]).content_digest(b"an alert") != digest
    assert PersonalKeys([TWO, ONE]).content_digest(b"an alert") == digest
    assert PersonalKeys([ONE]).plate_digest("AN ALERT") != PersonalKeys([ONE]).content_digest(b"ANALERT")


def test_draws_are_even_cannot_be_foreseen_and_outlast_a_new_key() -> None:
    ids = [f"alert-{number}" for number in range(2_000)]
    drawn = [PersonalKeys([ONE]).draw(name) for name in ids]
    assert all(0 <= number < 1 for number in drawn)
    for tenth in range(10):
        assert 120 < sum(tenth <= 10 * number < tenth + 1 for number in drawn) < 280
    assert drawn == [PersonalKeys([TWO, ONE]).draw(name) for name in ids]
    assert drawn[0] != PersonalKeys([TWO]).draw(ids[0])
