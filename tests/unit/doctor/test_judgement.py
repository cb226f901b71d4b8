"""Findings from facts that only a living machine has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from fxtop.cluster.records import Severity
from fxtop.config.site.layout import LOCAL_DIR, Directory
from fxtop.config.site.mounts import Mount
from fxtop.doctor.examine import Report, examine
from fxtop.doctor.facts import Facts, FileStat, NatsConf, Reached, Running, SecretFile
from fxtop.doctor.finding import Missing
from fxtop.doctor.gather.systemd import read_show
from tests.unit.actions.still_clock import StillClock
from tests.unit.doctor.kit import NOW, facts_of, good_manager, kinds, only, unchecked

SECRET = Path("/etc/fastx/transporter-secret.ini")
NATS_CONF = PurePosixPath("/etc/fastx/nats-server.conf")


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    """A living machine with nothing to find."""
    found = facts_of(tmp_path, good_manager())
    assert isinstance(found.secret, SecretFile)
    assert isinstance(found.nats, NatsConf)
    return replace(
        found,
        nats=replace(found.nats, stat=FileStat("root", "nats", 0o640, NOW)),
        names=frozenset({"mgr1.example.com", "mgr1", "localhost"}),
        running={"fastx5.service": Running("fastx5.service", "active", NOW)},
        changed={NATS_CONF: NOW - 1},
        may_read={SECRET: True},
        secret=replace(found.secret, stat=FileStat("fastx", "fastx", 0o600, NOW)),
        clock_kept=True,
        temp_mode=0o1777,
        reached=(
            Reached("transporter", "mgr1.example.com", 4222, ""),
            Reached("licence server", "mgr1.example.com", 5053, ""),
        ),
    )


def with_stat(facts: Facts, owner: str, mode: int) -> Facts:
    assert isinstance(facts.secret, SecretFile)
    return replace(facts, secret=replace(facts.secret, stat=FileStat(owner, owner, mode, NOW)))


def test_a_sound_machine_has_nothing_to_find_and_all_was_checked(facts: Facts) -> None:
    assert examine(facts) == Report(facts.role, (), ())


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_secret_that_others_can_use(facts: Facts, mode: int) -> None:
    found = only(examine(with_stat(facts, "fastx", mode)), "secret-mode")
    assert found.severity is Severity.CRIT
    assert f"mode {mode:04o}" in found.evidence[0]


def test_a_secret_of_somebody_else(facts: Facts) -> None:
    assert "belongs to root" in only(examine(with_stat(facts, "root", 0o600)), "secret-owner").text


def test_a_secret_that_the_service_cannot_read(facts: Facts) -> None:
    found = only(examine(replace(facts, may_read={SECRET: False})), "secret-unreadable")
    assert found.subject == str(SECRET)
    assert found.text == "fastx can't read it"


def test_a_configuration_with_a_secret_that_every_user_can_read(facts: Facts) -> None:
    assert isinstance(facts.nats, NatsConf)
    found = examine(replace(facts, nats=replace(facts.nats, stat=FileStat("root", "root", 0o644, NOW))))
    assert only(found, "secret-mode").subject == str(NATS_CONF)


def test_a_service_that_was_not_restarted_since_its_file_changed(facts: Facts) -> None:
    running = {
        "fastx-nats.service": Running("fastx-nats.service", "active", NOW),
        "fastx5.service": Running("fastx5.service", "active", NOW),
        "rlm.service": Running("rlm.service", "inactive", None),
    }
    late = replace(facts, running=running, changed={NATS_CONF: NOW + 60, PurePosixPath("/etc/fastx/a.ini"): NOW - 60})
    found = only(examine(late), "unit-stale")
    assert found.subject == "fastx-nats.service"
    assert found.evidence[1] == "/etc/fastx/nats-server.conf changed 2026-11-22 00:01:00 UTC"
    assert found.remedy == "systemctl restart fastx-nats.service"


def test_rlm_has_to_be_restarted_when_a_licence_changes(facts: Facts) -> None:
    file = PurePosixPath("/etc/fastx/license/a.lic")
    running = {"rlm.service": Running("rlm.service", "active", NOW)}
    found = only(examine(replace(facts, running=running, changed={file: NOW + 1, NATS_CONF: NOW + 1})), "unit-stale")
    assert found.text == "rlm.service runs since before a change of a.lic"


def test_a_clock_that_nothing_keeps_right(facts: Facts) -> None:
    found = only(examine(replace(facts, clock_kept=False)), "clock-unkept")
    assert found.severity is Severity.WARN


def test_a_service_that_failed(facts: Facts) -> None:
    failed = replace(facts, running={"rlm.service": Running("rlm.service", "failed", None)})
    assert only(examine(failed), "unit-failed").subject == "rlm.service"


def test_a_temporary_folder_that_is_not_for_everybody(facts: Facts) -> None:
    assert "mode 0755" in only(examine(replace(facts, temp_mode=0o755)), "temp-mode").text


def local_at(facts: Facts, path: str) -> Facts:
    directories = {**facts.layout.directories, LOCAL_DIR: Directory(LOCAL_DIR, PurePosixPath(path), None)}
    shared = Mount(PurePosixPath("/shared"), "nfs4", "nas:/x")
    lies_at = {**facts.lies_at, LOCAL_DIR: PurePosixPath(path)}
    return replace(facts, layout=replace(facts.layout, directories=directories), lies_at=lies_at, mounts=(shared,))


@pytest.mark.parametrize(
    ("path", "shared"),
    [("/shared/fastx", True), ("/shared/mgr1/fastx", False), ("/shared/mgr1.example.com", False), ("/local/x", False)],
)
def test_a_local_folder_that_several_hosts_may_share(facts: Facts, path: str, shared: bool) -> None:
    assert ("local-shared" in kinds(examine(local_at(facts, path)))) is shared


def test_a_local_folder_with_another_hosts_certificate_is_shared_for_sure(facts: Facts) -> None:
    found = only(examine(replace(facts, local_hosts=("mgr1", "viz07.example.com"))), "local-shared")
    assert found.severity is Severity.CRIT
    assert "viz07.example.com" in found.text


@pytest.mark.parametrize(
    ("what", "problem", "kind", "severity"),
    [
        ("transporter", "refused", "transporter-refused", Severity.CRIT),
        ("transporter", "filtered", "transporter-filtered", Severity.CRIT),
        ("transporter", "unresolved", "transporter-unresolved", Severity.CRIT),
        ("transporter", "unreachable", "transporter-unreachable", Severity.CRIT),
        ("transporter", "name", "transporter-name", Severity.CRIT),
        ("transporter", "expired", "transporter-expired", Severity.CRIT),
        ("transporter", "protocol", "transporter-protocol", Severity.CRIT),
        ("transporter", "untrusted", "transporter-untrusted", Severity.WARN),
        ("route", "refused", "route-refused", Severity.CRIT),
        ("licence server", "filtered", "license-filtered", Severity.CRIT),
    ],
)
def test_a_port_that_cannot_be_used(facts: Facts, what: str, problem: str, kind: str, severity: Severity) -> None:
    assert isinstance(facts.reached, tuple)
    found = examine(replace(facts, reached=(*facts.reached, Reached(what, "h", 1, problem, "why"))))
    assert only(found, kind).severity is severity
    assert only(found, kind).evidence == ("h:1: why",)


def test_where_nothing_says_where_a_server_is_that_is_said(facts: Facts) -> None:
    assert unchecked(examine(replace(facts, reached=()))) == {
        "whether a transporter can be reached": "nothing here says where one is",
        "whether a licence server can be reached": "nothing here says where one is",
    }


def test_a_certificate_must_hold_our_own_name_and_not_the_others(facts: Facts) -> None:
    other = replace(facts, names=frozenset({"mgr2.example.com"}))
    assert only(examine(other), "certificate-name").severity is Severity.CRIT


def test_routes_that_lead_here_alone(facts: Facts) -> None:
    alone = replace(facts, names=frozenset({"mgr1.example.com", "mgr2.example.com"}))
    assert "all routes lead to this machine" in only(examine(alone), "no-routes").text


@pytest.mark.parametrize(
    "fact", ["names", "running", "changed", "may_read", "mounts", "temp_mode", "conflicts", "reached"]
)
def test_a_fact_that_is_missing_is_never_taken_for_a_good_one(facts: Facts, fact: str) -> None:
    changes: dict[str, Any] = {fact: Missing("for a reason")}
    found = examine(replace(facts, **changes))
    assert "for a reason" in " ".join(left.why for left in found.not_checked)


def test_what_is_quoted_cannot_act_on_the_terminal(facts: Facts) -> None:
    evil = replace(facts, reached=(Reached("transporter", "h\x1b[2J", 1, "refused", "\x07"),))
    assert not set(repr(examine(evil))) & set("\x1b\x07")
    assert "\\x1b" not in repr(examine(evil))


def test_systemds_answer_is_read_by_the_monotonic_clock() -> None:
    clock = StillClock()
    stamp = int((clock.monotonic() - 5) * 1e6)
    units = read_show(
        f"Id=fastx5.service\nActiveState=active\nActiveEnterTimestampMonotonic={stamp}\n\n"
        "Id=rlm.service\nActiveState=failed\nActiveEnterTimestampMonotonic=0\n\nnonsense\n",
        clock,
    )
    assert units["fastx5.service"].since == pytest.approx(clock.now() - 5)
    assert units["rlm.service"] == Running("rlm.service", "failed", None)
    assert len(units) == 2
