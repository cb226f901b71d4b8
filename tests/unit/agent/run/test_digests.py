"""Digests of FastX's configuration: what they tell, and what they keep to themselves."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from fxtop.agent.collectors import digests
from fxtop.agent.collectors.digests import ConfigDigests
from fxtop.agent.collectors.facts import Fragment
from fxtop.agent.collectors.port import CollectError
from tests.unit.agent.run.machinekit import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def take(machine: Machine, *, exclude: tuple[str, ...] = ()) -> Fragment:
    return ConfigDigests(machine.root, exclude=exclude).read()


def test_each_file_is_told_by_its_name_and_sha256(machine: Machine) -> None:
    machine.put("/etc/fastx/apps/xterm.ini", "command=xterm\n")
    told = take(machine).config
    assert told == {
        "FastX.conf": hashlib.sha256(b"HOST viz07\n").hexdigest(),
        "fastx.env": hashlib.sha256(b"METADATA_rack=r7\n").hexdigest(),
        "apps/xterm.ini": hashlib.sha256(b"command=xterm\n").hexdigest(),
    }


@pytest.mark.parametrize(
    "name", ["admin.secret", "transporter-secret.ini", "fastx.key", "Weblink-SECRET.ini", "tls/server.pem"]
)
def test_no_digest_is_taken_of_a_file_whose_name_says_that_it_is_secret(machine: Machine, name: str) -> None:
    machine.put(f"/etc/fastx/{name}", "harmless")
    told = take(machine)
    assert name not in told.config
    assert name in told.withheld


@pytest.mark.parametrize(
    "text",
    [
        'authorization { token: "hunter2" }',
        "[smtp]\nhost=mail\npassword = hunter2\n",
        "client_secret: abc",
        "url = nats://fx:hunter2@mgr1:4222\n",
        'token "hunter2"\n',
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "# password=hunter2\n",
    ],
)
def test_no_digest_is_taken_of_a_file_that_holds_a_secret(machine: Machine, text: str) -> None:
    machine.put("/etc/fastx/some.ini", text)
    told = take(machine)
    assert "some.ini" not in told.config
    assert "hunter2" not in repr(told)


@pytest.mark.parametrize("text", ["password_label=Password", '<input type="password" name="p">', "token=\n"])
def test_words_about_secrets_are_none(machine: Machine, text: str) -> None:
    machine.put("/etc/fastx/some.ini", text)
    assert "some.ini" in take(machine).config


def test_a_license_file_is_compared_too(machine: Machine) -> None:
    machine.put("/etc/fastx/license/license_server.lic", "HOST lic 00000000 5053\n")
    assert "license/license_server.lic" in take(machine).config


def test_a_site_may_leave_out_more(machine: Machine) -> None:
    machine.put("/etc/fastx/apps/xterm.ini", "command=xterm\n")
    assert "apps/xterm.ini" not in take(machine, exclude=("apps/*",)).config


def test_a_link_is_not_followed(machine: Machine, tmp_path: Path) -> None:
    outside = machine.put("/root/shadow", "root:x:1\n")
    machine.path("/etc/fastx/shadow.ini").symlink_to(outside)
    machine.path("/etc/fastx/apps").symlink_to(outside.parent)
    told = take(machine)
    assert "shadow.ini" not in told.config
    assert told.notes["config/shadow.ini"] == "shadow.ini is a link, which is not followed."
    assert told.notes["config/apps"] == "apps is a link, which is not followed."


def test_a_pipe_does_not_hang_it(machine: Machine) -> None:
    os.mkfifo(machine.path("/etc/fastx/pipe.ini"))
    assert take(machine).notes["config/pipe.ini"] == "pipe.ini is not a file."


def test_large_files_deep_folders_and_many_files_are_bounded(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digests, "MAX_BYTES", 64)
    monkeypatch.setattr(digests, "MAX_FILES", 6)
    machine.put("/etc/fastx/big.ini", "x" * 65)
    machine.put("/etc/fastx/a/b/c/d/e/f/g/h.ini", "deep")
    for number in range(10):
        machine.put(f"/etc/fastx/z{number}.ini", "x")
    told = take(machine)
    assert len(told.config) == 6
    assert "has more than 64 bytes" in told.notes["config/big.ini"]
    assert told.notes["config/a/b/c/d/e/f/g"].endswith("lies too deep.")
    assert "more than 6 files" in told.notes["config/full"]


def test_a_name_that_is_no_text_is_still_one_on_the_bus(machine: Machine) -> None:
    Path(os.fsdecode(os.fsencode(machine.path("/etc/fastx/")) + b"/\xff.ini")).write_text("x")
    (name,) = [name for name in take(machine).config if "�" in name]
    assert name.encode()


def test_no_directory_is_no_empty_configuration(machine: Machine) -> None:
    machine.drop_in("[Service]\nEnvironment=FX_CONFIG_DIR=/etc/nothere\n")
    with pytest.raises(CollectError, match="/etc/nothere can't be read: No such file or directory"):
        take(machine)
