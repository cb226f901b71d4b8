"""A request that gets no answer says why: nobody there, no answer, no connection, or not allowed."""

from __future__ import annotations

import asyncio

import pytest

from fxtop.bus.connection import NatsBus
from fxtop.bus.port import Asked, BusDown, BusError, NoAgent, NoAnswer, NotAllowed, TooLarge
from fxtop.bus.requests import OVERHEAD
from fxtop.bus.settings import BusSettings
from tests.natskit import CLUSTER, WITHIN, BusPark, Rack, RawClient, settled, until

VIEWER = """
authorization { users: [
  { user: viewer, password: pw, permissions {
      publish: ["fxtop.test.sync", "$SYS.REQ.>"], subscribe: ["fxtop.test.hb.>", "_INBOX_viewer.>"] } }
  { user: agent, password: pw } ] }
"""


async def test_nobody_there_is_told_at_once(rack: Rack, park: BusPark) -> None:
    bus = await park.bus(await rack.server())
    with pytest.raises(NoAgent, match=r"Nobody listens on fxtop\.test\.ctl\.node\.n1\.drain: nothing received"):
        await bus.request("fxtop.test.ctl.node.n1.drain", b"x", within=WITHIN)


async def test_an_agent_that_does_not_answer_leaves_the_effect_unknown(rack: Rack, park: BusPark) -> None:
    bus = await park.bus(await rack.server())
    arrived = asyncio.Event()

    async def hang(asked: Asked) -> None:
        arrived.set()

    await bus.listen("fxtop.test.ctl.>", hang)
    with pytest.raises(NoAnswer, match=r"within 0\.2 s: whether the request had an effect is not known"):
        await bus.request("fxtop.test.ctl.node.n1.drain", b"x", within=0.2)
    assert arrived.is_set()


async def test_without_a_connection_nothing_is_sent(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server)
    await server.kill()
    await until(bus, lambda: not bus.status.connected)
    for attempt in (bus.request("x", b""), bus.publish("x", b""), bus.gather("x"), bus.sync()):
        with pytest.raises(BusDown, match="no connection to the bus, so nothing was sent"):
            await attempt


async def test_a_forbidden_subject_is_told_at_once(rack: Rack, park: BusPark) -> None:
    server = await rack.server(extra=VIEWER)
    bus = await viewer(park, server.url)
    with pytest.raises(NotAllowed, match=r"doesn't let this login send on fxtop\.test\.ctl\.node\.N1\.drain"):
        await bus.request("fxtop.test.ctl.node.N1.drain", b"x", within=WITHIN)
    assert bus.status.connected


async def test_a_forbidden_publication_is_noted(rack: Rack, park: BusPark) -> None:
    server = await rack.server(extra=VIEWER)
    bus = await viewer(park, server.url)
    await bus.publish("fxtop.test.hb.node.n1", b"x")
    await until(bus, lambda: "send on fxtop.test.hb.node.n1" in (bus.status.last_error or ""))


async def test_a_forbidden_subscription_is_noted(rack: Rack, park: BusPark) -> None:
    server = await rack.server(extra=VIEWER)
    bus = await viewer(park, server.url)
    await bus.subscribe("fxtop.test.audit.>")
    await until(bus, lambda: "listen to fxtop.test.audit.>" in (bus.status.last_error or ""))


async def test_an_inbox_that_may_not_be_heard_is_said_and_not_waited_for(rack: Rack, park: BusPark) -> None:
    server = await rack.server(extra=VIEWER)
    bus = await viewer(park, server.url, inbox_prefix="_INBOX_other")
    with pytest.raises(NotAllowed, match=r"hear answers on _INBOX_other\.>.*Set inbox_prefix"):
        await bus.request("$SYS.REQ.USER.INFO", b"", within=WITHIN)


async def test_who_loses_the_right_to_hear_an_answer_does_not_know_what_became_of_the_question(
    rack: Rack, park: BusPark
) -> None:
    server = await rack.server(extra=VIEWER.replace('"fxtop.test.sync"', '"fxtop.test.>"'))
    bus = await viewer(park, server.url)
    agent = await park.bus(server.url, user=lambda: "agent", password=lambda: "pw")
    arrived = asyncio.Event()

    async def hang(asked: Asked) -> None:
        arrived.set()

    await agent.listen("fxtop.test.ctl.>", hang)

    async def withdraw() -> None:
        await arrived.wait()
        await server.reload(extra=server.spec.extra.replace('"_INBOX_viewer.>"', '"_INBOX_other.>"'))

    with pytest.raises(NoAnswer, match=r"hear answers on _INBOX_viewer\.>.*effect is not known"):
        await settled(bus.request("fxtop.test.ctl.node.n1.drain", b"x", within=WITHIN), withdraw())
    with pytest.raises(NotAllowed, match="nothing is sent"):
        await bus.request("fxtop.test.ctl.node.n1.drain", b"x", within=WITHIN)


