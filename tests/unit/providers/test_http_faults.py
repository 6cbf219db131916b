"""The network matrix (reliability.md C) on raw sockets and real TLS: each fault to its typed error and delivery."""

from __future__ import annotations

import gzip
import socket
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from reviewdesk.domain.errors import (
    BadAnswer,
    Cancelled,
    Delivery,
    NetworkError,
    NotFound,
    PermissionDenied,
    ProviderError,
    RateLimited,
    Refused,
    ServerError,
    SignInError,
    TlsError,
)
from reviewdesk.domain.errors import TlsError as Tls
from reviewdesk.providers.http import HttpClient
from tests.support.contexts import Token, context
from tests.support.faultserver import Authority, FaultServer, Peer, answer, refused_port

SECRET = "canary-7f3a9c51e2"
HEADERS = {"authorization": f"Bearer {SECRET}", "apikey": SECRET}

Script = Callable[[Peer], None]


_made: list[HttpClient] = []


@pytest.fixture(autouse=True)
def closed_clients() -> Iterator[None]:
    yield
    while _made:
        _made.pop().close()


def client(url: str, *, timeout_s: float = 0.4, ca_file: str = "", cancel: Token | None = None) -> HttpClient:
    made = HttpClient(
        url, context({"ca_file": ca_file}, timeout_s=timeout_s, cancel=cancel), title="Trustpilot"
    )
    made.hide(SECRET)
    _made.append(made)
    return made


def read(http: HttpClient) -> ProviderError | None:
    return _error(lambda: http.get("/things", query={"client_token": SECRET}, headers=HEADERS))


def send(http: HttpClient, body: object = None) -> ProviderError | None:
    return _error(
        lambda: http.call("POST", "/things", json=body or {"content": "x"}, headers=HEADERS, outgoing=True)
    )


def _error(work: Callable[[], object]) -> ProviderError | None:
    try:
        work()
    except ProviderError as error:
        assert error.__cause__ is None and error.__context__ is None, "a library exception hangs on it"
        everything = f"{error!r} {error} {error.remedy} {error.provider_words}"
        assert SECRET not in everything and "client_token" not in everything
        assert "\n" not in error.message and len(error.message) < 500
        return error
    return None


def raw(data: bytes, then: str = "close") -> Script:
    def script(peer: Peer) -> None:
        while True:
            peer.request()
            peer.send(data)
            if then == "reset":
                peer.reset()
            if then == "hold":
                peer.hold()
            if then != "keep":
                return

    return script


def silent(peer: Peer) -> None:
    peer.request()
    peer.hold()


def drip(peer: Peer) -> None:
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2000\r\n\r\n")
    while not peer.server.ended.wait(0.05):
        peer.send(b" ")


def drip_headers(peer: Peer) -> None:
    peer.request()
    peer.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while not peer.server.ended.wait(0.05):
        peer.send(b"x")


def closed_at_once(peer: Peer) -> None:
    peer.request()


def reset_at_once(peer: Peer) -> None:
    peer.request()
    peer.reset()


HTML = b"<!doctype html><html><body>Please <b>sign in</b></body></html>"
BOMB = gzip.compress(b"[" + b" " * 60_000_000 + b"]")
AS_HTML = ("Content-Type: text/html",)
GZIP = ("Content-Type: application/json", "Content-Encoding: gzip")


@dataclass(frozen=True)
class Cell:
    name: str
    script: Script
    error: type[ProviderError] | None
    sent: Delivery | None
    """What an outgoing call must conclude."""


U, N, R = Delivery.UNKNOWN, Delivery.NOT_SENT, Delivery.REFUSED

