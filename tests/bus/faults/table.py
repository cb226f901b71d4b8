"""The faults of a bus as one table: how each is caused and mended, who says what of it, and what is sent again.

README's table and the tests are made from it.
"""

from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tests.bus.faults.scene import AGENT, COMMAND, CONSOLE, Scene
from tests.relay import cabled

Act = Callable[[Scene], Awaitable[None]]


@dataclass(frozen=True)
class Fault:
    """One fault."""

    name: str
    prepare: Act
    """Makes the servers, and says how everybody reaches them."""
    strike: Act
    mend: Act
    """What a person does so that it mends, if anything."""
    seen: Mapping[str, str]
    """Who says what (a regular expression); who isn't named notices nothing and needn't."""
    mended_when: str
    """What ends it, in words."""


async def nothing(_: Scene) -> None:
    """Nobody has to do anything."""


async def plain(scene: Scene) -> None:
    scene.servers = [await scene.rack.server()]


async def with_token(scene: Scene) -> None:
    scene.servers = [await scene.rack.server(token="old-token")]
    secret = scene.folder / "token"
    secret.write_text("old-token")
    secret.chmod(0o600)
    scene.reach = {"token": secret.read_text}


async def with_tls(scene: Scene) -> None:
    scene.servers = [await scene.rack.server(tls=scene.authority.certificate("127.0.0.1"))]
    scene.reach = {"ca": scene.authority.file}


async def with_another(scene: Scene) -> None:
    scene.servers = await scene.rack.cluster(2)
    await scene.servers[1].kill()


async def kill(scene: Scene) -> None:
    await scene.server.kill()


async def start(scene: Scene) -> None:
    await scene.server.start()


async def freeze(scene: Scene) -> None:
    scene.server.freeze()


async def thaw(scene: Scene) -> None:
    scene.server.thaw()


async def change_token(scene: Scene) -> None:
    await scene.server.kill()
    scene.server.spec = replace(scene.server.spec, token="new-token")
    await scene.server.start()


async def learn_token(scene: Scene) -> None:
    (scene.folder / "token").write_text("new-token")


async def change_authority(scene: Scene) -> None:
    other = type(scene.authority).create(scene.folder / "other")
    await _present(scene, other.certificate("127.0.0.1"))


async def let_expire(scene: Scene) -> None:
    past = datetime.now(UTC) - timedelta(days=1)
    old = type(scene.authority)(scene.authority.ca, scene.folder)
    await _present(scene, old.certificate("127.0.0.1", expires=past))


async def renew(scene: Scene) -> None:
    await _present(scene, scene.authority.certificate("127.0.0.1"))


async def _present(scene: Scene, certificate: object) -> None:
    await scene.server.kill()
    scene.server.spec = replace(scene.server.spec, tls=certificate)  # type: ignore[arg-type]  # a Certificate
    await scene.server.start()


async def retire(scene: Scene) -> None:
    await scene.servers[1].start()
    await scene.server.lame_duck()


async def two_by_cable(scene: Scene) -> None:
    first, second, scene.cable = await cabled(scene.rack)
    scene.servers, scene.apart = [first, second], True


async def cut(scene: Scene) -> None:
    assert scene.cable is not None
    await scene.cable.cut()


async def splice(scene: Scene) -> None:
    assert scene.cable is not None
    await scene.cable.mend()


async def with_little_room(scene: Scene) -> None:
    scene.servers = [await scene.rack.server(extra='max_payload: 65536\nmax_pending: 65536\nwrite_deadline: "100ms"')]


async def stop_reading(scene: Scene) -> None:
    """Keep the console and the command from reading while somebody floods them."""
    flooding = threading.Thread(target=_flood, args=(scene.server.spec.port, b"fxtop.test.hb.node.flood", 60_000, 200))
    flooding.start()
    flooding.join()


def _flood(port: int, subject: bytes, size: int, count: int) -> None:
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b'CONNECT {"verbose":false}\r\n')
        message = b"PUB %b %d\r\n%b\r\n" % (subject, size, b"x" * size)
        with suppress(OSError):
            for _ in range(count):
                line.sendall(message)
            line.sendall(b"PING\r\n")
            line.settimeout(5)
            while b"PONG" not in line.recv(4096):
                continue


async def with_small_buffers(scene: Scene) -> None:
    scene.servers = [await scene.rack.server()]
    scene.reach = {"most_waiting": 500}


