"""``fxtop can-i [VERB [NODE ...]]``: what your key may do, by the word of the agents."""

from __future__ import annotations

import argparse
import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from fxtop.actions.courier import Courier
from fxtop.actions.guards import no_key
from fxtop.actions.keyring import Keyring
from fxtop.actions.naming import node_named
from fxtop.actions.permissions import Answered, Permissions, forbids, limits
from fxtop.actions.words import signature_name
from fxtop.cli.exits import Exit, Usage
from fxtop.cli.joined import Joined, joined
from fxtop.cli.output import TableColumn, print_json, print_table, say
from fxtop.cli.start import start
from fxtop.cluster.records import Liveness
from fxtop.cluster.words import naming
from fxtop.config.settings import Settings
from fxtop.protocol.control import CONSENT_VERBS, MANAGER_VERBS, NODE_VERBS
from fxtop.protocol.ids import NodeId
from fxtop.protocol.signing import Signer

_VERBS = sorted({*NODE_VERBS, *MANAGER_VERBS, *CONSENT_VERBS} - {"ping", "recall"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command's own arguments."""
    parser.add_argument("verb", nargs="?", metavar="VERB", help=f"one of {', '.join(_VERBS)}; without it: all")
    parser.add_argument("nodes", nargs="*", metavar="NODE", help="ask these nodes; without one: all that are heard")
    parser.add_argument("-o", dest="output", choices=("table", "json"), default="table", help="form of the output")


def run(args: argparse.Namespace) -> int:
    """Ask, and end with 0 where all allow it, 3 where one doesn't, 4 where one didn't say.

    Raises:
        Usage, ConfigError, KeyFileError, Refused, BusDown: nobody was asked.
    """
    if args.verb is not None and args.verb not in _VERBS:
        raise Usage(f"There is no verb '{args.verb[:40]}', but {', '.join(_VERBS)}.")
    settings = start(args)
    signer = Keyring().signer(settings)
    if signer is None:
        raise no_key()
    answers = asyncio.run(_ask(settings, signer, args.nodes))
    if args.output == "json":
        print_json([_as_json(answer, args.verb) for answer in answers])
    elif args.verb is None:
        _print_all(answers)
    else:
        _print_one(answers, args.verb)
    return _exit(answers, args.verb)


async def _ask(settings: Settings, signer: Signer, names: Sequence[str]) -> list[Answered]:
    async with joined(settings) as cluster:
        nodes = _nodes(cluster, names)
        if not nodes:
            say("No node is heard, so there is nobody to ask.")
        courier = Courier(cluster.bus, cluster.clock, settings.slug, signer, signature_name(settings.operator))
        return await Permissions(cluster.store, lambda: courier).ask(nodes)


def _nodes(cluster: Joined, names: Sequence[str]) -> list[NodeId]:
    if names:
        return [node_named(name, cluster.store) for name in names]
    heard = (Liveness.LIVE, Liveness.LATE)
    return sorted(id_ for id_, row in cluster.store.nodes.items() if row.liveness in heard and row.beat is not None)


def _print_one(answers: Iterable[Answered], verb: str) -> None:
    rows = [(answer.node, *_verdict(answer, verb)) for answer in answers]
    print_table([*map(TableColumn, ("node", verb, "why"))], rows)


def _verdict(answer: Answered, verb: str) -> tuple[str, str]:
    if answer.standing is None:
        return "unknown", answer.detail or "its agent doesn't say; it may be of an older version"
    why = forbids(answer.standing, verb)
    return ("no", why) if why is not None else ("yes", "; ".join(limits(answer.standing)))


def _print_all(answers: Iterable[Answered]) -> None:
    """A line for all nodes that say the same."""
    alike: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for answer in answers:
        alike[_summary(answer)].append(answer.node)
    rows = [(str(len(nodes)), *said, naming(nodes)) for said, nodes in alike.items()]
    columns = (TableColumn("nodes", right=True), *map(TableColumn, ("role", "may", "limits", "which")))
    print_table(columns, rows)


def _summary(answer: Answered) -> tuple[str, str, str]:
    standing = answer.standing
    if standing is None:
        return "unknown", "", answer.detail or "its agent doesn't say"
    if standing.code:
        return "none", "nothing", standing.detail
    return standing.role, ", ".join(standing.verbs) or "nothing", "; ".join(limits(standing))


def _as_json(answer: Answered, verb: str | None) -> dict[str, Any]:
    data: dict[str, Any] = {"node": answer.node, "standing": answer.standing, "detail": answer.detail}
    if verb is not None:
        allowed, why = _verdict(answer, verb)
        data |= {"verb": verb, "allowed": {"yes": True, "no": False}.get(allowed), "why": why}
    return data


def _exit(answers: Sequence[Answered], verb: str | None) -> Exit:
    """Without a verb the question is whether the key is listed at all."""
    if not answers or any(answer.standing is None for answer in answers):
        return Exit.NO_EVIDENCE
    said = [answer.standing for answer in answers if answer.standing is not None]
    refused = [standing for standing in said if (standing.code if verb is None else forbids(standing, verb))]
    return Exit.REFUSED if refused else Exit.DONE
