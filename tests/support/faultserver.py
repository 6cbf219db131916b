"""A server on raw loopback sockets that breaks the protocol on purpose, with real TLS where asked.

A script is a function that gets a ``Peer`` (one accepted connection). ``FaultServer`` runs it for each connection
and keeps every request head and body that came in ``requests``.
"""

from __future__ import annotations

import datetime
import socket
import ssl
import struct
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field

import trustme

__all__ = ["Authority", "FaultServer", "Peer", "Request", "answer", "refused_port"]


@dataclass(frozen=True)
class Request:
    line: str
    headers: dict[str, str]
    body: bytes


def answer(
    body: bytes = b"{}",
    *,
    status: str = "200 OK",
    headers: tuple[str, ...] = ("Content-Type: application/json",),
    length: int | None = None,
) -> bytes:
    """A whole HTTP answer; ``length`` -1 leaves Content-Length out."""
    lines = [f"HTTP/1.1 {status}", *headers]
    if length != -1:
        lines.append(f"Content-Length: {len(body) if length is None else length}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Peer:
    """One connection, as the server sees it."""

    def __init__(self, sock: socket.socket, server: FaultServer) -> None:
        self.sock = sock
        self.server = server

    def request(self) -> Request:
        """Read one request; raises EOFError when the client closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            piece = self.sock.recv(65536)
            if not piece:
                raise EOFError
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        line, *rest = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (item.partition(":") for item in rest)}
        while len(body) < int(headers.get("content-length", "0")):
            piece = self.sock.recv(65536)
            if not piece:
                break
            body += piece
        request = Request(line, headers, body)
        with self.server.lock:
            self.server.requests.append(request)
        return request

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def hold(self, seconds: float = 5.0) -> None:
        """Say nothing until the client goes, the server ends or the time is up."""
        self.server.ended.wait(seconds)

    def reset(self) -> None:
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self) -> None:
        self.sock.close()


class Authority:
    """A certificate authority of the tests' own, with certificates good and bad."""

    def __init__(self) -> None:
        self.ca = trustme.CA()
        self._other = trustme.CA()

    def context(self, kind: str = "good") -> ssl.SSLContext:
        """Server side: good, wrong-host, expired, unknown, old (nothing above TLS 1.1)."""
        past = datetime.datetime(2019, 1, 1, tzinfo=datetime.UTC)
        cert = {
            "good": lambda: self.ca.issue_cert("localhost"),
            "old": lambda: self.ca.issue_cert("localhost"),
            "wrong-host": lambda: self.ca.issue_cert("other.example"),
            "unknown": lambda: self._other.issue_cert("localhost"),
            "expired": lambda: self.ca.issue_cert(
                "localhost", not_before=past, not_after=past + datetime.timedelta(days=300)
            ),
        }[kind]()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        cert.configure_cert(context)
        if kind == "old":
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # old TLS is what this one is for
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context

    def write(self, path: str) -> str:
        """The authority's own certificate as a PEM file, for ``ca_file``."""
        self.ca.cert_pem.write_to_path(path)
        return path


@dataclass
class FaultServer:
    script: Callable[[Peer], None]
    tls: ssl.SSLContext | None = None
    requests: list[Request] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    ended: threading.Event = field(default_factory=threading.Event)
    connections: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self.port: int = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []
        self._peers: list[socket.socket] = []
        accepting = threading.Thread(target=self._accept, daemon=True)
        self._threads.append(accepting)
        accepting.start()

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}/v1" if self.tls else f"http://127.0.0.1:{self.port}/v1"

    def _accept(self) -> None:
        while not self.ended.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            if self.ended.is_set():
                sock.close()
                return
            with self.lock:
                self.connections += 1
                self._peers.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            sock.settimeout(10)
            if self.tls is not None:
                sock = self.tls.wrap_socket(sock, server_side=True)
                with self.lock:
                    self._peers.append(sock)
            self.script(Peer(sock, self))
        except (OSError, EOFError, ValueError):
            pass  # the client went away, which is what many of the scripts are about
        finally:
            sock.close()

    def close(self) -> None:
        self.ended.set()
        # An accept() under way is only woken by a connection on some systems.
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            pass
        self._listener.close()
        with self.lock:
            peers = list(self._peers)
        for sock in peers:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
        for thread in self._threads:
            thread.join(5)

    def __enter__(self) -> FaultServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def refused_port() -> int:
    """A port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
