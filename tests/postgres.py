"""A private PostgreSQL with PostGIS for tests: one server for each process of pytest, a fresh database for each test.

A test asks for `postgresql_url`, or makes databases with `postgres_server.database()`. Such tests belong into the xdist
group "postgresql", so that one server is enough.
"""

import os
from collections.abc import Iterator

import pytest

from evaluation.benchmarks.postgres import PACKAGE, PostgresServer, find_binaries, private_server

# Tests kill writers, never the server: its files need not survive a power cut.
OPTIONS = {"shared_buffers": "32MB", "fsync": "off", "full_page_writes": "off"}


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The server; without PostgreSQL the test is skipped, in CI it fails."""
    binaries = find_binaries()
    if binaries is None:
        message = f"PostgreSQL with PostGIS is missing: apt-get install {PACKAGE}"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with private_server(binaries, OPTIONS) as server:
        yield server


@pytest.fixture
def postgresql_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty database with PostGIS, for one test."""
    with postgres_server.database() as url:
        yield url
