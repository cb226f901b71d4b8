"""Folding in what FastX's own bus tells: which node a broker belongs to, and rows for nodes that no agent speaks of.

A broker belongs to the node of an agent on the same host, by id, host name or address, where that is exactly one; what
the agent tells counts, and this fills in the rest. A broker without an agent beside it is a node of its own under its
id, until an agent speaks up or the broker is forgotten.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from typing import Final

from fxtop.cluster.history import History
from fxtop.cluster.hosts import Hosts
from fxtop.cluster.namesakes import Namesakes
from fxtop.cluster.nodes import Nodes
from fxtop.cluster.records import NodeRow
from fxtop.cluster.tables import Tables
from fxtop.cluster.voices import Overheard, Voice, VoiceKey
from fxtop.protocol.ids import NodeId

PRUNE_EVERY: Final = 30.0
NOBODYS: Final = "localhost"
"""A host name that every host has."""


class Unofficial:
    """Keeps ``unofficial`` of the node rows."""

    def __init__(self, tables: Tables, nodes: Nodes) -> None:
        self._tables = tables
        self._nodes = nodes
        self._agents = Hosts()
        self._namesakes = Namesakes()
        self._indexed = False
        self._homes: dict[VoiceKey, NodeId] = {}
        self._voices: dict[NodeId, dict[VoiceKey, Voice]] = {}
        self._pruned = tables.clock.monotonic()

    def hear(self, voices: Iterable[Voice]) -> None:
        """Take what brokers were heard to be."""
        for voice in voices:
            self._index()
            self._place(voice)

    def forget(self, node: NodeId) -> None:
        """No agent speaks of ``node`` any more."""
        self._agents.forget(node)

    def settle(self) -> None:
        """Bring brokers to their agents, where the agents of the last batch are new or have other names."""
        if self._indexed and (concerned := self._name(self._tables.dirty.nodes)):
            self._place_again(concerned)

    def advance(self, now: float) -> None:
        """Forget brokers that are long silent at monotonic ``now``."""
        if now < self._pruned + PRUNE_EVERY:
            return
        self._pruned = now
        voices = [voice for home in self._voices.values() for voice in home.values()]
        spoke: dict[str, float] = {}
        for voice in voices:
            spoke[voice.hostname] = max(voice.heard, spoke.get(voice.hostname, voice.heard))
        for voice in voices:
            followed = _names_a_host(voice.hostname) and spoke[voice.hostname] > voice.heard
            if voice.forgettable(now, followed=followed):
                self._namesakes.forget(voice.key)
                self._leave(voice.key, self._homes.pop(voice.key))

    def _index(self) -> None:
        """Learn the agents that spoke before the first broker did."""
        if not self._indexed:
            self._indexed = True
            self._name(self._tables.nodes)

    def _name(self, nodes: Iterable[NodeId]) -> set[VoiceKey]:
        """Learn the names of those among ``nodes`` that an agent speaks of; the brokers that news of these concern."""
        concerned: set[VoiceKey] = set()
        for node in nodes:
            row = self._tables.nodes.get(node)
            before = self._agents.names(node)
            if row is not None and row.by_agent and self._agents.name(row.id, row.host):
                concerned |= self._namesakes.of(*before, row.id, row.host)
                concerned.update(self._voices.get(row.id, ()))
        return concerned

    def _place(self, voice: Voice) -> None:
        home, before = self._home(voice), self._homes.get(voice.key)
        if self._nodes.roster.full(home, f"{voice.key.prefix}.HEARTBEAT"):
            return
        if before is not None and before != home:
            self._leave(voice.key, before)
        self._namesakes.know(voice)
        self._homes[voice.key] = home
        self._voices.setdefault(home, {})[voice.key] = voice
        self._show(home, voice)

    def _place_again(self, concerned: Iterable[VoiceKey]) -> None:
        for voice in [self._voices[self._homes[key]][key] for key in concerned]:
            if self._home(voice) != self._homes[voice.key]:
                self._place(voice)

    def _home(self, voice: Voice) -> NodeId:
        return self._agent_beside(voice) or NodeId(voice.key.broker)

    def _agent_beside(self, voice: Voice) -> NodeId | None:
        for name in (voice.key.broker, voice.hostname):
            if _names_a_host(name) and (node := self._agents.resolve(name)):
                return node
        found = {self._agents.resolve(address) for address in voice.addresses if _is_ones_own(address)} - {None}
        return found.pop() if len(found) == 1 else None

    def _show(self, node: NodeId, voice: Voice) -> None:
        """Bring the row of a node up to date with a broker that was just heard, or just moved there."""
        row = self._tables.nodes.get(node)
        if row is None or not (row.by_agent or voice.left):
            row = self._nodes.roster.heard(node, voice.heard)
        row.unofficial = Overheard.of(self._voices[node].values())
        if not row.by_agent:
            self._stand(row, row.unofficial.latest)
        self._tables.node_changed(row)

    def _stand(self, row: NodeRow, latest: Voice) -> None:
        """No agent speaks of the row: its age and its past are the broker's."""
        row.heard = latest.heard
        self._nodes.roster.hasten(row.id)
        if latest.left:
            self._nodes.roster.leave(row.id)
        elif latest.cpu is not None and latest.cpu_at is not None:
            row.history = History(1) if row.history is None else row.history
            row.history.push(latest.cpu_at, latest.cpu)

    def _leave(self, key: VoiceKey, node: NodeId) -> None:
        """Take a broker off a node, and the node away where nothing is left of it."""
        voices = self._voices[node]
        del voices[key]
        row = self._tables.nodes[node]
        row.unofficial = Overheard.of(voices.values()) if voices else None
        if not voices:
            del self._voices[node]
        if voices or row.by_agent:
            self._tables.node_changed(row)
        else:
            self._nodes.forget(row)


def _names_a_host(name: str) -> bool:
    """Whether a host name can tell a host from others."""
    return bool(name) and name.partition(".")[0].lower() != NOBODYS


def _is_ones_own(address: str) -> bool:
    """Whether an address can tell a host from others."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return not (parsed.is_loopback or parsed.is_link_local or parsed.is_unspecified or parsed.is_multicast)
