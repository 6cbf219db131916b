"""One threaded HTTP server on loopback for all practice providers, with journal, faults and enforced limits.

Werkzeug does the HTTP. It is imported in the server's own thread when the first connection waits on the listening
socket, so that starting costs the caller a few milliseconds only.
"""

from __future__ import annotations

import re
import select
import socket
import struct
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from reviewdesk.domain.clock import Clock, iso_utc
from reviewdesk.practice.calls import Answer, Call, Stop
from reviewdesk.practice.faults import Cut, Fault, Faults
from reviewdesk.practice.journal import Entry, Journal, masked
from reviewdesk.practice.state import Shelf

if TYPE_CHECKING:
    import ssl

    from _typeshed.wsgi import StartResponse, WSGIEnvironment
    from werkzeug.serving import BaseWSGIServer

__all__ = ["PracticeServer", "ProviderServer"]

_BODY_CAP = 32 * 1024 * 1024
Record = dict[str, Any]


class ProviderServer:
    """Base of the five. Handlers run one at a time under ``lock``; so do the test's mutators."""

    provider = ""

    def __init__(self, clock: Clock, journal: Journal, shelf: Shelf) -> None:
        self.clock = clock
        self.journal = journal
        self.shelf = shelf
        self.lock = threading.RLock()
        self.base_url = ""
        """Set when mounted, e.g. ``http://127.0.0.1:40123/trustpilot``."""
        self.root_url = ""
        """The practice server itself, for pictures."""
        self._data: dict[str, dict[str, Record]] | None = None
        self._routes: list[tuple[str, re.Pattern[str], Callable[..., Any]]] = []
        for name in dir(type(self)):
            handler = getattr(type(self), name)
            for method, pattern in getattr(handler, "_routes", ()):
                regex = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern)
                self._routes.append((method, re.compile(regex), getattr(self, name)))
        # A fixed path goes before one with a placeholder in its place: /find before /{unit}.
        self._routes.sort(key=lambda r: r[1].groups)

    # --- records ---------------------------------------------------------------------------------

    def fill(self) -> dict[str, dict[str, Record]]:
        """The records as the sample shop has them: kind -> id -> record."""
        return {}

    @property
    def data(self) -> dict[str, dict[str, Record]]:
        """kind -> id -> record; computed on first use, changes of earlier runs laid over it. Hold the lock."""
        with self.lock:
            if self._data is None:
                data = self.fill()
                self.shelf.load(data)
                self._data = data
            return self._data

    def keep(self, kind: str, key: str) -> None:
        """A record was changed, added or removed: keep that, where state is kept."""
        self.shelf.keep(kind, key, self.data[kind].get(key))

    def now_text(self) -> str:
        """The practice clock as ``2026-01-31T08:14:00Z``."""
        return iso_utc(self.clock.now()) or ""

    @staticmethod
    def new_id() -> str:
        """24 hexadecimal digits that nothing else has."""
        return uuid.uuid4().hex[:24]

    # --- what a provider decides for itself ------------------------------------------------------

    def admit(self, call: Call) -> None:
        """Limits, maintenance; raises Stop."""

    def masked_path(self, path: str) -> str:
        """The path as the journal keeps it, without credentials."""
        return path

    def unknown_path(self, call: Call) -> Answer:
        return Answer({"message": "Not Found"}, 404)

    def wrong_method(self, call: Call, allowed: list[str]) -> Answer:
        return Answer({"message": "Method Not Allowed"}, 405, headers={"Allow": ", ".join(allowed)})

    def carry_out(self, call: Call) -> tuple[Answer, str]:
        """Dispatch one request; (answer, outcome for the journal)."""
        try:
            with self.lock:
                self.admit(call)
                allowed = []
                for method, regex, handler in self._routes:
                    found = regex.fullmatch(call.path)
                    if found is None:
                        continue
                    if method != call.method:
                        allowed.append(method)
                        continue
                    parts = {name: unquote(value) for name, value in found.groupdict().items()}
                    result = handler(call, **parts)
                    return (result if isinstance(result, Answer) else Answer(result)), "ok"
                if allowed:
                    return self.wrong_method(call, allowed), "wrong-method"
                return self.unknown_path(call), "unknown-path"
        except Stop as stop:
            return stop.answer, stop.outcome

    def close(self) -> None:
        self.shelf.close()


