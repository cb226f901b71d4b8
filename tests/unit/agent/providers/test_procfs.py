from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.providers.fastx import procfs
from fxtop.agent.providers.fastx.census import CensusTaker, look_at
from fxtop.agent.providers.fastx.procfs import NoProcess, parse_arguments, parse_environment, parse_stat, parse_uid

NUMBERS = [str(n).encode() for n in range(4, 53)]


def line(name: bytes, state: bytes = b"S") -> bytes:
    """A line of stat in which every field holds its own number as in proc(5)."""
    return b"1234 (" + name + b") " + state + b" " + b" ".join(NUMBERS) + b"\n"


@given(st.binary(max_size=20))
def test_a_process_can_not_forge_its_fields_by_its_name(name: bytes) -> None:
    stat = parse_stat(line(name))
    assert (stat.parent, stat.start, stat.ticks, stat.pages) == (4, 22, 14 + 15, 24)
    assert stat.image == (name, b"26", b"28", b"48", b"50", b"51")


@pytest.mark.parametrize("state", [b"Z", b"X"])
def test_a_process_that_waits_to_be_reaped_is_gone(state: bytes) -> None:
    with pytest.raises(NoProcess):
        parse_stat(line(b"sh", state))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_stat_or_a_value_error(noise: bytes) -> None:
    try:
        parse_stat(noise)
    except (ValueError, NoProcess):
        return


@given(st.binary(max_size=300))
def test_any_bytes_are_an_environment(noise: bytes) -> None:
    found = parse_environment(noise, frozenset({"A", "B"}))
    assert set(found) <= {"A", "B"}


@given(st.binary(max_size=300))
def test_any_bytes_are_arguments(noise: bytes) -> None:
    joined = "\0".join(parse_arguments(noise))
    assert os.fsencode(joined) == noise.removesuffix(b"\0")


def test_the_first_of_two_variables_counts_as_for_getenv() -> None:
    block = b"XAUTHORITY=/one\0XAUTHORITY=/two\0junk\0DISPLAY=:1=2\0"
    names = frozenset({"XAUTHORITY", "DISPLAY"})
    assert parse_environment(block, names) == {"XAUTHORITY": "/one", "DISPLAY": ":1=2"}


def test_the_real_uid_is_taken() -> None:
    assert parse_uid(b"Name:\tUid:\nUid:\t1000\t0\t0\t0\n") == 1000
    with pytest.raises(ValueError, match="Uid"):
        parse_uid(b"Name:\tsh\n")


def test_this_process_is_seen_as_it_is() -> None:
    process = look_at(os.getpid())
    assert (process.uid, process.parent) == (os.getuid(), os.getppid())
    assert process.rss > 1024 * 1024
    assert process.start > 0


def test_a_process_that_was_never_there_is_gone() -> None:
    with pytest.raises(NoProcess):
        look_at(2**22 + 1)


def test_an_environment_is_read_again_when_the_process_starts_another_program() -> None:
    taker = CensusTaker()
    with subprocess.Popen(
        ["/bin/sh", "-c", "echo ready; read go; XAUTHORITY=/b/authority exec cat"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PATH": os.environ["PATH"], "XAUTHORITY": "/a/authority"},
    ) as child:
        assert child.stdin and child.stdout
        child.stdout.readline()
        before = taker.take().processes[child.pid]
        child.stdin.write(b"go\nheard\n")
        child.stdin.flush()
        child.stdout.readline()
        after = taker.take().processes[child.pid]
        child.stdin.close()
    assert (before.xauthority, after.xauthority) == ("/a/authority", "/b/authority")
    assert before.start == after.start
    assert after.arguments == ("cat",)
    assert child.pid not in taker.take().processes


def test_an_environment_is_read_once_while_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    taker = CensusTaker()
    taker.take()
    read: list[int] = []
    plain = procfs.read_environment
    monkeypatch.setattr(
        procfs,
        "read_environment",
        lambda pid, names, proc: read.append(pid) or plain(pid, names, proc),  # type: ignore[func-returns-value]
    )
    assert os.getpid() in taker.take().processes
    assert os.getpid() not in read
