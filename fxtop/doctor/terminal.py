"""The terminal on an operator's machine, by its environment, its size, and its own answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from fxtop.cluster.records import Severity
from fxtop.doctor.finding import Finding, Missing, NotChecked, Outcome

MIN_COLUMNS: Final = 80
MIN_LINES: Final = 24
_FULL_COLOR: Final = ("truecolor", "24bit")
_MULTIPLEXERS: Final = ("screen", "tmux")
_NEWER_TMUX: Final = "nothing, if it doesn't disturb you; tmux knows it since 2026 (its pull requests 4744 and 4887)"


class Terminal(NamedTuple):
    """What is known of it."""

    is_one: bool
    """Whether the output goes to a terminal."""
    columns: int
    lines: int
    encoding: str
    env: Mapping[str, str]
    synchronized: bool | Missing
    """Whether it shows a frame at once (synchronized output, mode 2026)."""

    def __repr__(self) -> str:
        return f"Terminal({self.columns}x{self.lines}, {self.encoding})"


def judge(terminal: Terminal) -> Iterator[Outcome]:
    """What would make the console hard to read."""
    yield from _colors(terminal.env)
    yield from _encoding(terminal)
    if not terminal.is_one:
        yield NotChecked("the terminal's size", "the output doesn't go to a terminal")
    elif terminal.columns < MIN_COLUMNS or terminal.lines < MIN_LINES:
        seen = f"{terminal.columns}x{terminal.lines}"
        text = f"the terminal is {seen}, smaller than {MIN_COLUMNS}x{MIN_LINES}"
        yield _small("terminal-size", text, seen, "columns are left out and lists are short", "make it larger")
    yield from _synchronized(terminal)


def _colors(env: Mapping[str, str]) -> Iterator[Outcome]:
    term, color = env.get("TERM", ""), env.get("COLORTERM", "")
    seen = f"TERM={term or 'unset'} COLORTERM={color or 'unset'}"
    if term in ("", "dumb"):
        remedy = "run it in a terminal that sets TERM, as xterm-256color"
        yield _small("terminal-colors", "the terminal says that it can show nothing", seen, "no console", remedy)
    elif color not in _FULL_COLOR:
        text = "the terminal doesn't say that it shows all colours"
        remedy = "if it does, set COLORTERM=truecolor; over ssh, let SendEnv and AcceptEnv pass it"
        yield _small("terminal-colors", text, seen, "colours are taken from the 256 or 16 that are nearest", remedy)


def _encoding(terminal: Terminal) -> Iterator[Outcome]:
    if terminal.encoding.lower().replace("-", "") != "utf8":
        remedy = "set LANG to a UTF-8 locale, as C.UTF-8, or start fxtop with --ascii"
        text = f"the output is encoded as {terminal.encoding}"
        yield _small("terminal-encoding", text, terminal.encoding, "lines and bars become question marks", remedy)


def _synchronized(terminal: Terminal) -> Iterator[Outcome]:
    """Whether a frame is shown at once, which a multiplexer in between has to understand too."""
    if isinstance(terminal.synchronized, Missing):
        yield NotChecked("synchronized output", terminal.synchronized.why)
    elif not terminal.synchronized:
        term = terminal.env.get("TERM", "")
        between = term.startswith(_MULTIPLEXERS)
        text = f"the {'multiplexer' if between else 'terminal'} doesn't know synchronized output"
        remedy = _NEWER_TMUX if between else "nothing, if it doesn't disturb you; else use a terminal that knows it"
        seen = f"TERM={term}, and no answer to a request for mode 2026"
        yield _small("terminal-sync", text, seen, "the screen may flicker while it is drawn", remedy)


def _small(kind: str, text: str, evidence: str, consequence: str, remedy: str) -> Finding:
    return Finding(
        severity=Severity.INFO,
        kind=kind,
        subject="terminal",
        text=text,
        evidence=(evidence,),
        consequence=consequence,
        remedy=remedy,
    )
