"""Traps that whoever owns FastX's directories can lay for an agent that is root."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fxtop.agent.collectors.leftovers import Leftovers
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.services import Services
from tests.unit.agent.run.machinekit import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def fifo(path: Path) -> None:
    os.mkfifo(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("trap", [fifo, endless])
def test_what_hangs_or_never_ends_in_place_of_the_environment_is_a_sentence(
    machine: Machine, trap: Callable[[Path], None]
) -> None:
    machine.path("/etc/fastx/fastx.env").unlink()
    trap(machine.path("/etc/fastx/fastx.env"))
    with pytest.raises(CollectError, match="it is not a file"):
        Services(machine.root).read()


def test_a_link_in_a_directory_of_others_is_not_followed(machine: Machine) -> None:
    machine.put("/root/secret", "METADATA_stolen=yes\n")
    machine.path("/etc/fastx/fastx.env").unlink()
    machine.path("/etc/fastx/fastx.env").symlink_to(machine.path("/root/secret"))
    assert Services(machine.root).read().metadata == {"stolen": "yes"}
    machine.path("/etc/fastx").chmod(0o777)
    with pytest.raises(CollectError, match="a link that others could have put there"):
        Services(machine.root).read()


def test_a_fifo_among_the_apps_hangs_nothing(machine: Machine) -> None:
    machine.folder("/etc/fastx/apps")
    fifo(machine.path("/etc/fastx/apps/trap.ini"))
    with pytest.raises(CollectError, match=r"trap\.ini"):
        Leftovers(machine.root).read()