async def pour(scene: Scene) -> None:
    """Let more come at once than the console, the command and the agent have room for."""
    for subject, count in ((b"fxtop.test.hb.node.flood", 20_000), (b"fxtop.test.ctl.node.viz07.weight", 10_000)):
        flooding = threading.Thread(target=_flood, args=(scene.server.spec.port, subject, 2, count))
        flooding.start()
        flooding.join()


async def lower_limit(scene: Scene) -> None:
    await scene.server.reload(extra="max_payload: 200")


async def raise_limit(scene: Scene) -> None:
    await scene.server.reload(extra="max_payload: 1048576")


PERMITTED = (
    "no_auth_user: fx\n"
    'authorization { users: [ { user: fx, password: pw, permissions { publish: [">"], subscribe: [%s] } } ] }'
)


async def with_rights(scene: Scene) -> None:
    scene.servers = [await scene.rack.server(extra=PERMITTED % '">"')]
    scene.reach = {"user": lambda: "fx", "password": lambda: "pw"}
    if "retry_last" in scene.pace.bus:
        # While less is allowed than before, everybody connects anew every four of these; in a hurry an agent would do
        # little else, and what is asked of it meanwhile gets no answer.
        scene.reach["retry_last"] = 1.0


async def withdraw(scene: Scene) -> None:
    await scene.server.reload(extra=PERMITTED % '"_INBOX.>", "fxtop.*.sync", "fxtop.*.ctl.>"')


async def give_back(scene: Scene) -> None:
    await scene.server.reload(extra=PERMITTED % '">"')


async def step_clock(scene: Scene) -> None:
    scene.agent_clock.step = 3600.0


async def set_clock(scene: Scene) -> None:
    scene.agent_clock.step = 0.0


async def fill_disk(scene: Scene) -> None:
    scene.room = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, scene.room[1]))


async def make_room(scene: Scene) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, scene.room)


def everybody(words: str) -> dict[str, str]:
    return dict.fromkeys((CONSOLE, COMMAND, AGENT), words)


FAULTS: tuple[Fault, ...] = (
    Fault("server killed", plain, kill, start, everybody("refused|closed the connection"), "it runs again"),
    Fault("server frozen", plain, freeze, thaw, everybody("hasn't answered for|said nothing for"), "it goes on"),
    Fault(
        "server restarted with another token", with_token, change_token, learn_token,
        everybody("refuses the token"), "the token file has the new one",
    ),
    Fault(
        "certificate of another CA", with_tls, change_authority, renew,
        everybody("isn't signed by the CA"), "the server shows one that is",
    ),
    Fault("certificate expired", with_tls, let_expire, renew, everybody("has expired"), "it is renewed"),
    Fault(
        "server in lame duck mode", with_another, retire, nothing,
        {CONSOLE: "lame duck", COMMAND: "connected again", AGENT: "lame duck"}, "by itself",
    ),
    Fault(
        "cluster partitioned, the agent on the other side", two_by_cable, cut, splice,
        {CONSOLE: "is (stale|lost)", COMMAND: '"liveness":"(stale|lost)"'}, "the servers see each other",
    ),
    Fault(
        "reader too slow for the server", with_little_room, stop_reading, nothing,
        {CONSOLE: "reader too slow", COMMAND: "connected again"}, "by itself",
    ),
    Fault(
        "more comes than there is room for here", with_small_buffers, pour, nothing,
        {CONSOLE: "dropped here [0-9]+", COMMAND: "were dropped here", AGENT: "were dropped here"}, "by itself",
    ),
    Fault(
        "`max_payload` lowered", plain, lower_limit, raise_limit,
        {AGENT: "over the server's limit", CONSOLE: "is (stale|lost)", COMMAND: '"liveness":"(stale|lost)"'},
        "it is raised",
    ),
    Fault(
        "permissions withdrawn", with_rights, withdraw, give_back,
        {CONSOLE: "doesn't let this login listen|allows less", COMMAND: "connected again|allows less"},
        "they are given back",
    ),
    Fault("clock of a node stepped by 1 h", plain, step_clock, set_clock, {CONSOLE: "clock"}, "the clock is right"),
    Fault(
        "disk of the journal full", plain, fill_disk, make_room,
        {CONSOLE: "Nothing was sent, because it could not be recorded first"}, "there is room",
    ),
)  # fmt: skip

SENT_AGAIN = "logins, subscriptions, the question for the agents' state, and the question what became of a request"
NEVER_SENT_AGAIN = "a request: what could not leave, or got no answer, is told as such and is never sent later"
