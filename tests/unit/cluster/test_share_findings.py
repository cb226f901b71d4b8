"""What is found in what managers tell of the data that they share."""

from __future__ import annotations

from typing import Any

import pytest

from fxtop.cluster.findings import findings
from fxtop.cluster.records import Finding, RowRef, Severity
from tests.unit.cluster.kit import Site


def found(site: Site) -> dict[str, Finding]:
    return {each.kind: each for each in findings(site.store)}


def peer(name: str = "mgr2", **over: Any) -> dict[str, Any]:
    return {"id": name.upper(), "name": name, "connected": True, **over}


def test_shared_data_in_order_is_no_finding() -> None:
    site = Site()
    site.share(peers=[peer(completion=1.0)], need_bytes=0, errors=0, conflicts=0, state="idle")
    assert found(site) == {}


def test_what_is_not_known_is_no_finding_by_itself() -> None:
    site = Site()
    site.share(kind="mount")
    assert found(site) == {}


def test_conflict_copies_are_named_as_the_doctor_names_them() -> None:
    site = Site()
    name = "users/ann.sync-conflict-20261122-175229-YGQLMNF"
    site.share(conflicts=2, examples=["users/bob: permission denied", name])
    conflicts = found(site)["sync-conflicts"]
    assert conflicts.text == "2 files were changed on two managers at once"
    assert conflicts.evidence == (f"/var/fx/{name}",)
    assert conflicts.rows == (RowRef("shares", "mgr1"),)


def test_a_peer_that_is_away_is_told_with_when_it_was_seen_and_what_it_has() -> None:
    site = Site()
    seen = site.clock.now() - 7_300.0
    site.share(peers=[peer("mgr2", connected=False, completion=0.9, last_seen=seen), peer("mgr3", connected=False)])
    away = found(site)["share-peers"]
    assert away.text.endswith("mgr2, mgr3")
    assert away.evidence == ("mgr2: last seen 2 h before, has 90% of the data", "mgr3: never seen")


def test_sharing_that_stopped_is_critical_and_says_why() -> None:
    site = Site()
    site.share(state="error", note="syncthing stopped sharing FastX: folder marker missing.")
    assert found(site).keys() == {"share-stopped"}
    stopped = found(site)["share-stopped"]
    assert stopped.severity is Severity.CRIT
    assert stopped.evidence == ("syncthing stopped sharing FastX: folder marker missing.",)


def test_sharing_that_is_paused_is_told() -> None:
    site = Site()
    site.share(state="paused")
    assert found(site).keys() == {"share-paused"}


def test_what_can_not_be_read_is_told_with_the_reason() -> None:
    site = Site()
    site.share(note="http://127.0.0.1:8384 didn't answer: Connection refused.")
    unread = found(site)["share-unread"]
    assert unread.evidence == ("http://127.0.0.1:8384 didn't answer: Connection refused.",)


def lacks(site: Site, *needs: int | None, every: float = 300.0) -> None:
    for need in needs:
        site.share(need_bytes=need)
        site.wait(every)


@pytest.mark.parametrize(
    ("needs", "stuck"),
    [
        ((500, 500, 500), True),
        ((500, 500, 700), True),
        ((500, 400, 300), False),
        ((500, 500, 0), False),
        ((500, None, 500), False),
        ((500, 500), False),
    ],
    ids=["still", "growing", "falling", "arrived", "unknown", "not-for-long"],
)
def test_data_that_does_not_arrive_is_told_after_a_while(needs: tuple[int | None, ...], stuck: bool) -> None:
    site = Site()
    lacks(site, *needs)
    assert ("share-behind" in found(site)) == stuck


def test_what_is_lacking_is_said_with_for_how_long() -> None:
    site = Site()
    lacks(site, 1, 1, 1)
    assert found(site)["share-behind"].text == "mgr1 lacks 1 byte of the shared data, and no fewer for 10 min"
