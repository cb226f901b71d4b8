"""Which node a host name means. Licence servers and NATS clients name hosts their own way; we know ids and FQDNs."""

from __future__ import annotations

import re
from typing import Final

from fxtop.protocol.ids import NodeId

_ADDRESS: Final = re.compile(r"[\d.]+|.*:.*")
"""What is an address and has no short name."""


MOST_NAMESAKES: Final = 16
"""Nodes kept of those that share a name, as ``localhost``; such a name means none of them anyway."""

Named = dict[str, tuple[NodeId, ...]]
"""Nodes by a name; nearly always one, so that a tuple is by far the smallest thing to keep them in."""


class Hosts:
    """The names of all nodes: id, host, and the short form of each."""

    def __init__(self) -> None:
        self._names: dict[NodeId, tuple[str, ...]] = {}
        self._exact: Named = {}
        self._short: Named = {}

    def name(self, node: NodeId, host: str) -> bool:
        """Let ``node`` answer to its id and to ``host``, and to no other host; True where this is news."""
        names = tuple(dict.fromkeys((_lower(node), _lower(host))))
        before = self._names.get(node, ())
        if names == before:
            return False
        alone, shorts = (node,), [names[0] if short(name) == names[0] else short(name) for name in names]
        for name in before:
            if name not in names:
                _drop(self._exact, name, node)
            if short(name) not in shorts:
                _drop(self._short, short(name), node)
        for name, cut in zip(names, shorts, strict=True):
            if name not in before:
                _add(self._exact, name, alone)
                _add(self._short, cut, alone)
        self._names[node] = names
        return True

    def names(self, node: NodeId) -> tuple[str, ...]:
        """What ``node`` answers to, in full."""
        return self._names.get(node, ())

    def forget(self, node: NodeId) -> None:
        """Let ``node`` answer to nothing any more."""
        for name in self._names.pop(node, ()):
            _drop(self._exact, name, node)
            _drop(self._short, short(name), node)

    def resolve(self, host: str) -> NodeId | None:
        """The node that ``host`` names, by id, FQDN or short name; None where there is none, or more than one."""
        wanted = host.lower()
        found = self._exact.get(wanted) or tuple(
            node for node in self._short.get(short(wanted), ()) if self._may_be(node, wanted)
        )
        return found[0] if len(found) == 1 else None

    def _may_be(self, node: NodeId, host: str) -> bool:
        """Whether ``node`` is not known to be in another domain than ``host``."""
        return "." not in host or all("." not in name or name == host for name in self._names[node])


def short(host: str) -> str:
    """The first label of a host name; an address stays whole."""
    return host if "." not in host or _ADDRESS.fullmatch(host) else host.partition(".")[0]


def _lower(name: str) -> str:
    """``name`` itself where it is in small letters, as nearly all are: kept once and not twice."""
    lower = name.lower()
    return name if lower == name else lower


def _add(named: Named, name: str, alone: tuple[NodeId]) -> None:
    nodes = named.setdefault(name, alone)
    if alone[0] not in nodes and len(nodes) < MOST_NAMESAKES:
        named[name] = (*nodes, *alone)


def _drop(named: Named, name: str, node: NodeId) -> None:
    left = tuple(other for other in named.get(name, ()) if other != node)
    if left:
        named[name] = left
    else:
        named.pop(name, None)
