"""The keys of FastX's ini files with their places. Values are left where they are: some of them are secrets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from fxtop.config.site.place import Place

_KEY: Final = re.compile(r"\s*([^\s=:;#\[][^=:]*?)\s*[=:].*")


class IniKey(NamedTuple):
    """A key."""

    name: str
    at: Place


def read_keys(text: str, file: Path) -> tuple[IniKey, ...]:
    """All keys of ``text`` in order, of whatever section."""
    lines = enumerate(map(_KEY.fullmatch, text.splitlines()), start=1)
    return tuple(IniKey(found[1], Place(file, number)) for number, found in lines if found)
