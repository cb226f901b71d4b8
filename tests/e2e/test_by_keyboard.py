"""The whole of it: a person drains a node and ends its sessions from the keyboard, and the bus shows that it happened.

The person has a terminal with ``fxtop demo`` in it. What happened is seen by a NATS client that shares no code with
fxtop.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import tomllib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import nats
from nats.aio.msg import Msg

from tests.ptykit import DOWN, ENTER, WITHIN, Terminal

NODE: Final = "viz01.example.edu"
LAUNCH: Final = ("demo", "--nodes", "4", "--sessions", "12", "--seed", "3")
"""By this seed all sessions of the node end when they are asked to, so that nobody has to wait for their grace."""


class Heard(NamedTuple):
    """A message as it was on the bus."""

    subject: list[str]
    """Its parts after ``fxtop.<cluster>.``, decoded."""
    body: Any


class Witness:
    """Hears everything that fxtop's programs say on a bus."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self._news = asyncio.Event()

    async def hear(self, message: Msg) -> None:
        """Keep a message."""
        _, _, *subject = map(unquote, message.subject.split("."))
        self.heard.append(Heard(subject, json.loads(message.data)))
        self._news.set()

    def said(self, *subject: str) -> Iterator[Any]:
        """What was said on subjects that begin so, oldest first."""
        return (heard.body for heard in self.heard if heard.subject[: len(subject)] == list(subject))

    async def hears(self, what: Callable[[Any], bool], *subject: str) -> Any:
        """The first message on such a subject of which ``what`` is true, when it has come."""
        async with asyncio.timeout(WITHIN):
            while (found := next(filter(what, self.said(*subject)), None)) is None:
                self._news.clear()
                await self._news.wait()
        return found


class Way(NamedTuple):
    """How to reach a cluster."""

    servers: list[str]
    token: str
    ca: str

    @classmethod
    def to(cls, config: Path) -> Way:
        """The way that a ``config.toml`` of the demo tells."""
        cluster = tomllib.loads(config.read_text())["clusters"]["demo"]
        return cls(cluster["servers"], Path(cluster["token_file"]).read_text().strip(), cluster["ca"])


@asynccontextmanager
async def witness(way: Way) -> AsyncIterator[Witness]:
    """A witness on a cluster."""
    client = await nats.connect(way.servers, token=way.token, tls=ssl.create_default_context(cafile=way.ca))
    made = Witness()
    await client.subscribe("fxtop.demo.>", cb=made.hear)
    await client.flush()
    try:
        yield made
    finally:
        await client.close()


async def test_a_drain_and_a_terminate_go_out_take_effect_and_are_followed_to_their_end(tmp_path: Path) -> None:
    async with Terminal(tmp_path, 120, 40, TMPDIR=str(tmp_path)) as terminal:
        await terminal.run(*LAUNCH)
        await terminal.shows("1: Nodes 4", "READ-ONLY")
        async with witness(Way.to(only_config(tmp_path))) as bus:
            terminal.type("W")
            await terminal.shows("ARMED")
            await drain(terminal)
            await see_the_drain(bus)
            ended = await terminate(terminal, bus)
            await see_the_end_of(ended, bus)
            await terminal.shows("drained")
        await see_the_jobs(terminal)
        terminal.type("q")
        assert await terminal.ended() == 0
    assert not list_demos(tmp_path)


async def drain(terminal: Terminal) -> None:
    """Choose the node by a filter, read the plan, give a reason, and send it."""
    terminal.type("/viz01")
    await terminal.shows("1 of 4")
    terminal.type(ENTER)
    await terminal.hides("/ viz01")
    terminal.type("D")
    await terminal.shows("Drain 1 node on", NODE)
    terminal.type("kernel update" + DOWN)
    await terminal.shows("kernel update")
    terminal.type(ENTER)
    await terminal.shows("Drain was sent")


async def see_the_drain(bus: Witness) -> None:
    """The node itself says that it drains, for whom and why, and has recorded it."""
    beat = await bus.hears(lambda beat: beat["state"] != "active", "hb", "node", NODE)
    assert beat["state"] == "draining"
    assert (beat["drain"]["by"], beat["drain"]["reason"]) == ("demo", "kernel update")
    audit = await bus.hears(lambda audit: audit["verb"] == "drain", "audit", NODE)
    assert (audit["decision"], audit["operator"], audit["reason"]) == ("accepted", "demo", "kernel update")


async def terminate(terminal: Terminal, bus: Witness) -> set[str]:
    """Mark all sessions of the node and end them; their ids, as the node has told them."""
    terminal.type("3/node:viz01")
    await terminal.shows("/node:viz01")
    terminal.type(ENTER)
    await terminal.hides("/ node:viz01", "/node:viz01, 0 of")  # a console hears of sessions after it heard of nodes
    terminal.type("a")
    await terminal.shows("marked")
    terminal.type("T")
    await terminal.shows("Terminate", "Reason")
    terminal.type("update now")
    await terminal.shows("update now")
    terminal.type(ENTER)
    await terminal.shows("Terminate was sent")
    audit = await bus.hears(lambda audit: audit["verb"] == "terminate", "audit", NODE)
    assert (audit["decision"], audit["operator"], audit["reason"]) == ("accepted", "demo", "update now")
    ended: set[str] = set(audit["args"]["sessions"])
    assert ended
    return ended


async def see_the_end_of(ended: set[str], bus: Witness) -> None:
    """Every session is said to have ended, the job is done, and so is the drain, since nothing is left."""
    for session in ended:
        await bus.hears(lambda session: session["state"] == "ended", "session", NODE, session)
    done = await bus.hears(lambda job: job["verb"] == "terminate" and job["status"] != "running", "job")
    assert done["status"] == "done"
    assert {item["id"] for item in done["items"]} == ended
    await bus.hears(lambda beat: beat["state"] == "drained", "hb", "node", NODE)
    await bus.hears(lambda job: job["verb"] == "drain" and job["status"] == "done", "job")


async def see_the_jobs(terminal: Terminal) -> None:
    """Both stand in the Jobs pane as done, with who wanted them and why."""

    def job(verb: str, reason: str) -> bool:
        return any(all(word in line for word in (verb, "done", reason)) for line in terminal.lines)

    terminal.type("5")
    await terminal.until(lambda: job("drain", "kernel") and job("terminate", "update now"), "both jobs done")


def only_config(place: Path) -> Path:
    """The configuration of the one demo that runs with ``place`` for its temporary files."""
    (folder,) = list_demos(place)
    return folder / "config.toml"


def list_demos(place: Path) -> list[Path]:
    """The folders of demos."""
    return list(place.glob("fxtop-demo-*"))
