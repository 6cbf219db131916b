"""TLS in front of the practice servers: passes everything on, until a fault strikes at the call it is meant for.

Everything is real: sockets, handshakes, certificates, the provider's own code, the practice server behind. Only one
thing is made up, the length of a wait: once the request under test has arrived, the client's patience shrinks to some
hundredths of a second, so that a fault that is a silence costs no more than any other.
"""

from __future__ import annotations

import gzip
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import httpx

from reviewdesk.domain.clock import SystemClock
from reviewdesk.providers import http
from reviewdesk.providers.http import connection
from tests.support.faultserver import Authority, FaultServer, Peer, Request, answer, refused_port

__all__ = ["FAULTS", "Fault", "Relay"]

_CLOCK = SystemClock()
_PATIENCE_S = 0.04
Play = Callable[[Peer], None]


@dataclass(frozen=True)
class Fault:
    """``at``: connect, accept, tls, proxy, write or request. ``play`` is the server's part at accept, proxy and request."""

    name: str
    at: str
    play: Play | None = None
    kind: str = ""
    """Which certificate (tls), or where the connection ends up (connect)."""
    read: str = ""
    """The error of a call that reads; of one that acts, unless ``sent`` names another."""
    sent: str = ""
    delivery: str = "unknown"
    """What an action must conclude: not-sent, refused or unknown."""
    wait_s: tuple[float, float] | None = None
    """Bounds of the wait that the provider asked for."""
    patience_s: float = 0.0
    """The client's patience with a single read, and three times that with the whole, once the request has arrived."""

    def error(self, *, acting: bool) -> str:
        return (self.sent or self.read) if acting else self.read

    def __str__(self) -> str:
        return self.name


def _say(*parts: bytes | str) -> Play:
    """Send these; "hold", "reset" and "drip" are what comes between or after. The connection is closed then."""

    def play(peer: Peer) -> None:
        for part in parts:
            if part == "hold":
                peer.hold(0.5)
            elif part == "reset":
                peer.reset()
            elif part == "drip":
                while not peer.server.ended.wait(0.01):
                    peer.send(b" ")
            else:
                assert isinstance(part, bytes)
                peer.send(part)

    return play


def _status(line: str, body: bytes = b"{}", *headers: str) -> Play:
    return _say(answer(body, status=line, headers=("Content-Type: application/json", *headers)))


_HTML = b"<!doctype html><html><body>Please <b>sign in</b></body></html>"
_AS_HTML = ("Content-Type: text/html",)
_GZIP = ("Content-Type: application/json", "Content-Encoding: gzip")
_BOMB = gzip.compress(b"[" + b" " * 40_000_000 + b"]", 1)
_N, _R, _U = "not-sent", "refused", "unknown"