CELLS = [
    Cell("C6 no answer", silent, NetworkError, U),
    Cell("C7 closed before the answer", closed_at_once, NetworkError, U),
    Cell("C7 reset before the answer", reset_at_once, NetworkError, U),
    Cell("C8 reset in the body", raw(answer(b'{"a":', length=500), "reset"), NetworkError, U),
    Cell("C8 short body", raw(answer(b'{"a":', length=500)), NetworkError, U),
    Cell(
        "C8 cut chunk",
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2,"),
        NetworkError,
        U,
    ),
    Cell("C8 stall in the body", raw(answer(b'{"a":', length=500), "hold"), NetworkError, U),
    Cell(
        "C9 cut gzip, right length", raw(answer(gzip.compress(b"[1]" * 99)[:20], headers=GZIP)), BadAnswer, U
    ),
    Cell("C10 drip", drip, NetworkError, U),
    Cell("C10 drip in the headers", drip_headers, NetworkError, U),
    Cell("C11 bad gzip", raw(answer(b"abcdefgh", headers=GZIP)), BadAnswer, U),
    Cell("C12 gzip bomb", raw(answer(BOMB, headers=GZIP)), BadAnswer, U),
    Cell("C12 unknown packing", raw(answer(b"zz", headers=("Content-Encoding: zstd",))), BadAnswer, U),
    Cell("C13 not HTTP", raw(b"hello there\r\n\r\n", "hold"), BadAnswer, U),
    Cell("C13 huge headers", raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200_000), BadAnswer, U),
    Cell("C14 redirect without a place", raw(answer(b"", status="302 Found")), BadAnswer, R),
    Cell(
        "C14 redirect to a file",
        raw(answer(b"", status="302 Found", headers=("Location: file:///etc/passwd",))),
        BadAnswer,
        R,
    ),
    Cell(
        "C14 see other", raw(answer(b"", status="303 See Other", headers=("Location: x://",))), BadAnswer, U
    ),
    Cell("C16 captive portal", raw(answer(HTML, headers=AS_HTML)), BadAnswer, U),
    Cell("C16 captive portal that says JSON", raw(answer(HTML)), BadAnswer, U),
    Cell("C17 no content", raw(answer(b"", status="204 No Content")), BadAnswer, U),
    Cell("C17 empty body", raw(answer(b"")), BadAnswer, U),
    Cell("C17 null", raw(answer(b"null")), BadAnswer, U),
    Cell("C18 too many", raw(answer(b"{}", status="429 Too Many Requests")), RateLimited, N),
    Cell("C19 unauthorised", raw(answer(b"{}", status="401 Unauthorized")), SignInError, N),
    Cell("C19 forbidden", raw(answer(b'{"message":"no"}', status="403 Forbidden")), PermissionDenied, N),
    Cell("firewall", raw(answer(HTML, status="403 Forbidden", headers=AS_HTML)), ServerError, N),
    Cell("C20 server error", raw(answer(b"oops", status="500 Internal Server Error")), ServerError, U),
    Cell("C20 bad gateway", raw(answer(HTML, status="502 Bad Gateway", headers=AS_HTML)), ServerError, U),
    Cell("C20 maintenance", raw(answer(b"{}", status="503 Service Unavailable")), ServerError, U),
    Cell("not built", raw(answer(b"{}", status="501 Not Implemented")), ServerError, R),
    Cell("C21 conflict", raw(answer(b"{}", status="409 Conflict")), Refused, R),
    Cell("bad request", raw(answer(b"{}", status="400 Bad Request")), Refused, R),
    Cell("unprocessable", raw(answer(b"{}", status="422 Unprocessable Entity")), Refused, R),
    Cell("wrong type", raw(answer(b"{}", status="415 Unsupported Media Type")), Refused, R),
    Cell("not found", raw(answer(b"{}", status="404 Not Found")), NotFound, R),
    Cell("gone", raw(answer(b"{}", status="410 Gone")), NotFound, R),
    Cell("fine", raw(answer(b'{"a": 1}')), None, None),
    Cell("fine, packed", raw(answer(gzip.compress(b'{"a": 1}'), headers=GZIP)), None, None),
    Cell(
        "fine, deflated",
        raw(answer(zlib.compress(b"[1]"), headers=("Content-Encoding: deflate",))),
        None,
        None,
    ),
    Cell("fine, with a byte order mark", raw(answer(b"\xef\xbb\xbf[]")), None, None),
]


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.name)
@pytest.mark.parametrize("work", ["read", "send"])
def test_matrix(cell: Cell, work: str) -> None:
    with FaultServer(cell.script) as server:
        http = client(server.url, timeout_s=3.0 if "bomb" in cell.name else 0.3)
        error = read(http) if work == "read" else send(http)
        http.close()
    if cell.error is None:
        assert error is None
        return
    assert type(error) is cell.error
    if work == "send":
        assert error.delivery is cell.sent
        assert len(server.requests) == 1, "a send happens once, whatever comes back"
    else:
        assert error.delivery is not Delivery.UNKNOWN


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> str:
    return authority.write(str(tmp_path / "ca.pem"))


