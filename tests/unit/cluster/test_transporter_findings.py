"""What is found in what agents tell of transporters."""

from __future__ import annotations

from typing import Any

import pytest

from fxtop.cluster.findings import findings
from fxtop.cluster.records import Finding, RowRef, TransporterRow
from fxtop.protocol.ids import ServerId
from fxtop.protocol.transporter import COUNTED
from tests.unit.cluster.kit import Site


def row_of(site: Site) -> TransporterRow:
    return site.store.transporters[ServerId("S1")]


def found(site: Site) -> dict[str, Finding]:
    return {each.kind: each for each in findings(site.store)}


@pytest.mark.parametrize(
    ("loaded", "changed", "unloaded"),
    [
        (1000.0, 4600.0, True),
        (1000.0, 1000.5, False),
        (1000.0, 900.0, False),
        (None, 4600.0, False),
        (1000.0, None, False),
    ],
    ids=["younger", "same", "older", "never-told", "no-file"],
)
def test_a_configuration_that_is_younger_than_its_being_read_is_told(
    loaded: float | None, changed: float | None, unloaded: bool
) -> None:
    site = Site()
    site.transporter(config_loaded=loaded, config_changed=changed)
    assert ("config-unloaded" in found(site)) == unloaded


def test_how_much_younger_it_is_stands_in_the_evidence() -> None:
    site = Site()
    site.transporter(config_loaded=1000.0, config_changed=8300.0)
    unloaded = found(site)["config-unloaded"]
    assert unloaded.evidence == ("s1: the file was changed 2 h after it was read",)
    assert unloaded.rows == (RowRef("transporters", "S1"),)


def test_a_configured_server_that_is_not_reached_is_told_once_for_its_routes() -> None:
    site = Site()
    site.transporter("S1", routes=("S2", "S2"), configured_routes=2)
    missing = found(site)["routes-missing"]
    assert missing.text == "transporter s1 reaches 1 of the 2 servers in its routes"


@pytest.mark.parametrize("over", [{"configured_routes": None}, {"configured_routes": 0}, {"unknown": ["routes"]}])
def test_without_a_word_on_routes_none_is_missed(over: dict[str, Any]) -> None:
    site = Site()
    site.transporter(**{"configured_routes": 2, **over})
    assert "routes-missing" not in found(site)


def test_islands_are_told_instead_of_each_route_that_is_missing() -> None:
    site = Site()
    site.transporter("S1", configured_routes=1)
    site.transporter("S2", configured_routes=1)
    site.store.advance()
    assert found(site).keys() == {"islands"}


def test_a_server_seen_in_another_way_begins_its_counting_anew() -> None:
    site = Site()
    site.transporter(in_msgs=1_000, slow_consumers=0)
    site.wait(5.0)
    site.transporter(in_msgs=2_000, slow_consumers=0)
    assert row_of(site).in_rate == pytest.approx(200.0)
    site.wait(5.0)
    site.transporter(in_msgs=50_000, slow_consumers=7, via="info")
    assert (row_of(site).in_rate, row_of(site).slow_since_start) == (None, 0)


def test_what_is_unknown_makes_no_rate_and_no_slow_consumer() -> None:
    site = Site()
    for count in (1_000, 2_000):
        site.transporter(in_msgs=count, slow_consumers=0, via="sys")
        site.wait(5.0)
    site.transporter(in_msgs=0, slow_consumers=9, via="sys", lame_duck=True, unknown=list(COUNTED))
    row = row_of(site)
    assert (row.in_rate, row.slow_since_start) == (None, 0)
    assert "lame-duck" in found(site)
