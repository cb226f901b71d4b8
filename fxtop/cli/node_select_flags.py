"""The flags by which ``fxtop node-select`` chooses: one table, read in two ways.

A script that FastX runs has them in their plain form, ``--name value``, and those are read here, since argparse would
cost a sixth of the time that FastX waits. It gets all other lines, those with mistakes too, and explains them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from fxtop.agent.node_select.choosing import FRESH, ROUND_ROBIN
from fxtop.agent.node_select.policies import POLICIES
from fxtop.agent.node_select.table import DEFAULT_TABLE

if TYPE_CHECKING:
    import argparse


class Flag(NamedTuple):
    """One of them."""

    help: str
    default: Any = None
    metavar: str = ""
    read: Callable[[str], Any] | None = None
    """Makes the value from its text, and raises ValueError with a sentence; None for a switch."""


def _policy(text: str) -> str:
    if text in POLICIES or text == ROUND_ROBIN:
        return text
    raise ValueError(f"there is no policy {text!r}; there are {', '.join(POLICIES)} and {ROUND_ROBIN}")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 86_400:
        raise ValueError(f"{text!r} is no number of seconds between 0 and a day")
    return seconds


def _seed(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no whole number") from None


FLAGS: Final[Mapping[str, Flag]] = {
    "policy": Flag(f"{', '.join(POLICIES)} or {ROUND_ROBIN}; default: sessions", "sessions", "NAME", _policy),
    "last-resort": Flag("where no node is open, take one all the same: a drained, else a full, else a lost one", False),
    "table": Flag(f"the agent's; default: {DEFAULT_TABLE}", DEFAULT_TABLE, "FILE", str),
    "max-age": Flag(f"seconds for which the table is believed; default: {FRESH:g}", FRESH, "S", _seconds),
    "turns": Flag("where round-robin keeps whose turn it is", None, "FILE", str),
    "wrap": Flag("the site's own load balancer: it chooses among what is left", None, "SCRIPT", str),
    "wrap-limit": Flag("seconds for it; default: 3", 3.0, "S", _seconds),
    "seed": Flag("choose the same each time, for a test", None, "N", _seed),
    "explain": Flag("say on stderr what is known of each node", False),
}


def read_plain(words: Sequence[str]) -> dict[str, Any] | None:
    """What ``words`` say, by the names that argparse gives the flags; None where only argparse can tell."""
    said = {_name(flag): FLAGS[flag].default for flag in FLAGS}
    rest = iter(words)
    for word in rest:
        name = word.removeprefix("--")
        if name == word or name not in FLAGS:
            return None
        read = FLAGS[name].read
        text = next(rest, "-") if read is not None else ""
        if text.startswith("-"):
            return None
        try:
            said[_name(name)] = True if read is None else read(text)
        except ValueError:
            return None
    return said


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Describe them to argparse."""
    group = parser.add_argument_group("how to choose; install writes these into the script")
    for name, flag in FLAGS.items():
        if flag.read is None:
            group.add_argument(f"--{name}", action="store_true", help=flag.help)
        else:
            reader = _explaining(flag.read)
            group.add_argument(f"--{name}", type=reader, default=flag.default, metavar=flag.metavar, help=flag.help)


def _name(flag: str) -> str:
    return flag.replace("-", "_")


def _explaining(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """``read``, whose sentences argparse hands on as they are."""
    from argparse import ArgumentTypeError  # noqa: PLC0415  # only where argparse is there anyway

    def explained(text: str) -> Any:
        try:
            return read(text)
        except ValueError as error:
            raise ArgumentTypeError(str(error)) from None

    return explained
