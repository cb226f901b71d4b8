"""The terminal on an operator's machine, as its environment and size tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from fxtop.cluster.records import Severity
from fxtop.doctor.finding import Finding, NotChecked, Outcome

MIN_COLUMNS: Final = 80
MIN_LINES: Final = 24
_FULL_COLOR: Final = ("truecolor", "24bit")
_MULTIPLEXERS: Final = ("screen", "tmux")


class Terminal(NamedTuple):
    """What is known without asking the terminal itself anything."""

    is_one: bool
    """Whether the output goes to a terminal."""
    columns: int
    lines: int
    encoding: str
    env: Mapping[str, str]

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
    yield from _synchronized(terminal.env)


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


def _synchronized(env: Mapping[str, str]) -> Iterator[Outcome]:
    """Whether a frame is shown at once can only be asked of the terminal; a multiplexer between is worth a word."""
    if env.get("TERM", "").startswith(_MULTIPLEXERS):
        remedy = "use tmux 3.4 or newer, which passes synchronized output on"
        text = f"a multiplexer stands between ({env['TERM']})"
        yield _small("terminal-sync", text, f"TERM={env['TERM']}", "the screen may flicker while it is drawn", remedy)
    else:
        yield NotChecked("synchronized output", "only the terminal itself knows; the console asks it when it starts")


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
