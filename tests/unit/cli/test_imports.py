from __future__ import annotations

import subprocess
import sys

import pytest

from fxtop.cli.parser import COMMANDS

LOADED = """
import sys
from fxtop.cli.parser import parse
try:
    parse({line!r})
except SystemExit:
    pass
import fxtop.cli.faults
print(*(name for name in ("textual", "nats", "trustme") if name in sys.modules))
"""

LINES = [[name, "--help"] for name in COMMANDS] + [["--help"]]


def loaded_by(line: list[str]) -> set[str]:
    done = subprocess.run([sys.executable, "-c", LOADED.format(line=line)], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize("line", LINES, ids=" ".join)
def test_no_command_line_loads_textual(line: list[str]) -> None:
    assert "textual" not in loaded_by(line)


def test_asking_for_the_help_loads_none_of_the_heavy_parts() -> None:
    assert loaded_by(["--help"]) == set()


def test_the_demos_parts_are_not_needed_by_the_other_commands() -> None:
    assert "trustme" not in loaded_by(["get", "nodes"])
