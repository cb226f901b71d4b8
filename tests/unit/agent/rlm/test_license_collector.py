"""The heartbeats of a licence server, made of what a program in the place of rlmutil says."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from fxtop.agent.collectors.license import LicenseServer
from fxtop.agent.collectors.port import Collector
from fxtop.agent.rlm.tally import Tallies
from fxtop.clock import SystemClock
from fxtop.protocol.ids import LicenseId
from fxtop.protocol.license import Holder, Isv, LicenseHeartbeat, Pool
from tests.unit.agent.kit import Node, SetClock, running
from tests.unit.agent.rlm.answers import CSCI, ERROR, FOUNDRY, daemon, head, pool, pools, sample, status, usage, whole
from tests.unit.agent.rlm.fake import SERVER, FakeRlmutil

BERLIN = ZoneInfo("Europe/Berlin")


def seconds(*numbers: int, zone: ZoneInfo | None = None) -> float:
    return datetime(*numbers, tzinfo=zone or UTC).timestamp()  # type: ignore[misc, arg-type]  # year, month, day, …


@pytest.fixture
def rlmutil(tmp_path: Path) -> FakeRlmutil:
    return FakeRlmutil(tmp_path)


async def read(rlmutil: FakeRlmutil, *now: int, zone: ZoneInfo | None = None) -> LicenseHeartbeat:
    clock = SetClock(seconds(*now) if now else 1_716_300_000.0)
    return await LicenseServer(rlmutil.stat(), clock, zone=zone or ZoneInfo("UTC")).read()


async def test_csci_becomes_a_heartbeat(rlmutil: FakeRlmutil) -> None:
    beat = await read(rlmutil.says(sample(CSCI)), 2021, 11, 3, 12, 50)
    end = seconds(2022, 1, 31, 23, 59, 59)
    assert beat == LicenseHeartbeat(
        v=1, ts=0.0, boot="", seq=0, server=LicenseId("5053@lic1"), reachable=True, error=None, uptime=8593705.0,
        interval=30.0,
        isvs=[Isv(name="csci", running=True, restarts=0)],
        pools=[
            Pool(
                isv="csci", product=product, version=version, pool=None, count=count, reserved=0, inuse=inuse,
                expires=end, kind="counted", checkouts_total=out, denials_total=0, denials_of="isv",
            )
            for product, version, count, inuse, out in (
                ("converge", "3.0", 1, 0, 0),
                ("converge_gui", "1.0", 45, 0, 26),
                ("converge_gui_polygonica", "1.0", 1, 0, 26),
                ("converge_super", "3.0", 1000, 93, 169),
                ("converge_tecplot", "1.0", 45, 0, 16),
            )
        ],
        holders=[
            Holder(
                isv="csci", product="converge_super", version="3.0", pool=None, user=user, host="myserver.example.com",
                seats=seats, reserved=0, since=since, handle=handle, note=None,
            )
            for user, seats, since, handle in (
                ("jbemfv", 29, seconds(2021, 11, 1, 9, 1), "15a"),
                ("cdxfdn", 27, seconds(2021, 11, 3, 10, 38), "128"),
                ("jbemfv", 37, seconds(2021, 11, 1, 9, 1), "15a"),
            )
        ],
    )  # fmt: skip


async def test_foundry_becomes_a_heartbeat(rlmutil: FakeRlmutil) -> None:
    beat = await read(rlmutil.says(sample(FOUNDRY)), 2024, 3, 31, 3, 0)
    assert (beat.reachable, beat.error, beat.uptime) == (True, None, 483974.0)
    assert [each.pool for each in beat.pools] == list(range(1, 13))
    assert [each.expires for each in beat.pools[:3]] == [seconds(2024, 3, 31, 23, 59, 59)] * 2 + [None]
    assert sum(each.denials_total for each in beat.pools) == 1230
    assert {each.denials_of for each in beat.pools} == {"isv"}
    assert sum(each.checkouts_total for each in beat.pools) == 61732
    assert (len(beat.holders), beat.holders[0].since) == (10, seconds(2024, 3, 28, 21, 44))


async def test_denials_are_a_pools_own_where_its_isv_has_no_other(rlmutil: FakeRlmutil) -> None:
    text = pools("starnet", pool("desktop v5.0")) + pools("other", pool("a v1"), pool("b v1"))
    beat = await read(rlmutil.says(head() + text))
    assert [(each.product, each.denials_of) for each in beat.pools] == [("desktop", "pool"), ("a", "isv"), ("b", "isv")]


async def test_times_are_read_by_the_servers_clock(rlmutil: FakeRlmutil) -> None:
    text = pools("starnet", pool("desktop v5.0", exp="31-jan-2022")) + usage(
        "starnet", "desktop v5.0: ann@viz01 1/0 at 05/21 09:00  (handle: 1a)"
    )
    beat = await read(rlmutil.says(daemon("starnet 1 Yes 0") + text), 2024, 5, 21, 10, 0, zone=BERLIN)
    assert beat.holders[0].since == seconds(2024, 5, 21, 7, 0)
    assert beat.pools[0].expires == seconds(2022, 1, 31, 22, 59, 59)


async def test_times_are_read_by_this_machines_clock_where_nothing_is_said(
    rlmutil: FakeRlmutil, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    collector = LicenseServer(rlmutil.says(whole()).stat(), SetClock(seconds(2024, 5, 21, 20, 0)))
    assert (await collector.read()).holders[0].since == seconds(2024, 5, 21, 13, 0)


async def test_kinds_of_pools(rlmutil: FakeRlmutil) -> None:
    text = pools(
        "starnet",
        pool("a v1", count="unlimited", inuse=2),
        "\tb v1\n\t\tUNCOUNTED, inuse: 3\n",
        "\tc v1\n\t\tToken-based license\n",
    )
    beat = await read(rlmutil.says(head() + text))
    assert [(each.kind, each.count, each.inuse) for each in beat.pools] == [
        ("unlimited", None, 2), ("uncounted", None, 3), ("token", None, 0),
    ]  # fmt: skip


async def test_what_a_row_says_besides_is_its_note(rlmutil: FakeRlmutil) -> None:
    row = "desktop v5.0: ann@viz01 1/0 at 05/21 09:00  (handle: 1a) (roaming until 6/1)"
    [holder] = (await read(rlmutil.says(head() + usage("starnet", row)))).holders
    assert (holder.handle, holder.note) == ("1a", "(roaming until 6/1)")


async def test_partial_understanding_is_told_with_what_was_understood(rlmutil: FakeRlmutil) -> None:
    beat = await read(rlmutil.says(whole() + usage("starnet", "desktop v5.0: bob@viz01 queued")))
    assert beat.reachable
    assert len(beat.holders) == 1
    assert beat.error == "1 line of rlmstat's answer couldn't be understood, first “desktop v5.0: bob@viz01 queued”."


async def test_an_isv_that_is_down_has_no_pools_and_is_not_running(rlmutil: FakeRlmutil) -> None:
    beat = await read(rlmutil.says(head() + daemon("starnet 49827 No 5")))
    assert (beat.reachable, beat.error) == (True, None)
    assert beat.isvs == [Isv(name="starnet", running=False, restarts=5)]
    assert beat.pools == []


async def test_a_server_that_goes_away_takes_its_pools_with_it(rlmutil: FakeRlmutil) -> None:
    collector = LicenseServer(rlmutil.says(whole()).stat(), SetClock())
    assert (await collector.read()).reachable
    rlmutil.says(sample(ERROR), 1)
    beat = await collector.read()
    assert not beat.reachable
    assert (beat.isvs, beat.pools, beat.holders, beat.uptime) == ([], [], [], None)
    assert (beat.server, beat.interval) == (SERVER, 30.0)
    assert beat.error is not None
    assert beat.error.startswith("5053@lic1 can't be reached (exit code 1): Error connecting to")


async def test_a_program_that_is_missing_is_a_reading_too(rlmutil: FakeRlmutil) -> None:
    beat = await read(rlmutil)
    assert not beat.reachable
    assert beat.error == (
        f"{rlmutil.program} isn't there: install RLM's rlmutil, or tell where it is in the agent's configuration."
    )


async def test_an_answer_in_time_that_makes_no_sense_is_a_reading_too(rlmutil: FakeRlmutil) -> None:
    beat = await read(rlmutil.says("Usage: rlmutil program <options>\n", 1))
    assert not beat.reachable
    assert beat.error == "rlmutil's answer is none of rlmstat's (exit code 1): “Usage: rlmutil program <options>”."


async def test_counters_go_on_when_rlm_starts_anew_and_when_the_agent_does(
    rlmutil: FakeRlmutil, tmp_path: Path
) -> None:
    kept = tmp_path / "state" / "rlm.json"

    async def totals(collector: LicenseServer, answer: str) -> tuple[int, int]:
        rlmutil.says(answer)
        [pool] = (await collector.read()).pools
        return pool.checkouts_total, pool.denials_total

    first = LicenseServer(rlmutil.says("").stat(), SetClock(), Tallies(kept))
    assert await totals(first, whole(checkouts=70, denials=3)) == (70, 3)
    anew = "Tue May 21 10:10:00 2024"
    assert await totals(first, whole(checkouts=2, denials=1, up="up 00:00:10", started=anew)) == (72, 4)
    second = LicenseServer(rlmutil.stat(), SetClock(), Tallies(kept))
    assert await totals(second, whole(checkouts=4, denials=1, up="up 00:05:10", started=anew)) == (74, 4)


async def test_a_disk_that_keeps_no_counters_is_told_of_once(
    rlmutil: FakeRlmutil, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept = tmp_path / "state" / "rlm.json"
    collector = LicenseServer(rlmutil.says(whole(checkouts=7)).stat(), SetClock(), Tallies(kept))
    kept.parent.write_text("in the way")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert (await collector.read()).reachable
    assert [record.message for record in caplog.records] == [
        f"The agent can't keep its state in {kept}: File exists. "
        "Checkouts and denials are counted anew when the agent is started next."
    ]
    kept.parent.unlink()
    await collector.read()
    assert kept.exists()


def test_an_interval_that_is_too_short_is_refused(rlmutil: FakeRlmutil) -> None:
    with pytest.raises(ValueError, match="every 10 s when that may take 10 s"):
        LicenseServer(rlmutil.stat(limit=10.0), SetClock(), interval=10.0)


def test_it_is_a_collector(rlmutil: FakeRlmutil) -> None:
    collector: Collector = LicenseServer(rlmutil.stat(limit=2.0), SetClock(), interval=5.0)
    assert (collector.kind, collector.interval) == ("license", 5.0)


async def test_a_status_block_alone_tells_of_no_pools(rlmutil: FakeRlmutil) -> None:
    beat = await read(rlmutil.says(head() + daemon("starnet 49827 Yes 0") + status("starnet", denials=4)))
    assert beat.pools == []
    assert beat.error == "The pools of the ISV starnet weren't told: the answer may be cut off."


async def test_the_agent_tells_what_it_reads(rlmutil: FakeRlmutil, tmp_path: Path) -> None:
    collector = LicenseServer(rlmutil.says(whole(inuse=2)).stat(), SystemClock())
    node = Node(tmp_path, collectors=[collector])
    async with running(node):
        await node.hub.until("hb.license", 1)
        [delivery] = node.hub.heard("hb.license")
    assert isinstance(delivery.message, LicenseHeartbeat)
    assert delivery.ids == (SERVER,)
    assert delivery.message.reachable
    assert sum(holder.seats for holder in delivery.message.holders) == 2
    assert [bye.ids for bye in node.hub.heard("bye.license")] == [(SERVER,)]
