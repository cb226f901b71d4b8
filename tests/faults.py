"""README's table of faults, measured as in production: ``python -m tests.faults`` writes it, which takes minutes."""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.bus.faults.pace import PRODUCTION
from tests.bus.faults.scene import AGENT, COMMAND, CONSOLE, Scene
from tests.bus.faults.table import FAULTS, NEVER_SENT_AGAIN, SENT_AGAIN, Fault
from tests.natskit import Authority, Rack
from tests.readme import README

WHO = (CONSOLE, COMMAND, AGENT)
_PART = re.compile(r"(<!-- faults: [^\n]*-->\n)(.*?)(<!-- /faults -->)", re.DOTALL)
_HEAD = [
    f"Sent again: {SENT_AGAIN}. Never sent again: {NEVER_SENT_AGAIN}.",
    "",
    "| fault | what is said of it | by the console after | by a command | by the agent | mends when | and then takes |",
    "|---|---|---|---|---|---|---|",
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


def _words(scene: Scene, fault: Fault) -> str:
    """What who stands first in the table says of it: the sentence that its pattern finds."""
    who = next(iter(fault.seen))
    line = next(line for line in scene.says(who).splitlines() if re.search(fault.seen[who], line))
    shown = re.sub(r"127\.0\.0\.1:\d+", "mgr1:4222", line).strip().removeprefix("last error: ")
    shown = re.sub(r"^BUS .*?: (what is shown is from before\. )?", "", shown)
    return re.sub(r"/tmp/\S*/", "", shown).replace("|", "/")


def with_table(readme: str, table: str) -> str:
    """``readme`` with ``table`` in its place."""
    return _PART.sub(lambda part: f"{part[1]}{table}{part[3]}", readme)


async def _measure_all() -> str:
    lines = []
    for fault in FAULTS:
        lines.append(await measure(fault))
        sys.stderr.write(f"{lines[-1]}\n")
    return "\n".join([*_HEAD, *lines, ""])


if __name__ == "__main__":
    made = asyncio.run(_measure_all())
    README.write_text(with_table(README.read_text(), made))
