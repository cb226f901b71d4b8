"""Settings as people say them in flags and environment variables: as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeVar

from fxtop.config.error import ConfigError
from fxtop.config.given import Connection, Given, Login, Place, connection_of
from fxtop.config.paths import path_of
from fxtop.config.secret import token_file
from fxtop.config.servers import parse_servers

T = TypeVar("T")
W = TypeVar("W")

_YES: Final = frozenset(("1", "true", "yes", "on"))
_NO: Final = frozenset(("0", "false", "no", "off"))


class Spoken:
    """Words by the name of their setting; ``label`` makes the name that the person used («--tz», «FXTOP_TZ»)."""

    def __init__(self, words: Mapping[str, object], label: Callable[[str], str]) -> None:
        self._words = words
        self._label = label

    def place(self) -> Place:
        """All settings; ConfigError names what can't be understood."""
        connection = self._connection()
        login_by = "token_file" if self._words.get("token_file") else "server"
        named = {"servers": "server", "login": login_by}
        return Place(self._given(connection), lambda name: self._label(named.get(name, name)))

    def _given(self, connection: Connection) -> Given:
        return Given(
            connection=connection,
            context=self._text("context"),
            cluster=self._text("cluster"),
            read_only=self._switch("read_only"),
            moleculer=self._switch("moleculer"),
            moleculer_discover=self._switch("moleculer_discover"),
            operator=self._text("operator"),
            key_file=self.path("key_file"),
            arm_minutes=self._number("arm_minutes"),
            theme=self._text("theme"),
            ascii=self._switch("ascii"),
            tz=self._text("tz"),
            link=self._text("link"),
            log_file=self.path("log_file"),
        )

    def _connection(self) -> Connection:
        secret = self.path("token_file")
        login = Login(token=token_file(secret)) if secret else Login()
        parsed = self._read("server", parse_servers, self._texts("server"))
        servers, login_or_none = connection_of(parsed, login, self._label("server"))
        return Connection(
            servers=servers, login=login_or_none, ca=self.path("ca"), server_name=self._text("server_name")
        )

    def _texts(self, name: str) -> list[str]:
        words = self._words.get(name) or ()
        return [str(word) for word in words] if isinstance(words, list | tuple) else [str(words)]

    def path(self, name: str) -> Path | None:
        """A file's name."""
        text = self._text(name)
        return None if text is None else self._read(name, path_of, text)

    def _text(self, name: str) -> str | None:
        return str(self._words.get(name) or "").strip() or None

    def _switch(self, name: str) -> bool | None:
        text = (self._text(name) or "").lower()
        if not text:
            return None
        if text in _YES | _NO:
            return text in _YES
        raise ConfigError(f"{self._label(name)} is '{text}': say yes or no.")

    def _number(self, name: str) -> float | None:
        text = self._text(name)
        return None if text is None else self._read(name, _number, text)

    def _read(self, name: str, read: Callable[[W], T], value: W) -> T:
        try:
            return read(value)
        except ValueError as error:
            raise ConfigError(f"{self._label(name)} can't be used: {error}.") from None


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"'{text}' is not a number") from None
