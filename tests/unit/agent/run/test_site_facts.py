"""What the files of a machine tell of FastX."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fxtop.agent.collectors.directories import FxDirectory
from fxtop.agent.collectors.leftovers import Leftovers
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.services import Services
from fxtop.agent.collectors.units import Units
from fxtop.agent.collectors.versions import Versions
from fxtop.protocol.node import Directory
from tests.unit.agent.run.machinekit import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def look(machine: Machine, variable: str) -> Directory:
    (found,) = FxDirectory(variable, machine.root).read().dirs
    return found


def test_services_come_from_a_drop_in(machine: Machine) -> None:
    machine.drop_in('[Service]\nEnvironment="SERVICES=user,socket, launcher"\n')
    assert Services(machine.root).read().services == ("user", "socket", "launcher")


def test_a_drop_in_wins_over_fastx_env(machine: Machine) -> None:
    machine.put("/etc/fastx/fastx.env", "SERVICES=webserver\n")
    assert Services(machine.root).read().services == ("webserver",)
    machine.drop_in("[Service]\nEnvironment=SERVICES=launcher\n")
    assert Services(machine.root).read().services == ("launcher",)


def test_a_drop_in_in_etc_replaces_one_of_the_same_name_from_the_package(machine: Machine) -> None:
    machine.put("/usr/lib/systemd/system/fastx5.service.d/site.conf", "[Service]\nEnvironment=SERVICES=manager\n")
    machine.drop_in("[Service]\nEnvironment=SERVICES=launcher\n")
    assert Services(machine.root).read().services == ("launcher",)


def test_the_service_directory_of_version_4_is_understood(machine: Machine) -> None:
    machine.put("/usr/lib/systemd/system/fastx4.service", "[Service]\nExecStart=/usr/lib/fastx/4/start\n")
    machine.path("/usr/lib/systemd/system/fastx5.service").unlink()
    machine.put("/etc/sysconfig/fastx4", "SERVICEDIR=webserver,user\n")
    assert Services(machine.root).read().services == ("webserver", "user")


def test_of_several_versions_the_latest_units_environment_counts(machine: Machine) -> None:
    machine.put("/usr/lib/systemd/system/fastx4.service", "[Service]\nEnvironment=SERVICES=user\n")
    machine.put("/usr/lib/systemd/system/fastx10.service", "[Service]\nEnvironment=SERVICES=socket\n")
    assert Services(machine.root).read().services == ("socket",)


def test_where_services_is_not_set_all_documented_ones_are_told_with_a_note(machine: Machine) -> None:
    told = Services(machine.root).read()
    assert set(told.services) == {"launcher", "webserver", "manager", "user", "socket", "forward"}
    assert "not set" in told.notes["services/default"]


def test_a_host_without_fastx_says_so_and_claims_no_service(tmp_path: Path) -> None:
    told = Services(tmp_path).read()
    assert told.services == ()
    assert "no fastx*.service" in told.notes["services"]


def test_metadata_is_told_without_its_prefix(machine: Machine) -> None:
    machine.drop_in('[Service]\nEnvironment="METADATA_gpu=a100" METADATA_rack=r8\n')
    assert Services(machine.root).read().metadata == {"rack": "r8", "gpu": "a100"}


def test_a_file_that_can_not_be_read_is_a_sentence(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.open

    def denied(path: str | Path, flags: int, **more: int) -> int:
        if Path(path).name == "fastx.env":
            raise PermissionError(13, "Permission denied")
        return real(path, flags, **more)

    monkeypatch.setattr(os, "open", denied)
    with pytest.raises(CollectError, match=r"fastx\.env can't be read: Permission denied"):
        Services(machine.root).read()


def test_a_directory_is_told_with_its_filesystem_room_and_inodes(machine: Machine) -> None:
    found = look(machine, "FX_VAR_DIR")
    assert (found.path, found.fstype, found.network, found.note) == ("/var/fastx", "xfs", False, None)
    assert found.total is not None
    assert found.free is not None
    assert 0 < found.free <= found.total
    assert found.inodes is None or found.inodes_free is not None


def test_directories_are_where_the_service_says(machine: Machine) -> None:
    machine.folder("/data/fx")
    machine.drop_in("[Service]\nEnvironment=FX_VAR_DIR=/data/fx\n")
    assert look(machine, "FX_VAR_DIR").path == "/data/fx"


def test_a_directory_on_a_network_mount_is_known_as_one_through_a_link_too(machine: Machine) -> None:
    machine.mounts("/dev/vda1 / xfs rw 0 0", "nas:/tmp /scratch nfs4 rw 0 0")
    machine.folder("/scratch").chmod(0o1777)
    machine.path("/tmp").rmdir()
    machine.path("/tmp").symlink_to(machine.path("/scratch"))
    found = look(machine, "FX_TEMP_DIR")
    assert (found.fstype, found.network) == ("nfs4", True)


def test_a_temporary_directory_that_not_everybody_may_use_has_a_note(machine: Machine) -> None:
    machine.path("/tmp").chmod(0o755)
    assert look(machine, "FX_TEMP_DIR").note == "Not every user may write here (mode 0755)."


def test_a_directory_that_is_not_there_has_no_sizes_and_says_why(machine: Machine) -> None:
    machine.path("/var/fastx-local").rmdir()
    source = FxDirectory("FX_LOCAL_DIR", machine.root)
    with pytest.raises(CollectError) as failed:
        source.read()
    (found,) = source.unread(str(failed.value)).dirs
    assert (found.total, found.free, found.inodes) == (None, None, None)
    assert found.path == "/var/fastx-local"
    assert found.note == "/var/fastx-local can't be looked at: No such file or directory."


def test_what_version_5_ignores_is_told(machine: Machine) -> None:
    machine.put("/etc/fastx/fastx.env", "LOAD_BALANCER=custom\nLOAD_BALANCER_SCRIPT=/opt/lb\n")
    machine.put("/etc/fastx/apps/xterm.ini", "[app]\nscheduleDir=slurm\n")
    machine.put("/etc/fastx/apps/emacs.ini", "[app]\nscheduleDir=slurm\n")
    machine.put("/etc/fastx/forms/vdi.ini", "x=1\n")
    notes = Leftovers(machine.root).read().notes
    assert notes.keys() == {"leftovers/LOAD_BALANCER", "leftovers/scheduleDir", "leftovers/forms/"}
    assert "LOAD_BALANCER, LOAD_BALANCER_SCRIPT in fastx.env have no effect" in notes["leftovers/LOAD_BALANCER"]
    assert "apps/emacs.ini and 1 more" in notes["leftovers/scheduleDir"]


def test_version_4_may_have_what_version_5_ignores(machine: Machine) -> None:
    machine.path("/usr/lib/fastx/5").rename(machine.path("/usr/lib/fastx/4"))
    machine.put("/etc/fastx/fastx.env", "LOAD_BALANCER=custom\n")
    assert Leftovers(machine.root).read().notes == {}


def test_unit_states_are_asked_for_by_pattern_and_by_file(machine: Machine) -> None:
    systemctl = machine.program(
        "systemctl",
        'echo "$@" > "$(dirname "$0")/asked"\n'
        'printf "Id=fastx5.service\\nLoadState=loaded\\nActiveState=active\\n\\n"\n'
        'printf "Id=rlm.service\\nLoadState=loaded\\nActiveState=failed\\n\\n"\n'
        'printf "Id=gone.service\\nLoadState=not-found\\nActiveState=inactive\\n"',
    )
    machine.put("/etc/systemd/system/syncthing@.service", "")
    units = Units(machine.root, systemctl=systemctl).read().units
    assert [(unit.name, unit.active) for unit in units] == [("fastx5.service", "active"), ("rlm.service", "failed")]
    asked = machine.path("/bin/asked").read_text().split()
    assert {"fastx*.service", "rlm*.service", "syncthing*.service", "fastx5.service"} <= set(asked)
    assert "syncthing@.service" not in asked


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'Failed to connect to bus' >&2; exit 1", "systemctl failed with code 1: Failed to connect to bus."),
        ("exec sleep 60", "systemctl didn't answer within 0.2 s."),
    ],
)
def test_units_that_can_not_be_asked_for_are_unknown_and_not_absent(machine: Machine, script: str, why: str) -> None:
    source = Units(machine.root, systemctl=machine.program("systemctl", script), limit=0.2)
    with pytest.raises(CollectError) as failed:
        source.read()
    assert str(failed.value) == why
    assert source.unread(why).notes == {"units": why}


def test_a_host_without_systemd_says_so(machine: Machine) -> None:
    with pytest.raises(CollectError, match="There is no systemctl on this host"):
        Units(machine.root, systemctl=str(machine.path("/bin/systemctl"))).read()


def test_the_version_of_fastx_is_its_packages(machine: Machine) -> None:
    told = Versions(machine.root, lambda: {"fastx5-server": "5.1.3-2", "fastx4-server": "4.2", "rlm": "16.1"}).read()
    assert told.versions["fastx"] == "5.1.3-2"
    assert told.versions["rlm"] == "16.1"
    assert told.versions["os"] == "Rocky Linux 9.4 (Blue Onyx)"


def test_without_packages_the_version_is_that_of_the_latest_tree(machine: Machine) -> None:
    machine.folder("/usr/lib/fastx/10")
    machine.path("/usr/lib/fastx/latest").symlink_to("5")
    told = Versions(machine.root, dict).read()
    assert told.versions["fastx"] == "10"
    assert told.notes["versions/trees"].endswith("5, 10.")


def test_packages_that_can_not_be_asked_for_cost_nothing_else(machine: Machine) -> None:
    def broken() -> dict[str, str]:
        raise CollectError("rpm didn't answer within 8 s.")

    told = Versions(machine.root, broken).read()
    assert told.versions["fastx"] == "5"
    assert told.notes["versions/packages"] == "rpm didn't answer within 8 s."
