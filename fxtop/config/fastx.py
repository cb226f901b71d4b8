"""FastX's own files, the last place that is asked: the secret of its transporters, and perhaps where those are.

Names in ``transporter-secret.ini`` are not documented; see `fxtop.config.token_text`. Nothing in these files is
required, and nothing in them that isn't understood is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from fxtop.config.error import ConfigError
from fxtop.config.given import Connection, Given, Login, Place
from fxtop.config.private_file import read_file
from fxtop.config.secret import token_file
from fxtop.config.servers import Servers, parse_servers
from fxtop.config.token_text import Pair, read_lines

FOLDER_VARIABLE: Final = "FX_CONFIG_DIR"
DEFAULT_FOLDER: Final = "/etc/fastx"
TRANSPORTER_INI: Final = "transporter-secret.ini"
ENV_FILE: Final = "fastx.env"

_URL = re.compile(r"(?:nats|tls)://[^\s,;\"']+")
_ADDRESS_KEY = re.compile(r"server|host|address|url|nats|broker", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d+)?|[A-Za-z0-9-]+:\d+")


def fastx_place(env: Mapping[str, str]) -> Place:
    """What FastX's files say of the connection."""
    folder = Path(env.get(FOLDER_VARIABLE) or DEFAULT_FOLDER)
    secret = folder / TRANSPORTER_INI
    servers, source = _servers(secret, folder / ENV_FILE)
    login = Login(token=token_file(secret, "FastX's secret")) if _is_there(secret) else None
    given = Given(connection=Connection(servers=servers, login=login))
    return Place(given, lambda name: str(source if name == "servers" else secret))


def _servers(secret: Path, environment: Path) -> tuple[tuple[str, ...] | None, Path]:
    in_secret = _pairs(secret)
    for found, path in (
        (_urls(in_secret), secret),
        (_addresses(in_secret), secret),
        (_urls(_pairs(environment)), environment),
    ):
        if found.urls:
            return found.urls, path
    return None, secret


def _pairs(path: Path) -> tuple[Pair, ...]:
    """The keys and values of ``path``; none where it can't be read, which reading the token will say."""
    try:
        return read_lines(read_file(path, "FastX's file").text).pairs
    except ConfigError:
        return ()


def _urls(pairs: Iterable[Pair]) -> Servers:
    return _parsed(url for pair in pairs for url in _URL.findall(pair.value))


def _addresses(pairs: Iterable[Pair]) -> Servers:
    """Lists of hosts under a key whose name promises one. A lone word isn't taken for a host."""
    lists = (re.split(r"[\s,;]+", pair.value.strip()) for pair in pairs if _ADDRESS_KEY.search(pair.key))
    return _parsed(host for hosts in lists if all(map(_ADDRESS.fullmatch, hosts)) for host in hosts)


def _parsed(texts: Iterable[str]) -> Servers:
    try:
        return parse_servers(texts)
    except ValueError:
        return Servers((), None)


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False
