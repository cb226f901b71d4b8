"""What an agent is told: its file, flags and environment, checked and with every default in place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from fxtop.actions.guardrails.compile import compiled
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.keys import KeyFileError
from fxtop.actions.keys import load as load_key
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.site import read_site
from fxtop.agent.collectors.versions import full_name
from fxtop.agent.providers.program import TemplateError
from fxtop.agent.roles import Role
from fxtop.agent.run.licenses import license_servers
from fxtop.agent.run.parse import parse
from fxtop.agent.run.providers import commands_of
from fxtop.agent.run.roles import roles_of
from fxtop.agent.run.system import system_settings
from fxtop.agent.run.tables import AgentFile, BusTable, CollectTables
from fxtop.agent.syncthing.access import url_flaw
from fxtop.agent.transporter.local import address_flaw
from fxtop.agent.trust import Trust, TrustError
from fxtop.bus.settings import BusSettings
from fxtop.clock import SystemClock
from fxtop.config.error import ConfigError
from fxtop.config.given import Place
from fxtop.config.load import load_place
from fxtop.config.private_file import read_file
from fxtop.config.settings import Settings
from fxtop.config.site.layout import CONFIG_DIR
from fxtop.config.toml_file import cluster_place, file_named
from fxtop.config.toml_lines import KeyLines, key_lines
from fxtop.config.toml_schema import ClusterTable
from fxtop.protocol.ids import NodeId
from fxtop.protocol.signing import Signer
from fxtop.protocol.text import ID_BOUND, inert

ROOT: Final = Path("/")
FILE: Final = Path("/etc/fxtop/agent.toml")
KEYS_FILE: Final = Path("/etc/fxtop/keys")
STATE_DIR: Final = Path("/var/lib/fxtop")
STATE_VARIABLE: Final = "STATE_DIRECTORY"
"""Set by systemd for a unit with StateDirectory= (systemd 235)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """Everything that one agent was told. Nothing in it shows a secret."""

    file: AgentFile
    """The file's tables: equal to those read later where nothing was changed."""
    node: NodeId
    state_dir: Path
    trust: Trust = field(repr=False)
    keys_file: Path
    """Where the trusted keys are listed; it need not be there."""
    manager_key: Signer | None = field(repr=False)
    """Makes the node one of those that plan and apply rebalances."""
    guardrails: Guardrails
    """The site's rules."""
    connection: Settings
    system: BusSettings | None = None
    """The system account of the NATS servers, where a login of it is given."""
    notices: tuple[str, ...] = ()
    """Sentences for whoever starts it."""


def load(named: Path | None, flags: Mapping[str, object], env: Mapping[str, str], root: Path = ROOT) -> AgentSettings:
    """The settings of the file ``named``, or else of the usual one if it is there.

    What isn't said of the connection is looked for in the files of the FastX whose units are found under ``root``.

    Raises:
        ConfigError: one sentence about what can't be used.
    """
    path = named or FILE
    lines, mode, file = KeyLines(path, {}), 0o600, AgentFile()
    if named is not None or os.path.lexists(path):
        found = read_file(path, "The agent's configuration")
        lines, mode = key_lines(path, found.text), found.mode
        file = parse(found.text, lines)
    _check_commands(file, lines)
    _check_places(file.collect, lines)
    keys_file, trust, warning = _trust(file_named(file.top.keys_file, ("keys_file",), lines), file)
    connection = load_place(_place(file.bus, lines, mode), flags, _with_config_dir(env, root))
    system = file.collect.transporter.system
    return AgentSettings(
        file=file,
        node=_node(file.top.node, lines),
        state_dir=file_named(file.top.state_dir, ("state_dir",), lines) or _state_dir(env),
        trust=trust,
        keys_file=keys_file,
        manager_key=_manager_key(file_named(file.top.manager_key_file, ("manager_key_file",), lines)),
        guardrails=compiled(file.guardrails),
        connection=connection,
        system=None if system is None else system_settings(system, connection, lines),
        notices=(*connection.notices, *([warning] if warning else [])),
    )


