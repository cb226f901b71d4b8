"""A FastX machine's directories, services and metadata, with who decided each (vendor's CFG4, PAT and META).

A variable counts by this order: the service's own environment (unit and drop-ins), then ``fastx.env``, then the
default. ``FX_CONFIG_DIR`` says where ``fastx.env`` lies, so that file can't move it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from fxtop.config.site.place import Place
from fxtop.config.site.variable import Variable, last_of

CONFIG_DIR: Final = "FX_CONFIG_DIR"
VAR_DIR: Final = "FX_VAR_DIR"
LOCAL_DIR: Final = "FX_LOCAL_DIR"
TEMP_DIR: Final = "FX_TEMP_DIR"
DEFAULTS: Final[Mapping[str, str]] = {
    CONFIG_DIR: "/etc/fastx",
    VAR_DIR: "/var/fastx",
    LOCAL_DIR: "/var/fastx-local",
    TEMP_DIR: "/tmp",  # noqa: S108  # FastX's own default, only looked at
}
"""By the FastX 5 guide; the version 4 manual has ``/var/fastx/local`` for FX_LOCAL_DIR."""

COMPONENTS: Final = ("launcher", "webserver", "manager", "user", "socket", "forward", "xorg")
"""Services that some version of FastX documents. Version 5's own set isn't published, so others are no mistake."""
METADATA: Final = "METADATA_"


@dataclass(frozen=True, slots=True)
class Directory:
    """One of the four directories."""

    variable: str
    path: PurePosixPath
    at: Place | None
    """Who set it; None for the default."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What the environment of FastX's services says."""

    directories: Mapping[str, Directory]
    services: tuple[str, ...] | None
    """None is unset, which means all of them."""
    services_at: Place | None
    metadata: Mapping[str, str]

    def path(self, variable: str) -> PurePosixPath:
        """The directory that ``variable`` names."""
        return self.directories[variable].path


def read_layout(unit: Iterable[Variable], env_file: Iterable[Variable]) -> Layout:
    """The layout by the service's environment, ``unit``, and what ``fastx.env`` holds."""
    own = tuple(unit)
    # One order for all but FX_CONFIG_DIR: what counts comes last.
    ranked = (*env_file, *own)
    services = last_of(ranked, "SERVICES") or last_of(ranked, "SERVICEDIR")
    return Layout(
        directories={name: _directory(name, own if name == CONFIG_DIR else ranked) for name in DEFAULTS},
        services=None if services is None else _listed(services.value),
        services_at=None if services is None else services.at,
        metadata={each.name.removeprefix(METADATA): each.value for each in ranked if each.name.startswith(METADATA)},
    )


def license_folders(layout: Layout) -> tuple[PurePosixPath, PurePosixPath]:
    """Where version 5 looks for licence files, and where version 4 did."""
    return layout.path(CONFIG_DIR) / "license", layout.path(VAR_DIR) / "license"


def _directory(name: str, variables: Iterable[Variable]) -> Directory:
    said = last_of(variables, name)
    if said is None or not said.value.startswith("/"):
        return Directory(name, PurePosixPath(DEFAULTS[name]), None)
    return Directory(name, PurePosixPath("/" + said.value.lstrip("/")), said.at)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(word for word in (part.strip() for part in text.split(",")) if word)
