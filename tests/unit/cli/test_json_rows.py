from __future__ import annotations

import json

import msgspec
import pytest

from fxtop.bus.port import BusPhase, BusStatus
from fxtop.cli import json_rows
from fxtop.cluster.records import Finding, PoolKey, RowRef, Severity
from fxtop.cluster.voices import Voice, VoiceKey
from fxtop.protocol.ids import LicenseId, NodeId, RequestId, ServerId
from fxtop.protocol.node import NodeFacts, NodeHeartbeat
from fxtop.protocol.session import SessionBody
from fxtop.protocol.transporter import TransporterHeartbeat
from fxtop.protocol.wire import Wire
from tests.unit.cluster.kit import LICENSE, Site, key, sighting

ENVELOPE = {"v", "ts", "boot", "seq"}
HEARD = {"age", "liveness", "skew"}


def fields(*kinds: type[Wire]) -> set[str]:
    return {field.encode_name for kind in kinds for field in msgspec.structs.fields(kind)} - ENVELOPE


def test_a_node_has_the_fields_of_heartbeat_and_facts_and_when_it_was_heard() -> None:
    site = Site()
    site.beat("viz01", cpu=0.5)
    site.facts("viz01", services=["launcher"])
    site.wait(3)
    made = json_rows.node(site.store.nodes[NodeId("viz01")], site.store)
    assert made.keys() == fields(NodeHeartbeat, NodeFacts) | HEARD | {"unofficial"}
    assert (made["node"], made["cpu"], made["services"], made["age"], made["liveness"]) == (
        "viz01",
        0.5,
        ["launcher"],
        3.0,
        "live",
    )


def test_what_was_never_heard_of_a_node_is_null_and_its_id_is_not() -> None:
    site = Site()
    site.facts("viz01")
    made = json_rows.node(site.store.nodes[NodeId("viz01")], site.store)
    assert made["node"] == "viz01"
    assert made["cpu"] is None
    assert made.keys() == fields(NodeHeartbeat, NodeFacts) | HEARD | {"unofficial"}


def test_what_fastxs_own_bus_tells_of_a_node_is_marked_and_fills_in_what_no_agent_tells() -> None:
    site = Site()
    heard = site.clock.monotonic()
    voice = Voice(
        key=VoiceKey("MOL", "fx-a"), protocol="4", heard=heard, interval=10.0, cpu=0.0, cpu_at=heard,
        hostname="viz01.example.edu", services=("launcher",),
    )  # fmt: skip
    site.store.overhear([voice])
    site.wait(3)
    made = json_rows.node(site.store.nodes[NodeId("fx-a")], site.store)
    assert made["unofficial"]["source"] == "heard on FastX's own bus, unofficially"
    (broker,) = made["unofficial"]["brokers"]
    assert (broker["id"], broker["prefix"], broker["protocol"], broker["age"]) == ("fx-a", "MOL", "4", 3.0)
    assert (made["cpu"], made["services"], made["host"], made["interval"]) == (
        0.0,
        ["launcher"],
        "viz01.example.edu",
        10.0,
    )
    assert (made["state"], made["versions"], made["age"], made["liveness"]) == (None, None, 3.0, "live")

    site.beat("viz01", cpu=0.5)
    site.facts("viz01", host="viz01.example.edu", services=["manager"])
    made = json_rows.node(site.store.nodes[NodeId("viz01")], site.store)
    assert (made["cpu"], made["services"], made["interval"]) == (0.5, ["manager"], 5.0)
    assert made["unofficial"]["services"] == ["launcher"]
    assert json.dumps(made)


def test_a_session_has_its_own_fields_and_whether_it_has_a_seat() -> None:
    site = Site()
    site.beat("viz01")
    site.session("viz01", "s1", pending={"scheduler": "slurm", "job": None, "reason": "full"})
    made = json_rows.session(site.store.sessions[key("viz01", "s1")], site.store)
    assert made.keys() == fields(SessionBody) | HEARD | {"seat"}
    assert made["pending"] == {"scheduler": "slurm", "job": None, "reason": "full"}
    assert made["idle"] is None


