"""Whatever anybody publishes, the terminal gets text: no control sequence, no direction override, no markup."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from fxtop.actions.journal import Entry, Journal
from fxtop.actions.keys import create
from fxtop.protocol import subjects
from fxtop.protocol.text import inert
from tests.natskit import NatsServer, Rack, RawClient
from tests.ptykit import ENTER, ESCAPE, Terminal
from tests.unit.protocol.examples import CLUSTER, EXAMPLES

EVIL: Final = (
    "[b][@click=app.quit]\x1b]52;c;aGk=\x07\x1b]0;t\x07\x1b[31m\x9b2J\x9d52;c;aGk=\x9c\x7f\u202e\u2066\u200b\u2060\r\n\x00"
    "日本👩\u200d💻" + "e" + "\u0301" * 40
)
"""Markup, a clipboard write, a title, a colour, a cleared screen and a clipboard write by C1 bytes, text turned round,
characters without a width, a new line; characters of two cells, several that join into one, a heap of marks."""

TOLD: Final = [kind for kind in EXAMPLES if kind.split(".")[0] not in ("bye", "sync", "ctl")]
OF_THE_PROTOCOL: Final = {"boot", "state", "kind", "via", "status", "verb", "decision", "then", "outcome", "active"}
PATIENT: Final = {"interval": 300.0}
"""So that no sender counts as silent, however long a test takes."""
DRAWN: Final = re.compile(r"\x1b\[[0-9;]*[mH]|\x1b\[[?<>][0-9;]+(?:[hlu]|\$p)|\x1b\]22;[a-z]+\x07|\x1b\[<u")
"""What the console itself has to write: places, looks, modes, the keyboard protocol, the pointer's shape."""
FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\u0301{3}")
PRINTED: Final = re.compile(FORBIDDEN.pattern.replace("\x00-\x1f", "\x00-\x09\x0b\x0c\x0e-\x1f"))
"""Forbidden in what a command prints, whose lines end."""
COPIED: Final = re.compile(r"\x1b\]52;c;([A-Za-z0-9+/=]*)\x07")
"""What puts something onto the clipboard."""
LARGE: Final = 10 * 1024 * 1024


def poisoned(value: Any) -> Any:
    """``value`` with every text in it made hostile, apart from the protocol's own words."""
    match value:
        case str():
            return EVIL + value
        case list():
            return [poisoned(each) for each in value]
        case dict():
            return {name: each if name in OF_THE_PROTOCOL else poisoned(each) for name, each in value.items()}
        case _:
            return value


async def publish_everything(client: RawClient) -> None:
    """Publish a message of every kind as a client of any language may: bytes on a subject."""
    for kind in TOLD:
        ids, body = EXAMPLES[kind]
        subject = subjects.build(CLUSTER, kind, *map(poisoned, ids))
        await client.publish(subject.encode(), json.dumps(poisoned(body) | PATIENT).encode())


def write_config(folder: Path, server: NatsServer) -> Path:
    """A person's configuration for that server, with a key to act with."""
    create(folder / "ann.nk")
    config = folder / "config.toml"
    config.write_text(
        f'cluster = "{CLUSTER}"\n[clusters.{CLUSTER}]\nservers = ["{server.url}"]\n'
        f'[operator]\nname = "ann"\nkey_file = "{folder / "ann.nk"}"\n[ui]\nrate = 10\n'
    )
    return config


async def test_nothing_from_the_bus_reaches_the_terminal_but_as_text(tmp_path: Path) -> None:
    async with Rack(tmp_path) as rack, Terminal(tmp_path, 120, 40) as terminal:
        server = await rack.server(extra="max_payload: 16MB")
        await terminal.run("--config", str(write_config(tmp_path, server)))
        await terminal.shows("bus connected")
        client = await RawClient.connect(server)
        await publish_everything(client)
        await terminal.until(lambda: terminal.text.count("[b]") >= 5, "all four panes and the event line filled")
        await terminal.shows("rejected 0")
        await look_everywhere(terminal)
        await publish_nonsense(client)
        await terminal.shows("rejected 3")
        await look_into_boxes(terminal)
        await client.close()
        terminal.type("q")
        assert await terminal.ended() == 0
    assert_only_text_was_written(terminal)
    assert [inert(text) for text in copied(terminal)] == copied(terminal) != []
    assert_inert_file(tmp_path / ".local/state/fxtop/fxtop.log")


async def test_the_wall_shows_nothing_but_text(tmp_path: Path) -> None:
    async with Rack(tmp_path) as rack, Terminal(tmp_path, 120, 40) as terminal:
        server = await rack.server()
        async with told_again_and_again(server):
            await terminal.run("wall", "--config", str(write_config(tmp_path, server)))
            await terminal.shows("Worst first", "[b]")
        terminal.type("q")
        assert await terminal.ended() == 0
    assert_only_text_was_written(terminal)
    assert copied(terminal) == []


COMMANDS: Final = {
    "nodes": ("get", "nodes", "-o", "wide"),
    "sessions": ("get", "sessions"),
    "transporters": ("get", "transporters"),
    "licenses": ("get", "licenses", "-o", "csv"),
    "jobs": ("get", "jobs", "-o", "csv"),
    "findings": ("get", "findings"),
    "json": ("get", "sessions", "-o", "json"),
    "journal": ("journal",),
    "doctor": ("doctor", "--role", "node", "--offline", "{home}/copy"),
    "a mistake": ("get", "nodes", "--filter", "cpu>" + EVIL.replace("\x00", "")),
    "a file that isn't there": ("get", "nodes", "--config", "/nowhere" + EVIL.replace("\x00", "")),
    "no such command": (EVIL.replace("\x00", ""),),
}


