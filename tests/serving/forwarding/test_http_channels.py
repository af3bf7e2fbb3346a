"""Webhooks and Open311 servers of departments, on this machine and asked through the guarded client."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from serving.forwarding.config import Open311
from serving.forwarding.handover import Channel, Earlier, Handover, Words
from serving.forwarding.open311 import Open311Channel
from serving.forwarding.webhook import WebhookChannel
from serving.forwarding.wording import Writer
from serving.outbound.guarded import guarded_client
from serving.outbound.targets import DeliveryFailed
from tests.serving.forwarding.conftest import Department
from triage.store.base import utc_now
from triage.taxonomy import Taxonomy

SECRET = "whsec_" + "A" * 43 + "="
ALLOWED = frozenset({"127.0.0.1"})
FILED = [{"service_request_id": "638344", "service_notice": "soon", "account_id": None}]

Make = Callable[..., Handover]
Send = Callable[..., Any]


def sent(make: Callable[[httpx.AsyncClient], Channel], handover: Handover, allowed: frozenset[str] = ALLOWED) -> Any:
    async def run() -> Any:
        async with guarded_client(allowed) as client:
            return await make(client).send(handover)

    return asyncio.run(run())


@pytest.fixture
def webhook(department: Department, taxonomy: Taxonomy) -> Send:
    """Sends to the department's webhook."""

    def send(handover: Handover, allowed: frozenset[str] = ALLOWED, timeout_s: float = 5) -> Any:
        words = Words(taxonomy, "fr")
        url = f"{department.base}/hook"
        return sent(
            lambda client: WebhookChannel(url, SECRET, "urn:x", words, client, utc_now, timeout_s), handover, allowed
        )

    return send


@pytest.fixture
def open311(department: Department, writer: Callable[[str], Writer]) -> Send:
    """Files with the department's Open311 server."""

    def send(handover: Handover, key: str | None = "clef", **entry: Any) -> Any:
        document = {"url": f"{department.base}/v2", "services": {"proprete": "P-1"}} | entry
        made = Open311.model_validate(document)
        return sent(lambda client: Open311Channel(made, key, writer("fr"), client, 5), handover)

    return send


def refusal(send: Send, handover: Handover, **options: Any) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as refused:
        send(handover, **options)
    return refused.value


def test_a_webhook_gets_the_whole_handover_signed(webhook: Send, department: Department, handover: Make) -> None:
    department.answer(202, {"reference": "V-17"})
    known = handover(earlier=Earlier("A-0", "V-16"), channel="web", by_staff=True)
    assert webhook(known) == "V-17"
    [request] = department.received
    event = Verifier(SECRET).verify(request.body, request.headers)
    assert event["type"] == "fr.ondijon.triage.alert.handed_over"
    assert (event["id"], event["subject"], event["specversion"]) == ("0123-proprete", "A-1", "1.0")
    assert event["data"] == {
        "id": "A-1",
        "test": False,
        "news": None,
        "reference": None,
        "department": {"code": "proprete", "name": "Propreté urbaine"},
        "category": {"code": "proprete", "name": "Propreté et dépôts sauvages"},
        "priority": {"code": "normale", "name": "Normale"},
        "decided_by": "staff",
        "text": "Des sacs sur le trottoir",
        "text_is_original": False,
        "place": {"lat": 47.3216, "lon": 5.0415, "address": "12 rue Verte", "commune": "Dijon"},
        "channel": "web",
        "created_at": "2026-06-01T10:00:00+00:00",
        "received_at": "2026-06-01T10:00:00+00:00",
        "due_at": "2026-06-08T10:00:00+00:00",
        "photos": 0,
        "link": "https://triage.example/review/alerts/A-1",
        "duplicate_of": {"id": "A-0", "reference": "V-16"},
    }


def test_a_changed_webhook_does_not_verify(webhook: Send, department: Department, handover: Make) -> None:
    webhook(handover())
    [request] = department.received
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(request.body.replace(b"A-1", b"A-2"), request.headers)


@pytest.mark.parametrize(
    "answer",
    [b"", b"<html>merci</html>", b"\xff\xfe", b"[]", b'{"reference": {"a": 1}}', b'{"reference": ""}', b"[" * 9999],
)
def test_rubbish_behind_a_200_is_no_reference_and_no_failure(
    webhook: Send, department: Department, handover: Make, answer: bytes
) -> None:
    department.answer(200, answer)
    assert webhook(handover()) is None


@pytest.mark.parametrize(
    ("status", "permanent", "reason"),
    [
        (500, False, "it answers 500"),
        (401, False, "it answers 401"),
        (404, False, "it answers 404"),
        (422, True, "it answers 422"),
    ],
)
def test_what_is_refused_is_tried_again_unless_it_is_in_vain(
    webhook: Send, department: Department, handover: Make, status: int, permanent: bool, reason: str
) -> None:
    department.answer(status, b"un texte priv\xc3\xa9")
    failure = refusal(webhook, handover())
    assert (failure.reason, failure.permanent) == (reason, permanent)


