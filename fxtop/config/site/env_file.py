"""Dotenv files: ``fastx.env``, and what systemd's ``EnvironmentFile=`` names.

Vendor's CFG4: the process's own environment wins over ``fastx.env``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from fxtop.config.site.place import Place
from fxtop.config.site.variable import Variable

_LINE: Final = re.compile(r"(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)")
_COMMENT: Final = re.compile(r"[ \t]#.*")


def read_env(text: str, file: Path) -> tuple[Variable, ...]:
    """The variables that ``text`` sets, in order. Lines that set none are passed over, as FastX does (inferred)."""
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _LINE.fullmatch(line.strip()):
            found.append(Variable(match[1], _unquoted(match[2]), Place(file, number)))
    return tuple(found)


def _unquoted(value: str) -> str:
    for quote in "\"'":
        if value.startswith(quote) and (end := value.find(quote, 1)) > 0:
            return value[1:end]
    return _COMMENT.sub("", value, count=1).rstrip()
