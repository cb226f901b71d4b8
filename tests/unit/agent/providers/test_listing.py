"""What a machine with real processes is seen to run."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from fxtop.agent.providers.fastx.accounts import Account
from fxtop.agent.providers.fastx.folders import Sight
from fxtop.agent.providers.fastx.homes import Homes
from fxtop.agent.providers.port import ProviderError
from fxtop.protocol.ids import SessionId
from tests.unit.agent.kit import SetClock
from tests.unit.agent.providers.fastx_machine import (
    DESKTOP,
    WAITING,
    FastxMachine,
    fastx_machine,
    listed,
    root_only,
)

A = SessionId("a" * 32)
B = SessionId("b" * 32)


async def test_a_session_is_its_directory_and_its_processes(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, DESKTOP)
    body = (await listed(machine.provider()))[A]
    assert (body.state, body.user, body.display) == ("running", "ann", lived.display)
    assert body.pid == lived.started[0].pid
    assert body.command is not None and body.command.startswith("/bin/sh -c ")
    assert body.created == pytest.approx(time.time(), abs=10)
    assert body.mem == sum(process.rss for process in lived.processes())
    assert len(lived.processes()) == 3
    assert (body.idle, body.clients, body.geometry, body.name, body.cpu) == (None,) * 5


async def test_load_is_the_share_of_a_core_between_two_listings(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, "echo ready; while :; do :; done")
    provider = machine.provider()
    assert (await listed(provider))[A].cpu is None
    before = lived.processes()[0].ticks
    while lived.processes()[0].ticks < before + 20:
        os.sched_yield()
    share = (await listed(provider))[A].cpu
    assert share is not None
    assert 0.0 < share <= 1.1


async def test_a_directory_without_processes_is_a_ghost(machine: FastxMachine) -> None:
    ann = machine.user()
    machine.start(ann, WAITING)
    machine.folder(ann, A)
    body = (await listed(machine.provider()))[A]
    assert (body.state, body.pid, body.created, body.mem, body.cpu) == ("ghost", None, None, None, None)


async def test_a_new_directory_without_processes_is_a_session_that_starts(machine: FastxMachine) -> None:
    ann = machine.user()
    machine.start(ann, WAITING)
    machine.folder(ann, A, age=5)
    assert (await listed(machine.provider()))[A].state == "starting"


async def test_processes_without_a_directory_are_orphans(machine: FastxMachine) -> None:
    ann = machine.user()
    machine.session(ann, A, folder=False)
    assert (await listed(machine.provider()))[A].state == "orphan"


@root_only
async def test_nobody_without_processes_is_looked_at(machine: FastxMachine) -> None:
    machine.folder(machine.user(), A)
    assert await listed(machine.provider()) == {}


async def test_a_session_that_just_lost_its_processes_is_ending_and_a_ghost_later(tmp_path: Path) -> None:
    clock = SetClock(time.time())
    with fastx_machine(tmp_path, clock) as machine:
        ann = machine.user()
        machine.start(ann, WAITING)
        lived = machine.session(ann, A)
        provider = machine.provider()
        assert (await listed(provider))[A].state == "running"
        lived.started[0].kill()
        lived.started[0].wait()
        assert (await listed(provider))[A].state == "ending"
        clock.move(61)
        assert (await listed(provider))[A].state == "ghost"


async def test_without_any_of_both_it_is_gone(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, folder=False)
    provider = machine.provider()
    assert A in await listed(provider)
    os.kill(lived.started[0].pid, signal.SIGKILL)
    lived.started[0].wait()
    assert A not in await listed(provider)


@root_only
async def test_users_are_told_apart(machine: FastxMachine) -> None:
    ann, bob = machine.user("ann"), machine.user("bob")
    machine.session(ann, A)
    machine.session(bob, B)
    assert {id_: body.user for id_, body in (await listed(machine.provider())).items()} == {A: "ann", B: "bob"}


@root_only
async def test_a_process_that_claims_somebody_elses_session_is_not_of_it(machine: FastxMachine) -> None:
    ann, bob = machine.user("ann"), machine.user("bob")
    lived = machine.session(ann, A)
    machine.start(bob, WAITING, XAUTHORITY=str(lived.path / "authority"), DISPLAY=lived.display)
    provider = machine.provider()
    sessions = await listed(provider)
    assert list(sessions) == [A]
    assert sessions[A].mem == sum(p.rss for p in lived.processes())
    assert any("SessionPath" in note for note in provider.notes)


@root_only
async def test_nobody_hides_a_session_behind_one_with_the_same_id(machine: FastxMachine) -> None:
    ann, bob = machine.user("ann"), machine.user("bob")
    machine.session(ann, A)
    machine.session(bob, A)
    assert set(await listed(machine.provider())) == {f"FX3-{A}@ann", f"FX3-{A}@bob"}


@pytest.mark.parametrize("id_", ["-rf", "\x1b]0;owned\x07", "a b", "é", "x" * 200, "..", "a@b"])
async def test_what_is_not_named_like_a_session_is_none(machine: FastxMachine, id_: str) -> None:
    ann = machine.user()
    machine.start(ann, WAITING)
    machine.folder(ann, id_)
    machine.folder(ann, A, prefix="session")
    assert await listed(machine.provider()) == {}


async def test_a_link_in_place_of_a_session_directory_is_none(machine: FastxMachine) -> None:
    ann = machine.user()
    machine.start(ann, WAITING)
    (machine.session_path(ann) / f"FX3-{A}").symlink_to("/etc")
    (machine.session_path(ann) / f"FX3-{B}").write_text("a file")
    assert await listed(machine.provider()) == {}


@root_only
async def test_a_directory_of_somebody_else_is_none(machine: FastxMachine) -> None:
    ann = machine.user()
    machine.start(ann, WAITING)
    os.chown(machine.folder(ann, A), 0, 0)
    assert await listed(machine.provider()) == {}


@root_only
@pytest.mark.parametrize("how", ["link", "foreign"])
async def test_a_session_path_that_is_not_the_users_own_is_not_looked_into(machine: FastxMachine, how: str) -> None:
    ann, bob = machine.user("ann"), machine.user("bob")
    lived = machine.session(ann, A)
    machine.folder(bob, B)
    path = machine.session_path(ann)
    if how == "link":
        path.rename(path.with_name("away"))
        path.symlink_to(machine.session_path(bob))
    else:
        os.chown(path, bob.uid, bob.gid)
    provider = machine.provider()
    sessions = await listed(provider)
    assert list(sessions) == [A]
    assert sessions[A].state == "running"
    assert sessions[A].pid == lived.started[0].pid
    assert any("ann" in note for note in provider.notes)


async def test_a_home_behind_a_link_is_the_same_home(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, folder=False)
    real = machine.homes / "export"
    (machine.homes / "ann").rename(real)
    (machine.homes / "ann").symlink_to(real)
    machine.folder(ann, A)
    machine.start(ann, WAITING, XAUTHORITY=str(lived.path.resolve() / "authority"))
    body = (await listed(machine.provider()))[A]
    assert body.state == "running"
    assert body.mem is not None and body.mem > lived.processes()[0].rss


async def test_sessions_in_a_home_that_can_not_be_read_are_seen_by_their_processes(machine: FastxMachine) -> None:
    ann = machine.user()
    machine.session(ann, A)
    refused = Homes(looking=lambda account, place: Sight(None, note=f"{account.name}: permission denied"))
    provider = machine.provider(homes=refused)
    assert {id_: body.state for id_, body in (await listed(provider)).items()} == {A: "running"}
    assert "ann: permission denied" in provider.notes


async def test_directories_that_other_hosts_share_are_no_ghosts(machine: FastxMachine) -> None:
    ann = machine.user()
    machine.session(ann, A)
    machine.folder(ann, B)
    machine.own = False
    assert {id_: body.state for id_, body in (await listed(machine.provider())).items()} == {A: "running"}


async def test_a_guest_on_the_display_counts_for_the_load_alone(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A)
    guest = machine.start(ann, WAITING, DISPLAY=f"{lived.display}.0")
    body = (await listed(machine.provider()))[A]
    assert body.pid == lived.started[0].pid != guest.pid
    assert body.mem is not None and body.mem > lived.processes()[0].rss


async def test_a_machine_that_can_not_be_looked_at_is_not_an_empty_one(
    machine: FastxMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def closed(_: Account) -> None:
        raise PermissionError(13, "no /proc")

    monkeypatch.setattr(machine, "places", closed)
    provider = machine.provider()
    with pytest.raises(ProviderError, match="no /proc"):
        await provider.sessions()
