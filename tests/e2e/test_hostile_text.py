"""Whatever anybody publishes, the terminal gets text: no control sequence, no direction override, no markup."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from fxtop.actions.keys import create
from fxtop.protocol import subjects
from tests.natskit import NatsServer, Rack, RawClient
from tests.ptykit import ENTER, ESCAPE, Terminal
from tests.unit.protocol.examples import CLUSTER, EXAMPLES

EVIL: Final = "[b][@click=app.quit]\x1b]52;c;aGk=\x07\x1b[31m\x9b2J\u202e\r\n\x00"
"""Markup, a clipboard write, a colour, a cleared screen by a C1 byte, text turned round, a new line."""

TOLD: Final = [kind for kind in EXAMPLES if kind.split(".")[0] not in ("bye", "sync", "ctl")]
OF_THE_PROTOCOL: Final = {"boot", "state", "kind", "via", "status", "verb", "decision", "then", "outcome", "active"}
PATIENT: Final = {"interval": 300.0}
"""So that no sender counts as silent, however long a test takes."""
DRAWN: Final = re.compile(r"\x1b\[[0-9;]*[mH]|\x1b\[[?<>][0-9;]+(?:[hlu]|\$p)|\x1b\]22;[a-z]+\x07|\x1b\[<u")
"""What the console itself has to write: places, looks, modes, the keyboard protocol, the pointer's shape."""
FORBIDDEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


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
        server = await rack.server()
        await terminal.run("--config", str(write_config(tmp_path, server)))
        await terminal.shows("bus connected")
        client = await RawClient.connect(server)
        await publish_everything(client)
        await terminal.until(lambda: terminal.text.count("[b]") >= 5, "all four panes and the event line filled")
        await terminal.shows("rejected 0")
        await look_everywhere(terminal)
        await client.close()
        terminal.type("q")
        assert await terminal.ended() == 0
    assert [t for t in terminal.tokens if t.startswith("\x1b") and not DRAWN.fullmatch(t)] == []
    assert FORBIDDEN.findall(terminal.written_text) == []
    assert terminal.screen.strange == []


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
