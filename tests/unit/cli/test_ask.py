from __future__ import annotations

import asyncio
import os
import pty
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from fxtop.actions.model import Confirmation, Refused
from fxtop.cli.ask import confirmed

PRESS = Confirmation("press")
TYPE = Confirmation("type", "17", why="Over 10 targets.")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The keyboard of a terminal that is standard input and standard error."""
    keyboard, screen = pty.openpty()
    with (
        os.fdopen(screen, "r+b", buffering=0) as raw,
        open(raw.fileno(), closefd=False) as stdin,
        open(raw.fileno(), "w", closefd=False) as stderr,
    ):
        monkeypatch.setattr("fxtop.cli.ask.sys", SimpleNamespace(stdin=stdin, stderr=stderr))
        yield keyboard
    os.close(keyboard)


async def test_yes_types_whatever_is_demanded() -> None:
    assert await confirmed(TYPE, yes=True) == "17"


async def test_without_a_terminal_nothing_is_sent() -> None:
    with pytest.raises(Refused, match="--yes"):
        await confirmed(PRESS, yes=False)


@pytest.mark.parametrize("answer", [b"y\n", b"YES\n"])
async def test_a_yes_is_a_yes(terminal: int, answer: bytes) -> None:
    asking = asyncio.create_task(confirmed(PRESS, yes=False))
    os.write(terminal, answer)
    assert await asking == ""


@pytest.mark.parametrize("answer", [b"\n", b"n\n", b"yep\n", b"\x04"])
async def test_anything_else_is_a_no(terminal: int, answer: bytes) -> None:
    asking = asyncio.create_task(confirmed(PRESS, yes=False))
    os.write(terminal, answer)
    with pytest.raises(Refused, match="Nothing was sent"):
        await asking


async def test_what_was_typed_is_handed_on_to_be_judged(terminal: int) -> None:
    asking = asyncio.create_task(confirmed(TYPE, yes=False))
    os.write(terminal, b"18\n")
    assert (await asking).strip() == "18"
