"""Showing a text on a session's display, as the session's user."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fxtop.agent.providers.fastx.provider import FastxCommands
from fxtop.agent.providers.port import Ability, ProviderError, UnknownSession
from fxtop.agent.providers.program import SiteCommand, TemplateError
from fxtop.protocol.ids import SessionId
from tests.unit.agent.providers.fastx_machine import SLEEP, FastxMachine

A = SessionId("a" * 32)
SHOW = 'umask 0; { id -u; echo "$DISPLAY" "$XAUTHORITY"; shift; printf "%s\\n" "$@"; cat; } > "$0"'


class Shown:
    """What a message command wrote into a file that any user may write."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "shown"

    @property
    def text(self) -> str | None:
        return self.file.read_text() if self.file.exists() else None


@pytest.fixture
def shown() -> Iterator[Shown]:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Shown(Path(folder))


def show(shown: Shown) -> FastxCommands:
    arguments = ("-", "{display}", "{xauthority}", "{user}", "{session}", "{text}")
    return FastxCommands(message=SiteCommand(("/bin/sh", "-c", SHOW, str(shown.file), *arguments)))


async def test_it_is_shown_as_the_user_on_the_sessions_display(machine: FastxMachine, shown: Shown) -> None:
    ann = machine.user()
    lived = machine.session(ann, A)
    provider = machine.provider(show(shown))
    assert Ability.MESSAGE in provider.abilities
    await provider.sessions()
    await provider.message(A, "Maintenance at 18:00.\nSave $(your) work; please.\x1b[2J")
    authority = str(lived.path / "authority")
    text = "Maintenance at 18:00.\nSave $(your) work; please.·[2J"
    assert shown.text == "\n".join(
        [str(ann.uid), f"{lived.display} {authority}", lived.display, authority, "ann", A, text, text]
    )
    assert os.stat(shown.file).st_uid == ann.uid


async def test_a_text_can_not_be_an_option(machine: FastxMachine, shown: Shown) -> None:
    machine.session(machine.user(), A)
    provider = machine.provider(show(shown))
    await provider.sessions()
    await provider.message(A, "--file=/etc/shadow")
    assert " --file=/etc/shadow\n" in (shown.text or "")


async def test_without_a_command_it_is_said_plainly(machine: FastxMachine) -> None:
    machine.session(machine.user(), A)
    provider = machine.provider()
    await provider.sessions()
    assert provider.abilities == {Ability.TERMINATE}
    with pytest.raises(ProviderError, match="No command to show a message"):
        await provider.message(A, "hello")


async def test_where_nothing_is_seen_nothing_is_shown(machine: FastxMachine, shown: Shown) -> None:
    ann = machine.user()
    machine.start(ann, SLEEP)
    machine.folder(ann, A)
    provider = machine.provider(show(shown))
    await provider.sessions()
    with pytest.raises(ProviderError, match="no display"):
        await provider.message(A, "hello")
    with pytest.raises(UnknownSession):
        await provider.message(SessionId("b" * 32), "hello")
    assert shown.text is None


async def test_a_session_that_runs_can_not_be_sent_elsewhere(machine: FastxMachine) -> None:
    machine.session(machine.user(), A)
    provider = machine.provider()
    await provider.sessions()
    with pytest.raises(ProviderError, match="can't move"):
        await provider.requeue(A, "viz02")  # type: ignore[arg-type]  # a plain name will do


def test_a_message_command_with_an_unknown_placeholder_is_refused() -> None:
    with pytest.raises(TemplateError, match=r"\{host\}.*\{display\}"):
        FastxCommands(message=SiteCommand(("/usr/bin/xmessage", "{host}")))
