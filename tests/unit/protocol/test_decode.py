"""Bytes become one message or one countable reason, and nothing else (protocol 1)."""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Any

import msgspec
import pytest

from fxtop.protocol import subjects, text
from fxtop.protocol.control import DrainArgs, PlanArgs, Request, TerminateArgs
from fxtop.protocol.decode import MAX_PAYLOAD, TYPES, Rejected, decode, decode_args, decode_reply
from fxtop.protocol.encode import TooLarge, encode
from fxtop.protocol.presence import Sync
from fxtop.protocol.session import SessionBody, SessionsPart
from tests.unit.protocol.examples import EXAMPLES, NODE, SESSION, example


def reason(subject: str, payload: bytes, cluster: str | None = None) -> str:
    with pytest.raises(Rejected) as caught:
        decode(subject, payload, cluster)
    assert caught.value.detail
    return caught.value.reason


def test_there_is_an_example_of_every_class() -> None:
    assert set(EXAMPLES) == set(TYPES)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_class_is_decoded_to_its_struct_and_back(kind: str) -> None:
    subject, payload = example(kind)
    decoded = decode(subject, payload, "fastx")
    assert (decoded.kind, decoded.ids) == (kind, EXAMPLES[kind][0])
    assert type(decoded.message) is TYPES[kind]
    assert decode(subject, encode(decoded.message)) == decoded


@pytest.mark.parametrize("kind", EXAMPLES)
def test_unknown_fields_are_ignored(kind: str) -> None:
    subject, payload = example(kind, later={"version": [1, 2, None]})
    assert decode(subject, payload) == decode(*example(kind))


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("version", [0, 2, "1", None, True, 1.5])
def test_another_version_is_rejected(kind: str, version: object) -> None:
    assert reason(*example(kind, v=version)) == "version"


@pytest.mark.parametrize("kind", EXAMPLES)
def test_each_required_field_is_missed(kind: str) -> None:
    data = EXAMPLES[kind][1]
    subject = example(kind)[0]
    for field in msgspec.structs.fields(TYPES[kind]):
        if field.required:
            rest = {key: value for key, value in data.items() if key != field.encode_name}
            assert reason(subject, json.dumps(rest).encode()) == "missing_field"


NOT_JSON = {
    "nothing": b"",
    "half an object": b'{"v":1',
    "words": b"nonsense",
    "a comment": b"{/* */}",
    "no UTF-8": b"\xff\xfe",
    "two objects": b'{"v":1}{"v":1}',
    "too deep": b'{"v":1,"later":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
}


@pytest.mark.parametrize("payload", NOT_JSON.values(), ids=NOT_JSON)
def test_what_is_not_json_is_rejected(payload: bytes) -> None:
    assert reason("fxtop.fastx.sync", payload) == "not_json"


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_payload_that_breaks_off_is_rejected(kind: str) -> None:
    subject, payload = example(kind)
    assert {reason(subject, payload[:length]) for length in range(len(payload))} == {"not_json"}


@pytest.mark.parametrize("payload", [b'{"v":1,"spread":1,"x":"\xff"}', b'{"v":1,"\xff":0}', b'{"v":1,"x":"\\ud800"}'])
def test_broken_text_is_rejected_even_in_a_field_nobody_reads(payload: bytes) -> None:
    assert reason("fxtop.fastx.sync", payload) == "not_json"


@pytest.mark.parametrize("payload", [b"[]", b"null", b"1", b'"x"'])
def test_json_that_is_no_object_is_of_the_wrong_type(payload: bytes) -> None:
    assert reason("fxtop.fastx.sync", payload) == "wrong_type"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("hb.node", {"cpu": "high"}),
        ("hb.node", {"cpu": None}),
        ("hb.node", {"cores": 1.5}),
        ("hb.node", {"cores": True}),
        ("hb.node", {"state": "asleep"}),
        ("hb.node", {"state": "Expected `int` >= 0 out of range"}),
        ("hb.node", {"load": [1, 2]}),
        ("hb.node", {"sessions": 3}),
        ("sessions", {"sessions": [1]}),
        ("facts.node", {"versions": {"fastx": 5}}),
        ("hb.license", {"pools": {}}),
        ("sync", {"classes": ["weather"]}),
    ],
)
def test_a_value_of_the_wrong_type_is_rejected(kind: str, changes: dict[str, Any]) -> None:
    assert reason(*example(kind, **changes)) == "wrong_type"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("hb.node", {"interval": 0.1}),
        ("hb.node", {"interval": 300.5}),
        ("hb.node", {"weight": -1}),
        ("hb.node", {"weight": 10.5}),
        ("hb.node", {"seq": -1}),
        ("hb.node", {"mem_total": 2**63}),
        ("hb.node", {"mem_total": 2**70}),
        ("session", {"params": {str(n): "" for n in range(33)}}),
        ("sessions", {"part": 0}),
        ("sessions", {"part": 3, "parts": 2}),
        ("sync", {"spread": 61}),
    ],
)
def test_a_value_out_of_range_is_rejected(kind: str, changes: dict[str, Any]) -> None:
    assert reason(*example(kind, **changes)) == "out_of_range"


