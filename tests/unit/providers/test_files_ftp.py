"""FTP with TLS and without, against a real server and servers that break off."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from reviewdesk.domain.errors import (
    Cancelled,
    NetworkError,
    NotFound,
    ProviderError,
    SignInError,
    TlsError,
)
from reviewdesk.providers.files import Entry, FileChanged, Transport, open_transport
from tests.support.contexts import Token, context
from tests.support.faultserver import refused_port
from tests.support.feed_files import FtpDouble, ftp_server, put


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """(the authority's certificate, a good server's key and chain, another host's)."""
    folder = tmp_path_factory.mktemp("tls")
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    ca.issue_cert("127.0.0.1", "localhost").private_key_and_cert_chain_pem.write_to_path(folder / "good.pem")
    ca.issue_cert("other.example").private_key_and_cert_chain_pem.write_to_path(folder / "other.pem")
    return folder / "ca.pem", folder / "good.pem", folder / "other.pem"


@contextmanager
def opened(
    port: int,
    *,
    kind: str = "ftps",
    ca: Path | None = None,
    secrets: Mapping[str, str] | None = None,
    cancel: Token | None = None,
    timeout_s: float = 5.0,
    **more: str,
) -> Iterator[Transport]:
    told = {
        "transport": kind,
        "host": "127.0.0.1",
        "port": str(port),
        "username": "feed",
        "ca_file": "" if ca is None else str(ca),
        **more,
    }
    box = {"password": "practice-password"} if secrets is None else secrets
    transport = open_transport(context(told, box, cancel=cancel, timeout_s=timeout_s))
    try:
        for _, step in transport.steps():
            assert step()
        yield transport
    finally:
        transport.close()


def read_all(transport: Transport, *names: str) -> dict[str, bytes]:
    found = {}
    for entry in transport.listing().entries:
        if names and entry.name not in names:
            continue
        with transport.open(entry) as file:
            found[entry.name] = file.file.read()
    return found


@pytest.mark.parametrize("mlsd", [True, False])
def test_ftps_lists_and_reads(tmp_path: Path, authority: tuple[Path, Path, Path], mlsd: bool) -> None:
    big = os.urandom(600_000)
    put(tmp_path, "a.csv", b"abc")
    put(tmp_path, "b.xml", big)
    put(tmp_path, "empty.csv", b"")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.csv").mkdir()
    with ftp_server(tmp_path, authority[1], mlsd=mlsd) as server:
        with opened(server.port, ca=authority[0]) as transport:
            assert read_all(transport) == {"a.csv": b"abc", "b.xml": big, "empty.csv": b""}
            listing = transport.listing()
            assert [o.name for o in listing.odd] == ["folder.csv"]
            known = {e.name: e.modified for e in listing.entries}
            assert known["a.csv"] == int((tmp_path / "a.csv").stat().st_mtime)
            with pytest.raises(FileChanged), transport.open(Entry("a.csv", 2)):
                pass
        with (
            opened(server.port, ca=authority[0]) as transport,
            pytest.raises(NotFound),
            transport.open(Entry("never.csv", 2)),
        ):
            pass
        assert "PROT" in server.commands and "PASV" not in server.commands[: server.commands.index("AUTH")]


def test_ftps_in_a_folder_below(tmp_path: Path, authority: tuple[Path, Path, Path]) -> None:
    (tmp_path / "été").mkdir()
    put(tmp_path / "été", "a.csv", b"abc")
    with ftp_server(tmp_path, authority[1]) as server:
        with opened(server.port, ca=authority[0], path="été") as transport:
            assert read_all(transport) == {"a.csv": b"abc"}
        with pytest.raises(ProviderError), opened(server.port, ca=authority[0], path="nowhere"):
            pass


def test_an_untrusted_certificate_gets_no_password(
    tmp_path: Path, authority: tuple[Path, Path, Path]
) -> None:
    for certificate, ca in ((authority[1], None), (authority[2], authority[0])):
        with ftp_server(tmp_path, certificate) as server:
            with pytest.raises(TlsError), opened(server.port, ca=ca):
                pass
            assert server.passwords == []


def test_a_server_without_tls_gets_no_password(tmp_path: Path, authority: tuple[Path, Path, Path]) -> None:
    with ftp_server(tmp_path) as server:
        with pytest.raises(TlsError), opened(server.port, ca=authority[0]):
            pass
        assert server.passwords == []


def test_g8_plain_ftp_needs_consent(tmp_path: Path) -> None:
    put(tmp_path, "a.csv", b"abc")
    with ftp_server(tmp_path) as server:
        with pytest.raises(NetworkError, match="everybody") as caught, opened(server.port, kind="ftp"):
            pass
        assert "plain_ftp_consent=yes" in caught.value.remedy
        assert server.commands == [] and server.passwords == []
        with opened(server.port, kind="ftp", plain_ftp_consent="yes") as transport:
            assert read_all(transport) == {"a.csv": b"abc"}


def test_a_server_that_insists_on_tls_says_so(tmp_path: Path, authority: tuple[Path, Path, Path]) -> None:
    with ftp_server(tmp_path, authority[1]) as server, pytest.raises(TlsError, match="open"):
        sign_in(server, kind="ftp", plain_ftp_consent="yes")


def sign_in(server: FtpDouble, **more: str) -> None:
    with opened(server.port, **more):  # type: ignore[arg-type]
        pass


def test_wrong_password(tmp_path: Path, authority: tuple[Path, Path, Path]) -> None:
    with ftp_server(tmp_path, authority[1]) as server:
        for secrets in ({"password": "not it"}, {}, {"password": "a\r\nDELE x"}):
            with pytest.raises(SignInError), opened(server.port, ca=authority[0], secrets=secrets):
                pass
        assert server.passwords == ["not it"]
        with pytest.raises(SignInError), opened(server.port, ca=authority[0], username=""):
            pass


@pytest.mark.skipif(os.name != "posix", reason="names are bytes on POSIX only")
@pytest.mark.parametrize("mlsd", [True, False])
def test_g5_a_name_that_is_not_utf8(tmp_path: Path, mlsd: bool) -> None:
    put(tmp_path, "good.csv", b"abc")
    put(tmp_path, "reviews_product_é_2026-01-01.csv", b"abcd")
    (tmp_path / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"x")
    with (
        ftp_server(tmp_path, mlsd=mlsd) as server,
        opened(server.port, kind="ftp", plain_ftp_consent="yes") as transport,
    ):
        names = [e.name for e in transport.listing().entries]
        found = read_all(transport, "good.csv", "reviews_product_é_2026-01-01.csv")
    assert "caf\udce9.csv" not in names
    assert found["good.csv"] == b"abc" and found["reviews_product_é_2026-01-01.csv"] == b"abcd"


def test_implicit_tls(
    tmp_path: Path, authority: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that begins with TLS (the port that says so can't be had in a test)."""
    from reviewdesk.providers.feeds import ftp

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority[1])
    said: list[str] = []

    def script(peer: socket.socket) -> None:
        with tls.wrap_socket(peer, server_side=True) as wire, wire.makefile("rwb") as lines:

            def answer(text: str) -> None:
                lines.write(text.encode() + b"\r\n")
                lines.flush()

            answer("220 practice")
            while line := lines.readline():
                command = line.decode().split()[0].upper()
                said.append(command)
                codes = {"USER": "331 go on", "PASS": "230 in", "QUIT": "221 bye"}
                answer(codes.get(command, "200 ok"))

    with raw_server(script) as port:
        monkeypatch.setattr(ftp, "IMPLICIT_PORT", port)
        with opened(port, ca=authority[0]):
            pass
    assert said[:3] == ["USER", "PASS", "PBSZ"] and "AUTH" not in said


@contextmanager
def raw_server(script: object) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    peers: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            peers.append(peer)
            try:
                script(peer)  # type: ignore[operator]
            except OSError:
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for peer in peers:
            peer.close()
        thread.join(5)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"220 hi\r\n",
        b"nonsense\r\n",
        b"421 too many\r\n",
        b"220 hi\r\n500 no TLS\r\n",
        b"220 " + b"x" * 9000,
    ],
)
def test_g7_stalls_and_nonsense(said: bytes) -> None:
    with raw_server(lambda peer: peer.sendall(said)) as port, pytest.raises(ProviderError) as caught:
        sign_in(FtpDouble(port), timeout_s=0.4)  # type: ignore[arg-type]
    assert caught.value.message.endswith(".")


