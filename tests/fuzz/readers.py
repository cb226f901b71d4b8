"""Everything that reads what others wrote, each by a name, from bytes alone.

A reader returns when it understood the bytes or refused them with its own error. Whatever else it raises is a fault.
`tests/fuzz/corpus` has a folder of nasty cases for each.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from fxtop.actions.chain.verify import verify
from fxtop.actions.journal import Journal
from fxtop.agent.collectors.http import Page
from fxtop.agent.collectors.port import CollectError
from fxtop.agent.collectors.transporter import heartbeat
from fxtop.agent.node_select.offer import BadInput
from fxtop.agent.node_select.offer import parse as parse_offer
from fxtop.agent.providers.command import read_sessions
from fxtop.agent.providers.fastx.procfs import NoProcess, parse_arguments, parse_environment, parse_stat, parse_uid
from fxtop.agent.providers.program import ProgramError
from fxtop.agent.providers.schedulers import read_waiting
from fxtop.agent.rlm import heartbeat as rlm_heartbeat
from fxtop.agent.rlm.parser import parse as parse_rlmstat
from fxtop.agent.rlm.rlmstat import Answer
from fxtop.agent.rlm.tally import Tallies
from fxtop.agent.rlm.verdict import Unanswered, server_of
from fxtop.agent.run.parse import parse as parse_agent_file
from fxtop.agent.syncthing.access import read_access
from fxtop.agent.syncthing.answers import completion_of, errors_of, status_of
from fxtop.agent.syncthing.telling import folders_of, peers_of, tell
from fxtop.agent.transporter.system import page as system_page
from fxtop.agent.trust import Trust, TrustError
from fxtop.bus.greeting import NoGreeting, read_greeting
from fxtop.bus.port import Answer as BusAnswer
from fxtop.cluster.findings import findings
from fxtop.cluster.store import Store
from fxtop.cluster.summary import summarize
from fxtop.config.error import ConfigError
from fxtop.config.nats_context import parse_context
from fxtop.config.private_file import FileText
from fxtop.config.servers import parse_servers
from fxtop.config.site.env_file import read_env
from fxtop.config.site.fastx_conf import SESSION_PATH, read_fastx_conf
from fxtop.config.site.ini_keys import read_keys
from fxtop.config.site.license_file import read_license
from fxtop.config.site.mounts import mount_of, read_mounts
from fxtop.config.site.nats_conf import parse_nats_conf
from fxtop.config.site.nats_server import nats_server
from fxtop.config.site.nats_tree import NatsConfError
from fxtop.config.site.unit_files import UnitText, read_unit
from fxtop.config.token_text import find_token, read_lines
from fxtop.config.toml_file import TomlFile
from fxtop.config.toml_lines import key_lines
from fxtop.config.toml_parse import parse_toml
from fxtop.doctor.permissions import read_permissions
from fxtop.protocol import text
from fxtop.protocol.control import ARGS, Request
from fxtop.protocol.decode import Rejected, decode, decode_args, decode_reply
from fxtop.protocol.evidence import unpack
from fxtop.protocol.ids import LicenseId, NodeId
from fxtop.protocol.inbound import Inbound
from fxtop.sources.moleculer.mesh import Mesh
from fxtop.sources.moleculer.packets import Unread
from fxtop.sources.moleculer.packets import read as read_packet
from fxtop.sources.servers import merge
from fxtop.ui.theme_file import ThemeError, parse_theme
from fxtop.views.filter import parse as parse_filter
from fxtop.views.filter_complete import complete
from fxtop.views.filter_syntax import FilterError
from fxtop.views.panes import PANES
from fxtop.views.regex import Regex
from fxtop.views.regex_syntax import RegexError
from tests.unit.cluster.kit import CLUSTER, HandClock

FILE: Final = Path("/somewhere/file")
SERVER: Final = LicenseId("5053@lic1")
NODE: Final = NodeId("viz01")

Reader = Callable[[bytes], object]


@contextmanager
def refusing(*kinds: type[Exception]) -> Iterator[None]:
    """Let an error of ``kinds`` pass, whose text may be shown on a terminal."""
    try:
        yield
    except kinds as error:
        assert text.inert(str(error), 10_000).replace("\n", "") == str(error).replace("\n", "")


def words(raw: bytes) -> str:
    """``raw`` as text, the way files are read."""
    return raw.decode("utf-8", errors="replace")


def subject_and_payload(raw: bytes) -> tuple[str, bytes]:
    """A message: its subject on the first line, the payload after it."""
    subject, _, payload = raw.partition(b"\n")
    return words(subject), payload


def message(raw: bytes) -> None:
    """One message of the protocol."""
    with refusing(Rejected):
        decoded = decode(*subject_and_payload(raw))
        assert text.clean(decoded.message) is decoded.message


def reply(raw: bytes) -> None:
    """The answer to a request."""
    with refusing(Rejected):
        decode_reply(raw)


def arguments(raw: bytes) -> None:
    """The arguments of each verb."""
    for verb in ARGS:
        with refusing(Rejected):
            decode_args(verb, Request(v=1, args=msgspec.Raw(raw)))


def store(raw: bytes) -> None:
    """Messages for the reducers: a line with the subject, a line with the payload, and so on."""
    clock = HandClock()
    kept = Store(CLUSTER, clock)
    lines = iter(raw.split(b"\n"))
    for subject in lines:
        kept.fold([Inbound(words(subject), next(lines, b""), clock.monotonic())])
        clock.seconds += 1.0
    clock.seconds += 30.0
    kept.advance()
    summarize(kept)
    findings(kept)
    kept.drain_dirty()


def rlmstat(raw: bytes) -> None:
    """What rlmutil says."""
    said = words(raw)
    report = parse_rlmstat(said)
    with refusing(Unanswered):
        told = server_of(report, Answer(said, 0), SERVER)
        rlm_heartbeat.isvs(told)
        rlm_heartbeat.pools(told, SERVER, Tallies(), UTC)
        rlm_heartbeat.holders(told.usage, 1_700_000_000.0, UTC)


def nats_conf(raw: bytes) -> None:
    """nats-server.conf."""
    with refusing(NatsConfError):
        nats_server(parse_nats_conf(words(raw), FILE))


def ini(raw: bytes) -> None:
    """The ini files of FastX: keys, a token, an environment."""
    said = words(raw)
    read_keys(said, FILE)
    read_lines(said)
    read_env(said, FILE)
    with refusing(ValueError):
        find_token(said)


def fastx_conf(raw: bytes) -> None:
    """A FastX.conf."""
    read_fastx_conf(words(raw), FILE).path(SESSION_PATH, {"HOME": "/h", "HOST": "a", "USER": "u"})


def unit(raw: bytes) -> None:
    """A unit of systemd."""
    read_unit("fastx5.service", [UnitText(FILE, words(raw))])


def license_file(raw: bytes) -> None:
    """A licence file."""
    read_license(words(raw))


def mounts(raw: bytes) -> None:
    """/proc/self/mounts."""
    mount_of(PurePosixPath("/var/fastx/x"), read_mounts(words(raw)))


def config(raw: bytes) -> None:
    """config.toml of the console, and the agent's."""
    said = words(raw)
    lines = key_lines(FILE, said)
    with refusing(ConfigError):
        file = TomlFile(lines, parse_toml(said, lines), 0o600)
        file.general()
        for name in file.clusters:
            file.cluster(name)
    with refusing(ConfigError):
        parse_agent_file(said, lines)


