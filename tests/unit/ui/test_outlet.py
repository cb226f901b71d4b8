"""Writing to a terminal never waits for it, keeps what it has no room for within bounds, and restores it at the end."""

from __future__ import annotations

import asyncio
import os
import pty
import tty
from collections.abc import AsyncIterator

import pytest

from fxtop.ui.terminal import outlet as module
from fxtop.ui.terminal.outlet import MOST_WAITING, RECOVERY, Outlet, reopened

MORE_THAN_FITS = 300_000
"""Bytes; a pty of Linux takes about 70,000 before somebody reads."""


class Stage:
    """A pty, what is written to it, and somebody who reads it when told to."""

    def __init__(self) -> None:
        self.reader, self._slave = pty.openpty()
        tty.setraw(self._slave)
        self.drained = asyncio.Event()
        self.fd = reopened(self._slave)
        self.outlet = Outlet(self.fd, "utf-8", self.drained.set)
        os.set_blocking(self.reader, False)

    async def read(self) -> bytes:
        """All that comes until the outlet has nothing more."""
        loop, found = asyncio.get_running_loop(), bytearray()
        loop.add_reader(self.reader, lambda: found.extend(os.read(self.reader, 65536)))
        await self.drained.wait()
        loop.remove_reader(self.reader)
        return bytes(found) + self.rest()

    def rest(self) -> bytes:
        """What lies ready."""
        found = b""
        while True:
            try:
                found += os.read(self.reader, 65536)
            except BlockingIOError:
                return found

    def close(self) -> None:
        os.close(self.reader)
        os.close(self._slave)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A terminal that nobody reads."""
    made = Stage()
    yield made
    made.close()


async def test_what_the_terminal_has_room_for_is_written_at_once(stage: Stage) -> None:
    stage.outlet.write("grüße")
    stage.outlet.send()
    assert stage.outlet.waiting == 0
    assert stage.outlet.written == 7
    assert stage.rest() == "grüße".encode()


async def test_without_being_told_it_writes_when_the_loop_comes_round(stage: Stage) -> None:
    stage.outlet.write("a")
    stage.outlet.write("b")
    await asyncio.sleep(0)
    assert stage.rest() == b"ab"


async def test_a_terminal_that_reads_nothing_keeps_nobody_waiting_and_gets_all_once_it_reads(stage: Stage) -> None:
    text = "".join(f"{index:07d}." for index in range(MORE_THAN_FITS // 8))
    stage.outlet.write(text)
    stage.outlet.send()
    assert 0 < stage.outlet.waiting < len(text)
    assert not stage.drained.is_set()
    assert await stage.read() == text.encode()
    assert stage.outlet.waiting == 0


async def test_what_waits_is_bounded_and_what_has_no_room_is_left_out_whole_and_counted(stage: Stage) -> None:
    for _ in range(100):
        stage.outlet.write("x" * 50_000)
        stage.outlet.send()
    assert stage.outlet.waiting <= MOST_WAITING
    assert stage.outlet.dropped > 50
    assert stage.outlet.written + stage.outlet.waiting == (100 - stage.outlet.dropped) * 50_000


async def test_at_the_end_all_is_written_before_the_last_words(stage: Stage) -> None:
    stage.outlet.write("picture")
    stage.outlet.begin_last_words()
    stage.outlet.write("restored")
    stage.outlet.close()
    assert stage.rest() == b"picturerestored"


async def test_a_terminal_that_takes_nothing_is_restored_all_the_same(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLOSING_SECONDS", 0.05)
    stage.outlet.write("x" * MORE_THAN_FITS)
    stage.outlet.send()
    stage.outlet.begin_last_words()
    stage.outlet.write("restored")
    stage.outlet.close()
    assert stage.rest().endswith(RECOVERY + b"restored")


async def test_a_terminal_that_is_gone_takes_what_waits_with_it(stage: Stage) -> None:
    reader, stage.reader = stage.reader, os.open(os.devnull, os.O_RDONLY)
    os.close(reader)
    stage.outlet.write("x")
    stage.outlet.send()
    assert stage.outlet.waiting == 0
    assert stage.outlet.gone
    stage.outlet.close()


async def test_the_shell_that_shares_the_terminal_does_not_notice_that_writing_never_waits(stage: Stage) -> None:
    assert not os.get_blocking(stage.fd)
    assert os.get_blocking(stage._slave)


def test_what_is_no_terminal_is_not_opened() -> None:
    with open(os.devnull) as file, pytest.raises(OSError, match=r"Inappropriate ioctl|not a"):
        reopened(file.fileno())
