"""A node that FastX's own bus tells of: what is filled in, and that it is always marked as unofficial."""

from __future__ import annotations

from typing import Any

import pytest

from fxtop.cluster.records import Liveness, NodeRow
from fxtop.cluster.voices import UNOFFICIALLY, Overheard, Voice, VoiceKey
from fxtop.protocol.ids import NodeId
from fxtop.views.column import Look
from fxtop.views.details_node import node_sections
from fxtop.views.filter import parse
from fxtop.views.overheard import overheard_lines
from fxtop.views.panes import NODES
from fxtop.views.states import node_status
from tests.unit.views import make


def voice(broker: str = "fx-a", **over: Any) -> Voice:
    fields: dict[str, Any] = {
        "protocol": "4", "heard": make.MONOTONIC - 3, "interval": 10.0, "cpu": 0.37, "cpu_at": make.MONOTONIC - 3,
        "hostname": "viz07.example.edu", "addresses": ("10.0.0.7",), "services": ("launcher", "v1.user"),
        "versions": {"moleculer": "0.14.36"}, "metadata": {"room": "B12"}, **over,
    }  # fmt: skip
    return Voice(key=VoiceKey("MOL-prod", broker), **fields)


def overheard(*voices: Voice, liveness: Liveness = Liveness.LIVE) -> NodeRow:
    """A node that no agent speaks of."""
    told = Overheard.of(voices or (voice(),))
    return NodeRow(id=NodeId("fx-a"), heard=make.MONOTONIC - 3, liveness=liveness, unofficial=told)


def cells(row: NodeRow, look: Look = make.LOOK) -> dict[str, str]:
    store = make.store(row)
    return {column.id: column.cell(row, store, look).text.strip() for column in NODES.columns}


def test_what_is_known_fills_the_columns_and_the_rest_is_unknown() -> None:
    shown = cells(overheard())
    assert shown["state"] == "◌ heard"
    assert shown["cpu"].startswith("37%")
    assert (shown["services"], shown["host"], shown["unofficial"]) == ("launcher v1.user", "viz07.example.edu", "fx-a")
    assert {shown[unknown] for unknown in ("sessions", "mem", "load1", "weight", "version", "skew")} == {"–"}
    assert shown["age"] == "3s"


def test_the_mark_needs_neither_colour_nor_unicode() -> None:
    assert cells(overheard(), make.ASCII)["state"] == "u heard"


@pytest.mark.parametrize(
    ("liveness", "word"), [(Liveness.STALE, "stale"), (Liveness.LOST, "lost"), (Liveness.LEFT, "left")]
)
def test_its_silence_is_what_matters_where_it_is_silent(liveness: Liveness, word: str) -> None:
    assert node_status(overheard(liveness=liveness)).word == word


def test_what_only_an_info_tells_is_unknown_before_one_was_heard() -> None:
    bare = voice(hostname="", addresses=(), services=(), versions={}, metadata={}, cpu=None, cpu_at=None)
    shown = cells(overheard(bare))
    assert (shown["services"], shown["host"], shown["cpu"]) == ("–", "–", "–")


def test_where_an_agent_tells_its_word_is_shown() -> None:
    row = make.node("viz01", cpu=0.9)
    row.unofficial = Overheard.of([voice()])
    shown = cells(row)
    assert shown["state"].endswith("active")
    assert shown["cpu"].startswith("90%")
    assert shown["unofficial"] == "fx-a"
    assert "v1.user" not in shown["services"]


def test_a_node_that_is_not_overheard_has_no_name_there() -> None:
    assert cells(make.node())["unofficial"] == ""


@pytest.mark.parametrize(
    "text", ["state=heard", "unofficial:fx-a", "services=launcher", "host:viz07", "cpu>30%", "fx-a", "viz07"]
)
def test_a_filter_finds_it(text: str) -> None:
    row, other = overheard(), make.node("other", cpu=0.1)
    store = make.store(row, other)
    filter_ = parse(text, NODES.columns, NODES.search_text)
    if "services" not in text:
        assert not filter_.matches(other, store, make.LOOK)
    assert filter_.matches(row, store, make.LOOK)


def test_the_details_say_first_that_it_is_unofficial() -> None:
    left = voice("fx-old", left=True, heard=make.MONOTONIC - 90)
    lines = list(overheard_lines(Overheard.of([left, voice()]), make.LOOK))
    assert (lines[0].label, lines[0].cell.text) == ("Source", UNOFFICIALLY)
    told = {line.label: line.cell.text for line in reversed(lines)}
    assert told["Known there as"] == "fx-a under MOL-prod, protocol 4: live, 3 seconds ago, every 10 seconds"
    assert "fx-old under MOL-prod, protocol 4: left, 1 minute 30 seconds ago, every 10 seconds" in [
        line.cell.text for line in lines
    ]
    assert (told["CPU in use there"], told["Addresses"], told["Services there"]) == (
        "37%",
        "10.0.0.7",
        "launcher, v1.user",
    )
    assert (told["Version of moleculer"], told["room"]) == ("0.14.36", "B12")


def test_the_details_of_a_node_have_a_part_of_their_own_for_it() -> None:
    def parts(row: NodeRow) -> list[str]:
        return [part.title for part in node_sections(row, make.store(row), make.LOOK)]

    assert parts(overheard()) == ["State", "FastX's own bus"]
    assert "FastX's own bus" not in parts(make.node())


def test_details_that_nobody_told_are_unknown() -> None:
    bare = voice(hostname="", addresses=(), services=(), versions={}, metadata={}, cpu=None, cpu_at=None)
    told = {line.label: line.cell.text for line in overheard_lines(Overheard.of([bare]), make.LOOK)}
    for label in ("CPU in use there", "Addresses", "Services there", "Host's own name"):
        assert told[label] == "unknown"
