"""Sessions that wait in a job scheduler."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.providers.pending import PendingSessions, WithPending
from fxtop.agent.providers.port import ProviderError
from fxtop.agent.providers.program import ProgramError, SiteCommand, TemplateError
from fxtop.agent.providers.schedulers import ANY, SchedulerCommands, find_schedulers, read_waiting
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import Pending, SessionBody
from tests.unit.agent.kit import NODE, ScriptedProvider, SetClock, body

P = SessionId("p1")
STATUS = SchedulerCommands(
    status=SiteCommand(("/bin/cat", "{directory}/waiting")),
    cancel=SiteCommand(
        (
            "/bin/sh",
            "-c",
            'echo "$2 $3" > "$1/cancelled"; cat >> "$1/cancelled"; echo "[]" > "$1/waiting"',
            "sh",
            "{directory}",
            "{session}",
            "{job}",
        )
    ),
)


class Schedulers:
    """Scheduler directories of the vendor and of the site."""

    def __init__(self, folder: Path) -> None:
        self.system, self.custom = folder / "system", folder / "custom"
        self.clock = SetClock()
        self.add("slurm")

    def add(self, name: str, *, custom: bool = True) -> None:
        folder = (self.custom if custom else self.system) / name
        folder.mkdir(parents=True)
        self.put(folder, [{"id": P, "user": "ann"}])

    def put(self, folder: Path, waiting: Any) -> None:
        (folder / "waiting").write_text(waiting if isinstance(waiting, str) else json.dumps(waiting))

    @property
    def slurm(self) -> Path:
        return self.custom / "slurm"

    def pending(self, commands: dict[str, SchedulerCommands] | None = None) -> PendingSessions:
        return PendingSessions(
            NODE,
            {ANY: STATUS} if commands is None else commands,
            self.clock,
            find=lambda: find_schedulers(self.system, self.custom),
        )

    async def later(self, pending: PendingSessions) -> list[SessionBody]:
        """What is known after the next round of questions."""
        self.clock.move(60)
        async with asyncio.TaskGroup() as group:
            told = group.create_task(pending.changed.wait())
            await asyncio.sleep(0)
            await pending.bodies()
            await told
        return await pending.bodies()


@pytest.fixture
def schedulers(tmp_path: Path) -> Schedulers:
    return Schedulers(tmp_path)


async def test_a_pending_session_tells_its_age_scheduler_job_and_reason(schedulers: Schedulers) -> None:
    schedulers.put(
        schedulers.slurm,
        [{"id": P, "user": "ann", "submitted": 1e9, "job": 4711, "reason": "Resources", "app": "matlab", "later": 1}],
    )
    assert await schedulers.pending().bodies() == [
        SessionBody(
            id=P,
            node=NODE,
            user="ann",
            state="pending",
            app="matlab",
            created=1e9,
            pending=Pending(scheduler="slurm", job="4711", reason="Resources"),
        )
    ]


async def test_the_sites_scheduler_replaces_the_vendors_of_the_same_name(schedulers: Schedulers) -> None:
    schedulers.add("slurm", custom=False)
    schedulers.add("default", custom=False)
    (schedulers.system / "README").write_text("no scheduler")
    (schedulers.system / "..hidden").mkdir()
    found = find_schedulers(schedulers.system, schedulers.custom)
    assert {name: one.directory.parent.name for name, one in found.items()} == {"slurm": "custom", "default": "system"}
    assert find_schedulers(schedulers.system / "no", schedulers.custom / "no") == {}


async def test_a_scheduler_without_a_command_is_not_asked(schedulers: Schedulers) -> None:
    assert await schedulers.pending({"lsf": STATUS}).bodies() == []


async def test_sessions_for_other_nodes_are_told_there(schedulers: Schedulers) -> None:
    other = {"id": "p2", "user": "bob", "node": "viz99"}
    schedulers.put(schedulers.slurm, [{"id": P, "user": "ann", "node": NODE}, other])
    assert [one.id for one in await schedulers.pending().bodies()] == [P]


@pytest.mark.parametrize("broken", ["", "null", "[{}]", '[{"id": "-x", "user": "ann"}]', '[{"id": "p1", "user": 7}]'])
async def test_where_a_scheduler_fails_its_last_word_stays_with_a_note(schedulers: Schedulers, broken: str) -> None:
    schedulers.add("lsf")
    schedulers.put(schedulers.custom / "lsf", [{"id": "p2", "user": "bob"}])
    pending = schedulers.pending()
    before = await pending.bodies()
    assert pending.notes() == ()
    schedulers.put(schedulers.slurm, broken)
    schedulers.put(schedulers.custom / "lsf", [])
    assert await schedulers.later(pending) == [one for one in before if one.id == P]
    (note,) = pending.notes()
    assert "slurm" in note
    assert "UTC" in note
    schedulers.put(schedulers.slurm, [])
    assert await schedulers.later(pending) == []
    assert pending.notes() == ()


async def test_a_scheduler_that_never_answered_has_no_sessions(schedulers: Schedulers) -> None:
    schedulers.put(schedulers.slurm, "no JSON")
    pending = schedulers.pending()
    assert await pending.bodies() == []
    assert "UTC" not in pending.notes()[0]


async def test_a_scheduler_that_was_removed_takes_its_sessions_along(schedulers: Schedulers) -> None:
    pending = schedulers.pending()
    assert len(await pending.bodies()) == 1
    schedulers.slurm.rename(schedulers.custom.parent / "away")
    assert await schedulers.later(pending) == []


async def test_schedulers_are_not_asked_again_before_it_is_time(schedulers: Schedulers) -> None:
    pending = schedulers.pending()
    await pending.bodies()
    schedulers.put(schedulers.slurm, [])
    schedulers.clock.move(5)
    assert len(await pending.bodies()) == 1


async def test_a_session_that_runs_is_no_longer_pending(schedulers: Schedulers) -> None:
    schedulers.put(schedulers.slurm, [{"id": P, "user": "ann"}, {"id": "a", "user": "ann"}])
    provider = WithPending(ScriptedProvider(body("a")), schedulers.pending())
    assert {one.id: one.state for one in await provider.sessions()} == {"a": "running", P: "pending"}


async def test_terminating_a_pending_session_cancels_it_in_its_scheduler(schedulers: Schedulers) -> None:
    schedulers.put(schedulers.slurm, [{"id": P, "user": "ann", "job": "47"}])
    inner = ScriptedProvider(body("a"))
    provider = WithPending(inner, schedulers.pending())
    await provider.sessions()
    steps = [step async for step in provider.terminate(P, 1.0)]
    assert steps[-1].gone
    arguments, _, stdin = (schedulers.slurm / "cancelled").read_text().partition("\n")
    assert arguments == f"{P} 47"
    assert json.loads(stdin)["pending"] == {"scheduler": "slurm", "job": "47", "reason": None}
    assert inner.done == []
    assert [one.id for one in await provider.sessions()] == ["a"]


async def test_a_scheduler_that_keeps_the_session_is_told_of(schedulers: Schedulers) -> None:
    stays = SchedulerCommands(status=STATUS.status, cancel=SiteCommand(("/bin/true",)))
    provider = WithPending(ScriptedProvider(), schedulers.pending({"slurm": stays}))
    await provider.sessions()
    with pytest.raises(ProviderError, match="still has it"):
        _ = [step async for step in provider.terminate(P, 1.0)]


async def test_without_a_command_a_pending_session_can_not_be_cancelled(schedulers: Schedulers) -> None:
    provider = WithPending(ScriptedProvider(), schedulers.pending({"slurm": SchedulerCommands(STATUS.status)}))
    await provider.sessions()
    with pytest.raises(ProviderError, match="no command to cancel"):
        _ = [step async for step in provider.terminate(P, 1.0)]
    with pytest.raises(ProviderError, match="pending"):
        await provider.message(P, "hello")
    with pytest.raises(ProviderError, match="elsewhere"):
        await provider.requeue(P, NodeId("viz02"))


async def test_everything_else_is_the_other_providers(schedulers: Schedulers) -> None:
    inner = ScriptedProvider(body("a"))
    provider = WithPending(inner, schedulers.pending())
    await provider.sessions()
    assert (provider.name, provider.abilities, provider.notes) == ("scripted", inner.abilities, ())
    await provider.message(SessionId("a"), "hello")
    await provider.placement(False, 2.0)
    _ = [step async for step in provider.terminate(SessionId("a"), 1.0)]
    assert inner.done == [("message", "a", "hello"), ("terminate", "a", 1.0)]
    assert (inner.taking, inner.weight) == (False, 2.0)


async def test_it_wakes_when_either_has_news(schedulers: Schedulers) -> None:
    inner, pending = ScriptedProvider(), schedulers.pending()
    provider = WithPending(inner, pending)
    await provider.sessions()
    inner.stir()
    await provider.changed()
    await provider.sessions()
    waiting = asyncio.create_task(provider.changed())
    await asyncio.sleep(0)
    await schedulers.later(pending)
    await waiting


@given(st.binary(max_size=200))
def test_any_bytes_are_pending_sessions_or_a_program_error(noise: bytes) -> None:
    try:
        read_waiting(noise)
    except ProgramError as error:
        assert str(error).isprintable()


def test_a_status_command_with_a_placeholder_it_can_not_have_is_refused() -> None:
    with pytest.raises(TemplateError):
        SchedulerCommands(status=SiteCommand(("/bin/status", "{session}")))
