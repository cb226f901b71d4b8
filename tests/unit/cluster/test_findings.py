"""What is wrong, found and put in order."""

from __future__ import annotations

from fxtop.cluster.findings import findings
from fxtop.cluster.records import Finding, RowRef, Severity
from fxtop.cluster.waits import LONG
from tests.unit.cluster.kit import EPOCH, Site, key, pool, sighting

DAY = 86_400.0


def kinds(site: Site) -> list[str]:
    return [finding.kind for finding in findings(site.store)]


def the(site: Site, kind: str) -> Finding:
    (found,) = [finding for finding in findings(site.store) if finding.kind == kind]
    return found


def test_a_healthy_cluster_has_no_findings() -> None:
    site = Site()
    site.beat()
    site.facts()
    site.snapshot("viz01", "s1")
    site.transporter("S1", routes=("S2",))
    site.transporter("S2")
    site.license(("ann", "viz01"))
    site.share()
    assert findings(site.store) == []


def test_an_empty_store_has_no_findings() -> None:
    assert findings(Site().store) == []


def test_silent_nodes_are_told_with_the_sessions_that_cannot_be_seen() -> None:
    site = Site()
    site.beat("viz01")
    site.session("viz01", "s1")
    site.beat("viz02", interval=10.0)
    site.wait(30.0)
    lost, stale = findings(site.store)
    assert (lost.kind, lost.subject, lost.severity) == ("node-lost", "viz01", Severity.CRIT)
    assert lost.text == "nothing was heard of viz01 for 30 s; what became of 1 session on it is not known"
    assert lost.remedy
    assert (stale.kind, stale.subject, stale.severity) == ("node-stale", "viz02", Severity.WARN)


def test_a_drained_node_may_go_silent() -> None:
    site = Site()
    site.beat(state="drained")
    site.wait(60.0)
    assert the(site, "node-lost").severity is Severity.INFO


def test_many_lost_nodes_are_one_finding() -> None:
    site = Site()
    for i in range(50):
        site.beat(f"viz{i:02d}")
    site.wait(60.0)
    (found,) = findings(site.store)
    assert found.text == "50 nodes are lost: viz00, viz01, viz02 and 47 more"


def test_a_node_that_left_is_no_finding() -> None:
    site = Site()
    site.beat()
    site.bye("node", "viz01")
    site.wait(600.0)
    assert findings(site.store) == []


def test_a_drain_past_its_deadline() -> None:
    site = Site()
    drain = {"by": "bob", "reason": "x", "since": EPOCH, "deadline": site.clock.now() + 60}
    site.beat(state="draining", drain=drain, sessions={"pending": 0, "running": 2, "disconnected": 1}, interval=300.0)
    assert findings(site.store) == []
    site.wait(180.0)
    assert the(site, "drain-late").text == "viz01 should have been drained 2 min ago; 3 sessions left"


def test_skewed_clocks_are_told_one_by_one_or_as_our_own() -> None:
    site = Site()
    site.beat("viz01", ts=site.clock.now() + 90)
    assert the(site, "clock-skew").text == "the clock of viz01 is 90 s ahead of this host's"
    for i in range(40):
        site.beat(f"n{i:02d}", ts=site.clock.now() - 300)
    assert "check this host's own clock" in the(site, "clock-skew").remedy


def test_a_temporary_directory_on_the_network() -> None:
    site = Site()
    temp = {"name": "FX_TEMP_DIR", "path": "/nfs/tmp", "network": True}
    config = {"name": "FX_CONFIG_DIR", "path": "/nfs/etc", "network": True}
    site.facts("viz01", dirs=[temp, config])
    site.facts("viz02", dirs=[config])
    assert the(site, "temp-network").subject == "viz01"
    site.facts("viz01", dirs=[{**temp, "network": False}])
    assert kinds(site) == []


def test_a_temporary_directory_of_which_nobody_knows_where_it_lies_is_no_finding() -> None:
    site = Site()
    site.facts("viz01", dirs=[{"name": "FX_TEMP_DIR", "path": "/tmp/x", "network": None, "note": "unreadable"}])
    assert kinds(site) == []


