"""Servers and buses for the tests of this folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.natskit import Authority, BusPark, Rack


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "npm: needs node and npm, and installs packages once; skipped where it can't")


@pytest.fixture
async def rack(tmp_path: Path) -> AsyncIterator[Rack]:
    async with Rack(tmp_path) as servers:
        yield servers


@pytest.fixture
async def park() -> AsyncIterator[BusPark]:
    buses = BusPark()
    yield buses
    await buses.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.create(tmp_path_factory.mktemp("tls"))
