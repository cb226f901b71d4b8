"""All settings, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path

from msgspec import Struct

from fxtop.config.guardrails import WrittenGuardrails
from fxtop.config.link import Link
from fxtop.config.secret import Secret
from fxtop.config.servers import is_tls
from fxtop.config.zones import zone
from fxtop.protocol.ids import ClusterSlug


class Settings(Struct, frozen=True, kw_only=True):
    """What a command was told, from wherever it was told. Nothing in it is a secret; a `Secret` only reads one."""

    cluster: str
    """The cluster's name for people: its table's name in the configuration, or its slug."""
    slug: ClusterSlug
    """The cluster's name in subjects."""
    clusters: tuple[str, ...]
    """All clusters of the configuration; `fxtop.config.load.load` with ``cluster=`` loads another one."""

    servers: tuple[str, ...]
    """``tls://host:port`` or ``nats://host:port``, never with a login."""
    ca: Path | None
    cert: Path | None
    cert_key: Path | None
    server_name: str | None
    tls_first: bool
    inbox_prefix: str | None
    """None for the NATS client's own."""
    moleculer: bool
    """Whether FastX's own bus is listened to, unofficially."""
    moleculer_discover: bool
    """Whether FastX's brokers may be asked there who they are; else only what they say by themselves is known."""

    token: Secret | None
    user: Secret | None
    password: Secret | None
    creds: Path | None
    nkey: Path | None

    badge: str | None
    color: str | None
    """The badge's."""
    read_only: bool
    operator: str
    """Who acts, as people know them."""
    key_file: Path
    """The operator's private key; it need not exist."""
    key_command: tuple[str, ...]
    """A program and its arguments that prints the key, in place of ``key_file``; empty for none."""
    passphrase_command: tuple[str, ...]
    """One that prints the passphrase of a sealed ``key_file``; empty where the person is to be asked."""
    arm_minutes: float
    bulk: int
    """Over so many targets their number must be typed."""
    cancel_seconds: float
    """For which an action over so many targets can still be stopped after it was confirmed; 0 for not at all."""
    guardrails: WrittenGuardrails
    """The site's own rules for actions."""

    theme: str
    ascii: bool
    tz: str
    rate: float
    """Screen updates a second."""
    link: Link
    """How wide the line to the terminal is."""
    keys: Mapping[str, str]
    """Keys by the id of what they do."""
    themes_dir: Path
    """The person's own themes."""

    config_file: Path | None
    """The configuration that was read; None where there is none."""
    log_file: Path
    journal: Path
    journal_mib: float
    """At which a file of the journal is full, and put aside."""
    journal_keep: int
    """Full files that are kept; 0 keeps them all."""

    provenance: Mapping[str, str]
    """Where each value comes from, by the name of its field."""
    notices: tuple[str, ...]
    """Sentences about what was read but isn't used, for stderr."""

    @property
    def tls(self) -> bool:
        """Whether TLS was asked for: by a ``tls://`` URL, a CA, a client certificate or a server name."""
        return any(map(is_tls, self.servers)) or bool(self.ca or self.cert or self.server_name)

    @property
    def zone(self) -> tzinfo:
        """The time zone to show times in."""
        return zone(self.tz)
