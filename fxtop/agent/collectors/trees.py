"""The versions of FastX that are installed: one tree each under ``/usr/lib/fastx`` (vendor's SCH5)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.site import under

TREES: Final = "/usr/lib/fastx"


def installed(root: Path) -> tuple[int, ...]:
    """Their major versions, ascending. Raises CollectError."""
    folder = under(root, TREES)
    try:
        return tuple(sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal() and path.is_dir()))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise CollectError(f"{folder} can't be read: {error.strerror or error}.") from error