@pytest.mark.parametrize("work", [read, send], ids=["read", "send"])
@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("expired", "expired"),
        ("wrong-host", "another host"),
        ("unknown", "authority"),
        ("old", "no safe version"),
    ],
)
def test_c4_bad_certificates(
    authority: Authority, ca_file: str, kind: str, words: str, work: Callable[[HttpClient], ProviderError]
) -> None:
    with FaultServer(raw(answer(b"[]")), tls=authority.context(kind)) as server:
        error = work(client(server.url, ca_file=ca_file))
        assert server.requests == []
    assert type(error) is TlsError
    assert error.delivery is Delivery.NOT_SENT
    assert words in error.message


def test_own_authority_is_trusted_beside_the_systems(authority: Authority, ca_file: str) -> None:
    with FaultServer(raw(answer(b"[]")), tls=authority.context()) as server:
        assert read(client(server.url, ca_file=ca_file)) is None
        assert type(read(client(server.url))) is Tls


def test_unreadable_authority_file_is_said(tmp_path: Path) -> None:
    broken = tmp_path / "ca.pem"
    broken.write_text("nothing")
    for path in (str(broken), str(tmp_path / "missing.pem")):
        error = read(client("https://localhost:1", ca_file=path))
        assert type(error) is Tls and "ca_file" in error.message


def test_tls_cut_in_the_handshake_is_a_network_error(ca_file: str) -> None:
    with FaultServer(lambda peer: peer.close()) as server:
        error = send(client(server.url.replace("http:", "https:"), ca_file=ca_file))
    assert type(error) is NetworkError and error.delivery is Delivery.NOT_SENT


def test_tls_handshake_hangs(ca_file: str) -> None:
    with FaultServer(lambda peer: peer.hold()) as server:
        error = send(client(server.url.replace("http:", "https:"), ca_file=ca_file))
    assert type(error) is NetworkError and error.delivery is Delivery.NOT_SENT


def test_plain_http_where_tls_is_expected(ca_file: str) -> None:
    def shout(peer: Peer) -> None:
        peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        peer.hold(0.5)

    with FaultServer(shout) as server:
        error = send(client(server.url.replace("http:", "https:"), ca_file=ca_file))
    assert type(error) is Tls and "does not speak TLS" in error.message


