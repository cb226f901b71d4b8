"""All that is known of one row, as data: sections, history, and the rows that belong to it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, Final

from fxtop.cluster.records import Finding, JobRow, NodeRow, PoolRow, SessionRow, ShareRow, TransporterRow, UserRow
from fxtop.views.column import Look
from fxtop.views.details_finding import finding_sections
from fxtop.views.details_job import job_sections
from fxtop.views.details_node import node_sections, node_series
from fxtop.views.details_parts import Details, Line, Section, Series
from fxtop.views.details_pool import pool_sections, pool_series
from fxtop.views.details_session import session_sections
from fxtop.views.details_share import share_sections
from fxtop.views.details_transporter import transporter_sections, transporter_series
from fxtop.views.details_user import user_sections
from fxtop.views.fit import plain_ascii
from fxtop.views.narrow import narrowed
from fxtop.views.panes import PANES

if TYPE_CHECKING:
    from fxtop.cluster.store import Store

__all__ = ["DETAILED", "Details", "Line", "Section", "Series", "details"]


def details(store: Store, pane: str, row_id: Hashable, look: Look) -> Details | None:
    """The details of a row of one of the panes in `DETAILED`; None when the row is gone."""
    row = PANES[pane].rows(store).get(row_id)
    if row is None:
        return None
    title, sections, series = _MAKERS[pane](row, store, look)
    related = {other: tuple(sorted(ids)) for other, ids in narrowed(store, pane, row_id).items()}
    return Details(pane, row_id, plain_ascii(title) if look.ascii else title, tuple(sections), series, related)


Made = tuple[str, Iterable[Section], tuple[Series, ...]]
"""Title, sections and history of a row."""


def _node(row: NodeRow, store: Store, look: Look) -> Made:
    return f"Node {row.id}", node_sections(row, store, look), node_series(row)


def _session(row: SessionRow, store: Store, look: Look) -> Made:
    return f"Session {row.key.session} of {row.body.user} on {row.key.node}", session_sections(row, store, look), ()


def _user(row: UserRow, store: Store, look: Look) -> Made:
    return f"User {row.user}", user_sections(row, store, look), ()


def _transporter(row: TransporterRow, store: Store, look: Look) -> Made:
    return f"Transporter {row.name}", transporter_sections(row, look), transporter_series(row)


def _pool(row: PoolRow, store: Store, look: Look) -> Made:
    title = f"License seats of {row.pool.product} {row.pool.version} at {row.key.server}"
    return title, pool_sections(row, store, look), pool_series(row)


def _job(row: JobRow, store: Store, look: Look) -> Made:
    return f"Job: {row.verb} {row.target}", job_sections(row, look), ()


def _finding(row: Finding, store: Store, look: Look) -> Made:
    return f"Finding: {row.kind} {row.subject}", finding_sections(row, store, look), ()


def _share(row: ShareRow, store: Store, look: Look) -> Made:
    return f"Shared data of {row.id}", share_sections(row, look), ()


_MAKERS: Final[dict[str, Callable[[Any, Store, Look], Made]]] = {
    "nodes": _node,
    "sessions": _session,
    "users": _user,
    "transporters": _transporter,
    "licenses": _pool,
    "jobs": _job,
    "findings": _finding,
    "shares": _share,
}
DETAILED: Final = tuple(_MAKERS)
"""Panes whose rows have details."""
