from __future__ import annotations

import subprocess
import sys
import textwrap

import psutil
import pytest

ORPHAN_MAKER = """
    import os, subprocess, sys
    from fxtop.demo.lifeline import die_with_parent
    child = subprocess.Popen(["sleep", "600"], preexec_fn=die_with_parent())
    print(child.pid, flush=True)
    sys.stdin.read()
"""

EOF_WATCHER = """
    import asyncio
    from fxtop.demo.lifeline import parent_gone
    async def main():
        print("ready", flush=True)
        await parent_gone()
    asyncio.run(main())
"""


def python(script: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tell a child of its parent's death")
def test_a_child_dies_with_a_parent_that_is_killed() -> None:
    with python(ORPHAN_MAKER) as parent:
        child = psutil.Process(int(line(parent)))
        assert child.is_running()
        parent.kill()
    psutil.wait_procs([child], timeout=20)
    assert not child.is_running()


def test_the_end_of_standard_input_is_the_end_of_the_parent() -> None:
    with python(EOF_WATCHER) as child:
        assert line(child) == "ready"
        assert child.poll() is None
        assert child.stdin is not None
        child.stdin.close()
        assert child.wait(20) == 0
