"""What syncthing's REST API answers, as far as it is wanted (captured from 1.19.2; the fields bear its own names)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import quote

import msgspec

from fxtop.agent.collectors.http import Page
from fxtop.agent.collectors.port import CollectError
from fxtop.protocol.wire import Count

T = TypeVar("T")

STATUS: Final = "/rest/system/status"
FOLDERS: Final = "/rest/config/folders"
DEVICES: Final = "/rest/config/devices"
CONNECTIONS: Final = "/rest/system/connections"
SEEN: Final = "/rest/stats/device"
GENERAL: Final = (STATUS, FOLDERS, DEVICES, CONNECTIONS, SEEN)
"""What is asked first: it tells which folders to ask about."""

Pages = Mapping[str, Page]
"""Answers by what was asked."""


class System(msgspec.Struct):
    """This host's own id, and what ``~`` stands for in its folders' paths."""

    myID: str
    tilde: str = ""


class Member(msgspec.Struct):
    """A host that a folder is shared with."""

    deviceID: str


class Folder(msgspec.Struct):
    """A folder that is shared."""

    id: str
    path: str
    label: str = ""
    devices: list[Member] = []
    paused: bool = False


class Device(msgspec.Struct):
    """A host by the name that people gave it."""

    deviceID: str
    name: str = ""


class Connection(msgspec.Struct):
    """Whether a host is connected now."""

    connected: bool


class Connections(msgspec.Struct):
    """All hosts' connections by their ids."""

    connections: dict[str, Connection]


class Seen(msgspec.Struct):
    """When a host was last connected; 1970 where it never was."""

    lastSeen: str = ""


class FolderStatus(msgspec.Struct):
    """How far a folder is. One that is paused is told with zeros and an empty ``state``."""

    needBytes: Count
    state: str = ""
    error: str = ""
    errors: Count = 0


class FileError(msgspec.Struct):
    """A file that can't be brought up to date, and why."""

    path: str
    error: str = ""


class FolderErrors(msgspec.Struct):
    """All such files of a folder; null where there are none."""

    errors: list[FileError] | None = None


class Completion(msgspec.Struct):
    """How much of a folder another host has, in percent."""

    completion: Annotated[float, msgspec.Meta(ge=0, le=100)]


def status_of(folder: Folder) -> str:
    """Where to ask for a folder's `FolderStatus`."""
    return f"/rest/db/status?folder={quote(folder.id, safe='')}"


def errors_of(folder: Folder) -> str:
    """Where to ask for a folder's `FolderErrors`."""
    return f"/rest/folder/errors?folder={quote(folder.id, safe='')}"


def completion_of(folder: Folder, device: str) -> str:
    """Where to ask for a host's `Completion` of a folder."""
    return f"/rest/db/completion?folder={quote(folder.id, safe='')}&device={quote(device, safe='')}"


def answer(pages: Pages, path: str, kind: Any) -> Any:
    """The answer of ``kind`` to what was asked at ``path``.

    Raises:
        CollectError: there is none, or it can't be read.
    """
    page = pages.get(path)
    if page is None:
        raise CollectError(f"syncthing wasn't asked for {path}.")
    if page.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise CollectError("syncthing doesn't take the API key of its config.xml: restart it if the file was changed.")
    if page.status != HTTPStatus.OK:
        raise CollectError(f"syncthing answered {path} with status {page.status}.")
    try:
        return msgspec.json.decode(page.body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CollectError(f"syncthing answered {path} with something that can't be read.") from None