def test_c1_name_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def not_found(*_args: object, **_kwargs: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", not_found)
    error = send(client("https://reviews.invalid/v1"))
    assert type(error) is NetworkError and error.delivery is Delivery.NOT_SENT
    assert "name" in error.message


@pytest.mark.parametrize("work", [read, send], ids=["read", "send"])
def test_c2_refused(work: Callable[[HttpClient], ProviderError]) -> None:
    error = work(client(f"http://127.0.0.1:{refused_port()}"))
    assert type(error) is NetworkError and error.delivery is Delivery.NOT_SENT
    assert "refuses" in error.message


@pytest.fixture
def full_queue() -> Iterator[int]:
    """A listening port whose queue is full: connecting hangs."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    held = []
    for _ in range(3):
        waiting = socket.socket()
        waiting.setblocking(False)
        waiting.connect_ex(listener.getsockname())
        held.append(waiting)
    yield listener.getsockname()[1]
    for sock in (*held, listener):
        sock.close()


def test_c3_connecting_hangs(full_queue: int) -> None:
    error = send(client(f"http://127.0.0.1:{full_queue}", timeout_s=0.2))
    assert type(error) is NetworkError and error.delivery is Delivery.NOT_SENT


def test_c5_writing_stalls() -> None:
    with FaultServer(lambda peer: peer.hold()) as server:
        error = send(client(server.url, timeout_s=0.3), body={"content": "x" * 19_000_000})
    assert type(error) is NetworkError and error.delivery is Delivery.UNKNOWN


def test_c12_a_bomb_takes_no_memory() -> None:
    with FaultServer(raw(answer(BOMB, headers=GZIP))) as server:
        http = client(server.url, timeout_s=5)
        tracemalloc.start()
        try:
            assert type(read(http)) is BadAnswer
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 70_000_000


def test_endless_error_body_is_left() -> None:
    def endless(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 500 Oops\r\nContent-Type: text/plain\r\n\r\n")
        while not peer.server.ended.is_set():
            peer.send(b"no " * 10_000)

    with FaultServer(endless) as server:
        error = read(client(server.url))
    assert type(error) is ServerError
    assert len(error.provider_words) <= 300


def test_c14_redirects_are_followed_at_home_only() -> None:
    def home(peer: Peer) -> None:
        while True:
            request = peer.request()
            if "/moved" in request.line:
                peer.send(answer(b'{"here": 1}'))
            else:
                peer.send(answer(b"", status="307 Moved", headers=("Location: /v1/moved?x=1",)))

    with FaultServer(home) as server:
        http = client(server.url)
        assert http.get("/things", headers=HEADERS).json() == {"here": 1}
        assert http.calls == 2
        http.close()


def test_c14_redirect_loop_ends() -> None:
    with FaultServer(
        raw(answer(b"", status="301 Moved", headers=("Location: /v1/things",)), "keep")
    ) as server:
        error = read(client(server.url))
    assert type(error) is BadAnswer
    assert len(server.requests) == 4


def test_ct8_secrets_never_follow_to_another_place() -> None:
    with FaultServer(raw(answer(b"[]"))) as other:
        for target in (f"http://localhost:{other.port}/x", f"http://127.0.0.1:{other.port}/x"):
            with FaultServer(
                raw(answer(b"", status="302 Found", headers=(f"Location: {target}",)))
            ) as server:
                assert type(read(client(server.url))) is BadAnswer
        assert other.requests == []


@pytest.mark.parametrize("status", ["301 M", "302 M", "303 M", "307 M", "308 M"])
def test_a14_a_send_is_never_repeated_by_a_redirect(status: str) -> None:
    with FaultServer(raw(answer(b"", status=status, headers=("Location: /v1/again",)), "keep")) as server:
        error = send(client(server.url))
    assert type(error) is BadAnswer
    assert [r.line for r in server.requests] == ["POST /v1/things HTTP/1.1"]


def test_a_read_survives_a_connection_that_the_server_closed() -> None:
    def once_per_connection(peer: Peer) -> None:
        peer.request()
        peer.send(answer(b"[]"))  # promises to keep the connection ...
        peer.request()  # ... and hangs up on the next request

    with FaultServer(once_per_connection) as server:
        http = client(server.url)
        assert read(http) is None
        assert read(http) is None
        http.close()
    assert server.connections == 2


def test_a_send_never_uses_a_kept_connection() -> None:
    with FaultServer(raw(answer(b"[]"), "keep")) as server:
        http = client(server.url)
        assert read(http) is None
        assert send(http) is None
        assert server.connections == 2
        http.close()


def test_cancel_is_noticed_while_waiting_for_an_answer() -> None:
    cancel = Token()

    def script(peer: Peer) -> None:
        peer.request()
        cancel.set()
        peer.hold()

    with FaultServer(script) as server:
        assert type(read(client(server.url, timeout_s=30, cancel=cancel))) is Cancelled


def test_a_send_is_not_interrupted_once_begun() -> None:
    cancel = Token()

    def script(peer: Peer) -> None:
        peer.request()
        cancel.set()
        peer.server.ended.wait(0.4)
        peer.send(answer(b'{"commentId": "1"}'))

    with FaultServer(script) as server:
        http = client(server.url, timeout_s=10, cancel=cancel)
        assert send(http) is None
        assert type(send(http)) is Cancelled, "but none begins after it"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", ["407 Proxy Authentication Required", "502 Bad Gateway"])
def test_c15_the_proxy_says_no(status: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(raw(answer(b"", status=status))) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.delenv("no_proxy", raising=False)
        error = send(client("https://reviews.invalid/v1"))
        assert proxy.requests[0].line.startswith("CONNECT reviews.invalid:443")
        assert SECRET not in str(proxy.requests)
    assert type(error) is NetworkError and error.delivery is Delivery.NOT_SENT
    assert "proxy" in error.message.lower()


def test_c15_the_proxy_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{refused_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    error = send(client("https://reviews.invalid/v1"))
    assert type(error) is NetworkError and error.delivery is Delivery.NOT_SENT
    assert "proxy" in error.message.lower()


def test_no_proxy_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{refused_port()}")
    monkeypatch.delenv("no_proxy", raising=False)
    with FaultServer(raw(answer(b"[]"))) as server:
        assert read(client(server.url)) is None
