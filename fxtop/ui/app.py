"""The app: its screens, its theme, its clusters. What keys do stands in the screens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from typing import Any, ClassVar, Final

from textual import on, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Key, Mount
from textual.filter import LineFilter
from textual.screen import Screen
from textual.widgets import Input

from fxtop.actions.errors import KeyFileError
from fxtop.cluster.records import Severity
from fxtop.config.link import Link, link_named
from fxtop.ui import screens
from fxtop.ui.bindings import bindings
from fxtop.ui.chrome.health_notes import thin_sentence
from fxtop.ui.console import Console, Living
from fxtop.ui.filters import last_filters
from fxtop.ui.keymap import overlay
from fxtop.ui.keytable import ENTRIES, Entry
from fxtop.ui.paced_app import PacedApp
from fxtop.ui.screens.browsing import BrowsingScreen
from fxtop.ui.screens.main import MainScreen
from fxtop.ui.theme import COLOURLESS, THIN_THEME, textual_theme
from fxtop.ui.theme_file import ThemeError, ThemeSpec, load_theme
from fxtop.ui.typeahead import TypeAhead

LISTENED: Final = 1.0
"""Seconds for which one bus is listened to without a word."""

Opener = Callable[[str], Console]
"""Opens another cluster of the config by name; ValueError with a sentence where it can't."""


