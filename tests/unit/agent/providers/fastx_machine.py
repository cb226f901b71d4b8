"""A machine with FastX sessions: their directories, and real processes with the environment that FastX gives them."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from fxtop.agent.providers.fastx.accounts import Account, AccountBook, Place
from fxtop.agent.providers.fastx.census import Process, look_at
from fxtop.agent.providers.fastx.procfs import NoProcess
from fxtop.agent.providers.fastx.provider import FastxCommands, FastxProvider
from fxtop.clock import Clock, SystemClock
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import SessionBody

NODE = NodeId("viz01.example.edu")
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
FIRST_UID = 61_000 + WORKER % 40 * 100
"""Tests that run at the same time have users of their own: processes of one user are seen by all who look for her."""
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make processes of several users")

SLEEP = "exec sleep 600"
DESKTOP = "sleep 600 & sleep 600 & echo ready; wait"
"""A command with two programs, which end when it ends by TERM only if somebody ends them too."""
TIDY = "sleep 600 & a=$!; sleep 600 & b=$!; trap 'kill $a $b; exit 0' TERM; echo ready; wait"
"""A desktop as it should be: asked to end, it ends what it started."""
STUBBORN = "trap '' TERM; sleep 600 & echo ready; wait"
"""Ignores TERM, and so does what it starts."""
WAITING = "echo ready; exec sleep 600"


@dataclass
class Lived:
    """A session with the processes that were started for it."""

    account: Account
    id: str
    path: Path
    display: str
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def processes(self) -> list[Process]:
        """All living processes of its user with the XAUTHORITY of this session."""
        return [p for p in _with_xauthority(str(self.path / "authority")) if p.uid == self.account.uid]

    @property
    def alive(self) -> bool:
        return bool(self.processes())


class FastxMachine:
    """Homes below ``folder``; `close` ends every process that was started."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        self.homes = folder / "home"
        self.homes.mkdir()
        self.clock = clock or SystemClock()
        self.accounts: dict[int, Account] = {}
        self.own = True
        self._started: list[subprocess.Popen[bytes]] = []
        self._displays = 100

    def user(self, name: str = "ann") -> Account:
        """A user without any process. All are one where this isn't root."""
        uid = _unused_uid(FIRST_UID + len(self.accounts)) if os.geteuid() == 0 else os.getuid()
        gid = uid if os.geteuid() == 0 else os.getgid()
        account = Account(uid, gid, name, str(self.homes / name))
        self.accounts[uid] = account
        path = self.session_path(account)
        path.mkdir(parents=True)
        for one in (path, *path.parents):
            if one == self.homes:
                break
            os.chown(one, uid, gid)
        return account

    def session_path(self, account: Account) -> Path:
        return self.homes / account.name / ".fastx_server" / "viz01" / "sessions"

    def places(self, account: Account) -> Place | None:
        known = self.accounts.get(account.uid)
        return Place(str(self.session_path(known)), self.own) if known else None

    def folder(self, account: Account, id_: str, *, age: float = 3600.0, prefix: str = "FX3") -> Path:
        """A session directory as FastX leaves it."""
        path = self.session_path(account) / f"{prefix}-{id_}"
        path.mkdir()
        (path / "authority").write_bytes(b"\x01\x00")
        (path / "logs").mkdir()
        (path / "logs" / "session.log").write_text("started\n")
        for one in (path / "logs" / "session.log", path / "logs", path / "authority", path):
            os.chown(one, account.uid, account.gid)
        changed = self.clock.now() - age
        os.utime(path, (changed, changed))
        return path

    def session(self, account: Account, id_: str, *commands: str, folder: bool = True) -> Lived:
        """A session with processes: one for each of ``commands`` (shell), in that order."""
        path = self.folder(account, id_) if folder else self.session_path(account) / f"FX3-{id_}"
        self._displays += 1
        lived = Lived(account, id_, path, f"viz01:{self._displays}")
        for command in commands or (SLEEP,):
            lived.started.append(
                self.start(account, command, XAUTHORITY=str(path / "authority"), DISPLAY=lived.display)
            )
        return lived

    def start(self, account: Account, command: str, name: str = "/bin/sh", **env: str) -> subprocess.Popen[bytes]:
        """A process of ``account`` that calls itself ``name``; returns when it is ready."""
        root = os.geteuid() == 0
        process = subprocess.Popen(
            [name, "-c", command],
            executable="/bin/sh",
            env={"PATH": os.environ["PATH"], **env},
            cwd="/",
            stdout=subprocess.PIPE,
            start_new_session=True,
            user=account.uid if root else None,
            group=account.gid if root else None,
            extra_groups=[] if root else None,
        )
        self._started.append(process)
        if "ready" in command:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
        if command in (SLEEP, DESKTOP, TIDY, STUBBORN, WAITING):
            _until_asleep(process.pid, command.count("sleep 600"))
        return process

    def provider(self, commands: FastxCommands | None = None, **settings: object) -> FastxProvider:
        """The provider of this machine."""
        book = AccountBook(self.clock, lambda uid: self.accounts.get(uid) or Account(uid, uid, str(uid), None))
        return FastxProvider(NODE, self.places, self.clock, commands=commands, accounts=book, **settings)  # type: ignore[arg-type]  # passed on

    def close(self) -> None:
        for process in self._started:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                process.kill()
            if process.stdout is not None:
                process.stdout.close()
            process.wait()


def _until_asleep(group: int, count: int) -> None:
    """Return when so many processes of a group are the programs they were forked to be, and not their shell's copies.

    Until then their memory and their names change from one look to the next.
    """
    while sum(process.name() == "sleep" for process in _of_group(group)) < count:
        time.sleep(0.001)


def _of_group(group: int) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            if os.getpgid(process.pid) == group:
                yield process


@contextmanager
def fastx_machine(folder: Path, clock: Clock | None = None) -> Iterator[FastxMachine]:
    machine = FastxMachine(folder, clock)
    try:
        yield machine
    finally:
        machine.close()


async def listed(provider: FastxProvider) -> dict[SessionId, SessionBody]:
    return {body.id: body for body in await provider.sessions()}


def _with_xauthority(path: str) -> Iterator[Process]:
    for entry in os.listdir("/proc"):
        if entry.isdecimal():
            try:
                process = look_at(int(entry))
            except NoProcess:
                continue
            if process.xauthority == path:
                yield process


def _unused_uid(uid: int) -> int:
    while True:
        try:
            pwd.getpwuid(uid)
        except KeyError:
            return uid
        uid += 1