FAULTS = (
    Fault("C1 name not found", "connect", kind="name", read="NetworkError", delivery=_N),
    Fault("C2 refused", "connect", kind="refused", read="NetworkError", delivery=_N),
    Fault("C3 connecting hangs", "connect", kind="hangs", read="NetworkError", delivery=_N),
    Fault("C3 handshake hangs", "accept", _say("hold"), read="NetworkError", delivery=_N),
    Fault("C3 handshake cut", "accept", _say(), read="NetworkError", delivery=_N),
    Fault("C4 expired", "tls", kind="expired", read="TlsError", delivery=_N),
    Fault("C4 another host", "tls", kind="wrong-host", read="TlsError", delivery=_N),
    Fault("C4 unknown authority", "tls", kind="unknown", read="TlsError", delivery=_N),
    Fault("C4 TLS 1.1", "tls", kind="old", read="TlsError", delivery=_N),
    Fault("C5 writing stalls", "write", read="NetworkError", patience_s=0.04),
    Fault("C6 no answer", "request", _say("hold"), read="NetworkError", patience_s=0.04),
    Fault("C7 closed before the answer", "request", _say(), read="NetworkError"),
    Fault("C7 reset before the answer", "request", _say("reset"), read="NetworkError"),
    Fault("C8 short body", "request", _say(answer(b'{"a":', length=500)), read="NetworkError"),
    Fault("C8 reset in the body", "request", _say(answer(b'{"a":', length=500), "reset"), read="NetworkError"),
    Fault(
        "C8 cut chunk",
        "request",
        _say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2,"),
        read="NetworkError",
    ),
    Fault("C9 no length, cut", "request", _say(answer(b'{"a": [1, 2', length=-1)), read="BadAnswer"),
    Fault(
        "C9 cut gzip",
        "request",
        _say(answer(gzip.compress(b'{"a": 1}' * 99)[:20], headers=_GZIP)),
        read="BadAnswer",
    ),
    Fault(
        "C10 drip", "request", _say(answer(b"", length=10_000), "drip"), read="NetworkError", patience_s=0.04
    ),
    Fault("C11 bad gzip", "request", _say(answer(b"abcdefgh", headers=_GZIP)), read="BadAnswer"),
    Fault("C12 gzip bomb", "request", _say(answer(_BOMB, headers=_GZIP)), read="BadAnswer"),
    Fault("C13 not HTTP", "request", _say(b"hello there\r\n\r\n", "hold"), read="BadAnswer"),
    Fault(
        "C13 headers without end", "request", _say(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 60_000), read="BadAnswer"
    ),
    Fault(
        "C14 to another host",
        "request",
        _status("307 Moved", b"", "Location: https://elsewhere.example/v1"),
        read="BadAnswer",
        delivery=_R,
    ),
    Fault(
        "C14 to a file",
        "request",
        _status("302 Found", b"", "Location: file:///etc/passwd"),
        read="BadAnswer",
        delivery=_R,
    ),
    Fault("C15 no proxy there", "connect", kind="proxy", read="NetworkError", delivery=_N),
    Fault(
        "C15 the proxy wants a password",
        "proxy",
        _status("407 Proxy Authentication Required"),
        read="NetworkError",
        delivery=_N,
    ),
    Fault("C16 a hotel's page", "request", _say(answer(_HTML, headers=_AS_HTML)), read="BadAnswer"),
    Fault("C16 a hotel's page as JSON", "request", _say(answer(_HTML)), read="BadAnswer"),
    Fault("C17 no content", "request", _say(b"HTTP/1.1 204 No Content\r\n\r\n"), read="BadAnswer"),
    Fault("C17 empty", "request", _say(answer(b"")), read="BadAnswer"),
    Fault("C17 null", "request", _say(answer(b"null")), read="BadAnswer"),
    Fault("C17 another shape", "request", _say(answer(b'["x"]')), read="BadAnswer"),
    Fault(
        "C18 too many", "request", _status("429 Too Many Requests"), read="RateLimited", delivery=_N,
        wait_s=(1, 3600),
    ),
    Fault(
        "C18 too many, for 77 s", "request", _status("429 Too Many Requests", b"{}", "Retry-After: 77"),
        read="RateLimited", delivery=_N, wait_s=(76, 78),
    ),
    Fault(
        "C18 too many, for ten years", "request",
        _status("429 Too Many Requests", b"{}", "Retry-After: 315360000"),
        read="RateLimited", delivery=_N, wait_s=(3500, 3601),
    ),
    Fault("C19 signed out", "request", _status("401 Unauthorized"), read="SignInError", delivery=_N),
    Fault(
        "C19 not allowed", "request", _status("403 Forbidden", b'{"message": "no"}'), read="PermissionDenied",
        delivery=_N,
    ),
    Fault("C20 server error", "request", _status("500 Internal Server Error", b"oops"), read="ServerError"),
    Fault(
        "C20 bad gateway", "request", _say(answer(_HTML, status="502 Bad Gateway", headers=_AS_HTML)),
        read="ServerError",
    ),
    Fault("C20 maintenance", "request", _status("503 Service Unavailable"), read="ServerError"),
    Fault("C21 conflict", "request", _status("409 Conflict"), read="Refused", delivery=_R),
)  # fmt: skip


