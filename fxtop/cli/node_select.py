"""``fxtop node-select``: the load balancer that FastX runs at every start of a session.

FastX waits for it, so it has a way in of its own (`main`), which loads next to nothing of the command line's parts.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from fxtop.agent.node_select.choosing import ROUND_ROBIN, NoNode, Options, choose
from fxtop.agent.node_select.guard import is_wrapped
from fxtop.agent.node_select.offer import MOST_BYTES, BadInput
from fxtop.agent.node_select.rotation import default_file
from fxtop.agent.node_select.verdict import Candidate
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.node_select_flags import add_flags, read_plain

if TYPE_CHECKING:
    import argparse

NAME = "fxtop node-select"


def main(words: Sequence[str]) -> int:
    """Run the command line that begins with ``fxtop node-select``, as `fxtop.cli.main.run` would with more to load."""
    try:
        said = read_plain(words)
        return _answer(said) if said is not None else _parse_and_run(words)
    except Usage as error:
        say(str(error))
        return Exit.USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # so that the last flush has somewhere to go
        return Exit.FAILED
    except KeyboardInterrupt:
        return Exit.INTERRUPTED


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.epilog = (
        "Without a word it reads FastX's question on stdin, and prints the id of the chosen node. "
        "Exit codes: 0 chosen, 1 the input is none, 2 usage, 3 no node is left."
    )
    parser.add_argument(
        "what", nargs="?", choices=("install", "uninstall"), help="put it where FastX looks, or undo it"
    )
    add_flags(parser)
    place = parser.add_argument_group("install and uninstall")
    place.add_argument("--dir", metavar="DIR", help="a scheduler's directory (FastX 5), or any other (FastX 4)")
    place.add_argument("--print", action="store_true", help="print FastX 4's lines for fastx.env, and change nothing")
    place.add_argument("--dry-run", action="store_true", help="say the steps, and take none of them")


def run(args: argparse.Namespace) -> int:
    """Choose a node; or put the command where FastX looks for it, or take it away."""
    if args.what is None:
        return _answer(vars(args))
    from fxtop.cli.node_select_install import install, uninstall  # noqa: PLC0415  # nothing that a choice waits for

    return install(args) if args.what == "install" else uninstall(args)


def say(sentence: str) -> None:
    """A sentence for whoever reads FastX's log, on standard error."""
    print(f"{NAME}: {sentence}", file=sys.stderr)


def _parse_and_run(words: Sequence[str]) -> int:
    from fxtop.cli.parser import parse  # noqa: PLC0415  # loads argparse

    command, args = parse(["node-select", *words])
    return command.run(args)


def _answer(said: Mapping[str, Any]) -> int:
    """Choose without looking for garbage, now or at the end: the process ends with the answer, and all is in use."""
    gc.disable()
    try:
        return _choose(said)
    finally:
        gc.freeze()
        gc.enable()


def _choose(said: Mapping[str, Any]) -> int:
    rng = Random(said["seed"])  # noqa: S311  # which of two good nodes is chosen is no secret
    try:
        chosen, candidates = choose(_question(), _options(said), rng, time.time(), say)
    except BadInput as error:
        say(str(error))
        return Exit.FAILED
    except NoNode as error:
        _explain(error.candidates, said)
        say(str(error))
        return Exit.REFUSED
    _explain(candidates, said)
    sys.stdout.buffer.write(f"{chosen}\n".encode())  # in UTF-8 as it came, whatever the locale is
    sys.stdout.flush()
    return Exit.DONE


def _question() -> bytes:
    """What FastX asks, and a byte over the most that is read where there is more.

    Raises:
        BadInput: nothing can be read.
    """
    if sys.stdin is None:
        raise BadInput("There is no stdin: FastX asks its question there.")
    try:
        return sys.stdin.buffer.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadInput(f"The question can't be read from stdin: {error.strerror or error}.") from None


def _options(said: Mapping[str, Any]) -> Options:
    wrap, policy = said["wrap"], said["policy"]
    if is_wrapped(os.environ):
        policy = "sessions" if policy == ROUND_ROBIN else policy  # the turn is that of whatever runs us
        if wrap is not None:
            say(f"The script {wrap} runs this command again; choosing by {policy}.")
            wrap = None
    return Options(
        policy=policy,
        table=said["table"],
        max_age=said["max_age"],
        last_resort=said["last_resort"],
        wrap=wrap,
        wrap_limit=said["wrap_limit"],
        turns=said["turns"] or default_file(os.environ),
    )


def _explain(candidates: Sequence[Candidate], said: Mapping[str, Any]) -> None:
    if said["explain"]:
        for candidate in candidates:
            say(_explained(candidate))


def _explained(candidate: Candidate) -> str:
    sessions = "?" if candidate.sessions is None else candidate.sessions
    capacity = "" if candidate.capacity is None else f" of {candidate.capacity}"
    load = "?" if candidate.load is None else f"{candidate.load:.2f}"
    free = "?" if candidate.free is None else f"{candidate.free / 2**30:.1f} GiB"
    return (
        f"{candidate.id}: {candidate.verdict}, sessions {sessions}{capacity}, weight {candidate.weight:g}, "
        f"load per core {load}, free memory {free}"
    )
