"""The invented world: people come, work, leave, and don't always behave."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from typing import Final

from fxtop.agent.providers.port import ProviderError, UnknownSession
from fxtop.agent.simulated.catalog import (
    APPS,
    GIB,
    HANGS_BECAUSE,
    LOGINS,
    MIB,
    PROJECTS,
    SCHEDULER,
    WAIT_REASONS,
    App,
)
from fxtop.agent.simulated.licenses import SimulatedLicenses
from fxtop.agent.simulated.place import Place
from fxtop.agent.simulated.session import SEATED, SimulatedSession
from fxtop.clock import Clock
from fxtop.protocol.ids import NodeId, SessionId
from fxtop.protocol.session import Pending

TICK: Final = 0.5
"""Seconds of a step of the world."""
TURN: Final = 2_000
"""Sessions that are looked at in a step, give or take: where there are more, each has its turn in a later one."""
TURN_TICK: Final = 0.1
"""Seconds of such a step."""
CANDIDATES: Final = 8
"""Nodes that the balancer chooses among where there are many: the best of so few is nearly the best of all."""
FEW: Final = 64
"""Nodes of which it looks at all."""
PER_USER: Final = 10
"""Sessions that one user has on average where there are more users than have a name in `LOGINS`."""
_BY_HABIT: Final = 0.3
"""Share of starts that go where their user always goes, past the balancer."""
_STUBBORN: Final = 0.1
_STARTING: Final = 2.5
_ENDING: Final = 1.5
_CONNECTED: Final = 900.0
_AWAY: Final = 700.0
_QUEUED: Final = 45.0
_NEVER: Final = float("inf")


class SimulatedSite:
    """All nodes and sessions of an invented cluster, driven by a seed.

    `advance` is the only thing that lets time pass; `run` calls it by the clock. New sessions go where a balancer that
    knows drains and weights sends them, apart from those of people who have their own habits.

    Args:
        nodes: their ids.
        clock: time.
        sessions: how many there are, give or take.
        seed: the same seed makes the same world.
        life: seconds that a session lasts on average.
        seats: licence seats; None for a third more than sessions.
        unlimited: whether sessions without one of those have a seat that isn't counted.
        pace: how many times faster than people do all comes and goes.
    """

    def __init__(
        self,
        nodes: Sequence[NodeId],
        clock: Clock,
        *,
        sessions: int = 180,
        seed: int = 7,
        life: float = 1800.0,
        seats: int | None = None,
        unlimited: bool = False,
        pace: float = 1.0,
    ) -> None:
        self._random = random.Random(seed)  # noqa: S311  # the world must be the same for the same seed
        self._clock = clock
        self._life = life / pace
        self._pace = pace
        self._target = sessions
        self.licenses = SimulatedLicenses(sessions * 4 // 3 if seats is None else seats, clock, unlimited=unlimited)
        self._users = _users(sessions // PER_USER)
        room = max(8, 2 * sessions // max(1, len(nodes)))
        self.places = {node: self._build(node, room) for node in nodes}
        self._order = tuple(self.places.values())
        self._next_turn = 0
        self._homes = {user: self._order[number * 7 % len(self._order)] for number, user in enumerate(self._users)}
        """Where users go by habit."""
        self._next_start = clock.now() + self._pause()
        for _ in range(sessions):
            self._settle_one()
        for place in self.places.values():
            place.settle(clock.now())

    @property
    def sessions(self) -> list[SimulatedSession]:
        """Every session on every node."""
        return [session for place in self.places.values() for session in place.sessions.values()]

    async def run(self) -> None:
        """Let the world go on until cancelled."""
        while True:
            await asyncio.sleep(TICK if self._target <= TURN else TURN_TICK)
            self.advance()

    def advance(self) -> None:
        """Let happen what is due by now: all of it, or where there is much, that of the nodes whose turn it is."""
        now = self._clock.now()
        while self._next_start <= now:
            self._next_start += self._pause()
            self.start_one()
        for place in self._next_places():
            for session in list(place.sessions.values()):
                self._live(session, now)
            place.advance(now)

    def _next_places(self) -> Iterator[Place]:
        seen = 0
        for _ in self._order:
            place = self._order[self._next_turn]
            self._next_turn = (self._next_turn + 1) % len(self._order)
            yield place
            seen += len(place.sessions)
            if seen >= TURN:
                return

    def start_one(self) -> SimulatedSession | None:
        """Somebody starts a session; None where no node takes it or no seat is free."""
        user = self._random.choice(self._users)
        place = self._where(user)
        if place is None:
            return None
        session = self._invent(place, user, self._clock.now())
        if session.app.batch:
            self._queue(session)
        elif not self._seat(session):
            return None
        place.sessions[session.id] = session
        place.touch()
        return session

    def surge(self, starts: int) -> int:
        """Many people come at once; how many of them got a session."""
        return sum(self.start_one() is not None for _ in range(starts))

    def hang_one(self, node: NodeId) -> SessionId:
        """A session is queued on ``node`` that its scheduler will never start."""
        place = self.places[node]
        session = self._invent(place, self._random.choice(self._users), self._clock.now())
        self._queue(session, HANGS_BECAUSE)
        session.turns = session.ends = _NEVER
        place.sessions[session.id] = session
        place.touch()
        return session.id

    def leave_ghosts(self, count: int) -> list[SessionId]:
        """Sessions die without giving their seat back; their directories stay behind as ghosts. Their ids."""
        alive = [session for session in self.sessions if session.state in ("running", "disconnected")]
        dying = self._random.sample(alive, min(count, len(alive)))
        for session in dying:
            self.licenses.keep(session.id)
            session.state, session.cpu, session.mem, session.pid = "ghost", 0.0, 0, None
            session.turns = session.ends = _NEVER
            self.places[session.node].touch()
        return [session.id for session in dying]

    def find(self, node: NodeId, session: SessionId) -> SimulatedSession:
        """The session of that id on ``node``. Raises UnknownSession."""
        found = self.places[node].sessions.get(session)
        if found is None:
            raise UnknownSession(f"There is no session {session} on {node}.")
        return found

    def ask_to_end(self, session: SimulatedSession) -> None:
        """Ask a session's command to end; most do."""
        if session.state in SEATED:
            session.state = "ending"
            session.turns = _NEVER if session.stubborn else self._clock.now() + self._random.uniform(0.2, _ENDING)
            self.places[session.node].touch()
        else:
            self.remove(session)

    def remove(self, session: SimulatedSession) -> None:
        """Take a session away."""
        place = self.places[session.node]
        place.sessions.pop(session.id, None)
        self.licenses.check_in(session.id)
        session.gone.set()
        place.touch()

    def move(self, session: SimulatedSession, to: NodeId) -> None:
        """Send a pending session to another node. Raises ProviderError."""
        target = self.places.get(to)
        if session.state != "pending":
            raise ProviderError(f"The session {session.id} is {session.state}: only a pending one can move.")
        if target is None or not target.open:
            raise ProviderError(f"{to} takes no session now.")
        source = self.places[session.node]
        del source.sessions[session.id]
        session.node = to
        target.sessions[session.id] = session
        source.touch()
        target.touch()

    def _pause(self) -> float:
        """Seconds until the next one comes, so that as many come as go."""
        return self._random.expovariate(self._target / self._life) if self._target else _NEVER

    def _build(self, node: NodeId, room: int) -> Place:
        cores = self._random.choice((32, 32, 48, 64))
        booted = self._clock.now() - self._random.uniform(2, 90) * 86400
        return Place(node, cores=cores, mem=cores * 6 * GIB, capacity=room, booted=booted)

    def _settle_one(self) -> None:
        """One of the sessions that have been there for a while when the story begins."""
        session = self.start_one()
        if session is None or session.state == "pending":
            return
        now = self._clock.now()
        session.created = now - self._random.expovariate(1 / self._life)
        session.last_input = now - self._random.uniform(0, min(600.0, now - session.created))
        self._start(session, now)
        if self._random.random() < _AWAY / (_AWAY + _CONNECTED):
            self._disconnect(session, now)
        self._work(session, settled=True)

    def _invent(self, place: Place, user: str, now: float) -> SimulatedSession:
        app: App = self._random.choices(APPS, [app.popularity for app in APPS])[0]
        return SimulatedSession(
            id=SessionId(f"{self._random.getrandbits(128):032x}"),
            node=place.node,
            user=user,
            app=app,
            geometry=self._random.choice(app.geometries),
            created=now,
            state="starting",
            turns=now + _STARTING,
            ends=now + self._random.expovariate(1 / self._life),
            last_input=now,
            stubborn=self._random.random() < _STUBBORN,
            project=self._random.choice(PROJECTS),
        )

    def _where(self, user: str) -> Place | None:
        habitual = self._homes[user]
        if habitual.open and self._random.random() < _BY_HABIT:
            return habitual
        return min(self._rooms(), key=lambda place: (place.fill, self._random.random()), default=None)

    def _rooms(self) -> list[Place]:
        """The nodes that take a session now, or some of them where there are many."""
        if len(self._order) > FEW:
            some = [place for place in self._random.choices(self._order, k=CANDIDATES) if place.open]
            if some:
                return some
        return [place for place in self._order if place.open]

    def _seat(self, session: SimulatedSession) -> bool:
        return self.licenses.check_out(session.id, session.user, self.places[session.node].host)

    def _queue(self, session: SimulatedSession, reason: str | None = None) -> None:
        session.state = "pending"
        session.pending = Pending(
            scheduler=f"{SCHEDULER} (simulated)",
            job=str(self._random.randrange(400_000, 499_999)),
            reason=reason or self._random.choice(WAIT_REASONS),
        )
        session.turns = session.created + 5 + self._random.expovariate(self._pace / _QUEUED)

    def _live(self, session: SimulatedSession, now: float) -> None:
        """One session's next step."""
        if session.state == "ghost":
            return
        if session.state not in ("pending", "ending") and session.ends <= now:
            session.state, session.turns = "ending", now + _ENDING
            self.places[session.node].touch()
        elif session.turns <= now:
            self._turn(session, now)
        if session.state != "pending":
            self._work(session)

    def _turn(self, session: SimulatedSession, now: float) -> None:
        if session.state == "ending":
            self.remove(session)
            return
        if session.state == "pending":
            self._try_to_start(session, now)
        elif session.state in ("starting", "disconnected"):
            self._start(session, now)
        else:
            self._disconnect(session, now)
        self.places[session.node].touch()

    def _try_to_start(self, session: SimulatedSession, now: float) -> None:
        """The scheduler's turn: a node that drains meanwhile is left, a lack of seats is waited out."""
        session.turns = now + _QUEUED / 3
        if not self.places[session.node].taking:
            rooms = self._rooms()
            if rooms:
                self.move(session, min(rooms, key=lambda place: place.fill).node)
        elif self._seat(session):
            session.pending, session.state, session.turns = None, "starting", now + _STARTING
            session.ends = now + self._random.expovariate(1 / self._life)

    def _start(self, session: SimulatedSession, now: float) -> None:
        """Somebody is connected."""
        session.state = "running"
        session.turns = now + self._random.expovariate(self._pace / _CONNECTED)
        session.display = session.display or f":{self._random.randrange(100, 400)}"
        session.pid = session.pid or self._random.randrange(2000, 4_000_000)

    def _disconnect(self, session: SimulatedSession, now: float) -> None:
        session.state = "disconnected"
        session.turns = now + self._random.expovariate(self._pace / _AWAY)

    def _work(self, session: SimulatedSession, *, settled: bool = False) -> None:
        """Load, memory and input of one step."""
        busy = session.state == "running" or session.app.unattended
        wanted = session.app.cpu * self._random.uniform(0.5, 1.5) if busy else 0.01
        session.cpu += (wanted - session.cpu) * (1.0 if settled else 0.2)
        grown = session.app.mem * self._random.uniform(0.9, 1.1)
        session.mem += int((grown - session.mem) * (1.0 if settled else 0.02)) // MIB * MIB
        if session.state == "running" and self._random.random() < 0.3:
            session.last_input = self._clock.now()


def _users(count: int) -> tuple[str, ...]:
    """Who works here: those who have a name, and as many more as it takes."""
    return (*LOGINS, *(f"u{number:05d}" for number in range(len(LOGINS), count)))
