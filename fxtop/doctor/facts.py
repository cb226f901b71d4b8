"""What is known of a machine before it is judged. A fact that couldn't be had is `Missing`, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from fxtop.config.site.layout import Layout
from fxtop.config.site.mounts import Mount
from fxtop.config.site.nats_server import NatsServer
from fxtop.config.site.nats_tree import Block
from fxtop.config.site.place import Place
from fxtop.config.site.unit_files import Unit
from fxtop.config.site.variable import Variable
from fxtop.doctor.certificate import Certificate
from fxtop.doctor.finding import Missing


class Role(StrEnum):
    """What a machine is in the cluster."""

    NODE = "node"
    MANAGER = "manager"
    OPERATOR = "operator"


class FileStat(NamedTuple):
    """A file's owner, mode and age."""

    owner: str
    group: str
    mode: int
    changed: float
    """Unix seconds."""


@dataclass(frozen=True, slots=True)
class NatsConf:
    """The transporter's configuration."""

    file: Path
    tree: Block = field(repr=False)
    server: NatsServer = field(repr=False)
    stat: FileStat | Missing


@dataclass(frozen=True, slots=True)
class SecretFile:
    """``transporter-secret.ini``. Its keys aren't documented, so all its values are kept and any may be the token."""

    file: Path
    stat: FileStat | Missing
    values: tuple[str, ...] | Missing = field(repr=False)


class CertificateFile(NamedTuple):
    """A certificate that a file or a configuration names."""

    file: Path
    at: Place | None
    serves: str
    """``clients``, ``routes`` or ``web``."""
    certificate: Certificate | Missing


class Running(NamedTuple):
    """A unit that systemd runs."""

    name: str
    state: str
    since: float | None
    """Unix seconds at which it became active; None where it isn't."""


class Leftover(NamedTuple):
    """Something of version 4 that version 5 doesn't look at."""

    what: str
    at: Place


class Reached(NamedTuple):
    """What became of an attempt to connect."""

    what: str
    """``transporter``, ``route`` or ``licence server``."""
    host: str
    port: int
    problem: str
    """Empty where it worked, else ``unresolved``, ``refused``, ``filtered``, ``unreachable``, ``name``,
    ``untrusted``, ``expired`` or ``protocol``."""
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A node or a manager."""

    role: Role
    now: float
    """Unix seconds."""
    names: frozenset[str] | Missing
    """The machine's own names and addresses."""
    version: int | None
    """FastX's major version by what is installed; None where nothing says."""
    layout: Layout
    lies_at: Mapping[str, PurePosixPath]
    """Where each directory of the layout really is, links followed."""
    variables: tuple[Variable, ...]
    """What units and ``fastx.env`` set, in that order."""
    units: tuple[Unit, ...]
    running: Mapping[str, Running] | Missing
    changed: Mapping[PurePosixPath, float] | Missing
    """When each file that a service reads was changed last, in Unix seconds."""
    service_user: str
    may_read: Mapping[Path, bool] | Missing
    """Whether the service's user may read a file that holds a secret."""
    nats: NatsConf | Missing
    secret: SecretFile | Missing
    servers: tuple[str, ...]
    """URLs of transporters that FastX's files name, without any login."""
    certificates: tuple[CertificateFile, ...]
    mounts: tuple[Mount, ...] | Missing
    clock_kept: bool | Missing
    """Whether something keeps the machine's clock right."""
    temp_mode: int | Missing
    local_hosts: tuple[str, ...]
    """Hosts that the certificates in FX_LOCAL_DIR name."""
    licenses: tuple[PurePosixPath, ...]
    floating: tuple[Place, ...]
    """Lines of licence files that give a vendor's daemon no port."""
    leftovers: tuple[Leftover, ...]
    conflicts: tuple[PurePosixPath, ...] | Missing
    """Copies that syncthing made of files which were changed in two places."""
    reached: tuple[Reached, ...] | Missing
