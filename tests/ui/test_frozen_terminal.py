"""A terminal that stops reading: the cluster is followed on, nothing piles up, and the screen is whole afterwards."""

from __future__ import annotations

import asyncio
import os
import pty
import signal
import sys
import termios
import tty
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from textual.drivers.linux_driver import LinuxDriver
from textual.geometry import Size
from textual.pilot import Pilot

from fxtop.demo.options import Options
from fxtop.demo.run import demo
from fxtop.protocol.inbound import Inbound
from fxtop.ui.terminal import driver as drivers
from fxtop.ui.terminal.driver import OutletDriver
from fxtop.ui.terminal.outlet import Outlet, reopened
from tests.ptykit import CTRL_C, DOWN, Emulator, Terminal
from tests.ui.consolekit import Harness
from tests.ui.test_output import shown
from tests.unit.actions.site import Site

SIZES = [(80, 24), (120, 42)]
NODES = 30
LARGEST_FRAME = 60_000
"""Bytes; a whole screen, however many colours it has."""


def beat(site: Site, number: int, running: int) -> Inbound:
    """A heartbeat of a node on which so many sessions run."""
    name = f"viz{number:02d}"
    return site.message(
        "hb.node", name, **site.envelope(), node=name, interval=5.0, state="active", drain=None, cpu=running % 9 / 10,
        load=[0.1, 0.1, 0.1], cores=8, mem_used=1, mem_total=8, weight=1.0, capacity=100, uptime=100.0,
        sessions={"pending": 0, "running": running, "disconnected": 0},
    )  # fmt: skip


class Glass:
    """A terminal that only reads when it is told to."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._reader, self.slave = pty.openpty()
        termios.tcsetwinsize(self.slave, (size[1], size[0]))
        tty.setraw(self.slave)
        os.set_blocking(self._reader, False)
        self._emulator = Emulator(*size)

    def read(self) -> int:
        """Show what lies ready; how many bytes that were."""
        count = 0
        while True:
            try:
                data = os.read(self._reader, 65536)
            except BlockingIOError:
                return count
            count += len(data)
            self._emulator.feed(data)

    def resize(self, columns: int, lines: int) -> None:
        """Have another size, and keep nothing of what stood there."""
        termios.tcsetwinsize(self.slave, (lines, columns))
        self._emulator.screen.resize(lines, columns)
        self._emulator.screen.reset()

    def read_bit(self) -> None:
        """Read as little as a line that is nearly broken lets through."""
        self._emulator.feed(os.read(self._reader, 4096))

    def renew(self) -> None:
        """Show nothing any more."""
        self._emulator = Emulator(self._emulator.screen.columns, self._emulator.screen.lines)

    @property
    def cells(self) -> list[list[Any]]:
        """Every cell as it is seen."""
        return shown(self._emulator.screen)

    @property
    def text(self) -> str:
        return "\n".join(self._emulator.screen.display)

    def close(self) -> None:
        os.close(self._reader)
        os.close(self.slave)


class GlassDriver(OutletDriver):
    """Writes to the glass, and reads no keys: tests press them."""

    glass: ClassVar[Glass]

    def start_application_mode(self) -> None:
        self.outlet = Outlet(reopened(self.glass.slave), "utf-8", self._listener.terminal_drained)
        self._size = Size(*termios.tcgetwinsize(self.glass.slave)[::-1])

    def disable_input(self) -> None: ...

    def stop_application_mode(self) -> None: ...


class Watched:
    """A console on a glass, and the cluster that it shows."""

    def __init__(self, harness: Harness, glass: Glass, pilot: Pilot[int]) -> None:
        self.harness, self.glass, self.pilot = harness, glass, pilot
        self.told = 0

    @property
    def outlet(self) -> Outlet:
        outlet = self.harness.app.outlet
        assert outlet is not None
        return outlet

    async def change(self) -> None:
        """Every node tells something else over the bus, and the console ticks."""
        self.told += 1
        self.harness.site.clock.pass_time(1)
        self.harness.bus.deliver(*(beat(self.harness.site, number, self.told) for number in range(NODES)))
        self.harness.tick()
        await self.pilot.pause()

    async def freeze(self) -> None:
        """Write until the terminal takes no more."""
        for _ in range(200):
            self.harness.app.repaint_all()
            await self.change()
            if self.outlet.waiting:
                return
        raise AssertionError("the terminal takes everything")

    async def thaw(self) -> None:
        """Read until there is nothing more to read."""
        while self.glass.read() or self.outlet.waiting:
            await asyncio.sleep(0)
            await self.pilot.pause()


@asynccontextmanager
async def watched(tmp_path: Path, size: tuple[int, int], *, segment_diff: bool = True) -> AsyncIterator[Watched]:
    """A console that shows some nodes."""
    glass, harness = Glass(size), Harness(tmp_path)
    GlassDriver.glass = glass
    harness.app.driver_class = GlassDriver
    harness.app.segment_diff = segment_diff
    async with harness.app.run_test(headless=False, size=size) as pilot:
        console = Watched(harness, glass, pilot)
        await console.change()
        await console.thaw()
        yield console
    glass.close()


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "{}x{}".format(*size))
@pytest.mark.parametrize("segment_diff", [True, False], ids=["differences", "as Textual writes"])
async def test_while_it_stands_the_cluster_is_followed_and_when_it_reads_again_the_screen_is_whole(
    tmp_path: Path, size: tuple[int, int], segment_diff: bool
) -> None:
    async with watched(tmp_path, size, segment_diff=segment_diff) as console:
        await console.freeze()
        waiting, accepted = console.outlet.waiting, console.harness.site.store.intake.accepted
        for _ in range(12):
            await console.change()
            await console.pilot.press("down")
        await console.pilot.press("z")
        assert console.harness.site.store.intake.accepted == accepted + 12 * NODES
        assert console.outlet.waiting == waiting < LARGEST_FRAME
        await console.thaw()
        seen = console.glass.cells
        console.glass.renew()
        console.harness.app.repaint_all()
        await console.pilot.pause()
        await console.thaw()
        assert seen == console.glass.cells


async def test_a_line_that_lets_little_through_gets_the_newest_picture_and_no_old_ones(tmp_path: Path) -> None:
    async with watched(tmp_path, SIZES[0]) as console:
        await console.freeze()
        for _ in range(20):
            await console.change()
            console.glass.read_bit()
            assert console.outlet.waiting < LARGEST_FRAME
        await console.thaw()
        assert f" {console.told}/100" in console.glass.text


async def test_a_terminal_that_changed_its_size_while_it_stood_gets_a_whole_screen(tmp_path: Path) -> None:
    async with watched(tmp_path, (120, 42)) as console:
        await console.freeze()
        console.glass.resize(80, 24)
        await console.pilot.resize_terminal(80, 24)
        await console.change()
        await console.thaw()
        seen = console.glass.cells
        console.glass.renew()
        console.harness.app.repaint_all()
        await console.pilot.pause()
        await console.thaw()
        assert seen == console.glass.cells


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The way to a demo, for a console that writes a lot."""
    with demo(Options(nodes=12, sessions=50)) as running:
        hasty = tmp_path_factory.mktemp("console") / "config.toml"
        hasty.write_text(Path(running.ready.config).read_text() + "\n[ui]\nrate = 20\n")
        yield hasty