async def test_of_two_questions_only_the_one_that_the_server_dropped_is_called_undelivered(
    rack: Rack, park: BusPark
) -> None:
    server = await rack.server(extra=VIEWER.replace('"fxtop.test.sync"', '"fxtop.test.>"'))
    bus = await viewer(park, server.url)
    agent = await park.bus(server.url, user=lambda: "agent", password=lambda: "pw")
    first: asyncio.Queue[Asked] = asyncio.Queue()
    await agent.listen("fxtop.test.ctl.>", first.put)
    await agent.publish("fxtop.test.ctl.itself", b"")
    await first.get()  # the server knows by now that the agent listens

    async def withdraw_and_ask_again() -> None:
        asked = await first.get()
        await server.reload(extra=server.spec.extra.replace('"fxtop.test.>"', '"fxtop.test.sync"'))
        forbidden = False
        while not forbidden:  # the server says that it has reloaded before every connection goes by it
            try:
                await bus.request(asked.subject, b"second", within=0.5)
            except NoAnswer:
                continue
            except NotAllowed:
                forbidden = True
        await agent.publish(asked.reply, b"it was done")

    answer = await settled(bus.request("fxtop.test.ctl.n1", b"first", within=WITHIN), withdraw_and_ask_again())
    assert answer.payload == b"it was done"


async def test_answers_go_to_their_own_questions(rack: Rack, park: BusPark) -> None:
    bus = await park.bus(await rack.server())

    async def echo(asked: Asked) -> None:
        await bus.publish(asked.reply, asked.payload)

    await bus.listen("fxtop.test.ctl.>", echo)
    asked = [bus.request(f"fxtop.test.ctl.node.n{n}.ping", b"%d" % n, within=WITHIN) for n in range(50)]
    assert [answer.payload for answer in await asyncio.gather(*asked)] == [b"%d" % n for n in range(50)]


async def test_gathering_takes_the_answers_of_all(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server)
    for name in (b"a", b"b", b"c"):
        await answering(await park.bus(server), "fxtop.test.who", name)
    answers = await bus.gather("fxtop.test.who", within=WITHIN, quiet=0.1)
    assert sorted(answer.payload for answer in answers) == [b"a", b"b", b"c"]


async def test_a_flood_of_answers_is_cut_off(rack: Rack, park: BusPark, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.bus.requests.MOST_BYTES", 10 * (OVERHEAD + 100))
    server = await rack.server()
    asker, flooder = await park.bus(server), await park.bus(server)

    async def flood(asked: Asked) -> None:
        for _ in range(50):
            await flooder.publish(asked.reply, b"x" * 100)

    await flooder.listen("question", flood)
    await flooder.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    assert len(await asker.gather("question", within=WITHIN, quiet=0.3)) == 10


async def test_gathering_from_nobody_is_no_error(rack: Rack, park: BusPark) -> None:
    bus = await park.bus(await rack.server())
    assert await bus.gather("fxtop.test.who", within=WITHIN) == []


async def test_a_message_over_the_servers_limit_is_not_sent(rack: Rack, park: BusPark) -> None:
    bus = await park.bus(await rack.server(extra="max_payload: 1024"))
    with pytest.raises(TooLarge, match="over the server's limit of 1024 bytes"):
        await bus.publish("fxtop.test.hb.node.n1", b"x" * 1025)
    with pytest.raises(TooLarge):
        await bus.publish("fxtop.test.hb.node.n1", b"x" * 1000, {"Fxtop-Subject": "y" * 100})
    await bus.publish("fxtop.test.hb.node.n1", b"x" * 1024)
    assert await bus.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    assert bus.status.reconnects == 0


@pytest.mark.parametrize("subject", ["", "two words", "line\r\nPUB evil 0\r\n"])
async def test_a_subject_that_is_none_is_refused(rack: Rack, park: BusPark, subject: str) -> None:
    bus = await park.bus(await rack.server())
    with pytest.raises(BusError, match="can't be sent"):
        await bus.publish(subject, b"x")
    with pytest.raises(BusError, match="can't be subscribed to"):
        await bus.subscribe(subject)
    assert bus.status.connected


async def test_a_late_answer_is_ignored(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    bus = await park.bus(server)
    replies: list[str] = []

    async def keep(asked: Asked) -> None:
        replies.append(asked.reply)

    await bus.listen("fxtop.test.ctl.>", keep)
    with pytest.raises(NoAnswer):
        await bus.request("fxtop.test.ctl.node.n1.ping", b"", within=0.05)
    raw = await RawClient.connect(server)
    await raw.publish(replies[0].encode(), b"too late")
    await raw.close()
    assert await bus.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    assert bus.status.in_msgs >= 3


def test_settings_show_no_secret() -> None:
    settings = BusSettings(servers=("tls://ann:hidden@mgr1:4222",), token=lambda: "hidden", name=CLUSTER)
    assert "hidden" not in repr(settings)


async def viewer(park: BusPark, url: str, inbox_prefix: str = "_INBOX_viewer") -> NatsBus:
    """A bus with the rights of a viewer."""
    return await park.bus(url, user=lambda: "viewer", password=lambda: "pw", inbox_prefix=inbox_prefix)


async def answering(agent: NatsBus, subject: str, words: bytes) -> None:
    """Let ``agent`` answer on ``subject``, and return when the server knows."""

    async def answer(asked: Asked) -> None:
        await agent.publish(asked.reply, words)

    await agent.listen(subject, answer)
    await agent.gather("$SYS.REQ.USER.INFO", quiet=0.01)
