import pytest

from serving.desk.view.links import desk_path, own_page


@pytest.mark.parametrize("address", ["/review", "/review/alerts/a%2Fb?look=1", "/review?after=abc", "/review/help"])
def test_a_page_of_the_desk_is_gone_back_to(address: str) -> None:
    assert own_page(address) == address


@pytest.mark.parametrize(
    "address",
    [
        None,
        "",
        "https://evil.example/review",
        "//evil.example/review",
        "/\\evil.example/review",
        "/review/..\\..\\evil",
        "/reviewer",
        "/v1/alerts",
        "review",
        "javascript:alert(1)//review",
        "/review//evil.example",
        "/review\r\nSet-Cookie: a=b",
        "/review\t",
        "/review/é",
        "http:/review",
    ],
)
def test_anything_else_leads_to_the_desk(address: str | None) -> None:
    assert own_page(address) == "/review"


@pytest.mark.parametrize(
    ("alert_id", "path"),
    [
        ("a", "/review/alerts/a"),
        ("a/b", "/review/alerts/a%2Fb"),
        ("..", "/review/alerts/%2E%2E"),
        ("é?#&", "/review/alerts/%C3%A9%3F%23%26"),
    ],
)
def test_an_id_stays_one_part_of_the_path(alert_id: str, path: str) -> None:
    assert desk_path(alert_id) == path
    assert desk_path(alert_id, "decide") == f"{path}/decide"