@pytest.mark.parametrize("how", ["ctrl-c", "SIGTERM"])
async def test_it_ends_while_the_terminal_stands_and_leaves_it_restored(tmp_path: Path, config: Path, how: str) -> None:
    async with Terminal(tmp_path, 120, 42) as terminal:
        await terminal.run("--config", str(config))
        await terminal.shows("1: Nodes 12")
        terminal.freeze()
        terminal.type("z8" + "\x0c" * 40 + DOWN)
        if how == "ctrl-c":
            terminal.type(CTRL_C)
        else:
            terminal.send(signal.SIGTERM)
        assert await terminal.exited() == 0
        terminal.thaw()
        await terminal.ended()
        terminal.assert_left_as_found()


def test_this_textual_has_a_driver_that_can_be_made_to_wait_for_nothing() -> None:
    assert drivers.SUPPORTED
    assert drivers.driver_for(LinuxDriver) is OutletDriver


def test_another_textual_is_recognised_and_left_to_write_as_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drivers._supported()
    monkeypatch.setattr(LinuxDriver, "write", lambda self, data, flush: None)
    assert not drivers._supported()
    monkeypatch.setattr(drivers, "SUPPORTED", False)
    assert drivers.driver_for(LinuxDriver) is LinuxDriver


async def test_without_a_terminal_it_ends_even_if_nobody_tells_it_that_the_terminal_is_gone(tmp_path: Path) -> None:
    reader, slave = pty.openpty()
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fxtop", "--server", "nats://127.0.0.1:9"),
        stdin=slave, stdout=slave, stderr=slave, env=environment,
        start_new_session=True,  # so that it isn't its controlling terminal, and there will be no SIGHUP
    )  # fmt: skip
    os.close(slave)
    await asyncio.get_running_loop().run_in_executor(None, os.read, reader, 1)  # it has begun to write
    os.close(reader)
    assert await process.wait() == 1
