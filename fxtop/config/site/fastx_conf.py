"""FastX.conf: where sessions and a user's files lie (vendor's CONF: HOST, FastXPath, SessionPath).

Values may hold ``@NAME@``, which is HOST, USER, HOME or another variable of the user's environment; ``@@`` is an at
sign, ``@#@`` a number sign, and ``#`` begins a comment.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fxtop.config.site.place import Place
from fxtop.config.site.variable import Variable, last_of

FASTX_PATH: Final = "FastXPath"
SESSION_PATH: Final = "SessionPath"
DEFAULTS: Final = {FASTX_PATH: "@HOME@/.fastx_server", SESSION_PATH: "@HOME@/.fastx_server/@HOST@/sessions"}

_LINE: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)[ \t]*(?:=|[ \t])[ \t]*(.*)")
_MARK: Final = re.compile(r"@([^@\n]*)@")
_HIDDEN: Final = "@#@"


@dataclass(frozen=True, slots=True)
class FastxConf:
    """The settings of one FastX.conf, not expanded yet."""

    settings: tuple[Variable, ...] = ()

    def path(self, name: str, env: Mapping[str, str]) -> Path | None:
        """A path for the user whose ``env`` holds HOST, USER, HOME and the rest; None where a variable is missing."""
        host = last_of(self.settings, "HOST")
        known = env if host is None else {**env, "HOST": expand(host.value, env) or ""}
        said = last_of(self.settings, name)
        text = expand(DEFAULTS[name] if said is None else said.value, known)
        return Path(text) if text else None


def read_fastx_conf(text: str, file: Path) -> FastxConf:
    """The settings in ``text``; lines that are none are passed over."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _LINE.fullmatch(_without_comment(line)):
            found.append(Variable(match[1], match[2], Place(file, number)))
    return FastxConf(tuple(found))


def expand(text: str, env: Mapping[str, str]) -> str | None:
    """``text`` with its marks replaced; None where one names a variable that ``env`` lacks."""
    names = {"": "@", "#": "#", **env}
    if any(name not in names for name in _MARK.findall(text)):
        return None
    return _MARK.sub(lambda found: names[found[1]], text)


def _without_comment(line: str) -> str:
    """``line`` up to a number sign that isn't written as ``@#@``."""
    end = 0
    while (end := line.find("#", end)) >= 0 and line[max(0, end - 1) : end + 2] == _HIDDEN:
        end += 1
    return (line if end < 0 else line[:end]).strip()
