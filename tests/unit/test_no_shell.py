"""Nothing of ours is ever given to a shell, and nothing that was read is ever run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import fxtop

ROOT: Final = Path(fxtop.__file__).parent
SHELLS: Final = {
    "os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell",
    "create_subprocess_shell", "subprocess_shell", "commands.getoutput", "pty.spawn",
}  # fmt: skip
RUNS_TEXT: Final = {"eval", "exec", "compile", "pickle.load", "pickle.loads", "marshal.loads", "yaml.load"}
SHELL_NAMES: Final = {"sh", "bash", "dash", "/bin/sh", "/bin/bash", "/usr/bin/env"}
STARTS: Final = {
    "subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_call", "subprocess.check_output",
    "asyncio.create_subprocess_exec", "create_subprocess_exec", "loop.subprocess_exec",
}  # fmt: skip


def calls(source: str) -> Iterator[tuple[int, str, ast.Call]]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func), node


def faults(source: str) -> list[tuple[int, str]]:
    """Calls that give text to a shell or run it, and programs that aren't started by a list of arguments."""
    found = []
    for line, name, call in calls(source):
        if name in SHELLS | RUNS_TEXT or name.endswith("subprocess_shell"):
            found.append((line, name))
        if any(keyword.arg == "shell" for keyword in call.keywords):
            found.append((line, f"{name} with a shell"))
        if name in STARTS and any(isinstance(each, ast.JoinedStr | ast.BinOp) for each in call.args):
            found.append((line, f"{name} with text put together"))
        if name in STARTS and any(
            isinstance(each, ast.Constant) and each.value in SHELL_NAMES for each in ast.walk(call)
        ):
            found.append((line, f"{name} of a shell"))
    return found


def test_no_module_gives_anything_to_a_shell() -> None:
    wrong = {
        str(path.relative_to(ROOT)): found for path in ROOT.rglob("*.py") if (found := faults(path.read_text("utf-8")))
    }
    assert wrong == {}


def test_what_is_looked_for_is_found() -> None:
    source = (
        "os.system('x')\nsubprocess.run('ls', shell=True)\nsubprocess.run(f'ls {x}')\n"
        "asyncio.create_subprocess_exec('sh', '-c', x)\nloop.subprocess_shell(p, x)\neval(x)\n"
    )
    assert sorted({line for line, _ in faults(source)}) == [1, 2, 3, 4, 5, 6]
    assert faults("subprocess.run(['ls', x], check=False)\nre.compile('x')\n") == []
