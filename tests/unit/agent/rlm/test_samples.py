"""The published answers of rlmstat, read to the last number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from fxtop.agent.rlm.parser import parse
from fxtop.agent.rlm.report import (
    Block,
    Failure,
    IsvEntry,
    PoolRow,
    PrintedMoment,
    RlmReport,
    RlmServer,
    Status,
    UsageRow,
    Window,
)
from tests.unit.agent.rlm.answers import ALL, CSCI, ERROR, FOUNDRY, REPRISE, sample

D1 = 86400.0


def at(*numbers: int) -> datetime:
    return datetime(*numbers)  # type: ignore[arg-type]  # noqa: DTZ001  # as it was printed: without a zone


def row(isv: str, product: str, version: str, count: int, inuse: int, expires: date | None, out: int) -> PoolRow:
    return PoolRow(
        isv=isv, product=product, version=version, pool=None, kind="counted", count=count, reserved=0, inuse=inuse,
        expires=expires, checkouts=out, min_remove=120,
    )  # fmt: skip


def used(
    isv: str, product: str, version: str, user: str, host: str, seats: int, moment: PrintedMoment, handle: str
) -> UsageRow:
    return UsageRow(isv, product, version, user, host, seats, 0, moment, handle)


@pytest.mark.parametrize("name", ALL)
def test_every_line_of_every_sample_is_understood(name: str) -> None:
    text = sample(name)
    report = parse(text)
    assert report.unread == ()
    assert report.understood == sum(1 for line in text.splitlines() if line.strip())


def test_csci_without_pool_numbers() -> None:
    end = date(2022, 1, 31)
    moment = PrintedMoment(11, 1, 9, 1)
    recent, today = at(2021, 11, 3, 12, 32, 30), at(2021, 11, 2, 23, 0, 6)
    host = "myserver.example.com"
    server = RlmServer(
        daemon=Status(
            "rlm", "licserv.com", 35015, True, 99 * D1 + 40105, at(2021, 10, 19, 1, 40, 13), "v12.2",
            recent=Window(recent, 968, 582, 463),
            today=Window(today, 49712, 28937, 23147),
            total=Window(at(2021, 10, 19, 1, 40, 13), 15 * D1 + 40105, 777647, 622164),
        ),
        isvs=(IsvEntry("csci", 63133, True, 0),),
        statuses=(
            Status(
                "csci", "licserv.server.com", 63133, True, 99 * D1 + 40098, at(2021, 10, 19, 1, 40, 20), "v12.2",
                recent=Window(recent, 968, 991, 945, 0, 0, 0),
                today=Window(today, 49712, 34770, 17359, 1, 0, 0),
                total=Window(at(2021, 10, 19, 1, 40, 20), 15 * D1 + 40098, 935961, 466699, 937, 0, 0),
            ),
        ),
        pools=(
            row("csci", "converge", "3.0", 1, 0, end, 0),
            row("csci", "converge_gui", "1.0", 45, 0, end, 26),
            row("csci", "converge_gui_polygonica", "1.0", 1, 0, end, 26),
            row("csci", "converge_super", "3.0", 1000, 93, end, 169),
            row("csci", "converge_tecplot", "1.0", 45, 0, end, 16),
        ),
        usage=(
            used("csci", "converge_super", "3.0", "jbemfv", host, 29, moment, "15a"),
            used("csci", "converge_super", "3.0", "cdxfdn", host, 27, PrintedMoment(11, 3, 10, 38), "128"),
            used("csci", "converge_super", "3.0", "jbemfv", host, 37, moment, "15a"),
        ),
        blocks=(Block("csci", "status"), Block("csci", "pool"), Block("csci", "usage")),
    )  # fmt: skip
    assert parse(sample(CSCI)) == RlmReport(
        path=("10@licserv.server.com",), servers=(server,), failures=(), understood=54, unread=()
    )
    assert sum(each.seats for each in server.usage) == server.pools[3].inuse


def test_foundry_with_pool_numbers_and_several_pools_of_one_product() -> None:
    [server] = parse(sample(FOUNDRY)).servers
    assert server.pools == tuple(
        replace(row("foundry", product, version, count, inuse, expires, out), pool=number)
        for number, (product, version, count, inuse, expires, out) in enumerate(
            (
                ("hieroplayer_i", "2024.0331", 1, 0, date(2024, 3, 31), 0),
                ("nukexassist_i", "2024.0331", 2, 0, date(2024, 3, 31), 0),
                ("nuke_i", "2024.0331", 1, 1, None, 2321),
                ("nukex_i", "2024.0331", 1, 1, None, 346),
                ("hieroplayer_i", "2024.0701", 22, 0, date(2024, 7, 1), 0),
                ("nuke_i", "2024.0701", 22, 3, None, 25854),
                ("nukexassist_i", "2024.0701", 6, 0, date(2024, 7, 1), 0),
                ("nukex_i", "2024.0701", 3, 1, None, 1941),
                ("nuke_i", "2024.0416", 4, 0, date(2024, 4, 16), 0),
                ("nuke_r", "2024.0701", 16, 0, None, 22159),
                ("nuke_r", "2025.0118", 5, 0, date(2025, 1, 20), 5817),
                ("nuke_r", "2024.0701", 4, 0, date(2024, 4, 1), 3294),
            ),
            start=1,
        )
    )


def test_foundry_holders() -> None:
    [server] = parse(sample(FOUNDRY)).servers
    assert server.usage == tuple(
        used(
            "foundry", product, version, f"user{n}.lastname", f"mocked-computer-0{n}", 1, PrintedMoment(3, 28, h, m), x
        )
        for product, version, n, h, m, x in (
            ("nuke_i", "2024.0331", 1, 21, 44, "36a5"),
            ("nuke_i", "2024.0331", 1, 21, 44, "2803"),
            ("nukex_i", "2024.0331", 2, 20, 41, "374d"),
            ("nukex_i", "2024.0331", 2, 20, 41, "1ae1"),
            ("nuke_i", "2024.0701", 2, 20, 41, "c0e"),
            ("nuke_i", "2024.0701", 2, 20, 41, "2ae5"),
            ("nuke_i", "2024.0701", 3, 18, 58, "3b9d"),
            ("nuke_i", "2024.0701", 4, 20, 39, "329"),
            ("nukex_i", "2024.0701", 1, 21, 44, "108f"),
            ("nukex_i", "2024.0701", 1, 21, 44, "e8"),
        )
    )


def test_foundry_denials_in_three_windows_with_their_beginnings() -> None:
    [server] = parse(sample(FOUNDRY)).servers
    [status] = server.statuses
    assert status.recent == Window(at(2024, 3, 31, 2, 32, 17), 1418, 1590, 725, 24, 0, 0)
    assert status.today == Window(at(2024, 3, 30, 4, 0, 1), 82554, 71852, 31843, 1333, 0, 0)
    assert status.total == Window(at(2024, 3, 25, 12, 29, 41), 483974, 598788, 170593, 61732, 1230, 358)
    assert server.daemon is not None
    assert (server.daemon.host, server.daemon.port, server.daemon.uptime) == ("RLM-SERVER.domain.domain", 4101, 483974)
    assert server.isvs == (IsvEntry("foundry", 49679, True, 0),)


def test_an_answer_of_9_1_that_ends_in_the_middle() -> None:
    report = parse(sample(REPRISE))
    [server] = report.servers
    assert server.daemon == Status(
        "rlm", "bigserver", 5053, True, 231, at(2011, 7, 6, 13, 27, 42), "v9.1",
        recent=Window(at(2011, 7, 6, 13, 27, 43), 230, 9, 7),
        today=Window(at(2011, 7, 6, 13, 27, 43), 230, 9, 7),
        total=Window(at(2011, 7, 6, 13, 27, 42), 231, 9, 7),
    )  # fmt: skip
    assert server.isvs == (IsvEntry("reprise", 62503, True, 0),)
    assert server.statuses == (Status("reprise", "bigserver", 62503, True, 229, None, "v9.1"),)
    assert server.blocks == (Block("reprise", "status"),)
    assert (report.path, server.pools, server.usage, server.failures) == ((), (), (), ())


def test_a_server_that_cannot_be_reached() -> None:
    text = ('Error connecting to "rlm" server', 'Connection attempted to host: "" on port 5053', "No error")
    assert parse(sample(ERROR)) == RlmReport(
        path=(), servers=(), failures=(Failure("rlm", text),), understood=5, unread=()
    )
