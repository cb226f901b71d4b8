"""No bytes on any subject do more than be decoded or be rejected for a known reason."""

from __future__ import annotations

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.protocol import subjects, text
from fxtop.protocol.control import ARGS, Request
from fxtop.protocol.decode import TYPES, Rejected, decode, decode_args, decode_reply
from fxtop.protocol.signing import SignatureRefused, verify
from tests.unit.protocol.examples import EXAMPLES, example
from tests.unit.protocol.strategies import JSON, mutations

REASONS = {
    "subject",
    "too_large",
    "not_json",
    "version",
    "missing_field",
    "wrong_type",
    "out_of_range",
    "id_mismatch",
    "verb",
}
KINDS = st.sampled_from(sorted(TYPES))
BYTES = st.binary(max_size=300) | JSON.map(lambda data: json.dumps(data).encode())


def check(subject: str, payload: bytes) -> None:
    """What is decoded is of its class and inert; what is rejected has a known reason and an inert detail."""
    try:
        decoded = decode(subject, payload)
    except Rejected as rejected:
        assert rejected.reason in REASONS
        assert text.inert(rejected.detail) == rejected.detail
    else:
        assert type(decoded.message) is TYPES[decoded.kind]
        assert text.clean(decoded.message) is decoded.message


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=80) | KINDS.map(lambda kind: example(kind)[0]), BYTES)
def test_any_bytes_on_any_subject(subject: str, payload: bytes) -> None:
    check(subject, payload)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_valid_payloads_with_one_value_changed(data: st.DataObject) -> None:
    kind = data.draw(KINDS)
    ids, message = EXAMPLES[kind]
    changed = data.draw(mutations(message))
    check(subjects.build(subjects.DEFAULT_CLUSTER, kind, *ids), json.dumps(changed).encode())


@settings(deadline=None, max_examples=300)
@given(KINDS, st.integers(0, 10_000), st.binary(max_size=4), st.integers(0, 6))
def test_valid_payloads_with_some_bytes_changed(kind: str, at: int, put: bytes, cut: int) -> None:
    subject, payload = example(kind)
    at %= len(payload)
    check(subject, payload[:at] + put + payload[at + cut :])


@settings(deadline=None)
@given(BYTES)
def test_any_bytes_as_a_reply(payload: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        decode_reply(payload)
    assert caught.value.reason in REASONS


@settings(deadline=None)
@given(st.sampled_from(sorted(ARGS)) | st.text(max_size=10), BYTES)
def test_any_bytes_as_the_arguments_of_a_verb(verb: str, args: bytes) -> None:
    try:
        decode_args(verb, Request(v=1, args=msgspec.Raw(args)))
    except Rejected as rejected:
        assert rejected.reason in REASONS


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["Fxtop-Request", "Fxtop-Operator", "Fxtop-Key", "Fxtop-Expires", "Fxtop-Signature", "X"]),
        st.text(max_size=60) | st.just("1763822010"),
    ),
    st.binary(max_size=20),
)
def test_any_headers_of_a_request(headers: dict[str, str], payload: bytes) -> None:
    with pytest.raises(SignatureRefused):
        verify("fxtop.fastx.ctl.node.n.drain", headers, payload, 1_763_822_000.0)
