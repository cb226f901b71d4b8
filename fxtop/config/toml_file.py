"""``config.toml`` as a place that settings come from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from fxtop.config.error import ConfigError
from fxtop.config.given import Connection, Given, Login, Place, connection_of
from fxtop.config.paths import path_of
from fxtop.config.private_file import read_file, require_private
from fxtop.config.secret import token_file
from fxtop.config.servers import parse_servers
from fxtop.config.toml_lines import KeyLines, KeyPath, key_lines
from fxtop.config.toml_parse import parse_toml
from fxtop.config.toml_schema import ClusterTable, Document

FILE_NAME: Final = "config.toml"
_WHAT: Final = "The configuration"

_KEYS: Final[Mapping[str, KeyPath]] = {
    "operator": ("operator", "name"),
    "key_file": ("operator", "key_file"),
    "key_command": ("operator", "key_command"),
    "passphrase_command": ("operator", "passphrase_command"),
    "arm_minutes": ("control", "arm_minutes"),
    "bulk": ("control", "bulk"),
    "journal_mib": ("journal", "file_mib"),
    "journal_keep": ("journal", "keep"),
    "cancel_seconds": ("control", "cancel_seconds"),
    "keys": ("keys",),
    "theme": ("ui", "theme"),
    "ascii": ("ui", "ascii"),
    "tz": ("ui", "tz"),
    "rate": ("ui", "rate"),
    "link": ("ui", "link"),
}
"""Where the settings that are the same for all clusters stand."""


class TomlFile(Struct, frozen=True):
    """A configuration file that was read and is well formed. File names in it are relative to its folder."""

    lines: KeyLines
    document: Document
    mode: int
    """Permission bits; they matter where a URL holds a login."""

    @property
    def path(self) -> Path:
        """The file."""
        return self.lines.path

    @property
    def clusters(self) -> tuple[str, ...]:
        """The names of its clusters, in its order."""
        return tuple(self.document.clusters)

    def general(self) -> Place:
        """What the file says for all clusters."""
        document = self.document
        given = Given(
            operator=document.operator.name or None,
            key_file=self._path(document.operator.key_file, _KEYS["key_file"]),
            key_command=self._command("key_command", document.operator.key_command),
            passphrase_command=self._command("passphrase_command", document.operator.passphrase_command),
            arm_minutes=document.control.arm_minutes,
            bulk=document.control.bulk,
            journal_mib=document.journal.file_mib,
            journal_keep=document.journal.keep,
            cancel_seconds=document.control.cancel_seconds,
            theme=document.ui.theme or None,
            ascii=document.ui.ascii,
            tz=document.ui.tz or None,
            rate=document.ui.rate,
            link=document.ui.link or None,
            keys=document.keys or None,
        )
        return Place(given, lambda name: self.lines.where(_KEYS[name]))

    def cluster(self, name: str) -> Place:
        """What the table of the cluster ``name`` says; KeyError where there is none."""
        return cluster_place(self.document.clusters[name], ("clusters", name), self.lines, self.mode)

    def _command(self, name: str, words: list[str] | None) -> tuple[str, ...] | None:
        """A program with its arguments. What others can write must not say what is run here."""
        if not words:
            return None
        if not words[0]:
            raise ConfigError(f"{self.lines.where(_KEYS[name])}: {name} has to begin with a program.")
        if self.mode & 0o022:
            raise ConfigError(f"{self.path} can be written by others, and says which program to run: chmod 600 it.")
        return tuple(words)

    def _path(self, text: str | None, at: KeyPath) -> Path | None:
        return file_named(text, at, self.lines)


def cluster_place(table: ClusterTable, at: KeyPath, lines: KeyLines, mode: int) -> Place:
    """What the ``table`` that stands at ``at`` in a file with the permission bits ``mode`` says; ConfigError."""
    login = "token_file" if table.token_file else "servers"
    given = Given(
        connection=_connection(table, at, lines, mode),
        context=table.context or None,
        slug=table.slug or None,
        badge=table.badge or None,
        color=table.color or None,
        read_only=table.read_only,
        moleculer=table.moleculer,
        moleculer_discover=table.moleculer_discover,
    )
    return Place(given, lambda setting: lines.where((*at, login if setting == "login" else setting)))


def file_named(text: str | None, at: KeyPath, lines: KeyLines) -> Path | None:
    """The file that the key ``at`` names, relative to the folder of the file that it stands in; ConfigError."""
    try:
        return path_of(text, lines.path.parent) if text else None
    except ValueError as error:
        raise ConfigError(f"{lines.where(at)}: {error}.") from None


def _connection(table: ClusterTable, at: KeyPath, lines: KeyLines, mode: int) -> Connection:
    where = lines.where((*at, "servers"))
    texts = [table.servers] if isinstance(table.servers, str) else table.servers or []
    try:
        parsed = parse_servers(texts)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}.") from None
    if parsed.login:
        require_private(lines.path, _WHAT, mode)
    secret = file_named(table.token_file, (*at, "token_file"), lines)
    servers, login = connection_of(parsed, Login(token=token_file(secret) if secret else None), where)
    return Connection(
        servers=servers,
        login=login,
        ca=file_named(table.ca, (*at, "ca"), lines),
        server_name=table.server_name or None,
        inbox_prefix=table.inbox_prefix or None,
    )


def read_toml(path: Path) -> TomlFile:
    """The configuration in ``path``.

    Raises:
        ConfigError: it can't be read, or one sentence about what is wrong in it, with the line where that is known.
    """
    found = read_file(path, _WHAT)
    lines = key_lines(path, found.text)
    return TomlFile(lines, parse_toml(found.text, lines), found.mode)
