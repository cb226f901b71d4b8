from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.agent.node_select.kit import Hook


@pytest.fixture
def hook(tmp_path: Path) -> Hook:
    return Hook(tmp_path)
