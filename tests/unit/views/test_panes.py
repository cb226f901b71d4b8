from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fxtop.cluster.intake import Losses
from fxtop.cluster.records import Event, Finding, Liveness, Severity
from fxtop.views.column import Cell, Look, Tone
from fxtop.views.columns_reports import RejectedCount
from fxtop.views.fit import width_of
from fxtop.views.panes import (
    EVENTS,
    FINDINGS,
    HOLDERS,
    JOBS,
    LICENSES,
    LOST,
    NODES,
    PANES,
    REFUSED,
    REJECTED,
    SESSIONS,
    SHARES,
    TRANSPORTERS,
    USERS,
    PaneSpec,
)
from tests.unit.views import make

ALL = list(PANES.values())
GUTTER = GAP = 1
"""As the table has them."""


def narrow_width(pane: PaneSpec[Any, Any], upto: str) -> int:
    """Cells from the left edge to the end of the column ``upto``, everything at its least width, not in wide mode."""
    shown = [column for column in pane.columns if not column.wide]
    ids = [column.id for column in shown]
    widths = [column.width for column in shown[: ids.index(upto) + 1]]
    return GUTTER + sum(widths) + GAP * (len(widths) - 1)


@pytest.mark.parametrize("pane", ALL, ids=lambda pane: str(pane.id))
def test_every_pane_is_whole(pane: PaneSpec[Any, Any]) -> None:
    ids = [column.id for column in pane.columns]
    assert len(set(ids)) == len(ids)
    assert pane.default_sort.id == pane.sort
    fixed = [column.fixed for column in pane.columns]
    assert fixed == sorted(fixed, reverse=True) or pane in (REJECTED,), "fixed columns lead"


@pytest.mark.parametrize("pane", ALL, ids=lambda pane: str(pane.id))
def test_every_column_explains_itself_and_fits_its_title(pane: PaneSpec[Any, Any]) -> None:
    for column in pane.columns:
        assert column.help.endswith("."), column.id
        assert column.id == column.id.lower()
        assert column.id.isidentifier(), "a filter must be able to name it"
        assert width_of(column.title) <= column.width, column.id
        assert column.max_width == 0 or column.max_width >= column.width
        assert not column.weight or column.max_width > column.width, column.id


@pytest.mark.parametrize("pane", [NODES, SESSIONS, TRANSPORTERS, LICENSES], ids=lambda pane: str(pane.id))
def test_half_a_screen_of_120_shows_each_rows_state_and_age_without_scrolling(pane: PaneSpec[Any, Any]) -> None:
    assert narrow_width(pane, "age") <= 58
    ids = [column.id for column in pane.columns]
    assert ids.index("state") < ids.index("age")


@pytest.mark.parametrize(
    ("pane", "upto"), [(NODES, "transporter"), (SESSIONS, "seat"), (TRANSPORTERS, "rtt"), (LICENSES, "expires")]
)
def test_a_screen_of_80_shows_more(pane: PaneSpec[Any, Any], upto: str) -> None:
    assert narrow_width(pane, upto) <= 78


@pytest.mark.parametrize("pane", [NODES, SESSIONS, TRANSPORTERS, LICENSES, JOBS, SHARES], ids=lambda pane: str(pane.id))
def test_every_row_that_a_sender_feeds_shows_its_age(pane: PaneSpec[Any, Any]) -> None:
    age = pane.column("age")
    assert age is not None
    assert not age.wide


def rows() -> list[tuple[PaneSpec[Any, Any], Any]]:
    """A row of each kind, and one of each kind of which next to nothing is known."""
    full = make.pool()
    full.holders = [make.holder()]
    return [
        (NODES, make.node(state="draining", drain={"by": "ann", "reason": "kernel", "since": make.NOW - 60})),
        (NODES, make.bare_node()),
        (SESSIONS, make.session(app="firefox", idle=3.0, clients=1, cpu=0.2, mem=10**9, created=make.NOW - 500)),
        (SESSIONS, make.session(pending={"scheduler": "slurm", "job": "4711", "reason": "Resources"})),
        (USERS, make.user(running=3, ghost=1)),
        (TRANSPORTERS, make.transporter()),
        (TRANSPORTERS, make.sighted()),
        (LICENSES, full),
        (LICENSES, make.pool(count=None, expires=None, kind="unlimited")),
        (JOBS, make.job(done=3, total=12)),
        (JOBS, make.job(requested_at=0.0)),
        (SHARES, make.share()),
        (SHARES, make.share(total=None, free=None, need_bytes=None, errors=None)),
        (HOLDERS, make.holder()),
        (FINDINGS, Finding(Severity.CRIT, "node-lost", "viz07", "node viz07 is lost")),
        (EVENTS, Event(make.NOW, Severity.WARN, "viz07 is late")),
        (REJECTED, RejectedCount("not_json", "hb.node", 3)),
        (LOST, Losses("viz07", "hb.node", 4, 0)),
    ]


