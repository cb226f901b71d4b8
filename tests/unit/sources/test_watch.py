"""Which servers count as one island."""

from __future__ import annotations

from fxtop.cluster.records import Sighting
from fxtop.protocol.ids import ServerId
from fxtop.sources.watch import add_island


def sighting(name: str, via: str) -> Sighting:
    return Sighting(
        server=ServerId(name),
        name=name,
        host="",
        version="",
        cluster="",
        connections=0,
        total_connections=0,
        subscriptions=0,
        in_msgs=0,
        out_msgs=0,
        in_bytes=0,
        out_bytes=0,
        slow_consumers=0,
        jetstream=False,
        via=via,
    )


def grouped(found: dict[ServerId, Sighting]) -> dict[str, str]:
    return {name: seen.via for name, seen in found.items()}


def test_servers_that_only_a_visit_shows_are_an_island_of_their_own() -> None:
    found = {ServerId("a"): sighting("a", "A")}
    add_island(found, [sighting("b", "B"), sighting("c", "B")])
    assert grouped(found) == {"a": "A", "b": "B", "c": "B"}


def test_a_visit_that_shows_a_known_server_belongs_to_its_island() -> None:
    found = {ServerId("a"): sighting("a", "A")}
    add_island(found, [sighting("a", "B"), sighting("b", "B")])
    assert grouped(found) == {"a": "A", "b": "A"}


def test_the_second_visit_to_an_island_adds_nothing() -> None:
    found = {ServerId("a"): sighting("a", "A")}
    add_island(found, [sighting("b", "B"), sighting("c", "B")])
    add_island(found, [sighting("b", "C"), sighting("c", "C")])
    assert grouped(found) == {"a": "A", "b": "B", "c": "B"}
