"""The whole console over a bus in memory and a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

from fxtop.actions.arming import Arming
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.actions.guardrails.rule import Rule
from fxtop.actions.journal import Journal
from fxtop.actions.link import ClusterLink
from fxtop.actions.operator import Operator
from fxtop.config.link import Link
from fxtop.protocol.signing import NkeySigner, new_seed
from fxtop.ui.app import FxtopApp
from fxtop.ui.chrome.header import Badge
from fxtop.ui.console import Console
from fxtop.ui.keymap import remap
from fxtop.ui.paced_app import PORTION
from fxtop.ui.screens.main import MainScreen
from fxtop.ui.theme_file import load_theme, theme_names
from tests.unit.actions.fake_bus import FakeBus
from tests.unit.actions.site import Site

NEVER = 0.0001
"""Screen updates a second that never come by themselves: tests say when time passes."""


class Harness:
    """A console, its cluster, and the bus between them."""

    def __init__(
        self,
        tmp_path: Path,
        *,
        read_only: bool = False,
        theme: str = "dark",
        rules: Sequence[Rule] = (),
        cancel_seconds: float = 0.0,
        **options: Any,
    ) -> None:
        self.site = Site()
        self.bus = FakeBus()
        arming = Arming(self.site.clock, 10, read_only)
        operator = Operator(
            self.bus,
            self.site.store,
            self.site.clock,
            arming,
            Journal(tmp_path / "journal.jsonl"),
            NkeySigner(new_seed()),
            "ann",
            rules=Guardrails(tuple(rules)),
            cancel_seconds=cancel_seconds,
        )
        self.link = ClusterLink(self.bus, self.site.store, self.site.clock, operator, None)
        self.app = self._app(theme, **options)

    @property
    def main(self) -> MainScreen:
        """The main screen."""
        return next(screen for screen in self.app.screen_stack if isinstance(screen, MainScreen))

    def tick(self) -> None:
        """Take in all that came, and bring the screen up to date."""
        while self.app.take_in(PORTION):
            pass
        self.app.tick()

    def _app(
        self,
        theme: str,
        *,
        keys: Mapping[str, str] | None = None,
        ascii_only: bool = False,
        wall: bool = False,
        link: Link = Link.AUTO,
    ) -> FxtopApp:
        console = Console(
            self.link,
            badge=Badge("TEST", "green"),
            cluster="prod",
            tz=UTC,
            ascii_only=ascii_only,
            entries=remap(keys or {}),
            names={"theme": theme_names(), "cluster": []},
        )
        return FxtopApp(console, rate=NEVER, link=link, theme=load_theme(theme), opener=self._no_other, wall=wall)

    def _no_other(self, name: str) -> Console:
        raise ValueError(f"There is no cluster '{name}'.")
