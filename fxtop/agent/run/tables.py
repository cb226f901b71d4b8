"""What may stand in the agent's file, with the defaults. Times are seconds."""

from __future__ import annotations

from typing import Literal

import msgspec

from fxtop.agent.node_select.table import DEFAULT_TABLE
from fxtop.config.guardrails import WrittenGuardrails

SessionSource = Literal["fastx", "command", "simulated", "none"]
"""Whatever tells of the sessions: FastX's own files and processes, a site's program, an invented world, or nobody."""


class TopTable(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above the first table."""

    node: str | None = None
    state_dir: str | None = None
    keys_file: str | None = None
    manager_key_file: str | None = None
    capacity: int | None = None
    weight: float = 1.0
    heartbeat: float = 5.0


class BusTable(msgspec.Struct, frozen=True, kw_only=True):
    """``[bus]``: how the transporters are reached; what isn't said is found in FastX's own files."""

    cluster: str | None = None
    servers: list[str] | str | None = None
    token_file: str | None = None
    ca: str | None = None
    server_name: str | None = None
    context: str | None = None

    def __repr__(self) -> str:
        """Without any value: a server's URL may hold a login."""
        return "BusTable(…)"


class LogTable(msgspec.Struct, frozen=True, kw_only=True):
    """``[log]``: onto standard error."""

    form: Literal["text", "json"] = "text"
    level: Literal["debug", "info", "warning", "error"] = "info"


class RoleTable(msgspec.Struct, frozen=True, kw_only=True):
    """``[roles.NAME]``: what the holders of some keys may ask for."""

    verbs: list[str] = []
    sessions: int | None = None
    """That one request may end; None for no limit."""
    users: list[str] = []
    """Patterns of those whose sessions may be touched; none means all."""
    nodes: list[str] = []
    """Patterns of the nodes that it is for; none means all."""


class LimitsTable(msgspec.Struct, frozen=True, kw_only=True):
    """``[limits]``: how much is taken on (`fxtop.agent.limits.Limits`)."""

    requests: int = 600
    jobs: int = 64
    jobs_of_key: int = 16


class JournalTable(msgspec.Struct, frozen=True, kw_only=True):
    """``[journal]``: how much of the agent's own record is kept."""

    file_mib: float = 4.0
    """At which a file is full, and put aside."""
    keep: int = 50
    """Full files that are kept; 0 keeps them all."""


class PlacementTable(msgspec.Struct, frozen=True, kw_only=True):
    """``[placement_table]``: what `fxtop node-select` reads."""

    on: bool | None = None
    """None is: where FastX's web server runs, which starts sessions."""
    file: str = DEFAULT_TABLE


class CollectorTable(msgspec.Struct, frozen=True, kw_only=True):
    """What every ``[collect.NAME]`` has."""

    on: bool = True
    every: float = 60.0
    limit: float = 4.0
    """After which a reading is given up."""


class HostTable(CollectorTable, frozen=True, kw_only=True):
    """Load and memory."""

    every: float = 2.5
    limit: float = 2.0


class SchedulerTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[collect.sessions.schedulers.NAME]``: how a job scheduler's pending sessions are listed and cancelled."""

    status: list[str]
    cancel: list[str] = []


class SessionsTable(CollectorTable, frozen=True, kw_only=True):
    """The sessions."""

    provider: SessionSource = "fastx"
    every: float = 5.0
    snapshot: float = 60.0
    """Between two complete lists; in between only changes are told."""
    list_command: list[str] = []
    """A program with its arguments; none where the list is empty. So for the others."""
    terminate_command: list[str] = []
    message_command: list[str] = []
    command_limit: float = 10.0
    schedulers: dict[str, SchedulerTable] = {}
    schedulers_every: float = 15.0
    simulated: int = 12
    """Sessions of the invented world, give or take."""


class ServicesTable(CollectorTable, frozen=True, kw_only=True):
    """SERVICES and METADATA_*."""


class UnitsTable(CollectorTable, frozen=True, kw_only=True):
    """The states of systemd's units."""

    every: float = 30.0
    limit: float = 5.0


class VersionsTable(CollectorTable, frozen=True, kw_only=True):
    """What is installed."""

    every: float = 3600.0
    limit: float = 10.0


class DirectoriesTable(CollectorTable, frozen=True, kw_only=True):
    """The four directories; each is looked at by itself."""


class ConfigTable(CollectorTable, frozen=True, kw_only=True):
    """Digests of what is in FX_CONFIG_DIR."""

    every: float = 300.0
    limit: float = 10.0
    exclude: list[str] = []
    """Patterns of names beside those that are always left out."""


class SystemTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[collect.transporter.system]``: a login of the NATS servers' system account."""

    servers: list[str] | str | None = None
    """None is those of ``[bus]``."""
    user: str | None = None
    password_file: str | None = None
    creds: str | None = None
    nkey_file: str | None = None
    ca: str | None = None
    server_name: str | None = None
    others: bool = False
    """Whether servers without an agent beside them are told of too."""

    def __repr__(self) -> str:
        """Without any value: a server's URL may hold a login."""
        return "SystemTable(…)"


class TransporterTable(CollectorTable, frozen=True, kw_only=True):
    """The NATS server on this host, by its monitoring, by the system account, or by its greeting and the token."""

    on: bool = False
    every: float = 5.0
    url: str = "http://127.0.0.1:8222"
    address: str = "127.0.0.1:4222"
    config: str | None = None
    """None is nats-server.conf in FX_CONFIG_DIR."""
    system: SystemTable | None = None


class LicenseTable(CollectorTable, frozen=True, kw_only=True):
    """RLM's licence servers, each asked by itself."""

    on: bool = False
    every: float = 30.0
    limit: float = 10.0
    servers: list[str] = []
    """Each ``port@host``."""
    rlmutil: str = "/usr/local/bin/rlmutil"
    options: list[str] = msgspec.field(default_factory=lambda: ["-a"])
    zone: str = "local"
    """Of the servers' clocks, which rlmstat prints without a zone."""


class SyncthingTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[collect.store.syncthing]``: the syncthing that shares the data."""

    config: str
    """Its config.xml."""
    url: str | None = None
    """Of its API, if not as ``config`` says."""
    certificate: str | None = None
    """Of its API; None is that beside ``config``."""


class StoreTable(CollectorTable, frozen=True, kw_only=True):
    """The data that managers share."""

    on: bool = False
    every: float = 30.0
    limit: float = 10.0
    path: str | None = None
    syncthing: SyncthingTable | None = None


class CollectTables(msgspec.Struct, frozen=True, kw_only=True):
    """``[collect.…]``."""

    host: HostTable = HostTable()
    sessions: SessionsTable = SessionsTable()
    services: ServicesTable = ServicesTable()
    units: UnitsTable = UnitsTable()
    versions: VersionsTable = VersionsTable()
    directories: DirectoriesTable = DirectoriesTable()
    config: ConfigTable = ConfigTable()
    transporter: TransporterTable = TransporterTable()
    license: LicenseTable = LicenseTable()
    store: StoreTable = StoreTable()


class AgentFile(msgspec.Struct, frozen=True, kw_only=True):
    """A whole file."""

    top: TopTable = TopTable()
    bus: BusTable = BusTable()
    log: LogTable = LogTable()
    journal: JournalTable = JournalTable()
    roles: dict[str, RoleTable] = {}
    limits: LimitsTable = LimitsTable()
    placement_table: PlacementTable = PlacementTable()
    guardrails: WrittenGuardrails = WrittenGuardrails()
    collect: CollectTables = CollectTables()
