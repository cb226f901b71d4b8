from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pytest

from fxtop.cluster.history import Ring
from fxtop.cluster.records import JobState, Liveness, SeatState
from fxtop.protocol.control import JobItem
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.views.column import Cell, Look, Tone
from fxtop.views.details import DETAILED, Details, details
from fxtop.views.details_user import SESSIONS_SHOWN
from fxtop.views.panes import PANES
from tests.unit.views import make


def of(pane: str, row: Any, *others: Any, look: Look = make.LOOK) -> Details:
    store = make.store(row, *others)
    row_id: Hashable = next(iter(PANES[pane].rows(store)))
    found = details(store, pane, row_id, look)
    assert found is not None
    return found


def told(found: Details) -> dict[str, Cell]:
    """All facts by label; lines that go on with another are left out."""
    return {line.label: line.cell for section in found.sections for line in section.lines if line.label}


def texts(found: Details) -> dict[str, str]:
    return {label: cell.text for label, cell in told(found).items()}


def test_a_node_in_full_words() -> None:
    found = of("nodes", make.node(drain={"by": "ann", "reason": "kernel", "since": make.NOW - 3600}, state="draining"))
    facts = texts(found)
    assert found.title == "Node viz01"
    assert facts["State"] == "draining"
    assert facts["Last heard"] == "2 seconds ago, due every 5 seconds"
    assert facts["Drained by"] == "ann"
    assert facts["Drained since"] == "2026-11-18 10:06:40 UTC, 1 hour ago"
    assert facts["CPU in use"] == "42% of 16 cores"
    assert facts["Load average"] == "1.50, 1.20, 0.90 over 1, 5 and 15 minutes"
    assert facts["Memory in use"] == "8.0 GiB of 64 GiB (12%)"
    assert facts["Sessions"] == "12"
    assert facts["Capacity"] == "40"
    assert facts["Version of fastx"] == "5.0.3"
    assert facts["FX_TEMP_DIR"] == "/tmp, xfs, local, 40 GiB free of 100 GiB"
    assert facts["server.ini"] == "sha256 abababababab"
    assert facts["Transporters"] == "mgr1"


def test_what_is_wrong_with_a_node_stands_out() -> None:
    row = make.node(liveness=Liveness.LOST, age=60, sessions={"pending": 0, "running": 40, "disconnected": 0})
    row.skew = -30.0
    facts = told(of("nodes", row))
    assert facts["State"] == Cell("lost", Tone.CRIT)
    assert facts["Last heard"] == Cell("1 minute ago, due every 5 seconds", Tone.CRIT)
    assert facts["Clock"] == Cell("30 seconds behind this console's", Tone.WARN)
    assert facts["Sessions"] == Cell("40", Tone.CRIT)


def test_a_temporary_directory_on_a_network_stands_out() -> None:
    row = make.node()
    misplaced = {"name": "FX_TEMP_DIR", "path": "/nfs/tmp", "network": True, "note": "can't be read"}
    row.facts = make.facts(dirs=[misplaced])
    fact = told(of("nodes", row))["FX_TEMP_DIR"]
    assert fact == Cell("/nfs/tmp, file system unknown, on a network, can't be read", Tone.WARN)


def test_what_an_agent_could_not_see_is_told_in_its_own_words() -> None:
    row = make.node()
    row.facts = make.facts(notes={"units": "systemctl isn't here."})
    assert told(of("nodes", row))["units"] == Cell("systemctl isn't here.", Tone.WARN)


def test_a_file_system_that_counts_inodes_tells_how_many_are_free() -> None:
    row = make.node()
    row.facts = make.facts(dirs=[{"name": "FX_VAR_DIR", "path": "/v", "inodes": 1000, "inodes_free": 20}])
    assert texts(of("nodes", row))["FX_VAR_DIR"].endswith("2% of inodes free")


def test_a_node_of_which_only_a_session_spoke_says_so_by_what_is_missing() -> None:
    found = of("nodes", make.bare_node())
    assert [section.title for section in found.sections] == ["State"]
    assert texts(found)["State"] == "unknown"
    assert texts(found)["Clock"] == "unknown"


def test_history_comes_with_its_newest_value() -> None:
    found = of("nodes", make.node())
    by_name = {series.name: series for series in found.series}
    assert by_name["CPU"].now == Cell("42%")
    assert by_name["CPU"].values == pytest.approx((0.1, 0.2, 0.42), rel=1e-3)  # history is kept in half precision
    assert by_name["Memory"].now.text == "unknown"
    assert by_name["Memory"].values == ()


