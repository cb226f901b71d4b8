"""FastX's secret and the transporter's configuration, from their files."""

from __future__ import annotations

import grp
import pwd
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from fxtop.config.fastx import FOLDER_VARIABLE, TRANSPORTER_INI, fastx_place
from fxtop.config.servers import parse_servers
from fxtop.config.site.layout import CONFIG_DIR
from fxtop.config.site.nats_conf import read_nats_conf
from fxtop.config.site.nats_server import nats_server
from fxtop.config.site.nats_tree import NatsConfError
from fxtop.config.site.unit_files import Unit
from fxtop.config.token_text import read_lines
from fxtop.doctor.facts import FileStat, NatsConf, SecretFile
from fxtop.doctor.finding import Broken, Missing
from fxtop.doctor.gather.services import Services, environment
from fxtop.doctor.gather.tree import Tree

NATS_CONF: Final = "nats-server.conf"
_CONFIG_FLAG: Final = re.compile(r"\s--?c(?:onfig)?[ =]\"?(/[^\s\"]+)")


def read_secret(tree: Tree, services: Services) -> SecretFile | Missing:
    """``transporter-secret.ini``."""
    path = services.layout.path(CONFIG_DIR) / TRANSPORTER_INI
    if not tree.has(path):
        return Missing(f"{path} isn't there, or this user can't see it")
    try:
        values: tuple[str, ...] | Missing = _values(tree.text(path))
    except OSError as error:
        values = Missing(f"{path} can't be read: {error.strerror}; try again as root")
    return SecretFile(Path(path), _stat(tree, path), values)


def servers(tree: Tree, services: Services) -> tuple[str, ...]:
    """The transporters' URLs, as far as FastX's files name any."""
    folder = tree.real(services.layout.path(CONFIG_DIR))
    return fastx_place({FOLDER_VARIABLE: str(folder)}).given.connection.servers or ()


def read_nats(tree: Tree, services: Services) -> NatsConf | Missing:
    """The configuration that the transporter's unit names, or that stands where FastX's guide puts it."""
    units = [unit for unit in services.units if "nats" in unit.name]
    named = [found[1] for unit in units for command in unit.commands if (found := _CONFIG_FLAG.search(command))]
    path = PurePosixPath(named[-1]) if named else services.layout.path(CONFIG_DIR) / NATS_CONF
    if not tree.has(path):
        return Missing(f"there is no {path}: no transporter is set up here, or this user can't see it")
    try:
        conf = read_nats_conf(Path(path), lambda file: tree.text(PurePosixPath(file)), _environment(tree, units))
    except NatsConfError as error:
        return Broken(str(error))
    except OSError as error:
        return Missing(f"{path} can't be read: {error.strerror}; try again as root")
    return NatsConf(Path(path), conf, nats_server(conf), _stat(tree, path))


def _environment(tree: Tree, units: Iterable[Unit]) -> dict[str, str]:
    return {variable.name: variable.value for unit in units for variable in environment(tree, unit)}


def _values(text: str) -> tuple[str, ...]:
    """All that could be the token: values, bare lines, and logins in URLs."""
    lines = read_lines(text)
    found = [*(pair.value for pair in lines.pairs if pair.value), *lines.bare]
    for value in tuple(found):
        if "://" in value:
            try:
                login = parse_servers([value]).login
            except ValueError:
                continue
            found += [part for part in (login or ()) if part]
    return tuple(dict.fromkeys(found))


def _stat(tree: Tree, path: PurePosixPath) -> FileStat | Missing:
    if tree.copied:
        return Missing("a copied tree doesn't keep owners and modes for sure")
    try:
        found = tree.stat(path)
    except OSError as error:
        return Missing(f"{path}: {error.strerror}")
    return FileStat(_owner(found.st_uid), _group(found.st_gid), found.st_mode & 0o7777, found.st_mtime)


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