def context(raw: bytes) -> None:
    """A context of the NATS command line."""
    with refusing(ConfigError):
        parse_context(FILE, FileText(words(raw), 0o600))


def servers(raw: bytes) -> None:
    """Servers as they are given on the command line."""
    with refusing(ValueError):
        parse_servers([words(raw)])


def trust(raw: bytes) -> None:
    """The list of operators' keys."""
    with refusing(TrustError):
        Trust.parse(words(raw))


def theme(raw: bytes) -> None:
    """A theme of one's own."""
    with refusing(ThemeError):
        parse_theme(words(raw), "own", "own.toml")


def filter_(raw: bytes) -> None:
    """A filter as it is typed, and what completes it."""
    typed = words(raw)
    for pane in ("nodes", "sessions"):
        columns = PANES[pane].columns
        complete(typed, len(typed), columns, lambda _: ("value", 'with "quotes"'))
        with refusing(FilterError):
            parse_filter(typed, columns)


def regex(raw: bytes) -> None:
    """A regular expression, and a text to find it in: two lines."""
    pattern, _, subject = words(raw).partition("\n")
    with refusing(RegexError):
        Regex(pattern).search(subject.casefold())


def moleculer(raw: bytes) -> None:
    """Packets of FastX's own bus: a line with the subject, a line with the payload, and so on."""
    clock = HandClock()
    mesh, kept = Mesh(clock), Store(CLUSTER, clock)
    lines = iter(raw.split(b"\n"))
    for subject in lines:
        try:
            packet = read_packet(words(subject), next(lines, b""))
        except Unread as unread:
            mesh.miss(unread.prefix, unread.trouble)
            continue
        if packet is not None:
            mesh.hear(packet)
        clock.seconds += 1.0
    mesh.namespaces()
    kept.overhear(mesh.take())
    kept.advance()
    findings(kept)


