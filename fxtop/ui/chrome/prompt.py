"""The prompt at the foot of the screen: a filter while it is typed, or a command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Key
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, Static

from fxtop.ui.bindings import bindings_of
from fxtop.ui.chrome.line import Line, Span
from fxtop.ui.typeahead import type_ahead

Kind = Literal["filter", "command"]
Completer = Callable[[Kind, str], Sequence[str]]
"""Whole lines that a line can become."""

HISTORY = 100
SHOWN_COMPLETIONS = 8
REST = 0.1
"""Seconds without another key after which it is said what the text can become: to look for that takes longer than to
filter, and who types on doesn't read it."""


class PromptInput(Input, inherit_bindings=True):
    """The field itself; Tab completes, Up and Down recall."""

    BINDINGS: ClassVar[list[BindingType]] = bindings_of("prompt")

    def on_key(self, event: Key) -> None:
        """What is typed behind Enter is for whatever has the keys when that is dealt with."""
        if event.key == "enter":
            type_ahead(self).hold(self)

    def action_complete(self, step: int) -> None:
        """Go to the next completion."""
        self.post_message(Prompt.CompletionAsked(step))

    def action_recall(self, step: int) -> None:
        """Go through the history."""
        self.post_message(Prompt.RecallAsked(step))

    def action_leave(self) -> None:
        """Give the prompt up."""
        self.post_message(Prompt.Left())


class Prompt(Vertical):
    """A sign, the field, and one line below for completions or for what is wrong and where."""

    DEFAULT_CSS = """
    Prompt { height: 2; display: none; }
    Prompt.-open { display: block; }
    Prompt Horizontal { height: 1; }
    Prompt #prompt-sign { width: 2; }
    Prompt Input { border: none; height: 1; padding: 0; width: 1fr; }
    Prompt Input:focus { border: none; }
    """

    @dataclass
    class Changed(Message):
        """The text of an open prompt changed."""

        kind: Kind
        text: str

    @dataclass
    class Entered(Message):
        """Enter was pressed."""

        kind: Kind
        text: str

    @dataclass
    class Left(Message):
        """The prompt was given up."""

        kind: Kind = "filter"

    @dataclass
    class CompletionAsked(Message):
        """Tab was pressed."""

        step: int

    @dataclass
    class RecallAsked(Message):
        """Up or Down was pressed."""

        step: int

    def __init__(self, completer: Completer, *, id: str | None = None) -> None:  # noqa: A002  # Textual's name
        super().__init__(id=id)
        self.kind: Kind = "filter"
        self._completer = completer
        self._history: dict[Kind, list[str]] = {"filter": [], "command": []}
        self._recalled = 0
        self._cycle: list[str] = []
        self._at = -1
        self._rest: Timer | None = None
        self._unoffered: str | None = None
        """The text of which is still to be said what it can become."""
        self._wrong = False
        """Whether it is shown what is wrong with the text."""

    def compose(self) -> ComposeResult:
        """The sign and the field, and the line of help."""
        with Horizontal():
            yield Static("/", id="prompt-sign", markup=False)
            yield PromptInput(id="prompt-input", compact=True, select_on_focus=False)
        yield Line(id="prompt-help")

    @property
    def is_open(self) -> bool:
        """Whether it is on screen."""
        return self.has_class("-open")

    @property
    def text(self) -> str:
        """What is in it now."""
        return self.query_one(PromptInput).value

    @property
    def deciding(self) -> bool:
        """Whether a command is being typed: what it is about must not move meanwhile."""
        return self.is_open and self.kind == "command"

    def open(self, kind: Kind, text: str = "") -> None:
        """Show the prompt for ``kind`` with ``text`` in it and take the keys."""
        self.kind = kind
        self._recalled = len(self._history[kind])
        self._cycle = []
        self.query_one("#prompt-sign", Static).update(":" if kind == "command" else "/")
        self.add_class("-open")
        field = self.query_one(PromptInput)
        field.value = text
        field.cursor_position = len(text)
        self.screen.set_focus(field)  # at once: what is typed next is for the field
        self._unoffered, self._wrong = None, False
        self._show(self._offers(text))

    def close(self) -> None:
        """Leave the screen; the caller decides where the keys go."""
        self.remove_class("-open")
        self._unoffered = None
        type_ahead(self).go_on()

    def explain(self, sentence: str, position: int = 0, length: int = 0) -> None:
        """Say what is wrong with the text, with marks under the place.

        Where that is the end of it, what it can become is said later, if anything: it may only be unfinished.
        """
        self._wrong = True
        if position + length < len(self.text):
            self._unoffered = None
        spans = [
            Span(" " * (2 + position)),
            Span("^" * max(1, length), "$fx-crit bold"),
            Span(" " + sentence, "$fx-crit"),
        ]
        self.query_one("#prompt-help", Line).show(spans)

    def refuse(self, sentence: str, position: int = 0, length: int = 0) -> None:
        """Say why Enter did nothing; what was typed behind it is for the field."""
        self.explain(sentence, position, length)
        self._unoffered = None
        type_ahead(self).go_on()

    @on(Input.Changed, "#prompt-input")
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.value not in self._cycle:
            self._cycle = []
        self._unoffered, self._wrong = event.value, False
        if self.is_open:
            self.post_message(self.Changed(self.kind, event.value))
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, self._offer_late)

    @on(Input.Submitted, "#prompt-input")
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        history = self._history[self.kind]
        if event.value and history[-1:] != [event.value]:
            history.append(event.value)
            del history[:-HISTORY]
        self.post_message(self.Entered(self.kind, event.value))

    @on(CompletionAsked)
    def _complete(self, event: CompletionAsked) -> None:
        event.stop()
        field = self.query_one(PromptInput)
        if not self._cycle:
            self._cycle, self._at = list(self._completer(self.kind, field.value)), -1 if event.step > 0 else 0
        if self._cycle:
            self._at = (self._at + event.step) % len(self._cycle)
            self._put(self._cycle[self._at])

    @on(RecallAsked)
    def _recall(self, event: RecallAsked) -> None:
        event.stop()
        history = self._history[self.kind]
        if history:
            self._recalled = max(0, min(len(history), self._recalled + event.step))
            self._put(history[self._recalled] if self._recalled < len(history) else "")

    def _put(self, text: str) -> None:
        field = self.query_one(PromptInput)
        field.value = text
        field.cursor_position = len(text)

    def _offer_late(self) -> None:
        """Offer what the text can become, unless it was found to be wrong and nothing would mend it."""
        text, self._unoffered = self._unoffered, None
        if text is None:
            return
        offers = self._offers(text)
        if not self._wrong or any(offer != text for offer in offers):
            self._show(offers)

    def _offers(self, text: str) -> list[str]:
        return self._cycle or list(self._completer(self.kind, text))

    def _show(self, offers: Sequence[str]) -> None:
        words = [offer.rsplit(" ", 1)[-1] for offer in offers[:SHOWN_COMPLETIONS]]
        more = f"  +{len(offers) - SHOWN_COMPLETIONS}" if len(offers) > SHOWN_COMPLETIONS else ""
        spans = [Span("  "), Span("  ".join(words) + more, "$fx-muted")]
        self.query_one("#prompt-help", Line).show(spans)
