"""The settings of Signalen's route, as an operator writes them."""

from ipaddress import ip_network

import pytest
from pydantic import ValidationError

from triage.settings import Settings


def test_networks_are_written_with_commas() -> None:
    settings = Settings.model_validate({"signalen_networks": "10.1.2.0/24, fd00::/8"})
    assert settings.signalen_networks == (ip_network("10.1.2.0/24"), ip_network("fd00::/8"))
    assert Settings().signalen_networks == ()


@pytest.mark.parametrize("networks", ["10.1.2.3/24", "everywhere", "10.1.2.0/99"])
def test_what_is_no_network_is_refused(networks: str) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate({"signalen_networks": networks})


@pytest.mark.parametrize("base", ["https://signalen.example/terms", "http://10.1.2.3:8000/terms", "/signals/terms"])
def test_a_base_is_kept_without_its_last_slash(base: str) -> None:
    assert Settings.model_validate({"signalen_base": f"{base}/"}).signalen_base == base


@pytest.mark.parametrize(
    "base", ["signalen.example", "javascript:alert(1)", "https://a:b@c/d", "https://a/?b", "https://a b"]
)
def test_what_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(ValidationError, match="write an address"):
        Settings.model_validate({"signalen_base": base})
