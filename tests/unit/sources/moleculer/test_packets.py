"""What is understood of FastX's own bus, and what isn't even looked at."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.sources.moleculer.packets import Goodbye, Heartbeat, Info, Trouble, Unread, read
from tests.unit.sources.moleculer.kit import captured, info


def trouble(subject: str, payload: bytes) -> tuple[str, Trouble]:
    with pytest.raises(Unread) as caught:
        read(subject, payload)
    return caught.value.prefix, caught.value.trouble


def test_captured_heartbeats_and_goodbyes_are_read() -> None:
    beats = [read(*wire) for wire in captured("HEARTBEAT")]
    assert [beat.body for beat in beats if beat][:2] == [
        Heartbeat(ver="4", sender="fx-mgr", cpu=0.0),
        Heartbeat(ver="4", sender="fx-node1", cpu=0.0),
    ]
    assert {read(*wire) for wire in captured("DISCONNECT")} == {("MOL", "", Goodbye(ver="4", sender="fx-node1"))}


def test_a_captured_info_is_read_whoever_it_was_meant_for() -> None:
    packets = [read(*wire) for wire in captured("INFO")]
    assert [(packet.prefix, packet.target) for packet in packets if packet] == [
        ("MOL", "fx-node1"),
        ("MOL", ""),
        ("MOL", "fx-node2"),
        ("MOL", "fx-node2"),
    ]
    assert packets[3] is not None
    body = packets[3].body
    assert isinstance(body, Info)
    assert [service.full_name for service in body.services or ()] == ["$node", "v1.launcher"]
    assert (body.hostname, body.addresses, body.metadata) == ("vm", ["192.0.2.2"], {"role": "fx-node1"})
    assert body.client is not None
    assert (body.client.type, body.client.version, body.client.lang_version) == ("nodejs", "0.14.36", "v20.20.2")


@pytest.mark.parametrize("kind", ["EVENT", "REQ", "RES", "DISCOVER"])
def test_what_may_carry_users_data_is_not_even_looked_at(kind: str) -> None:
    assert [read(*wire) for wire in captured(kind)] == [None] * len(captured(kind))


@pytest.mark.parametrize(
    ("subject", "prefix", "target"),
    [
        ("MOL.INFO", "MOL", ""),
        ("MOL-fastx-broker.INFO", "MOL-fastx-broker", ""),
        ("MOL.INFO.viz07.example.edu", "MOL", "viz07.example.edu"),
    ],
)
def test_a_namespace_and_an_id_with_dots_are_taken_from_the_subject(subject: str, prefix: str, target: str) -> None:
    found = read(subject, info()[1])
    assert found is not None
    assert (found.prefix, found.target) == (prefix, target)


@pytest.mark.parametrize(
    "subject",
    [
        "fxtop.HEARTBEAT", "MOLE.INFO", "MOL-.INFO", "mol.INFO", "MOL.info", "MOL.HEARTBEAT.x", "MOL.DISCONNECT.x",
        "MOL", "", "MOL.PING.x", "MOL-a\x1b.HEARTBEAT", "MOL-" + "x" * 200 + ".HEARTBEAT",
    ],
)  # fmt: skip
def test_other_subjects_are_none_of_the_three_kinds(subject: str) -> None:
    assert read(subject, b'{"ver":"4","sender":"x"}') is None


@pytest.mark.parametrize("payload", [b"\x83\xa3ver\xa14", b"", b"[1]", b"\x00\x01", b'"text"', b" {}"])
def test_another_serializer_is_told_from_bad_json(payload: bytes) -> None:
    assert trouble("MOL-a.HEARTBEAT", payload) == ("MOL-a", Trouble.UNREADABLE)


@pytest.mark.parametrize(
    "payload",
    [
        b"{", b"{}", b'{"ver":"4"}', b'{"ver":4,"sender":"x"}', b'{"ver":"4","sender":7}', b'{"ver":"4","sender":""}',
        b'{"ver":"4","sender":"x","cpu":"high"}', b'{"ver":"4","sender":"x\\u001b[2J"}', b'{"ver":"4","sender":"\xff"}',
        json.dumps({"ver": "4", "sender": "x" * 129}).encode(),
    ],
)  # fmt: skip
def test_a_packet_that_is_not_as_the_protocol_says_is_malformed(payload: bytes) -> None:
    assert trouble("MOL.HEARTBEAT", payload) == ("MOL", Trouble.MALFORMED)


def test_json_that_is_nested_without_end_is_malformed() -> None:
    deep = b'{"ver":"4","sender":"x","metadata":' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001
    assert trouble("MOL.INFO", deep)[1] is Trouble.MALFORMED


def test_an_error_says_nothing_of_the_packet() -> None:
    with pytest.raises(Unread) as caught:
        read("MOL.INFO", b'{"token": "hush-hush"}')
    assert "hush" not in f"{caught.value!r} {caught.value}"
    assert caught.value.__suppress_context__


@given(st.sampled_from(["MOL.HEARTBEAT", "MOL-a.INFO", "MOL.INFO.x", "MOL.DISCONNECT"]) | st.text(), st.binary())
def test_whatever_comes_is_read_or_counted(subject: str, payload: bytes) -> None:
    try:
        read(subject, payload)
    except Unread as unread:
        assert unread.prefix.startswith("MOL")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(st.sampled_from(["services", "ipList", "hostname", "client", "metadata", "config"]), json_values)
)
def test_an_info_of_any_shape_is_read_or_malformed(fields: dict[str, object]) -> None:
    payload = json.dumps({"ver": "4", "sender": "x", **fields}).encode()
    try:
        assert read("MOL.INFO", payload) is not None
    except Unread as unread:
        assert unread.trouble is Trouble.MALFORMED
