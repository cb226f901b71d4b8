"""Ending sessions of real processes: exactly the right ones die, by the gentlest rung that does it."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

from fxtop.agent.providers.fastx import grip, ladder
from fxtop.agent.providers.fastx.census import Process, look_at
from fxtop.agent.providers.fastx.grip import gone, strike
from fxtop.agent.providers.fastx.join import Mark
from fxtop.agent.providers.fastx.ladder import Patience
from fxtop.agent.providers.fastx.procfs import NoProcess
from fxtop.agent.providers.fastx.provider import FastxCommands, FastxProvider
from fxtop.agent.providers.port import ProviderError, Step, UnknownSession
from fxtop.agent.providers.program import SiteCommand
from fxtop.protocol.ids import SessionId
from tests.unit.agent.providers.fastx_machine import (
    DESKTOP,
    SLEEP,
    STUBBORN,
    TIDY,
    FastxMachine,
    listed,
    root_only,
)

A = SessionId("a" * 32)
B = SessionId("b" * 32)
QUICK = Patience(settle=0.3, killed=5.0)


async def end(provider: FastxProvider, session: SessionId = A, grace: float = 0.3) -> list[Step]:
    await provider.sessions()
    return [step async for step in provider.terminate(session, grace)]


def said(steps: list[Step]) -> str:
    return " | ".join(step.detail for step in steps)


async def test_a_session_whose_command_ends_what_it_started_is_only_asked(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, TIDY)
    steps = await end(machine.provider(), grace=10.0)
    assert [step.gone for step in steps] == [False, True]
    assert f"pid {lived.started[0].pid}" in steps[0].detail
    assert not lived.alive
    assert lived.started[0].wait() == 0


async def test_what_its_command_leaves_is_asked_too(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, DESKTOP)
    steps = await end(machine.provider(patience=QUICK))
    assert "SIGTERM was sent to 2 processes" in said(steps)
    assert "SIGKILL" not in said(steps)
    assert steps[-1].gone
    assert not lived.alive


async def test_what_ignores_being_asked_is_killed(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, STUBBORN)
    steps = await end(machine.provider(patience=QUICK))
    assert "SIGKILL was sent to 2 processes" in said(steps)
    assert steps[-1].gone
    assert not lived.alive
    assert lived.started[0].wait() == -signal.SIGKILL


async def test_nothing_but_the_session_is_touched(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, DESKTOP)
    other = machine.session(ann, B, SLEEP)
    outside = machine.start(ann, SLEEP)
    guest = machine.start(ann, SLEEP, DISPLAY=lived.display)
    same_name = machine.start(ann, DESKTOP)
    prefix = machine.start(ann, SLEEP, XAUTHORITY=f"{lived.path}x/authority", DISPLAY=lived.display)
    detour = machine.start(ann, SLEEP, XAUTHORITY=f"{lived.path}/../FX3-{B}/authority")
    assert (await end(machine.provider(patience=QUICK)))[-1].gone
    assert not lived.alive
    assert other.alive
    assert [p.poll() for p in (outside, guest, same_name, prefix, detour)] == [None] * 5


@root_only
async def test_somebody_elses_process_with_the_same_xauthority_is_not_touched(machine: FastxMachine) -> None:
    ann, bob = machine.user("ann"), machine.user("bob")
    lived = machine.session(ann, A)
    intruder = machine.start(bob, SLEEP, XAUTHORITY=str(lived.path / "authority"), DISPLAY=lived.display)
    assert (await end(machine.provider(patience=QUICK)))[-1].gone
    assert lived.started[0].wait() == -signal.SIGTERM
    assert intruder.poll() is None


async def test_processes_that_appear_while_it_ends_are_ended_too(machine: FastxMachine) -> None:
    ann = machine.user()
    script = """
