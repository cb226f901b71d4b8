"""README's table of faults, measured as in production: ``python -m tests.faults`` writes it, which takes minutes."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from fxtop.cli.exits import Exit
from tests.bus.faults.errand import Errand
from tests.bus.faults.errands import ERRANDS, Errands
from tests.bus.faults.pace import PRODUCTION
from tests.bus.faults.scene import AGENT, COMMAND, CONSOLE, NODE, Scene
from tests.bus.faults.table import FAULTS, NEVER_SENT_AGAIN, SENT_AGAIN, Fault
from tests.natskit import Authority, Rack
from tests.readme import README, with_part

WHO = (CONSOLE, COMMAND, AGENT)
_HEAD = [
    f"Sent again: {SENT_AGAIN}. Never sent again: {NEVER_SENT_AGAIN}.",
    "",
    "| fault | what is said of it | by the console after | by a command | by the agent | mends when | and then takes |",
    "|---|---|---|---|---|---|---|",
]
_ERRANDS_HEAD = [
    "",
    "Commands that act. What they ask for is done once or not at all, and none claims more than is known:",
    "",
    "| fault | `terminate`, begun during it, says | after | `drain --wait`, amid it | after | ends with |",
    "|---|---|---|---|---|---|",
]


async def measure(fault: Fault) -> str:
    """The line of one fault."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with Rack(folder) as rack, Scene(folder, rack, Authority.create(folder / "tls"), PRODUCTION) as scene:
            await fault.prepare(scene)
            await scene.begin()
            scene.forget()
            began = time.monotonic()
            await fault.strike(scene)
            try:
                await scene.terminate()
                seen = await asyncio.gather(*(_seconds(scene, who, fault, began) for who in WHO))
                words = _words(scene, fault)
            finally:
                await fault.mend(scene)
            scene.mark()
            began = time.monotonic()
            for who in WHO:
                await scene.until(partial(scene.well, who), f"{who} isn't well again")
            mended = time.monotonic() - began
    console, command, agent = seen
    cells = (fault.name, words, console, command, agent, fault.mended_when, f"{mended:.1f} s")
    return f"| {' | '.join(cells)} |"


async def _seconds(scene: Scene, who: str, fault: Fault, began: float) -> str:
    pattern = fault.seen.get(who)
    if pattern is None:
        return "-"
    await scene.until(lambda: re.search(pattern, scene.says(who)), f"{who} doesn't say it")
    return f"{time.monotonic() - began:.1f} s"


async def measure_errands(errands: Errands) -> str:
    """The line of two commands that act during one fault."""
    fault = errands.cause
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with Rack(folder) as rack, Scene(folder, rack, Authority.create(folder / "tls"), PRODUCTION) as scene:
            await fault.prepare(scene)
            await scene.begin()
            async with await scene.run("drain", NODE, "--reason", "disk", "--wait", "--yes") as drain:
                await drain.says("drain running", PRODUCTION.silence)
                began = time.monotonic()
                await fault.strike(scene)
                try:
                    begun, said = await asyncio.gather(
                        _begin_errand(scene, errands), _said_amid(drain, errands.amid, began)
                    )
                    if errands.before_mending:
                        await drain.ends(PRODUCTION.silence)
                finally:
                    await fault.mend(scene)
                scene.provider.drop(*scene.provider.bodies)
                code = await drain.ends(PRODUCTION.silence)
    return f"| {' | '.join((fault.name, *begun, *said, _exit(code)))} |"


async def _begin_errand(scene: Scene, errands: Errands) -> tuple[str, str]:
    """What a command that is begun now says, with its exit code, and after how long it ended."""
    began = time.monotonic()
    async with await scene.run("terminate", f"{NODE}/s1", "--reason", "stuck", "--yes") as terminate:
        code = await terminate.ends(PRODUCTION.silence)
        words = _line(terminate.said, errands.begun)
    return f"{words} ({_exit(code)})", f"{time.monotonic() - began:.1f} s"


async def _said_amid(drain: Errand, pattern: str, began: float) -> tuple[str, str]:
    await drain.says(pattern, PRODUCTION.silence)
    return _line(drain.said, pattern), f"{time.monotonic() - began:.1f} s"


def _exit(code: int) -> str:
    return f"exit {code}, {Exit(code).name.lower().replace('_', ' ')}"


def _line(said: str, pattern: str) -> str:
    return _plain(next(line for line in said.splitlines() if re.search(pattern, line)))


def _words(scene: Scene, fault: Fault) -> str:
    """What who stands first in the table says of it: the sentence that its pattern finds."""
    who = next(iter(fault.seen))
    line = next(line for line in scene.says(who).splitlines() if re.search(fault.seen[who], line))
    return re.sub(r"^BUS .*?: (what is shown is from before\. )?", "", _plain(line).removeprefix("last error: "))


def _plain(line: str) -> str:
    """A line of somebody's without what is so on this machine only."""
    shown = re.sub(r"127\.0\.0\.1:\d+", "mgr1:4222", line).strip().removeprefix("fxtop: ")
    return re.sub(r" {2,}", " ", re.sub(r"/tmp/\S*/", "", shown)).replace("|", "/")


async def _measure_all() -> str:
    lines = []
    for fault in FAULTS:
        lines.append(await measure(fault))
        sys.stderr.write(f"{lines[-1]}\n")
    lines += _ERRANDS_HEAD
    for errands in ERRANDS:
        lines.append(await measure_errands(errands))
        sys.stderr.write(f"{lines[-1]}\n")
    return "\n".join([*_HEAD, *lines, ""])


if __name__ == "__main__":
    made = asyncio.run(_measure_all())
    README.write_text(with_part(README.read_text(), "faults", made))
