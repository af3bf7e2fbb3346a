"""The running service keeps to its own description: every route, on requests that are right and that are wrong."""

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator
from schemathesis.checks import CheckFunction, load_all_checks
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
)

from serving.keys import KeyStore
from serving.scopes import Scope
from tests.live_server import triage_serve
from tests.serving.conftest import SIGNALEN_BASE
from tests.serving.contract_data import register_formats
from triage.settings import PROJECT_ROOT
from triage.taxonomy import load_taxonomy

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("contract")]

# A thorough run: TRIAGE_CONTRACT_EXAMPLES=500 pytest tests/serving/test_contract.py
EXAMPLES = int(os.environ.get("TRIAGE_CONTRACT_EXAMPLES", "5"))
# What is too large is answered 413, which schemathesis does not expect of what a description forbids.
REFUSALS = ["400", "401", "403", "404", "405", "406", "409", "413", "415", "422", "429"]
# Valid to every schema, and yet refused, since no schema can say:
BEYOND_SCHEMAS: Mapping[str, list[CheckFunction]] = {
    # `since` lies before `until`, and a cursor is one that a list gave.
    "GET /v1/alerts": [positive_data_acceptance],
    # No two alerts of a batch share an id.
    "POST /v1/predict/batch": [positive_data_acceptance],
    # `start_date` lies at most 90 days before `end_date`, and ids are printable.
    "GET /open311/v2/requests.{form}": [positive_data_acceptance],
    # Schemathesis rewrites `prefixItems` of answers into what its own validator refuses; tests/serving/signalen look.
    "POST /signals_mltool/predict": [response_schema_conformance],
    # A department proposes another one than itself.
    "POST /v1/alerts/{id}/return": [positive_data_acceptance],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the service runs."""
    return tmp_path_factory.mktemp("contract")


@pytest.fixture(scope="module")
def key(folder: Path) -> str:
    """A key that may do everything."""
    return KeyStore(folder / "state").add("contract", [Scope.ADMIN])


@pytest.fixture(scope="module")
def api(folder: Path, key: str) -> Iterator[schemathesis.BaseSchema]:  # noqa: ARG001 - made before the service starts
    """The description that the service gives of itself."""
    register_formats(load_taxonomy(PROJECT_ROOT / "models" / "pretrained" / "taxonomy.yaml"))
    load_all_checks()
    with triage_serve(folder, {"SIGNALEN_BASE": SIGNALEN_BASE}) as (running, _):
        described = schemathesis.openapi.from_url(f"{running.base}/openapi.json")
        described.config.generation.update(with_security_parameters=False)
        described.config.checks.negative_data_rejection.expected_statuses = REFUSALS
        yield described


schema = schemathesis.pytest.from_fixture("api")


@schema.exclude(path="/v1/events").parametrize()
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_route_is_as_it_is_described(case: schemathesis.Case, key: str) -> None:
    excluded = list(BEYOND_SCHEMAS.get(case.operation.label, ()))
    if not _fits(case):
        # Schemathesis varies one field at a time, and then leaves rules over several fields aside.
        excluded.append(positive_data_acceptance)
    if case.operation.path.startswith("/open311/") and _has_blanks(case):
        # What apps leave blank is as good as not sent, whatever its type.
        excluded += [positive_data_acceptance, negative_data_rejection]
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, excluded_checks=excluded, timeout=30)


def _fits(case: schemathesis.Case) -> bool:
    """Whether a body is one that the description allows."""
    document: dict[str, Any] = case.operation.schema.raw_schema
    content = document["paths"][case.operation.path][case.operation.method].get("requestBody", {}).get("content", {})
    if case.media_type not in content or not isinstance(case.body, dict | list):
        return True
    # Files are bytes, which JSON does not know.
    body = json.loads(json.dumps(case.body, default=str))
    return Draft202012Validator(content[case.media_type]["schema"]).is_valid(body)


def _has_blanks(case: schemathesis.Case) -> bool:
    sent = [*(case.query or {}).values(), *(case.body.values() if isinstance(case.body, dict) else ())]
    return any(value is None or (isinstance(value, str) and not value.strip()) for value in sent)
