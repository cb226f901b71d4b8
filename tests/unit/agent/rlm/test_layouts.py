"""How answers of rlmstat differ from each other, and are read all the same."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from fxtop.agent.rlm.parser import MAX_KEPT, MAX_LINE, parse
from fxtop.agent.rlm.report import Block, Failure, IsvEntry, PoolRow, PrintedMoment, RlmServer, Status, UsageRow
from tests.unit.agent.rlm.answers import ALL, RULE, daemon, head, pool, pools, sample, status, usage, whole


def only(text: str) -> RlmServer:
    """The one server of an answer of which every line is understood."""
    report = parse(text)
    assert report.unread == ()
    [server] = report.servers
    return server


def only_pool(text: str) -> PoolRow:
    [found] = only(pools("starnet", text)).pools
    return found


def only_row(row: str) -> UsageRow:
    [found] = only(usage("starnet", row)).usage
    return found


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\t", "        "),
        lambda text: "\n".join(line.strip() for line in text.split("\n")),
        lambda text: "\n".join("\t\t  " + line for line in text.split("\n")),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("(build: ", "(build:"),
        lambda text: text.removesuffix("\n"),
    ],
    ids=["crlf", "cr", "spaces", "flush left", "deeper", "more blank lines", "fewer", "build", "no newline at the end"],
)
def test_line_ends_indentation_and_blank_lines_mean_nothing(name: str, change: Callable[[str], str]) -> None:
    text = sample(name)
    assert parse(change(text)) == parse(text)


def test_a_whole_answer_of_15_1() -> None:
    server = only(whole(denials=3))
    assert server.daemon is not None
    assert server.daemon.uptime == 86400 + 2 * 3600 + 3 * 60 + 4
    assert server.isvs == (IsvEntry("starnet", 49827, True, 0),)
    [block] = server.statuses
    assert (block.recent.denials, block.today.denials, block.total.denials) == (0, 1, 3)
    assert [(each.product, each.pool, each.inuse) for each in server.pools] == [("desktop", 1, 1)]
    assert [(each.user, each.host) for each in server.usage] == [("ann", "viz01")]


def test_a_filtered_answer_has_no_daemon() -> None:
    server = only(head() + RULE + status("starnet") + pools("starnet", pool("desktop v5.0")))
    assert server.answered
    assert server.daemon is None
    assert server.blocks == (Block("starnet", "status"), Block("starnet", "pool"))


def test_several_isvs_keep_their_own_pools_and_holders() -> None:
    server = only(
        head()
        + daemon("exa  1055 Yes 0", "tai  1056 Yes 2")
        + pools("exa", pool("powercase v1.0"))
        + pools("tai", pool("powertherm v2023.1"))
        + usage("exa", "powercase v1.0: ann@viz01 1/0 at 08/15 09:34  (handle: 182)")
        + usage("tai", "powertherm v2023.1: bob@viz02 1/0 at 08/15 09:34  (handle: 183)")
    )
    assert [(each.isv, each.product) for each in server.pools] == [("exa", "powercase"), ("tai", "powertherm")]
    assert [(each.isv, each.user) for each in server.usage] == [("exa", "ann"), ("tai", "bob")]


def test_rows_before_any_isv_is_named_are_of_the_only_one_there_is() -> None:
    rows = pool("desktop v5.0") + "desktop v5.0: ann@viz01 1/0 at 08/15 09:34  (handle: 182)\n"
    server = only(daemon("starnet 49827 Yes 0") + rows)
    assert (server.pools[0].isv, server.usage[0].isv) == ("starnet", "starnet")
    server = only(daemon("starnet 49827 Yes 0", "other 49828 Yes 0") + rows)
    assert (server.pools[0].isv, server.usage[0].isv) == ("", "")


def test_a_failover_path_of_which_both_servers_answer() -> None:
    first = daemon("starnet 1 Yes 0", host="lic1") + pools("starnet", pool("desktop v5.0", count=3))
    second = daemon("starnet 1 Yes 0", host="lic2") + pools("starnet", pool("desktop v5.0", count=4))
    report = parse(head("5053@lic1:5053@lic2") + first + second)
    assert report.path == ("5053@lic1", "5053@lic2")
    assert [server.daemon.host for server in report.servers if server.daemon] == ["lic1", "lic2"]
    assert [[each.count for each in server.pools] for server in report.servers] == [[3], [4]]


def test_a_failover_path_of_which_one_server_answers() -> None:
    down = 'Error connecting to "rlm" server\n\nConnection attempted to host: "lic1" on port 5053\n\nNo error\n\n'
    report = parse(head("5053@lic1:5053@lic2") + down + daemon("starnet 1 Yes 0", host="lic2"))
    [server] = report.servers
    assert server.daemon is not None
    assert server.daemon.host == "lic2"
    assert [failure.name for failure in report.failures] == ["rlm"]


@pytest.mark.parametrize(
    ("row", "entry"),
    [
        ("starnet          49827   Yes      0", IsvEntry("starnet", 49827, True, 0)),
        ("starnet 62503 No 17", IsvEntry("starnet", 62503, False, 17)),
        ("star-net_2.0     0   Starting      3", IsvEntry("star-net_2.0", 0, False, 3)),
        ("starnet          -    No       3", IsvEntry("starnet", None, False, 3)),
        ("starnet               No       3", IsvEntry("starnet", None, False, 3)),
    ],
)
def test_rows_of_the_table_of_isvs(row: str, entry: IsvEntry) -> None:
    assert only(daemon(row)).isvs == (entry,)


@pytest.mark.parametrize(
    ("up", "is_up", "seconds"),
    [
        ("up 00:03:51", True, 231.0),
        ("up 99d 11:08:25", True, 99 * 86400 + 40105.0),
        ("up 120:00:00", True, 432000.0),
        ("down", False, None),
    ],
)
def test_uptimes(up: str, is_up: bool, seconds: float | None) -> None:
    server = only(daemon(up=up) + status("starnet", up=up))
    for each in (server.daemon, *server.statuses):
        assert each is not None
        assert (each.up, each.uptime) == (is_up, seconds)


def test_an_uptime_that_makes_no_sense_is_unknown_and_its_line_is_kept() -> None:
    report = parse(daemon(up="up since yesterday"))
    assert report.unread == ("rlm status on lic1 (port 5053), up since yesterday",)
    [server] = report.servers
    assert server.daemon is not None
    assert server.daemon.uptime is None


def test_the_head_of_a_block_may_leave_the_state_out() -> None:
    report = parse("starnet ISV server status on lic1 (port 49827)\n")
    [server] = report.servers
    assert server.statuses == (Status("starnet", "lic1", 49827, up=True),)


@pytest.mark.parametrize(
    ("line", "product", "version", "number"),
    [
        ("desktop v5.0", "desktop", "5.0", None),
        ("desktop v5.0, pool: 12", "desktop", "5.0", 12),
        ("360ex v2024.04, pool: 1", "360ex", "2024.04", 1),
        ("powerflow-sim v1.0", "powerflow-sim", "1.0", None),
        ("c++.tools v5.0b-rc1", "c++.tools", "5.0b-rc1", None),
        ("two words v2 v3", "two words v2", "3", None),
    ],
)
def test_heads_of_pools(line: str, product: str, version: str, number: int | None) -> None:
    found = only_pool(pool(line))
    assert (found.product, found.version, found.pool) == (product, version, number)


@pytest.mark.parametrize(
    ("fields", "kind", "count", "inuse"),
    [
        ("count: 5, # reservations: 2, inuse: 3, exp: permanent", "counted", 5, 3),
        ("count: 5, # reservations: 0, inuse: 7, exp: permanent", "counted", 5, 7),
        ("count: unlimited, # reservations: 0, inuse: 3, exp: permanent", "unlimited", None, 3),
        ("count: UNCOUNTED, inuse: 3", "uncounted", None, 3),
        ("UNCOUNTED, inuse: 3", "uncounted", None, 3),
        ("UNCOUNTED, inuse: 3, exp: permanent", "uncounted", None, 3),
        ("Token-based license", "token", None, 0),
    ],
)
def test_limits_of_pools(fields: str, kind: str, count: int | None, inuse: int) -> None:
    found = only_pool(f"\tdesktop v5.0\n\t\t{fields}\n")
    assert (found.kind, found.count, found.inuse, found.checkouts) == (kind, count, inuse, None)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31-jan-2022", date(2022, 1, 31)),
        ("1-jul-2024", date(2024, 7, 1)),
        ("09-Dec-2025", date(2025, 12, 9)),
        ("29-feb-2024", date(2024, 2, 29)),
        ("permanent", None),
        ("1-jan-0", None),
        ("31-dec-0000", None),
    ],
)
def test_last_days(text: str, day: date | None) -> None:
    assert only_pool(pool("desktop v5.0", exp=text)).expires == day


@pytest.mark.parametrize("text", ["29-feb-2023", "1-foo-2024", "32-jan-2024", "tomorrow", "2024-01-31", ""])
def test_a_last_day_that_is_none_is_unknown_and_its_line_is_kept(text: str) -> None:
    report = parse(pools("starnet", pool("desktop v5.0", exp=text)))
    [server] = report.servers
    assert [(each.count, each.expires) for each in server.pools] == [(5, None)]
    assert report.unread == (f"count: 5, # reservations: 0, inuse: 0, exp: {text}".strip(),)


def test_a_field_that_nobody_knows_leaves_the_others_read_and_the_line_kept() -> None:
    line = "count: 5, # reservations: 1, inuse: 3, exp: permanent, soft_limit: 4"
    report = parse(pools("starnet", f"desktop v5.0, pool: 2\n\t{line}\n\tobsolete: 1, min_remove: 60, hold: 9\n"))
    [server] = report.servers
    assert server.pools == (
        PoolRow("starnet", "desktop", "5.0", 2, "counted", 5, 1, 3, None, None, min_remove=60, obsolete=True),
    )
    assert report.unread == (line, "obsolete: 1, min_remove: 60, hold: 9")


@pytest.mark.parametrize(
    "fields",
    [
        "count: -1, # reservations: 0, inuse: 0, exp: permanent",
        "count: many, # reservations: 0, inuse: 0, exp: permanent",
        "count: 5, # reservations: 0, inuse: some, exp: permanent",
        "count: 5",
        f"count: {'9' * 19}, inuse: 1",
        "obsolete: 0, min_remove: 120, total checkouts: 0",
    ],
)
def test_a_pool_without_numbers_of_seats_is_not_made_up(fields: str) -> None:
    report = parse(pools("starnet", f"\tdesktop v5.0\n\t\t{fields}\n", pool("other v1.0")))
    [server] = report.servers
    assert [each.product for each in server.pools] == ["other"]
    assert set(report.unread) == {"desktop v5.0", fields}


def test_a_second_count_below_one_head_is_kept_apart() -> None:
    again = "count: 7, # reservations: 0, inuse: 1, exp: permanent"
    report = parse(pools("starnet", pool("desktop v5.0"), f"\t\t{again}\n"))
    [server] = report.servers
    assert [each.count for each in server.pools] == [5]
    assert report.unread == (again,)


ANN = UsageRow("starnet", "desktop", "5.0", "ann", "viz01", 1, 0, PrintedMoment(5, 21, 9, 0), "1a")


@pytest.mark.parametrize(
    ("who", "user", "host"),
    [
        ("ann@viz01", "ann", "viz01"),
        ("ann@viz01.cluster.example.edu", "ann", "viz01.cluster.example.edu"),
        ("ann.b-c_d$@VIZ_01", "ann.b-c_d$", "VIZ_01"),
        ("ann@example.edu@viz01", "ann@example.edu", "viz01"),
        ("Ann van der Berg@VIZ01", "Ann van der Berg", "VIZ01"),
        ("EDU\\ann@viz01", "EDU\\ann", "viz01"),
        ("jörg@größe", "jörg", "größe"),
        ("ann: v2: x@viz01", "ann: v2: x", "viz01"),
        ("@viz01", "", "viz01"),
        ("1/0@5/3", "1/0", "5/3"),
        ("ann (handle: 9)@viz01", "ann (handle: 9)", "viz01"),
        ("ann@fe80::1%eth0", "ann", "fe80::1%eth0"),
    ],
)
def test_names_of_holders_may_be_odd(who: str, user: str, host: str) -> None:
    row = only_row(f"desktop v5.0: {who} 1/0 at 05/21 09:00  (handle: 1a) ")
    assert (row.user, row.host, row.product, row.version, row.handle) == (user, host, "desktop", "5.0", "1a")


@pytest.mark.parametrize(
    ("tail", "handle", "note"),
    [
        ("  (handle: 1a) ", "1a", None),
        ("  (handle:1A)", "1A", None),
        ("  (handle: 1a) (roaming)", "1a", "(roaming)"),
        (" (queued)  (handle: 1a)  [I: cad 7]", "1a", "(queued) [I: cad 7]"),
        ("  held for  30 s", None, "held for  30 s"),
        ("", None, None),
        ("  (handle: 1", None, "(handle: 1"),
        (":59  (handle: 1a)", "1a", ":59"),
    ],
)
def test_what_else_a_row_says_is_kept_word_for_word(tail: str, handle: str | None, note: str | None) -> None:
    row = only_row(f"desktop v5.0: ann@viz01 1/0 at 05/21 09:00{tail}")
    assert (row.handle, row.note) == (handle, note)


def test_seats_and_reserved_seats_of_a_row() -> None:
    row = only_row("desktop v5.0: ann@viz01 29/4 at 1/2 3:04  (handle: 1a)")
    assert (row.seats, row.reserved, row.at) == (29, 4, PrintedMoment(1, 2, 3, 4))


@pytest.mark.parametrize(
    "row",
    [
        "desktop v5.0: ann 1/0 at 05/21 09:00  (handle: 1a)",
        "desktop: ann@viz01 1/0 at 05/21 09:00  (handle: 1a)",
        "v5.0: ann@viz01 1/0 at 05/21 09:00  (handle: 1a)",
        "desktop v5.0: ann@viz01 1 at 05/21 09:00  (handle: 1a)",
        "desktop v5.0: ann@viz01 1/0 at 05/21",
        "desktop v5.0: ann@viz01 1/0 at noon  (handle: 1a)",
        " 1/0 at 05/21 09:00  (handle: 1a)",
    ],
)
def test_a_row_that_is_not_understood_is_kept(row: str) -> None:
    report = parse(usage("starnet", row))
    assert report.unread == (row.strip(),)


def test_an_isv_that_cannot_be_asked() -> None:
    text = 'Error connecting to "starnet" server\n\nConnection refused at server (-111)\n\n'
    server = only(head() + daemon("starnet 49827 Yes 4") + text)
    lines = ('Error connecting to "starnet" server', "Connection refused at server (-111)")
    assert server.failures == (Failure("starnet", lines),)


def test_an_error_that_names_no_server() -> None:
    report = parse("Error: status requests are disabled\nSee your administrator\n")
    assert report.failures == (Failure("", ("Error: status requests are disabled", "See your administrator")),)


def test_an_error_text_ends_somewhere() -> None:
    report = parse("Error reading\n" + "so sorry\n" * 50)
    [failure] = report.failures
    assert len(failure.lines) + len(report.unread) == 51


def test_statistics_outside_any_block_are_kept() -> None:
    line = "Denials: 0 (0/sec) 0 (0/sec) 1 (0/sec)"
    assert parse(line).unread == (line,)


@pytest.mark.parametrize(
    "line",
    [
        "Startup time: Fri Feb 30 08:00:00 2024",
        "Todays Statistics (08:40:33), init time: Mon Foo 20 00:00:50 2024",
        "Denials: 0 (0/sec) 1 (0/sec)",
        "Denials: no (0/sec) 1 (0/sec) 2 (0/sec)",
        "Retries: 0 (0/sec) 0 (0/sec) 1 (0/sec)",
        "00:01:59 08:40:33",
    ],
)
def test_statistics_that_are_not_understood_are_kept(line: str) -> None:
    assert line in parse(status("starnet").replace("\t------", f"\t{line}\n\t------", 1)).unread


def test_an_answer_that_ends_in_a_pool_keeps_its_head() -> None:
    report = parse(pools("starnet", pool("desktop v5.0"), "\tother v1.0\n").rstrip("\n-\t "))
    [server] = report.servers
    assert [each.product for each in server.pools] == ["desktop"]
    assert report.unread == ("other v1.0",)


def test_lines_longer_than_any_of_rlmstats_are_not_looked_at_and_cut() -> None:
    long = f"desktop v5.0: {'x' * MAX_LINE}@viz01 1/0 at 05/21 09:00  (handle: 1a)"
    [kept] = parse(usage("starnet", long)).unread
    assert len(kept) == MAX_KEPT
    assert long.startswith(kept.removesuffix("…"))


@pytest.mark.parametrize("text", ["", "\n\n\t\r\n", " "])
def test_nothing_is_nothing(text: str) -> None:
    report = parse(text)
    assert (report.servers, report.failures, report.understood, report.unread) == ((), (), 0, ())
