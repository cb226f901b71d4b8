from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.agent.node_select import offer
from fxtop.agent.node_select.offer import BadInput, Offer, parse
from tests.unit.agent.node_select.kit import JWT, node, question

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


def parsed(**health: Any) -> Offer:
    return parse(question(node("viz01", **health))).offers[0]


def test_a_node_is_read_with_all_that_moleculer_tells_of_its_health() -> None:
    offered = parse(
        question(
            node(
                "viz01",
                3,
                cpu={"load1": 8.0, "cores": 16, "utilization": 50},
                mem={"free": 25_000, "total": 100_000, "percent": 25.0},
                os={"hostname": "viz01.example.edu"},
            )
        )
    ).offers[0]
    assert offered[:-1] == ("viz01", "viz01.example.edu", 3, 0.5, 25_000, 0.25)


def test_the_percentage_of_memory_is_what_is_free() -> None:
    assert parsed(mem={"percent": 80}).free_share == 0.8
    assert parsed(mem={"percent": 80, "total": 1000}).free == 800


def test_without_a_percentage_the_share_is_free_of_total() -> None:
    assert parsed(mem={"free": 250, "total": 1000}).free_share == 0.25


def test_without_a_load_average_the_utilization_stands_for_it() -> None:
    assert parsed(cpu={"utilization": 30}).load == 0.3
    assert parsed(cpu={"load1": 2.0, "cores": 0, "utilization": 30}).load == 0.3


def test_sessions_may_be_a_list_or_a_number() -> None:
    def counted(sessions: object) -> int | None:
        raw = json.dumps({"nodes": [{"id": "viz01", "nodeData": {"sessions": sessions}}]}).encode()
        return parse(raw).offers[0].sessions

    assert counted([{}, {}]) == 2
    assert counted(7) == 7
    assert counted("7") is None
    assert counted(None) is None


@pytest.mark.parametrize("figure", ["many", None, True, -1, float("nan"), float("inf"), 10**400, [], {}])
def test_a_figure_that_makes_no_sense_is_unknown(figure: object) -> None:
    offered = parsed(cpu={"load1": figure, "cores": 4, "utilization": figure}, mem={"free": figure, "percent": figure})
    assert (offered.load, offered.free, offered.free_share) == (None, None, None)


@pytest.mark.parametrize("data", [None, [], "x", 5, {"health": None}, {"health": {"cpu": [], "mem": 3, "os": "Linux"}}])
def test_a_node_that_tells_nothing_of_itself_is_offered_all_the_same(data: object) -> None:
    raw = json.dumps({"nodes": [{"id": "viz01", "nodeData": data}]}).encode()
    assert [each.id for each in parse(raw).offers] == ["viz01"]


def test_of_a_node_that_is_there_twice_the_first_counts() -> None:
    offers = parse(question(node("viz01", 1), "viz02", node("viz01", 9))).offers
    assert [(each.id, each.sessions) for each in offers] == [("viz01", 1), ("viz02", 0)]


def test_ids_of_all_scripts_are_ids() -> None:
    assert [each.id for each in parse(question("可視化01", "visualização", "viz 01")).offers] == [
        "可視化01",
        "visualização",
        "viz 01",
    ]


@pytest.mark.parametrize(
    "id_", ["", " viz", "viz ", "viz\nviz02", "viz\x1b[2J", "\ud800", "viz\u202e", 5, None, ["viz"]]
)
def test_an_id_that_could_not_be_read_back_from_one_line_is_no_id(id_: object) -> None:
    raw = json.dumps({"nodes": [{"id": id_}, {"id": "viz02"}]}).encode()
    assert [each.id for each in parse(raw).offers] == ["viz02"]


def test_params_are_dropped_with_the_token_in_them() -> None:
    assert JWT not in repr(parse(question("viz01")))


def test_params_are_kept_for_a_script_that_expects_them() -> None:
    assert parse(question("viz01"), keep_params=True).rest["params"]["jwt"] == JWT


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe\xff",
        b'"nodes"',
        b"[]",
        b"null",
        b'{"nodes": {"id": "viz01"}}',
        b'{"params": {}}',
        b"[" * 100_000,
        b'{"nodes": ' + b"[" * 100_000,
        b'{"nodes": [' + b"9" * 5000 + b"]}",
    ],
    ids=range(11),
)
def test_what_is_no_question_is_told_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(BadInput, match=r"^The input .*\.$"):
        parse(raw)


def test_a_mistake_in_the_input_is_told_without_quoting_it() -> None:
    with pytest.raises(BadInput) as caught:
        parse(b'{"params":{"jwt":"' + JWT.encode() + b'"},')
    assert JWT not in str(caught.value)
    assert caught.value.__suppress_context__


def test_input_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offer, "MOST_BYTES", 2**20)
    assert parse(question("viz01")).offers
    with pytest.raises(BadInput, match="over 1 MiB"):
        parse(question("viz01") + b" " * 2**20)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_a_sentence_and_no_other_error(raw: bytes) -> None:
    try:
        assert isinstance(parse(raw).offers, tuple)
    except BadInput as error:
        assert str(error).endswith(".")


@given(st.lists(JSON | st.fixed_dictionaries({"id": JSON, "nodeData": JSON}), max_size=5))
def test_whatever_nodes_are_made_of_only_ids_that_were_there_come_out(nodes: list[Any]) -> None:
    given_ids = {each["id"] for each in nodes if isinstance(each, dict) and isinstance(each.get("id"), str)}
    offers = parse(json.dumps({"nodes": nodes}).encode()).offers
    assert {each.id for each in offers} <= given_ids
    assert len({each.id for each in offers}) == len(offers)
