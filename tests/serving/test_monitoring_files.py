"""Alert rules and dashboard: each query can be parsed, and asks for what the running service really counts."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import promql_parser
import pytest
import yaml

from triage.settings import PROJECT_ROOT

pytestmark = pytest.mark.xdist_group("server")

DEPLOY = PROJECT_ROOT / "deploy"
OF_PROMETHEUS = {"up"}
SUFFIXES = ("_total", "_bucket", "_sum", "_count", "")


def rules() -> list[dict[str, Any]]:
    document = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
    return [rule for group in document["groups"] for rule in group["rules"]]


def queries() -> list[str]:
    dashboard = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text(encoding="utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    marked = [annotation["expr"] for annotation in dashboard["annotations"]["list"]]
    return [*(rule["expr"] for rule in rules()), *shown, *marked]


def names(expression: Any) -> Iterator[str]:
    """The metrics that an expression asks for."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression.name
    for part in ("expr", "lhs", "rhs", "vector_selector"):
        if (below := getattr(expression, part, None)) is not None:
            yield from names(below)
    for argument in getattr(expression, "args", None) or ():
        yield from names(argument)


@pytest.fixture(scope="module")
def counted(client: httpx.Client) -> set[str]:
    """The metrics of a running service; those without samples yet are declared too."""
    lines = client.get("/metrics").text.splitlines()
    return {line.split()[2] for line in lines if line.startswith("# TYPE ")}


def test_there_are_rules_and_panels() -> None:
    assert len(rules()) > 10
    assert len(queries()) > 40


@pytest.mark.parametrize("query", queries())
def test_a_query_asks_for_what_is_counted(query: str, counted: set[str]) -> None:
    asked = set(names(promql_parser.parse(query))) - OF_PROMETHEUS
    families = {name.removesuffix(suffix) for name in counted for suffix in ("", "_total")}
    missing = {name for name in asked if not any(name.removesuffix(end) in families for end in SUFFIXES)}
    assert missing == set()
    assert asked or "up" in query


def test_every_metric_is_on_the_dashboard_or_in_a_rule(counted: set[str]) -> None:
    asked = {name for query in queries() for name in names(promql_parser.parse(query))}
    ours = {name for name in counted if name.startswith("triage_") and not name.endswith("_created")}
    # How many alerts a measure of drift could compare, and how long a swap took, are read when somebody asks.
    for_the_curious = {"triage_drift_alerts", "triage_model_load_seconds", "triage_challenger_info"}
    unseen = {name for name in ours if not any(one.startswith(name) for one in asked)}
    assert unseen == for_the_curious


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_a_rule_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"].endswith(".")
    assert rule["annotations"]["action"].endswith(".")
