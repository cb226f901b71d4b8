"""A request that was found genuine and permitted, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, runtime_checkable

import msgspec

from fxtop.bus.port import Asked
from fxtop.protocol.control import Args, ProgressStatus, ReplyStatus
from fxtop.protocol.ids import PublicKey, RequestId

if TYPE_CHECKING:
    from fxtop.agent.jobs import Job

A = TypeVar("A", bound=Args)


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """A request without its envelope. ``args`` were checked against the verb."""

    request: RequestId
    verb: str
    operator: str
    key: PublicKey | None = None
    expires: float = 0.0
    reason: str = ""
    ticket: str | None = None
    dry_run: bool = False
    args: dict[str, Any] = {}
    second: bool = False
    """Whether it asks by itself to wait for a second person."""
    evidence: str = ""
    """What shows that an operator wants it, packed (`fxtop.protocol.evidence`): for a request to the managers itself,
    for a manager's the one that it came with."""

    def arguments(self, kind: type[A]) -> A:
        """The arguments as the struct of the verb."""
        return msgspec.convert(self.args, kind)


class Refusal(Exception):
    """A request that is not carried out. ``code`` is short, the text a sentence."""

    status: ReplyStatus = "refused"

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class Unsupported(Refusal):
    """A request that this node has no means for."""

    status: ReplyStatus = "unsupported"

    def __init__(self, detail: str) -> None:
        super().__init__("unsupported", detail)


Check = Callable[[Order], None]
"""A condition for carrying out what a key's role lets pass: a guardrail, a limit. Raises Refusal.

It is asked once for each new request, never for one that is sent again, and changes nothing outside itself.
"""

Work = Callable[["Job"], Awaitable[ProgressStatus]]
"""Work that goes on after the reply, telling its progress; returns how it ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What carrying out an order came to; with ``work`` the status is ``accepted``."""

    status: ReplyStatus = "done"
    code: str = ""
    detail: str = ""
    result: Mapping[str, Any] = field(default_factory=dict)
    work: Work | None = None


def not_begun(what: str) -> Outcome:
    """Of an order that the agent's end cut short before it did anything; ``what`` says so, as half a sentence."""
    return Outcome("failed", "not_begun", f"The agent ended before it began: {what}. It can be asked for anew.")


@dataclass(frozen=True, slots=True)
class Deed:
    """What an order would do, looked at and not yet done."""

    preview: Mapping[str, Any]
    """The answer to a dry run."""
    do: Callable[[], Awaitable[Outcome]]
    """Do it. Raises StateError or ProviderError: it was not done."""


class Verb(Protocol):
    """Something that can be asked for."""

    @property
    def name(self) -> str:
        """As in the subject."""
        ...

    def prepare(self, order: Order) -> Deed:
        """Look at ``order`` without changing anything. Raises Refusal."""
        ...


class Oversight(Protocol):
    """What is asked about an order between its verb's look at it and its being carried out."""

    async def consider(self, verb: Verb, order: Order, deed: Deed, asked: Asked) -> Deed:
        """What is to be done for ``order``: ``deed``, or something else in its place. Raises Refusal."""
        ...

    def decided(self, order: Order) -> None:
        """``order``, which it considered, is carried out, put off or refused by now."""
        ...

    def recover(self, verb: Verb, order: Order) -> Work | None:
        """How the work of ``order`` goes on after a restart, where `consider` put it off; None where it didn't."""
        ...


@runtime_checkable
class VisibleVerb(Verb, Protocol):
    """A verb of which it can be seen afterwards whether it was carried out."""

    def aftermath(self, order: Order) -> Outcome:
        """What came of ``order``, which the agent's end cut short before it was answered. Does nothing."""
        ...


@runtime_checkable
class LastingVerb(Verb, Protocol):
    """A verb whose work goes on after the reply."""

    def recover(self, order: Order) -> Work:
        """How to bring the work of ``order`` to an end that a restart of the agent interrupted."""
        ...
