"""SFTP against a real OpenSSH server, an in-process one that counts passwords, and servers that break off."""

from __future__ import annotations

import base64
import logging
import os
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from reviewdesk.domain.errors import (
    Cancelled,
    HostKeyError,
    NetworkError,
    NotFound,
    ProviderError,
    SignInError,
    TlsError,
)
from reviewdesk.providers.feeds.sftp import fingerprint, pinned_keys, read_private_key
from reviewdesk.providers.files import Entry, FileChanged, Transport, open_transport
from tests.support.contexts import Token, context
from tests.support.faultserver import refused_port
from tests.support.feed_files import put
from tests.support.practice_sftp import (
    HAS_OPENSSH,
    InProcessSftp,
    OpenSshSftp,
    in_process_sftp,
    open_ssh_sftp,
)

needs_openssh = pytest.mark.skipif(not HAS_OPENSSH, reason="no OpenSSH server is installed here")
Server = InProcessSftp | OpenSshSftp


def settings(server: Server, **more: str) -> dict[str, str]:
    return {
        "transport": "sftp",
        "host": server.host,
        "port": str(server.port),
        "username": server.username,
        "host_key": server.host_key,
        **more,
    }


@contextmanager
def opened(
    told: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    cancel: Token | None = None,
    timeout_s: float = 5.0,
) -> Iterator[Transport]:
    transport = open_transport(context(told, secrets, cancel=cancel, timeout_s=timeout_s))
    try:
        for _, step in transport.steps():
            assert step()
        yield transport
    finally:
        transport.close()


@pytest.fixture(scope="module")
def openssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenSshSftp]:
    if not HAS_OPENSSH:
        pytest.skip("no OpenSSH server is installed here")
    folder = tmp_path_factory.mktemp("served")
    with open_ssh_sftp(folder, tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[InProcessSftp]:
    folder = tmp_path / "served"
    folder.mkdir()
    with in_process_sftp(folder) as server:
        yield server


# --- a real OpenSSH -----------------------------------------------------------------------------------------


@needs_openssh
def test_openssh_lists_and_reads(openssh: OpenSshSftp) -> None:
    put(openssh.folder, "a.csv", os.urandom(700_000))
    put(openssh.folder, "empty.csv", b"")
    (openssh.folder / "link.xml").unlink(missing_ok=True)
    (openssh.folder / "link.xml").symlink_to("/etc/passwd")
    with opened(settings(openssh), {"private_key": openssh.client_key}) as transport:
        listing = transport.listing()
        found = {e.name: e for e in listing.entries}
        assert found["a.csv"].size == 700_000 and found["a.csv"].modified
        assert "link.xml" in [o.name for o in listing.odd]
        with transport.open(found["a.csv"]) as file:
            assert file.file.read() == (openssh.folder / "a.csv").read_bytes()
        with transport.open(found["empty.csv"]) as file:
            assert file.file.read() == b""
        with pytest.raises(FileChanged), transport.open(Entry("link.xml", 5)):
            pass
        with pytest.raises(FileChanged), transport.open(Entry("a.csv", 100)):
            pass
        with pytest.raises(NotFound), transport.open(Entry("never.csv", 1)):
            pass
        assert transport.calls >= 5


@needs_openssh
def test_g5_openssh_with_a_name_that_is_not_utf8(openssh: OpenSshSftp) -> None:
    put(openssh.folder, "good.csv", b"x")
    bad = openssh.folder / os.fsdecode(b"caf\xe9.csv")
    bad.write_bytes(b"x")
    try:
        with opened(settings(openssh), {"private_key": openssh.client_key}) as transport:
            listing = transport.listing()
        assert "good.csv" in [e.name for e in listing.entries]
        assert any("UTF-8" in o.reason for o in listing.odd)
    finally:
        bad.unlink()


@needs_openssh
def test_openssh_with_a_path(openssh: OpenSshSftp) -> None:
    (openssh.folder / "deep").mkdir(exist_ok=True)
    put(openssh.folder / "deep", "b.csv", b"abc")
    for path in (str(openssh.folder / "deep"), "deep", "deep/"):
        told = settings(openssh, path=path)
        with opened(told, {"private_key": openssh.client_key}) as transport:
            (entry,) = transport.listing().entries
            with transport.open(entry) as file:
                assert file.file.read() == b"abc"
    told = settings(openssh, path="nowhere")
    with opened(told, {"private_key": openssh.client_key}) as transport, pytest.raises(NotFound):
        transport.listing()


@needs_openssh
def test_openssh_refuses_a_password(openssh: OpenSshSftp) -> None:
    with pytest.raises(SignInError) as caught, opened(settings(openssh), {"password": "practice"}):
        pass
    assert "publickey" in caught.value.remedy


@needs_openssh
def test_g1_openssh_changed_key_sees_no_attempt_to_sign_in(openssh: OpenSshSftp, tmp_path: Path) -> None:
    """By the server's own log."""
    with open_ssh_sftp(tmp_path, tmp_path / "other") as other:
        told = settings(other, host_key=openssh.host_key)
        with pytest.raises(HostKeyError) as caught, opened(told, {"private_key": other.client_key}):
            pass
        assert other.host_key in caught.value.message and openssh.host_key in caught.value.message
        log = (tmp_path / "other" / "log").read_text()
        assert (
            "Accepted" not in log
            and "Failed" not in log
            and "user" not in log.lower().replace("[preauth]", "")
        )
        with opened(settings(other), {"private_key": other.client_key}):
            pass
        assert "Accepted publickey" in (tmp_path / "other" / "log").read_text()


@needs_openssh
def test_the_accepted_key_may_be_of_another_kind_than_the_negotiated(tmp_path: Path) -> None:
    """A person copies the fingerprint of the RSA key; the server would rather show its Ed25519 key."""
    work = tmp_path / "work"
    work.mkdir()
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(work / "rsa")], check=True
    )
    config = "\nHostKey " + str(work / "rsa") + "\n"
    write = Path.write_text

    def with_rsa(self: Path, text: str, *args: object) -> int:
        return write(self, text + (config if self.name == "sshd_config" else ""))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "write_text", with_rsa)
        server = open_ssh_sftp(tmp_path, work)
        running = server.__enter__()
    try:
        told = subprocess.run(
            ["ssh-keygen", "-lf", str(work / "rsa.pub")], check=True, capture_output=True, text=True
        ).stdout.split()[1]
        with opened(settings(running, host_key=told), {"private_key": running.client_key}) as transport:
            transport.listing()
    finally:
        server.__exit__(None, None, None)


