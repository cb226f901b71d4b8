"""What an agent is told at its start."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from fxtop.actions.chain.rotation import Retention
from fxtop.actions.guardrails.judge import Guardrails
from fxtop.agent.limits import Limits
from fxtop.agent.trust import Trust
from fxtop.protocol.ids import ClusterSlug, NodeId


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """The settings of one agent; all periods are seconds."""

    cluster: ClusterSlug
    node: NodeId
    state_dir: Path
    """Where drain state, weight, remembered requests and the journal are kept; the agent's alone."""
    guardrails: Guardrails = field(default_factory=Guardrails)
    """The site's rules, of all clusters."""
    trust: Trust = field(default_factory=Trust)
    """The keys that are listed at the start."""
    keys_file: Path | None = None
    """Where they are listed, looked at for changes; None where nobody changes them but `Agent.relist`."""
    limits: Limits = field(default_factory=Limits)
    retention: Retention = field(default_factory=Retention)
    """How much of the journal is kept."""
    capacity: int | None = None
    """Sessions that this node is meant to carry; None where nobody said."""
    weight: float = 1.0
    """Placement weight until a rebalance sets another."""
    interval: float = 5.0
    """Between heartbeats; 0.2 to 300 (protocol 2)."""
    facts_every: float = 300.0
    facts_look: float = 30.0
    """Between looks at the facts, so that a change is told long before they are due."""
    host_every: float | None = None
    """Between looks at the machine; None for half the interval."""
    snapshot_every: float = 60.0
    poll_every: float = 5.0
    """Between looks at the sessions where the provider doesn't tell of a change by itself."""
    host_limit: float = 4.0
    """After which a look at the machine is given up, and tried again at the next one; so for the others."""
    facts_limit: float = 4.0
    session_limit: float = 4.0

    placement_table: Path | None = None
    """Where `fxtop node-select` finds what is known of all nodes; None where nothing on this node asks for it."""

    @property
    def journal_file(self) -> Path:
        """Every decision, append only."""
        return self.state_dir / "journal.jsonl"

    @property
    def ledger_file(self) -> Path:
        """The requests that are remembered."""
        return self.state_dir / "requests.json"

    @property
    def waiting_file(self) -> Path:
        """The requests that wait for a second person."""
        return self.state_dir / "waiting.json"

    @property
    def placement_file(self) -> Path:
        """Drain state and weight."""
        return self.state_dir / "placement.json"
