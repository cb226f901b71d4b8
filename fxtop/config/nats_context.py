"""Contexts of the NATS command line (ADR-21), read and never written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from fxtop.config.error import ConfigError
from fxtop.config.given import Connection, Login, connection_of
from fxtop.config.paths import path_of
from fxtop.config.private_file import FileText, read_file, read_private, require_private
from fxtop.config.secret import Secret
from fxtop.config.servers import parse_servers
from fxtop.protocol.text import inert

_WHAT: Final = "The NATS context"
_SUFFIX: Final = ".json"


class _Fields(msgspec.Struct, frozen=True):
    """What a context may say that matters here; the tool writes unset fields as empty texts."""

    url: str | None = None
    token: str | None = None
    user: str | None = None
    password: str | None = None
    creds: str | None = None
    nkey: str | None = None
    cert: str | None = None
    key: str | None = None
    ca: str | None = None
    nsc: str | None = None
    user_jwt: str | None = None
    inbox_prefix: str | None = None
    tls_first: bool | None = None

    def __repr__(self) -> str:
        return "_Fields(…)"


_SECRETS: Final = ("token", "user", "password", "user_jwt")
_IGNORED: Final = ("nsc", "user_jwt")


class NatsContext(Struct, frozen=True):
    """A context that was read."""

    path: Path
    connection: Connection
    notices: tuple[str, ...]

    @property
    def source(self) -> str:
        """Where its values come from, as shown."""
        return f"NATS context {self.path}"


def read_context(name: str, env: Mapping[str, str]) -> NatsContext:
    """The context ``name``, which may also be the absolute path of its file.

    Raises:
        ConfigError: there is none, it can't be read, or it holds a secret and others can use its file.
    """
    path = _file_of(name, env)
    return parse_context(path, read_file(path, _WHAT))


def parse_context(path: Path, found: FileText) -> NatsContext:
    """The context that was ``found`` in ``path``; ConfigError as `read_context`."""
    fields = _parse(found.text, path)
    try:
        parsed = parse_servers([fields.url or ""])
    except ValueError as error:
        raise ConfigError(f"{_WHAT} {path} can't be used: {error}.") from None
    if parsed.login or any(getattr(fields, secret) for secret in _SECRETS):
        require_private(path, _WHAT, found.mode)
    servers, login = connection_of(parsed, _login(fields, path), str(path))
    connection = Connection(
        servers=servers,
        login=login,
        ca=_path(fields.ca, path),
        cert=_path(fields.cert, path),
        cert_key=_path(fields.key, path),
        tls_first=fields.tls_first,
        inbox_prefix=fields.inbox_prefix or None,
    )
    ignored = (field for field in _IGNORED if getattr(fields, field))
    notices = tuple(f"{_WHAT} {path} has '{field}', which fxtop doesn't use." for field in ignored)
    return NatsContext(path, connection, notices)


def _file_of(name: str, env: Mapping[str, str]) -> Path:
    if name.startswith("/") and "\0" not in name:
        return Path(name)
    folder = _folder(env)
    path = folder / f"{name}{_SUFFIX}"
    known = sorted(file.stem for file in folder.glob(f"*{_SUFFIX}"))
    if name in known:
        return path
    listed = f"there are {', '.join(known)}" if known else "there is none"
    raise ConfigError(f"There is no NATS context '{inert(name, 60)}' in {folder}: {listed}.")


def _folder(env: Mapping[str, str]) -> Path:
    base = Path(env.get("XDG_CONFIG_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".config") / "nats" / "context"


def _parse(text: str, path: Path) -> _Fields:
    try:
        return msgspec.json.decode(text.encode(), type=_Fields)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ConfigError(f"{_WHAT} {path} can't be understood: {inert(str(error), 200)}.") from None


def _login(fields: _Fields, path: Path) -> Login:
    """The login that the context names; a user without a password is a token, as for the NATS command line."""
    user_is_token = bool(fields.user and not fields.password)
    token = "token" if fields.token else "user" if user_is_token else None
    return Login(
        token=_secret(path, token) if token else None,
        user=_secret(path, "user") if fields.user and not user_is_token else None,
        password=_secret(path, "password") if fields.user and not user_is_token else None,
        creds=_path(fields.creds, path),
        nkey=_path(fields.nkey, path),
    )


def _secret(path: Path, field: str) -> Secret:
    def read() -> str:
        value = getattr(_parse(read_private(path, _WHAT), path), field)
        if not value:
            raise ConfigError(f"{_WHAT} {path} has no '{field}' any more: start fxtop anew.")
        return str(value)

    return Secret(str(path), read)


def _path(text: str | None, path: Path) -> Path | None:
    if not text:
        return None
    if "://" in text:
        raise ConfigError(f"{_WHAT} {path} names a secret in another program ({text.split('://')[0]}://): use a file.")
    try:
        return path_of(text)
    except ValueError as error:
        raise ConfigError(f"{_WHAT} {path} can't be used: {error}.") from None
