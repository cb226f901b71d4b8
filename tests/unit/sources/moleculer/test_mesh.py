"""What becomes known of brokers, packet by packet."""

from __future__ import annotations

import pytest

from fxtop.cluster.records import Severity
from fxtop.cluster.voices import FORGET_AFTER, Voice
from fxtop.sources.moleculer import mesh as mesh_module
from fxtop.sources.moleculer.mesh import MOST_NAMESPACES, STRAGGLING, Mesh
from fxtop.sources.moleculer.packets import Trouble
from tests.unit.sources.moleculer.kit import HandClock, beat, captured, goodbye, info, packet


class Listening:
    """A mesh, and what was last told of each broker."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.mesh = Mesh(self.clock)
        self.voices: dict[str, Voice] = {}

    def hear(self, *wires: tuple[str, bytes], after: float = 0.0) -> None:
        self.clock.seconds += after
        for wire in wires:
            self.mesh.hear(packet(wire))
        self.voices |= {voice.key.broker: voice for voice in self.mesh.take()}


@pytest.fixture
def site() -> Listening:
    return Listening()


def test_the_captures_show_three_brokers(site: Listening) -> None:
    site.hear(*captured("HEARTBEAT"), *captured("INFO"))
    assert sorted(site.voices) == ["fx-mgr", "fx-node1", "fx-node2"]
    manager = site.voices["fx-mgr"]
    assert (manager.key.prefix, manager.protocol, manager.cpu) == ("MOL", "4", 0.0)
    assert manager.services == ("launcher",)
    assert site.voices["fx-node1"].services == ("v1.launcher",)
    assert manager.versions == {"moleculer": "0.14.36", "node": "v20.20.2"}
    assert (manager.hostname, manager.addresses, manager.metadata) == ("vm", ("192.0.2.2",), {"role": "fx-mgr"})


def test_a_heartbeat_alone_shows_the_broker_and_its_cpu_as_a_share(site: Listening) -> None:
    site.hear(beat("viz01", cpu=25))
    voice = site.voices["viz01"]
    assert (voice.cpu, voice.cpu_at, voice.hostname, voice.services, voice.interval) == (0.25, 1_000.0, "", (), 10.0)


@pytest.mark.parametrize("cpu", [None, -1, 101, 1e300])
def test_a_cpu_that_is_none_leaves_the_last_one(site: Listening, cpu: float | None) -> None:
    site.hear(beat(cpu=50))
    site.hear(beat(cpu=cpu), after=5)
    assert (site.voices["viz01"].cpu, site.voices["viz01"].cpu_at, site.voices["viz01"].heard) == (
        0.5,
        1_000.0,
        1_005.0,
    )


def test_the_interval_is_each_brokers_own(site: Listening) -> None:
    for _ in range(4):
        site.hear(beat("fast"), beat("slow"), after=2)
        site.hear(beat("fast"), after=2)
    assert (site.voices["fast"].interval, site.voices["slow"].interval) == (2.0, 4.0)
    (namespace,) = site.mesh.namespaces()
    assert namespace.interval in (2.0, 4.0)


def test_a_heartbeat_keeps_what_the_info_told(site: Listening) -> None:
    site.hear(info())
    site.hear(beat(), after=5)
    assert (site.voices["viz01"].hostname, site.voices["viz01"].cpu) == ("viz01.example.edu", 0.125)


def test_a_goodbye_is_the_end_until_the_broker_is_heard_anew(site: Listening) -> None:
    site.hear(info(), goodbye(), goodbye())
    assert site.voices["viz01"].left
    site.hear(beat(), after=10)
    assert not site.voices["viz01"].left


def test_packets_that_a_goodbye_overtook_do_not_bring_the_broker_back(site: Listening) -> None:
    site.hear(info(), beat(), goodbye())
    site.hear(info(services=[]), beat(), after=STRAGGLING / 2)
    assert site.voices["viz01"].left
    assert site.voices["viz01"].services == ("v1.launcher",)


def test_a_broker_that_starts_anew_at_once_is_back_at_once(site: Listening) -> None:
    site.hear(info(instanceID="i1"), goodbye(), info(instanceID="i2"))
    assert not site.voices["viz01"].left


def test_the_first_info_does_not_break_the_rhythm(site: Listening) -> None:
    site.hear(beat(), info())
    site.hear(beat(), after=5)
    assert site.voices["viz01"].interval == 5.0


def test_the_time_that_a_restart_took_is_no_interval(site: Listening) -> None:
    site.hear(info(instanceID="i1"), beat())
    site.hear(info(instanceID="i2"), after=77)
    site.hear(beat())
    site.hear(beat(), after=5)
    assert site.voices["viz01"].interval == 5.0


def test_the_goodbye_of_a_stranger_shows_nobody(site: Listening) -> None:
    site.hear(goodbye("stranger"))
    assert site.voices == {}


def test_the_same_id_in_two_namespaces_is_two_brokers(site: Listening) -> None:
    site.mesh.hear(packet(beat(prefix="MOL-prod")))
    site.mesh.hear(packet(beat(prefix="MOL-test")))
    assert {voice.key.prefix for voice in site.mesh.take()} == {"MOL-prod", "MOL-test"}


def test_namespaces_versions_and_what_could_not_be_read_are_counted(site: Listening) -> None:
    site.hear(beat("a", prefix="MOL-x"), beat("b", prefix="MOL-x", ver="5"), goodbye("b", prefix="MOL-x"))
    site.mesh.miss("MOL-x", Trouble.MALFORMED)
    site.mesh.miss("MOL-y", Trouble.UNREADABLE)
    site.mesh.miss("MOL-y", Trouble.UNREADABLE)
    first, second = site.mesh.namespaces()
    assert (first.prefix, first.protocols, first.brokers, first.packets, first.malformed) == (
        "MOL-x", ("4", "5"), 1, 4, 1,
    )  # fmt: skip
    assert (second.prefix, second.protocols, second.brokers, second.unreadable) == ("MOL-y", (), 0, 2)


def test_a_namespace_that_is_heard_or_can_not_be_read_is_told_once(site: Listening) -> None:
    site.hear(beat(), beat(), info())
    site.mesh.miss("MOL-y", Trouble.UNREADABLE)
    site.mesh.miss("MOL-y", Trouble.UNREADABLE)
    heard, unreadable = site.mesh.take_remarks()
    assert (heard.severity, "heard as MOL, protocol 4" in heard.text) == (Severity.INFO, True)
    assert (unreadable.severity, "MOL-y" in unreadable.text) == (Severity.WARN, True)
    assert "serializer" in unreadable.text
    assert site.mesh.take_remarks() == []


def test_secrets_in_metadata_never_become_known(site: Listening) -> None:
    site.hear(info(metadata={"busToken": "hush-hush", "room": "B12"}, config={"transporter": "nats://u:hush-hush@m"}))
    assert "hush" not in repr(site.voices)
    assert site.voices["viz01"].metadata["room"] == "B12"


def test_text_is_inert_and_bounded(site: Listening) -> None:
    site.hear(info(hostname="h\x1b[2J", ipList=["1\x07"] * 100, services=[{"name": f"s{n}\x1b"} for n in range(999)]))
    voice = site.voices["viz01"]
    assert voice.hostname == "h·[2J"
    assert voice.addresses == ("1·",) * 32
    assert len(voice.services) == 256
    assert "\x1b" not in "".join(voice.services)


def test_what_is_invented_beyond_the_bounds_is_counted_and_forgotten(
    site: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mesh_module, "MOST_BROKERS", 3)
    site.hear(*(beat(f"b{number}") for number in range(5)))
    assert len(site.voices) == 3
    assert site.mesh.namespaces()[0].refused == 2
    site.hear(*(beat(prefix=f"MOL-{number}") for number in range(50)))
    assert len(site.mesh.namespaces()) == MOST_NAMESPACES


def test_a_broker_that_left_is_forgotten_after_a_while(site: Listening) -> None:
    site.hear(info(), goodbye())
    assert site.mesh.informed("MOL", "viz01")
    site.hear(beat("other"), after=FORGET_AFTER + 1)
    assert not site.mesh.informed("MOL", "viz01")
