"""What happens to the bus when its servers die, freeze, change their token, or go away gently."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from fxtop.bus.port import BusDown, BusPhase, NoAnswer
from fxtop.protocol.presence import SYNC_SUBJECT_HEADER
from tests.natskit import WITHIN, Authority, BusPark, Rack, RawClient, settled, take, until


async def test_without_a_server_the_bus_says_so_and_connects_when_there_is_one(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    await server.kill()
    bus = await park.bus(server, connected=False)
    with pytest.raises(BusDown, match=r"Nothing listens on 127\.0\.0\.1:\d+ \(connection refused\)"):
        await bus.wait_connected(0.2)
    assert bus.status.phase is BusPhase.DOWN
    await server.start()
    await bus.wait_connected(WITHIN)
    assert bus.status.reconnects == 0


async def test_a_killed_server_is_noticed_and_found_again(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",))
    await server.kill()
    await until(bus, lambda: not bus.status.connected)
    assert bus.status.last_error is not None
    await server.start()
    await bus.wait_connected(WITHIN)
    assert bus.status.reconnects == 1
    raw = await RawClient.connect(server)
    await raw.publish(b"fxtop.test.hb.node.n1", b"again")
    assert (await take(bus, 1))[0].payload == b"again"
    await raw.close()


async def test_nothing_that_was_asked_while_the_bus_was_down_is_sent_later(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server)
    await server.kill()
    await until(bus, lambda: not bus.status.connected)
    with pytest.raises(BusDown, match="nothing was sent"):
        await bus.request("fxtop.test.ctl.node.n1.drain", b"late")
    with pytest.raises(BusDown):
        await bus.publish("fxtop.test.ctl.node.n1.drain", b"late")
    await server.start()
    listener = await RawClient.connect(server)
    await listener.send(b"SUB fxtop.test.ctl.> 1\r\n")
    await bus.wait_connected(WITHIN)
    await bus.publish("fxtop.test.ctl.node.n1.ping", b"now")
    assert await listener.next_message() == b"now"
    await listener.close()


async def test_a_request_that_was_on_its_way_when_the_server_died_is_of_unknown_effect(
    rack: Rack, park: BusPark
) -> None:
    server = await rack.server()
    bus = await park.bus(server)
    silent = await RawClient.connect(server)
    await silent.send(b"SUB fxtop.test.ctl.> 1\r\n")

    async def die_when_it_came() -> None:
        await silent.next_message()
        await server.kill()

    with pytest.raises(NoAnswer, match=r"connection was lost.*not known"):
        await settled(bus.request("fxtop.test.ctl.node.n1.drain", b"x", within=WITHIN), die_when_it_came())
    await silent.close()


async def test_sync_is_asked_again_after_every_reconnect(rack: Rack, park: BusPark) -> None:
    first, second = await rack.server("n1"), await rack.server("n2")
    await second.kill()
    bus = await park.bus(first, second, sync_on_connect=True)
    await second.start()
    agent = await RawClient.connect(second)
    await agent.send(b"SUB fxtop.test.sync 1\r\n")
    await first.kill()
    questions = [json.loads(await agent.next_message()) for _ in range(2)]
    assert [question["v"] for question in questions] == [1, 1]
    assert [question["classes"] for question in questions] == [["node", "transporter", "license", "store"], ["session"]]
    assert bus.status.server == second.url
    await agent.close()


async def test_a_frozen_server_is_noticed_by_its_silence(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server, ping_interval=0.1, connect_timeout=0.2)
    server.freeze()
    await until(bus, lambda: not bus.status.connected)
    assert "hasn't answered for 0.2 s" in (bus.status.last_error or "")
    await until(bus, lambda: "said nothing" in (bus.status.last_error or ""))
    server.thaw()
    await bus.wait_connected(WITHIN)


async def test_a_changed_token_mends_when_the_file_has_the_new_one(rack: Rack, park: BusPark, tmp_path: Path) -> None:
    secret = tmp_path / "token"
    secret.write_text("old-s3cret")
    server = await rack.server(token="old-s3cret")
    bus = await park.bus(server, token=secret.read_text)
    await server.reload(token="new-s3cret")
    await until(bus, lambda: bus.status.phase is BusPhase.DOWN)
    assert "refuses the token" in (bus.status.last_error or "")
    assert "s3cret" not in (bus.status.last_error or "")
    secret.write_text("new-s3cret")
    await bus.wait_connected(WITHIN)


async def test_the_next_server_is_taken_when_one_dies(rack: Rack, park: BusPark) -> None:
    servers = await rack.cluster(2)
    bus = await park.bus(*servers, cluster_subjects=("fxtop.test.hb.>",))
    first = next(server for server in servers if server.url == bus.status.server)
    (other,) = [server for server in servers if server is not first]
    await first.kill()
    await until(bus, lambda: bus.status.server == other.url)


async def test_a_server_that_shuts_down_gently_is_left_for_another(rack: Rack, park: BusPark) -> None:
    servers = await rack.cluster(2)
    bus = await park.bus(*servers)
    first = next(server for server in servers if server.url == bus.status.server)
    await first.lame_duck()
    await until(bus, lambda: bus.status.connected and bus.status.server != first.url)
    assert "lame duck" in (bus.status.last_error or "")
    assert bus.status.reconnects == 1


async def test_a_server_that_shuts_down_gently_is_used_while_there_is_no_other(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",))
    await server.lame_duck()
    await until(bus, lambda: bus.status.lame_duck)
    await bus.publish("fxtop.test.hb.node.n1", b"still here")
    assert (await take(bus, 1))[0].payload == b"still here"


async def test_what_was_published_before_a_stop_is_sent(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    listener = await RawClient.connect(server)
    await listener.send(b"SUB fxtop.test.bye.> 1\r\n")
    bus = await park.bus(server)
    await bus.publish("fxtop.test.bye.node.n1", b"bye")
    await bus.stop()
    assert await listener.next_message() == b"bye"
    assert bus.status.phase is BusPhase.STOPPED
    await listener.close()


async def test_a_stop_ends_a_bus_that_never_connected(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    server.freeze()
    bus = await park.bus(server, connected=False)
    await bus.stop()
    assert bus.status.phase is BusPhase.STOPPED
    server.thaw()


async def test_counters_go_on_over_a_reconnect(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server, cluster_subjects=("fxtop.test.hb.>",))
    await bus.publish("fxtop.test.hb.node.n1", b"12345")
    await take(bus, 1)
    before = bus.status
    await server.kill()
    await until(bus, lambda: not bus.status.connected)
    await server.start()
    await bus.wait_connected(WITHIN)
    assert bus.status.in_msgs >= before.in_msgs == 1
    assert bus.status.in_bytes >= before.in_bytes == 5


async def test_subscriptions_made_while_down_are_there_afterwards(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server)
    await server.kill()
    await until(bus, lambda: not bus.status.connected)
    await bus.subscribe("fxtop.test.audit.>")
    await server.start()
    await bus.wait_connected(WITHIN)
    await bus.publish("fxtop.test.audit.n1", b"x", {SYNC_SUBJECT_HEADER: "ignored"})
    (message,) = await take(bus, 1)
    assert (message.subject, message.synced) == ("fxtop.test.audit.n1", False)


async def test_reconnects_leave_no_task_and_no_socket_behind(rack: Rack, park: BusPark, authority: Authority) -> None:
    server = await rack.server(tls=authority.certificate("127.0.0.1"))
    bus = await park.bus(server, ca=authority.file, ping_interval=0.1, connect_timeout=0.2)

    def tasks_and_files() -> tuple[int, int]:
        return len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))

    tasks, files = tasks_and_files()
    for _ in range(3):
        await server.kill()
        await until(bus, lambda: not bus.status.connected)
        await server.start()
        await bus.wait_connected(WITHIN)
        server.freeze()
        await until(bus, lambda: not bus.status.connected)
        server.thaw()
        await bus.wait_connected(WITHIN)
    await until(bus, lambda: tasks_and_files()[0] <= tasks and tasks_and_files()[1] <= files)