heir() { trap "" TERM; sleep 600; }
last_words() { heir & exit; }
trap last_words TERM
sleep 600 &
echo ready
wait
"""
    lived = machine.session(ann, A, script)
    steps = await end(machine.provider(patience=QUICK))
    assert steps[-1].gone
    assert not lived.alive


async def test_fastx_itself_is_not_taken_for_the_sessions_command(machine: FastxMachine) -> None:
    ann = machine.user()
    authority = str(machine.session_path(ann) / f"FX3-{A}" / "authority")
    monitor = machine.start(
        ann, "sleep 600 & echo ready; wait", name="/usr/lib/fastx/5/scripts/monitor", XAUTHORITY=authority
    )
    younger = machine.start(ann, SLEEP, XAUTHORITY=authority)
    body = (await listed(machine.provider()))[A]
    assert body.pid is not None
    assert body.pid != younger.pid
    assert look_at(body.pid).parent == monitor.pid


async def test_a_directory_that_fastx_has_not_removed_yet_is_told_of(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A)
    steps = await end(machine.provider())
    assert "directory is still there" in steps[-1].detail
    assert lived.path.is_dir()


async def test_orphans_end_like_sessions(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, DESKTOP, folder=False)
    steps = await end(machine.provider(patience=QUICK))
    assert steps[-1].gone
    assert "directory" not in steps[-1].detail
    assert not lived.alive


@pytest.mark.parametrize("id_", ["c" * 32, "../../etc", "", "-1", "1"])
async def test_an_id_that_was_not_listed_does_nothing(machine: FastxMachine, id_: str) -> None:
    ann = machine.user()
    lived = machine.session(ann, A)
    with pytest.raises(UnknownSession):
        await end(machine.provider(), SessionId(id_))
    assert lived.alive


async def test_a_session_that_ended_meanwhile_is_gone(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, folder=False)
    provider = machine.provider()
    await provider.sessions()
    lived.started[0].kill()
    lived.started[0].wait()
    with pytest.raises(UnknownSession):
        _ = [step async for step in provider.terminate(A, 1.0)]


async def test_what_can_not_be_killed_is_told_of(machine: FastxMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = machine.user()
    lived = machine.session(ann, A)
    monkeypatch.setattr(ladder, "strike", lambda targets, mark, number: grip.Struck(tuple(p.pid for p in targets)))
    with pytest.raises(ProviderError, match=f"still there after KILL .pid {lived.started[0].pid}"):
        await end(machine.provider(patience=Patience(0.05, 0.05)), grace=0.05)


async def test_what_the_agent_may_not_signal_is_told_of(machine: FastxMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    ann = machine.user()
    machine.session(ann, A)
    monkeypatch.setattr(ladder, "strike", lambda targets, mark, number: grip.Struck(forbidden=(1,)))
    with pytest.raises(ProviderError, match=r"ann.*as root"):
        await end(machine.provider())


async def test_the_sites_command_comes_first(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A, STUBBORN)
    site = SiteCommand(("/bin/sh", "-c", 'kill -9 "-$1"', "sh", "{pid}"))
    steps = await end(machine.provider(FastxCommands(terminate=site)), grace=10.0)
    assert steps[0].detail == "The site's command was run."
    assert steps[-1].gone
    assert len(steps) == 2
    assert not lived.alive


async def test_where_the_sites_command_fails_the_ladder_goes_on(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A)
    site = SiteCommand(("/bin/sh", "-c", "echo no such session: $1 >&2; exit 3", "sh", "{session}"))
    steps = await end(machine.provider(FastxCommands(terminate=site)), grace=0.2)
    assert f"failed with status 3: no such session: {A}" in steps[0].detail
    assert steps[-1].gone
    assert not lived.alive


async def test_a_pid_that_belongs_to_another_process_by_now_is_left_alone(machine: FastxMachine) -> None:
    ann = machine.user()
    lived = machine.session(ann, A)
    process = lived.processes()[0]
    earlier = replace(process, start=process.start - 1)
    mark = Mark(ann.uid, (str(lived.path),))
    assert strike([earlier], mark, signal.SIGKILL).hit == ()
    assert await gone([earlier], 0.0)
    assert lived.alive
    assert strike([process], mark, signal.SIGKILL).hit == (process.pid,)
    assert await gone([process], 10.0)


@pytest.mark.parametrize("mark", ["uid", "folder"])
async def test_a_process_that_left_the_session_is_left_alone(machine: FastxMachine, mark: str) -> None:
    ann = machine.user()
    lived = machine.session(ann, A)
    process = lived.processes()[0]
    wrong = Mark(ann.uid + 1, (str(lived.path),)) if mark == "uid" else Mark(ann.uid, (f"{lived.path}x",))
    assert strike([process], wrong, signal.SIGKILL).hit == ()
    assert lived.alive


async def test_the_agent_does_not_end_itself() -> None:
    own = look_at(os.getpid())
    assert strike([replace(own, xauthority="/s/authority")], Mark(own.uid, ("/s",)), signal.SIGKILL).hit == ()


async def test_without_pidfds_the_same_is_done(machine: FastxMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: int) -> int:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", unknown)
    ann = machine.user()
    lived = machine.session(ann, A, STUBBORN)
    other = machine.session(ann, B)
    steps = await end(machine.provider(patience=QUICK))
    assert steps[-1].gone
    assert not lived.alive
    assert other.alive


async def test_a_process_that_is_gone_needs_no_signal() -> None:
    never = Process(pid=2**22 + 1, start=1, parent=1, uid=0, ticks=0, rss=0)
    assert strike([never], Mark(0, ("/s",)), signal.SIGKILL) == grip.Struck()
    assert await gone([never], 0.0)


def test_there_is_no_such_pid() -> None:
    with pytest.raises(NoProcess):
        look_at(2**22 + 1)
