"""The commands against a real cluster: real servers, real agents, invented sessions."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from fxtop.demo.options import Options
from fxtop.demo.run import Demo, demo
from tests.bus.commands import Run, move_in, runner

NODES = 6


@pytest.fixture(scope="module")
def cluster() -> Iterator[Demo]:
    """One demo for all tests; each acts on sessions and nodes of its own."""
    with demo(Options(nodes=NODES, sessions=40)) as running:
        yield running


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's own directories, and none of this machine's settings."""
    move_in(tmp_path, monkeypatch)
    return tmp_path


@pytest.fixture
def fxtop(cluster: Demo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    return runner(cluster, capsys, monkeypatch)


def found(fxtop: Run, kind: str, filter_: str) -> list[dict[str, Any]]:
    ended = fxtop("get", kind, "-o", "json", "--filter", filter_)
    assert ended.code == 0
    rows: list[dict[str, Any]] = ended.data
    return rows


def one_session(fxtop: Run, filter_: str) -> dict[str, Any]:
    return found(fxtop, "sessions", filter_)[0]


def test_nodes_are_all_there_within_the_first_answer(fxtop: Run) -> None:
    ended = fxtop("get", "nodes", "-o", "json")
    assert ended.code == 0
    assert ended.err == ""
    assert [row["node"] for row in ended.data] == [
        *(f"manager{number}.example.edu" for number in (1, 2, 3)),
        *(f"viz{number:02d}.example.edu" for number in (1, 2, 3)),
    ]
    for row in ended.data:
        assert row["state"] == "active"
        assert row["liveness"] == "live"
        assert row["age"] < 30
        assert row["provider"] == "simulated"


def test_sessions_are_those_that_the_nodes_count(fxtop: Run) -> None:
    sessions = fxtop("get", "sessions", "-o", "json").data
    nodes = {row["node"]: sum(row["sessions"].values()) for row in fxtop("get", "nodes", "-o", "json").data}
    assert len(sessions) == pytest.approx(sum(nodes.values()), abs=3)
    assert {row["node"] for row in sessions} <= nodes.keys()


def test_transporters_see_each_other(fxtop: Run) -> None:
    rows = fxtop("get", "transporters", "-o", "json").data
    assert [row["name"] for row in rows] == ["manager1", "manager2", "manager3"]
    assert {row["island"] for row in rows} == {rows[0]["island"]}
    assert all(row["tls_required"] and row["via"] == "http" for row in rows)
    assert all(row["sources"] == ["agent", "token"] for row in rows)
    assert all(len(row["routes"]) == row["configured_routes"] == 2 for row in rows)


def test_seats_have_holders(fxtop: Run) -> None:
    (desktop,) = found(fxtop, "licenses", "fastx-desktop")
    assert desktop["reachable"]
    assert desktop["inuse"] == len(desktop["holders"]) > 0


def test_the_bus_says_how_it_is_connected(fxtop: Run, cluster: Demo) -> None:
    ended = fxtop("get", "bus", "-o", "json")
    assert ended.code == 0
    state = ended.data
    assert (state["phase"], state["tls"], state["cluster"]) == ("connected", True, "demo")
    assert state["server"] in cluster.ready.servers
    assert state["rejected"] == []
    token = (cluster.folder.token).read_text().strip()
    assert token not in ended.out


def test_no_job_yet_is_empty_data_and_a_word(fxtop: Run) -> None:
    ended = fxtop("get", "jobs", "-o", "json", "--filter", "nobody-has-this")
    assert (ended.code, ended.data) == (0, [])
    assert "Nothing was asked" in ended.err


def test_what_was_asked_for_from_here_is_among_the_jobs(fxtop: Run) -> None:
    session = one_session(fxtop, "state=running")
    asked = fxtop("terminate", session["id"], "--reason", "frozen", "--yes", "--wait", "--grace", "0", "-o", "json")
    (job,) = found(fxtop, "jobs", "verb=terminate")
    assert job["request"] == asked.data["jobs"][0]["request"]
    assert (job["status"], job["done"], job["reason"], job["mine"]) == ("done", 1, "frozen", True)


def test_a_filter_that_nothing_fits_is_empty_data_and_a_word(fxtop: Run) -> None:
    ended = fxtop("get", "nodes", "-o", "json", "--filter", "cpu>200%")
    assert (ended.code, ended.data) == (0, [])
    assert f"None of the {NODES} nodes fits" in ended.err


def test_a_drain_is_followed_to_its_end(fxtop: Run) -> None:
    there = [row["id"] for row in found(fxtop, "sessions", "node=viz01.example.edu")]
    assert fxtop("terminate", *there, "--reason", "disk swap", "--grace", "0", "--yes", "--wait").code == 0
    ended = fxtop(
        *("drain", "viz01.example.edu", "--reason", "disk swap", "--ticket", "OPS-7"),
        *("--then", "terminate", "--yes", "--wait", "--timeout", "60s", "-o", "json"),
    )
    assert ended.code == 0, ended.err
    assert [job["status"] for job in ended.data["jobs"]] == ["done"]
    assert "Drain on cluster demo [DEMO]" in ended.err
    (row,) = found(fxtop, "nodes", "node=viz01.example.edu")
    assert row["state"] == "drained"
    assert (row["drain"]["by"], row["drain"]["reason"], row["drain"]["ticket"]) == ("demo", "disk swap", "OPS-7")
    assert found(fxtop, "sessions", "node=viz01.example.edu") == []

    ended = fxtop("resume", "viz01.example.edu", "--reason", "disk is new", "--yes", "--wait")
    assert ended.code == 0
    assert found(fxtop, "nodes", "node=viz01.example.edu")[0]["state"] == "active"


def test_a_dry_run_changes_nothing(fxtop: Run) -> None:
    ended = fxtop("drain", "viz02", "--dry-run", "-o", "json")
    assert ended.code == 0
    assert [answer["state"] for answer in ended.data["dry_run"]] == ["done"]
    assert found(fxtop, "nodes", "node=viz02.example.edu")[0]["state"] == "active"


def test_a_wait_that_is_too_short_is_no_evidence(fxtop: Run) -> None:
    ended = fxtop("drain", "viz03.example.edu", "--reason", "x", "--yes", "--wait", "--timeout", "0.1s")
    assert ended.code == 4
    assert found(fxtop, "nodes", "node=viz03.example.edu")[0]["state"] == "draining"
    assert fxtop("resume", "viz03.example.edu", "--reason", "x", "--yes").code == 0


def test_who_stops_waiting_is_told_that_the_work_goes_on(fxtop: Run, cluster: Demo) -> None:
    node = "viz03.example.edu"
    line = [sys.executable, "-m", "fxtop", "--config", cluster.ready.config, "drain", node, "--reason", "x"]
    with subprocess.Popen([*line, "--yes", "--wait"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        while "drain running" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert "what was sent goes on" in process.stderr.read()
    assert process.returncode == 130
    assert fxtop("resume", node, "--reason", "x", "--yes").code == 0


def test_a_session_is_ended_by_its_id(fxtop: Run) -> None:
    session = one_session(fxtop, "state=running")
    ended = fxtop("terminate", session["id"], "--reason", "stuck", "--yes", "--wait", "--grace", "1s", "-o", "json")
    assert ended.code == 0, ended.err
    assert found(fxtop, "sessions", f"id={session['id']}") == []
    again = fxtop("terminate", session["id"], "--reason", "stuck", "--yes")
    assert again.code == 3
    assert "may have ended" in again.err


def test_a_session_may_be_named_with_its_node(fxtop: Run) -> None:
    session = one_session(fxtop, "state=running")
    name = f"{session['node']}/{session['id']}"
    assert fxtop("terminate", name, "--reason", "stuck", "--yes", "--wait", "--grace", "0").code == 0
    assert found(fxtop, "sessions", f"id={session['id']}") == []


def test_a_message_reaches_the_sessions_of_a_node(fxtop: Run) -> None:
    ended = fxtop(
        *("message", "--node", "manager3.example.edu", "--text", "Save your work.", "--reason", "disk swap"),
        *("--yes", "--wait", "-o", "json"),
    )
    assert ended.code == 0, ended.err
    assert [job["verb"] for job in ended.data["jobs"]] == ["message"]


def test_a_rebalance_shows_the_managers_plan_and_applies_it(fxtop: Run) -> None:
    asked = ("rebalance", "--policy", "memory", "--reason", "even out", "--yes", "--wait", "-o", "json")
    while "has just begun" in (ended := fxtop(*asked)).err:  # the manager still learns who there is
        assert ended.code == 3
    assert ended.code == 0, ended.err
    balance = ended.data["plan"]["balance"]
    assert len(balance["weights"]) == NODES
    weights = {row["node"]: row["weight"] for row in fxtop("get", "nodes", "-o", "json").data}
    assert weights == pytest.approx(balance["weights"])


def test_without_a_terminal_a_plan_is_shown_and_not_sent(fxtop: Run) -> None:
    ended = fxtop("drain", "viz02.example.edu", "--reason", "x")
    assert ended.code == 3
    assert ended.out == ""
    assert "viz02.example.edu: drain" in ended.err
    assert "--yes" in ended.err


def test_an_unknown_node_is_named_and_the_nearest_offered(fxtop: Run) -> None:
    ended = fxtop("drain", "viz02.example.com", "--reason", "x", "--yes")
    assert ended.code == 3
    assert "viz02.example.com" in ended.err
    assert "viz02.example.edu?" in ended.err


def test_a_key_that_no_agent_lists_is_refused_by_the_agent(fxtop: Run, home: Path, cluster: Demo) -> None:
    assert fxtop("keys", "new", str(home / "other.nk")).code == 0
    text = Path(cluster.ready.config).read_text().replace(str(cluster.folder.operator_key), str(home / "other.nk"))
    (home / "config.toml").write_text(text)
    ended = fxtop("--config", str(home / "config.toml"), "drain", "viz02.example.edu", "--reason", "x", "--yes")
    assert ended.code == 3
    assert "not listed" in ended.out


def test_without_a_key_nothing_is_sent(fxtop: Run, home: Path, cluster: Demo) -> None:
    text = Path(cluster.ready.config).read_text().replace(str(cluster.folder.operator_key), str(home / "none.nk"))
    (home / "config.toml").write_text(text)
    ended = fxtop("--config", str(home / "config.toml"), "drain", "viz02.example.edu", "--reason", "x", "--yes")
    assert ended.code == 3
    assert "fxtop keys new" in ended.err


def test_the_journal_has_what_was_done_and_why(fxtop: Run) -> None:
    fxtop("drain", "viz02.example.edu", "--reason", "for the record", "--yes", "--ticket", "OPS-8")
    fxtop("resume", "viz02.example.edu", "--reason", "enough", "--yes")
    entries = fxtop("journal", "--lines", "--node", "viz02.example.edu", "--since", "1h", "-o", "json").data
    drains = [entry for entry in entries if entry["verb"] == "drain"]
    assert [entry["kind"] for entry in drains][:2] == ["intent", "plan"]
    assert {entry.get("ticket") for entry in drains} == {"OPS-8"}
    assert "for the record" in fxtop("journal").out


def test_a_wrong_token_is_no_bus(fxtop: Run, home: Path) -> None:
    wrong = home / "token"
    wrong.write_text("not-the-token\n")
    wrong.chmod(0o600)
    ended = fxtop("get", "nodes", "--token-file", str(wrong))
    assert ended.code == 5
    assert "refuses the token" in ended.err
    assert ended.out == ""


def test_a_token_that_others_can_read_is_not_used(fxtop: Run, home: Path) -> None:
    wide = home / "token"
    wide.write_text("whatever\n")
    wide.chmod(0o644)
    ended = fxtop("get", "nodes", "--token-file", str(wide))
    assert ended.code == 2
    assert "chmod 600" in ended.err


def test_another_ca_is_no_bus(fxtop: Run, home: Path) -> None:
    trustme.CA().cert_pem.write_to_path(home / "other.pem")
    ended = fxtop("get", "nodes", "--ca", str(home / "other.pem"))
    assert ended.code == 5
    assert "isn't signed by the CA" in ended.err


def test_a_bus_without_agents_says_so_and_is_empty_data(fxtop: Run, home: Path, cluster: Demo) -> None:
    text = Path(cluster.ready.config).read_text().replace('slug = "demo"', 'slug = "nobody"')
    (home / "config.toml").write_text(text)
    ended = fxtop("--config", str(home / "config.toml"), "get", "nodes", "-o", "json")
    assert (ended.code, ended.data) == (0, [])
    assert "Nobody answered on cluster nobody" in ended.err


def watching(cluster: Demo, *flags: str) -> subprocess.Popen[str]:
    line = [sys.executable, "-m", "fxtop", "--config", cluster.ready.config, "get", "nodes", "--watch", *flags]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_watch_prints_one_line_of_json_per_update_and_ends_with_ctrl_c(cluster: Demo) -> None:
    with watching(cluster, "-o", "json") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        first, second = (json.loads(process.stdout.readline()) for _ in range(2))
        assert len(first) == len(second) == NODES
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
        assert process.stderr.read() == ""


def test_a_watch_ends_when_nobody_reads_any_more(cluster: Demo) -> None:
    with watching(cluster) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("STATE")
        process.stdout.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == ""