@pytest.mark.parametrize(("pane", "row"), rows(), ids=lambda value: getattr(value, "id", ""))
def test_every_cell_of_every_kind_of_row_can_be_painted(pane: PaneSpec[Any, Any], row: Any) -> None:
    store = make.store(make.license_())
    for look in (make.LOOK, make.ASCII):
        for column in pane.columns:
            cell = column.cell(row, store, look)
            assert isinstance(cell, Cell)
            assert cell.text.isprintable()
            assert cell.text.isascii() or not look.ascii, column.id
    assert pane.search_text(row)


@pytest.mark.parametrize(
    ("pane", "row"),
    [(NODES, make.bare_node()), (SESSIONS, make.session()), (TRANSPORTERS, make.sighted())],
    ids=lambda value: getattr(value, "id", ""),
)
def test_what_is_unknown_is_never_painted_as_a_number(pane: PaneSpec[Any, Any], row: Any) -> None:
    store = make.store()
    for column in pane.columns:
        if column.value(row, store, make.LOOK) is None and column.unit != "text":
            cell = column.cell(row, store, make.LOOK)
            assert (cell.text.strip(), cell.tone) == ("–", Tone.MUTED), column.id


def painted(pane: PaneSpec[Any, Any], row: Any, column: str, look: Look = make.LOOK) -> str:
    found = pane.column(column)
    assert found is not None
    return found.cell(row, make.store(make.license_(), make.job("r1")), look).text


def test_a_node_in_one_line() -> None:
    row = make.node()
    shown = [painted(NODES, row, id_) for id_ in ("state", "node", "sessions", "cpu", "mem", "age", "load1", "weight")]
    assert shown == ["● active", "viz01", "12/40", " 42%      ▁▂▄", "12%", "2s ", "1.50", "1.00"]


def test_a_user_in_one_line() -> None:
    row = make.user(running=30, disconnected=4, ghost=1)
    shown = [painted(USERS, row, column.id) for column in USERS.columns if not column.wide]
    assert shown == ["ann", "35", "30", "4", "0", "1", "0"]


def test_a_node_in_ascii() -> None:
    row = make.node(liveness=Liveness.STALE)
    assert [painted(NODES, row, id_, make.ASCII) for id_ in ("state", "cpu", "age")] == [
        "! stale",
        " 42%      _.~",
        "2s!",
    ]


def test_silence_takes_the_place_of_a_nodes_state_and_marks_its_age() -> None:
    for liveness, state, age in (
        (Liveness.LATE, "~ draining", "9s~"),
        (Liveness.STALE, "! stale", "9s!"),
        (Liveness.LOST, "✗ lost", "9s✗"),
        (Liveness.LEFT, "◇ left", "9s◇"),
    ):
        row = make.node(age=9, liveness=liveness, state="draining")
        assert (painted(NODES, row, "state"), painted(NODES, row, "age")) == (state, age)


def test_the_domain_that_all_share_is_left_out() -> None:
    look = replace(make.LOOK, domain=".example.edu")
    assert painted(NODES, make.node("viz01.example.edu"), "node", look) == "viz01"
    assert painted(SESSIONS, make.session("s1", "viz01.example.edu"), "node", look) == "viz01"
    assert painted(JOBS, make.job(target="viz01.example.edu"), "target", look) == "viz01"


def test_somebody_acting_on_a_row_is_named_on_it() -> None:
    node = make.node()
    node.acting = (make.job("r1").id,)
    assert painted(NODES, node, "acting") == "drain by ann"
    assert painted(NODES, make.node(), "acting") == ""


def test_a_small_skew_is_not_worth_a_word() -> None:
    row = make.node()
    assert painted(NODES, row, "skew") == "–"
    row.skew = 0.3
    assert painted(NODES, row, "skew") == ""
    row.skew = -3.25
    assert painted(NODES, row, "skew") == "-3.2s"


def test_a_session_shows_what_runs_in_it_by_the_best_name_there_is() -> None:
    assert painted(SESSIONS, make.session(app="firefox", name="n", command="c"), "app") == "firefox"
    assert painted(SESSIONS, make.session(name="n", command="c"), "app") == "n"
    assert painted(SESSIONS, make.session(command="c"), "app") == "c"
    assert painted(SESSIONS, make.session(), "app") == "–"


