"""Metadata is shown without what looks like a secret."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fxtop.sources.moleculer.redact import MOST_ENTRIES, NOT_SHOWN, REDACTED, harmless


def test_plain_metadata_is_flat_text() -> None:
    data = {
        "role": "gpu",
        "site": {"room": "B12", "rack": 4},
        "tags": ["a", "b"],
        "prod": True,
        "weight": 1.5,
        "x": None,
    }
    assert harmless(data) == {
        "role": "gpu", "site.room": "B12", "site.rack": "4", "tags": "a, b", "prod": "yes", "weight": "1.5", "x": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["token", "busToken", "PASS", "password", "passphrase", "client_secret", "creds", "credentials", "key", "apiKey"],
)
@pytest.mark.parametrize("value", ["hush-hush", ["hush-hush"], {"a": {"b": "hush-hush"}}, 12345])
def test_what_stands_under_a_secret_name_is_redacted(name: str, value: object) -> None:
    for data in ({name: value}, {"nats": {name: value}}):
        shown = harmless(data)
        assert list(shown.values()) == [REDACTED]
        assert "hush" not in str(shown)


@pytest.mark.parametrize(
    "text",
    [
        "nats://user:hush-hush@mgr1:4222",
        "nats://hush-hush@mgr1:4222",
        "node broker.js --token=hush-hush",
        "password: hush-hush",
        '{"token":"hush-hush"}',
        "Bearer hush-hush",
        "eyJhbGciOiJIUzI1NiJ9.hush.hush",
        "seed SUAHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSHHUSH2",
        "$2a$11$hushhushhushhushhushhu",
        "-----BEGIN PRIVATE KEY-----\nhush\n",
    ],
)
def test_a_secret_in_an_innocent_text_is_redacted(text: str) -> None:
    for value in (text, [text]):
        shown = harmless({"note": value})["note"]
        assert REDACTED in shown
        assert "hush" not in shown.lower()


def test_the_rest_of_such_a_text_stays() -> None:
    assert harmless({"url": "nats://u:p@mgr1:4222"}) == {"url": f"nats://{REDACTED}@mgr1:4222"}


def test_text_is_inert_and_bounded_in_number_length_and_depth() -> None:
    shown = harmless({"a\x1b": "b\x1b[2J" + "x" * 1000, "n": 1 << 20_000, "d": {"d": {"d": {"d": {"d": {"d": 1}}}}}})
    assert shown["a·"].startswith("b·[2J")
    assert len(shown["a·"]) == 256
    assert shown["n"] == NOT_SHOWN
    assert list(shown) == ["a·", "n"]
    assert len(harmless({f"k{number}": number for number in range(1000)})) == MOST_ENTRIES


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), json_values))
def test_any_json_becomes_short_printable_text(data: dict[str, object]) -> None:
    for name, text in harmless(data).items():
        assert len(name) <= 256
        assert len(text) <= 256
        assert "\x1b" not in name + text