@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"1" + b"0" * 400])
def test_a_number_that_is_not_finite_is_rejected(number: bytes) -> None:
    subject, payload = example("hb.node", cpu="here")
    assert reason(subject, payload.replace(b'"here"', number)) == "out_of_range"


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_words_for_numbers_that_are_not_finite_are_not_json(word: bytes) -> None:
    subject, payload = example("hb.node", cpu="here")
    assert reason(subject, payload.replace(b'"here"', word)) == "not_json"


def test_a_payload_over_the_limit_is_rejected_unread() -> None:
    subject, payload = example("sync")
    assert decode(subject, payload.ljust(MAX_PAYLOAD)).kind == "sync"
    assert reason(subject, payload.ljust(MAX_PAYLOAD + 1)) == "too_large"
    assert reason(subject, b"\xff" * (MAX_PAYLOAD + 1)) == "too_large"


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("hb.node", {"node": "other"}),
        ("facts.node", {"node": "viz07"}),
        ("session", {"id": "s-2"}),
        ("session", {"node": "other"}),
        ("sessions", {"node": "other", "sessions": []}),
        ("sessions", {"sessions": [{**SESSION, "node": "other"}]}),
        ("hb.transporter", {"server": "NB"}),
        ("hb.license", {"server": "5053@other"}),
        ("hb.store", {"manager": "mgr2"}),
        ("bye.node", {"id": "other"}),
        ("bye.store", {"id": "mgr2"}),
        ("job", {"request": "r2"}),
    ],
)
def test_a_payload_that_names_another_id_than_its_subject_is_rejected(kind: str, changes: dict[str, Any]) -> None:
    assert reason(*example(kind, **changes)) == "id_mismatch"


def test_another_cluster_and_a_foreign_subject_are_rejected() -> None:
    subject, payload = example("hb.node")
    assert reason(subject, payload, "other") == "subject"
    assert reason("MOL.HEARTBEAT", payload) == "subject"
    assert reason("fxtop.fastx.hb.node", payload) == "subject"


def test_text_and_ids_are_inert_and_bounded_when_they_come_out() -> None:
    node = "evil\x1b[2J" + "x" * 200
    data = EXAMPLES["hb.node"][1]
    drain = {**data["drain"], "by": "a\u202eb", "reason": "r" * 2000}
    payload = json.dumps({**data, "node": node, "drain": drain}).encode()
    subject = f"fxtop.fastx.hb.node.evil%1B%5B2J{'x' * 200}"
    decoded = decode(subject, payload)
    message: Any = decoded.message
    assert decoded.ids == (message.node,)
    assert message.node.startswith("evil·[2Jxxx")
    assert (len(message.node), message.drain.by, len(message.drain.reason)) == (128, "a·b", 1024)


@pytest.mark.parametrize("field", ["node", "boot", "leaving", "drain.by", "drain.reason"])
def test_a_text_of_a_heartbeat_that_is_too_long_is_cut_whichever_it_is(field: str) -> None:
    data: dict[str, Any] = {**EXAMPLES["hb.node"][1], "leaving": "", "drain": None}
    outer, _, inner = field.rpartition(".")
    if outer:
        data[outer] = {"by": "bj", "reason": "", "since": 1.0}
    (data[outer] if outer else data)[inner] = "x" * 2_000
    subject = subjects.build(subjects.DEFAULT_CLUSTER, "hb.node", data["node"])
    message = decode(subject, json.dumps(data).encode()).message
    cut = attrgetter(field)(message)
    assert cut.endswith("x…")
    assert len(cut) in {text.ID_BOUND, text.NAME_BOUND, text.TEXT_BOUND}


