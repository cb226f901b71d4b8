"""Secrets: where they are kept is a setting, what they are never is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fxtop.config.error import ConfigError
from fxtop.config.private_file import read_private
from fxtop.config.token_text import find_token


class Secret:
    """A secret that is read when it is used, so that a replaced file counts at the next use.

    Its text shows where it comes from and nothing else.
    """

    __slots__ = ("_reader", "source")

    def __init__(self, source: str, reader: Callable[[], str]) -> None:
        self.source = source
        """Where it is kept, as people know it: a file's name, for example."""
        self._reader = reader

    def read(self) -> str:
        """The secret itself.

        Raises:
            ConfigError: it can't be had; the text says why and what to do.
        """
        return self._reader()

    def __repr__(self) -> str:
        return f"Secret(from {self.source})"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not copied or stored")


def token_file(path: Path, what: str = "The token file") -> Secret:
    """The token in ``path``: bare, or in an ini such as FastX's ``transporter-secret.ini``."""

    def read() -> str:
        text = read_private(path, what)
        try:
            return find_token(text)
        except ValueError as error:
            raise ConfigError(f"{what} {path} {error}.") from None

    return Secret(str(path), read)


def held(value: str, source: str) -> Secret:
    """A secret that was given in plain text, such as the password in a URL."""
    return Secret(source, lambda: value)
