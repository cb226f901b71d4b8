"""Whose requests are carried out: the listed keys, and the role of each (protocol 4)."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from fxtop.agent.roles import BUILT_IN, Role
from fxtop.protocol.ids import PublicKey
from fxtop.protocol.signing import key_bytes
from fxtop.protocol.text import NAME_BOUND, inert

__all__ = ["Role", "Trust", "TrustError"]


class TrustError(ValueError):
    """A list of keys that can't be used; the text is a sentence for the administrator."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that an agent lists."""

    keys: Mapping[PublicKey, Role] = field(default_factory=dict)
    names: Mapping[PublicKey, str] = field(default_factory=dict)
    """Whose they are, as far as the list says so. Two keys of one name are one person's."""
    roles: Mapping[str, Role] = field(default_factory=lambda: BUILT_IN)
    """The roles that the list may name."""

    @classmethod
    def parse(cls, text: str, source: str = "the list of keys", roles: Mapping[str, Role] = BUILT_IN) -> Trust:
        """Read lines of ``KEY ROLE [NAME]``; ``#`` begins a comment.

        Raises:
            TrustError: a line that is none of these. A list with a mistake is not used at all.
        """
        keys: dict[PublicKey, Role] = {}
        names: dict[PublicKey, str] = {}
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            if words:
                key, role = _entry(words, f"line {number} of {source}", roles)
                if keys.setdefault(key, role) is not role:
                    raise TrustError(f"Line {number} of {source} gives a second role to a key: leave one of the two.")
                if words[2:]:
                    names[key] = inert(" ".join(words[2:]), NAME_BOUND)
        return cls(keys, names, roles)

    @classmethod
    def load(cls, path: Path, roles: Mapping[str, Role] = BUILT_IN) -> Trust:
        """The list in the file ``path``.

        Raises:
            TrustError: it can't be read, has a mistake, or others than root and we can write it.
        """
        return cls.parse(_read(path), str(path), roles)

    def role(self, key: PublicKey | None) -> Role | None:
        """The role of ``key``, None where it isn't listed."""
        return None if key is None else self.keys.get(key)

    def name(self, key: PublicKey | None) -> str:
        """Whose ``key`` is; empty where the list doesn't say."""
        return "" if key is None else self.names.get(key, "")


def require_guarded(path: Path, status: os.stat_result) -> None:
    """TrustError where the open list ``path`` is no file, or where others than root and we could have written it."""
    if not stat.S_ISREG(status.st_mode):
        raise TrustError(f"{path} is not a file, so it is no list of keys.")
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o022:
        raise TrustError(f"The list of keys {path} can be written by others (mode {mode:04o}): chmod 644 it.")
    if status.st_uid not in (0, os.geteuid()):
        raise TrustError(f"The list of keys {path} belongs to another user (uid {status.st_uid}): chown it to root.")


def _read(path: Path) -> str:
    """The text of a list; what was opened is judged, so that it can't be swapped in between."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a fifo must not hang us
        with os.fdopen(handle, "rb") as file:
            require_guarded(path, os.fstat(handle))
            return file.read().decode()
    except (OSError, UnicodeDecodeError) as error:
        raise TrustError(f"The list of keys {path} can't be read: {error}.") from error


def _entry(words: list[str], where: str, roles: Mapping[str, Role]) -> tuple[PublicKey, Role]:
    if len(words) < 2:
        raise TrustError(f"{where} lacks a role: write KEY ROLE [NAME].".capitalize())
    try:
        key_bytes(words[0])
    except ValueError as error:
        raise TrustError(f"In {where}: {error}.") from None
    role = roles.get(words[1])
    if role is None:
        raise TrustError(f"In {where}: there is no role '{inert(words[1], 64)}', only {', '.join(roles)}.")
    return PublicKey(words[0]), role
