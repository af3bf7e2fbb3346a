"""A photo that its sender keeps elsewhere: a link that says where it leads, and nothing that browsers load."""

from collections.abc import Callable

from tests.serving.staff.desk_client import Browser, Desk
from triage.store.records import StoredAlert

LINK = "https://photos.example/trou.jpg?size=large&of='2'"


def test_staff_are_told_where_a_photo_lies(desk: Desk, agent: Browser, put: Callable[..., StoredAlert]) -> None:
    put("with")
    put("without")
    with desk.store() as store:
        store.keep_photo_link("with", LINK)
    page = agent.get("/review/alerts/with").text
    assert 'href="https://photos.example/trou.jpg?size=large&amp;of=&#39;2&#39;"' in page
    assert 'rel="noopener noreferrer nofollow"' in page
    assert "L’expéditeur conserve une photo sur photos.example" in page
    assert 'src="https://photos.example' not in page
    assert "photos.example" not in agent.get("/review/alerts/without").text