# --- keys and passwords -------------------------------------------------------------------------------------


def test_password_and_key_sign_in(inside: InProcessSftp) -> None:
    put(inside.folder, "a.csv", b"abc")
    for secrets in ({"password": inside.password}, {"private_key": inside.client_key}):
        with opened(settings(inside), secrets) as transport:
            (entry,) = transport.listing().entries
            with transport.open(entry) as file:
                assert file.file.read() == b"abc"


def test_g2_an_unknown_host_is_asked_for_and_gets_no_password(inside: InProcessSftp) -> None:
    with (
        pytest.raises(HostKeyError) as caught,
        opened(settings(inside, host_key=""), {"password": inside.password}),
    ):
        pass
    assert inside.host_key in caught.value.message
    assert inside.passwords_seen == [] and inside.users_seen == []


def test_g1_a_changed_key_gets_no_password(inside: InProcessSftp) -> None:
    before = inside.host_key
    with opened(settings(inside), {"password": inside.password}):
        pass
    inside.passwords_seen.clear()
    inside.users_seen.clear()
    after = inside.change_host_key()
    with (
        pytest.raises(HostKeyError) as caught,
        opened(settings(inside, host_key=before), {"password": inside.password}),
    ):
        pass
    assert before in caught.value.message and after in caught.value.message
    assert inside.passwords_seen == [] and inside.users_seen == []
    with opened(settings(inside, host_key=f"{before}, {after}"), {"password": inside.password}):
        pass  # both are accepted while a server moves


def test_wrong_credentials(inside: InProcessSftp) -> None:
    stranger = subprocess_free_key()
    for secrets in ({"password": "not it"}, {"private_key": stranger}):
        with pytest.raises(SignInError) as caught, opened(settings(inside), secrets):
            pass
        assert "not it" not in caught.value.message and caught.value.remedy
    for secrets in ({}, {"private_key": "-----BEGIN nonsense"}, {"private_key": "ssh-ed25519 AAAA"}):
        with pytest.raises(SignInError), opened(settings(inside), secrets):
            pass
    with pytest.raises(SignInError), opened(settings(inside, username=""), {"password": "x"}):
        pass


def subprocess_free_key() -> str:
    import asyncssh

    return asyncssh.generate_private_key("ssh-ed25519").export_private_key("openssh").decode()


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
def test_private_keys_of_each_kind(kind: str) -> None:
    import asyncssh

    key = asyncssh.generate_private_key(kind)
    text = key.export_private_key("openssh").decode()
    assert fingerprint(read_private_key(text, None)) == key.get_fingerprint()
    assert fingerprint(read_private_key(text.strip().replace("\n", "\\n"), None)) == key.get_fingerprint()


