"""Whose session directories are looked at although they have no process: after a restart, after a reboot."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.providers.fastx.folders import Sight
from fxtop.agent.providers.fastx.homes import Homes
from fxtop.agent.providers.fastx.remembered import RememberedUsers
from fxtop.protocol.ids import SessionId
from tests.unit.agent.providers.fastx_machine import SLEEP, FastxMachine, listed, root_only

pytestmark = root_only

A = SessionId("a" * 32)


async def seen_once(machine: FastxMachine, file: Path) -> int:
    """Ann is seen with a session directory by one agent, and then her last process ends."""
    ann = machine.user("ann")
    machine.folder(ann, A)
    process = machine.start(ann, SLEEP)
    assert list(await listed(machine.provider(remembered=RememberedUsers(file)))) == [A]
    process.kill()
    process.wait()
    return ann.uid


async def test_what_is_left_of_somebody_who_is_gone_is_seen_by_the_next_agent(
    machine: FastxMachine, tmp_path: Path
) -> None:
    await seen_once(machine, tmp_path / "users")
    assert (await listed(machine.provider(remembered=RememberedUsers(tmp_path / "users"))))[A].state == "ghost"


async def test_who_has_no_session_directory_left_is_forgotten(machine: FastxMachine, tmp_path: Path) -> None:
    uid = await seen_once(machine, tmp_path / "users")
    provider = machine.provider(remembered=RememberedUsers(tmp_path / "users"))
    await provider.sessions()
    _ = [step async for step in provider.terminate(A, 1.0)]
    await provider.sessions()
    assert uid not in RememberedUsers(tmp_path / "users").uids


async def test_who_could_not_be_looked_at_is_not_forgotten(machine: FastxMachine, tmp_path: Path) -> None:
    uid = await seen_once(machine, tmp_path / "users")
    dead = Homes(looking=lambda account, place: Sight(None, note="It can't be seen."))
    provider = machine.provider(remembered=RememberedUsers(tmp_path / "users"), homes=dead)
    await provider.sessions()
    assert uid in RememberedUsers(tmp_path / "users").uids


async def test_what_only_looks_writes_nothing(machine: FastxMachine, tmp_path: Path) -> None:
    await seen_once(machine, tmp_path / "users")
    before = (tmp_path / "users").read_bytes()
    await RememberedUsers(tmp_path / "users", writes=False).keep([1, 2])
    assert (tmp_path / "users").read_bytes() == before


async def test_a_place_that_can_not_be_written_costs_nothing_but_the_memory(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no directory")
    users = RememberedUsers(tmp_path / "file" / "users")
    caplog.clear()
    for uids in ([7], [7, 8]):
        await users.keep(uids)
        assert users.uids == set(uids)
    assert len(caplog.messages) == 1


@given(content=st.binary(max_size=200) | st.lists(st.integers()).map(lambda uids: str(uids).encode()))
def test_whatever_stands_in_the_file_users_come_out(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / f"users-{os.getpid()}"
    file.write_bytes(content)
    assert all(0 <= uid < 2**32 - 1 for uid in RememberedUsers(file).uids)
