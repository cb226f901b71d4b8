"""An agent tells what is in its journal, within bounds, and only to who asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fxtop.actions.inquiry import inquire
from fxtop.actions.journal import DECISION, Entry, Journal
from fxtop.actions.story import Wanted
from fxtop.agent.history import HistoryAnswers
from fxtop.agent.identity import Identity
from fxtop.bus.port import Answer
from fxtop.clock import SystemClock
from fxtop.protocol import subjects
from fxtop.protocol.encode import encode
from fxtop.protocol.history import ANSWER_BYTES, History, HistoryAsk, decode_history
from fxtop.protocol.ids import NodeId
from tests.unit.agent.hub import Hub, MemoryBus
from tests.unit.agent.kit import CLUSTER, NODE

SUBJECT = subjects.build(CLUSTER, "history")


def decided(at: float, **over: Any) -> Entry:
    fields: dict[str, Any] = {
        "cluster": CLUSTER, "verb": "drain", "operator": "ann", "request": f"r{at:g}", "targets": (NODE,),
        "reason": "disk", "decision": "accepted", "state": "done", **over,
    }  # fmt: skip
    return Entry(v=1, at=at, kind=DECISION, **fields)


class Place:
    """An agent's journal that is asked over a bus."""

    def __init__(self, folder: Path, node: NodeId = NODE) -> None:
        self.bus = MemoryBus(Hub(), SystemClock(), CLUSTER)
        self.journal = Journal(folder / f"{node}.jsonl")
        self.answers = HistoryAnswers(self.journal, self.bus, Identity(CLUSTER, node, "b1"))

    async def ask(self, **fields: Any) -> list[History]:
        payload = encode(HistoryAsk(v=1, **({"since": 0.0, "spread": 0.0} | fields)))
        return [decode_history(answer.payload) for answer in await self.raw(payload)]

    async def raw(self, payload: bytes) -> list[Answer]:
        return list(await self.bus.gather(SUBJECT, payload, within=0.5, quiet=0.05))


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    place = Place(tmp_path)
    await place.bus.start()
    await place.bus.listen(SUBJECT, place.answers.handle)
    yield place
    await place.answers.stop()


async def test_it_tells_what_it_decided_and_what_came_of_it(place: Place) -> None:
    place.journal.write(decided(5, code="c", detail="words", ticket="T1", data={"deadline": None}))
    (history,) = await place.ask()
    (line,) = history.lines
    assert (history.node, history.more, history.damaged, history.error) == (NODE, False, 0, None)
    assert (line.ts, line.request, line.operator, line.verb, line.reason) == (5, "r5", "ann", "drain", "disk")
    assert (line.decision, line.outcome, line.code, line.detail) == ("accepted", "done", "c", "words")
    assert (line.ticket, line.args) == ("T1", {"deadline": None})


async def test_nothing_on_record_is_an_answer_too(place: Place) -> None:
    (history,) = await place.ask()
    assert history.lines == []


async def test_only_what_fits_is_told(place: Place) -> None:
    place.journal.write(decided(1), decided(5, operator="bob"), decided(6, verb="resume"), decided(9))
    assert [line.ts for line in (await place.ask(since=2.0, until=8.0))[0].lines] == [5, 6]
    assert [line.ts for line in (await place.ask(operator="bob"))[0].lines] == [5]
    assert [line.ts for line in (await place.ask(verb="resume"))[0].lines] == [6]
    assert [line.ts for line in (await place.ask(request="r9"))[0].lines] == [9]


async def test_who_is_not_meant_is_silent(place: Place) -> None:
    assert await place.ask(nodes=["viz99.example.edu"]) == []
    assert len(await place.ask(nodes=["viz01"])) == 1
    assert len(await place.ask(nodes=[NODE])) == 1


async def test_the_newest_is_told_where_there_is_too_much(place: Place) -> None:
    place.journal.write(*(decided(float(at)) for at in range(10)))
    (history,) = await place.ask(limit=3)
    assert [line.ts for line in history.lines] == [7, 8, 9]
    assert history.more
    place.journal.write(*(decided(float(at), detail="x" * 1000) for at in range(10, 300)))
    (answer,) = await place.raw(encode(HistoryAsk(v=1, since=0.0, limit=1000, spread=0.0)))
    assert len(answer.payload) < ANSWER_BYTES + 4096
    assert decode_history(answer.payload).lines[-1].ts == 299
    assert decode_history(answer.payload).more


async def test_a_journal_that_cant_be_read_is_said_so(place: Place) -> None:
    place.journal.path.mkdir()
    (history,) = await place.ask()
    assert history.error is not None
    assert "can't be read" in history.error


async def test_what_is_no_question_is_not_answered(place: Place) -> None:
    for payload in (b"", b"[]", b'{"v":2,"since":0}', b'{"v":1,"since":0,"limit":1000000}', b"\xff"):
        assert await place.raw(payload) == []


async def test_hostile_text_in_an_answer_is_inert(place: Place) -> None:
    payload = msgspec.json.encode(
        {"v": 1, "node": "n\x1b[2J", "lines": [{"ts": 1, "request": "r", "verb": "v\x07", "decision": "d"}]}
    )
    history = decode_history(payload)
    assert history.node == "n·[2J"
    assert history.lines[0].verb == "v·"


async def test_all_answers_come_together_with_whose_they_are(place: Place) -> None:
    place.journal.write(decided(5))
    with place.journal.path.open("ab") as file:
        file.write(b"torn")
    heard = await inquire(place.bus, CLUSTER, Wanted(since=1.0, node="viz01"))
    assert heard.nodes == heard.damaged == {NODE}
    ((entry, source),) = heard.told
    assert source == NODE
    assert entry == decided(5)
