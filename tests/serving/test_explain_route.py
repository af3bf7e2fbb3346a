"""`POST /v1/predict?explain=true`: the same answer, with the words that spoke for it."""

import asyncio
import base64
import io
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from PIL import Image

from models.explanation import MAX_PARTS
from serving.explaining import MAX_EXPLANATIONS
from triage.prediction import ExplainedPrediction
from triage.taxonomy import HEADS

pytestmark = pytest.mark.xdist_group("server")

ALERT = {"id": "explain-1", "text": "Lampadaire éteint depuis trois jours devant le 12 rue Monge"}

ReadProblem = Callable[..., dict[str, Any]]
Explain = Callable[..., dict[str, Any]]


@pytest.fixture
def explain(client: httpx.Client) -> Explain:
    def post(text: str = ALERT["text"]) -> dict[str, Any]:
        answer = client.post("/v1/predict?explain=true", json=ALERT | {"text": text})
        assert answer.status_code == 200, answer.text[:500]
        assert answer.headers["content-type"] == "application/json"
        ExplainedPrediction.model_validate_json(answer.content)
        return answer.json()

    return post


@pytest.mark.parametrize("value", ["true", "1"])
def test_an_explained_answer_is_the_plain_one_and_an_explanation(client: httpx.Client, value: str) -> None:
    plain = client.post("/v1/predict", json=ALERT).json()
    explained = client.post(f"/v1/predict?explain={value}", json=ALERT).json()
    assert explained.keys() == plain.keys() | {"explanation"}
    assert explained["model"] == plain["model"]
    for head in HEADS:
        assert explained[head]["code"] == plain[head]["code"]
        assert explained[head]["confidence"] == pytest.approx(plain[head]["confidence"], abs=0.02)


@pytest.mark.parametrize("query", ["", "?explain=false", "?explain=0"])
def test_without_it_there_is_no_explanation(client: httpx.Client, query: str) -> None:
    answer = client.post(f"/v1/predict{query}", json=ALERT)
    assert answer.status_code == 200
    assert "explanation" not in answer.json()


def test_every_word_is_weighed_for_every_head(explain: Explain) -> None:
    explanation = explain()["explanation"]
    assert explanation.keys() == {"text", "words", "department_rules", "photos"}
    assert explanation["photos"] == []
    assert [word["text"] for word in explanation["words"]] == explanation["text"].split()
    for word in explanation["words"]:
        assert word.keys() == {"text", "start", "end", "weights"}
        assert word["weights"].keys() == set(HEADS)
        assert explanation["text"][word["start"] : word["end"]] == word["text"]


def test_personal_data_is_masked_in_the_explanation(explain: Explain) -> None:
    explanation = explain("lampadaire éteint, rappelez-moi au 06 12 34 56 78")["explanation"]
    assert "06 12" not in json.dumps(explanation)
    assert "<TEL>" in explanation["text"]


@pytest.mark.parametrize("text", ["trou " * 1_000, "é" * 5_000, "a\u2003b" * 1_600])
def test_the_longest_texts_are_explained_in_few_parts(explain: Explain, text: str) -> None:
    assert 1 <= len(explain(text.strip())["explanation"]["words"]) <= MAX_PARTS


def test_multipart_is_explained_alike(client: httpx.Client) -> None:
    parts = {"alert": (None, json.dumps(ALERT)), "photo": ("photo.jpg", b"no photo", "image/jpeg")}
    answer = client.post("/v1/predict?explain=1", files=parts)  # type: ignore[arg-type]
    assert answer.status_code == 200, answer.text
    assert "photo_unreadable" in answer.json()["reasons"]
    assert answer.json()["explanation"]["words"]
    assert [photo["heat_map"] for photo in answer.json()["explanation"]["photos"]] == [None]


def test_each_photo_gets_a_heat_map_as_a_png(
    client: httpx.Client, picture: Callable[..., bytes], photos_of: Callable[..., Any]
) -> None:
    contents = [picture("red", "blue"), b"no photo", picture("gray", kind="PNG")]
    photos = [{"base64": base64.b64encode(content).decode()} for content in contents]
    answer = client.post("/v1/predict?explain=1", json=ALERT | {"photo": photos})
    assert answer.status_code == 200, answer.text
    entries = photos_of(answer.json(), True, False, True)
    explained = answer.json()["explanation"]["photos"]
    assert [photo["label"] for photo in explained] == [entry["label"] for entry in entries]
    assert explained[1]["heat_map"] is None
    for photo in (explained[0], explained[2]):
        with Image.open(io.BytesIO(base64.b64decode(photo["heat_map"], validate=True))) as image:
            assert (image.format, image.mode) == ("PNG", "RGB")
            assert image.width == image.height >= 32


def test_a_photo_alone_is_explained_by_its_heat_map(client: httpx.Client, picture: Callable[..., bytes]) -> None:
    photo = {"base64": base64.b64encode(picture("red")).decode()}
    answer = client.post("/v1/predict?explain=1", json={"id": "explain-2", "photo": photo})
    assert answer.json()["explanation"]["words"] == []
    assert answer.json()["explanation"]["photos"][0]["heat_map"]


@pytest.mark.parametrize(
    "query", ["explain=", "explain", "explain=yes", "explain=True", "explain=2", "explain=true&explain=false"]
)
def test_any_other_value_is_a_fault_of_the_field(client: httpx.Client, problem: ReadProblem, query: str) -> None:
    document = problem(client.post(f"/v1/predict?{query}", json=ALERT), 422, "explain")
    assert document["type"] == "urn:triage:problem:invalid_query"


def test_an_alert_at_fault_is_not_explained(client: httpx.Client, problem: ReadProblem) -> None:
    problem(client.post("/v1/predict?explain=true", json=ALERT | {"lat": 91, "lon": 5}), 422, "lat")


@pytest.mark.parametrize("value", ["true", "false", "x", ""])
def test_a_batch_is_refused_and_told_where_to_ask(client: httpx.Client, problem: ReadProblem, value: str) -> None:
    answer = client.post(f"/v1/predict/batch?explain={value}", json={"alerts": [ALERT]})
    assert "/v1/predict" in problem(answer, 422, "explain")["detail"]


def test_an_explanation_needs_a_key(stranger: httpx.Client, problem: ReadProblem) -> None:
    problem(stranger.post("/v1/predict?explain=true", json=ALERT), 401)


def test_a_crowd_that_wants_explanations_leaves_room_for_alerts(server: Any) -> None:
    long = ALERT | {"text": "il y a un trou devant chez moi " * 20}

    async def crowd() -> tuple[list[int], list[int]]:
        async with httpx.AsyncClient(
            base_url=server.base, headers={"X-API-Key": server.key}, timeout=60, trust_env=False
        ) as session:

            async def ask(route: str) -> int:
                return (await session.post(route, json=long)).status_code

            explained = [asyncio.create_task(ask("/v1/predict?explain=1")) for _ in range(3 * MAX_EXPLANATIONS)]
            plain = [asyncio.create_task(ask("/v1/predict")) for _ in range(8)]
            return await asyncio.gather(*explained), await asyncio.gather(*plain)

    explained, plain = asyncio.run(crowd())
    assert plain == [200] * 8
    assert set(explained) <= {200, 503}
    assert explained.count(200) >= 1
