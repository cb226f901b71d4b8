"""Removing what a session left behind, and nothing else, whatever its user put there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fxtop.agent.providers.fastx import ghost
from fxtop.agent.providers.fastx.accounts import Account, Place
from fxtop.agent.providers.fastx.folders import SessionFolder
from fxtop.agent.providers.fastx.ghost import NotRemoved
from fxtop.agent.providers.port import ProviderError
from fxtop.protocol.ids import SessionId
from tests.unit.agent.providers.fastx_machine import SLEEP, FastxMachine, listed, root_only

A = SessionId("a" * 32)
B = SessionId("b" * 32)


@pytest.fixture
def ann(machine: FastxMachine) -> Account:
    """A user with a process, so that her home is looked at."""
    account = machine.user("ann")
    machine.start(account, SLEEP)
    return account


def remove(machine: FastxMachine, ann: Account, path: Path, **other: int) -> None:
    fact = path.stat()
    known = {"device": fact.st_dev, "inode": fact.st_ino, **other}
    place = Place(str(machine.session_path(ann)))
    ghost.remove(ann, place, SessionFolder(path.name, modified=fact.st_mtime, **known))


async def test_terminating_what_is_listed_as_a_ghost_removes_its_directory(machine: FastxMachine, ann: Account) -> None:
    path, other = machine.folder(ann, A), machine.folder(ann, B)
    provider = machine.provider()
    await provider.sessions()
    steps = [step async for step in provider.terminate(A, 1.0)]
    assert [(step.detail, step.gone) for step in steps] == [("It had no processes; its directory was removed.", True)]
    assert not path.exists()
    assert (other / "logs" / "session.log").exists()
    assert list(await listed(provider)) == [B]


async def test_a_session_that_starts_is_not_removed(machine: FastxMachine, ann: Account) -> None:
    path = machine.folder(ann, A, age=5)
    provider = machine.provider()
    await provider.sessions()
    with pytest.raises(ProviderError, match="is starting"):
        _ = [step async for step in provider.terminate(A, 1.0)]
    assert path.is_dir()


async def test_a_ghost_that_came_to_life_is_ended_and_not_removed(machine: FastxMachine, ann: Account) -> None:
    path = machine.folder(ann, A)
    provider = machine.provider()
    assert (await listed(provider))[A].state == "ghost"
    alive = machine.start(ann, SLEEP, XAUTHORITY=str(path / "authority"))
    steps = [step async for step in provider.terminate(A, 5.0)]
    assert steps[-1].gone
    assert alive.wait() == -15
    assert path.is_dir()


async def test_a_directory_that_is_not_this_hosts_alone_is_not_removed(machine: FastxMachine, ann: Account) -> None:
    path = machine.folder(ann, A)
    provider = machine.provider()
    await provider.sessions()
    machine.own = False
    with pytest.raises(ProviderError, match="another host"):
        _ = [step async for step in provider.terminate(A, 1.0)]
    assert path.is_dir()


def test_links_in_it_are_removed_and_not_followed(machine: FastxMachine, ann: Account, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("keep me")
    path = machine.folder(ann, A)
    (path / "link").symlink_to(precious)
    (path / "logs" / "file").symlink_to(precious / "file")
    os.link(precious / "file", path / "hard")
    os.mkfifo(path / "fifo")
    remove(machine, ann, path)
    assert not path.exists()
    assert (precious / "file").read_text() == "keep me"


def test_a_link_that_took_its_place_is_not_followed(machine: FastxMachine, ann: Account, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("keep me")
    path = machine.folder(ann, A)
    fact = path.stat()
    path.rename(tmp_path / "away")
    path.symlink_to(precious)
    with pytest.raises(OSError, match="Not a directory"):
        ghost.remove(
            ann, Place(str(machine.session_path(ann))), SessionFolder(path.name, fact.st_dev, fact.st_ino, 0.0)
        )
    assert (precious / "file").exists()


def test_another_directory_that_took_its_name_is_left(machine: FastxMachine, ann: Account) -> None:
    path = machine.folder(ann, A)
    with pytest.raises(NotRemoved, match="taken its name"):
        remove(machine, ann, path, inode=path.stat().st_ino + 1)
    assert (path / "authority").exists()


def test_another_filesystem_is_not_entered(machine: FastxMachine, ann: Account) -> None:
    path = machine.folder(ann, A)
    with pytest.raises(NotRemoved, match="another filesystem"):
        remove(machine, ann, path, device=path.stat().st_dev + 1)
    assert (path / "authority").exists()


@root_only
@pytest.mark.parametrize("which", ["", "logs"])
def test_a_directory_of_somebody_else_is_left(machine: FastxMachine, ann: Account, which: str) -> None:
    path = machine.folder(ann, A)
    os.chown(path / which, 0, 0)
    with pytest.raises(NotRemoved, match="somebody else"):
        remove(machine, ann, path)
    assert (path / "logs" / "session.log").exists()


@root_only
def test_a_session_path_that_leads_to_somebody_else_is_left(machine: FastxMachine, ann: Account) -> None:
    bob = machine.user("bob")
    path = machine.folder(bob, A)
    fact = path.stat()
    folder = SessionFolder(path.name, fact.st_dev, fact.st_ino, 0.0)
    with pytest.raises(OSError, match="somebody else"):
        ghost.remove(ann, Place(str(machine.session_path(bob))), folder)
    assert path.is_dir()


def test_a_directory_that_holds_too_much_is_left(
    machine: FastxMachine, ann: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ghost, "MOST", 1)
    path = machine.folder(ann, A)
    with pytest.raises(NotRemoved, match="more than 1 entries"):
        remove(machine, ann, path)
    assert path.is_dir()


def test_a_directory_that_is_too_deep_is_left(machine: FastxMachine, ann: Account) -> None:
    path = machine.folder(ann, A)
    deep = path
    for _ in range(45):
        deep = deep / "d"
        deep.mkdir()
        os.chown(deep, ann.uid, ann.gid)
    with pytest.raises(NotRemoved, match="deep"):
        remove(machine, ann, path)


@root_only
async def test_the_operator_is_told_why_it_was_left(machine: FastxMachine, ann: Account) -> None:
    path = machine.folder(ann, A)
    os.chown(path / "logs", 0, 0)
    provider = machine.provider()
    await provider.sessions()
    with pytest.raises(ProviderError, match="not removed: logs in it belongs to somebody else"):
        _ = [step async for step in provider.terminate(A, 1.0)]