def test_a_user_has_the_number_of_sessions_in_each_state() -> None:
    site = Site()
    site.session("viz01", "s1")
    site.session("viz02", "s1", state="ghost")
    made = json_rows.user(site.store.users["ann"], site.store)
    assert {name: value for name, value in made.items() if value} == {
        "user": "ann",
        "sessions": 2,
        "running": 1,
        "ghost": 1,
    }
    assert made["pending"] == 0
    assert "rev" not in made


def test_a_transporter_that_only_the_token_shows_has_what_the_token_shows() -> None:
    site = Site()
    site.store.sight([sighting("S1", connections=3, name="manager1")], 10.0)
    made = json_rows.transporter(site.store.transporters[ServerId("S1")], site.store)
    assert made.keys() >= fields(TransporterHeartbeat) | HEARD
    assert (made["server"], made["name"], made["connections"], made["sources"]) == ("S1", "manager1", 3, ["token"])
    assert made["via"] is None
    assert made["routes"] is None


def test_a_pool_names_its_server_and_its_holders() -> None:
    site = Site()
    site.license(("ann", "viz01"))
    pool = PoolKey(LicenseId(LICENSE), "starnet", "fastx", "5.0", "1")
    made = json_rows.pool(site.store.pools[pool], site.store)
    assert (made["server"], made["reachable"], made["inuse"]) == (LICENSE, True, 1)
    assert made["holders"][0]["user"] == "ann"
    assert made.keys() >= HEARD


def test_a_job_is_told_with_the_words_of_the_protocol() -> None:
    site = Site()
    site.audit("r1", reason="disk", source="viz01")
    site.progress("r1", done=1, total=2)
    made = json_rows.job(site.store.jobs[RequestId("r1")], site.store)
    assert (made["request"], made["node"], made["verb"], made["status"]) == ("r1", "viz01", "terminate", "running")
    assert (made["done"], made["total"], made["operator"], made["reason"]) == (1, 2, "bob", "disk")
    assert "rev" not in made
    assert "heard" not in made


def test_the_bus_tells_its_state_and_what_was_rejected() -> None:
    site = Site()
    site.raw("fxtop.fastx.hb.node.viz01", b"garbage")
    status = BusStatus(BusPhase.DOWN, since=site.clock.monotonic() - 4, last_error="It is down.")
    made = json_rows.bus(status, site.store)
    assert (made["phase"], made["since"], made["last_error"]) == ("down", 4.0, "It is down.")
    assert made["rejected"] == [{"reason": "not_json", "kind": "hb.node", "count": 1}]


def test_all_of_it_is_json() -> None:
    site = Site()
    site.beat()
    site.session()
    rows = [json_rows.node(row, site.store) for row in site.store.nodes.values()]
    rows += [json_rows.session(row, site.store) for row in site.store.sessions.values()]
    assert json.loads(msgspec.json.encode(rows))


def test_a_finding_says_how_bad_by_which_rule_with_what_and_what_to_do() -> None:
    rows = (RowRef("nodes", "viz01"), RowRef("sessions", key("viz01", "s1")))
    found = Finding(Severity.CRIT, "node-lost", "viz01", "nothing was heard of viz01", "check the host", rows=rows)
    assert json_rows.finding(found, Site().store) == {
        "severity": "crit",
        "kind": "node-lost",
        "subject": "viz01",
        "text": "nothing was heard of viz01",
        "evidence": [],
        "consequence": "",
        "remedy": "check the host",
        "rows": [{"kind": "nodes", "id": "viz01"}, {"kind": "sessions", "id": "viz01/s1"}],
    }


def test_the_fields_of_a_kind_of_message_are_looked_up_once_for_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[type] = []
    look_up = msgspec.structs.fields

    def counted(kind: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
        looked_up.append(kind)
        return look_up(kind)

    monkeypatch.setattr(msgspec.structs, "fields", counted)
    site = Site()
    for name in ("viz01", "viz02", "viz03"):
        site.beat(name)
    for row in site.store.nodes.values():
        json_rows.node(row, site.store)
    assert len(looked_up) == len(set(looked_up))
