"""A machine for the tests of what sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.agent.providers.fastx_machine import FastxMachine, fastx_machine


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[FastxMachine]:
    with fastx_machine(tmp_path) as made:
        yield made
