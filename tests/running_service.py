"""A real service for tests of what talks to one: started once for all of them, since that takes seconds."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.browser.installation import Installation

# Who uses the fixture carries this group, so that one process has them all.
GROUP = "running-service"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Installation"]:
    """A `triage serve` of its own."""
    from tests.browser.installation import serving

    with serving(tmp_path_factory.mktemp("service")) as installation:
        yield installation


def keep_together(items: list[pytest.Item], folder: object) -> None:
    """Mark the tests of a folder that need the service."""
    for item in items:
        if str(item.path).startswith(f"{folder}/") and "service" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(GROUP))
            item.add_marker(pytest.mark.slow)
