"""What one's own key may do, by the word of the agents: each goes by its own list, so each is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from fxtop.actions.courier import Courier, Letter, new_request
from fxtop.actions.verbs import VERBS
from fxtop.cluster.records import JobState, Liveness
from fxtop.cluster.words import naming
from fxtop.protocol.control import Args
from fxtop.protocol.ids import NodeId
from fxtop.protocol.standing import RESULT_FIELD, Standing

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

SAMPLE: Final = 5
"""Nodes that are asked where none is meant in particular: lists of keys seldom differ from node to node."""
LASTS: Final = 120.0
"""Seconds after which a sample is asked anew: a list may have changed."""
MOST: Final = 1000
"""Answers that are kept."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What one node said; ``standing`` is None where it said nothing of the key, ``detail`` why, as far as known."""

    node: NodeId
    standing: Standing | None
    detail: str = ""


class Permissions:
    """The answers of the agents, for the key that ``courier`` signs with.

    A ping changes nothing and is recorded nowhere, so it is asked without being armed.
    """

    def __init__(self, store: Store, courier: Callable[[], Courier]) -> None:
        self._store = store
        self._courier = courier
        self._standings: dict[NodeId, Standing] = {}
        self._sampled: tuple[float, float] | None = None
        """Monotonic seconds of the last sample, and of the connection that it was asked on."""
        self._answered = True
        """Whether anybody said anything when asked last; a login that may only look can't even ask."""

    async def ask(self, nodes: Iterable[NodeId]) -> list[Answered]:
        """What each of ``nodes`` says now. Refused where there is no key to ask for."""
        letters = [Letter(new_request(), node, "ping", Args()) for node in nodes]
        heard = await self._courier().carry_all(letters)
        answers: list[Answered] = []
        for letter, each in zip(letters, heard, strict=True):
            node = NodeId(letter.target)
            done = each.reply is not None and each.state is JobState.DONE
            standing = _standing(each.reply.result) if done and each.reply is not None else None
            answers.append(Answered(node, standing, "" if done else each.detail))
            self._remember(node, standing)
        self._answered = any(answer.standing is not None for answer in answers)
        return answers

    def due(self, connected_since: float) -> list[NodeId]:
        """The nodes to ask now, if it is time for that; asking them is the caller's.

        Where nobody said anything, they are asked again on the next connection only.
        """
        now = self._store.clock.monotonic()
        if self._sampled is not None and self._sampled[1] == connected_since:
            recent = now - self._sampled[0] < LASTS
            if recent or not self._answered:
                return []
        nodes = [
            id_ for id_, row in self._store.nodes.items() if row.liveness is Liveness.LIVE and row.beat is not None
        ]
        if not nodes:
            return []
        self._sampled = now, connected_since
        step = max(1, len(nodes) // SAMPLE)
        return nodes[::step][:SAMPLE]

    def objection(self, verb: str, nodes: Sequence[NodeId] = ()) -> str | None:
        """Why the key may not ask for ``verb``, as a sentence; None where it may, or where nobody said so.

        With ``nodes``: why one of them will refuse it. Without: why all that were asked would.
        """
        if verb not in VERBS:
            return None
        said = {node: self._standings[node] for node in nodes or self._standings if node in self._standings}
        refusing = {node: why for node, standing in said.items() if (why := forbids(standing, verb))}
        if not refusing or (not nodes and len(refusing) < len(said)):
            return None
        reason = next(iter(refusing.values()))
        if nodes:
            return f"{naming(list(refusing))} will refuse this: {reason}."
        return f"This key may not {verb}: {reason}."

    def _remember(self, node: NodeId, standing: Standing | None) -> None:
        self._standings.pop(node, None)
        if standing is not None:
            self._standings[node] = standing
            while len(self._standings) > MOST:
                del self._standings[next(iter(self._standings))]


def forbids(standing: Standing, verb: str) -> str | None:
    """Why ``verb`` would be refused, as the end of a sentence; None where it may be asked for."""
    if standing.code:
        return standing.detail.rstrip(".") or standing.code
    if verb in standing.verbs:
        return None
    return f"the role {standing.role} doesn't allow it there"


def limits(standing: Standing) -> Iterator[str]:
    """What a role allows only in part, in words."""
    if standing.sessions is not None:
        yield f"ends at most {standing.sessions} at a time"
    if standing.users:
        yield f"only sessions of {', '.join(standing.users)}"


def _standing(result: object) -> Standing | None:
    """None from an agent that doesn't know the question yet."""
    try:
        said = msgspec.convert(result, dict[str, object]).get(RESULT_FIELD)
        return None if said is None else msgspec.convert(said, Standing)
    except msgspec.ValidationError:
        return None
