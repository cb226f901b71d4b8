"""Reading small files, and refusing one that holds a secret where others can get at it."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final, NamedTuple

from fxtop.config.error import ConfigError
from fxtop.config.regular_file import read_regular

MAX_FILE: Final = 1024 * 1024
"""Bytes; nobody writes a configuration of that size by hand."""


class FileText(NamedTuple):
    """A file's text, with the permission bits that it had when it was read."""

    text: str
    mode: int


def read_file(path: Path, what: str) -> FileText:
    """The text of ``path``; ``what`` names it in sentences («The configuration»).

    Raises:
        ConfigError: it is missing, unreadable, not a file, too large, or not text.
    """
    try:
        content, mode = read_regular(path, MAX_FILE + 1)
    except OSError as error:
        raise ConfigError(_unreadable(path, what, error)) from None
    if len(content) > MAX_FILE:
        raise ConfigError(f"{what} {path} has more than {MAX_FILE} bytes, so it can't be the right one.")
    try:
        return FileText(content.decode("utf-8-sig"), stat.S_IMODE(mode))
    except UnicodeDecodeError:
        raise ConfigError(
            f"{what} {path} holds something else than UTF-8 text, so it can't be the right one."
        ) from None


def read_private(path: Path, what: str) -> str:
    """The text of ``path``, which only its owner may use; ConfigError as `read_file`, and where others may."""
    found = read_file(path, what)
    require_private(path, what, found.mode)
    return found.text


def require_private(path: Path, what: str, mode: int) -> None:
    """ConfigError where ``mode`` lets group or others do anything with ``path``."""
    if mode & 0o077:
        raise ConfigError(
            f"{what} {path} holds a secret and can be used by others (mode {mode:04o}): run `chmod 600 {path}`, "
            "and change the secret if somebody may have read it."
        )


def _unreadable(path: Path, what: str, error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{what} {path} isn't there: check the name, or name another one."
    if isinstance(error, PermissionError):
        return (
            f"{what} {path} can't be read by this user: run fxtop as the file's owner, "
            "or copy it to a file of your own with mode 0600 and name that one (a token's with --token-file)."
        )
    return f"{what} {path} can't be read: {error.strerror}."