@needs_openssh
def test_a_locked_private_key_opens_with_its_passphrase(tmp_path: Path) -> None:
    where = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "open sesame", "-f", str(where)], check=True)
    assert read_private_key(where.read_text(), "open sesame").get_name() == "ssh-ed25519"
    for word in (None, "wrong"):
        with pytest.raises(SignInError, match="passphrase"):
            read_private_key(where.read_text(), word)


@pytest.mark.parametrize("text", ["MD5:aa", "SHA256:short", "yes", "SHA256:" + "*" * 43])
def test_what_is_no_fingerprint(text: str) -> None:
    with pytest.raises(HostKeyError):
        pinned_keys(text)


def test_fingerprints_are_read_as_people_copy_them() -> None:
    one = "SHA256:" + base64.b64encode(b"a" * 32).decode().rstrip("=")
    assert pinned_keys(f" {one}=, {one} ") == (one, one)
    assert pinned_keys("") == ()


# --- servers that break off -----------------------------------------------------------------------------------


@contextmanager
def raw_server(script: Callable[[socket.socket], None]) -> Iterator[int]:
    """One connection after the other to ``script``."""
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
                script(peer)
            except OSError:
                pass

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for peer in peers:
            peer.close()


def told(port: int) -> dict[str, str]:
    return {"transport": "sftp", "host": "127.0.0.1", "port": str(port), "username": "feed"}


def way_in(port: int, *, cancel: Token | None = None, timeout_s: float) -> None:
    with opened(told(port), {"password": "practice"}, cancel=cancel, timeout_s=timeout_s):
        pass


def closes(peer: socket.socket) -> None:
    peer.close()


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (lambda peer: None, NetworkError),  # no banner
        (lambda peer: peer.sendall(b"SSH-2.0-practice\r\n"), NetworkError),  # no key exchange
        (closes, ProviderError),
        (lambda peer: (peer.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), peer.close()), ProviderError),
        (lambda peer: (peer.sendall(b"SSH-2.0-x\r\n" + b"\xff" * 300), peer.close()), ProviderError),
        (lambda peer: (peer.sendall(b"SSH-1.5-old\r\n"), peer.close()), TlsError),
    ],
)
def test_g7_stalls_and_nonsense_before_the_key(
    script: Callable[[socket.socket], None], expected: type[ProviderError]
) -> None:
    with raw_server(script) as port, pytest.raises(expected) as caught:
        way_in(port, timeout_s=0.4)
    assert caught.value.message.endswith(".")


def test_nobody_there() -> None:
    with pytest.raises(NetworkError, match="refuses"), opened(told(refused_port()), {"password": "x"}):
        pass


def test_cancel_ends_a_wait_for_the_server() -> None:
    cancel = Token()
    with raw_server(lambda peer: cancel.set()) as port, pytest.raises(Cancelled):
        way_in(port, cancel=cancel, timeout_s=60.0)


def test_a_connection_that_is_cut_in_a_file_is_no_short_file(inside: InProcessSftp) -> None:
    put(inside.folder, "a.csv", os.urandom(3_000_000))
    with opened(settings(inside), {"password": inside.password}) as transport:
        (entry,) = transport.listing().entries
        longer = Entry(entry.name, entry.size + 1)
        with pytest.raises(FileChanged), transport.open(longer):
            pass  # a file that shrank
        served = inside.folder / "a.csv"
        read = type(transport)._is_alive

        def cut(self: object) -> bool:
            self._transport.close()  # type: ignore[attr-defined]
            return read(self)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(transport), "_is_alive", cut)
            with pytest.raises(NetworkError, match="cut"), transport.open(longer):
                pass
        assert served.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"host": ""},
        {"host": "sftp://x.example"},
        {"host": "a b"},
        {"host": "x/y"},
        {"port": "0"},
        {"port": "99999"},
    ],
)
def test_addresses_that_cannot_be_right(change: dict[str, str]) -> None:
    with pytest.raises(NetworkError), opened({**told(22), **change}, {"password": "x"}):
        pass


def test_the_library_writes_no_tracebacks_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), raw_server(closes) as port, pytest.raises(ProviderError):
        way_in(port, timeout_s=0.4)
    assert not [r for r in caplog.records if r.name.startswith("paramiko")]
