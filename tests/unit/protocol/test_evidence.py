"""What a manager shows to a node comes from the bus, and is read as such."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.protocol.evidence import MAX_EVIDENCE, derived_id, unpack, with_way
from fxtop.protocol.ids import RequestId


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()))
def test_whatever_a_header_holds_it_is_read_or_refused(header: str) -> None:
    try:
        unpack(header)
    except ValueError as error:
        assert str(error).startswith("the evidence")


def test_a_header_that_is_too_long_is_not_read() -> None:
    with pytest.raises(ValueError, match="at most"):
        unpack("A" * (MAX_EVIDENCE + 1))


def test_a_deep_header_is_refused() -> None:
    with pytest.raises(ValueError, match="is no request"):
        unpack(base64.b64encode(b"[" * 5000).decode())


def test_without_evidence_there_is_nothing_to_lead_from() -> None:
    assert with_way("", ["x"]) == ""


def test_an_id_follows_from_request_verb_and_target() -> None:
    ids = {derived_id(RequestId(r), v, t) for r in ("a", "b") for v in ("weight", "requeue") for t in ("x", "y")}
    assert len(ids) == 8
    assert all(len(id_) == 24 for id_ in ids)
