"""What is counted of the messages that come in, and that nothing of it grows without bound."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fxtop.cluster.intake import REJECTED_KEPT
from tests.unit.cluster.kit import Site


@pytest.mark.parametrize(
    ("subject", "payload", "reason", "kind"),
    [
        ("fxtop.fastx.hb.node.viz01", b"\xff\x00", "not_json", "hb.node"),
        ("fxtop.fastx.hb.node.viz01", b"{}", "missing_field", "hb.node"),
        ("fxtop.fastx.hb.node.viz01", b"[1]", "wrong_type", "hb.node"),
        ("fxtop.fastx.sessions.viz01", b"x" * (256 * 1024 + 1), "too_large", "sessions"),
        ("fxtop.other.hb.node.viz01", b"{}", "subject", "hb.node"),
        ("fxtop.fastx.nonsense", b"{}", "subject", "other"),
        ("MOL.INFO", b"{}", "subject", "other"),
    ],
)
def test_rejected_messages_are_counted_by_reason_and_class(
    subject: str, payload: bytes, reason: str, kind: str
) -> None:
    site = Site()
    site.raw(subject, payload)
    assert site.store.intake.rejected == {(reason, kind): 1}
    assert site.store.intake.rejected_total == 1
    assert site.store.intake.accepted == 0
    assert not site.store.heard_anything()
    assert not site.store.drain_dirty()


def test_the_last_rejected_messages_are_kept_inert() -> None:
    site = Site()
    site.raw("fxtop.\x1b[2J", b"{}")
    (last,) = site.store.intake.last_rejected
    assert last.subject == "fxtop.·[2J"
    assert (last.reason, last.wall) == ("subject", site.clock.now())


def test_a_flood_of_garbage_keeps_a_fixed_number_of_it() -> None:
    site = Site()
    for i in range(10 * REJECTED_KEPT):
        site.raw(f"garbage.{i}", b"")
    assert len(site.store.intake.last_rejected) == REJECTED_KEPT
    assert len(site.store.intake.rejected) == 1
    assert site.store.intake.rejected_total == 10 * REJECTED_KEPT


def test_losses_name_the_senders_that_lost_most() -> None:
    site = Site()
    for seq in (1, 3):
        site.beat("viz01", seq=seq)
    for seq in (1, 9, 9):
        site.beat("viz02", seq=seq)
    site.beat("viz03", seq=1)
    assert [(loss.sender, loss.kind, loss.lost, loss.old) for loss in site.store.intake.losses()] == [
        ("viz02", "hb.node", 7, 1),
        ("viz01", "hb.node", 1, 0),
    ]


def test_requests_and_syncs_of_others_are_none_of_the_stores_business() -> None:
    site = Site()
    site.send("sync", (), {})
    assert site.store.intake.rejected_total == 0
    assert not site.store.heard_anything()


@pytest.mark.parametrize("kind", ["nodes", "sessions", "transporters", "licenses", "shares"])
def test_rows_beyond_the_bound_are_refused_and_counted(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.nodes.MAX_NODES", 2)
    monkeypatch.setattr("fxtop.cluster.sessions.MAX_SESSIONS", 2)
    monkeypatch.setattr("fxtop.cluster.transporters.MAX_TRANSPORTERS", 2)
    monkeypatch.setattr("fxtop.cluster.licenses.MAX_LICENSES", 2)
    monkeypatch.setattr("fxtop.cluster.shares.MAX_SHARES", 2)
    site = Site()
    feeds: dict[str, Callable[[int], object]] = {
        "nodes": lambda i: site.beat(f"viz{i}"),
        "sessions": lambda i: site.session("viz01", f"s{i}"),
        "transporters": lambda i: site.transporter(f"S{i}"),
        "licenses": lambda i: site.license(server=f"{i}@lic"),
        "shares": lambda i: site.share(f"mgr{i}"),
    }
    for i in range(5):
        feeds[kind](i)
    assert len(getattr(site.store, kind)) == 2
    assert {reason: count for (reason, _), count in site.store.intake.rejected.items()} == {"full": 3}


def test_a_known_row_is_still_heard_when_there_is_no_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fxtop.cluster.nodes.MAX_NODES", 1)
    site = Site()
    site.beat("viz01", cpu=0.1)
    site.beat("viz02")
    site.beat("viz01", cpu=0.2)
    (row,) = site.store.nodes.values()
    assert row.beat is not None
    assert row.beat.cpu == 0.2
