"""One valid payload of every class, as a publisher in any language would write it."""

from __future__ import annotations

import json
from typing import Any

from fxtop.protocol import subjects

CLUSTER = subjects.DEFAULT_CLUSTER
NODE = "viz07.example.edu"
LICENSE = "5053@lic1.example.edu"
COMMON = {"v": 1, "ts": 1763822000.5, "boot": "b1", "seq": 7}
SESSION = {"id": "s-1", "node": NODE, "user": "ann", "state": "running", "clients": None, "params": {"a": "b"}}

EXAMPLES: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "hb.node": (
        (NODE,),
        {
            **COMMON,
            "node": NODE,
            "interval": 5.0,
            "state": "draining",
            "drain": {"by": "ann", "reason": "fan", "ticket": None, "since": 1763821000, "deadline": None},
            "cpu": 0.5,
            "load": [1, 2.5, 3],
            "cores": 64,
            "mem_used": 1,
            "mem_total": 2,
            "sessions": {"pending": 0, "running": 3, "disconnected": 1},
            "weight": 1.0,
            "capacity": None,
            "uptime": 99.5,
        },
    ),
    "facts.node": (
        (NODE,),
        {
            **COMMON,
            "node": NODE,
            "host": NODE,
            "services": ["launcher"],
            "versions": {"fastx": "5.0.1"},
            "units": [{"name": "fastx5.service", "active": "active"}],
            "dirs": [
                {
                    "name": "FX_TEMP_DIR",
                    "path": "/tmp",
                    "fstype": "tmpfs",
                    "total": 1,
                    "free": 1,
                    "network": False,
                    "note": None,
                }
            ],
            "config": {"fastx.env": "00ff"},
            "transporters": [{"server_id": "NA", "name": "t1"}],
            "metadata": {"rack": "r1"},
            "provider": "simulated",
        },
    ),
    "session": ((NODE, "s-1"), {**COMMON, **SESSION}),
    "sessions": ((NODE,), {**COMMON, "node": NODE, "part": 1, "parts": 2, "sessions": [SESSION]}),
    "hb.transporter": (
        ("NA",),
        {
            **COMMON,
            "server": "NA",
            "name": "t1",
            "version": "2.15.1",
            "host": "0.0.0.0",
            "port": 4222,
            "uptime": 5.0,
            "connections": 3,
            "total_connections": 9,
            "subscriptions": 40,
            "routes": [{"remote_id": "NB", "remote_name": "t2", "rtt": 0.001}],
            "configured_routes": None,
            "in_msgs": 1,
            "out_msgs": 2,
            "in_bytes": 3,
            "out_bytes": 4,
            "slow_consumers": 0,
            "mem": 1,
            "cpu": 0.1,
            "tls_required": True,
            "cert_expires": None,
            "lame_duck": False,
            "jetstream": False,
            "via": "http",
            "interval": 5,
        },
    ),
    "hb.license": (
        (LICENSE,),
        {
            **COMMON,
            "server": LICENSE,
            "reachable": True,
            "error": None,
            "uptime": 5.0,
            "interval": 30,
            "isvs": [{"name": "starnet", "running": True, "restarts": 0}],
            "pools": [
                {
                    "isv": "starnet",
                    "product": "fastx",
                    "version": "5.0",
                    "pool": None,
                    "count": 40,
                    "reserved": 0,
                    "inuse": 1,
                    "expires": None,
                    "kind": "counted",
                    "checkouts_total": 10,
                    "denials_total": 0,
                }
            ],
            "holders": [
                {
                    "isv": "starnet",
                    "product": "fastx",
                    "version": "5.0",
                    "pool": 1,
                    "user": "ann",
                    "host": "viz07",
                    "seats": 1,
                    "reserved": 0,
                    "since": None,
                    "handle": "c0",
                    "note": None,
                }
            ],
        },
    ),
    "hb.store": (
        ("mgr1",),
        {
            **COMMON,
            "manager": "mgr1",
            "path": "/var/fastx",
            "kind": "syncthing",
            "fstype": "xfs",
            "total": 2,
            "free": 1,
            "peers": [{"id": "P", "name": "mgr2", "connected": True, "completion": 1.0, "last_seen": None}],
            "need_bytes": 0,
            "errors": 0,
            "interval": 30,
        },
    ),
    "bye.node": ((NODE,), {"v": 1, "ts": 1763822000}),
    "bye.transporter": (("NA",), {"v": 1, "ts": 1763822000, "id": "NA"}),
    "bye.license": ((LICENSE,), {"v": 1, "ts": 1763822000, "id": LICENSE}),
    "bye.store": (("mgr1",), {"v": 1, "ts": 1763822000, "id": "mgr1"}),
    "sync": ((), {"v": 1, "classes": ["node", "session"], "spread": 1.0}),
    "job": (
        ("r1",),
        {
            "v": 1,
            "request": "r1",
            "node": NODE,
            "verb": "terminate",
            "status": "running",
            "done": 1,
            "total": 2,
            "items": [{"id": "s-1", "status": "done", "detail": ""}],
            "ts": 1763822000.0,
        },
    ),
    "audit": (
        (NODE,),
        {
            "v": 1,
            "request": "r1",
            "operator": "ann",
            "key": None,
            "verb": "drain",
            "args": {"then": "wait"},
            "reason": "fan",
            "ticket": None,
            "decision": "accepted",
            "code": "",
            "outcome": "",
            "ts": 1763822000.0,
        },
    ),
    "intent": (
        ("i1",),
        {"v": 1, "id": "i1", "operator": "ann", "verb": "drain", "nodes": [NODE], "sessions": 3, "ttl": 20.0},
    ),
    "ctl.node": (
        (NODE, "drain"),
        {"v": 1, "reason": "fan", "ticket": "T-1", "dry_run": False, "args": {"deadline": None, "then": "wait"}},
    ),
    "ctl.manager": (("plan",), {"v": 1, "reason": "", "args": {"policy": "load", "nodes": None}}),
}


def example(kind: str, **changes: Any) -> tuple[str, bytes]:
    """Subject and payload of the example of ``kind`` with ``changes`` in its top level."""
    ids, data = EXAMPLES[kind]
    return subjects.build(CLUSTER, kind, *ids), json.dumps({**data, **changes}).encode()
