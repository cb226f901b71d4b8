"""Which of several ways to see the transporter is taken."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import msgspec
import pytest

from fxtop.agent.collectors.http import Page
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.transporter import heartbeat
from fxtop.agent.transporter.ways import Way, Ways
from fxtop.protocol.transporter import TransporterHeartbeat
from tests.unit.agent.test_transporter import HEALTHY, ROUTEZ, VARZ

BEAT = heartbeat(Page(200, VARZ), Page(200, ROUTEZ), HEALTHY, interval=5.0, own_names=frozenset())


@dataclass
class Scripted:
    """A way that works or doesn't, as a test says."""

    name: str
    state: str = "works"

    async def read(self) -> TransporterHeartbeat:
        if self.state == "hangs":
            await asyncio.Event().wait()
        if self.state == "fails":
            raise CollectError(f"{self.name} is off.")
        return msgspec.structs.replace(BEAT, name=self.name)


class Site:
    """Three ways, the best one first."""

    def __init__(self, limit: float = 30.0) -> None:
        self.http, self.system, self.token = (Scripted(name) for name in ("http", "system", "token"))
        ways = [Way(view.name, view) for view in (self.http, self.system, self.token)]
        self.ways = Ways(ways, limit=limit, config=None, interval=5.0)

    async def taken(self) -> str | None:
        """The way of the next reading; None where there is none."""
        try:
            seen = await self.ways.read()
        except CollectError:
            return None
        assert isinstance(seen, TransporterHeartbeat)
        return seen.name


async def test_the_first_way_that_works_is_taken_at_once() -> None:
    site = Site()
    site.http.state = "fails"
    assert await site.taken() == "system"


async def test_a_worse_way_is_taken_when_the_better_ones_fail_again() -> None:
    site = Site()
    assert await site.taken() == "http"
    site.http.state = "fails"
    assert [await site.taken() for _ in range(3)] == [None, "system", "system"]


async def test_a_way_that_fails_once_is_kept() -> None:
    site = Site()
    assert await site.taken() == "http"
    for _ in range(2):
        site.http.state = "fails"
        assert await site.taken() is None
        site.http.state = "works"
        assert await site.taken() == "http"


async def test_a_better_way_is_taken_again_as_soon_as_it_works() -> None:
    site = Site()
    site.http.state = site.system.state = "fails"
    assert await site.taken() == "token"
    site.http.state = "works"
    assert await site.taken() == "http"


async def test_a_way_that_hangs_leaves_time_for_the_next() -> None:
    site = Site(limit=0.3)
    site.http.state = "hangs"
    assert await site.taken() == "system"


async def test_where_no_way_works_each_says_why() -> None:
    site = Site()
    for view in (site.http, site.system, site.token):
        view.state = "fails"
    with pytest.raises(CollectError, match=r"http is off\. system is off\. token is off\."):
        await site.ways.read()
