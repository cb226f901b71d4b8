"""Text from the bus is inert and bounded before anything is stored (protocol 1)."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fxtop.protocol import text
from fxtop.protocol.control import Audit, Reply
from fxtop.protocol.node import NodeFacts
from fxtop.protocol.session import SessionBody, SessionsPart
from fxtop.protocol.wire import Wire
from tests.unit.protocol.strategies import JSON, payloads

DANGEROUS = (
    [chr(code) for code in (*range(0x20), *range(0x7F, 0xA0))]
    + list("\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufff9")
    + list("\u00ad\u034f\u115f\u1160\u17b4\u180b\u180e\u2060\u3164\uffa0\ufff0\U0001bca0\U0001d173\U000e0100")
    + ["\ud800", "\udfff", "\U000e0041"]
)
FULL_OF_TEXT: list[type[Wire]] = [NodeFacts, SessionsPart, Audit, Reply]
CLINGING = list("\u0300\u0361\u200c\u200d\u20dd\ufe0f")
HOSTILE = st.text(st.sampled_from([*DANGEROUS, *CLINGING, '"']) | st.characters(), max_size=40)


def strings(value: Any) -> list[str]:
    """All text in plain JSON data, keys too."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [found for pair in value.items() for part in pair for found in strings(part)]
    return [found for part in value for found in strings(part)] if isinstance(value, list) else []


@pytest.mark.parametrize("char", DANGEROUS, ids=lambda char: f"U+{ord(char):04X}")
def test_each_dangerous_character_becomes_a_dot(char: str) -> None:
    assert text.inert(f"a{char}b") == "a·b"


@pytest.mark.parametrize(
    "plain", ["viz07.example.edu", "Müller", "日本語", "🖥", "e\u0301", "می\u200cخواهم", "[b]x[/b]"]
)
def test_text_of_any_language_stays_as_it_is(plain: str) -> None:
    assert text.inert(plain) == plain


@settings(deadline=None)
@given(HOSTILE, st.integers(1, 30))
def test_inert_text_is_within_its_bound_and_holds_nothing_dangerous(raw: str, bound: int) -> None:
    made = text.inert(raw, bound)
    assert len(made) <= bound
    assert not set(made) & set(DANGEROUS)
    assert made.encode().decode() == made
    assert text.inert(made, bound) == made


def test_only_so_many_marks_cling_to_a_letter() -> None:
    assert text.inert("e" + "\u0301" * 5 + "x") == "e\u0301\u0301···x"
    assert text.inert("a" + "\u200d" * 3) == "a\u200d\u200d·"


@pytest.mark.parametrize("mark", CLINGING, ids=lambda char: f"U+{ord(char):04X}")
def test_nothing_clings_to_what_stands_before_a_text(mark: str) -> None:
    assert text.inert(f"{mark}a") == "·a"


def test_an_emoji_of_several_stays_as_it_is() -> None:
    assert text.inert("👩\u200d💻 ❤\ufe0f") == "👩\u200d💻 ❤\ufe0f"


def test_cut_text_says_that_it_was_cut() -> None:
    assert text.inert("abcdef", 4) == "abc…"
    assert text.inert("abcd", 4) == "abcd"


def test_each_kind_of_text_has_its_own_bound() -> None:
    long = "x" * 5000
    body = SessionBody(id=long, node="n", user=long, state="running", command=long, params={long: long})  # type: ignore[arg-type]  # ids from the wire
    made = text.clean(body)
    assert (len(made.id), len(made.user), len(made.command or "")) == (128, 256, 1024)
    assert [(len(key), len(value)) for key, value in made.params.items()] == [(256, 1024)]


def test_what_is_clean_already_is_not_copied() -> None:
    body = SessionBody(id="s", node="n", user="ann", state="running", params={"a": "b"})  # type: ignore[arg-type]  # ids from the wire
    assert text.clean(body) is body


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_cleaned_message_is_of_its_type_and_inert_throughout(draws: st.DataObject) -> None:
    type_ = draws.draw(st.sampled_from(FULL_OF_TEXT))
    data = draws.draw(payloads(type_))
    made = text.clean(msgspec.json.decode(msgspec.json.encode(data), type=type_))
    assert isinstance(made, type_)
    found = strings(msgspec.to_builtins(made))
    assert not {char for value in found for char in value} & set(DANGEROUS)
    assert all(len(value) <= text.TEXT_BOUND for value in found)


@settings(deadline=None)
@given(JSON)
def test_data_of_any_shape_is_made_inert(data: Any) -> None:
    made = text.clean(data)
    assert not {char for value in strings(made) for char in value} & set(DANGEROUS)


def test_depth_is_bounded() -> None:
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    assert str(text.clean(deep)).count("[") == text.MAX_DEPTH


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(HOSTILE, HOSTILE | st.text("ab", min_size=120, max_size=140), max_size=4), st.booleans())
def test_suspicion_never_misses_what_cleaning_would_change(data: dict[str, str], escape: bool) -> None:
    data = {
        key.encode(errors="replace").decode(): value.encode(errors="replace").decode() for key, value in data.items()
    }
    payload = json.dumps(data, ensure_ascii=escape).encode()
    tight = {text.inert(key, text.ID_BOUND): text.inert(value, text.ID_BOUND) for key, value in data.items()}
    if tight != data:
        assert text.is_suspect(payload)


@pytest.mark.parametrize(("length", "suspect"), [(text.ID_BOUND, False), (text.ID_BOUND + 1, True)])
@pytest.mark.parametrize("before", [0, 1, 63, 64, 127, 128, 129, 500])
def test_suspicion_begins_right_above_the_tightest_bound(before: int, length: int, suspect: bool) -> None:
    payload = json.dumps(["a"] * before + ["x" * length] + ["b"]).encode()
    assert text.is_suspect(payload) is suspect


@pytest.mark.parametrize("payload", [b'{"a":"viz07.example.edu"}', '{"a":"Müller"}'.encode(), b"", b"{}"])
def test_ordinary_payloads_are_not_suspect(payload: bytes) -> None:
    assert not text.is_suspect(payload)


@pytest.mark.parametrize("payload", [b'"\\u202e"', b'"\x7f"', '"\x85"'.encode(), '"\u202e"'.encode(), b'"\xff"'])
def test_hidden_danger_is_suspect(payload: bytes) -> None:
    assert text.is_suspect(payload)
