"""A bus of one ear, a clock that is moved by hand, and packets as brokers send them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fxtop.bus.port import Asked, BusDown, BusPhase, BusStatus, Handler
from fxtop.sources.moleculer.packets import SUBJECTS, Packet, read

SAMPLES = Path(__file__).parent / "samples"


def captured(kind: str) -> list[tuple[str, bytes]]:
    """Packets of Moleculer 0.14.36 as they were on the wire."""
    samples = json.loads((SAMPLES / f"v4_MOL_{kind}.json").read_text())["samples"]
    return [(sample["subject"], json.dumps(sample["payload"]).encode()) for sample in samples]


@dataclass
class HandClock:
    """Stands still until it is moved."""

    seconds: float = 1_000.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> float:
        return 1_700_000_000.0 + self.seconds


def beat(sender: str = "viz01", *, prefix: str = "MOL", ver: str = "4", **body: Any) -> tuple[str, bytes]:
    return f"{prefix}.HEARTBEAT", json.dumps({"cpu": 12.5, "ver": ver, "sender": sender, **body}).encode()


def info(sender: str = "viz01", *, prefix: str = "MOL", to: str = "", **body: Any) -> tuple[str, bytes]:
    whole = {
        "services": [{"name": "$node", "fullName": "$node"}, {"name": "launcher", "version": 1,
                      "fullName": "v1.launcher"}],
        "ipList": ["192.0.2.7"], "hostname": f"{sender}.example.edu", "instanceID": "i1", "seq": 2, "config": {},
        "client": {"type": "nodejs", "version": "0.14.36", "langVersion": "v20.20.2"}, "metadata": {"room": "B12"},
        "ver": "4", "sender": sender, **body,
    }  # fmt: skip
    return f"{prefix}.INFO{'.' if to else ''}{to}", json.dumps(whole).encode()


def goodbye(sender: str = "viz01", *, prefix: str = "MOL") -> tuple[str, bytes]:
    return f"{prefix}.DISCONNECT", json.dumps({"ver": "4", "sender": sender}).encode()


def packet(wire: tuple[str, bytes]) -> Packet:
    read_ = read(*wire)
    assert read_ is not None
    return read_


@dataclass
class Ear:
    """As much of a bus as somebody needs who listens, and says little."""

    since: float = 0.0
    down: bool = False
    said: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    handlers: dict[str, Handler] = field(default_factory=dict)

    @property
    def status(self) -> BusStatus:
        return BusStatus(BusPhase.CONNECTED, self.since)

    async def listen(self, subject: str, handler: Handler, queue: str = "") -> None:
        self.handlers[subject] = handler

    async def publish(self, subject: str, payload: bytes, headers: Any = None) -> None:
        if self.down:
            raise BusDown("There is no connection.")
        self.said.append((subject, json.loads(payload)))

    async def hears(self, wire: tuple[str, bytes]) -> None:
        """Let a message in by every subscription that it matches."""
        subject, payload = wire
        for pattern in SUBJECTS:
            if _matches(pattern, subject):
                await self.handlers[pattern](Asked(subject, payload, {}, ""))


def _matches(pattern: str, subject: str) -> bool:
    wanted, tokens = pattern.split("."), subject.split(".")
    if wanted[-1] == ">":
        return len(tokens) >= len(wanted) and wanted[1:-1] == tokens[1 : len(wanted) - 1]
    return len(tokens) == len(wanted) and wanted[1:] == tokens[1:]