@pytest.mark.parametrize("kind", ["session", "sessions"])
@pytest.mark.parametrize(
    ("field", "bound"),
    [
        *((field, text.ID_BOUND) for field in ("id", "node")),
        *((field, text.NAME_BOUND) for field in ("user", "name", "geometry", "display", "app", "pending.job")),
        *((field, text.TEXT_BOUND) for field in ("command", "pending.reason", "params.a")),
    ],
)
def test_a_text_of_a_session_is_cut_where_it_is_one_too_long(kind: str, field: str, bound: int) -> None:
    session: dict[str, Any] = {**SESSION, "pending": {"scheduler": "slurm"}, "params": {}}
    outer, _, inner = field.rpartition(".")
    (session[outer] if outer else session)[inner] = "x" * (bound + 1)
    data: dict[str, Any] = {**EXAMPLES[kind][1], "node": session["node"]}
    data |= session if kind == "session" else {"sessions": [session]}
    ids = (session["node"], session["id"])[: len(EXAMPLES[kind][0])]
    payload = json.dumps(data).encode()
    told = msgspec.json.decode(payload, type=TYPES[kind])
    message = decode(subjects.build(subjects.DEFAULT_CLUSTER, kind, *ids), payload).message
    assert message == text.clean(told) != told


def test_free_data_of_an_audit_is_bounded_in_depth() -> None:
    deep: Any = 1
    for _ in range(50):
        deep = {"a": deep}
    message: Any = decode(*example("audit", args=deep)).message
    assert str(message.args).count("{") < 10


def test_the_detail_of_a_rejection_is_inert_and_bounded() -> None:
    with pytest.raises(Rejected) as caught:
        decode(*example("hb.node", state="\x1b[31m" + "x" * 5000))
    assert "\x1b" not in caught.value.detail
    assert len(caught.value.detail) <= 1024


def test_a_reply_is_decoded_and_inert() -> None:
    reply = decode_reply(b'{"v":1,"request":"r1","status":"refused","code":"stale","detail":"a\\u001bb","result":{}}')
    assert (reply.status, reply.code, reply.detail) == ("refused", "stale", "a·b")
    with pytest.raises(Rejected):
        decode_reply(b'{"v":1,"request":"r1","status":"maybe"}')


def request(args: bytes) -> Request:
    decoded = decode("fxtop.fastx.ctl.node.n.x", b'{"v":1,"reason":"fan","args":' + args + b"}")
    assert isinstance(decoded.message, Request)
    return decoded.message


def test_arguments_are_decoded_by_verb() -> None:
    assert decode_args("drain", request(b'{"then":"terminate","deadline":5}')) == DrainArgs(
        deadline=5.0, then="terminate"
    )
    assert decode_args("terminate", request(b'{"sessions":["a"]}')) == TerminateArgs(sessions=["a"])  # type: ignore[list-item]  # ids from the wire
    assert decode_args("plan", request(b'{"policy":"load"}')) == PlanArgs(policy="load")
    assert decode_args("drain", Request(v=1)) == DrainArgs()


def test_arguments_are_inert() -> None:
    assert decode_args("terminate", request(b'{"sessions":["a\\u001b"]}')) == TerminateArgs(sessions=["a·"])  # type: ignore[list-item]  # ids from the wire


@pytest.mark.parametrize(
    ("verb", "args", "why"),
    [
        ("reboot", b"{}", "verb"),
        ("terminate", b"{}", "missing_field"),
        ("terminate", b'{"sessions":[]}', "out_of_range"),
        ("terminate", b'{"sessions":["a"],"grace":601}', "out_of_range"),
        ("terminate", json.dumps({"sessions": ["a"] * 501}).encode(), "out_of_range"),
        ("drain", b'{"then":"explode"}', "wrong_type"),
        ("drain", b"5", "wrong_type"),
        ("weight", b'{"weight":11}', "out_of_range"),
        ("weight", b'{"weight":1e999}', "out_of_range"),
        ("message", b'{"text":""}', "out_of_range"),
        ("plan", b'{"policy":"luck"}', "wrong_type"),
        ("rebalance", b"{}", "missing_field"),
    ],
)
def test_wrong_arguments_are_rejected(verb: str, args: bytes, why: str) -> None:
    with pytest.raises(Rejected) as caught:
        decode_args(verb, request(args))
    assert caught.value.reason == why


def test_an_unknown_verb_is_named_inertly() -> None:
    with pytest.raises(Rejected) as caught:
        decode_args("re\x1bboot" + "x" * 500, Request(v=1))
    assert "\x1b" not in caught.value.detail
    assert len(caught.value.detail) < 200


def test_a_message_that_nobody_would_read_is_not_encoded() -> None:
    body = SessionBody(id="s", node=NODE, user="u", state="running", command="x" * 1000)  # type: ignore[arg-type]  # ids from the wire
    part = SessionsPart(v=1, ts=0.0, boot="b", seq=1, node=body.node, part=1, parts=1, sessions=[body] * 300)
    with pytest.raises(TooLarge, match="SessionsPart"):
        encode(part)


def test_what_is_encoded_is_small_and_plain() -> None:
    assert encode(Sync(v=1, classes=["node"])) == b'{"v":1,"classes":["node"],"spread":1.0}'