def test_related_rows_are_listed_by_pane() -> None:
    found = of("nodes", make.node(), make.session("s2"), make.session("s1"), make.job("r1"))
    assert [key.session for key in found.related["sessions"]] == ["s1", "s2"]
    assert found.related["jobs"] == ("r1",)


def test_a_session_in_full_words() -> None:
    row = make.session(
        state="disconnected",
        app="firefox",
        created=make.NOW - 7200,
        idle=252.0,
        clients=0,
        cpu=1.5,
        mem=2 * make.GIB,
        seat=SeatState.MISSING,
        params={"quality": "high"},
    )
    found = of("sessions", row, make.node())
    facts = texts(found)
    assert found.title == "Session s1 of ann on viz01"
    assert facts["State"] == "disconnected"
    assert facts["Last heard"] == "2 seconds ago, due every 5 seconds"
    assert facts["Created"] == "2026-11-18 09:06:40 UTC, 2 hours ago"
    assert facts["Without input for"] == "4 minutes 12 seconds"
    assert facts["Connected clients"] == "0"
    assert facts["CPU in use"] == "150% of one core"
    assert facts["Memory in use"] == "2.0 GiB"
    assert facts["Seat"] == "no seat is held by this user and host"
    assert facts["quality"] == "high"


def test_what_the_provider_cannot_see_of_a_session_is_said_to_be_unknown() -> None:
    facts = told(of("sessions", make.session(seat=SeatState.UNKNOWN)))
    for label in ("Without input for", "Connected clients", "CPU in use", "Memory in use", "Created", "Display"):
        assert facts[label] == Cell("unknown", Tone.MUTED), label
    assert facts["Seat"].text == "can't be told"


def test_odd_states_of_sessions_are_explained() -> None:
    assert "its processes are not" in texts(of("sessions", make.session(state="ghost")))["State"]
    pending = make.session(state="pending", created=make.NOW, pending={"scheduler": "slurm", "reason": "Resources"})
    facts = texts(of("sessions", pending))
    assert facts["Waits for"] == "slurm: Resources"
    assert "Submitted" in facts


def test_a_transporter_in_full_words() -> None:
    row = make.transporter(configured_routes=2, cert_expires=make.NOW + 86_400, tls_required=False)
    row.in_rate, row.out_rate, row.bytes_rate = 120.0, 340.0, 2048.0
    row.slow_since_start = 3
    row.msgs = Ring()
    row.msgs.push(0.0, 460.0)
    found = of("transporters", row)
    facts = told(found)
    assert found.title == "Transporter mgr1"
    assert facts["State"] == Cell("slow", Tone.WARN)
    assert facts["Known by"].text == "the agent beside it (http)"
    assert facts["Messages in"].text == "120 a second"
    assert facts["Slow consumers cut off"] == Cell("3 since this console started, 0 since it did", Tone.WARN)
    assert facts["Certificate expires"] == Cell("2026-11-19 11:06:40 UTC, in 1 day", Tone.CRIT)
    assert facts["TLS"] == Cell("not required", Tone.WARN)
    assert facts["Servers reached"] == Cell("1", Tone.WARN)
    assert facts["To mgr2"].text == "2.0ms"
    assert found.series[0].now.text == "460"


def test_a_transporter_that_only_the_token_shows_says_so() -> None:
    facts = texts(of("transporters", make.sighted()))
    assert facts["Known by"] == "the shared token alone; no agent sits beside it"
    assert facts["Messages in"] == "unknown"
    assert facts["Clients"] == "4 now, 9 since it started"
    assert facts["Clients by name"] == "none"


def test_of_a_transporter_nothing_is_told_that_the_agent_does_not_know() -> None:
    unknown = ["uptime", "routes", "connections", "total_connections", "subscriptions", "slow_consumers"]
    facts = texts(of("transporters", make.transporter(via="info", unknown=unknown, mem=None, cpu=None)))
    assert {facts[name] for name in ("Up for", "Clients", "Subscriptions", "Servers reached", "CPU in use")} == {
        "unknown"
    }
    assert facts["Slow consumers cut off"] == "0 since this console started"
    assert facts["Known by"] == "the agent beside it (info)"


def test_a_transporter_that_an_agent_elsewhere_tells_of_says_so() -> None:
    facts = texts(of("transporters", make.transporter(via="sys", beside=False, host="")))
    assert (facts["Known by"], facts["Address"]) == ("an agent on another host (sys)", "port 4222")


