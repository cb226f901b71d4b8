"""Changing an agent's list of keys: the whole list is right before and after, and never anything between."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fxtop.agent.roles import Role
from fxtop.agent.trust import Trust, TrustError, require_guarded
from fxtop.protocol.ids import PublicKey

MODE: Final = 0o644
"""Of a new list: it holds no secret, and what it says is what must not be changed."""

Change = Callable[[list[str]], list[str]]
"""Lines of a list to lines of the changed one."""


def trust_key(path: Path, key: PublicKey, role: str, name: str, roles: Mapping[str, Role]) -> Role | None:
    """List ``key`` with ``role``, or give it that role; the one that it had before.

    Raises:
        TrustError: the list as it is, or as it would become, can't be used. Nothing was changed.
    """
    entry = " ".join((key, role, *name.split()))
    before: list[Role | None] = []

    def change(lines: list[str]) -> list[str]:
        at = [number for number, line in enumerate(lines) if _key_of(line) == key]
        before.append(Trust.parse("\n".join(lines), str(path), roles).role(key))
        if not at:
            return [*lines, entry]
        kept = [line for number, line in enumerate(lines) if number not in at[1:]]
        kept[at[0]] = entry if name else " ".join((key, role, *lines[at[0]].split()[2:]))
        return kept

    _edit(path, change, roles)
    return before[0]


def revoke_key(path: Path, key: PublicKey, remark: str, roles: Mapping[str, Role]) -> Role:
    """List ``key`` no longer; a comment with ``remark`` stays in its place. The role that it had.

    Raises:
        TrustError: it isn't listed, or the list can't be used. Nothing was changed.
    """
    had: list[Role] = []

    def change(lines: list[str]) -> list[str]:
        role = Trust.parse("\n".join(lines), str(path), roles).role(key)
        if role is None:
            raise TrustError(f"The key {key} is not in the list {path}.")
        had.append(role)
        return [f"# {remark}: {line.strip()}" if _key_of(line) == key else line for line in lines]

    _edit(path, change, roles)
    return had[0]


def _key_of(line: str) -> str:
    return next(iter(line.partition("#")[0].split()), "")


def _edit(path: Path, change: Change, roles: Mapping[str, Role]) -> None:
    try:
        with _locked(path):
            status, lines = _read(path)
            text = "".join(f"{line}\n" for line in change(lines))
            Trust.parse(text, str(path), roles)
            _replace(path, text.encode(), status)
    except OSError as error:
        raise TrustError(f"The list of keys {path} can't be changed: {error.strerror or error}.") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """One change at a time; the lock is a file of its own, since the list itself is replaced."""
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _read(path: Path) -> tuple[os.stat_result | None, list[str]]:
    """The lines of the list, with what must stay the same of its file; nothing where there is no list yet."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return None, []
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        require_guarded(path, status)
        try:
            return status, file.read().decode().splitlines()
        except UnicodeDecodeError:
            raise TrustError(f"The list of keys {path} isn't text.") from None


def _replace(path: Path, content: bytes, status: os.stat_result | None) -> None:
    """Put ``content`` in the list's place at once, on disk, with the owner and the mode that it had."""
    new = path.with_name(f".{path.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as file:
        if status is not None and (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
            os.fchown(handle, status.st_uid, status.st_gid)
        os.fchmod(handle, MODE if status is None else stat.S_IMODE(status.st_mode))
        file.write(content)
        file.flush()
        os.fsync(handle)
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