@dataclass
class Relay(FaultServer):
    """Run with ``hooks()``. ``wants`` says which calls the fault is meant for, by method and path."""

    script: Play = lambda peer: None
    authority: Authority = field(default_factory=Authority)
    behind: int = 0
    """The practice servers' port."""
    fault: Fault | None = None
    wants: re.Pattern[str] | None = None
    skip: int = 0
    """So many fitting calls pass untouched first."""
    stores: bool = False
    """The request is carried out before its answer is lost."""
    struck: int = 0
    armed: bool = False
    heard: bool = False
    """The request under test has arrived: the client's patience shrinks."""

    def __post_init__(self) -> None:
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._queue = socket.socket()
        self._queue.bind(("127.0.0.1", 0))
        self._queue.listen(0)
        self._held = [socket.socket() for _ in range(3)]
        for waiting in self._held:
            waiting.setblocking(False)
            waiting.connect_ex(self._queue.getsockname())
        self._nobody = refused_port()
        super().__post_init__()

    def close(self) -> None:
        for each in (*self._held, self._queue):
            each.close()
        super().close()

    @property
    def root(self) -> str:
        return f"https://localhost:{self.port}"

    def _context(self, kind: str) -> ssl.SSLContext:
        if kind not in self._contexts:
            self._contexts[kind] = self.authority.context(kind)
        return self._contexts[kind]

    # --- the server's side -------------------------------------------------------------------------------

    def _serve(self, sock: socket.socket) -> None:
        fault = self.fault if self.armed else None
        at = fault.at if fault is not None else ""
        try:
            sock.settimeout(10)
            if sock.recv(7, socket.MSG_PEEK) == b"CONNECT":
                Peer(sock, self).request()
                if fault is not None and at == "proxy":
                    assert fault.play is not None
                    fault.play(Peer(sock, self))
                    return
                sock.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            if fault is not None and at == "accept":
                assert fault.play is not None
                fault.play(Peer(sock, self))
                return
            if at == "write":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            kind = fault.kind if fault is not None and at == "tls" else "good"
            sock = self._context(kind).wrap_socket(sock, server_side=True)
            with self.lock:
                self._peers.append(sock)
            self._answer(Peer(sock, self), fault if at in ("request", "write") else None)
        except (OSError, EOFError, ValueError):
            pass  # the client went away, which is what many of the faults are about
        finally:
            sock.close()

    def _answer(self, peer: Peer, fault: Fault | None) -> None:
        if fault is not None and fault.at == "write":
            self.heard = True
            peer.hold(0.3)  # nothing is read, so that the client's buffers fill up
            return
        request = peer.request()
        if fault is None:
            peer.send(self._pass_on(request))
            return
        if self.stores:
            self._pass_on(request)
        self.heard = True
        assert fault.play is not None
        fault.play(peer)

    def _pass_on(self, request: Request) -> bytes:
        headers = {**request.headers, "connection": "close"}
        head = "\r\n".join([request.line, *(f"{k}: {v}" for k, v in headers.items())])
        with socket.create_connection(("127.0.0.1", self.behind), timeout=10) as sock:
            sock.sendall(head.encode("latin-1") + b"\r\n\r\n" + request.body)
            pieces = []
            while piece := sock.recv(65536):
                pieces.append(piece)
        return b"".join(pieces)

    # --- the client's side -------------------------------------------------------------------------------

    @contextmanager
    def strikes(self, fault: Fault, wants: str, *, stores: bool = False, skip: int = 0) -> Iterator[None]:
        """Inside, every call that fits meets the fault (after ``skip`` of them)."""
        self.fault, self.wants, self.stores, self.skip, self.struck = (
            fault,
            re.compile(wants),
            stores,
            skip,
            0,
        )
        try:
            yield
        finally:
            self.fault = self.wants = None
            self.armed = self.heard = False

    @contextmanager
    def hooks(self) -> Iterator[None]:
        """Arms the fault for exactly the call it is meant for, and leads connections astray where it says so."""
        relay = self
        call, connect, proxy_for = http.HttpClient.call, connection.Backend.connect_tcp, connection.proxy_for
        read, write, start_tls = connection.Stream.read, connection.Stream.write, connection.Stream.start_tls
        look_up = socket.getaddrinfo

        def calling(self: Any, method: str, path: str, **more: Any) -> Any:
            if relay.fault is None or relay.wants is None or not relay.wants.search(f"{method} {path}"):
                return call(self, method, path, **more)
            if relay.skip > 0:
                relay.skip -= 1
                return call(self, method, path, **more)
            relay.struck += 1
            relay.armed = True
            self._forget_connections()
            try:
                return call(self, method, path, **more)
            finally:
                relay.armed = relay.heard = False

        def connecting(self: Any, host: str, port: int, timeout: Any = None, *a: Any, **k: Any) -> Any:
            fault = relay.fault if relay.armed else None
            if fault is not None and fault.at == "connect":
                if fault.kind == "name":
                    host = "reviews.invalid"
                elif fault.kind == "hangs":
                    port, timeout = relay._queue.getsockname()[1], _PATIENCE_S
                    host = "127.0.0.1"
                else:
                    host, port = "127.0.0.1", relay._nobody
            stream = connect(self, host, port, timeout, *a, **k)
            if fault is not None and fault.at == "write":
                sock = stream.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
            return stream

        def shaking(self: Any, ssl_context: Any, server_hostname: Any = None, timeout: Any = None) -> Any:
            if relay.armed and relay.fault is not None and relay.fault.at == "accept":
                timeout = _PATIENCE_S
            return start_tls(self, ssl_context, server_hostname, timeout)

        def reading(self: Any, max_bytes: int, timeout: Any = None) -> bytes:
            fault = relay.fault
            if relay.armed and fault is not None and fault.at in ("request", "write"):
                # The request is on its way: wait for it to arrive, then as long as the scale allows.
                end = _CLOCK.monotonic() + 10
                while not relay.heard and _CLOCK.monotonic() < end:
                    relay.ended.wait(0.002)
                if fault.patience_s:
                    watch = self._backend.watch
                    watch.deadline = min(watch.deadline, _CLOCK.monotonic() + 3 * fault.patience_s)
                    timeout = fault.patience_s
            return read(self, max_bytes, timeout)

        def writing(self: Any, buffer: bytes, timeout: Any = None) -> None:
            if relay.armed and relay.fault is not None and relay.fault.at == "write":
                timeout = _PATIENCE_S
            write(self, buffer, timeout)

        def looking_up(host: Any, *more: Any, **options: Any) -> Any:
            if host == "reviews.invalid":
                raise socket.gaierror(socket.EAI_NONAME, "no such name")
            return look_up(host, *more, **options)

        def proxied(parts: Any) -> Any:
            fault = relay.fault
            if fault is not None and (fault.at == "proxy" or fault.kind == "proxy"):
                return httpx.Proxy(f"http://127.0.0.1:{relay.port}")
            return proxy_for(parts)

        with ExitStack() as stack:
            for place, name, stand_in in (
                (http.HttpClient, "call", calling),
                (connection.Backend, "connect_tcp", connecting),
                (connection.Stream, "start_tls", shaking),
                (connection.Stream, "read", reading),
                (connection.Stream, "write", writing),
                (connection, "proxy_for", proxied),
                (socket, "getaddrinfo", looking_up),
            ):
                stack.enter_context(mock.patch.object(place, name, stand_in))
            yield
