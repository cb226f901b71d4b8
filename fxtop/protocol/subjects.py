"""Subjects: how they are built, and what they say of a message (protocol 1 to 4).

An id used as a token is percent-encoded, so that a host name's dots don't split it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from fxtop.protocol.ids import ClusterSlug

ROOT: Final = "fxtop"
DEFAULT_CLUSTER: Final = ClusterSlug("fastx")

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_PLAIN: Final = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
_CLASSES: Final[dict[tuple[str, ...], int]] = {
    ("hb", "node"): 1,
    ("facts", "node"): 1,
    ("session",): 2,
    ("sessions",): 1,
    ("hb", "transporter"): 1,
    ("hb", "license"): 1,
    ("hb", "store"): 1,
    ("bye", "node"): 1,
    ("bye", "transporter"): 1,
    ("bye", "license"): 1,
    ("bye", "store"): 1,
    ("sync",): 0,
    ("ctl", "node"): 2,
    ("ctl", "manager"): 1,
    ("job",): 1,
    ("audit",): 1,
    ("intent",): 1,
}
"""Each subject class with the number of tokens that follow it."""


class Subject(NamedTuple):
    """A subject taken apart: its class (``hb.node``, ``session`` …) and its decoded ids, a verb among them."""

    cluster: str
    kind: str
    ids: tuple[str, ...]


def cluster_slug(name: str) -> ClusterSlug:
    """``name`` as a cluster's slug; ValueError with a sentence when it can't be one."""
    if _SLUG.fullmatch(name):
        return ClusterSlug(name)
    raise ValueError(
        f"'{name}' can't be a cluster's name on the bus: "
        "use 1 to 32 of a-z, 0-9 and '-', beginning with a letter or digit."
    )


@lru_cache(maxsize=65536)
def token(value: str) -> str:
    """``value`` as one subject token: each byte outside ``A-Z a-z 0-9 _ -`` becomes ``%XX``."""
    return "".join(chr(b) if b in _PLAIN else f"%{b:02X}" for b in value.encode("utf-8", "surrogatepass"))


def build(cluster: ClusterSlug, kind: str, *ids: str) -> str:
    """The subject of class ``kind`` in ``cluster`` for the true ``ids``."""
    return ".".join((ROOT, cluster, kind, *map(token, ids)))


def wildcard(cluster: ClusterSlug, kind: str) -> str:
    """A subscription to every subject of class ``kind`` in ``cluster``."""
    return f"{ROOT}.{cluster}.{kind}.>"


def parse(subject: str) -> Subject | None:
    """The parts of ``subject``, or None when it isn't one of the protocol's."""
    parts = subject.split(".")
    if len(parts) < 3 or parts[0] != ROOT or not _SLUG.fullmatch(parts[1]) or "" in parts:
        return None
    for width in (2, 1):
        kind = tuple(parts[2 : 2 + width])
        ids = parts[2 + width :]
        if _CLASSES.get(kind) == len(ids):
            try:
                return Subject(parts[1], ".".join(kind), tuple(_untoken(part) for part in ids))
            except UnicodeDecodeError:
                return None
    return None


def _untoken(part: str) -> str:
    return unquote_to_bytes(part).decode() if "%" in part else part
