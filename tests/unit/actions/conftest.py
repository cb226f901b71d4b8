"""What tests of actions share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.actions.desk import Desk, desk_at


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Armed, with a key, and connected."""
    desk = desk_at(tmp_path)
    desk.arming.arm()
    return desk