def test_when_a_transporter_read_its_configuration_is_told() -> None:
    row = make.transporter(config_loaded=make.NOW - 7200, config_changed=make.NOW - 3600)
    facts = texts(of("transporters", row))
    assert facts["Configuration read"].endswith("2 hours ago")
    assert facts["Its file changed"].endswith("1 hour ago")


def test_shared_data_in_full_words() -> None:
    peers = [
        {"id": "P2", "name": "mgr2", "connected": True, "completion": 1.0},
        {"id": "P3", "name": "mgr3", "connected": False, "completion": 0.5, "last_seen": make.NOW - 7200},
        {"id": "P4", "name": "mgr4", "connected": False},
    ]
    row = make.share(peers=peers, state="idle", errors=1, conflicts=2, examples=["a: denied", "b.sync-conflict-1"])
    facts = told(of("shares", row))
    assert facts["Shared"].text == "by syncthing"
    assert facts["mgr2"] == Cell("connected, has 100% of the data", Tone.NORMAL)
    assert facts["mgr3"].text.endswith("2 hours ago, has 50% of the data")
    assert facts["mgr4"] == Cell("not connected, never seen", Tone.WARN)
    assert facts["Errors"] == Cell("1", Tone.CRIT)
    assert facts["Conflicts"] == Cell("2", Tone.WARN)
    assert facts["Such as"].text == "a: denied"


def test_of_a_mount_nobody_knows_who_else_has_it() -> None:
    facts = texts(of("shares", make.share(kind="mount", peers=[], need_bytes=None, errors=None)))
    assert (facts["Shared"], facts["Known"], facts["Errors"]) == ("by a mount", "unknown", "unknown")


def test_shared_data_that_could_not_be_read_says_why() -> None:
    row = make.share(peers=[], total=None, free=None, need_bytes=None, errors=None, note="It didn't answer.")
    facts = told(of("shares", row))
    assert facts["Not read"] == Cell("It didn't answer.", Tone.WARN)
    assert {facts[name].text for name in ("Known", "Space in use", "Yet to receive", "Errors")} == {"unknown"}


def test_a_pool_in_full_words() -> None:
    row = make.pool(inuse=20)
    row.denials = 2
    row.holders = [make.holder("bob"), make.holder("ann", state=SeatState.MISSING, seats=2)]
    found = of("licenses", row, make.license_())
    facts = told(found)
    assert found.title == "License seats of fastx 5.0 at 5053@lic01"
    assert facts["State"] == Cell("full", Tone.CRIT)
    assert facts["In use"] == Cell("20 of 20 (100%)", Tone.CRIT)
    assert facts["Free"].text == "0"
    assert facts["Without a session"] == Cell("2", Tone.CRIT)
    assert facts["Denied"].text == "2 since this console started, 3 since counting began"
    assert facts["Vendor daemon starnet"].text == "running, 0 restarts"
    assert facts["ann@viz01"] == Cell("2 seats, no session", Tone.CRIT)
    holders = [line.label for line in found.sections[-1].lines]
    assert holders == ["ann@viz01", "bob@viz01"]


def test_a_pool_whose_server_cannot_be_reached_says_why() -> None:
    facts = told(of("licenses", make.pool(), make.license_(reachable=False, error="connection refused")))
    assert facts["Reachable"] == Cell("no", Tone.CRIT)
    assert facts["Error"] == Cell("connection refused", Tone.CRIT)
    facts = told(of("licenses", make.pool(), make.license_(error="1 line couldn't be understood.")))
    assert facts["In doubt"] == Cell("1 line couldn't be understood.", Tone.WARN)
    assert "Error" not in facts
    assert facts["Held by"].text == "not told"


def test_of_denials_that_are_counted_for_several_pools_no_pool_is_named() -> None:
    found = of("licenses", make.pool(denials_of="isv"))
    seats = next(section for section in found.sections if section.title == "Seats")
    assert any("all pools of starnet together" in line.cell.text for line in seats.lines)


def test_seats_that_tokens_stand_for_are_not_counted_and_not_none() -> None:
    assert texts(of("licenses", make.pool(kind="token", count=None, inuse=0)))["In use"] == "unknown"


def test_a_pool_without_a_limit_says_so() -> None:
    facts = texts(of("licenses", make.pool(count=None, kind="unlimited", expires=None)))
    assert facts["In use"] == "12 of ∞"
    assert facts["Free"] == "unknown"
    assert facts["Expires"] == "never"


