"""A signature proves subject, intent, person, time and payload, and nothing can be changed (protocol 4)."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl.signing import VerifyKey

from fxtop.protocol import signing
from fxtop.protocol.control import (
    HEADER_EXPIRES,
    HEADER_KEY,
    HEADER_OPERATOR,
    HEADER_REQUEST,
    HEADER_SIGNATURE,
)
from fxtop.protocol.ids import RequestId
from fxtop.protocol.signing import NkeySigner, SignatureRefused, key_bytes, new_seed, sign, verify

NOW = 1_763_822_000.0
SUBJECT = "fxtop.fastx.ctl.node.viz07.drain"
PAYLOAD = b'{"v":1,"reason":"fan","args":{}}'


@dataclass(frozen=True)
class Signed:
    """A request as it lies on the wire."""

    subject: str
    headers: dict[str, str]
    payload: bytes


def signed(expires: float = NOW + 30, operator: str = "Ann Müller") -> Signed:
    signer = NkeySigner(new_seed())
    headers = sign(
        signer, subject=SUBJECT, request=RequestId("0f" * 12), operator=operator, expires=expires, payload=PAYLOAD
    )
    return Signed(SUBJECT, headers, PAYLOAD)


def code(request: Signed, **headers: str) -> str:
    with pytest.raises(SignatureRefused) as caught:
        verify(request.subject, {**request.headers, **headers}, request.payload, NOW)
    assert caught.value.detail
    return caught.value.code


def test_a_signed_request_is_proved_to_be_its_keys() -> None:
    request = signed()
    assert verify(SUBJECT, request.headers, PAYLOAD, NOW) == request.headers[HEADER_KEY]


def test_the_signature_is_over_exactly_what_the_protocol_says() -> None:
    """Checked with nothing of ours: protocol 4 as another program would implement it."""
    request = signed()
    head = request.headers
    digest = hashlib.sha256(PAYLOAD).hexdigest()
    text = f"fxtop1\n{SUBJECT}\n{head[HEADER_REQUEST]}\n{head[HEADER_OPERATOR]}\n{head[HEADER_EXPIRES]}\n{digest}"
    raw_key = base64.b32decode(head[HEADER_KEY])[1:33]
    assert VerifyKey(raw_key).verify(text.encode(), base64.b64decode(head[HEADER_SIGNATURE]))


def test_another_programs_signature_is_accepted() -> None:
    signer = NkeySigner(new_seed())
    expires = "1763822010"  # without a fraction
    digest = hashlib.sha256(PAYLOAD).hexdigest()
    raw = signer.sign(f"fxtop1\n{SUBJECT}\nr1\nann\n{expires}\n{digest}".encode())
    headers = {
        HEADER_REQUEST: "r1",
        HEADER_OPERATOR: "ann",
        HEADER_KEY: signer.public_key,
        HEADER_EXPIRES: expires,
        HEADER_SIGNATURE: base64.b64encode(raw).decode(),
    }
    assert verify(SUBJECT, headers, PAYLOAD, NOW) == signer.public_key


@pytest.mark.parametrize("name", signing.REQUIRED)
def test_each_header_is_required(name: str) -> None:
    assert code(signed(), **{name: ""}) == "unsigned"
    request = signed()
    del request.headers[name]
    assert code(request) == "unsigned"


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_no_change_of_any_header_passes(data: st.DataObject) -> None:
    request = signed()
    name = data.draw(st.sampled_from(signing.REQUIRED))
    value = request.headers[name]
    at = data.draw(st.integers(0, len(value)))
    changed = data.draw(
        st.sampled_from([value[:at] + value[at + 1 :], value[:at] + data.draw(st.characters()) + value[at + 1 :]])
        | st.text(max_size=90)
    )
    if changed != value:
        assert code(request, **{name: changed})


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=60))
def test_no_other_payload_passes(payload: bytes) -> None:
    request = signed()
    if payload != PAYLOAD:
        assert code(Signed(SUBJECT, request.headers, payload)) == "signature"


@pytest.mark.parametrize(
    "subject",
    ["fxtop.fastx.ctl.node.viz08.drain", "fxtop.fastx.ctl.node.viz07.resume", "fxtop.other.ctl.node.viz07.drain", ""],
)
def test_it_cannot_be_moved_to_another_subject(subject: str) -> None:
    request = signed()
    assert code(Signed(subject, request.headers, PAYLOAD)) == "signature"


def test_another_listed_key_cannot_be_put_in_its_place() -> None:
    assert code(signed(), **{HEADER_KEY: NkeySigner(new_seed()).public_key}) == "signature"


def test_a_line_break_cannot_shift_the_parts() -> None:
    """``a`` and ``b\\nc`` must not be taken for ``a\\nb`` and ``c``."""
    signer = NkeySigner(new_seed())
    expires = f"{NOW + 5}"
    digest = hashlib.sha256(PAYLOAD).hexdigest()
    raw = signer.sign(f"fxtop1\n{SUBJECT}\nr1\nx\nann\n{expires}\n{digest}".encode())
    headers = {
        HEADER_KEY: signer.public_key,
        HEADER_EXPIRES: expires,
        HEADER_SIGNATURE: base64.b64encode(raw).decode(),
    }
    for request, operator in (("r1\nx", "ann"), ("r1", "x\nann")):
        whole = Signed(SUBJECT, {**headers, HEADER_REQUEST: request, HEADER_OPERATOR: operator}, PAYLOAD)
        assert code(whole) == "signature"


def test_a_second_spelling_of_the_same_signature_is_refused() -> None:
    request = signed()
    good = request.headers[HEADER_SIGNATURE]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    spare = alphabet[alphabet.index(good[85]) ^ 1]
    other = good[:85] + spare + "=="
    assert base64.b64decode(other) == base64.b64decode(good)
    assert code(request, **{HEADER_SIGNATURE: other}) == "signature"


@pytest.mark.parametrize(("expires", "why"), [(NOW, "expired"), (NOW - 0.01, "expired"), (NOW - 1e6, "expired")])
def test_an_expired_request_is_refused(expires: float, why: str) -> None:
    assert code(signed(expires)) == why


def test_the_furthest_expiry_is_300_s_ahead() -> None:
    request = signed(NOW + 300)
    assert verify(SUBJECT, request.headers, PAYLOAD, NOW)
    assert code(signed(NOW + 300.01)) == "skew"
    assert code(signed(NOW + 1e9)) == "skew"


@pytest.mark.parametrize("expires", ["nan", "NaN", "inf", "-inf", "Infinity", "1e999", "soon", "", "0x10", "\ud800"])
def test_an_expiry_that_is_no_finite_number_is_refused(expires: str) -> None:
    assert code(signed(), **{HEADER_EXPIRES: expires}) == "unsigned"


@pytest.mark.parametrize("value", ["\ud800", "a\x00b", "x" * 100_000], ids=["surrogate", "nul", "long"])
def test_hostile_headers_are_refused_like_any_other(value: str) -> None:
    for name in (HEADER_REQUEST, HEADER_OPERATOR, HEADER_KEY, HEADER_SIGNATURE):
        assert code(signed(), **{name: value}) == "signature"


@pytest.mark.parametrize("operator", [" ann", "ann ", "ann\nbob", "ann\r"])
def test_an_operator_that_no_header_can_carry_is_not_signed_for(operator: str) -> None:
    with pytest.raises(ValueError, match="what is to be signed"):
        signed(operator=operator)


def test_a_signer_never_shows_its_seed() -> None:
    seed = new_seed()
    signer = NkeySigner(seed)
    assert seed.decode() not in f"{signer!r} {signer!s} {vars(signer)}"
    assert signer.public_key in repr(signer)


def test_every_new_seed_is_another_operators() -> None:
    keys = {NkeySigner(new_seed()).public_key for _ in range(5)}
    assert len(keys) == 5
    assert all(len(key) == 56 and key.startswith("U") for key in keys)


@settings(deadline=None)
@given(st.text(max_size=60) | st.text("UABCDEFGHIJKLMNOPQRSTVWXYZ234567", min_size=55, max_size=56).map("U".__add__))
def test_what_is_no_public_key_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="public key"):
        key_bytes(text)


def test_a_public_key_gives_its_bytes_and_one_wrong_letter_does_not() -> None:
    key = NkeySigner(new_seed()).public_key
    assert len(key_bytes(key)) == 32
    wrong = key[:20] + ("A" if key[20] != "A" else "B") + key[21:]
    with pytest.raises(ValueError, match="public key"):
        key_bytes(wrong)


def test_a_seed_for_another_purpose_is_no_operators() -> None:
    server = base64.b32encode(bytes([13 << 3]) + bytes(34)).decode()
    with pytest.raises(ValueError, match="public key"):
        key_bytes(server)
