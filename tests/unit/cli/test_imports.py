from __future__ import annotations

import subprocess
import sys

from fxtop.cli.parser import COMMANDS

SCRIPT = """
import sys
from fxtop.cli.parser import parse
for line in {lines!r}:
    try:
        parse(line)
    except SystemExit:
        pass
import fxtop.cli.faults
print(*(name for name in ("textual", "nats", "trustme") if name in sys.modules))
"""


def loaded_by(*lines: list[str]) -> set[str]:
    """Which of the heavy parts are loaded when these command lines are read, and when a fault is explained."""
    script = SCRIPT.format(lines=lines)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_no_command_loads_textual_before_it_opens_the_console() -> None:
    assert "textual" not in loaded_by(*([name, "--help"] for name in COMMANDS))


def test_no_command_that_talks_to_the_bus_loads_textual() -> None:
    script = """
import sys
from fxtop.__main__ import main
nobody = ["--server", "nats://127.0.0.1:1", "--log-file", "/dev/null"]
codes = [main([*nobody, *line]) for line in (["get", "nodes"], ["drain", "viz01", "--reason", "x", "--yes"])]
print(*codes, "textual" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["5", "5", "False"]


def test_what_the_first_screen_needs_has_no_bus_client_no_cryptography_and_none_of_what_acting_takes() -> None:
    heavy = (
        "nats",
        "nacl",
        "psutil",
        "fxtop.actions.operator",
        "fxtop.actions.model",
        "fxtop.ui.screens.plan_dialog",
        "fxtop.ui.screens.help",
    )
    script = f"import sys, fxtop.cli.console, fxtop.ui.launch\nprint(*(n for n in {heavy!r} if n in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_asking_for_the_help_loads_none_of_the_heavy_parts() -> None:
    assert loaded_by(["--help"]) == set()


def test_only_the_demo_needs_the_demos_parts() -> None:
    assert "trustme" not in loaded_by(*([name, "--help"] for name in COMMANDS if name != "demo"))
