"""Commands that act during each fault: nothing is done twice or late, and no exit code claims what isn't known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bus.faults.errands import ERRANDS, Errands
from tests.bus.faults.pace import IMPATIENT
from tests.bus.faults.scene import NODE, SESSION, Scene
from tests.natskit import Authority, Rack

WITHIN = IMPATIENT.silence


@pytest.mark.parametrize("errands", ERRANDS, ids=lambda errands: errands.fault)
async def test_a_command_says_what_it_knows_and_nothing_is_done_twice_or_late(
    errands: Errands, rack: Rack, tmp_path: Path, authority: Authority
) -> None:
    fault = errands.cause
    async with Scene(tmp_path, rack, authority, IMPATIENT) as scene:
        await fault.prepare(scene)
        await scene.begin()
        async with await scene.run("drain", NODE, "--reason", "disk", "--wait", "--yes") as drain:
            await drain.says(f"{NODE}: drain running", WITHIN)
            await fault.strike(scene)
            try:
                async with await scene.run("terminate", f"{NODE}/s1", "--reason", "stuck", "--yes") as terminate:
                    await terminate.says(errands.begun, WITHIN)
                    assert await terminate.ends(WITHIN) == errands.begun_ends, terminate.said
                await drain.says(errands.amid, WITHIN)
                if errands.before_mending:
                    assert await drain.ends(WITHIN) == errands.amid_ends, drain.said
                await scene.until(lambda: scene.done == errands.reaches, "it is not done")
            finally:
                await fault.mend(scene)
            scene.provider.drop(*scene.provider.bodies)
            assert await drain.ends(WITHIN) == errands.amid_ends, drain.said
        await scene.until(lambda: SESSION not in scene.store.sessions, "the console isn't well again")
        assert scene.done == errands.reaches
        assert scene.taken("drain") == 1
        assert scene.taken("terminate") == errands.reaches