def test_a_local_directory_at_one_place_of_the_network_for_several_nodes() -> None:
    site = Site()
    local = {"name": "FX_LOCAL_DIR", "path": "/nfs/fastx-local", "network": True, "fstype": "nfs4"}
    site.facts("viz01", dirs=[local])
    site.facts("viz02", dirs=[{**local, "path": "/nfs/fastx-local/viz02"}])
    assert kinds(site) == []
    site.facts("viz02", dirs=[local])
    found = the(site, "local-shared")
    assert found.subject == "/nfs/fastx-local"
    assert found.evidence[0] == "viz01: FX_LOCAL_DIR is /nfs/fastx-local (nfs4)"
    assert found.rows == (RowRef("nodes", "viz01"), RowRef("nodes", "viz02"))
    site.facts("viz01", dirs=[{**local, "network": None}])
    assert kinds(site) == []


def test_settings_of_version_4_that_have_no_effect() -> None:
    site = Site()
    notes = {"leftovers/forms/": "The files in forms/ have no effect.", "config/x": "x can't be read."}
    site.facts("viz01", notes=notes)
    site.facts("viz02", notes={"leftovers": "It can't be looked for them."})
    found = the(site, "v4-leftovers")
    assert found.text == "FastX 5 ignores what FastX 4 left on viz01: forms/"
    assert found.evidence == ("viz01: The files in forms/ have no effect.",)
    site.facts("viz01")
    assert kinds(site) == []


def test_a_service_that_failed() -> None:
    site = Site()
    units = [{"name": "fastx5.service", "active": "failed"}, {"name": "fastx-nats.service", "active": "active"}]
    site.facts("viz01", units=units)
    found = the(site, "unit-failed")
    assert (found.severity, found.text) == (Severity.CRIT, "fastx5.service has failed on viz01")
    site.facts("viz01", units=[{"name": "fastx5.service", "active": "inactive"}])
    assert kinds(site) == []


def test_transporters_that_are_lost_or_apart() -> None:
    site = Site()
    for name in ("S1", "S2", "S3"):
        site.transporter(name, routes=("S2",) if name == "S1" else ())
    assert the(site, "islands").text == "the transporters are 2 islands that don't see each other: s1, s2; s3"
    for _ in range(6):
        site.wait(5.0)
        site.transporter("S1")
        site.transporter("S2", routes=("S1",))
    assert kinds(site) == ["transporter-lost"]


def test_transporters_that_ail() -> None:
    site = Site()
    now = site.clock.now()
    site.transporter("S1", lame_duck=True, cert_expires=now + 3 * DAY)
    site.transporter("S1", lame_duck=True, cert_expires=now + 3 * DAY, slow_consumers=2)
    assert set(kinds(site)) == {"certificate-expiry", "slow-consumers", "lame-duck"}
    assert the(site, "certificate-expiry").text == "the certificate of transporter s1 expires in 3 d"
    site.transporter("S1", cert_expires=now - 3 * DAY)
    assert the(site, "certificate-expiry").text == "the certificate of transporter s1 expired 3 d ago"
    assert the(site, "certificate-expiry").severity is Severity.CRIT


def test_licence_trouble() -> None:
    site = Site()
    site.license(
        reachable=False, error="timeout", pools=[], isvs=[{"name": "starnet", "running": False, "restarts": 1}]
    )
    assert set(kinds(site)) == {"isv-down", "license-unreachable"}
    assert the(site, "license-unreachable").text == "licence server 5053@lic can't be reached: timeout"
    site.wait(180.0)
    assert "license-lost" in kinds(site)


def test_a_full_pool_is_worse_when_somebody_was_denied() -> None:
    site = Site()
    site.license(pools=[pool(count=2, inuse=2)])
    assert (the(site, "pool-full").severity, kinds(site)) == (Severity.WARN, ["pool-full"])
    site.license(pools=[pool(count=2, inuse=2, denials_total=3)])
    found = the(site, "pool-full")
    assert found.severity is Severity.CRIT
    assert found.text == "fastx 5.0 (pool 1) at 5053@lic is full: 2 of 2 seats are in use, 3 requests denied"
    site.license(pools=[pool(count=2, inuse=1, denials_total=3)])
    assert kinds(site) == ["denials"]


