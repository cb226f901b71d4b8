"""What one place says of the settings, and choosing between places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec import Struct, field

from fxtop.config.error import ConfigError
from fxtop.config.secret import Secret, held
from fxtop.config.servers import Servers, UrlLogin

T = TypeVar("T")
D = TypeVar("D")


class Login(Struct, frozen=True, kw_only=True):
    """One way to log in. It is taken from one place as a whole, so that no two ways are ever mixed."""

    token: Secret | None = None
    user: Secret | None = None
    password: Secret | None = None
    creds: Path | None = None
    nkey: Path | None = None

    def __bool__(self) -> bool:
        return any((self.token, self.user, self.creds, self.nkey))


class Connection(Struct, frozen=True, kw_only=True):
    """How to reach the bus, as far as one place says it."""

    servers: tuple[str, ...] | None = None
    login: Login | None = None
    ca: Path | None = None
    cert: Path | None = None
    cert_key: Path | None = None
    server_name: str | None = None
    tls_first: bool | None = None
    inbox_prefix: str | None = None


class Given(Struct, frozen=True, kw_only=True):
    """Everything that one place says; None where it says nothing."""

    connection: Connection = field(default_factory=Connection)
    context: str | None = None
    cluster: str | None = None
    slug: str | None = None
    badge: str | None = None
    color: str | None = None
    read_only: bool | None = None
    moleculer: bool | None = None
    moleculer_discover: bool | None = None
    operator: str | None = None
    key_file: Path | None = None
    key_command: tuple[str, ...] | None = None
    passphrase_command: tuple[str, ...] | None = None
    arm_minutes: float | None = None
    bulk: int | None = None
    journal_mib: float | None = None
    journal_keep: int | None = None
    cancel_seconds: float | None = None
    theme: str | None = None
    ascii: bool | None = None
    tz: str | None = None
    rate: float | None = None
    link: str | None = None
    keys: Mapping[str, str] | None = None
    log_file: Path | None = None


class Place(Struct, frozen=True):
    """A place with what it says. ``source`` tells where one setting stands there («--tz», a file's name)."""

    given: Given
    source: Callable[[str], str]


def connection_of(servers: Servers | None, login: Login, source: str) -> tuple[tuple[str, ...] | None, Login | None]:
    """The URLs and the login of one place; a login that was named counts before one in the URLs."""
    if servers is None or not servers.urls:
        return None, login or None
    return servers.urls, login or _from_url(servers.login, source) or None


def _from_url(login: UrlLogin | None, source: str) -> Login | None:
    if login is None:
        return None
    if login.password is None:
        return Login(token=held(login.user, source))
    return Login(user=held(login.user, source), password=held(login.password, source))


class Choice:
    """Takes each setting from the first place that gives it, and remembers which that was."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = places
        self.sources: dict[str, str] = {}

    def take(self, name: str, get: Callable[[Given], T | None], default: D, default_source: str = "default") -> T | D:
        """The value of the setting ``name``."""
        for place in self._places:
            value = get(place.given)
            if value is not None:
                self.sources[name] = place.source(name)
                return value
        self.sources[name] = "not set" if default is None else default_source
        return default

    def wrong(self, name: str, what: str) -> ConfigError:
        """The error for a value of the setting ``name`` that was taken and can't be used."""
        return ConfigError(f"The setting {name} ({self.sources[name]}) can't be used: {what}.")