async def test_what_commands_print_is_text_on_a_terminal(tmp_path: Path) -> None:
    write_journal(tmp_path)
    write_copy(tmp_path / "copy")
    async with Rack(tmp_path) as rack:
        server = await rack.server()
        config = write_config(tmp_path, server)
        few = asyncio.Semaphore(4)
        async with told_again_and_again(server):
            texts = await asyncio.gather(*(printed_by(tmp_path, config, words, few) for words in COMMANDS.values()))
        printed = dict(zip(COMMANDS, texts, strict=True))
    assert {name: PRINTED.findall(text) for name, text in printed.items()} == {name: [] for name in COMMANDS}
    assert [name for name, text in printed.items() if "[b]" not in text] == []
    assert_inert_file(tmp_path / ".local/state/fxtop/fxtop.log")


@asynccontextmanager
async def told_again_and_again(server: NatsServer) -> AsyncIterator[None]:
    """Everything is told to whoever comes late: none of these senders answers a `sync`."""
    client = await RawClient.connect(server)
    telling = asyncio.create_task(_tell(client))
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling
        await client.close()


async def _tell(client: RawClient) -> None:
    while True:
        await publish_everything(client)
        await asyncio.sleep(0.3)


async def printed_by(home: Path, config: Path, words: tuple[str, ...], few: asyncio.Semaphore) -> str:
    """All that a command writes onto a terminal."""
    chosen = () if "--config" in words else ("--config", str(config))
    async with few, Terminal(home, 200, 50) as terminal:
        await terminal.run(*(word.replace("{home}", str(home)) for word in words), *chosen)
        await terminal.ended()
    return "".join(terminal.tokens)


def write_journal(home: Path) -> None:
    """A journal in which somebody's words stand."""
    entry = Entry(v=1, at=1.0, kind="sent", cluster=EVIL, verb="drain", operator=EVIL, targets=(EVIL,), reason=EVIL)
    folder = home / ".local/state/fxtop"
    folder.mkdir(parents=True)
    Journal(folder / "journal.jsonl").write(entry)


def write_copy(root: Path) -> None:
    """The files of a machine that was given to us to examine."""
    words = EVIL.replace("\x00", "").replace("\r\n", "")
    for name, text in {
        "etc/fastx/nats-server.conf": f'tls {{ cert_file: "/{words}", key_file: "/{words}" }}\nserver_name: "{words}"',
        "etc/fastx/fastx.env": f"FX_TEMP_DIR=/{words}\n{words}={words}\n",
        "etc/systemd/system/fastx5.service": f"[Service]\nUser={words}\nEnvironmentFile=/{words}\n",
        "etc/fastx/apps/a.ini": f"[{words}]\nforms={words}\n",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


async def publish_nonsense(client: RawClient) -> None:
    """Publish what is refused, whose subject and fault are shown all the same."""
    evil = subjects.token(EVIL)
    await client.publish(f"fxtop.{CLUSTER}.hb.node.{evil}".encode(), b'{"v":1,"node":"' + b"x" * LARGE + b'"}')
    await client.publish(f"fxtop.{CLUSTER}.hb.node.{evil}".encode(), json.dumps({EVIL: EVIL}).encode())
    await client.publish(f"fxtop.{CLUSTER}.hb.node.\x1b]52;c;aGk=\x07\x9b2J".encode(), b"{}")


async def look_into_boxes(terminal: Terminal) -> None:
    """Look at the bus in full, filter for what nobody should type, and copy an id."""
    terminal.type("8")
    await terminal.shows("Bus of", "too_large")
    terminal.type(ESCAPE)
    await terminal.hides("Bus of")
    terminal.type("y")
    await terminal.until(lambda: copied(terminal) != [], "something on the clipboard")


def copied(terminal: Terminal) -> list[str]:
    """What was put onto the clipboard."""
    return [base64.b64decode(match[1]).decode() for token in terminal.tokens if (match := COPIED.fullmatch(token))]


def assert_only_text_was_written(terminal: Terminal) -> None:
    """Nothing was written but text and what the console itself has to write."""
    sequences = [token for token in terminal.tokens if token.startswith("\x1b")]
    assert [each for each in sequences if not DRAWN.fullmatch(each) and not COPIED.fullmatch(each)] == []
    assert FORBIDDEN.findall(terminal.written_text) == []
    assert terminal.screen.strange == []


def assert_inert_file(path: Path) -> None:
    """A log can be shown with ``cat``."""
    assert PRINTED.findall(path.read_text()) == []


async def look_everywhere(terminal: Terminal) -> None:
    """Go through all panes and their details, a command's completions, a narrowing, and a plan."""
    for key in "7654321":
        terminal.type(key)
        await terminal.shows(f"{key}: ")
        terminal.type(ENTER)
        await terminal.shows("Esc goes back", "[b]")
        terminal.type(ESCAPE)
        await terminal.hides("Esc goes back")
    terminal.type(":")
    await terminal.shows("  nodes  transporters")
    terminal.type("drain ")
    await terminal.until(lambda: any(line.startswith("  [b]") for line in terminal.lines), "a completion")
    terminal.type(ESCAPE)
    await terminal.hides(": drain")
    terminal.type("n")
    await terminal.shows("of [b]")
    terminal.type("W")
    await terminal.shows("ARMED")
    terminal.type("R")
    await terminal.shows("Resume 1 node", "Will be sent", "[b]")
    terminal.type(ESCAPE)
    await terminal.hides("Will be sent")
