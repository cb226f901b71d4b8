"""A site's own programs: believed where they are right, and not at all where they are not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.providers import command
from fxtop.agent.providers.command import CommandProvider, SessionCommands, read_sessions
from fxtop.agent.providers.port import Ability, ProviderError, UnknownSession
from fxtop.agent.providers.program import ProgramError, SiteCommand, TemplateError
from fxtop.clock import SystemClock
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import SessionBody

NODE = NodeId("viz01")
A = SessionId("a1")


class Site:
    """Programs that keep a site's sessions in a file."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "sessions.json"
        self.heard = folder / "heard"
        self.put([{"id": A, "user": "ann", "state": "running"}])

    def put(self, sessions: Any) -> None:
        self.file.write_text(sessions if isinstance(sessions, str) else json.dumps(sessions))

    def provider(self, terminate: str | None = None, message: str | None = None) -> CommandProvider:
        def program(script: str, *arguments: str) -> SiteCommand:
            return SiteCommand(("/bin/sh", "-c", script, str(self.file), str(self.heard), *arguments))

        commands = SessionCommands(
            list=program('cat "$0"'),
            terminate=program(terminate, "{session}", "{grace}") if terminate else None,
            message=program(message, "{session}", "{text}") if message else None,
        )
        return CommandProvider(NODE, commands, SystemClock())


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    yield Site(tmp_path)


async def test_sessions_are_those_of_the_list(site: Site) -> None:
    full = {"id": "b2", "user": "bob", "state": "disconnected", "idle": 3.5, "params": {"k": "v"}, "extra": 1}
    site.put([{"id": A, "user": "ann", "state": "running"}, full])
    first, second = await site.provider().sessions()
    assert first == SessionBody(id=A, node=NODE, user="ann", state="running")
    assert (second.idle, second.params, second.clients) == (3.5, {"k": "v"}, None)


async def test_sessions_of_other_nodes_are_passed_over_with_a_note(site: Site) -> None:
    site.put([{"id": A, "user": "ann", "state": "running", "node": "viz02"}])
    provider = site.provider()
    assert await provider.sessions() == []
    assert len(provider.notes) == 1


@pytest.mark.parametrize(
    "said",
    [
        "",
        "null",
        "{}",
        "[1]",
        '[{"id": "a"}]',
        '[{"id": "a", "user": "ann", "state": "flying"}]',
        '[{"id": "a", "user": "ann", "state": "running", "mem": -1}]',
        '[{"id": "a", "user": "ann", "state": "running"}',
        '[{"id": "--all", "user": "ann", "state": "running"}]',
        '[{"id": "", "user": "ann", "state": "running"}]',
        '[{"id": "a\\u001b", "user": "ann", "state": "running"}]',
        json.dumps([{"id": "x" * 200, "user": "ann", "state": "running"}]),
        json.dumps([{"id": "a", "user": "ann", "state": "running"}] * 2),
        "[" * 100_000,
    ],
)
async def test_a_list_that_is_wrong_in_part_is_not_believed_at_all(site: Site, said: str) -> None:
    site.put(said)
    with pytest.raises(ProviderError, match="list of sessions"):
        await site.provider().sessions()


@given(st.binary(max_size=200))
def test_any_bytes_are_sessions_or_a_program_error(noise: bytes) -> None:
    try:
        read_sessions(noise, NODE)
    except ProgramError as error:
        assert str(error).isprintable()


@given(st.lists(st.fixed_dictionaries({"id": st.text(max_size=5), "user": st.text(), "state": st.just("running")})))
def test_ids_that_are_believed_are_different_and_no_options(sessions: list[dict[str, str]]) -> None:
    try:
        ids = [body.id for body in read_sessions(msgspec.json.encode(sessions), NODE)]
    except ProgramError:
        return
    assert len(set(ids)) == len(ids) == len(sessions)
    assert not any(id_.startswith("-") or not id_ for id_ in ids)


async def test_a_session_is_gone_when_the_list_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LOOK", 0.01)
    provider = site.provider(terminate='{ echo "$2 $3"; cat; } > "$1"; (sleep 0.2; echo "[]" > "$0") >&- 2>&- &')
    assert provider.abilities == {Ability.TERMINATE}
    await provider.sessions()
    steps = [step async for step in provider.terminate(A, 5.0)]
    assert [step.gone for step in steps] == [False, True]
    arguments, _, stdin = site.heard.read_text().partition("\n")
    assert arguments == f"{A} 5"
    assert json.loads(stdin)["session"]["user"] == "ann"
    assert json.loads(stdin)["grace"] == 5.0


async def test_a_session_that_stays_in_the_list_is_still_there(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "LOOK", 0.01)
    monkeypatch.setattr(command, "_PATIENCE", 0.1)
    provider = site.provider(terminate="true")
    await provider.sessions()
    with pytest.raises(ProviderError, match="still listed"):
        _ = [step async for step in provider.terminate(A, 0.0)]


async def test_a_program_that_fails_is_told_of(site: Site) -> None:
    provider = site.provider(terminate="echo no right >&2; exit 1")
    await provider.sessions()
    with pytest.raises(ProviderError, match="no right"):
        _ = [step async for step in provider.terminate(A, 0.0)]


async def test_an_id_that_was_not_listed_runs_nothing(site: Site) -> None:
    provider = site.provider(terminate='echo ran > "$1"', message='echo ran > "$1"')
    await provider.sessions()
    other = SessionId("b2")
    with pytest.raises(UnknownSession):
        _ = [step async for step in provider.terminate(other, 0.0)]
    with pytest.raises(UnknownSession):
        await provider.message(other, "hello")
    with pytest.raises(UnknownSession):
        await provider.requeue(other, NODE)
    assert not site.heard.exists()


async def test_a_message_is_given_as_an_argument_and_on_stdin(site: Site) -> None:
    provider = site.provider(message='{ echo "$2 $3"; cat; } > "$1"')
    assert provider.abilities == {Ability.MESSAGE}
    await provider.sessions()
    await provider.message(A, "hello $(id)")
    arguments, _, stdin = site.heard.read_text().partition("\n")
    assert arguments == f"{A} hello $(id)"
    assert json.loads(stdin)["text"] == "hello $(id)"


async def test_what_there_is_no_program_for_can_not_be_done(site: Site) -> None:
    provider = site.provider()
    assert provider.abilities == frozenset()
    await provider.sessions()
    with pytest.raises(ProviderError, match="No command to end"):
        _ = [step async for step in provider.terminate(A, 0.0)]
    with pytest.raises(ProviderError, match="No command to show"):
        await provider.message(A, "hello")
    with pytest.raises(ProviderError, match="No command to send"):
        await provider.requeue(A, NODE)


def test_a_command_with_a_placeholder_it_can_not_have_is_refused() -> None:
    with pytest.raises(TemplateError, match="list command has no use for"):
        SessionCommands(list=SiteCommand(("/bin/list", "{session}")))
