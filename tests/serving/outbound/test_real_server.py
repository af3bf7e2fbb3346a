"""The real server: nothing on the way holds the stream up, a webhook is told, and a stop ends the stream cleanly."""

import json
import time
from pathlib import Path

import httpx
import pytest
from httpx_sse import connect_sse

from serving.outbound.registering import new_secret
from tests.faults.receivers import receiver
from tests.live_server import triage_serve
from triage.settings import Settings
from triage.store.configured import open_store

# A stream that is held up would bring nothing until it ends, or until BentoML's own limit of a minute.
AT_ONCE_S = 20
LAMP = {"id": "lamp/1", "text": "Lampadaire éteint devant le 12 rue Monge", "lat": 47.3216, "lon": 5.0415}


@pytest.mark.slow
def test_events_come_through_at_once_and_the_stream_ends_cleanly_with_the_service(tmp_path: Path) -> None:
    with receiver() as hook:
        with open_store(Settings(state_dir=tmp_path / "state")) as store:
            store.add_webhook("app", hook.url, {"alert.triaged"}, new_secret())
        with (
            triage_serve(tmp_path, {"WEBHOOK_HOSTS": hook.host}) as (server, key),
            httpx.Client(base_url=server.base, headers={"X-API-Key": key}, timeout=60, trust_env=False) as client,
            connect_sse(client, "GET", "/v1/events?alert=lamp%2F1") as source,
        ):
            events = source.iter_sse()
            assert next(events).data == ""
            with httpx.Client(base_url=server.base, headers={"X-API-Key": key}, trust_env=False, timeout=60) as other:
                assert other.post("/v1/alerts", json=LAMP).status_code == 201
            stored_at = time.monotonic()
            heard = [next(events), next(events)]
            assert time.monotonic() - stored_at < AT_ONCE_S
            assert [event.event for event in heard] == ["alert.received", "alert.triaged"]
            assert json.loads(heard[1].data)["subject"] == "lamp/1"
            while not hook.got:
                assert time.monotonic() - stored_at < AT_ONCE_S
                time.sleep(0.05)
            assert json.loads(hook.got[0].body) == json.loads(heard[1].data)
            server.process.terminate()
            # One that was cut off instead of ended would raise here.
            assert all(event.event.startswith("alert.") for event in events)
        log = server.log.read_text(encoding="utf-8")
        assert "without completing response" not in log
        assert not [trace for trace in ("Lampadaire", "lamp/1", hook.url) if trace in log]
