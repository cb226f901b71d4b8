"""Keys in the order in which they were typed, however fast: a whole filter can arrive within a millisecond.

Textual hands a key to what has the focus; from there it climbs back to the app, widget by widget, and only then is its
binding looked for. Where that gives the focus away, the keys behind it would still be climbing while those that follow
have gone to the new place at once. So a key is handed on when the one before it has been dealt with.
"""

from __future__ import annotations

from collections import deque
from typing import Any

from textual import on
from textual.app import App, ReturnType
from textual.events import Event, Key
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input


class Followed(Message):
    """Climbs behind a key, for something on the way may have kept that."""

    def __init__(self, key: Key) -> None:
        super().__init__()
        self.key = key


class TypeAhead(App[ReturnType]):
    """An app that hands on one key at a time."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.typed = 0
        """Keys that the terminal has sent so far."""
        self._climbing: Key | None = None
        """The key that was handed on and isn't dealt with yet."""
        self._from: Widget | None = None
        """Where it was handed to."""
        self._followed = False
        """Whether something climbs behind it."""
        self._waiting: deque[Key] = deque()
        self._holder: Widget | None = None
        """Who has keys wait until `go_on`."""

    def hold(self, holder: Widget) -> None:
        """Hand on no key until `go_on`: what the last one leads to isn't done when it is dealt with."""
        self._holder = holder

    def go_on(self) -> None:
        """Hand on keys again, to what has the focus then."""
        if self._holder is not None:
            self._holder = None
            self.call_next(self._hand_on)

    async def on_event(self, event: Event) -> None:
        """Let a key pass in its turn; one that ends the console passes at once."""
        if isinstance(event, Key) and not event.is_forwarded:
            await self._come(event)
            return
        await super().on_event(event)
        if isinstance(event, Key):
            await self._dealt_with(event)

    async def _come(self, key: Key) -> None:
        self.typed += 1
        if self._is_urgent(key):
            await super().on_event(key)
        else:
            self._waiting.append(key)
            await self._hand_on()

    @on(Followed)
    async def _kept(self, event: Followed) -> None:
        await self._dealt_with(event.key)

    async def _dealt_with(self, key: Key) -> None:
        if key is self._climbing:
            self._climbing = None
            await self._hand_on()

    async def _hand_on(self) -> None:
        """Hand on what waits, as far as may be."""
        while self._waiting and not self._must_wait():
            key = self._waiting.popleft()
            self._from = self.focused or self.screen
            await super().on_event(key)
            kept = isinstance(self._from, Input) and key.is_printable  # a field lets no character climb any further
            self._climbing, self._followed = key if key.is_forwarded and not kept else None, False
        if self._waiting and self._climbing is not None and not self._followed:
            self._send_behind(self._climbing)

    def _must_wait(self) -> bool:
        """Whether the last key isn't dealt with; nothing comes any more of one whose place is gone."""
        if self._holder is not None and self._holder.is_attached:
            return True
        return self._climbing is not None and self._from is not None and self._from.is_attached

    def _send_behind(self, key: Key) -> None:
        """Have it told when ``key`` is dealt with, even where it is kept on its way."""
        follower = Followed(key)
        follower.set_sender(self)  # whoever this is called by: it must climb up to here
        self._followed = self._from is not None and self._from.post_message(follower)

    def _is_urgent(self, key: Key) -> bool:
        """Whether a key that would have to wait may not."""
        bound = self.active_bindings.get(key.key) if self._must_wait() else None
        return bound is not None and bound.binding.priority


def type_ahead(widget: Widget) -> TypeAhead[Any]:
    """The app that ``widget`` is in."""
    app = widget.app
    if not isinstance(app, TypeAhead):
        raise TypeError(f"{type(app).__name__} doesn't know the order of keys: it is no TypeAhead.")
    return app
