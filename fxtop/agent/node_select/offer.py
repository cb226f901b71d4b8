"""What FastX offers: the input of a load balancer, read with distrust.

The shape is the vendor's (help page "Load Balancing"). The keys of ``health`` are not documented; those of Moleculer
are taken where they are, and none is needed.
"""

from __future__ import annotations

import json
from typing import Any, Final, NamedTuple

MOST_BYTES: Final = 32 * 2**20
"""Of input: far over what thousands of nodes with their sessions come to."""
_TOO_MUCH: Final = 1e18
"""No load, no count and no number of bytes is over that."""


class BadInput(Exception):
    """The input is none that a node could be chosen from; the text is a sentence, and quotes nothing of it."""


class Offer(NamedTuple):
    """A node that FastX would start a session on. What the input doesn't tell is None."""

    id: str
    hostname: str | None
    sessions: int | None
    load: float | None
    """Load average over a minute for each core."""
    free: float | None
    """Bytes of free memory."""
    free_share: float | None
    node: dict[str, Any]
    """All that FastX said of it."""


class Request(NamedTuple):
    """One question of FastX's."""

    offers: tuple[Offer, ...]
    """Each id once, in FastX's order."""
    rest: dict[str, Any]
    """The input without its nodes; and without ``params``, a live credential, unless they were asked for."""


def parse(raw: bytes, *, keep_params: bool = False) -> Request:
    """The question that ``raw`` asks.

    Args:
        raw: the whole input.
        keep_params: the user, the start object and the JWT are needed, for a script that expects them.

    Raises:
        BadInput: there is no list of nodes in it.
    """
    document = _document(raw)
    if not keep_params:
        document.pop("params", None)
    nodes = document.pop("nodes", None)
    if not isinstance(nodes, list):
        raise BadInput('The input has no list "nodes": it is not what FastX sends to a load balancer.')
    offers: dict[str, Offer] = {}
    for node in nodes:
        id_ = node.get("id") if isinstance(node, dict) else None
        if isinstance(id_, str) and _is_usable(id_):
            offers.setdefault(id_, _offer(id_, node))
    return Request(tuple(offers.values()), document)


def _document(raw: bytes) -> dict[str, Any]:
    if len(raw) > MOST_BYTES:
        raise BadInput(f"The input is over {MOST_BYTES // 2**20} MiB: no node was chosen.")
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):  # the error's own text may quote the input
        raise BadInput("The input is not JSON: FastX sends one object on stdin.") from None
    if not isinstance(document, dict):
        raise BadInput("The input is JSON, but no object: FastX sends one with nodes and params.")
    return document


def _is_usable(id_: str) -> bool:
    """Whether FastX would read from our output what it offered: one line, and nothing at its ends to be trimmed."""
    return id_ != "" and id_.isprintable() and id_ == id_.strip()


def _offer(id_: str, node: dict[str, Any]) -> Offer:
    data = _object(node, "nodeData")
    health = _object(data, "health")
    hostname = _object(health, "os").get("hostname")
    free, free_share = _memory(_object(health, "mem"))
    return Offer(
        id=id_,
        hostname=hostname if isinstance(hostname, str) and hostname else None,
        sessions=_count(data.get("sessions")),
        load=_load(_object(health, "cpu")),
        free=free,
        free_share=free_share,
        node=node,
    )


def _object(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _count(sessions: object) -> int | None:
    """FastX 4 and later list them, version 3 counted them."""
    if isinstance(sessions, list | dict):
        return len(sessions)
    counted = _number(sessions)
    return None if counted is None else int(counted)


def _load(cpu: dict[str, Any]) -> float | None:
    load, cores = _number(cpu.get("load1")), _number(cpu.get("cores"))
    if load is not None and cores:
        return load / cores
    utilization = _number(cpu.get("utilization"))  # Moleculer makes it from load1, in percent
    return None if utilization is None else utilization / 100


def _memory(memory: dict[str, Any]) -> tuple[float | None, float | None]:
    """Bytes and share of what is free. Moleculer's ``percent`` is that of the memory which is free, not used."""
    free, total, percent = (_number(memory.get(key)) for key in ("free", "total", "percent"))
    share = free / total if free is not None and total else None if percent is None else percent / 100
    if free is None and share is not None and total:
        free = share * total
    return free, share


def _number(value: object) -> float | None:
    """A number that can be one of those here; NaN compares false with everything."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value < _TOO_MUCH else None
