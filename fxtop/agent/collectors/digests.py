"""Digests of FastX's configuration, by which the console sees where nodes differ (nothing synchronises it in FastX 5).

What a digest may give away is left out: whoever listens on the bus could try short passwords against it. So no digest
is taken of a file whose name says that it is secret, and none of one that holds a password, a token or a private key.
Licence files (``*.lic``) are kept: what is secret about them is too long to be guessed.

Links are not followed, since the directory belongs to FastX's user and the agent may read what that user may not.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from fxtop.agent.collectors.facts import Fragment, PartlyKnown
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.site import read_site
from fxtop.config.regular_file import read_regular
from fxtop.config.site.layout import CONFIG_DIR

SECRET_NAMES: Final = (
    "*secret*",
    "*password*",
    "*passwd*",
    "*token*",
    "*credential*",
    "*.key",
    "*.pem",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keytab",
    "*.creds",
    "*.nk",
)
"""Names of files, in lower case, of which no digest is taken."""
UNINTERESTING: Final = (".*", "*~", "*.swp", "*.bak", "*.tmp")
MAX_FILES: Final = 500
MAX_BYTES: Final = 1024 * 1024
"""Of one file."""
MAX_DEPTH: Final = 6
MAX_NAME: Final = 200
"""Characters; so many names of that length still fit one message."""
LISTED: Final = 10
"""Files that get a note each."""

_KEY: Final = rb"""[\w.-]*(?:pass(?:word|wd|phrase)?|secret|token|api_?key|private_?key|credentials?)["']?"""
_VALUE: Final = rb"""["']?[^\s"'{}\[\],;#]"""
_SECRET_TEXT: Final = re.compile(
    b"|".join(
        (
            rb"\b" + _KEY + rb"[ \t]*[=:][ \t]*" + _VALUE,
            rb"^[ \t]*" + _KEY + rb"[ \t]+" + _VALUE,
            rb"""://[^\s/:@"']+:[^\s/@"']+@""",
            rb"-----BEGIN [A-Z ]*PRIVATE KEY-----",
        )
    ),
    re.IGNORECASE | re.MULTILINE,
)
"""A key with a value that is a secret by its name, in a comment too; a login in a URL; a private key."""


class Unused(Exception):
    """A file of which no digest is taken, and why."""


@dataclass(slots=True)
class Findings:
    """Digests by name, and the names of what has none by the reason."""

    digests: dict[str, str] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)
    """Because they hold secrets."""
    trouble: dict[str, str] = field(default_factory=dict)
    """Name to sentence."""
    full: bool = False
    """Whether there are more than are looked at."""


class ConfigDigests(PartlyKnown):
    """The digests of all files in FX_CONFIG_DIR, by their names relative to it."""

    name = "config"

    def __init__(self, root: Path, *, exclude: Sequence[str] = (), every: float = 300.0, limit: float = 10.0) -> None:
        """``exclude`` are patterns of names beside `SECRET_NAMES`."""
        self.every = every
        self.limit = limit
        self._root = root
        self._exclude = tuple(pattern.lower() for pattern in (*SECRET_NAMES, *exclude))

    def read(self) -> Fragment:
        """Take them. Raises CollectError."""
        site = read_site(self._root)
        folder = site.layout.path(CONFIG_DIR)
        found = Findings()
        try:
            handle = os.open(site.on_disk(folder), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise CollectError(f"{folder} can't be read: {error.strerror or error}.") from error
        try:
            self._take(handle, "", found)
        finally:
            os.close(handle)
        return Fragment(config=found.digests, notes=_notes(found), withheld=tuple(found.withheld[:MAX_FILES]))

    def _take(self, folder: int, prefix: str, found: Findings) -> None:
        for entry in _entries(folder):
            name = prefix + _shown(entry.name)
            if found.full or any(fnmatchcase(entry.name, pattern) for pattern in UNINTERESTING):
                continue
            try:
                self._take_one(folder, entry, name, found)
            except Unused as why:
                found.trouble[name] = f"{name} {why}."
            except OSError as error:
                found.trouble[name] = f"{name} can't be read: {error.strerror or error}."

    def _take_one(self, folder: int, entry: os.DirEntry[str], name: str, found: Findings) -> None:
        if entry.is_symlink():
            raise Unused("is a link, which is not followed")
        if entry.is_dir(follow_symlinks=False):
            self._descend(folder, entry.name, name, found)
        elif self._is_secret(entry.name, name):
            found.withheld.append(name)
        elif len(found.digests) >= MAX_FILES:
            found.full = True
        else:
            content = _content(folder, entry.name)
            if _SECRET_TEXT.search(content):
                found.withheld.append(name)
            else:
                found.digests[name] = hashlib.sha256(content).hexdigest()

    def _descend(self, folder: int, entry: str, name: str, found: Findings) -> None:
        if name.count("/") >= MAX_DEPTH:
            raise Unused("lies too deep")
        handle = os.open(entry, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        try:
            self._take(handle, f"{name}/", found)
        finally:
            os.close(handle)

    def _is_secret(self, entry: str, name: str) -> bool:
        return any(fnmatchcase(each.lower(), pattern) for each in (entry, name) for pattern in self._exclude)


def _entries(folder: int) -> Iterator[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        yield from sorted(entries, key=lambda entry: entry.name)


def _content(folder: int, name: str) -> bytes:
    """The file's content. What was opened is judged, so that it can't be swapped in between."""
    try:
        content, _ = read_regular(name, MAX_BYTES + 1, within=folder, follow=False)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENXIO):  # ENXIO: a socket
            raise Unused("is not a file") from None
        raise
    if len(content) > MAX_BYTES:
        raise Unused(f"has more than {MAX_BYTES} bytes")
    return content


def _shown(name: str) -> str:
    """A file's name as text; bytes that are none are replaced."""
    text = os.fsencode(name).decode(errors="replace")
    return text if len(text) <= MAX_NAME else text[: MAX_NAME - 1] + "…"


def _notes(found: Findings) -> dict[str, str]:
    notes = {f"config/{name}": trouble for name, trouble in list(found.trouble.items())[:LISTED]}
    if len(found.trouble) > LISTED:
        notes["config/…"] = f"{len(found.trouble) - LISTED} more files could not be read."
    if found.full:
        notes["config/full"] = f"There are more than {MAX_FILES} files; only the first ones are looked at."
    return notes
