"""The only place that uses private names of nats-py (2.16), and what happens where a release lacks them.

- `encrypted` looks at the transport. Where it can't, `require_encryption` refuses: no secret goes out unseen.
- `Client._connect_command` asks for that before anything at all is sent.
- `Client._ps` is the parser, and ``_id`` of a subscription what the server calls it. With both a message goes straight
  to its sink (`fxtop.bus.reader`), without the library's queue and task. Where one is gone, the plain callback that was
  given to ``subscribe`` does the same, slower.
- `Client._build_message` and `_process_headers` keep a subject or a header that isn't text from ending the library's
  read loop. Where they are gone, the pulse notices the dead loop and the connection is rebuilt.
- `abort` drops a socket without the closing words that a frozen server would not answer. Where it can't, closing takes
  longer.
- `server_info` is the server's greeting: name, id, version. Where it is gone, they are unknown.
- `reading_side` is the socket, to be read in beats. Where it can't be reached, each message is read as it comes.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import termios
from collections.abc import Mapping
from typing import Any

import nats.aio.client
from nats.aio.msg import Msg
from nats.aio.transport import TcpTransport
from nats.protocol.parser import Parser

from fxtop.bus.reader import NO_HEADERS, Reader, Sink


class NotEncrypted(Exception):
    """TLS is demanded and the server didn't begin it; nothing was sent."""


class CannotSeeEncryption(Exception):
    """TLS is demanded and this nats-py doesn't let us see whether it is there; nothing was sent."""


class Client(nats.aio.client.Client):
    """nats-py's client, which holds its tongue on a connection that should be encrypted and isn't."""

    def __init__(self, *, must_encrypt: bool) -> None:
        super().__init__()
        self.must_encrypt = must_encrypt
        self._sinks: dict[bytes, Sink] = {}
        """By subscription, as the server names it in front of a message."""
        if has_parser(self):
            self._ps = Reader(self, self._sinks)

    async def subscribe_sink(self, subject: str, sink: Sink) -> None:
        """Hand the messages on ``subject`` to ``sink``."""

        async def deliver(msg: Msg) -> None:
            sink([(msg.subject, msg.data, msg.headers or NO_HEADERS)])

        subscription = await self.subscribe(subject, cb=deliver)
        sid = getattr(subscription, "_id", None)
        if isinstance(sid, int):
            self._sinks[b"%d" % sid] = sink

    def _connect_command(self) -> bytes:
        if self.must_encrypt:
            require_encryption(self)
        return super()._connect_command()

    def _build_message(
        self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: dict[str, str] | None
    ) -> Msg | None:
        message: Msg | None = super()._build_message(sid, _utf8(subject), _utf8(reply), data, headers)
        return message

    async def _process_headers(self, headers: bytes | None) -> dict[str, str] | None:
        try:
            return await super()._process_headers(headers)
        except (IndexError, ValueError):  # cut short, or not text: the message counts as one without headers
            return None


def missing_names() -> list[str]:
    """The private names that this nats-py lacks; empty for the releases that fxtop was tested with."""
    library = nats.aio.client.Client
    methods = ("_connect_command", "_build_message", "_process_headers")
    missing = [f"Client.{name}" for name in methods if not callable(getattr(library, name, None))]
    client = library()
    missing += [f"Client.{name}" for name in ("_transport", "_server_info") if not hasattr(client, name)]
    missing += [] if has_parser(client) else ["Client._ps"]
    transport = TcpTransport()  # type: ignore[no-untyped-call]  # nats-py's transport has no types
    missing += [f"TcpTransport.{name}" for name in ("_io_writer", "_bare_io_writer") if not hasattr(transport, name)]
    return missing


def has_parser(client: nats.aio.client.Client) -> bool:
    """Whether ``client`` gives what it reads to the parser that we know."""
    return isinstance(getattr(client, "_ps", None), Parser)


def encrypted(client: nats.aio.client.Client) -> bool | None:
    """Whether the present connection is encrypted; None where that can't be seen, as on a closed one."""
    writer = _writer(client)
    if writer is None or writer.is_closing():  # asyncio's closed TLS transport can't be asked any more
        return None
    return writer.get_extra_info("ssl_object") is not None


def require_encryption(client: nats.aio.client.Client) -> None:
    """Return only where the connection is seen to be encrypted.

    Raises:
        NotEncrypted: it is in clear.
        CannotSeeEncryption: nobody knows, which is not good enough.
        ConnectionResetError: the server hung up meanwhile, as one does that wants a client certificate (TLS 1.3).
    """
    writer = _writer(client)
    if writer is not None and writer.is_closing():
        raise ConnectionResetError
    seen = encrypted(client)
    if seen is None:
        raise CannotSeeEncryption
    if not seen:
        raise NotEncrypted


def abort(client: nats.aio.client.Client) -> None:
    """Drop the socket at once, and what was not yet written to it."""
    writer = _writer(client)
    if writer is not None:
        writer.transport.abort()


def server_info(client: nats.aio.client.Client) -> Mapping[str, Any]:
    """The server's greeting (INFO), empty where it isn't known."""
    info = getattr(client, "_server_info", None)
    return info if isinstance(info, dict) else {}


class ReadingSide:
    """The socket under a client, below its encryption."""

    def __init__(self, transport: asyncio.ReadTransport, sock: socket.socket) -> None:
        self._transport = transport
        self._socket = sock

    def pause(self) -> None:
        """Leave what arrives to the kernel."""
        if not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read what is there, and what comes."""
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def unread(self) -> int:
        """Bytes that the kernel holds (FIONREAD, tty_ioctl(4)); 0 at the end of the stream or of the connection."""
        if self._transport.is_closing():
            return 0
        held: int = struct.unpack("i", fcntl.ioctl(self._socket.fileno(), termios.FIONREAD, bytes(4)))[0]
        return held


def reading_side(client: nats.aio.client.Client) -> ReadingSide | None:
    """The socket under an open client; None where this nats-py or this connection doesn't let us have it."""
    writer = getattr(getattr(client, "_transport", None), "_bare_io_writer", None)
    transport = getattr(writer, "transport", None)
    sock = None if transport is None else transport.get_extra_info("socket")
    if not isinstance(transport, asyncio.ReadTransport) or sock is None:
        return None
    return ReadingSide(transport, sock)


def _writer(client: nats.aio.client.Client) -> Any:
    """The stream writer under the client, or None."""
    writer = getattr(getattr(client, "_transport", None), "_io_writer", None)
    return writer if hasattr(writer, "get_extra_info") else None


def _utf8(raw: bytes) -> bytes:
    return raw if raw.isascii() else raw.decode("utf-8", "replace").encode()
