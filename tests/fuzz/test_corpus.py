"""Nasty cases that are kept: each is read, or refused in the reader's own words, and so is what is like them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz import readers
from tests.fuzz.readers import READERS

CORPUS: Final = Path(__file__).parent / "corpus"
CASES: Final = sorted(path.relative_to(CORPUS).as_posix() for path in CORPUS.glob("*/*"))
EXAMPLES: Final = int(os.environ.get("FXTOP_FUZZ_EXAMPLES", "40"))
"""Examples of each reader; thousands are worth a night."""
LONGEST: Final = 4_000
"""Bytes of a case that is bent; longer ones are read as they are."""
PUT_IN: Final = (b"\x00", b"\x1b", b"\x7f", b"\x85", b"\xff", b"\xed\xa0\x80", b"\xe2\x80\xae", b'"', b"'", b"\\", b"{")
ALSO: Final = (
    b"}",
    b"[",
    b"]",
    b"(",
    b":",
    b"=",
    b"#",
    b"\n",
    b"\r",
    b" ",
    b"9" * 400,
    b"1e999",
    b"-",
    b"%",
    b"$",
    b"null",
)


@pytest.mark.parametrize("case", CASES)
def test_a_case_of_the_corpus_is_read_or_refused(case: str, tmp_path: Path) -> None:
    reader, _ = case.split("/")
    raw = (CORPUS / case).read_bytes()
    if reader == "journal":
        readers.journal(raw, tmp_path)
    else:
        READERS[reader](raw)


def test_every_reader_has_cases() -> None:
    assert {case.split("/")[0] for case in CASES} == {*READERS, "journal"}


@st.composite
def bent(draw: st.DrawFn, cases: list[bytes]) -> bytes:
    """A case with parts cut out, doubled, put elsewhere, or taken from another one."""
    raw = draw(st.sampled_from(cases))
    for _ in range(draw(st.integers(1, 4))):
        at, until = sorted((draw(st.integers(0, len(raw))), draw(st.integers(0, len(raw)))))
        match draw(st.sampled_from(["cut", "double", "put", "other"])):
            case "cut":
                raw = raw[:at] + raw[until:]
            case "double":
                raw = raw[:until] + raw[at:]
            case "put":
                raw = raw[:at] + draw(st.sampled_from(PUT_IN + ALSO)) + raw[at:]
            case _:
                raw = raw[:at] + draw(st.sampled_from(cases))[at:until] + raw[at:]
    return raw[: 2 * LONGEST]


@pytest.mark.parametrize("reader", sorted(READERS))
def test_what_is_like_a_case_is_read_or_refused(reader: str) -> None:
    contents = [path.read_bytes() for path in sorted((CORPUS / reader).iterdir())]

    @settings(deadline=None, max_examples=EXAMPLES, derandomize="FXTOP_FUZZ_EXAMPLES" not in os.environ)
    @given(bent([raw for raw in contents if len(raw) <= LONGEST]))
    def read(raw: bytes) -> None:
        READERS[reader](raw)

    read()
