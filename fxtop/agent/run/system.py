"""``[collect.transporter.system]``: the login of the NATS servers' system account, as settings of a connection."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fxtop.agent.run.tables import SystemTable
from fxtop.bus.settings import BusSettings, SecretReader
from fxtop.config.error import ConfigError
from fxtop.config.private_file import read_private
from fxtop.config.servers import is_tls, parse_servers
from fxtop.config.settings import Settings
from fxtop.config.toml_file import file_named
from fxtop.config.toml_lines import KeyLines, KeyPath

AT: Final[KeyPath] = ("collect", "transporter", "system")
_LOGINS: Final = "user with password_file, creds, or nkey_file"


def system_settings(table: SystemTable, connection: Settings, lines: KeyLines) -> BusSettings:
    """How the system account is used. What ``table`` leaves out of servers and TLS is as on the agent's own bus.

    Raises:
        ConfigError: it can't be used, as one sentence.
    """
    creds, nkey, password = (_file(name, table, lines) for name in ("creds", "nkey_file", "password_file"))
    given = [bool(creds), bool(nkey), bool(table.user and password)]
    if sum(given) != 1 or bool(table.user) != bool(password):
        raise ConfigError(f"{lines.where(AT)}: the system account needs one login: {_LOGINS}.")
    servers = _servers(table, lines) or connection.servers
    ca = _file("ca", table, lines) or connection.ca
    name = table.server_name or connection.server_name
    return BusSettings(
        servers=servers,
        user=None if table.user is None else _said(table.user),
        password=None if password is None else _read(password),
        creds=creds,
        nkey_seed=nkey,
        tls=any(map(is_tls, servers)) or bool(ca or name),
        ca=ca,
        server_name=name,
        tls_first=connection.tls_first,
        discover=False,
    )


def _servers(table: SystemTable, lines: KeyLines) -> tuple[str, ...]:
    texts = [table.servers] if isinstance(table.servers, str) else table.servers or []
    where = lines.where((*AT, "servers"))
    try:
        parsed = parse_servers(texts)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}.") from None
    if parsed.login:
        raise ConfigError(f"{where}: a URL holds a login: give it as {_LOGINS}.")
    return parsed.urls


def _file(name: str, table: SystemTable, lines: KeyLines) -> Path | None:
    return file_named(getattr(table, name), (*AT, name), lines)


def _said(user: str) -> SecretReader:
    return lambda: user


def _read(path: Path) -> SecretReader:
    return lambda: read_private(path, "The password file").strip()
