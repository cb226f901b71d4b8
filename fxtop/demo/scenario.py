"""Stories that the demo can play: what happens, and when."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from fxtop.demo.cluster import DemoCluster
from fxtop.protocol.ids import NodeId

GHOSTS: Final = 9
"""Seats that are held by nobody in the incident."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Scene:
    """Something that happens."""

    at: float
    """Seconds after the story's beginning."""
    what: str
    """In a sentence, for who wants to know what to look for."""
    act: Callable[[DemoCluster], Awaitable[None]]


async def _node_silent(cluster: DemoCluster) -> None:
    await cluster.silence(_pick(cluster, 4))


async def _transporter_lost(cluster: DemoCluster) -> None:
    await cluster.servers.all[-1].kill()


async def _seats_full(cluster: DemoCluster) -> None:
    world = cluster.world
    world.leave_ghosts(GHOSTS)
    for _ in range(2 * world.licenses.free + GHOSTS):
        if world.licenses.free <= 0:
            break
        world.start_one()
    world.surge(GHOSTS)  # these find no seat, and are denied one


async def _session_hangs(cluster: DemoCluster) -> None:
    cluster.world.hang_one(_pick(cluster, 2))


async def _transporter_back(cluster: DemoCluster) -> None:
    await cluster.servers.all[-1].start()


SCENARIOS: Final[dict[str, Sequence[Scene]]] = {
    "calm": (),
    "incident": (
        Scene(15, "A node falls silent.", _node_silent),
        Scene(35, "A transporter drops out.", _transporter_lost),
        Scene(55, "Seats run full, and ghosts hold some of them.", _seats_full),
        Scene(75, "A session hangs in the queue, and its scheduler says why.", _session_hangs),
        Scene(105, "The transporter is back.", _transporter_back),
    ),
}


async def play(
    scenes: Sequence[Scene], cluster: DemoCluster, *, speed: float = 1.0, tell: Callable[[Scene], None]
) -> None:
    """Let the ``scenes`` happen at their moments, ``speed`` times as fast as they are told, and ``tell`` of each."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for scene in scenes:
        await asyncio.sleep(began + scene.at / speed - loop.time())
        log.info("%s", scene.what)
        tell(scene)
        await scene.act(cluster)


def _pick(cluster: DemoCluster, place: int) -> NodeId:
    """A node that is no manager; the ``place``-th, or the last of few."""
    choice = cluster.nodes or cluster.managers
    return choice[min(place, len(choice)) - 1]
