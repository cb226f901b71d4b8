"""The schema says what the decoder does, both ways."""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from fxtop.protocol import schema, signing
from fxtop.protocol.control import ARGS, CONSENT_VERBS, MANAGER_VERBS, NODE_VERBS, RebalancePlan, Reply, Request
from fxtop.protocol.decode import TYPES, Rejected, decode_args, decode_as
from fxtop.protocol.history import History, HistoryAsk
from fxtop.protocol.ids import RequestId
from fxtop.protocol.wire import Wire
from tests.unit.protocol.strategies import mutations, payloads

MESSAGES: dict[str, type[Wire]] = {
    **{kind: type_ for kind, type_ in TYPES.items() if type_ is not Request},
    schema.REPLY: Reply,
    schema.RESULT_OF_PLAN: RebalancePlan,
    schema.HISTORY: HistoryAsk,
    schema.RESULT_OF_HISTORY: History,
}
REQUESTS = {
    **{f"ctl.node.{verb}": verb for verb in (*NODE_VERBS, *CONSENT_VERBS)},
    **{f"ctl.manager.{verb}": verb for verb in MANAGER_VERBS},
}


@cache
def validator(name: str) -> Any:
    return Draft202012Validator(schema.message_schema(name))


def decodes(name: str, data: Any) -> bool:
    payload = msgspec.json.encode(data)
    try:
        if name in MESSAGES:
            decode_as(msgspec.json.Decoder(MESSAGES[name]), payload)
        else:
            decode_args(REQUESTS[name], decode_as(msgspec.json.Decoder(Request), payload))
    except Rejected:
        return False
    return True


def valid(name: str) -> st.SearchStrategy[Any]:
    if name in MESSAGES:
        return payloads(MESSAGES[name])
    args = payloads(ARGS[REQUESTS[name]])
    return st.builds(lambda request, inner: {**request, "args": inner}, payloads(Request), args)


def test_the_document_is_a_schema_and_covers_every_message() -> None:
    document: Any = schema.schemas()
    Draft202012Validator.check_schema(document)
    assert set(document["properties"]) == {*MESSAGES, *REQUESTS, schema.HEADERS}


def test_a_payload_can_be_checked_by_its_class_with_the_whole_document() -> None:
    whole = Draft202012Validator(schema.schemas())
    assert whole.is_valid({"sync": {"v": 1}})
    assert not whole.is_valid({"sync": {"v": 2}})
    assert not whole.is_valid({"sinc": {"v": 1}})


@settings(deadline=None, max_examples=250)
@given(st.data())
def test_what_is_valid_passes_both_and_what_is_changed_passes_both_or_neither(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from([*MESSAGES, *REQUESTS]))
    message = data.draw(valid(name))
    assert validator(name).is_valid(message)
    assert decodes(name, message)
    changed = data.draw(mutations(message))
    assert validator(name).is_valid(changed) == decodes(name, changed)


@pytest.mark.parametrize("name", [*MESSAGES, *REQUESTS])
def test_each_required_field_is_missed_by_both(name: str) -> None:
    type_ = MESSAGES.get(name, Request)
    required = [field.encode_name for field in msgspec.structs.fields(type_) if field.required]
    assert required
    assert not validator(name).is_valid({})
    assert not decodes(name, {})
    assert schema.schemas()["$defs"][type_.__name__]["required"] == required  # type: ignore[index]  # JSON is untyped


def test_the_headers_of_a_signed_request_fit_and_each_is_required() -> None:
    signer = signing.NkeySigner(signing.new_seed())
    headers = signing.sign(
        signer, subject="fxtop.c.ctl.node.n.drain", request=RequestId("r1"), operator="Ann", expires=12.5, payload=b"{}"
    )
    assert validator(schema.HEADERS).is_valid(headers)
    for name in headers:
        assert not validator(schema.HEADERS).is_valid({**headers, name: ""})
        assert not validator(schema.HEADERS).is_valid({k: v for k, v in headers.items() if k != name})


def test_rules_that_a_schema_cannot_hold_are_named_in_the_document() -> None:
    comment = schema.schemas()["$comment"]
    assert isinstance(comment, str)
    assert all(rule in comment for rule in schema.BEYOND_SCHEMA)


def test_a_request_without_arguments_may_leave_them_out_and_only_that_one() -> None:
    bare = {"v": 1}
    assert {name for name in REQUESTS if validator(name).is_valid(bare)} == {
        "ctl.node.ping",
        "ctl.node.drain",
        "ctl.node.resume",
    }
    assert all(validator(name).is_valid(bare) == decodes(name, bare) for name in REQUESTS)
