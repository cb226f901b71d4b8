"""What may stand in ``config.toml``; None where nothing is said."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from fxtop.config.guardrails import WrittenGuardrails


class Table(msgspec.Struct, frozen=True):
    """A table of the file."""


class TopTable(Table, frozen=True):
    """What stands above the first table: the cluster to take when none is named."""

    cluster: str | None = None


class ClusterTable(Table, frozen=True):
    """``[clusters.NAME]``; the slug is the table's name unless it is given."""

    slug: str | None = None
    servers: list[str] | str | None = None
    token_file: str | None = None
    ca: str | None = None
    server_name: str | None = None
    context: str | None = None
    inbox_prefix: str | None = None
    badge: str | None = None
    color: str | None = None
    read_only: bool | None = None
    moleculer: bool | None = None
    moleculer_discover: bool | None = None


class OperatorTable(Table, frozen=True):
    """``[operator]``: who signs requests, and with which key."""

    name: str | None = None
    key_file: str | None = None
    key_command: list[str] | None = None
    """A program and its arguments, run without a shell, that prints the key; ``key_file`` isn't looked at then."""
    passphrase_command: list[str] | None = None
    """One that prints the passphrase of a sealed ``key_file``; without it the person is asked."""


class ControlTable(Table, frozen=True):
    """``[control]``: for how long the console is armed, and over how many targets their number must be typed.

    ``cancel_seconds`` is how long such an action can still be stopped before it is sent.
    """

    arm_minutes: float | None = None
    bulk: int | None = None
    cancel_seconds: float | None = None


class JournalTable(Table, frozen=True):
    """``[journal]``: how much of the operator's own is kept: at how many MiB a file is full, and how many full ones."""

    file_mib: float | None = None
    keep: int | None = None


class UiTable(Table, frozen=True):
    """``[ui]``: ``rate`` is screen updates a second, ``link`` how wide the line to the terminal is."""

    theme: str | None = None
    ascii: bool | None = None
    tz: str | None = None
    rate: float | None = None
    link: str | None = None


class Document(Struct, frozen=True, kw_only=True):
    """A whole file."""

    top: TopTable
    operator: OperatorTable
    control: ControlTable
    journal: JournalTable
    ui: UiTable
    keys: Mapping[str, str]
    """``[keys]``: keys by the id of what they do."""
    guardrails: WrittenGuardrails
    clusters: Mapping[str, ClusterTable]
