"""Transporters: by the agent beside a server, and by the shared token alone."""

from __future__ import annotations

import pytest

from fxtop.cluster.findings import findings
from fxtop.cluster.records import Liveness
from fxtop.protocol.ids import NodeId, ServerId
from tests.unit.cluster.kit import Site, sighting

S1, S2, S3 = ServerId("S1"), ServerId("S2"), ServerId("S3")


def test_a_heartbeat_makes_a_row_and_tells_that_it_is_new() -> None:
    site = Site()
    site.transporter("S1", name="fx1")
    row = site.store.transporters[S1]
    assert (row.name, row.liveness, row.interval) == ("fx1", Liveness.LIVE, 5.0)
    assert site.told == ["Transporter fx1 appeared."]
    assert site.store.drain_dirty().transporters == {S1}


def test_rates_come_from_two_readings_by_the_time_of_receipt() -> None:
    site = Site()
    row_of = site.store.transporters
    site.transporter("S1", in_msgs=100, out_msgs=200, in_bytes=0, out_bytes=0)
    assert row_of[S1].in_rate is None
    site.wait(4.0)
    site.transporter("S1", in_msgs=140, out_msgs=280, in_bytes=400, out_bytes=600, ts=0.0)
    assert (row_of[S1].in_rate, row_of[S1].out_rate, row_of[S1].bytes_rate) == (10.0, 20.0, 250.0)
    msgs = row_of[S1].msgs
    assert msgs is not None
    assert msgs.values() == [30.0]


def test_rates_are_unknown_after_the_server_was_restarted_and_come_back() -> None:
    site = Site()
    for in_msgs in (1_000, 2_000, 5):
        site.transporter("S1", in_msgs=in_msgs)
        site.wait(5.0)
    assert site.store.transporters[S1].in_rate is None
    site.transporter("S1", in_msgs=55)
    assert site.store.transporters[S1].in_rate == 10.0


def test_an_answer_to_a_sync_is_no_reading() -> None:
    site = Site()
    site.transporter("S1", in_msgs=0)
    site.wait(5.0)
    sent = site.transporter("S1", in_msgs=50)
    site.wait(3.0)
    site.transporter("S1", in_msgs=50, seq=sent["seq"], synced=True)
    assert site.store.transporters[S1].in_rate == 10.0


def test_slow_consumers_count_from_when_the_console_started() -> None:
    site = Site()
    for slow in (7, 9, 1):
        site.transporter("S1", slow_consumers=slow)
    assert site.store.transporters[S1].slow_since_start == 3
    assert site.told[1:] == ["Transporter s1 cut off 2 slow consumers.", "Transporter s1 cut off 1 slow consumer."]


def test_a_server_is_seen_by_the_token_alone() -> None:
    site = Site()
    site.store.sight([sighting("S1", connections=9, in_msgs=100)], 10.0)
    site.wait(10.0)
    site.store.sight([sighting("S1", connections=9, in_msgs=200)], 10.0)
    row = site.store.transporters[S1]
    assert row.sighting is not None
    assert (row.beat, row.sighting.connections, row.in_rate) == (None, 9, 10.0)
    assert site.store.heard_anything()


def test_a_server_that_a_round_does_not_show_is_stale_and_lost_after_the_second() -> None:
    site = Site()
    site.store.sight([sighting("S1"), sighting("S2")], 10.0)
    seen = []
    for _ in range(2):
        site.wait(10.1)
        site.store.sight([sighting("S1")], 10.0)
        site.store.advance()
        seen.append((site.store.transporters[S1].liveness, site.store.transporters[S2].liveness))
    assert seen == [(Liveness.LIVE, Liveness.STALE), (Liveness.LIVE, Liveness.LOST)]


def test_a_server_that_is_shown_again_is_measured_by_the_rounds_again() -> None:
    site = Site()
    site.store.sight([sighting("S1"), sighting("S2")], 10.0)
    site.wait(10.1)
    site.store.sight([sighting("S1")], 10.0)
    site.wait(5.0)
    site.store.sight([sighting("S1"), sighting("S2")], 10.0)
    site.wait(15.0)
    assert site.store.transporters[S2].liveness is Liveness.LIVE


def test_the_agent_beside_a_server_is_believed_before_the_token_view() -> None:
    site = Site()
    for i in range(3):
        site.transporter("S1", in_msgs=1_000 * i)
        site.store.sight([sighting("S1", in_msgs=10 * i)], 5.0)
        site.wait(5.0)
    assert site.store.transporters[S1].in_rate == 200.0


def test_the_token_view_takes_over_when_the_agent_is_silent() -> None:
    site = Site()
    site.transporter("S1", in_msgs=1_000)
    for i in range(6):
        site.store.sight([sighting("S1", in_msgs=50 * i)], 5.0)
        site.wait(5.0)
    row = site.store.transporters[S1]
    assert (row.in_rate, row.liveness) == (10.0, Liveness.LIVE)


def test_names_from_the_token_view_are_made_inert() -> None:
    site = Site()
    site.store.sight([sighting("S1", name="fx\x1b[31m1")], 5.0)
    assert site.store.transporters[S1].name == "fx·[31m1"


