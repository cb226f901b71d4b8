"""What is measured on a machine that others slow down at times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from tests.bench import calm as module
from tests.bench.calm import Calm

OWN = 200.0
SLOW = 380.0


@pytest.fixture
def speeds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the loop takes, each time that it is looked at; at its own speed where nothing more is said."""
    taken: list[float] = []
    monkeypatch.setattr(module, "yardstick", lambda turns=0: taken.pop(0) if taken else OWN)
    monkeypatch.setattr(module, "PAUSE", 0.0)
    return taken


def numbers(values: Iterable[float]) -> Iterator[float]:
    yield from values


def test_without_patience_all_is_taken_as_it_comes(speeds: list[float]) -> None:
    calm, values = Calm(), numbers(range(9))
    speeds += [SLOW] * 9
    assert calm.kept("figure", 3, lambda: next(values)) == [0, 1, 2]
    assert (calm.aside, calm.filled) == (0, 0)


def test_what_was_measured_while_the_machine_was_slow_is_put_aside(speeds: list[float]) -> None:
    calm, values = Calm(patience=60), numbers(range(9))
    speeds += [OWN, OWN, OWN, SLOW, OWN, OWN]  # before and after each
    assert calm.kept("figure", 2, lambda: next(values)) == [0, 2]
    assert (calm.aside, calm.filled) == (1, 0)


def test_a_calm_moment_is_waited_for_before_anything_is_measured(speeds: list[float]) -> None:
    calm, values = Calm(patience=60), numbers(range(9))
    speeds += [SLOW, SLOW, OWN, OWN]
    assert calm.kept("figure", 1, lambda: next(values)) == [0]
    assert calm.comes()


def test_where_patience_ends_the_rest_is_measured_anyway_and_counted(speeds: list[float]) -> None:
    calm, values = Calm(patience=0.01), numbers(range(9))
    speeds += [SLOW] * 100_000
    assert calm.kept("figure", 2, lambda: next(values)) == [0, 1]
    assert (calm.aside, calm.filled) == (0, 2)


def test_the_best_that_was_seen_is_the_machines_own_speed(speeds: list[float]) -> None:
    speeds += [SLOW]
    calm = Calm(patience=60)
    speeds += [SLOW, OWN, SLOW]
    assert [calm.now() for _ in range(3)] == [True, True, False]


def test_what_came_of_it_is_told_on_standard_error(speeds: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    values = iter([(1.0, 5.0), (3.0, 6.0), (2.0, 7.0)])
    Calm().kept("a pair", 3, lambda: next(values))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "a pair: 2 / 6 (3 times)\n")
