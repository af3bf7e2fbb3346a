"""The store and the keys for personal data that the settings name."""

from triage.settings import Settings
from triage.store.personal import PersonalKeys
from triage.store.store import Store


def personal_keys(settings: Settings) -> PersonalKeys:
    """The keys of the settings, or those of this machine.

    Raises:
        InvalidConfiguration: a key is malformed, or the file of this machine cannot be used.
    """
    if settings.personal_keys:
        return PersonalKeys(settings.personal_keys)
    return PersonalKeys.from_file(settings.state_dir)


def open_store(settings: Settings) -> Store:
    """Open the store, after bringing its tables to this version; the caller closes it.

    Raises:
        InvalidConfiguration: the URL or the keys cannot be used.
        StoreFailed: the database cannot be reached or upgraded.
    """
    return Store.open(settings.store_url, key=personal_keys(settings))
