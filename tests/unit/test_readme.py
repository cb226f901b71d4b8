"""README says what is so."""

from __future__ import annotations

import re

from tests.readme import README, keys_table, with_table


def test_the_table_of_keys_is_the_one_that_the_console_has() -> None:
    text = README.read_text()
    assert keys_table() in text
    assert with_table(text) == text


def test_every_picture_is_there() -> None:
    pictures = re.findall(r"\]\((screenshots/[^)]+)\)", README.read_text())
    assert pictures
    assert [name for name in pictures if not (README.parent / name).is_file()] == []
