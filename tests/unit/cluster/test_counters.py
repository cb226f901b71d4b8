"""Counters that go up until they are reset."""

from __future__ import annotations

from fxtop.cluster.counters import Growth, Meter


def test_what_was_there_at_the_first_reading_is_not_growth() -> None:
    growth = Growth()
    assert [growth.read(value) for value in (70, 70, 73)] == [0, 0, 3]
    assert growth.total == 3


def test_growth_survives_a_reset() -> None:
    growth = Growth()
    assert [growth.read(value) for value in (70, 75, 2, 4)] == [0, 5, 2, 2]
    assert growth.total == 9


def test_a_rate_needs_two_readings() -> None:
    meter = Meter()
    meter.read(100.0, (10, 1_000), least=0.0)
    assert meter.rates is None
    meter.read(105.0, (60, 2_000), least=0.0)
    assert meter.rates == (10.0, 200.0)


def test_a_reset_makes_the_rate_unknown_until_the_next_reading() -> None:
    meter = Meter()
    meter.read(0.0, (100, 100), least=0.0)
    meter.read(5.0, (200, 200), least=0.0)
    meter.read(10.0, (10, 300), least=0.0)
    assert meter.rates is None
    meter.read(15.0, (20, 310), least=0.0)
    assert meter.rates == (2.0, 2.0)


def test_readings_that_come_in_one_burst_give_no_wild_rate() -> None:
    meter = Meter()
    meter.read(0.0, (0,), least=2.5)
    meter.read(5.0, (50,), least=2.5)
    meter.read(5.001, (100,), least=2.5)
    assert meter.rates == (10.0,)
    meter.read(15.0, (150,), least=2.5)
    assert meter.rates == (10.0,)