def test_very_many_holders_are_cut_and_counted() -> None:
    row = make.pool()
    row.holders = [make.holder(f"user{number}") for number in range(250)]
    last = of("licenses", row).sections[-1].lines[-1]
    assert last.cell.text == "and 50 more"


def test_a_job_in_full_words() -> None:
    row = make.job(
        verb="terminate",
        sessions=(SessionId("s1"), SessionId("s2")),
        state=JobState.PARTIAL,
        code="partial",
        detail="1 of 2 is still there",
        done=1,
        total=2,
        items=(JobItem(id="s1", status="done"), JobItem(id="s2", status="failed", detail="still there")),
        reason="stuck",
        mine=True,
        ended_at=make.NOW - 5,
    )
    found = of("jobs", row)
    facts = told(found)
    assert found.title == "Job: terminate viz01"
    assert facts["State"] == Cell("partial: some of it was done, some was not", Tone.WARN)
    assert facts["Progress"].text == "1 of 2"
    assert facts["Operator"].text == "ann (this console)"
    assert facts["Ticket"].text == "none"
    assert facts["s2"] == Cell("failed: still there", Tone.CRIT)
    assert facts["Ended"].text.endswith("5 seconds ago")


def test_a_job_that_nobody_knows_the_end_of_says_so() -> None:
    facts = texts(of("jobs", make.job(state=JobState.UNKNOWN)))
    assert facts["State"] == "unknown: nobody knows what came of it"


def test_a_user_with_sessions_on_several_nodes() -> None:
    held = make.pool()
    held.holders = [make.holder("ann", "viz01"), make.holder("bob", "viz01")]
    store = make.store(
        make.user(running=1, pending=1),
        make.node("viz02"),
        make.session("s1", "viz01", app="firefox"),
        make.session("s2", "viz02", state="pending"),
        make.session("s3", "viz02", "bob"),
        held,
    )
    found = details(store, "users", "ann", make.LOOK)
    assert found is not None
    assert found.title == "User ann"
    facts = texts(found)
    assert (facts["All"], facts["Running"], facts["Pending"]) == ("2", "1", "1")
    assert (facts["viz01/s1"], facts["viz02/s2"]) == ("running, firefox", "pending")
    assert facts["Held"] == "1 seat of fastx at 5053@lic01, on viz01"
    assert "viz02/s3" not in facts
    assert "Disconnected" not in facts
    assert found.related["nodes"] == ("viz01", "viz02")


def test_of_many_sessions_of_a_user_some_are_listed_and_the_rest_counted() -> None:
    sessions = [make.session(f"s{number:03}") for number in range(SESSIONS_SHOWN + 7)]
    found = details(make.store(make.user(running=len(sessions)), *sessions), "users", "ann", make.LOOK)
    assert found is not None
    listed = next(section.lines for section in found.sections if section.title == "Sessions")
    assert len(listed) == SESSIONS_SHOWN + 1
    assert listed[-1].cell.text == "and 7 more: n narrows the panes to all of them"
    assert len(found.related["sessions"]) == SESSIONS_SHOWN + 7


def test_a_row_that_is_gone_has_no_details() -> None:
    assert details(make.store(), "nodes", NodeId("viz99"), make.LOOK) is None


def test_in_ascii_all_details_are_ascii() -> None:
    rows = {
        "nodes": make.node("viz-ü"),
        "sessions": make.session(user="José", params={"größe": "groß"}),
        "transporters": make.transporter(),
        "licenses": make.pool(count=None, kind="unlimited"),
        "jobs": make.job(reason="Müll"),
        "findings": make.pool("größe", count=2, inuse=2),
        "users": make.user("José", running=1),
        "shares": make.share(path="/srv/größe", note="größe can't be read."),
    }
    assert rows.keys() == set(DETAILED)
    for pane, row in rows.items():
        found = of(pane, row, look=make.ASCII)
        assert found.title.isascii()
        assert all(label.isascii() and text.isascii() for label, text in texts(found).items()), pane


def test_a_file_that_differs_from_that_of_most_nodes_stands_out() -> None:
    row = make.node()
    store = make.store(row)
    for number in range(3):
        store.drift.told(None, make.facts(f"viz1{number}", config={"server.ini": "cd" * 32}))
    assert row.facts is not None
    store.drift.told(None, row.facts)
    found = details(store, "nodes", row.id, make.LOOK)
    assert found is not None
    assert told(found)["server.ini"] == Cell("sha256 abababababab, differs from that of most nodes", Tone.WARN)
