"""A site's own load balancer, asked about the nodes that are left.

It gets what FastX would have given it, without the nodes that may not be chosen: the JWT too, which is its own input.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Final

from fxtop.agent.node_select.guard import GUARD
from fxtop.agent.node_select.offer import Offer

MOST_ANSWER: Final = 64 * 1024
"""Bytes of answer that are read; an id is far less."""
_KILL_WAIT: Final = 1.0
"""Seconds for a killed process to be gone."""


class NoAnswer(Exception):
    """The script gave no answer; the text is a sentence, and quotes nothing of what it wrote."""


def ask(script: str, offers: Sequence[Offer], rest: dict[str, Any], limit: float) -> str:
    """What ``script`` answers to ``offers``, stripped; it need not be one of them.

    Args:
        script: an executable. Its stderr is ours.
        offers: the nodes that it may choose from.
        rest: what FastX's input has beside its nodes.
        limit: seconds, after which the script and what it started are killed.

    Raises:
        NoAnswer: there is none.
    """
    try:
        document = json.dumps({**rest, "nodes": [offer.node for offer in offers]}).encode()
    except RecursionError:  # what could just be read may be a level too deep to be written
        raise NoAnswer(f"The input is nested too deeply for the script {script}.") from None
    process = _start(script)
    try:
        answer = _talk(process, document, time.monotonic() + limit)
    except TimeoutError:
        _kill(process)
        raise NoAnswer(f"The script {script} gave no answer within {limit:g} s, and was killed.") from None
    if len(answer) > MOST_ANSWER:
        _kill(process)
        raise NoAnswer(f"The script {script} answered with over {MOST_ANSWER // 1024} KiB, and was killed.")
    if process.returncode:
        raise NoAnswer(f"The script {script} failed with exit code {process.returncode}.")
    return answer.decode(errors="replace").strip()


def _start(script: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603  # the site's administrator names the script
            [script],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={**os.environ, GUARD: "1"},
            start_new_session=True,
        )
    except OSError as error:
        raise NoAnswer(f"The script {script} can't be run: {error.strerror or error}.") from error


def _talk(process: subprocess.Popen[bytes], document: bytes, deadline: float) -> bytes:
    """Give the script its input while its answer is read, and see it end, unless it answers too much.

    Raises:
        TimeoutError: it was not done by the monotonic time ``deadline``.
    """
    assert process.stdin is not None and process.stdout is not None  # noqa: S101  # both are pipes
    os.set_blocking(process.stdin.fileno(), False)
    answer, left = b"", memoryview(document)
    while len(answer) <= MOST_ANSWER:
        writing = [] if process.stdin.closed else [process.stdin]
        readable, writable, _ = select.select([process.stdout], writing, [], max(0.0, deadline - time.monotonic()))
        if not readable and not writable:
            raise TimeoutError
        if writable:
            left = _feed(process.stdin, left)
        if readable:
            part = os.read(process.stdout.fileno(), MOST_ANSWER)
            if not part:
                _await(process, deadline)
                break
            answer += part
    return answer


def _feed(stdin: IO[bytes], left: memoryview) -> memoryview:
    """Write what fits of the input, and close it after the last of it. A script may answer without reading it all."""
    try:
        left = left[os.write(stdin.fileno(), left) :]
    except BrokenPipeError:
        left = left[:0]
    if not left:
        stdin.close()
    return left


def _await(process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise TimeoutError from None


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End it and all that it started. Nobody has waited for it yet, so that its group's number is still its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_KILL_WAIT)
