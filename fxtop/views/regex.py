"""Regular expressions whose cost grows with the text and nothing else.

Python's `re` tries alternatives one after the other and can take longer than anybody lives for a pattern as harmless
to look at as ``(a+)+$``. A filter is asked for every row of a live table, over text that anybody on the bus may choose,
so it follows all alternatives at once instead (K. Thompson, 1968), remembering each set of them that it comes across
(as RE2 does).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fxtop.views.regex_syntax import Anchor, Characters, Choice, Node, RegexError, Repeat, Sequence, parse

MAX_PLACES: Final = 600
"""In a pattern with its repetitions written out; ``{m,n}`` within ``{m,n}`` gets there soon."""
MAX_STEPS: Final = 20_000
"""Remembered; then all are forgotten, and it begins to remember anew."""
ACCEPT: Final = 0
"""The place at the end of the pattern."""


class Regex:
    """A compiled pattern, found anywhere in a text, capitals and small letters being the same."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._automaton = _Automaton()
        self._entry = self._automaton.add(parse(pattern), ACCEPT)
        self._states: dict[frozenset[int], _State] = {}
        self._remembered = 0
        self._first = self._state({self._entry}, begin=True)

    def __repr__(self) -> str:
        return f"Regex({self.pattern!r})"

    def search(self, folded: str) -> bool:
        """Whether the pattern is found in a text that was case-folded before."""
        state = self._first
        for character in folded:
            if state.accepts:
                return True
            known = state.steps.get(character)
            state = known if known is not None else self._step(state, character)
        return state.accepts or state.accepts_at_end

    def _step(self, state: _State, character: str) -> _State:
        places = self._automaton.after(state.places, character)
        places.add(self._entry)  # the match may begin here as well
        following = self._state(places, begin=False)
        if self._remembered >= MAX_STEPS:
            self._forget()
        state.steps[character] = following
        self._remembered += 1
        return following

    def _state(self, places: set[int], *, begin: bool) -> _State:
        open_ = self._automaton.closure(places, begin=begin, end=False)
        known = None if begin else self._states.get(open_)
        if known is not None:
            return known
        at_end = self._automaton.closure(open_, begin=begin, end=True)
        state = _State(open_, ACCEPT in open_, ACCEPT in at_end)
        if not begin:
            self._states[open_] = state
        return state

    def _forget(self) -> None:
        for state in (*self._states.values(), self._first):
            state.steps = {}
        self._states = {}
        self._remembered = 0


class _State:
    """A set of places in the pattern that the text so far can have led to."""

    __slots__ = ("accepts", "accepts_at_end", "places", "steps")

    def __init__(self, places: frozenset[int], accepts: bool, accepts_at_end: bool) -> None:
        self.places = places
        self.accepts = accepts
        self.accepts_at_end = accepts_at_end
        self.steps: dict[str, _State] = {}


class _Automaton:
    """Places of a pattern, each with what takes one from it to the next: a character, an anchor, or nothing."""

    def __init__(self) -> None:
        self._takes: list[Characters | Anchor | None] = [None]
        self._leads: list[tuple[int, ...]] = [()]

    def add(self, node: Node, then: int) -> int:
        """Build ``node`` before the place ``then``; the place it begins at."""
        match node:
            case Characters() | Anchor():
                return self._new(node, (then,))
            case Sequence(parts):
                for part in reversed(parts):
                    then = self.add(part, then)
                return then
            case Choice(options):
                return self._new(None, tuple([self.add(option, then) for option in options]))
            case Repeat(part, least, most):
                return self._repeat(part, least, most, then)

    def after(self, places: frozenset[int], character: str) -> set[int]:
        """Where ``character`` leads from ``places``."""
        return {
            self._leads[place][0]
            for place in places
            if isinstance(takes := self._takes[place], Characters) and character in takes
        }

    def closure(self, places: Iterable[int], *, begin: bool, end: bool) -> frozenset[int]:
        """``places`` with all that follow without a character, at the ``begin`` or ``end`` of the text or within."""
        seen: set[int] = set()
        todo = list(places)
        while todo:
            place = todo.pop()
            if place in seen:
                continue
            seen.add(place)
            takes = self._takes[place]
            if takes is None or (isinstance(takes, Anchor) and (end if takes.end else begin)):
                todo += self._leads[place]
        return frozenset(seen)

    def _repeat(self, part: Node, least: int, most: int | None, then: int) -> int:
        entry = then
        if most is None:
            entry = self._new(None, ())
            self._leads[entry] = (self.add(part, entry), then)
        else:
            for _ in range(most - least):
                entry = self._new(None, (self.add(part, entry), then))
        for _ in range(least):
            entry = self.add(part, entry)
        return entry

    def _new(self, takes: Characters | Anchor | None, leads: tuple[int, ...]) -> int:
        if len(self._takes) >= MAX_PLACES:
            raise RegexError(0, "This pattern is too large once its repetitions are written out.")
        self._takes.append(takes)
        self._leads.append(leads)
        return len(self._takes) - 1
