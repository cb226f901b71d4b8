"""Where one node's requests are answered: the gate, the records, the jobs and the verbs, put together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from fxtop.actions.journal import Journal
from fxtop.agent.background import Background
from fxtop.agent.config import AgentConfig
from fxtop.agent.control import Control
from fxtop.agent.gate import Gate
from fxtop.agent.guardrails import NodeGuardrails
from fxtop.agent.identity import Identity
from fxtop.agent.jobs import Jobs
from fxtop.agent.key_list import KeyList
from fxtop.agent.launchers import launchers
from fxtop.agent.ledger import Ledger
from fxtop.agent.limits import Allowances
from fxtop.agent.order import Verb
from fxtop.agent.outbox import Outbox
from fxtop.agent.placement import Placement
from fxtop.agent.providers.port import SessionProvider
from fxtop.agent.records import Records
from fxtop.agent.refusals import Refusals
from fxtop.agent.second_person import SecondPerson
from fxtop.agent.sessions import SessionBoard
from fxtop.agent.taken import taken_lately
from fxtop.agent.trust import Trust
from fxtop.agent.verbs.consent import Approve, Withdraw
from fxtop.agent.verbs.drain import DrainNode, ResumeNode
from fxtop.agent.verbs.message import SendMessage
from fxtop.agent.verbs.ping import Ping
from fxtop.agent.verbs.recall import Recall
from fxtop.agent.verbs.requeue import Requeue
from fxtop.agent.verbs.terminate import Terminate
from fxtop.agent.verbs.weight import SetWeight
from fxtop.agent.waiting_room import WaitingRoom
from fxtop.bus.port import Bus, Endpoint
from fxtop.clock import Clock


class Desk:
    """All that a request to one node meets.

    It speaks through ``outbox`` and runs its jobs in ``background``; when to begin and end is its owner's to say.

    Raises:
        StateError: the node's state directory can't be read.
    """

    def __init__(  # noqa: PLR0913  # the parts of an agent that it works with, each by name
        self,
        config: AgentConfig,
        identity: Identity,
        bus: Bus,
        clock: Clock,
        *,
        provider: SessionProvider,
        board: SessionBoard,
        placement: Placement,
        outbox: Outbox,
        background: Background,
    ) -> None:
        self._bus = bus
        self._identity = identity
        self._clock = clock
        self._provider = provider
        self._board = board
        self._placement = placement
        self.journal = Journal(config.journal_file, config.retention)
        self._records = Records(self.journal, outbox, identity, clock)
        self._gate = Gate(KeyList(config.trust, config.keys_file), identity, board, clock)
        self._ledger = Ledger(config.ledger_file, clock, taken_lately(self.journal, clock))
        self.jobs = Jobs(background, outbox, self._records, self._ledger, identity, clock)
        self.refusals = Refusals(self._records, clock)
        self._allowances = Allowances(config.limits, self.jobs, clock)
        self._second = SecondPerson(WaitingRoom(config.waiting_file), config.node, clock)
        self.control = self._make_control(self._make_guardrails(config))
        self._recovered = False

    def relist(self, trust: Trust) -> None:
        """Go by another list of keys from now on; requests that were taken on go on."""
        self._gate.relist(trust)

    async def recover(self) -> None:
        """Judge what the last life of the agent left, once the sessions are known."""
        if self._board.seen and not self._recovered:
            self._recovered = True
            await self.control.recover()

    def endpoints(self) -> Iterator[Endpoint]:
        """One for each verb of a node."""
        yield Ping(self._bus, self._identity, self._gate, self._clock).endpoint()
        node_verbs: tuple[Verb, ...] = (
            DrainNode(self._board, self._provider, self._placement, self._clock),
            ResumeNode(self._board, self._placement),
            Terminate(self._board, self._provider),
            SendMessage(self._board, self._provider),
            SetWeight(self._placement),
            Requeue(self._board, self._provider),
            Approve(self._second, self.control.verbs, self._gate.whose),
            Withdraw(self._second, self._gate.allows),
            self._recall(),
        )
        for verb in node_verbs:
            yield self.control.node_endpoint(verb)

    def manager_endpoints(self, *verbs: Verb) -> Iterator[Endpoint]:
        """One for each verb of a cluster manager."""
        for verb in verbs:
            yield self.control.manager_endpoint(verb)
        yield self.control.manager_endpoint(self._recall(), queue="")

    def _recall(self) -> Recall:
        return Recall(self._ledger, self.jobs)

    def _make_control(self, guardrails: NodeGuardrails) -> Control:
        return Control(
            bus=self._bus,
            identity=self._identity,
            gate=self._gate,
            ledger=self._ledger,
            records=self._records,
            refusals=self.refusals,
            jobs=self.jobs,
            oversight=guardrails,
            checks=(self._allowances.check,),
        )

    def _make_guardrails(self, config: AgentConfig) -> NodeGuardrails:
        """The site's rules, and with them the requests that wait for a second person."""
        return NodeGuardrails(
            config.guardrails.of_cluster(self._identity.cluster),
            self._second,
            self._gate,
            self._board,
            self._placement,
            partial(launchers, self._bus, self._identity, self._clock),
            self._clock,
        )
