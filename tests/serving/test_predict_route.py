"""`POST /v1/predict`: the answer, field by field."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from triage.taxonomy import HEADS, Head, Taxonomy

pytestmark = pytest.mark.xdist_group("server")

ALERT = {
    "id": "route-1",
    "text": "Lampadaire éteint depuis trois jours devant le 12 rue Monge",
    "lat": 47.3216,
    "lon": 5.0415,
    "created_at": "2026-01-15T18:30:00+01:00",
    "category_hint": "éclairage",
}

Predict = Callable[..., dict[str, Any]]


@pytest.fixture
def predict(client: httpx.Client) -> Predict:
    def post(**fields: Any) -> dict[str, Any]:
        answer = client.post("/v1/predict", json=ALERT | fields)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/json"
        return answer.json()

    return post


def test_the_answer_has_the_fields_of_the_contract_and_no_others(predict: Predict) -> None:
    answer = predict()
    assert set(answer) == {*HEADS, "id", "decision", "reasons", "photos", "duplicates", "model"}
    assert answer["id"] == ALERT["id"]
    assert answer["photos"] == []
    assert answer["duplicates"] == []


@pytest.mark.parametrize("head", HEADS)
def test_a_head_answers_a_code_and_all_others_best_first(predict: Predict, taxonomy: Taxonomy, head: Head) -> None:
    answer = predict()[head]
    assert set(answer) == {"code", "confidence", "alternatives"}
    assert all(set(item) == {"code", "confidence"} for item in answer["alternatives"])
    codes = [answer["code"], *(item["code"] for item in answer["alternatives"])]
    confidences = [answer["confidence"], *(item["confidence"] for item in answer["alternatives"])]
    assert len(codes) == len(set(codes))
    assert set(codes) <= set(taxonomy.codes(head))
    assert len(answer["alternatives"]) >= 4 or set(codes) == set(taxonomy.codes(head))
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert 0.9 <= sum(confidences) <= 1.01


def test_the_alternatives_of_the_priority_are_the_three_others(predict: Predict, taxonomy: Taxonomy) -> None:
    answer = predict()["priority"]
    assert {answer["code"], *(item["code"] for item in answer["alternatives"])} == set(taxonomy.codes("priority"))
    assert len(answer["alternatives"]) == 3


def test_the_decision_is_one_of_three_and_reasons_are_stable_codes(predict: Predict) -> None:
    answer = predict()
    assert answer["decision"] in {"route", "review", "route_and_review"}
    assert all(reason.replace("_", "").isalpha() and reason.islower() for reason in answer["reasons"])
    assert answer["reasons"] or answer["decision"] == "route"


def test_the_model_block_leads_to_the_bundle(predict: Predict, server: Any) -> None:
    content = (server.bundle / "manifest.json").read_bytes()
    manifest = json.loads(content)
    assert predict()["model"] == {
        "name": manifest["name"],
        "version": manifest["version"],
        "taxonomy": manifest["taxonomy_version"],
        "bundle_sha256": hashlib.sha256(content).hexdigest(),
    }


@pytest.mark.parametrize(
    "text",
    [
        "ქუჩის ნათურა არ მუშაობს",
        "ไฟถนนดับ",
        "街灯坏了三天",
        "Die Straßenlaterne ist kaputt",
        "xqz wvk jjh",
        "12",
        "rue\n\tde la Liberté 🔥",
        "é" * 5_000,
    ],
)
def test_a_text_in_any_language_gets_an_answer(predict: Predict, text: str) -> None:
    assert predict(text=text)["category"]["code"]


def test_an_id_comes_back_as_it_was_sent(predict: Predict) -> None:
    assert predict(id="Ünïcode ✓ 2026/01")["id"] == "Ünïcode ✓ 2026/01"


def test_only_an_id_and_a_text_are_needed(client: httpx.Client) -> None:
    assert client.post("/v1/predict", json={"id": "least", "text": "nid de poule"}).status_code == 200


@pytest.mark.parametrize("field", ["photo", "created_at", "category_hint"])
def test_null_counts_as_absent(predict: Predict, field: str) -> None:
    assert predict(**{field: None})["id"] == ALERT["id"]


def test_the_same_alert_gets_the_same_answer_again(predict: Predict) -> None:
    first, second = predict(), predict()
    for head in HEADS:
        assert first[head]["code"] == second[head]["code"]
        assert first[head]["confidence"] == pytest.approx(second[head]["confidence"], abs=0.02)


def test_a_charset_beside_the_content_type_is_no_obstacle(client: httpx.Client) -> None:
    headers = {"Content-Type": "Application/JSON; charset=utf-8"}
    assert client.post("/v1/predict", content=json.dumps(ALERT), headers=headers).status_code == 200
