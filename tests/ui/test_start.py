"""What the first screen takes, by count: what isn't done for it can't slow it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from textual.css.stylesheet import Stylesheet

from tests.ui.consolekit import Harness

MOST_WIDGETS = 34
"""There are 28."""
MOST_APPLIED = 100
"""Applications of the style sheets to a widget; there are 87."""


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the style sheets were read anew, and applied to a widget."""
    counts: Counter[str] = Counter()
    for name in ("reparse", "apply"):
        _count(monkeypatch, name, counts)
    return counts


def _count(monkeypatch: pytest.MonkeyPatch, name: str, counts: Counter[str]) -> None:
    original = getattr(Stylesheet, name)

    def counting(*args: object, **options: object) -> object:
        counts[name] += 1
        return original(*args, **options)

    monkeypatch.setattr(Stylesheet, name, counting)


async def test_style_sheets_are_read_once_for_the_first_screen_and_again_for_another_theme(
    tmp_path: Path, counted: Counter[str]
) -> None:
    harness = Harness(tmp_path)
    async with harness.app.run_test(size=(120, 40)) as pilot:
        assert counted["reparse"] == 0
        harness.app.action_theme("light")
        await pilot.pause()
        assert counted["reparse"] == 1
        assert harness.app.stylesheet.rules


async def test_the_first_screen_is_the_only_one_and_takes_few_widgets(tmp_path: Path, counted: Counter[str]) -> None:
    harness = Harness(tmp_path)
    async with harness.app.run_test(size=(120, 40)):
        assert harness.app.screen_stack == [harness.main]
        assert len(harness.main.query("*")) <= MOST_WIDGETS
        assert counted["apply"] <= MOST_APPLIED
