"""Which node a host name means. Licence servers and NATS clients name hosts their own way; we know ids and FQDNs."""

from __future__ import annotations

import re
from typing import Final

from fxtop.protocol.ids import NodeId

_ADDRESS: Final = re.compile(r"[\d.]+|.*:.*")
"""What is an address and has no short name."""


class Hosts:
    """The names of all nodes: id, host, and the short form of each."""

    def __init__(self) -> None:
        self._names: dict[NodeId, frozenset[str]] = {}
        self._exact: dict[str, set[NodeId]] = {}
        self._short: dict[str, set[NodeId]] = {}

    def name(self, node: NodeId, host: str) -> bool:
        """Let ``node`` answer to its id and to ``host``, and to no other host; True where this is news."""
        names = frozenset({node.lower(), host.lower()})
        before = self._names.get(node)
        if names == before:
            return False
        for name in before or ():
            _discard(self._exact, name, node)
            _discard(self._short, short(name), node)
        for name in names:
            self._exact.setdefault(name, set()).add(node)
            self._short.setdefault(short(name), set()).add(node)
        self._names[node] = names
        return True

    def resolve(self, host: str) -> NodeId | None:
        """The node that ``host`` names, by id, FQDN or short name; None where there is none, or more than one."""
        wanted = host.lower()
        found = self._exact.get(wanted) or {
            node for node in self._short.get(short(wanted), ()) if self._may_be(node, wanted)
        }
        return next(iter(found)) if len(found) == 1 else None

    def _may_be(self, node: NodeId, host: str) -> bool:
        """Whether ``node`` is not known to be in another domain than ``host``."""
        return "." not in host or all("." not in name or name == host for name in self._names[node])


def short(host: str) -> str:
    """The first label of a host name; an address stays whole."""
    return host if _ADDRESS.fullmatch(host) else host.partition(".")[0]


def _discard(names: dict[str, set[NodeId]], name: str, node: NodeId) -> None:
    nodes = names.get(name)
    if nodes is not None:
        nodes.discard(node)
        if not nodes:
            del names[name]
