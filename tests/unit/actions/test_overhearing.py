"""Whether FastX's own bus is listened to, and whether anything is said there."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.actions.link import overhearing
from fxtop.config.load import load
from tests.unit.actions.fake_bus import FakeBus
from tests.unit.actions.still_clock import StillClock


@pytest.mark.parametrize(
    ("flags", "listens", "asks"),
    [
        ({}, False, False),
        ({"moleculer_discover": True}, False, False),
        ({"moleculer": True}, True, False),
        ({"moleculer": True, "moleculer_discover": True}, True, True),
        ({"moleculer": True, "moleculer_discover": True, "read_only": True}, True, False),
    ],
)
def test_it_is_left_alone_unless_asked_for_and_read_only_says_nothing(
    tmp_path: Path, flags: dict[str, object], listens: bool, asks: bool
) -> None:
    env = {name: str(tmp_path) for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "FX_CONFIG_DIR")}
    listener = overhearing(load(flags, env), FakeBus(), StillClock())
    assert (listener is not None) == listens
    assert bool(listener and listener.discovers) == asks