def test_denials_of_a_whole_isv_are_put_down_to_no_pool() -> None:
    site = Site()
    both = [pool(count=2, inuse=2, denials_of="isv"), pool(pool=2, denials_of="isv")]
    site.license(pools=both)
    site.license(pools=[{**both[0], "denials_total": 3}, both[1]])
    assert the(site, "pool-full").text.endswith("2 of 2 seats are in use, 3 requests of starnet denied")
    assert site.said("3 requests for seats of starnet at 5053@lic were denied")
    site.license(pools=[{**both[0], "inuse": 1, "denials_total": 3}, both[1]])
    text = "3 requests for seats of starnet at 5053@lic denied since the console started"
    assert the(site, "denials").text == text


def test_a_licence_server_that_is_not_understood_in_full_is_no_less_reachable() -> None:
    site = Site()
    site.license(error="1 line couldn't be understood.")
    found = the(site, "license-doubt")
    assert found.severity is Severity.WARN
    assert found.evidence == ("1 line couldn't be understood.",)
    site.license()
    assert kinds(site) == []


def test_a_pool_that_ghosts_fill_says_so() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01")
    site.license(("ann", "viz01"), ("bob", "laptop"), pools=[pool(count=2, inuse=2)])
    assert the(site, "pool-full-ghosts").text.endswith("2 of 2 seats are in use, 1 seat held without a session")
    site.license(("ann", "viz01"), pools=[pool(count=2, inuse=1)])
    assert the(site, "seats-ghost").severity is Severity.INFO


def test_a_pool_that_expires() -> None:
    site = Site()
    site.license(pools=[pool(expires=site.clock.now() + 13 * DAY), pool(pool=2, expires=site.clock.now() + 15 * DAY)])
    assert the(site, "pool-expiry").text == "fastx 5.0 (pool 1) at 5053@lic expires in 13 d"


def test_sessions_that_wait_or_are_left_over() -> None:
    site = Site()
    site.snapshot(
        "viz01",
        {"id": "s1", "state": "pending"},
        {"id": "s2", "state": "ghost"},
        {"id": "s3", "state": "orphan"},
        {"id": "s4", "state": "orphan"},
    )
    site.beat(interval=300.0)
    site.wait(LONG)
    assert kinds(site) == ["pending-long", "ghosts", "orphans"]
    assert the(site, "pending-long").text == "1 session pending, the longest for 5 min: viz01/s1"
    assert the(site, "ghosts").subject == "viz01/s2"
    assert the(site, "orphans").subject == "sessions"


def test_sessions_that_wait_are_told_with_what_their_schedulers_give_as_the_reason() -> None:
    site = Site()
    waits = {"scheduler": "slurm", "job": "77", "reason": "Resources"}
    site.snapshot("viz01", {"id": "s1", "state": "pending", "pending": waits}, {"id": "s2", "state": "pending"})
    site.beat(interval=300.0)
    site.wait(LONG + 60)
    found = the(site, "pending-long")
    assert found.text == "2 sessions pending, the longest for 6 min: viz01/s1, viz01/s2 (Resources)"
    assert found.evidence == (
        "viz01/s1: for 6 min, slurm 77: Resources",
        "viz01/s2: for 6 min, nothing is told of the reason",
    )
    assert found.rows == (RowRef("sessions", key("viz01", "s1")), RowRef("sessions", key("viz01", "s2")))


def test_who_holds_a_seat_without_a_session_is_named() -> None:
    site = Site()
    site.beat()
    site.snapshot("viz01")
    site.license(("ann", "viz01"), pools=[pool(count=1, inuse=1)])
    found = the(site, "pool-full-ghosts")
    assert found.evidence == ("ann@viz01: 1 seat without a session",)
    assert found.rows[0].kind == "pools"


def test_shared_data_that_is_not_shared() -> None:
    site = Site()
    peers = [{"id": "p", "name": "mgr2", "connected": False}]
    site.share("mgr1", peers=peers, errors=1)
    assert set(kinds(site)) == {"share-errors", "share-peers"}
    site.wait(200.0)
    assert "share-lost" in kinds(site)


def test_the_worst_comes_first() -> None:
    site = Site()
    site.beat("viz01")
    site.wait(60.0)
    site.snapshot("viz02", {"id": "s1", "state": "ghost"})
    site.beat("viz03", ts=0.0)
    site.store.sight([sighting("S1", "a"), sighting("S2", "b")], 5.0)
    found = findings(site.store)
    assert [each.kind for each in found] == ["islands", "node-lost", "clock-skew", "ghosts"]
    assert [each.severity.rank for each in found] == [0, 0, 1, 2]
