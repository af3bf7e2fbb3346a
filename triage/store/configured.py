"""The store and the keys for personal data that the settings name."""

from triage.settings import Settings
from triage.store.personal import PersonalKeys, read_key_file, write_key_file
from triage.store.store import Store


def personal_keys(settings: Settings) -> PersonalKeys:
    """The keys of the settings, or those of this machine.

    Raises:
        InvalidConfiguration: a key is malformed, or the file of this machine cannot be used.
    """
    if settings.personal_keys:
        return PersonalKeys(settings.personal_keys)
    return PersonalKeys.from_file(settings.state_dir)


def keys_at_hand(settings: Settings) -> tuple[str, ...]:
    """The keys themselves, for whoever backs them up; none where there are none yet, and none are made.

    Raises:
        InvalidConfiguration: the file of this machine cannot be used.
    """
    return settings.personal_keys or read_key_file(settings.state_dir)


def put_keys_back(settings: Settings, keys: tuple[str, ...]) -> bool:
    """Make the file of keys of this machine; False where there are keys already, which stay.

    Raises:
        InvalidConfiguration: a key is malformed, or the file cannot be written.
    """
    PersonalKeys(keys)
    if keys_at_hand(settings):
        return False
    write_key_file(settings.state_dir, keys)
    return True


def open_store(settings: Settings) -> Store:
    """Open the store, after bringing its tables to this version; the caller closes it.

    Raises:
        InvalidConfiguration: the URL or the keys cannot be used.
        StoreFailed: the database cannot be reached or upgraded.
    """
    return Store.open(settings.store_url, key=personal_keys(settings))
