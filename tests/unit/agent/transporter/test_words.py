"""What servers say by their greeting and over $SYS, and which servers other agents tell of."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.collectors.http import Page
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.transporter import heartbeat
from fxtop.agent.transporter.local import address_flaw
from fxtop.agent.transporter.neighbours import MOST, SILENT_AFTER, Neighbours
from fxtop.agent.transporter.system import page
from fxtop.agent.transporter.token import told
from fxtop.bus.greeting import NoGreeting, read_greeting
from fxtop.bus.port import Answer, Asked
from fxtop.protocol.encode import encode
from fxtop.protocol.ids import ServerId
from fxtop.protocol.subjects import build
from tests.unit.agent.hub import Hub, MemoryBus
from tests.unit.agent.kit import CLUSTER, SetClock
from tests.unit.agent.test_transporter import HEALTHY, ROUTEZ, VARZ

GREETING = b'INFO {"server_id":"NA6","server_name":"fxmgr1","version":"2.15.1","host":"0.0.0.0","port":4222} \r\n'
HEADER = {"id": "NA6", "name": "fxmgr1"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def answer(data: Any = None, **more: Any) -> Answer:
    body = {"server": HEADER, **more} if data is None else {"server": HEADER, "data": data, **more}
    return Answer(json.dumps(body).encode(), {})


def test_a_greeting_is_read_as_it_stands_on_the_wire() -> None:
    greeting = read_greeting(GREETING, "127.0.0.1:4222")
    assert (greeting.server_id, greeting.server_name, greeting.port, greeting.ldm) == ("NA6", "fxmgr1", 4222, False)


@given(st.binary() | st.binary().map(lambda said: b"INFO " + said))
def test_whatever_greets_is_a_greeting_or_an_error_in_words(line: bytes) -> None:
    try:
        greeting = read_greeting(line, "127.0.0.1:4222")
    except NoGreeting:
        return
    assert isinstance(greeting.server_id, str)


@given(
    st.fixed_dictionaries({"server_id": st.text()}, optional=dict.fromkeys(("port", "host", "ldm", "version"), JSON))
)
def test_whatever_a_greeting_says_makes_a_heartbeat_that_can_go_out(said: dict[str, Any]) -> None:
    try:
        greeting = read_greeting(b"INFO " + json.dumps(said).encode(), "127.0.0.1:4222")
    except NoGreeting:
        return
    assert told(greeting, None, leaving=False, interval=5.0).port in range(65536)


def test_an_answer_over_sys_is_the_page_of_http_monitoring() -> None:
    assert page(answer({"status": "ok", "status_code": 200})).status == 200
    ill = page(answer({"status": "error", "status_code": 500, "error": "not ready for connections"}))
    assert (ill.status, b"ready for connections" in ill.body) == (500, True)
    assert page(answer({"server_id": "NA6"})).status == 200


@pytest.mark.parametrize("refused", [answer(), answer(error={"code": 400, "description": "bad"}), Answer(b"no", {})])
def test_an_answer_without_data_is_an_error_in_words(refused: Answer) -> None:
    with pytest.raises(CollectError):
        page(refused)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()) | JSON.map(lambda value: answer(value).payload))
def test_whatever_is_answered_over_sys_is_a_page_or_an_error_in_words(payload: bytes) -> None:
    try:
        found = page(Answer(payload, {}))
    except CollectError:
        return
    assert isinstance(found, Page)


@pytest.mark.parametrize("address", ["127.0.0.1:4222", "mgr1", "[::1]:4222"])
def test_an_address_is_a_host_with_or_without_a_port(address: str) -> None:
    assert address_flaw(address) is None


@pytest.mark.parametrize("address", ["", ":4222", "mgr1:", "mgr1:0", "mgr1:70000", "mgr1:nats"])
def test_what_is_no_address_is_said(address: str) -> None:
    assert address_flaw(address)


async def test_an_agent_that_falls_silent_tells_of_its_server_no_longer() -> None:
    clock = SetClock()
    neighbours = Neighbours(MemoryBus(Hub(), clock, CLUSTER), CLUSTER, clock)
    beat = heartbeat(Page(200, VARZ), Page(200, ROUTEZ), HEALTHY, interval=5.0, own_names=frozenset())
    said = Asked(build(CLUSTER, "hb.transporter", beat.server), encode(beat), {}, "")
    assert not neighbours.tell_of(beat.server)
    await neighbours.hear(said)
    assert neighbours.tell_of(beat.server)
    assert not neighbours.tell_of(ServerId("ANOTHER"))
    clock.move(SILENT_AFTER * 5.0)
    assert not neighbours.tell_of(beat.server)


async def test_invented_servers_fill_no_memory() -> None:
    clock = SetClock()
    neighbours = Neighbours(MemoryBus(Hub(), clock, CLUSTER), CLUSTER, clock)
    beat = heartbeat(Page(200, VARZ), Page(200, ROUTEZ), HEALTHY, interval=5.0, own_names=frozenset())
    for number in range(MOST + 1):
        invented = msgspec.structs.replace(beat, server=ServerId(f"S{number}"))
        await neighbours.hear(Asked(build(CLUSTER, "hb.transporter", invented.server), encode(invented), {}, ""))
    assert neighbours.tell_of(ServerId("S0"))
    assert not neighbours.tell_of(ServerId(f"S{MOST}"))
    clock.move(SILENT_AFTER * 5.0)
    await neighbours.hear(Asked(build(CLUSTER, "hb.transporter", beat.server), encode(beat), {}, ""))
    assert neighbours.tell_of(beat.server)


async def test_what_is_no_heartbeat_is_nobodys_word() -> None:
    neighbours = Neighbours(MemoryBus(Hub(), SetClock(), CLUSTER), CLUSTER, SetClock())
    await neighbours.hear(Asked(build(CLUSTER, "hb.transporter", "S"), b"{}", {}, ""))
    assert not neighbours.tell_of(ServerId("S"))
