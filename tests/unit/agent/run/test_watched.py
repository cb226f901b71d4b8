"""What is watched beside the node, by the agent's file."""

from __future__ import annotations

from pathlib import Path

import pytest

from fxtop.agent.run.once import collect
from fxtop.agent.run.settings import AgentSettings, load
from fxtop.agent.run.summary import summary
from fxtop.clock import SystemClock
from fxtop.config.error import ConfigError
from fxtop.protocol.decode import decode
from fxtop.protocol.share import StoreHeartbeat
from fxtop.protocol.transporter import TransporterHeartbeat
from tests.natskit import Rack, free_port
from tests.unit.agent.run.machinekit import Machine
from tests.unit.agent.syncthing.test_reader import Recorded, home, serving

PASSWORD = "s3cret-of-sysmon"
SYSTEM = "[collect.transporter]\non = true\nsystem = {{ {} }}\n"


def read(folder: Path, text: str) -> AgentSettings:
    file = folder / "agent.toml"
    file.write_text(f'node = "mgr1"\nstate_dir = "{folder}/state"\n{text}')
    return load(file, {}, {"FX_CONFIG_DIR": "/nowhere"})


def wrong(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as refused:
        read(folder, text)
    return str(refused.value).replace(str(folder / "agent.toml"), "FILE")


def secret(folder: Path) -> Path:
    file = folder / "sysmon"
    file.write_text(f"{PASSWORD}\n")
    file.chmod(0o600)
    return file


async def test_the_system_account_is_asked_where_there_is_no_monitoring(tmp_path: Path) -> None:
    login = f'accounts {{ $SYS {{ users = [ {{ user: sysmon, password: "{PASSWORD}" }} ] }} }}'
    async with Rack(tmp_path) as rack:
        server = await rack.server("fxmgr1", extra=login)
        text = SYSTEM.format(f'servers = "{server.url}", user = "sysmon", password_file = "{secret(tmp_path)}"')
        place = f'url = "http://127.0.0.1:{free_port()}"\naddress = "127.0.0.1:{server.spec.port}"\n'
        config = f'config = "{tmp_path / "fxmgr1.conf"}"\n'
        (said,) = await collect(read(tmp_path, text + place + config), SystemClock(), "transporter", tmp_path)
    beat = decode(said.subject, said.payload).message
    assert isinstance(beat, TransporterHeartbeat)
    assert (beat.name, beat.via, beat.unknown) == ("fxmgr1", "sys", [])
    assert beat.config_changed is not None and beat.config_loaded is not None
    assert beat.config_changed <= beat.config_loaded


async def test_without_either_the_server_is_known_by_its_greeting(tmp_path: Path) -> None:
    async with Rack(tmp_path) as rack:
        server = await rack.server("fxmgr1", token="t0ken")
        text = f'[collect.transporter]\non = true\nurl = ""\naddress = "127.0.0.1:{server.spec.port}"\n'
        (said,) = await collect(read(tmp_path, text), SystemClock(), "transporter", tmp_path)
    beat = decode(said.subject, said.payload).message
    assert isinstance(beat, TransporterHeartbeat)
    assert (beat.name, beat.via, beat.knows("connections")) == ("fxmgr1", "info", False)


async def test_shared_data_is_read_from_syncthing_where_the_file_names_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path / "root")
    var = machine.path("/var/fastx")
    var.mkdir(parents=True, exist_ok=True)
    with serving(Recorded("peer-away", var)) as place:
        text = f'[collect.store]\non = true\nsyncthing = {{ config = "{home(tmp_path, place)}" }}\n'
        (said,) = await collect(read(tmp_path, text), SystemClock(), "store", machine.root)
    beat = decode(said.subject, said.payload).message
    assert isinstance(beat, StoreHeartbeat)
    assert (beat.kind, beat.state, beat.note) == ("syncthing", "idle", None)
    assert [(peer.name, peer.connected) for peer in beat.peers] == [("mgr2", False)]


def test_the_password_is_in_nothing_that_the_settings_show(tmp_path: Path) -> None:
    settings = read(tmp_path, SYSTEM.format(f'user = "sysmon", password_file = "{secret(tmp_path)}"'))
    assert settings.system is not None and settings.system.password is not None
    assert settings.system.password() == PASSWORD
    assert PASSWORD not in f"{settings!r}{summary(settings)!r}"


def test_a_password_that_others_can_read_is_refused(tmp_path: Path) -> None:
    secret(tmp_path).chmod(0o644)
    settings = read(tmp_path, SYSTEM.format('user = "sysmon", password_file = "sysmon"'))
    assert settings.system is not None and settings.system.password is not None
    with pytest.raises(ConfigError, match="can be used by others"):
        settings.system.password()


def test_the_system_account_is_reached_as_the_agents_own_bus_unless_it_is_said_otherwise(tmp_path: Path) -> None:
    bus = f'[bus]\nservers = ["tls://mgr1:4222"]\nca = "{tmp_path}/ca.pem"\n'
    system = read(tmp_path, bus + SYSTEM.format('creds = "sys.creds"')).system
    assert system is not None
    assert (system.servers, system.tls, system.ca) == (("tls://mgr1:4222",), True, tmp_path / "ca.pem")
    assert system.creds == tmp_path / "sys.creds"
    other = read(tmp_path, bus + SYSTEM.format('creds = "sys.creds", servers = "gate:4223", ca = "gate.pem"')).system
    assert other is not None
    assert (other.servers, other.ca) == (("nats://gate:4223",), tmp_path / "gate.pem")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SYSTEM.format('user = "sysmon"'), "needs one login: user with password_file, creds, or nkey_file"),
        (SYSTEM.format('user = "s", password_file = "p", creds = "c"'), "needs one login"),
        (SYSTEM.format('creds = "c", servers = "nats://sys:pw@gate"'), "a URL holds a login"),
        (SYSTEM.format('creds = "c", server = "gate"'), "unknown field `server`"),
        ('[collect.transporter]\naddress = "127.0.0.1:nats"\n', "'address' has to be a host and a port"),
        ('[collect.transporter]\nurl = ""\naddress = ""\n', "neither url, address nor system is given"),
        ('[collect.store]\nsyncthing = { config = "config.xml" }\n', "'config' has to be a whole path"),
        ('[collect.store]\nsyncthing = { config = "/c.xml", url = "http://mgr2:8384" }\n', "in clear"),
        ("[collect.store]\nsyncthing = {}\n", "missing required field `config`"),
    ],
    ids=["half", "two", "in-url", "misspelt", "port", "no-way", "relative", "clear", "no-config"],
)
def test_what_can_not_be_used_is_said_with_the_file(tmp_path: Path, text: str, sentence: str) -> None:
    said = wrong(tmp_path, text)
    assert said.startswith("FILE")
    assert sentence in said


def test_the_summary_says_by_what_the_transporter_and_the_data_are_seen(tmp_path: Path) -> None:
    text = SYSTEM.format('creds = "c"') + '[collect.store]\non = true\nsyncthing = { config = "/c.xml" }\n'
    said = dict(summary(read(tmp_path, text)))
    assert said["collect.transporter"].endswith("by its monitoring, the system account, its greeting on 127.0.0.1:4222")
    assert said["collect.store"].endswith("by syncthing (/c.xml)")