def test_cancel_ends_a_wait_for_the_server() -> None:
    cancel = Token()
    with raw_server(lambda peer: cancel.set()) as port, pytest.raises(Cancelled):
        sign_in(FtpDouble(port), cancel=cancel, timeout_s=60.0)  # type: ignore[arg-type]


def test_nobody_there() -> None:
    with pytest.raises(NetworkError, match="refuses"), opened(refused_port()):
        pass


def test_a_passive_address_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """A server that names another machine for the data: ours goes to the server itself."""
    data = socket.create_server(("127.0.0.1", 0))
    port = data.getsockname()[1]

    def script(peer: socket.socket) -> None:
        with peer.makefile("rwb") as lines:

            def answer(text: str) -> None:
                lines.write(text.encode() + b"\r\n")
                lines.flush()

            answer("220 practice")
            while line := lines.readline():
                command = line.decode().split()[0].upper()
                if command in ("PASV", "EPSV"):
                    answer(
                        f"227 Entering ({'10,9,8,7'},{port // 256},{port % 256})"
                        if command == "PASV"
                        else "500 no"
                    )
                elif command == "MLSD":
                    answer("150 here")
                    wire, _ = data.accept()
                    wire.sendall(b"type=file;size=3;modify=20260101000000; a.csv\r\n")
                    wire.close()
                    answer("226 done")
                else:
                    answer({"USER": "331 go on", "PASS": "230 in"}.get(command, "200 ok"))

    with raw_server(script) as control, opened(control, kind="ftp", plain_ftp_consent="yes") as transport:
        assert [e.name for e in transport.listing().entries] == ["a.csv"]
    data.close()
