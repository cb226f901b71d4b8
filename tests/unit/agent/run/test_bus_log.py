"""The agent's log tells why there is no bus."""

from __future__ import annotations

import logging

import pytest

from fxtop.agent.bus_log import BusLog
from fxtop.bus.port import BusPhase, BusStatus

UP = BusStatus(BusPhase.CONNECTED, since=1.0, server="tls://m1:4222", server_name="m1")
REFUSED = "The server refused the login: check the token."


def down(error: str | None = REFUSED) -> BusStatus:
    return BusStatus(BusPhase.RECONNECTING, since=2.0, last_error=error)


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


def test_a_reason_is_told_once_however_long_it_lasts(told: pytest.LogCaptureFixture) -> None:
    line = BusLog()
    for _ in range(3):
        line.note(down())
    assert told.messages == [REFUSED]


def test_a_connection_its_loss_and_the_next_one_are_told(told: pytest.LogCaptureFixture) -> None:
    line = BusLog()
    for status in (UP, UP, down(None), down(), BusStatus(BusPhase.CONNECTED, since=3.0, server="tls://m2:4222")):
        line.note(status)
    assert told.messages == [
        "Connected to m1 (tls://m1:4222).",
        "The connection to the transporters is lost; it is mended as soon as that is possible.",
        REFUSED,
        "Connected to a transporter (tls://m2:4222).",
    ]


def test_the_same_reason_counts_anew_after_a_connection(told: pytest.LogCaptureFixture) -> None:
    line = BusLog()
    for status in (down(), UP, down()):
        line.note(status)
    assert told.messages.count(REFUSED) == 2


def test_what_was_dropped_is_told_when_it_grows(told: pytest.LogCaptureFixture) -> None:
    line = BusLog()
    for dropped in (0, 5, 5, 7):
        line.note(BusStatus(BusPhase.CONNECTED, since=3.0, server="tls://m2:4222", dropped=dropped))
    assert ["5 were dropped" in said for said in told.messages[1:]] == [True, False]
    assert "2 were dropped" in told.messages[-1]
