"""Files that are either the old one or the new one, whatever happens between."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec


class StateError(Exception):
    """The agent's own state can't be read or written; the text is a sentence for the operator."""


def replace(path: Path, content: bytes) -> None:
    """Put ``content`` in the place of the file ``path`` at once, on disk, with mode 0600.

    Raises:
        StateError: nothing was changed.
    """
    new = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(handle)
        new.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StateError(f"The agent can't keep its state in {path}: {error.strerror or error}.") from error


def read(path: Path) -> bytes | None:
    """What `replace` put there; None where nothing was kept yet.

    Raises:
        StateError: it is there and can't be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StateError(f"The agent can't read its state in {path}: {error.strerror or error}.") from error


def damaged(path: Path, error: msgspec.MsgspecError | UnicodeDecodeError) -> StateError:
    """What to raise where ``path`` holds something else than what was put there."""
    return StateError(
        f"The agent's state in {path} is damaged ({error}): restore it, or move it away to start without it."
    )


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