def sighted(raw: bytes) -> None:
    """What servers answer about themselves, twice."""
    clock = HandClock()
    kept = Store(CLUSTER, clock)
    for _ in range(2):
        kept.sight(merge([_answer(raw)], [_answer(raw)], via="tls://one:4222"), 10.0)
        clock.seconds += 10.0
    kept.advance()
    summarize(kept)


def monitoring(raw: bytes) -> None:
    """The pages of a NATS server's monitoring."""
    page = Page(200, raw)
    with refusing(CollectError):
        heartbeat(page, page, page, interval=5.0, own_names=frozenset({"localhost"}))


def journal(raw: bytes, folder: Path) -> None:
    """An operator's journal, for which a file is needed."""
    path = folder / "journal.jsonl"
    path.write_bytes(raw)
    path.chmod(0o600)
    Journal(path).read(node=NODE)
    verify(path)


def sessions(raw: bytes) -> None:
    """What a site's own programs list."""
    with refusing(ProgramError):
        read_sessions(raw, NODE)
    with refusing(ProgramError):
        read_waiting(raw)


def offer(raw: bytes) -> None:
    """What FastX asks the placement hook."""
    with refusing(BadInput):
        parse_offer(raw, keep_params=True)


def proc(raw: bytes) -> None:
    """Files of /proc."""
    parse_environment(raw, frozenset({"XAUTHORITY", "FX"}))
    parse_arguments(raw)
    with refusing(ValueError):
        parse_uid(raw)
    with refusing(ValueError, NoProcess):
        parse_stat(raw)


def evidence(raw: bytes) -> None:
    """An operator's request, as a manager carries it along."""
    with refusing(ValueError):
        unpack(words(raw))


def syncthing(raw: bytes) -> None:
    """What syncthing answers, the same to every question."""
    pages: defaultdict[str, Page] = defaultdict(lambda: Page(200, raw))
    with refusing(CollectError):
        folders = folders_of(pages, PurePosixPath("/var/fastx"))
        for folder in folders:
            peers = [completion_of(folder, peer) for peer in peers_of(pages, folder)]
            assert all(pages[path] for path in (status_of(folder), errors_of(folder), *peers))
        tell(pages, folders)


def syncthing_config(raw: bytes) -> None:
    """syncthing's config.xml."""
    with refusing(CollectError):
        read_access(words(raw))


def said_by_server(raw: bytes) -> None:
    """What a NATS server says when it is greeted, and over its system account."""
    with refusing(NoGreeting):
        read_greeting(raw, "mgr1:4222")
    with refusing(CollectError):
        system_page(_answer(raw))
    read_permissions(raw)


def _answer(raw: bytes) -> BusAnswer:
    return BusAnswer(raw, {})


READERS: Final[dict[str, Reader]] = {
    "arguments": arguments,
    "config": config,
    "context": context,
    "evidence": evidence,
    "fastx_conf": fastx_conf,
    "filter": filter_,
    "ini": ini,
    "license_file": license_file,
    "message": message,
    "moleculer": moleculer,
    "monitoring": monitoring,
    "mounts": mounts,
    "nats_conf": nats_conf,
    "offer": offer,
    "proc": proc,
    "regex": regex,
    "reply": reply,
    "rlmstat": rlmstat,
    "said_by_server": said_by_server,
    "servers": servers,
    "sessions": sessions,
    "sighted": sighted,
    "store": store,
    "syncthing": syncthing,
    "syncthing_config": syncthing_config,
    "theme": theme,
    "trust": trust,
    "unit": unit,
}
