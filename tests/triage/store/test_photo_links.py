"""Links to photos that lie elsewhere."""

from collections.abc import Callable

import pytest

from triage.store.errors import UnknownAlert
from triage.store.records import NewAlert
from triage.store.store import Store

MakeAlert = Callable[..., NewAlert]
LINK = "https://photos.example/trou.jpg"


def test_a_link_is_kept_beside_its_alert(store: Store, make: MakeAlert) -> None:
    for name in ("a-1", "a-2"):
        store.add(make(id=name))
    store.keep_photo_link("a-1", LINK)
    assert store.photo_links_of(["a-1", "a-2", "nobody"]) == {"a-1": LINK}
    assert store.photo_links_of([]) == {}


def test_the_first_link_stays(store: Store, make: MakeAlert) -> None:
    store.add(make(id="a-1"))
    for link in (LINK, LINK, "https://photos.example/other.jpg"):
        store.keep_photo_link("a-1", link)
    assert store.photo_links_of(["a-1"]) == {"a-1": LINK}


def test_a_link_needs_its_alert(store: Store) -> None:
    with pytest.raises(UnknownAlert):
        store.keep_photo_link("nobody", LINK)