def test_a_department_may_say_when_to_come_back(webhook: Send, department: Department, handover: Make) -> None:
    department.answer(503, b"", Retry_After="120")
    assert refusal(webhook, handover()).retry_after_s == 120


def test_a_redirect_is_not_followed(webhook: Send, department: Department, handover: Make) -> None:
    department.answer(302, b"", Location=f"{department.base}/elsewhere")
    assert refusal(webhook, handover()).reason == "it answers with a redirect (302), which is not followed"
    assert [request.path for request in department.received] == ["/hook"]


def test_a_department_that_hangs_is_a_failure(webhook: Send, department: Department, handover: Make) -> None:
    department.gate.clear()
    assert refusal(webhook, handover(), timeout_s=0.3).reason == "it did not answer in time"
    department.gate.set()


def test_no_private_address_is_asked_unless_the_settings_list_it(
    webhook: Send, department: Department, handover: Make
) -> None:
    failure = refusal(webhook, handover(), allowed=frozenset())
    assert "TRIAGE_WEBHOOK_HOSTS" in failure.reason
    assert department.received == []


def test_a_request_is_filed_as_the_standard_has_it(open311: Send, department: Department, handover: Make) -> None:
    department.answer(201, FILED)
    fields = {"attribute[ORIGINE]": "triage"}
    number = open311(handover("Des sacs, appelez <TEL>"), jurisdiction="dijon.example", fields=fields)
    assert number == "638344"
    [request] = department.received
    assert request.path == "/v2/requests.json"
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"
    assert request.headers["idempotency-key"] == "0123-proprete"
    form = request.form
    description = form.pop("description")
    assert form == {
        "api_key": "clef",
        "jurisdiction_id": "dijon.example",
        "service_code": "P-1",
        "lat": "47.3216000",
        "long": "5.0415000",
        "address_string": "12 rue Verte, Dijon",
        "attribute[ORIGINE]": "triage",
    }
    assert description.startswith("Des sacs, appelez [téléphone masqué]\n\nPropreté et dépôts sauvages · priorité")
    assert "https://triage.example/review/alerts/A-1" in description


def test_categories_without_a_code_of_their_own(open311: Send, department: Department, handover: Make) -> None:
    department.answer(200, FILED)
    open311(handover(category="graffiti"), key=None, other_service="P-9")
    open311(handover(category="graffiti"), key=None)
    assert [request.form["service_code"] for request in department.received] == ["P-9", "graffiti"]
    assert all("api_key" not in request.form for request in department.received)


def test_a_long_text_keeps_within_the_standards_bound(open311: Send, department: Department, handover: Make) -> None:
    department.answer(200, FILED)
    open311(handover("é" * 5_000, lat=None, lon=None))
    [request] = department.received
    assert len(request.form["description"]) == 4_000
    assert "Lieu : 12 rue Verte" in request.form["description"]
    assert "lat" not in request.form


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ([{"token": "12345"}], "12345"),
        ({"service_requests": [{"service_request_id": 42}]}, "42"),
        ({"service_request_id": "7"}, "7"),
    ],
)
def test_numbers_come_in_several_ways(
    open311: Send, department: Department, handover: Make, answer: Any, number: str
) -> None:
    department.answer(200, answer)
    assert open311(handover()) == number


@pytest.mark.parametrize("answer", [b"<html/>", [], [{}], [{"service_request_id": None}], [[]], {"requests": "x"}])
def test_an_answer_without_a_number_is_no_filed_request(
    open311: Send, department: Department, handover: Make, answer: Any
) -> None:
    department.answer(200, answer)
    failure = refusal(open311, handover())
    assert failure.reason == "it answers without the number of a request"
    assert not failure.permanent


def test_a_service_that_the_server_does_not_know_is_given_up_at_once(
    open311: Send, department: Department, handover: Make
) -> None:
    department.answer(400, [{"code": 400, "description": "service_code is not valid"}])
    assert refusal(open311, handover()).permanent


def test_the_time_is_part_of_the_signature(department: Department, taxonomy: Taxonomy, handover: Make) -> None:
    words, url = Words(taxonomy, "fr"), f"{department.base}/hook"
    early = lambda: utc_now() - timedelta(hours=1)  # noqa: E731
    sent(lambda client: WebhookChannel(url, SECRET, "urn:x", words, client, early), handover())
    [request] = department.received
    with pytest.raises(WebhookVerificationError):
        Verifier(SECRET).verify(request.body, request.headers)
