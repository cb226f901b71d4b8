"""RLM licence files, as far as they say where the licence server is: ``HOST`` and ``ISV`` lines (RLM manual)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final, NamedTuple

from fxtop.config.site.place import Place

DEFAULT_PORT: Final = 5053
_HOST: Final = re.compile(r"(?:HOST|SERVER)\s+(\S+)\s+\S+(?:\s+(\d{1,5}))?\s*", re.IGNORECASE)
_DAEMON: Final = re.compile(r"(?:ISV|VENDOR)\s+(\S+)(?:\s.*)?", re.IGNORECASE)
_ISV: Final = re.compile(r"(?:ISV|VENDOR)\s+(\S+)\b.*?\bport=(\d{1,5})\b.*", re.IGNORECASE)


class LicensePort(NamedTuple):
    """A port that sessions need: the licence server's, or one of its vendors' daemons."""

    what: str
    host: str
    port: int


def read_license(text: str) -> tuple[LicensePort, ...]:
    """The ports that ``text`` names. A daemon without ``port=`` takes one that only the server knows."""
    lines = [line.strip() for line in text.splitlines()]
    hosts = [(found[1], int(found[2] or DEFAULT_PORT)) for found in map(_HOST.fullmatch, lines) if found]
    isvs = [(found[1], int(found[2])) for found in map(_ISV.fullmatch, lines) if found]
    ports = [LicensePort("rlm", host, port) for host, port in hosts]
    ports += [LicensePort(name, host, port) for name, port in isvs for host, _ in hosts[:1]]
    return tuple(port for port in ports if 0 < port.port < 65536)


def floating(text: str, file: Path) -> tuple[Place, ...]:
    """The lines that give a vendor's daemon no port: it takes another one whenever it is started (RLM manual)."""
    lines = enumerate((line.strip() for line in text.splitlines()), start=1)
    return tuple(Place(file, number) for number, line in lines if _DAEMON.fullmatch(line) and not _ISV.fullmatch(line))
