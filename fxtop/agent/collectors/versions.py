"""What is installed: the operating system, FastX, and the packages around it."""

from __future__ import annotations

import platform
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from fxtop.agent.collectors.facts import Fragment, PartlyKnown
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.programs import Missing, ask
from fxtop.agent.collectors.site import text_of, under
from fxtop.agent.collectors.trees import TREES, installed
from fxtop.config.token_text import read_lines

OS_RELEASE: Final = ("/etc/os-release", "/usr/lib/os-release")
PATTERNS: Final = ("fastx*", "rlm*", "nats-server*", "syncthing*")
MAX_PACKAGES: Final = 32
PATIENCE: Final = 8.0
_DPKG: Final = ("dpkg-query", "--show", "--showformat=${db:Status-Status} ${Package} ${Version}\\n")
_RPM: Final = ("rpm", "--query", "--all", "--queryformat=installed %{NAME} %{VERSION}-%{RELEASE}\\n")
_PARTS: Final = ("-server", "-advanced", "")
"""What follows ``fastx5`` in the name of the package that is FastX itself, the surest first."""
_LOCAL: Final = ("localhost", "localhost.localdomain", "localhost6.localdomain6")
_NO_MATCH: Final = 1
"""The code of dpkg-query where no package matches (dpkg 1.21)."""

Packages = Callable[[], dict[str, str]]
"""The versions of installed packages by name. Raises CollectError."""


class HostName(PartlyKnown):
    """The host's name in full. Asking the resolver may take a while."""

    name = "name"

    def __init__(self, *, every: float = 3600.0, limit: float = 10.0) -> None:
        self.every = every
        self.limit = limit

    def read(self) -> Fragment:
        """Ask."""
        return Fragment(host=full_name())


class Versions(PartlyKnown):
    """Reads them from files, and from the packages' database where it can be asked."""

    name = "versions"

    def __init__(
        self, root: Path, packages: Packages | None = None, *, every: float = 3600.0, limit: float = 10.0
    ) -> None:
        self.every = every
        self.limit = limit
        self._root = root
        self._packages = packages or installed_packages

    def read(self) -> Fragment:
        """Read them. Raises CollectError."""
        versions = {"os": _os_name(self._root), "kernel": platform.release()}
        notes: dict[str, str] = {}
        packages: dict[str, str] = {}
        try:
            packages = self._packages()
        except CollectError as error:
            notes["versions/packages"] = str(error)
        trees = installed(self._root)
        if fastx := _fastx(trees, packages):
            versions["fastx"] = fastx
        if len(trees) > 1:
            notes["versions/trees"] = f"Several versions are installed under {TREES}: {', '.join(map(str, trees))}."
        return Fragment(versions=versions | packages, notes=notes)


def full_name() -> str:
    """This host's name in full, as far as the resolver knows it."""
    full = socket.getfqdn()
    return socket.gethostname() if full in _LOCAL else full


def installed_packages() -> dict[str, str]:
    """FastX's packages and those of what it needs, by whichever of dpkg and rpm is here. Raises CollectError."""
    lines: list[str] = []
    for command in ((*_DPKG, *PATTERNS), (*_RPM, *PATTERNS)):
        try:
            lines += ask(command, within=PATIENCE, codes=(0, _NO_MATCH)).splitlines()
        except Missing:
            continue
    return dict(sorted(_entries(lines))[:MAX_PACKAGES])


def _entries(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        status, _, rest = line.partition(" ")
        name, _, version = rest.partition(" ")
        if status == "installed" and name and version:
            yield name, version


def _fastx(trees: tuple[int, ...], packages: dict[str, str]) -> str | None:
    """The version of the package of the latest tree; the tree's own number where no package tells."""
    numbers = trees or tuple(int(found[1]) for name in packages if (found := re.match(r"fastx(\d+)", name)))
    if not numbers:
        return None
    latest = max(numbers)
    told = (packages.get(f"fastx{latest}{part}") for part in _PARTS)
    return next((version for version in told if version), str(latest))


def _os_name(root: Path) -> str:
    for name in OS_RELEASE:
        text = text_of(under(root, name))
        if text is not None:
            release = {pair.key: pair.value for pair in read_lines(text).pairs}
            return release.get("PRETTY_NAME") or release.get("NAME") or platform.system()
    return platform.system()
