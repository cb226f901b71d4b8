"""The text that words without a field are looked for in. One short line a row, as people would describe it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fxtop.views.columns_nodes import drain_text, transporter_names
from fxtop.views.columns_sessions import pending_text
from fxtop.views.overheard import brokers_of
from fxtop.views.states import row_tone, transporter_status

if TYPE_CHECKING:
    from fxtop.cluster.records import HolderRow, JobRow, NodeRow, PoolRow, SessionRow, ShareRow, TransporterRow


def node_text(row: NodeRow) -> str:
    """Id, host, states, transporters, drain, and what FastX's own bus calls it."""
    state = row.beat.state if row.beat else ""
    links = " ".join((*(transporter_names(row) or ()), *brokers_of(row)))
    return f"{row.id} {row.host} {state} {row_tone(row)} {links} {drain_text(row) or ''}"


def session_text(row: SessionRow) -> str:
    """User, node, id, state, and what runs in it."""
    body = row.body
    runs = f"{body.app or ''} {body.name or ''} {body.command or ''}"
    return f"{body.user} {body.node} {body.id} {body.state} {runs} {body.display or ''} {pending_text(row)}"


def transporter_text(row: TransporterRow) -> str:
    """Name, id, host, states."""
    source = row.beat or row.sighting
    return f"{row.name} {row.id} {source.host if source else ''} {transporter_status(row).word} {row_tone(row)}"


def pool_text(row: PoolRow) -> str:
    """Product, server, vendor daemon, version, and who holds seats."""
    users = " ".join(held.holder.user for held in row.holders)
    return f"{row.pool.product} {row.key.server} {row.key.isv} {row.pool.version} {users}"


def holder_text(row: HolderRow) -> str:
    """User, host, product."""
    holder = row.holder
    return f"{holder.user} {holder.host} {holder.product} {holder.isv} {row.state}"


def job_text(row: JobRow) -> str:
    """Verb, target, state, operator, reason, ticket, and the answer."""
    asked = f"{row.verb} {row.target} {row.operator} {row.reason} {row.ticket or ''}"
    return f"{asked} {row.state} {row.code} {row.detail} {row.id}"


def share_text(row: ShareRow) -> str:
    """Manager, kind and path."""
    return f"{row.id} {row.beat.kind} {row.beat.path}" if row.beat else row.id
