"""Whatever bytes come in, on whatever subject: nothing raises, all is counted, and all can still be told."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.cluster.capacity import placements, room
from fxtop.cluster.findings import findings
from fxtop.cluster.joins import holders_of, sessions_of_user
from fxtop.cluster.summary import summarize
from fxtop.protocol.inbound import Inbound
from tests.unit.cluster.kit import CLUSTER, Site

NUMBERS = st.sampled_from([0, -1, 1, 2**53, 2**63 - 1, 2**64, 1e308, -1e308, 1e-308, 0.2, 300.0, 0.5])
TEXTS = st.sampled_from(
    ["", "x" * 2_000, "\x1b]0;x\x07", "\u202e", "viz01", "r1", "ended", "ghost", "{}", "\ud83d\ude00"]
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


def valid_messages() -> list[tuple[str, dict[str, Any]]]:
    """One of each kind, with all that they can hold."""
    recorded: list[tuple[str, bytes]] = []
    site = Site()
    site.raw = lambda subject, payload, **_: recorded.append((subject, payload))  # type: ignore[method-assign]  # kept, not folded in
    drain = {"by": "bob", "reason": "x", "since": 1.0, "deadline": 2.0}
    site.beat(state="draining", drain=drain)
    site.facts(
        dirs=[{"name": "FX_TEMP_DIR", "path": "/tmp", "network": True}], transporters=[{"server_id": "S1", "name": "s"}]
    )
    site.session(state="pending", created=1.0, pending={"scheduler": "slurm"})
    site.snapshot("viz01", "s1", {"id": "s2", "state": "ghost"})
    site.transporter("S1", routes=("S2",))
    site.license(("ann", "viz01"))
    site.share(peers=[{"id": "p", "name": "p", "connected": False}])
    site.bye("node", "viz01")
    site.progress("r1", items=[{"id": "s1", "status": "running"}])
    site.audit("r1", args={"sessions": ["s1"]})
    return [(subject, json.loads(payload)) for subject, payload in recorded]


VALID = valid_messages()


@st.composite
def bent_messages(draw: st.DrawFn) -> tuple[str, bytes]:
    """A message of which a few fields, at any depth, are something else."""
    subject, message = draw(st.sampled_from(VALID))
    message = json.loads(json.dumps(message))
    for _ in range(draw(st.integers(0, 3))):
        inner: Any = message
        while True:
            at = draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
            if isinstance(inner[at], dict | list) and inner[at] and draw(st.booleans()):
                inner = inner[at]
                continue
            inner[at] = draw(ANYTHING)
            break
    return subject, json.dumps(message).encode()


def look_at_everything(site: Site) -> None:
    """Ask all that a screen would ask."""
    site.wait(10.0)
    summarize(site.store)
    findings(site.store)
    placements(site.store)
    room(site.store)
    sessions_of_user(site.store, "ann")
    for key in site.store.sessions:
        holders_of(site.store, key)
    for node in site.store.nodes.values():
        assert all(math.isfinite(value) for ring in (node.cpu, node.load) if ring for value in ring.values())
    site.store.drain_dirty()


@settings(max_examples=300, deadline=None)
@given(st.lists(bent_messages(), max_size=8))
def test_messages_with_anything_in_them_are_taken_or_counted(messages: list[tuple[str, bytes]]) -> None:
    site = Site()
    for subject, payload in messages:
        site.store.fold([Inbound(subject, payload, site.clock.monotonic())])
    intake = site.store.intake
    assert intake.accepted + intake.old + intake.rejected_total >= len(messages)
    look_at_everything(site)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.binary(max_size=30)), max_size=5))
def test_any_bytes_on_any_subject_are_counted(messages: list[tuple[str, bytes]]) -> None:
    site = Site()
    site.store.fold([Inbound(subject, payload, site.clock.monotonic()) for subject, payload in messages])
    assert site.store.intake.rejected_total == len(messages)
    look_at_everything(site)


@pytest.mark.parametrize("depth", [10, 1_000, 100_000])
def test_nesting_of_any_depth_is_survived(depth: int) -> None:
    site = Site()
    nested = b"[" * depth + b"]" * depth
    site.raw(
        f"fxtop.{CLUSTER}.audit.viz01",
        b'{"v":1,"request":"r","operator":"o","verb":"drain","decision":"accepted","ts":1,"args":{"sessions":'
        + nested
        + b"}}",
    )
    look_at_everything(site)
    assert site.store.intake.accepted + site.store.intake.rejected_total == 1