def test_a_pending_session_says_what_it_waits_for() -> None:
    row = make.session(state="pending", pending={"scheduler": "slurm", "job": "4711", "reason": "Resources"})
    assert painted(SESSIONS, row, "pending") == "slurm 4711: Resources"
    assert painted(SESSIONS, row, "state") == "… pending"


def test_seats_are_shown_against_their_number() -> None:
    assert painted(LICENSES, make.pool(), "inuse") == "12/20   ██░░"
    assert painted(LICENSES, make.pool(inuse=25), "inuse") == "25/20   ███▶"
    assert painted(LICENSES, make.pool(inuse=25), "usage") == "125%"
    assert painted(LICENSES, make.pool(count=None, kind="unlimited"), "inuse") == "12/∞"
    assert painted(LICENSES, make.pool(count=None), "inuse") == "12/–"
    assert painted(LICENSES, make.pool(count=None), "free") == "–"


@pytest.mark.parametrize(
    ("days", "text", "tone"),
    [(100, "100d", Tone.NORMAL), (29, "29d", Tone.WARN), (3, "3d00h", Tone.CRIT), (-1, "expired", Tone.CRIT)],
)
def test_an_expiry_is_told_by_the_time_that_is_left(days: int, text: str, tone: Tone) -> None:
    column = LICENSES.column("expires")
    assert column is not None
    row = make.pool(expires=make.NOW + days * 86_400)
    assert column.cell(row, make.store(), make.LOOK) == Cell(text, tone)


def test_a_licence_that_never_expires_is_not_unknown() -> None:
    assert painted(LICENSES, make.pool(expires=None), "expires") == "never"


def test_a_pool_says_what_keeps_it_from_giving_out_seats() -> None:
    def state(row: Any, license_: Any) -> str:
        column = LICENSES.column("state")
        assert column is not None
        return column.cell(row, make.store(row, license_), make.LOOK).text

    assert state(make.pool(), make.license_()) == "● ok"
    assert state(make.pool(), make.license_(reachable=False)) == "✗ no RLM"
    assert state(make.pool(), make.license_(running=False)) == "✗ no ISV"
    assert state(make.pool(expires=make.NOW - 1), make.license_()) == "✗ expired"
    assert state(make.pool(inuse=21), make.license_()) == "! over"
    assert state(make.pool(inuse=20), make.license_()) == "! full"
    denied = make.pool()
    denied.denials = 2
    assert state(denied, make.license_()) == "! denied"


def test_ghost_seats_are_counted_only_where_they_can_be_told() -> None:
    from fxtop.cluster.records import SeatState

    row = make.pool()
    assert painted(LICENSES, row, "ghosts") == "–"
    row.holders = [make.holder(state=SeatState.UNKNOWN)]
    assert painted(LICENSES, row, "ghosts") == "–"
    row.holders += [make.holder(state=SeatState.MISSING, seats=2), make.holder()]
    assert painted(LICENSES, row, "ghosts") == "2"
    assert painted(LICENSES, row, "holders") == "ann 4"


def test_routes_are_counted_by_the_server_they_lead_to() -> None:
    pooled = [{"remote_id": "S2", "remote_name": "mgr2", "rtt": 0.002}] * 4
    assert painted(TRANSPORTERS, make.transporter(routes=pooled, configured_routes=2), "routes") == "1/2"
    assert painted(TRANSPORTERS, make.transporter(configured_routes=None), "routes") == "1/–"
    assert painted(TRANSPORTERS, make.sighted(), "routes") == "–"


def test_a_server_without_an_agent_still_shows_what_the_token_shows() -> None:
    row = make.sighted()
    assert painted(TRANSPORTERS, row, "connections") == "4"
    assert painted(TRANSPORTERS, row, "via") == "token"
    assert painted(TRANSPORTERS, row, "version") == "2.15.1"


def test_a_job_shows_how_far_it_is() -> None:
    assert painted(JOBS, make.job(done=3, total=12), "progress") == "3/12   █░░░"
    assert painted(JOBS, make.job(), "progress") == ""


def test_derived_panes_take_their_rows_from_the_store() -> None:
    pool = make.pool()
    pool.holders = [make.holder(), make.holder("bob")]
    store = make.store(pool)
    store.announce(Severity.INFO, "hello")
    store.intake.reject("not_json", "fxtop.test.hb.node.x", "detail")
    assert [row.holder.user for row in HOLDERS.rows(store).values()] == ["ann", "bob"]
    assert [row.text for row in EVENTS.rows(store).values()] == ["hello"]
    assert list(REJECTED.rows(store).values()) == [RejectedCount("not_json", "hb.node", 1)]
    assert [row.reason for row in REFUSED.rows(store).values()] == ["not_json"]
    assert LOST.rows(store) == {}
    assert FINDINGS.rows(store) is not None
