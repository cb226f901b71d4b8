"""The bus in one line: what is missing is said first, however narrow the screen is."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fxtop.bus.port import BusPhase, BusStatus
from fxtop.ui.chrome.bus_line import Losses, bus_spans

UP = BusStatus(
    phase=BusPhase.CONNECTED, since=0.0, servers=("tls://mgr1:4222",), server="tls://mgr1:4222", server_name="N" * 90
)


def line(losses: Losses) -> str:
    return "".join(span.text for span in bus_spans(UP, losses, 10.0, ascii_only=True))


def test_what_was_dropped_or_had_no_room_stands_before_the_servers_name() -> None:
    shown = line(Losses({"full": 1234, "not_json": 2}, 0, 99))
    assert shown.startswith("* bus connected  dropped here 99  no room for 1234 to N")
    assert "rejected 1236 (full 1234, not_json 2)" in shown


def test_where_all_was_taken_nothing_is_said_of_room() -> None:
    shown = line(Losses({"not_json": 2}, 0, 0))
    assert "dropped" not in shown
    assert "no room" not in shown


@pytest.mark.parametrize(("rate", "shown"), [(0.0, "0B/s"), (321.4, "<1K/s"), (1023.9, "<1K/s"), (1536.0, "1.5K/s")])
def test_a_trickle_of_bytes_is_not_counted(rate: float, shown: str) -> None:
    spans = bus_spans(replace(UP, bytes_per_s=rate), Losses({}, 0, 0), 10.0, ascii_only=True)
    assert f" msg/s  {shown}" in "".join(span.text for span in spans)