def listed_in(named: Path | None) -> tuple[Path, dict[str, Role]]:
    """The list of keys of the agent's file ``named``, or else of the usual one, and the roles that it may name.

    Raises:
        ConfigError: the file can't be used.
    """
    path, file = named or FILE, AgentFile()
    lines = KeyLines(path, {})
    if named is not None or os.path.lexists(path):
        text = read_file(path, "The agent's configuration").text
        lines = key_lines(path, text)
        file = parse(text, lines)
    return file_named(file.top.keys_file, ("keys_file",), lines) or KEYS_FILE, roles_of(file.roles)


def _with_config_dir(env: Mapping[str, str], root: Path) -> Mapping[str, str]:
    """``env`` with FastX's FX_CONFIG_DIR, which a unit of its own doesn't have in its environment."""
    try:
        site = read_site(root)
    except CollectError:
        return env  # which leaves the default, and the collectors will say what is wrong
    return {CONFIG_DIR: str(site.on_disk(site.layout.path(CONFIG_DIR))), **env}


def _check_commands(file: AgentFile, lines: KeyLines) -> None:
    """Find now what would be found when the agent is put together."""
    try:
        commands_of(file.collect.sessions)
    except TemplateError as error:
        raise ConfigError(f"{lines.where(('collect', 'sessions'))}: {error}") from None
    try:
        license_servers(file.collect.license, SystemClock())
    except ValueError as error:
        raise ConfigError(f"{lines.where(('collect', 'license'))}: {error}") from None


def _check_places(collect: CollectTables, lines: KeyLines) -> None:
    """Where the transporter and syncthing are looked for."""
    transporter = collect.transporter
    if transporter.address and (flaw := address_flaw(transporter.address)):
        raise ConfigError(f"{lines.where(('collect', 'transporter', 'address'))}: 'address' {flaw}.")
    if not (transporter.url or transporter.address or transporter.system):
        raise ConfigError(f"{lines.where(('collect', 'transporter'))}: neither url, address nor system is given.")
    syncthing = collect.store.syncthing
    at = ("collect", "store", "syncthing")
    if syncthing is not None and syncthing.url and (flaw := url_flaw(syncthing.url)):
        raise ConfigError(f"{lines.where((*at, 'url'))}: 'url' {flaw}.")
    for name, value in (("config", syncthing.config), ("certificate", syncthing.certificate)) if syncthing else ():
        if value is not None and not Path(value).is_absolute():
            raise ConfigError(f"{lines.where((*at, name))}: '{name}' has to be a whole path, beginning with '/'.")


def _place(bus: BusTable, lines: KeyLines, mode: int) -> Place:
    table = ClusterTable(
        servers=bus.servers, token_file=bus.token_file, ca=bus.ca, server_name=bus.server_name, context=bus.context
    )
    place = cluster_place(table, ("bus",), lines, mode)
    return replace(place, given=replace(place.given, cluster=bus.cluster or None))


def _node(said: str | None, lines: KeyLines) -> NodeId:
    """The node's id: what was said, or this host's name in full."""
    name = full_name() if said is None else said
    if not name.strip() or inert(name, ID_BOUND) != name:
        raise ConfigError(
            f"{lines.where(('node',))}: '{name}' can't be a node's id: use 1 to {ID_BOUND} visible characters."
        )
    return NodeId(name)


def _state_dir(env: Mapping[str, str]) -> Path:
    given = env.get(STATE_VARIABLE, "").split(":")[0]
    return Path(given) if given else STATE_DIR


def _trust(named: Path | None, file: AgentFile) -> tuple[Path, Trust, str | None]:
    """The list ``named``, or else the usual one, and the keys in it; a sentence where that isn't there."""
    path, roles = named or KEYS_FILE, roles_of(file.roles)
    if named is None and not os.path.lexists(path):
        warning = f"There is no list of keys {path}, so nobody can ask this agent for anything but a ping."
        return path, Trust(roles=roles), warning
    try:
        return path, Trust.load(path, roles), None
    except TrustError as error:
        raise ConfigError(str(error)) from None


def _manager_key(path: Path | None) -> Signer | None:
    if path is None:
        return None
    try:
        return load_key(path)
    except KeyFileError as error:
        raise ConfigError(str(error)) from None
