"""The verbs, each described once: keys, commands, dialogs, options and help are all made from this table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from fxtop.actions.model import Verb

OptionKind = Literal["choice", "duration", "moment", "text"]


class Target(StrEnum):
    """What a verb acts on; the first part of its binding's id."""

    NODE = "node"
    SESSION = "session"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be said beside the targets; ``name`` is the field of `fxtop.actions.model.Intent`."""

    name: str
    kind: OptionKind
    help: str
    choices: tuple[str, ...] = ()
    default: str = ""
    """As it is written; empty means none."""
    required: bool = False


@dataclass(frozen=True, slots=True)
class VerbSpec:
    """A verb as people meet it."""

    verb: Verb
    title: str
    help: str
    """One sentence."""
    targets: tuple[Target, ...]
    destructive: bool
    """Whether something ends that can't be brought back."""
    options: tuple[Option, ...] = ()

    @property
    def bindings(self) -> tuple[str, ...]:
        """Ids of its key bindings, one for each kind of target: ``node.drain``."""
        return tuple(self.binding(target) for target in self.targets)

    def binding(self, target: Target) -> str:
        """The id of its key binding where the cursor is on a ``target``."""
        return f"{target}.{self.verb}"


VERBS: Final[dict[Verb, VerbSpec]] = {
    spec.verb: spec
    for spec in (
        VerbSpec(
            "drain",
            "Drain",
            "Stop new sessions on a node and let those that run end, or end them.",
            (Target.NODE,),
            destructive=False,
            options=(
                Option("then", "choice", "What happens to the sessions that are left.", ("wait", "terminate"), "wait"),
                Option("deadline", "moment", "When the node is to be empty."),
            ),
        ),
        VerbSpec("resume", "Resume", "Let a draining node take new sessions again.", (Target.NODE,), destructive=False),
        VerbSpec(
            "terminate",
            "Terminate",
            "End sessions; what their users have not saved is lost.",
            (Target.SESSION,),
            destructive=True,
            options=(Option("grace", "duration", "From asking a session to end to making it.", default="10s"),),
        ),
        VerbSpec(
            "message",
            "Message",
            "Show a text to the users of sessions, or of all sessions of a node.",
            (Target.SESSION, Target.NODE),
            destructive=False,
            options=(Option("text", "text", "What they are to read.", required=True),),
        ),
        VerbSpec(
            "rebalance",
            "Rebalance",
            "Change where new and pending sessions go, so that the nodes even out; running sessions stay.",
            (Target.CLUSTER,),
            destructive=False,
            options=(Option("policy", "choice", "What is to even out.", ("sessions", "load", "memory"), "sessions"),),
        ),
    )
}
"""Every verb, in the order in which help lists them."""