class FxtopApp(TypeAhead[int], PacedApp[int], inherit_bindings=False):
    """The console, or with ``wall`` the screen across the room. One instance shows one cluster at a time."""

    TITLE = "fxtop"
    CSS_PATH = ["styles/app.tcss", "styles/wall.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+c", "interrupt", show=False, id="app.interrupt", priority=True),
        *bindings(e for e in ENTRIES if e.scope == "main" and e.action.startswith("app.")),
    ]

    def __init__(
        self,
        console: Console,
        *,
        rate: float,
        link: Link = Link.AUTO,
        theme: ThemeSpec,
        opener: Opener,
        wall: bool,
        read_theme: Callable[[str], ThemeSpec] = load_theme,
    ) -> None:
        self._variables = theme.variables
        super().__init__(rate=rate, link=link)
        self.fx = console
        console.health = self.health
        self.animation_level = "none"
        self._full_theme = theme.name
        self._themes: dict[str, ThemeSpec] = {}
        """Those that were asked for so far."""
        self.opener = opener
        self._read_theme = read_theme
        self._wall = wall
        self._learn(theme)
        self.theme = self._styled_for = theme.name
        self.stylesheet.set_variables(self.get_css_variables())
        self.set_keymap(overlay(console.entries))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """NO_COLOR means no colour; Textual's own filter for it leaves shades of grey."""
        return last_filters(no_color=self.no_color, ascii_only=self.fx.ascii, usual=super().get_line_filters())

    def refresh_css(self, animate: bool = True) -> None:
        """Read the style sheets anew for another theme; Textual also does so at the start, having just read them."""
        if self.theme != self._styled_for:
            self._styled_for = self.theme
            super().refresh_css(animate)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """So that a theme of Textual's own finds our variables too."""
        return self._variables

    def get_default_screen(self) -> Screen[Any]:
        """What the app begins with: no empty screen is made to stand behind it."""
        return screens.WallScreen(self.fx) if self._wall else MainScreen(self.fx)

    @on(Mount)
    def _await_first_screen(self) -> None:
        self.screen.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """Connect, and show the cluster from the first tick on."""
        self._join()
        self.begin()

    async def on_unmount(self) -> None:
        """Let go of the bus."""
        await self._leave()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette offers what the table of keys offers."""
        if not isinstance(screen, MainScreen):
            return
        for entry in self.fx.entries:
            if entry.command:
                yield SystemCommand(entry.title, self.fx.barred(entry) or entry.help, self._runner(entry))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is typed while a plan is being made is meant for its dialog: only Ctrl-C still ends the console."""
        planning = isinstance(self.screen, MainScreen) and self.screen.planning
        return action == "interrupt" or not planning

    def action_interrupt(self) -> None:
        """Leave at once, wherever the keys are."""
        self.exit(0)

    def on_key(self, event: Key) -> None:
        """What was typed ahead of a field that has opened meanwhile is text for it, and no key of the panes."""
        if isinstance(self.focused, Input) and event.is_printable and event.character is not None:
            event.prevent_default()
            self.focused.insert_text_at_cursor(event.character)

    @on(BrowsingScreen.CommandGiven)
    async def _command_given(self, event: BrowsingScreen.CommandGiven) -> None:
        await self.run_entry(event.entry, event.argument)

    async def run_entry(self, entry: Entry, argument: str = "") -> None:
        """Carry out an entry of the table of keys with what was typed behind its command."""
        await self.run_action(entry.call(argument), default_namespace=self._main)

    def action_theme(self, name: str = "") -> None:
        """Change the theme, or show the list of them, each as the cursor comes to it."""
        if name:
            self._take_theme(name)
        else:
            good = filter(None, map(self._good_theme, self.fx.names.get("theme", ())))
            choices = [screens.Choice(spec.name, spec.title, spec.name) for spec in good]
            self.push_screen(screens.PickScreen("Theme", choices, current=self.theme, preview=self._preview))

    def action_link(self, how: str = "") -> None:
        """Say how wide the line to the terminal is, or ask how it is taken."""
        try:
            self.link.choose(link_named(how) if how else self.link.link)
        except ValueError as error:
            self.tell(f"That can't be a link: {error}.")
        else:
            self.tell(thin_sentence(self.health) if self.link.thin else f"Link {self.link.link}: full colours.")

    def action_written(self) -> None:
        """Show in the header what is written each second, or no longer."""
        self.health.show_rate = not self.health.show_rate

    def link_changed(self) -> None:
        """Few colours over a thin line, unless there are none anyway; then the person's own theme again."""
        super().link_changed()
        if not self.link.thin and self.theme == THIN_THEME:
            self.theme = self._full_theme
        elif self.link.thin and self.theme != COLOURLESS and self._good_theme(THIN_THEME):
            self._full_theme, self.theme = self.theme, THIN_THEME
        self.tell(thin_sentence(self.health))

    def tell(self, sentence: str) -> None:
        """Say something about the console itself, where there is a line for it."""
        main = next((screen for screen in self.screen_stack if isinstance(screen, MainScreen)), None)
        if main is not None and main.is_mounted:
            main.say(sentence, Severity.WARN)

    def action_cluster(self, name: str = "") -> None:
        """Go to another cluster of the config, or show the list of them."""
        if name:
            self._change_cluster(name)
            return
        choices = [screens.Choice(cluster, cluster) for cluster in self.fx.names.get("cluster", ())]
        if not choices:
            self._main.say("The config names no other cluster: [clusters.NAME] in config.toml does.", Severity.WARN)
            return
        picker = screens.PickScreen("Go to cluster", choices, current=self.fx.cluster)
        self.push_screen(picker, self._picked_cluster)

    def _take_theme(self, name: str) -> None:
        """Change to a theme, which may have been written or mended since the console began."""
        try:
            self.theme = self._known_theme(name).name
        except ThemeError as error:
            self._main.say(str(error), Severity.WARN)

    def _good_theme(self, name: str) -> ThemeSpec | None:
        """The theme of that name, where it can be used."""
        with suppress(ThemeError):
            return self._known_theme(name)
        return None

    def _known_theme(self, name: str) -> ThemeSpec:
        """The theme of that name, read when it is first asked for; ThemeError where it can't be used."""
        if name not in self._themes:
            self._learn(self._read_theme(name))
        return self._themes[name]

    def _learn(self, theme: ThemeSpec) -> None:
        self._themes[theme.name] = theme
        self.register_theme(textual_theme(theme))

    def action_repaint(self) -> None:
        """Paint the whole screen anew."""
        self.repaint_all()

    def _picked_cluster(self, name: str | None) -> None:
        if name is not None and name != self.fx.cluster:
            self._change_cluster(name)

    def _preview(self, name: str) -> None:
        self.theme = name

    @property
    def _main(self) -> MainScreen:
        return next(screen for screen in self.screen_stack if isinstance(screen, MainScreen))

    def _runner(self, entry: Entry) -> Callable[[], Awaitable[None]]:
        return lambda: self.run_entry(entry)

    @work(group="cluster", exclusive=True)
    async def _change_cluster(self, name: str) -> None:
        """Disarm, leave the bus, and show the other cluster."""
        try:
            console = self.opener(name)
        except (ValueError, KeyFileError) as error:
            self._main.say(str(error), Severity.WARN)
            return
        await self._leave()
        console.health = self.health
        self.fx = console
        await self._main.show(console)
        self.screen.call_after_refresh(self._join)

    @work(group="link")
    async def _join(self) -> None:
        """Connect, once the first screen is painted: nothing on it waits for the bus."""
        await self.fx.link.start()

    async def _leave(self) -> None:
        self.workers.cancel_group(self, "link")  # it may still be loading what a connection takes
        await self.fx.link.stop()

    def take_in(self, most: int) -> bool:
        """Fold in what came since; whether more waits."""
        more = self.fx.link.inflow.take_in(most)
        self.health.note_behind(self.fx.link.inflow.behind)
        return more

    async def news(self) -> None:
        """Wait for the bus; not for long, for another cluster's may take its place."""
        await self.fx.link.bus.wait_activity(LISTENED)

    def pieces(self) -> Iterator[None]:
        """Once a beat: hand what changed to every screen that shows it. All is painted together, unless a key comes."""
        typed, console = self.typed, self.fx
        with ExitStack() as together:
            together.enter_context(self.batch_update())
            for _ in self._brought(console):
                yield
                if self.typed != typed:
                    together.close()

    def _brought(self, console: Console) -> Iterator[None]:
        dirty = console.settle()
        self.health.frost.settle(console.rows)
        yield
        for screen in tuple(self.screen_stack):
            there = screen in self.screen_stack and screen.is_mounted  # still, as keys are heard in between
            if not there or self.fx is not console:
                continue
            if isinstance(screen, MainScreen):
                yield from screen.pieces(dirty)
            elif isinstance(screen, Living):
                screen.bring(dirty)
