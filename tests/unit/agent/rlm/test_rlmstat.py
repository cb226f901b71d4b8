"""Running rlmutil for real, or rather a script in its place."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from fxtop.agent.rlm import rlmstat
from fxtop.agent.rlm.command import RlmCommand
from fxtop.agent.rlm.rlmstat import MAX_OUTPUT, RlmStat, RlmStatError
from tests.unit.agent.rlm.answers import ALL, sample
from tests.unit.agent.rlm.fake import SERVER, FakeRlmutil, pulse


@pytest.fixture
def rlmutil(tmp_path: Path) -> FakeRlmutil:
    return FakeRlmutil(tmp_path)


@pytest.mark.parametrize("name", ALL)
async def test_what_it_says_is_handed_on(rlmutil: FakeRlmutil, name: str) -> None:
    text = sample(name)
    assert await rlmutil.says(text).stat().ask() == (text, 0)


async def test_both_outputs_and_the_exit_code_are_handed_on(rlmutil: FakeRlmutil) -> None:
    answer = await rlmutil.does("echo down >&2", "echo up", "exit 7").stat().ask()
    assert answer == ("down\nup\n", 7)


async def test_bytes_that_are_no_text_can_still_be_seen(rlmutil: FakeRlmutil) -> None:
    assert (await rlmutil.says(b"j\xf6rg\n").stat().ask()).text == "j\\xf6rg\n"


async def test_the_arguments_are_rlmstats_whatever_the_program() -> None:
    answer = await RlmStat(RlmCommand(Path("/bin/echo"), SERVER)).ask()
    assert answer.text == "rlmstat -a -c 5053@lic1\n"


async def test_the_program_is_called_rlmutil_whatever_its_file_is_called() -> None:
    answer = await RlmStat(RlmCommand(Path("/bin/cat"), SERVER)).ask()
    assert answer.text.startswith("rlmutil: ")


async def test_no_shell_reads_the_arguments(rlmutil: FakeRlmutil) -> None:
    stat = rlmutil.does('for each in "$@"; do echo "<$each>"; done').stat(options=("-u", "$(id);`id`|id"))
    assert "<$(id);`id`|id>" in (await stat.ask()).text


async def test_its_surroundings_are_bare(rlmutil: FakeRlmutil, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RLM_LICENSE", "5053@elsewhere")
    monkeypatch.setenv("FXTOP_SECRET", "hunter2")
    monkeypatch.setenv("TZ", "America/New_York")
    answer = await rlmutil.does("tr '\\0' '\\n' </proc/$$/environ", "echo cwd=$(pwd)", "cat").stat().ask()
    assert set(answer.text.split()) == {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=America/New_York", "cwd=/"}


async def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RlmStatError, match=r"rlmutil isn't there: install"):
        await FakeRlmutil(tmp_path).stat().ask()


async def test_a_program_below_a_file(rlmutil: FakeRlmutil) -> None:
    command = RlmCommand(rlmutil.does("exit").program / "rlmutil", SERVER)
    with pytest.raises(RlmStatError, match="can't be looked at: Not a directory"):
        await RlmStat(command).ask()


async def test_a_program_that_may_not_be_executed(rlmutil: FakeRlmutil) -> None:
    rlmutil.says("").program.chmod(0o644)
    with pytest.raises(RlmStatError, match="can't be executed by the agent's user"):
        await rlmutil.stat().ask()


async def test_a_directory_is_no_program(tmp_path: Path) -> None:
    with pytest.raises(RlmStatError, match="is no file"):
        await RlmStat(RlmCommand(tmp_path, SERVER)).ask()


async def test_a_program_whose_loader_is_missing(rlmutil: FakeRlmutil) -> None:
    rlmutil.does().program.write_text("#!/lib64/ld-lsb-x86-64.so.3.not.here\n")
    with pytest.raises(RlmStatError, match="is there, but not the loader it needs"):
        await rlmutil.stat().ask()


async def test_a_program_for_another_machine(rlmutil: FakeRlmutil) -> None:
    rlmutil.does().program.write_bytes(b"\x7fELF" + bytes(64))
    with pytest.raises(RlmStatError, match="is no program for this kind of machine"):
        await rlmutil.stat().ask()


async def test_a_machine_that_can_start_no_program(rlmutil: FakeRlmutil, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: str, **__: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(asyncio, "create_subprocess_exec", refused)
    with pytest.raises(RlmStatError, match=r"couldn't be started: Resource temporarily unavailable\."):
        await rlmutil.says("").stat().ask()


async def test_a_program_that_dies_of_a_signal(rlmutil: FakeRlmutil) -> None:
    assert await rlmutil.does("kill -SEGV $$").stat().ask() == ("", -11)


async def test_one_that_says_too_much_is_ended(rlmutil: FakeRlmutil) -> None:
    with pytest.raises(RlmStatError, match="said more than 2 MiB and was ended"):
        await rlmutil.does("exec yes").stat().ask()


async def test_one_that_says_just_enough_is_not(rlmutil: FakeRlmutil) -> None:
    answer = await rlmutil.says(b"x" * MAX_OUTPUT).stat().ask()
    assert len(answer.text) == MAX_OUTPUT


LATE = {
    "it hangs": ["sleep 1000"],
    "it hangs after it has answered": ["echo x", "exec >/dev/null 2>&1", "sleep 1000"],
    "it hangs with others": ["sleep 1000 &", "(sleep 1000 & sleep 1000) &", "sleep 1000"],
    "it left, and others go on": ["sleep 1000 &", "exit 0"],
    "it doesn't want to go": ["trap '' TERM INT HUP", "while :; do sleep 1000; done"],
}


@pytest.mark.parametrize("lines", LATE.values(), ids=LATE)
async def test_one_that_takes_too_long_is_ended_with_all_it_started(
    rlmutil: FakeRlmutil, tmp_path: Path, lines: list[str]
) -> None:
    async with pulse(tmp_path / "alive") as life:
        stat = rlmutil.does(f"exec 9>{tmp_path}/alive", *lines).stat(limit=0.5)
        with pytest.raises(RlmStatError, match=r"didn't answer within 0\.5 s and was ended: 5053@lic1 may be behind"):
            await stat.ask()
        assert await life.read() == b""


@pytest.mark.parametrize("_", range(5))
async def test_one_whose_reader_is_stopped_is_ended(rlmutil: FakeRlmutil, tmp_path: Path, _: int) -> None:
    async with pulse(tmp_path / "alive") as life:
        stat = rlmutil.does(f"exec 9>{tmp_path}/alive", "echo x >&9", "sleep 1000").stat()
        asking = asyncio.create_task(stat.ask())
        assert await life.readline() == b"x\n"
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await life.read() == b""


async def test_one_that_is_stopped_while_it_starts_is_ended(
    rlmutil: FakeRlmutil, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, begun = asyncio.create_subprocess_exec, asyncio.Event()

    async def slowly(*arguments: str, **how: Any) -> asyncio.subprocess.Process:
        process = await start(*arguments, **how)
        await life.readline()
        begun.set()
        await asyncio.sleep(0)
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", slowly)
    async with pulse(tmp_path / "alive") as life:
        stat = rlmutil.does(f"exec 9>{tmp_path}/alive", "echo x >&9", "sleep 1000 & sleep 1000").stat()
        asking = asyncio.create_task(stat.ask())
        await begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await life.read() == b""


async def test_it_is_asked_again_after_it_was_ended(rlmutil: FakeRlmutil) -> None:
    stat = rlmutil.does("sleep 1000").stat(limit=0.3)
    with pytest.raises(RlmStatError):
        await stat.ask()
    stat.limit = 30.0
    rlmutil.says("well")
    assert await stat.ask() == ("well", 0)


async def test_a_program_on_a_dead_filesystem_holds_nothing_up(
    rlmutil: FakeRlmutil, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat, mended = rlmutil.says("well").stat(limit=0.2), threading.Event()
    look = Path.stat
    monkeypatch.setattr(Path, "stat", lambda path: (path != rlmutil.program or mended.wait()) and look(path))
    try:
        with pytest.raises(RlmStatError, match=r"Looking at .*rlmutil hangs\."):
            await stat.ask()
        with pytest.raises(RlmStatError, match=r"Looking at .*rlmutil still hangs\."):
            await stat.ask()
    finally:
        mended.set()


async def test_nothing_stays_open(rlmutil: FakeRlmutil) -> None:
    stat = rlmutil.says("well").stat()
    await stat.ask()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        await stat.ask()
    rlmutil.program.unlink()
    with pytest.raises(RlmStatError):
        await stat.ask()
    await asyncio.sleep(0)
    assert len(os.listdir("/proc/self/fd")) <= before


async def test_one_that_cannot_be_killed_is_not_started_again(
    rlmutil: FakeRlmutil, monkeypatch: pytest.MonkeyPatch
) -> None:
    spared: list[int] = []
    monkeypatch.setattr(rlmstat, "DYING", 0.05)
    monkeypatch.setattr(os, "killpg", lambda group, _signal: spared.append(group))
    stat = rlmutil.does("sleep 1000").stat(limit=0.2)
    with pytest.raises(RlmStatError, match="didn't answer"):
        await stat.ask()
    monkeypatch.undo()
    with pytest.raises(RlmStatError, match="was killed and still hangs, so it isn't started again"):
        await stat.ask()
    assert len(spared) == 1
    os.killpg(spared[0], signal.SIGKILL)
    assert stat._last is not None
    await stat._last.wait()
    rlmutil.says("well")
    stat.limit = 30.0
    assert await stat.ask() == ("well", 0)