class PracticeServer:
    """The HTTP server. ``mount`` providers, ``start``, use ``url``; ``close`` waits until the thread has ended."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.journal = Journal()
        self.faults = Faults()
        self.port = 0
        self._mounts: list[tuple[str, str, str]] = []
        self._makers: dict[str, tuple[str, Callable[[], ProviderServer]]] = {}
        self._servers: dict[str, ProviderServer] = {}
        self._making = threading.RLock()
        self._files: list[tuple[str, Callable[[str], Answer]]] = []
        self._thread: threading.Thread | None = None
        self._server: BaseWSGIServer | None = None
        self._up = threading.Event()
        self._closing = threading.Event()
        self._scheme = "http"
        self._socket: socket.socket | None = None
        self._ssl: ssl.SSLContext | None = None

    # --- life ----------------------------------------------------------------------------------

    def mount(
        self, prefix: str, provider: str, make: Callable[[], ProviderServer], *, inner: str = ""
    ) -> None:
        """Serve a provider below ``/prefix``, its routes below ``inner``: one provider may have several hosts.

        ``make`` is called once, when the provider is needed for the first time.
        """
        self._mounts.append((f"/{prefix}", provider, inner))
        self._makers.setdefault(provider, (prefix, make))

    def provider(self, name: str) -> ProviderServer:
        """The provider's server, made on first use. Raises KeyError."""
        with self._making:
            server = self._servers.get(name)
            if server is None:
                prefix, make = self._makers[name]
                server = make()
                server.root_url = self.url("")
                server.base_url = self.url(prefix)
                self._servers[name] = server
            return server

    def serve_files(self, prefix: str, give: Callable[[str], Answer]) -> None:
        """Answer GET below ``/prefix/`` with ``give(name)``; not journalled, no faults unless named ``files``."""
        self._files.append((f"/{prefix}/", give))

    def bind(self, port: int = 0, *, ssl_context: ssl.SSLContext | None = None) -> None:
        """Open the listening socket on 127.0.0.1. Raises OSError when a wanted port is taken."""
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self._ssl = ssl_context
        self._scheme = "https" if ssl_context is not None else "http"
        self.port = self._socket.getsockname()[1]

    def start(self) -> None:
        """Answer requests from now on; returns at once. ``bind`` comes first."""
        if self._socket is None:
            raise RuntimeError("bind() comes before start()")
        self._thread = threading.Thread(
            target=self._run, args=(self._socket,), name="practice-server", daemon=True
        )
        self._thread.start()

    def url(self, prefix: str) -> str:
        host = "localhost" if self._scheme == "https" else "127.0.0.1"
        return f"{self._scheme}://{host}:{self.port}" + (f"/{prefix}" if prefix else "")

    def _run(self, listening: socket.socket) -> None:
        try:
            while not select.select([listening], [], [], 0.1)[0]:
                if self._closing.is_set():
                    listening.close()
                    return
            from werkzeug.serving import WSGIRequestHandler, make_server

            class PracticeHandler(WSGIRequestHandler):
                """Silent, and with the headers as they were sent: WSGI drops names like ``user_token``."""

                protocol_version = "HTTP/1.1"

                def make_environ(self) -> WSGIEnvironment:
                    environ = super().make_environ()
                    environ["practice.headers"] = self.headers
                    return environ

                def connection_dropped(
                    self, error: BaseException, environ: WSGIEnvironment | None = None
                ) -> None:
                    self.close_connection = True

                def log(self, type: str, message: str, *args: object) -> None:
                    """The journal has it."""

            server = make_server(
                "127.0.0.1",
                self.port,
                self._answer,
                threaded=True,
                request_handler=PracticeHandler,
                ssl_context=self._ssl,
                fd=listening.fileno(),
            )
            listening.close()  # the server has its own duplicate
            self._server = server
        except BaseException:
            listening.close()  # nobody will answer: clients are refused instead of kept waiting
            raise
        finally:
            self._up.set()
        # Also when closing has begun meanwhile: shutdown() waits for this loop to end.
        server.serve_forever(poll_interval=0.1)
        server.server_close()

    def close(self) -> None:
        """Stop answering, let held requests go, wait for the thread. Safe to call twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        self.faults.off()
        if self._thread is not None:
            self._up.wait(10)
            if self._server is not None:
                self._server.shutdown()
            self._thread.join(10)
        elif self._socket is not None:
            self._socket.close()
        with self._making:
            for server in self._servers.values():
                server.close()

    # --- one request ---------------------------------------------------------------------------

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raw = str(environ["REQUEST_URI"]).encode("latin-1", "replace").decode("utf-8", "replace")
        path, _, query = raw.partition("?")
        if "://" in path:
            path = "/" + path.split("://", 1)[1].partition("/")[2]
        method = str(environ["REQUEST_METHOD"])
        for prefix, give in self._files:
            if path.startswith(prefix):
                return self._file(give, unquote(path.removeprefix(prefix)), start_response)
        mount = next((m for m in self._mounts if path == m[0] or path.startswith(m[0] + "/")), None)
        if mount is None:
            return _send(Answer({"message": "no practice provider lives here"}, 404), start_response)
        prefix, name, inner = mount
        server = self.provider(name)
        call = Call(
            method=method,
            path=inner + (path.removeprefix(prefix) or "/"),
            query=parse_qsl(query, keep_blank_values=True),
            headers=environ["practice.headers"],
            body=_read_body(environ),
            base_url=self.url(prefix[1:]),
        )
        fault = self.faults.strike(server.provider, method, call.path)
        if fault is None:
            answer, outcome = server.carry_out(call)
            self._note(server, call, answer.status, outcome, committed=True)
            return _send(answer, start_response)
        return self._with_fault(fault, server, call, environ, start_response)

    def _with_fault(
        self,
        fault: Fault,
        server: ProviderServer,
        call: Call,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        if fault.delay_before_s:
            self._closing.wait(fault.delay_before_s)
        if fault.hold_before:
            fault.wait_released()
        if fault.cut is Cut.BEFORE:
            self._note(server, call, 0, fault.name, committed=False)
            _cut(environ, fault)
        if fault.status is not None and not fault.commit:
            answer = Answer(fault.body or b"", fault.status, headers=fault.headers)
            self._note(server, call, fault.status, fault.name, committed=False)
        else:
            answer, outcome = server.carry_out(call)
            if fault.status is not None or fault.body is not None:
                answer = Answer(fault.body or b"", fault.status or 200, headers=fault.headers)
            status = 0 if fault.cut is Cut.AFTER else answer.status
            # Noted before the waits that follow, so that a test sees the commit while the client still waits.
            self._note(server, call, status, fault.name if outcome == "ok" else outcome, committed=True)
        if fault.delay_after_s:
            self._closing.wait(fault.delay_after_s)
        if fault.hold_after:
            fault.wait_released()
        if fault.cut is Cut.AFTER:
            _cut(environ, fault)
        if fault.cut is Cut.MID:
            return self._half(answer, fault, environ, start_response)
        if fault.drip_s:
            return self._drip(answer, fault, start_response)
        return _send(answer, start_response)

    def _note(
        self, server: ProviderServer, call: Call, status: int, outcome: str, *, committed: bool
    ) -> None:
        self.journal.add(
            lambda number: Entry(
                number=number,
                at=self.clock.now(),
                provider=server.provider,
                method=call.method,
                path=server.masked_path(call.path),
                query=masked(dict(call.query)),
                fields=masked(call.fields),
                authenticated_as=call.who,
                status=status,
                outcome=outcome,
                committed=committed,
            )
        )

    def _file(
        self, give: Callable[[str], Answer], name: str, start_response: StartResponse
    ) -> Iterable[bytes]:
        fault = self.faults.strike("files", "GET", name)
        if fault is not None and fault.delay_before_s:
            self._closing.wait(fault.delay_before_s)
        if fault is not None and (fault.status is not None or fault.body is not None):
            return _send(
                Answer(fault.body or b"", fault.status or 200, headers=fault.headers), start_response
            )
        return _send(give(name), start_response)

    def _half(
        self, answer: Answer, fault: Fault, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterator[bytes]:
        _begin(answer, start_response)
        yield answer.body[: len(answer.body) // 2]
        _cut(environ, fault)

    def _drip(self, answer: Answer, fault: Fault, start_response: StartResponse) -> Iterator[bytes]:
        _begin(answer, start_response)
        for start in range(0, len(answer.body), fault.drip_bytes):
            if self._closing.wait(fault.drip_s):
                return
            yield answer.body[start : start + fault.drip_bytes]


def _read_body(environ: WSGIEnvironment) -> bytes:
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        return bytes(stream.read(_BODY_CAP))
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return b""
    return bytes(stream.read(min(length, _BODY_CAP))) if length > 0 else b""


def _begin(answer: Answer, start_response: StartResponse) -> None:
    headers = [(name, value) for name, value in answer.headers.items()]
    if answer.status not in (204, 304):
        headers.append(("Content-Length", str(len(answer.body))))
    start_response(f"{answer.status} {_REASONS.get(answer.status, 'Status')}", headers)


def _send(answer: Answer, start_response: StartResponse) -> Iterable[bytes]:
    _begin(answer, start_response)
    return [answer.body] if answer.status not in (204, 304) else []


def _cut(environ: WSGIEnvironment, fault: Fault) -> None:
    """End the connection without (the rest of) an answer. Always raises."""
    if fault.reset:
        connection: socket.socket = environ["werkzeug.socket"]
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()
    raise ConnectionAbortedError("practice fault")


_REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 302: "Found", 304: "Not Modified",
    400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    409: "Conflict", 415: "Unsupported Media Type", 422: "Unprocessable Entity", 429: "Too Many Requests",
    500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway", 503: "Service Unavailable",
    504: "Gateway Timeout",
}  # fmt: skip
