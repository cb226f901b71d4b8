"""What an answer of ``rlmstat`` is worth: whether the server answered, and what is missing from what it said."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from typing import Final

from fxtop.agent.rlm.command import RlmCommand
from fxtop.agent.rlm.report import Block, Failure, RlmReport, RlmServer
from fxtop.agent.rlm.rlmstat import Answer
from fxtop.protocol.ids import LicenseId
from fxtop.protocol.text import inert

_QUOTED: Final = 200
_REASON: Final = 300


class Unanswered(Exception):
    """The server didn't answer; the text is a sentence for the operator."""


def server_of(report: RlmReport, answer: Answer, server: LicenseId) -> RlmServer:
    """What ``report`` tells of ``server``.

    Raises:
        Unanswered: nothing.
    """
    told = next((each for each in report.servers if _is_named(each, server)), None) or next(iter(report.servers), None)
    if told is not None and (told.daemon is None or told.daemon.up):
        return told
    if told is not None:
        raise Unanswered(f"{server} answered that its daemon isn't up.")
    if report.failures:
        texts = ", ".join(_reason(failure) for failure in report.failures)
        raise Unanswered(f"{server} can't be reached ({ending(answer.code)}): {inert(texts, _REASON).rstrip('.')}.")
    if report.unread:
        first = inert(report.unread[0], _QUOTED)
        raise Unanswered(f"rlmutil's answer is none of rlmstat's ({ending(answer.code)}): “{first}”.")
    raise Unanswered(f"rlmutil told nothing of {server} ({ending(answer.code)}).")


def doubts(report: RlmReport, told: RlmServer, answer: Answer, command: RlmCommand) -> Iterator[str]:
    """Sentences about what is not known although the server answered."""
    if answer.code != 0:
        yield f"rlmutil told this and failed: {ending(answer.code)}."
    if len(report.servers) > 1:
        yield f"{len(report.servers)} licence servers answered, and only one is shown."
    for failure in told.failures:
        yield f"The ISV {inert(failure.name, _QUOTED)} couldn't be asked: {inert(_reason(failure), _REASON)}."
    if command.whole:
        yield from _missing(told)
    if report.unread:
        lines = "1 line" if len(report.unread) == 1 else f"{len(report.unread)} lines"
        yield f"{lines} of rlmstat's answer couldn't be understood, first “{inert(report.unread[0], _QUOTED)}”."


def working(told: RlmServer) -> dict[str, bool]:
    """The ISV servers by name, and whether each works.

    The daemon's table may be late: an ISV that can't be asked, or has no block where a later one has, is down.
    """
    heard = {block.isv for block in told.blocks}
    last = max((index for index, entry in enumerate(told.isvs) if entry.name in heard), default=-1)
    passed_over = {entry.name for entry in told.isvs[: last + 1] if entry.name not in heard}
    listed = {entry.name: entry.running and entry.name not in passed_over for entry in told.isvs}
    unlisted = {block.isv: True for block in told.blocks if block.isv not in listed}
    down = {failure.name for failure in told.failures} | {status.name for status in told.statuses if not status.up}
    return {name: works and name not in down for name, works in (listed | unlisted).items()}


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"


def _missing(told: RlmServer) -> Iterator[str]:
    """What would have been told, had the answer gone on."""
    blocks = set(told.blocks)
    inuse: Counter[str] = Counter()
    for pool in told.pools:
        inuse[pool.isv] += pool.inuse
    for name, works in working(told).items():
        if works and Block(name, "pool") not in blocks:
            what = "pools"
        elif inuse[name] and Block(name, "usage") not in blocks:
            what = "holders"
        else:
            continue
        yield f"The {what} of the ISV {inert(name, _QUOTED)} weren't told: the answer may be cut off."


def _reason(failure: Failure) -> str:
    return "; ".join(line.rstrip(".") for line in failure.lines)


def _is_named(told: RlmServer, server: LicenseId) -> bool:
    """Whether it was told of by that port and host, however long the host's name is."""
    port, _, host = server.partition("@")
    daemon = told.daemon
    return daemon is not None and str(daemon.port) == port and _short(daemon.host) == _short(host)


def _short(host: str) -> str:
    return host.lower().partition(".")[0]
