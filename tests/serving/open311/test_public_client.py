"""`georeport`, a public client of Open311, against the real server with the bundle that ships."""

import uuid
from typing import Any

import httpx
import pytest
import requests
from georeport import GeoReport

from triage.taxonomy import Taxonomy, load_taxonomy

pytestmark = pytest.mark.xdist_group("server")

TEXT = "Lampadaire éteint au fond de la cour des Tilleuls"


@pytest.fixture
def taxonomy(server: Any) -> Taxonomy:
    return load_taxonomy(server.bundle / "taxonomy.yaml")


@pytest.fixture
def root(server: Any) -> str:
    """The address that the client is given; it can be told no key for what it reads, so the address holds one."""
    return f"http://app:{server.key}@{server.host}:{server.port}/open311/v2"


@pytest.fixture(params=["json", "xml"])
def client(request: pytest.FixtureRequest, root: str) -> GeoReport:
    return GeoReport(root, jurisdiction="dijon.example", output_format=request.param)


@pytest.fixture
def created(server: Any) -> str:
    """The id of a request that was posted as the standard has it: a plain form with the key in a field."""
    form = {
        "api_key": server.key,
        "service_code": "animaux",
        "lat": "47.3216",
        "long": "5.0415",
        "address_string": "12 rue Monge, Dijon",
        "description": f"{TEXT}, tel 06 12 34 56 78 ({uuid.uuid4().hex[:6]})",
        "email": "zebulon.dupre@exemple.fr",
        "phone": "06 12 34 56 78",
    }
    answer = requests.post(f"{server.base}/open311/v2/requests.json", data=form, timeout=60)
    assert answer.status_code == 201, answer.text
    return str(answer.json()[0]["service_request_id"])


def test_the_client_lists_the_services(client: GeoReport, taxonomy: Taxonomy) -> None:
    services = client.get_service_list()
    assert [service["service_code"] for service in services] == list(taxonomy.categories)
    assert all(service["group"] and service["keywords"] for service in services)


def test_the_client_reads_a_definition(client: GeoReport) -> None:
    definition = client.get_service_definition("voirie")
    assert definition["service_code"] == "voirie"
    assert not definition["attributes"]


def test_the_client_follows_a_request(client: GeoReport, created: str, taxonomy: Taxonomy) -> None:
    found = client.get_service_request(created)
    assert found["service_request_id"] == created
    assert found["status"] == "open"
    # What the model answers is for its own tests; that it is not what the form chose is seen either way.
    assert found["service_name"] == taxonomy.categories[found["service_code"]].fr
    assert found["service_code"] != "animaux"
    assert found["service_notice"].startswith("Vous aviez choisi « Animaux et nuisibles »")
    assert found["address"] == "12 rue Monge, Dijon"
    assert "[téléphone masqué]" in found["description"]
    assert found["expected_datetime"]
    assert "zebulon" not in str(found)


def test_the_client_finds_requests(client: GeoReport, created: str) -> None:
    # Its reader of XML gives one row by itself and not as a list, so two are asked for.
    newest = client.get_service_requests(status="open")
    assert created in [row["service_request_id"] for row in (newest if isinstance(newest, list) else [newest])]
    one = client.get_service_requests(service_request_id=created)
    assert created in str(one)


def test_the_client_is_told_what_went_wrong(client: GeoReport, root: str, server: Any) -> None:
    with pytest.raises(requests.HTTPError) as caught:
        client.get_service_request("nobody")
    assert caught.value.response is not None
    assert caught.value.response.status_code == 404
    stranger = GeoReport(root.replace(server.key, "wrong"), output_format=client.output_format)
    with pytest.raises(requests.HTTPError) as refused:
        stranger.get_service_list()
    assert refused.value.response is not None
    assert refused.value.response.status_code == 403


def test_no_text_and_no_contact_is_in_the_log(server: Any, created: str) -> None:
    log = server.log.read_text(errors="replace")
    assert created
    assert not [secret for secret in (TEXT, "zebulon", "06 12 34", "api_key=") if secret in log]


def test_a_signalen_gets_its_answer_from_the_real_model(server: Any) -> None:
    endpoint = f"http://signalen:{server.key}@{server.host}:{server.port}/signals_mltool/predict"
    answer = requests.post(endpoint, json={"text": "Lampadaire éteint dans ma rue"}, timeout=(10.0, 10.0))
    assert answer.status_code == 200, answer.text
    urls, probabilities = answer.json()["subrubriek"]
    assert urls[0].endswith("/wegen-verkeer-straatmeubilair/sub_categories/lantaarnpaal-straatverlichting")
    assert probabilities[0] > 0.5
    assert len(urls) == len(probabilities)
    assert httpx.post(f"{server.base}/signals_mltool/predict", json={"text": "x"}, trust_env=False).status_code == 401
