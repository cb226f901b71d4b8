"""A new connection asks who is there, and then for sessions, over as long as so many agents' answers take."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from fxtop.bus.joining import LEAST, MOST, OTHERS, SESSIONS, SPREAD, ask_all, spread_for
from fxtop.bus.settings import subscriptions
from fxtop.protocol.ids import ClusterSlug
from fxtop.protocol.presence import ALL_CLASSES, HeartbeatClass, Sync
from tests.natskit import BusPark, Rack, take


class Cluster:
    """Agents that answer at once; sessions are told in a third answer each."""

    def __init__(self, agents: int) -> None:
        self.agents = agents
        self.answers = 0
        self.asked: list[tuple[float, Sequence[HeartbeatClass]]] = []

    async def ask(self, spread: float, classes: Sequence[HeartbeatClass]) -> None:
        self.asked.append((spread, classes))
        self.answers += self.agents * (2 if "node" in classes else 1)


async def test_every_class_is_asked_for_once_and_sessions_last() -> None:
    cluster = Cluster(12)
    await ask_all(cluster.ask, lambda: cluster.answers)
    assert cluster.asked == [(SPREAD, OTHERS), (LEAST, SESSIONS)]
    assert sorted((*OTHERS, *SESSIONS)) == sorted(ALL_CLASSES)


async def test_many_agents_tell_their_sessions_over_a_longer_time() -> None:
    cluster = Cluster(10_000)
    cluster.answers = 50_000  # of a connection before
    await ask_all(cluster.ask, lambda: cluster.answers)
    assert cluster.asked[-1] == (spread_for(20_000), SESSIONS)
    assert 2 < spread_for(20_000) < 4


def test_no_size_makes_the_spread_useless() -> None:
    assert (spread_for(0), spread_for(10_000_000)) == (LEAST, MOST)


async def test_both_questions_come_to_the_agents(rack: Rack, park: BusPark) -> None:
    server = await rack.server()
    agent = await park.bus(server, cluster_subjects=("fxtop.test.sync",))
    await agent.gather("$SYS.REQ.USER.INFO", quiet=0.01)
    await park.bus(server, cluster_subjects=subscriptions(ClusterSlug("test")), sync_on_connect=True)
    questions = [msgspec.json.decode(message.payload, type=Sync) for message in await take(agent, 2)]
    assert [tuple(question.classes) for question in questions] == [OTHERS, SESSIONS]
