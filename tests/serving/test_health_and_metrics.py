"""Health routes, Prometheus metrics, and what the log never holds."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

pytestmark = pytest.mark.xdist_group("server")

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]
ALERT = {"id": "metrics-1", "text": "lampadaire éteint rue Monge"}


def read_metrics(client: httpx.Client) -> Samples:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(samples: Samples, sample: str, /, **labels: str) -> float:
    return samples.get((sample, frozenset(labels.items())), 0.0)


@pytest.mark.parametrize("path", ["/healthz", "/livez", "/readyz"])
def test_health_is_200_without_a_key(stranger: httpx.Client, path: str) -> None:
    assert stranger.get(path).status_code == 200
    assert stranger.head(path).status_code == 200


def test_metrics_need_the_key(stranger: httpx.Client) -> None:
    assert stranger.get("/metrics").status_code == 401


def test_metrics_name_the_bundle_and_the_stages(client: httpx.Client) -> None:
    model = client.post("/v1/predict", json=ALERT).json()["model"]
    samples = read_metrics(client)
    assert value(samples, "triage_model_info", name=model["name"], version=model["version"]) == 1
    for stage in ("queue", "tokenize", "inference"):
        assert value(samples, f"triage_{stage}_seconds_count") >= 1
    assert value(samples, "triage_queue_length") == 0


def test_requests_and_decisions_are_counted(client: httpx.Client) -> None:
    before = read_metrics(client)
    decision = client.post("/v1/predict", json=ALERT).json()["decision"]
    client.post("/v1/predict", json={"id": "metrics-2"})
    after = read_metrics(client)

    def growth(sample: str, /, **labels: str) -> float:
        return value(after, sample, **labels) - value(before, sample, **labels)

    assert growth("triage_request_seconds_count", route="/v1/predict", status="200") == 1
    assert growth("triage_request_seconds_count", route="/v1/predict", status="422") == 1
    assert growth("triage_decisions_total", decision=decision) == 1


def test_concurrent_clients_share_batches(client: httpx.Client, server: Any) -> None:
    async def sixteen_clients() -> list[int]:
        async with httpx.AsyncClient(
            base_url=server.base, headers={"X-API-Key": server.key}, timeout=60, trust_env=False
        ) as session:

            async def one(number: int) -> list[int]:
                alerts = [{"id": f"load-{number}-{turn}", "text": f"trou n° {number}-{turn}"} for turn in range(6)]
                return [(await session.post("/v1/predict", json=alert)).status_code for alert in alerts]

            statuses = await asyncio.gather(*(one(number) for number in range(16)))
        return [status for of_client in statuses for status in of_client]

    before = read_metrics(client)
    assert asyncio.run(sixteen_clients()) == [200] * 96
    after = read_metrics(client)
    batches, alone, alerts = (
        value(after, name, **labels) - value(before, name, **labels)
        for name, labels in (
            ("triage_batch_size_count", {}),
            ("triage_batch_size_bucket", {"le": "1.0"}),
            ("triage_batch_size_sum", {}),
        )
    )
    assert alerts == 96
    assert batches > alone, "no batch held more than one alert"


def test_unknown_paths_add_no_metric(client: httpx.Client, stranger: httpx.Client) -> None:
    before = read_metrics(client)
    for number in range(20):
        client.get(f"/unknown-{number}")
        client.request("BREW", f"/v1/predict/unknown-{number}")
        stranger.get(f"/stranger-{number}")
    assert read_metrics(client).keys() == before.keys()


def test_a_residents_words_never_reach_the_log(client: httpx.Client, server: Any) -> None:
    secret = "Zébulonette"  # noqa: S105 - a word that nothing else prints
    words = f"{secret} 06 12 34 56 78 a un trou devant chez elle"
    json_type = {"Content-Type": "application/json"}
    good = {"id": secret, "text": words}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("/v1/predict", {"json": good}),
        ("/v1/predict", {"json": good | {"lat": words}}),
        ("/v1/predict", {"json": good | {secret: words}}),
        ("/v1/predict", {"json": good | {"text": words + "\x00"}}),
        ("/v1/predict", {"content": words, "headers": json_type}),
        ("/v1/predict", {"content": json.dumps(good).encode() + b"\xff", "headers": json_type}),
        ("/v1/predict", {"content": words, "headers": {"Content-Type": f"text/plain; name={secret!a}"}}),
        ("/v1/predict", {"files": {"alert": (None, json.dumps(good)), "photo": (secret, words.encode())}}),
        ("/v1/predict", {"files": {secret: (secret, words.encode())}}),
        ("/v1/predict", {"content": words, "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
        ("/v1/predict/batch", {"json": {"alerts": [good, {"id": words}]}}),
        ("/v1/predict/batch", {"json": {"alerts": [good, good]}}),
        (f"/v1/{secret}", {"json": good}),
        (f"/v1/predict?text={secret}", {"json": good}),
        ("/v1/predict?explain=1", {"json": good}),
        (f"/v1/predict?explain={secret}", {"json": good}),
        (f"/v1/predict/batch?explain={secret}", {"json": {"alerts": [good]}}),
    ]
    for path, arguments in requests:
        assert client.post(path, **arguments).status_code < 500
    log = server.log.read_text(encoding="utf-8", errors="replace")
    assert "The service is ready." in log
    for trace in (secret, "bulonette", "06 12 34 56 78", "devant chez elle"):
        assert trace not in log
