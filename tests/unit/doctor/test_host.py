"""What the living machine is asked."""

from __future__ import annotations

import os
import pwd
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from fxtop.clock import SystemClock
from fxtop.doctor.facts import Facts, SecretFile
from fxtop.doctor.finding import Missing
from fxtop.doctor.gather import host, systemd
from fxtop.doctor.gather.reach import Port, try_ports
from fxtop.doctor.gather.tree import Tree
from tests.natskit import free_port
from tests.unit.doctor.kit import facts_of, good_manager

ME = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    files = good_manager() | {"/etc/fastx/license/a.lic": "HOST localhost any 5054\nISV starnet port=5055\n"}
    return facts_of(tmp_path, files)


def test_ports_are_those_that_the_files_name(facts: Facts, tmp_path: Path) -> None:
    assert list(host.transporters(facts)) == [Port("transporter", "mgr1.example.com", 4222)]
    assert list(host.routes(facts, frozenset({"mgr1.example.com"}))) == [Port("route", "mgr2.example.com", 6222)]
    assert list(host.license_ports(facts, Tree(tmp_path))) == [
        Port("licence server", "localhost", 5054),
        Port("licence server", "localhost", 5055),
    ]


async def test_the_machine_is_asked_only_for_what_files_cannot_tell(facts: Facts, tmp_path: Path) -> None:
    here = replace(facts, servers=(f"nats://127.0.0.1:{free_port()}",), nats=Missing("not here"))
    found = await host.ask_host(here, Tree(tmp_path), SystemClock())
    assert isinstance(found.names, frozenset)
    assert "localhost" in found.names
    assert isinstance(found.reached, tuple)
    assert [(each.what, each.problem) for each in found.reached] == [
        ("transporter", "refused"),
        ("licence server", "refused"),
        ("licence server", "refused"),
    ]
    asked = ("names", "running", "clock_kept", "may_read", "reached")
    assert replace(found, **{name: getattr(here, name) for name in asked}) == here


def placed(facts: Facts, file: Path, user: str) -> Facts:
    assert isinstance(facts.secret, SecretFile)
    return replace(
        facts, service_user=user, secret=replace(facts.secret, file=file), servers=(), licenses=(), nats=Missing("")
    )


async def may_read(facts: Facts) -> object:
    return (await host.ask_host(facts, Tree(), SystemClock())).may_read


async def test_a_service_user_reads_what_is_its_own(facts: Facts, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.touch(0o600)
    assert await may_read(placed(facts, secret, ME)) == {secret: True}


@pytest.mark.skipif(os.getuid() != 0, reason="another user's rights can be set up by root alone")
async def test_another_user_doesnt_read_a_secret_of_root(facts: Facts) -> None:
    secret = Path("/etc/shadow")
    assert await may_read(placed(facts, secret, "nobody")) == {secret: False}
    assert await may_read(placed(facts, Path("/etc/passwd"), "nobody")) == {Path("/etc/passwd"): True}


async def test_a_user_that_doesnt_exist_is_said(facts: Facts, tmp_path: Path) -> None:
    assert await may_read(placed(facts, tmp_path, "nobody-of-that-name")) == Missing(
        "there is no user nobody-of-that-name on this machine"
    )


def test_without_systemctl_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert systemd.ask_systemd(SystemClock()) == Missing("there is no systemctl on this machine")


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("echo no bus >&2; exit 1", "systemctl says: no bus"),
        ("exit 0", "systemd knows no fastx"),
        ("exit 1", "says: nothing"),
    ],
)
def test_a_systemctl_that_cannot_tell_is_said(
    script: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "systemctl").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "systemctl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = systemd.ask_systemd(SystemClock())
    assert isinstance(found, Missing)
    assert words in found.why


@pytest.mark.parametrize(("word", "kept"), [("yes", True), ("no", False)])
def test_the_kernel_is_asked_whether_the_clock_is_kept(
    word: str, kept: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "timedatectl").write_text(f"#!/bin/sh\necho {word}\n")
    (tmp_path / "timedatectl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert systemd.ask_clock() is kept


@pytest.mark.parametrize(
    ("script", "why"), [("echo", "timedatectl doesn't tell"), ("echo no bus >&2; exit 1", "timedatectl says: no bus")]
)
def test_a_clock_of_which_nothing_is_told(
    script: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "timedatectl").write_text(f"#!/bin/sh\n{script}\n")
    (tmp_path / "timedatectl").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert systemd.ask_clock() == Missing(why)


async def test_a_name_that_nobody_knows_and_a_port_that_nobody_serves() -> None:
    found = await try_ports(
        [Port("licence server", "no-such-host.invalid", 1), Port("route", "127.0.0.1", free_port())]
    )
    assert [each.problem for each in found] == ["unresolved", "refused"]


def test_a_tree_reads_files_only(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "large").write_bytes(b"x" * (1024 * 1024 + 1))
    tree = Tree(tmp_path)
    for name in ("/fifo", "/large", "/", "/missing"):
        with pytest.raises(OSError, match=r"file|bytes|directory"):
            tree.text(PurePosixPath(name))
    assert tree.names(PurePosixPath("/missing")) == ()
