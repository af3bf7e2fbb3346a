"""Whatever file is sent as a photo over HTTP, the text is answered: never a 5xx, and never long."""

import json
import subprocess
import sys
import time

import httpx
import pytest

from triage.photo import MAX_PHOTO_BYTES
from triage.settings import PROJECT_ROOT

MAKER = PROJECT_ROOT / "tests" / "triage" / "hostile_photos.py"
ALERT = json.dumps({"id": "hostile-1", "text": "Trou dans la chaussée rue Monge"}).encode()
# Three times what a file may cost: the machine that tests is busy.
MOST_SECONDS = 6.0


@pytest.mark.slow
@pytest.mark.xdist_group("hostile")
def test_no_hostile_file_brings_the_service_down_or_costs_the_answer_to_the_text(client: httpx.Client) -> None:
    sent = 0
    with subprocess.Popen([sys.executable, "-W", "error", MAKER], stdout=subprocess.PIPE) as source:
        assert source.stdout is not None
        while line := source.stdout.readline():
            photo = json.loads(line)
            content = source.stdout.read(photo["length"])
            started = time.perf_counter()
            answer = client.post(
                "/v1/predict",
                files=[("alert", (None, ALERT)), ("photo", ("photo.jpg", content, "image/jpeg"))],
            )
            assert time.perf_counter() - started < MOST_SECONDS, photo["name"]
            assert answer.status_code == (413 if len(content) > MAX_PHOTO_BYTES else 200), (photo["name"], answer.text)
            if photo["expected"] == "refused" and answer.status_code == 200:
                assert "photo_unreadable" in answer.json()["reasons"], photo["name"]
            sent += 1
    assert source.returncode == 0
    assert sent >= 200
