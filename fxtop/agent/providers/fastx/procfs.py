"""What single files of /proc say (proc(5), Linux 5.10 to 6.18). Reading the bytes and understanding them stay apart."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

PROC: Final = "/proc"
TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
_STAT_LIMIT: Final = 4096
_LIMIT: Final = 256 * 1024
"""Bytes read of an environment: far more than a desktop has, far less than a process may be given (2 MiB)."""
ARGUMENTS_LIMIT: Final = 8192
_KERNEL_THREAD: Final = 0x00200000
_ENDED: Final = (b"Z", b"X", b"x")


class NoProcess(Exception):
    """There is no such process, or it has ended and only waits for its parent."""


@dataclass(frozen=True, slots=True)
class Stat:
    """A line of ``/proc/PID/stat``.

    ``image`` changes whenever the process starts another program: where its stack, arguments and environment lie, and
    its short name. It saves reading the environment again and again.
    """

    parent: int
    start: int
    """Clock ticks after the boot. With the pid it names a process for good."""
    ticks: int
    """Clock ticks on a CPU, so far."""
    pages: int
    kernel: bool
    image: tuple[bytes, ...]


def parse_stat(line: bytes) -> Stat:
    """What ``line`` says.

    Raises:
        NoProcess: the process has ended.
        ValueError: that is no line of ``/proc/PID/stat``.
    """
    opening, closing = line.index(b"("), line.rindex(b")")  # the name in between may hold both
    fields = line[closing + 1 :].split()
    if len(fields) < 50:
        raise ValueError("too few fields")
    if fields[0] in _ENDED:
        raise NoProcess
    return Stat(
        parent=int(fields[1]),
        start=int(fields[19]),
        ticks=int(fields[11]) + int(fields[12]),
        pages=int(fields[21]),
        kernel=bool(int(fields[6]) & _KERNEL_THREAD),
        image=(line[opening + 1 : closing], fields[23], fields[25], fields[45], fields[47], fields[48]),
    )


def parse_uid(status: bytes) -> int:
    """The real uid in ``/proc/PID/status``.

    Raises:
        ValueError: it isn't in there.
    """
    for line in status.split(b"\n"):
        if line.startswith(b"Uid:") and (found := line.split()[1:]):
            return int(found[0])
    raise ValueError("no Uid line")


def parse_environment(block: bytes, names: frozenset[str]) -> dict[str, str]:
    """The variables of ``names`` in ``/proc/PID/environ``. As for a program's getenv, the first of a name counts."""
    found: dict[str, str] = {}
    for entry in block.split(b"\0"):
        name, equals, value = entry.partition(b"=")
        if equals and (key := name.decode("ascii", "replace")) in names:
            found.setdefault(key, os.fsdecode(value))
    return found


def parse_arguments(block: bytes) -> tuple[str, ...]:
    """The arguments in ``/proc/PID/cmdline``; none for a kernel thread."""
    return tuple(os.fsdecode(argument) for argument in block.removesuffix(b"\0").split(b"\0")) if block else ()


def pids(proc: str = PROC) -> list[int]:
    """All processes that can be seen."""
    return [int(name) for name in os.listdir(proc) if name.isdecimal()]


def read_stat(pid: int, proc: str = PROC) -> tuple[Stat, int]:
    """The stat of a process, and who owns its files in /proc: another one after a change of user.

    Raises:
        NoProcess: it is gone.
    """
    try:
        handle = os.open(f"{proc}/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
        try:
            return parse_stat(os.read(handle, _STAT_LIMIT)), os.fstat(handle).st_uid
        finally:
            os.close(handle)
    except (OSError, ValueError):
        raise NoProcess from None


def read_uid(pid: int, proc: str = PROC) -> int:
    """The real uid of a process.

    Raises:
        NoProcess: it is gone.
    """
    try:
        return parse_uid(_read(f"{proc}/{pid}/status", _STAT_LIMIT))
    except (OSError, ValueError):
        raise NoProcess from None


def read_environment(pid: int, names: frozenset[str], proc: str = PROC) -> dict[str, str]:
    """Some variables of a process, as they were when it started its program.

    Raises:
        NoProcess: it is gone.
        PermissionError: this user may not look into it.
    """
    return parse_environment(_read_guarded(f"{proc}/{pid}/environ", _LIMIT), names)


def read_arguments(pid: int, proc: str = PROC) -> tuple[str, ...]:
    """The command line of a process, cut after some length.

    Raises:
        NoProcess: it is gone.
        PermissionError: this user may not look into it.
    """
    return parse_arguments(_read_guarded(f"{proc}/{pid}/cmdline", ARGUMENTS_LIMIT))


def _read_guarded(path: str, limit: int) -> bytes:
    try:
        return _read(path, limit)
    except PermissionError:
        raise
    except OSError:
        raise NoProcess from None


def _read(path: str, limit: int) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = b""
        while len(content) < limit and (more := os.read(handle, limit - len(content))):
            content += more
        return content
    finally:
        os.close(handle)
