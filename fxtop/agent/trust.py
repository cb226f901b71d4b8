"""Whose requests are carried out: the listed keys, and what the role of each allows (protocol 4)."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from fxtop.protocol.control import MANAGER_VERBS, NODE_VERBS, Args, TerminateArgs
from fxtop.protocol.ids import PublicKey
from fxtop.protocol.signing import key_bytes


class TrustError(ValueError):
    """A list of keys that can't be used; the text is a sentence for the administrator."""


class Role(StrEnum):
    """What the holder of a key may ask for."""

    OPERATOR = "operator"
    """Every verb."""
    HELPDESK = "helpdesk"
    """Messages, and ending one session at a time."""
    VIEWER = "viewer"
    """Nothing: a viewer needs no key, but may be listed so that refusals name the reason."""
    MANAGER = "manager"
    """A cluster manager that applies a plan: weights, and sending pending sessions elsewhere."""


_VERBS: Final[dict[Role, frozenset[str]]] = {
    Role.OPERATOR: frozenset((*NODE_VERBS, *MANAGER_VERBS)),
    Role.HELPDESK: frozenset(("message", "terminate")),
    Role.VIEWER: frozenset(),
    Role.MANAGER: frozenset(("weight", "requeue")),
}
_QUESTIONS: Final = frozenset(("recall",))
"""What everybody who is listed may ask, since it changes nothing and tells what was on the bus."""


@dataclass(frozen=True, slots=True)
class Trust:
    """The keys that an agent lists."""

    keys: Mapping[PublicKey, Role] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str, source: str = "the list of keys") -> Trust:
        """Read lines of ``KEY ROLE [NAME]``; ``#`` begins a comment, the name is for the reader only.

        Raises:
            TrustError: a line that is none of these. A list with a mistake is not used at all.
        """
        keys: dict[PublicKey, Role] = {}
        for number, line in enumerate(text.splitlines(), 1):
            words = line.partition("#")[0].split()
            if words:
                key, role = _entry(words, f"line {number} of {source}")
                if keys.setdefault(key, role) is not role:
                    raise TrustError(f"Line {number} of {source} gives a second role to a key: leave one of the two.")
        return cls(keys)

    @classmethod
    def load(cls, path: Path) -> Trust:
        """The list in the file ``path``.

        Raises:
            TrustError: it can't be read, has a mistake, or others than its owner can write it.
        """
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
            content = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise TrustError(f"The list of keys {path} can't be read: {error}.") from error
        if mode & 0o022:
            raise TrustError(f"The list of keys {path} can be written by others (mode {mode:04o}): chmod 644 it.")
        return cls.parse(content, str(path))

    def role(self, key: PublicKey | None) -> Role | None:
        """The role of ``key``, None where it isn't listed."""
        return None if key is None else self.keys.get(key)

    def forbids(self, key: PublicKey | None, verb: str, args: Args) -> str | None:
        """Why ``key`` may not ask for ``verb`` with ``args``, as a sentence; None where it may."""
        role = self.role(key)
        if role is None:
            return "The key is not listed here."
        if verb not in _VERBS[role] | _QUESTIONS:
            return f"The role {role} doesn't allow {verb}."
        if role is Role.HELPDESK and isinstance(args, TerminateArgs) and len(args.sessions) > 1:
            return f"The role {role} may end one session at a time, not {len(args.sessions)}."
        return None


def _entry(words: list[str], where: str) -> tuple[PublicKey, Role]:
    if len(words) < 2:
        raise TrustError(f"{where} lacks a role: write KEY ROLE [NAME].".capitalize())
    try:
        key_bytes(words[0])
    except ValueError as error:
        raise TrustError(f"In {where}: {error}.") from None
    try:
        return PublicKey(words[0]), Role(words[1])
    except ValueError:
        raise TrustError(f"In {where}: there is no role '{words[1]}', only {', '.join(Role)}.") from None