def test_nodes_are_linked_by_their_own_facts() -> None:
    site = Site()
    site.facts("viz01", transporters=[{"server_id": "S1", "name": "fx1"}])
    site.transporter("S1")
    site.transporter("S2")
    assert site.store.transporters[S1].nodes == {NodeId("viz01")}
    site.facts("viz01", transporters=[{"server_id": "S2", "name": "fx2"}])
    assert not site.store.transporters[S1].nodes
    assert site.store.transporters[S2].nodes == {NodeId("viz01")}


def test_nodes_are_linked_by_the_names_of_clients() -> None:
    site = Site()
    site.facts("viz01")
    site.store.sight([sighting("S1", clients=("viz01.example.edu", "somebody")), sighting("S2")], 5.0)
    assert site.store.transporters[S1].nodes == {NodeId("viz01")}
    site.store.sight([sighting("S1"), sighting("S2", clients=("viz01",))], 5.0)
    assert not site.store.transporters[S1].nodes
    assert site.store.transporters[S2].nodes == {NodeId("viz01")}


def test_routes_make_one_island_even_if_only_one_side_tells() -> None:
    site = Site()
    site.transporter("S1", routes=("S2", "S3"))
    site.transporter("S2")
    site.transporter("S3")
    assert {row.island for row in site.store.transporters.values()} == {1}


def test_servers_without_a_path_are_islands_and_that_is_told_once() -> None:
    site = Site()
    site.transporter("S1", routes=("S2",))
    site.transporter("S2", routes=("S1",))
    site.transporter("S3")
    site.transporter("S3")
    rows = site.store.transporters
    assert (rows[S1].island, rows[S2].island, rows[S3].island) == (1, 1, 2)
    assert site.told.count("The transporters are 2 islands that don't see each other: s1, s2; s3.") == 1
    site.transporter("S3", routes=("S1",))
    assert rows[S3].island == 1
    assert site.said("The transporters all see each other again.")


def test_servers_seen_through_different_servers_only_are_islands() -> None:
    site = Site()
    one, two = "tls://one:4222", "tls://two:4222"
    site.store.sight([sighting("S1", one), sighting("S2", one), sighting("S3", two)], 5.0)
    rows = site.store.transporters
    assert (rows[S1].island, rows[S2].island, rows[S3].island) == (1, 1, 2)
    site.store.sight([sighting("S1", one), sighting("S2", one), sighting("S3", two), sighting("S1", two)], 5.0)
    assert {row.island for row in rows.values()} == {1}


def test_a_restarted_server_has_a_new_id_and_replaces_the_row_of_its_former_life() -> None:
    site = Site()
    site.transporter("OLD", name="fx1")
    site.wait(8.0)
    site.transporter("NEW", name="fx1")
    assert set(site.store.transporters) == {"OLD", "NEW"}
    for _ in range(10):
        site.wait(5.0)
        site.transporter("NEW", name="fx1")
    assert set(site.store.transporters) == {"NEW"}
    assert "OLD" in site.store.drain_dirty().transporters
    assert site.told == ["Transporter fx1 appeared.", "Transporter fx1 was started anew."]
    assert findings(site.store) == []


def test_a_server_that_comes_back_after_it_was_lost_replaces_its_former_life_at_once() -> None:
    site = Site()
    site.transporter("OLD", name="fx1")
    site.wait(60.0)
    site.transporter("NEW", name="fx1")
    assert set(site.store.transporters) == {"NEW"}


def test_the_goodbye_of_a_former_life_is_no_news() -> None:
    site = Site()
    site.transporter("OLD", name="fx1")
    site.wait(1.0)
    site.transporter("NEW", name="fx1")
    site.bye("transporter", "OLD")
    assert set(site.store.transporters) == {"NEW"}
    assert site.told == ["Transporter fx1 appeared.", "Transporter fx1 was started anew."]


def test_two_servers_of_one_name_are_not_taken_for_one_life_after_the_other() -> None:
    site = Site()
    site.transporter("S1", name="nats")
    site.transporter("S2", name="nats")
    for _ in range(10):
        site.wait(5.0)
        site.transporter("S2", name="nats")
    assert site.store.transporters[S1].liveness is Liveness.LOST


def test_a_lost_server_is_no_island() -> None:
    site = Site()
    site.transporter("S1", routes=("S2",))
    site.transporter("S2", routes=("S1",))
    for _ in range(6):
        site.wait(5.0)
        site.transporter("S1")
    rows = site.store.transporters
    assert (rows[S1].island, rows[S2].island) == (1, 0)
    assert not site.said("islands")


def test_a_server_whose_routes_nobody_can_see_is_on_no_island() -> None:
    site = Site()
    site.transporter("S1", routes=("S2",))
    site.transporter("S3", via="info")
    assert site.store.transporters[S3].island == 0
    site.transporter("S1", routes=("S2", "S3"))
    assert site.store.transporters[S3].island == 1


@pytest.mark.parametrize("interval", [1.0, 60.0])
def test_the_slower_of_two_sources_sets_the_measure_of_silence(interval: float) -> None:
    site = Site()
    site.transporter("S1", interval=5.0)
    site.store.sight([sighting("S1")], interval)
    assert site.store.transporters[S1].interval == max(5.0, interval)
