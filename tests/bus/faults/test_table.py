"""Each fault of the table: everybody says what it is, nothing that was refused is sent later, and it mends."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from fxtop.cli import watching
from fxtop.cluster.records import JobRow, JobState
from tests.bus.faults.pace import IMPATIENT
from tests.bus.faults.scene import AGENT, COMMAND, CONSOLE, Scene
from tests.bus.faults.table import FAULTS, Fault
from tests.natskit import Authority, Rack


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
async def test_a_fault_is_told_mends_and_leaves_nothing_to_be_sent_later(
    fault: Fault, rack: Rack, tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "EVERY", 0.1)
    async with Scene(tmp_path, rack, authority, IMPATIENT) as scene:
        await fault.prepare(scene)
        await scene.begin()
        scene.forget()
        await fault.strike(scene)
        try:
            asked = await scene.terminate()
            for who, words in fault.seen.items():
                await scene.until(partial(said, scene, who, words), f"{who} doesn't say it")
        finally:
            await fault.mend(scene)
        scene.mark()
        for who in (CONSOLE, COMMAND, AGENT):
            await scene.until(partial(scene.well, who), f"{who} isn't well again")
        assert_truthful(scene, asked)


def said(scene: Scene, who: str, words: str) -> bool:
    return re.search(words, scene.says(who)) is not None


def assert_truthful(scene: Scene, asked: JobRow | str) -> None:
    """What was called unsent was not done; what was done was not called so."""
    if isinstance(asked, str) or asked.state in (JobState.FAILED, JobState.REFUSED):
        assert scene.done == 0, asked
    else:
        assert scene.done <= 1
