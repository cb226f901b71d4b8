"""Sightings from the answers of real servers, and from what is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from fxtop.bus.port import Answer
from fxtop.sources.servers import merge

SAMPLES = Path(__file__).parent / "samples"


def documents(name: str) -> list[dict[str, Any]]:
    """Captured answers of nats-server 2.15.1; the two captures are of different runs, so the ids are made to agree."""
    captured: list[dict[str, Any]] = json.loads((SAMPLES / f"{name}.json").read_text())
    for document in captured:
        document["server"]["id"] = f"ID-{document['server']['name']}"
    return captured


def answers(documents: list[dict[str, Any]]) -> list[Answer]:
    return [Answer(json.dumps(document).encode(), {}) for document in documents]


CONNZ = answers(documents("connz"))
STATZ = answers(documents("statz"))


def test_both_answers_of_a_server_make_one_sighting() -> None:
    first, second, third = merge(CONNZ, STATZ, via="tls://mgr1:4222")
    assert [first.name, second.name, third.name] == ["fxmgr1", "fxmgr2", "fxmgr3"]
    assert first.server == "ID-fxmgr1"
    assert first.clients == ("fxtop", "node-0", "node-3")
    assert (first.connections, first.total_connections, first.subscriptions) == (3, 3, 28)
    assert (first.in_msgs, first.in_bytes, first.out_msgs, first.out_bytes) == (1056, 12007, 1811, 28461)
    assert (first.version, first.cluster, first.jetstream, first.slow_consumers) == ("2.15.1", "fx", True, 0)
    assert first.via == "tls://mgr1:4222"


def test_a_server_without_counters_is_left_out_rather_than_shown_with_zeros() -> None:
    assert [sighting.name for sighting in merge(CONNZ, STATZ[:1], via="")] == ["fxmgr1"]


def test_a_server_without_a_list_of_clients_is_shown_without_them() -> None:
    (first, *_) = merge([], STATZ, via="")
    assert first.clients == ()
    assert first.connections == 3


def test_an_error_counts_as_no_answer() -> None:
    refused = {"server": documents("statz")[0]["server"], "error": {"code": 500, "description": "bad request"}}
    assert merge(answers([refused]), answers([refused]), via="") == []


def test_names_from_the_bus_are_inert_and_bounded() -> None:
    document = documents("statz")[0]
    document["server"]["name"] = "evil\x1b[2J" + "x" * 1000
    (sighting,) = merge([], answers([document]), via="")
    assert sighting.name.startswith("evil·[2J")
    assert len(sighting.name) == 256


def test_a_server_without_a_name_goes_by_its_id() -> None:
    document = documents("statz")[0]
    del document["server"]["name"]
    assert merge([], answers([document]), via="")[0].name == "ID-fxmgr1"


@given(st.lists(st.binary()), st.lists(st.binary()))
def test_whatever_comes_is_no_error(connz: list[bytes], statz: list[bytes]) -> None:
    found = merge([Answer(raw, {}) for raw in connz], [*STATZ, *(Answer(raw, {}) for raw in statz)], via="")
    assert len(found) == 3


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@given(json_values)
def test_json_of_another_shape_is_no_error(value: object) -> None:
    raw = json.dumps({"server": value, "data": value}).encode()
    assert merge([Answer(raw, {})], [Answer(raw, {})], via="") == []
