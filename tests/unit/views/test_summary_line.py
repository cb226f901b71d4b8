from __future__ import annotations

from typing import Any

import pytest

from fxtop.cluster import summary as counts
from fxtop.views import summary_line
from fxtop.views.column import Cell, Tone
from fxtop.views.panes import EVENTS, FINDINGS, JOBS, LICENSES, NODES, PANES, SESSIONS, TRANSPORTERS, PaneSpec
from fxtop.views.summary_line import empty_text, license_trouble, pane_title, summary
from tests.unit.views import make


def counted(**changed: Any) -> counts.Summary:
    """A healthy cluster, but for what is given."""
    healthy: dict[str, Any] = {
        "nodes": counts.NodeCounts(41, 41, 0, 0, 0, 0, 0, 0),
        "sessions": counts.SessionCounts(180, {"running": 180}, 0),
        "transporters": counts.TransporterCounts(3, 3, 0, 0, 0, 0, 1),
        "seats": counts.SeatCounts(18, 40, 0, 0),
        "jobs": counts.JobCounts(0, 0, 0),
    }
    return counts.Summary(**(healthy | changed))


@pytest.fixture
def of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets a store count as given."""

    def use(**changed: Any) -> None:
        monkeypatch.setattr(summary_line, "summarize", lambda store: counted(**changed))

    return use


def title(pane: PaneSpec[Any, Any]) -> str:
    return pane_title(pane, make.store())


def test_a_title_is_one_number_while_all_is_well(of: Any) -> None:
    of()
    assert title(NODES) == "Nodes 41"
    assert title(SESSIONS) == "Sessions 180"
    assert title(TRANSPORTERS) == "Transporters 3"
    assert title(LICENSES) == "License seats 18/40, 45%"
    assert title(JOBS) == "Jobs 0"


def test_a_title_says_what_is_missing_and_since_how_bad(of: Any) -> None:
    of(nodes=counts.NodeCounts(41, 36, 2, 1, 1, 1, 3, 1))
    assert title(NODES) == "Nodes 36/41, 2 late, 1 stale, 1 lost, 1 left, 3 draining, 1 drained"


def test_islands_are_told(of: Any) -> None:
    of(transporters=counts.TransporterCounts(3, 2, 0, 0, 1, 0, 2))
    assert title(TRANSPORTERS) == "Transporters 2/3, 1 lost, 2 islands"


def test_sessions_that_need_a_look_come_first(of: Any) -> None:
    of(sessions=counts.SessionCounts(20, {"running": 10, "pending": 4, "ghost": 1, "disconnected": 5}, 2))
    assert title(SESSIONS) == "Sessions 20, 1 ghost, 4 pending, 5 disconnected, 2 waiting long"


def test_seats_tell_of_denials_and_ghosts(of: Any) -> None:
    of(seats=counts.SeatCounts(40, 40, 3, 2))
    assert title(LICENSES) == "License seats 40/40, 100%, 3 denied, 2 without a session"
    of(seats=counts.SeatCounts(0, 0, 0, 0))
    assert title(LICENSES) == "License seats none counted"


def test_jobs_tell_what_goes_on_and_what_failed(of: Any) -> None:
    of(jobs=counts.JobCounts(2, 3, 1))
    assert title(JOBS) == "Jobs 6, 2 going on, 1 failed"


def test_other_panes_tell_how_many_rows_they_have() -> None:
    assert title(FINDINGS).startswith("Findings ")
    assert title(EVENTS) == "Events 0"


def test_the_summary_is_one_line_with_the_tones_of_its_parts(of: Any) -> None:
    of(nodes=counts.NodeCounts(41, 40, 0, 0, 1, 0, 0, 0), jobs=counts.JobCounts(1, 0, 0))
    line = summary(make.store())
    text = "".join(cell.text for cell in line)
    assert text == "nodes 40/41, 1 lost  transporters 3  seats 18/40, 45%  jobs 1, 1 going on  sessions 180"
    assert Cell("1 lost", Tone.CRIT) in line


def test_a_healthy_summary_fits_80_cells_and_leaves_out_jobs_that_are_not(of: Any) -> None:
    of()
    text = "".join(cell.text for cell in summary(make.store()))
    assert len(text) <= 80
    assert "jobs" not in text


def test_titles_count_a_real_store() -> None:
    for pane in PANES.values():
        assert pane_title(pane, make.store()).startswith(pane.title)


def empty(pane: PaneSpec[Any, Any], *, connected: bool, ago: float, heard: bool, trouble: str = "") -> str:
    since = make.LOOK.monotonic - ago
    return empty_text(pane, make.LOOK, connected=connected, since=since, heard=heard, trouble=trouble)


def test_an_empty_pane_says_that_the_bus_is_down_and_since_when() -> None:
    text = empty(NODES, connected=False, ago=252, heard=True)
    assert text == "Nothing is known: no connection to the bus since 11:02:28 (4 minutes 12 seconds)."


def test_an_empty_pane_says_that_nothing_was_heard_yet() -> None:
    assert empty(NODES, connected=True, ago=1, heard=False).startswith("Nothing was heard yet.")
    text = empty(NODES, connected=True, ago=42, heard=False)
    assert text.startswith("Nothing was heard in the 42 seconds since the bus connected.")
    assert "cluster's name" in text


def test_an_empty_pane_says_that_there_is_nothing() -> None:
    assert empty(SESSIONS, connected=True, ago=1, heard=True) == "There is no session on any node that was heard."


def test_every_pane_has_words_for_being_empty() -> None:
    for pane in PANES.values():
        assert empty(pane, connected=True, ago=1, heard=True).endswith(".")


def test_what_the_console_did_itself_is_known_without_a_bus() -> None:
    assert empty(JOBS, connected=False, ago=9, heard=False).startswith("No jobs")


def test_no_pools_because_of_an_unreachable_server_is_said() -> None:
    store = make.store(make.license_(reachable=False, error="connection refused."))
    trouble = license_trouble(store)
    assert trouble == "The licence server 5053@lic01 can't be reached: connection refused."
    assert empty(LICENSES, connected=True, ago=1, heard=True, trouble=trouble) == trouble
    assert license_trouble(make.store(make.license_())) == ""
