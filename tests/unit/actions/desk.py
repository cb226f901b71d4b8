"""An operator at a console, for tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fxtop.actions.arming import Arming
from fxtop.actions.journal import Entry, Journal, Kind
from fxtop.actions.model import Intent, Plan, Refused
from fxtop.actions.operator import Operator
from fxtop.cluster.records import JobRow
from fxtop.protocol.ids import NodeId
from fxtop.protocol.signing import NkeySigner, new_seed
from tests.unit.actions.fake_bus import FakeBus, Responder
from tests.unit.actions.site import Site, key

SEED = new_seed()


@dataclass
class Desk:
    """An operator at a console, with everything within reach."""

    site: Site
    bus: FakeBus
    arming: Arming
    journal: Journal
    operator: Operator

    @property
    def jobs(self) -> list[JobRow]:
        return list(self.site.store.jobs.values())

    @property
    def kinds(self) -> list[str]:
        return [entry.kind for entry in self.journal.read().entries]

    def entries(self, kind: Kind) -> list[Entry]:
        return [entry for entry in self.journal.read().entries if entry.kind == kind]

    def responds(self, responder: Responder) -> None:
        self.bus.respond = responder

    async def planned(self, verb: Any = "drain", *targets: str, **fields: Any) -> Plan:
        names = targets or ("viz01",)
        sessions = tuple(key(name) for name in names if "/" in name)
        nodes = tuple(NodeId(name) for name in names if "/" not in name)
        fields = {"reason": "kernel update", "nodes": nodes, "sessions": sessions} | fields
        return await self.operator.prepare(Intent(verb, **fields))

    async def refused(self, made: Plan, typed: str = "") -> Refused:
        before = len(self.bus.left)
        with pytest.raises(Refused) as refused:
            await self.operator.commit(made, typed)
        assert len(self.bus.left) == before, "a refused plan must not send anything"
        return refused.value


def desk_at(path: Path, *, signer: bool = True, read_only: bool = False, name: str = "ann") -> Desk:
    site = Site()
    for number in range(1, 5):
        site.node(f"viz0{number}")
    bus = FakeBus()
    arming = Arming(site.clock, read_only=read_only)
    journal = Journal(path / "journal.jsonl")
    nkey = NkeySigner(SEED) if signer else None
    return Desk(site, bus, arming, journal, Operator(bus, site.store, site.clock, arming, journal, nkey, name))
