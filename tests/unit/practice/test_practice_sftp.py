"""The SFTP servers that feed tests build on, spoken to with paramiko."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import paramiko
import pytest

from tests.support.practice_sftp import (
    HAS_OPENSSH,
    InProcessSftp,
    OpenSshSftp,
    fingerprint,
    in_process_sftp,
    open_ssh_sftp,
)


@contextmanager
def transport(server: InProcessSftp | OpenSshSftp) -> Iterator[paramiko.Transport]:
    """A connection before sign-in."""
    with socket.create_connection((server.host, server.port), timeout=10) as wire:
        opened = paramiko.Transport(wire)
        opened.start_client(timeout=10)
        try:
            yield opened
        finally:
            opened.close()


def listing(opened: paramiko.Transport) -> dict[str, bytes]:
    client = paramiko.SFTPClient.from_transport(opened)
    assert client is not None
    with client:
        found = {}
        for name in sorted(client.listdir(".")):
            with client.open(name) as file:
                found[name] = file.read()
        return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "feed"
    made.mkdir()
    (made / "reviews_site_x_2026-01-01.csv").write_bytes("NEW\tgrün\n".encode())
    return made


def test_password_and_key(folder: Path) -> None:
    with in_process_sftp(folder) as server:
        with transport(server) as opened:
            assert fingerprint(opened.get_remote_server_key().asbytes()) == server.host_key
            opened.auth_password(server.username, server.password)
            assert listing(opened) == {"reviews_site_x_2026-01-01.csv": "NEW\tgrün\n".encode()}
        with transport(server) as opened:
            opened.auth_publickey(
                server.username, paramiko.Ed25519Key.from_private_key(io.StringIO(server.client_key))
            )
            assert len(listing(opened)) == 1
        assert server.passwords_seen == [server.password]


def test_wrong_sign_in(folder: Path) -> None:
    with in_process_sftp(folder, password="right") as server:
        with transport(server) as opened, pytest.raises(paramiko.AuthenticationException):
            opened.auth_password(server.username, "wrong")
        with transport(server) as opened, pytest.raises(paramiko.AuthenticationException):
            opened.auth_publickey(server.username, paramiko.ECDSAKey.generate())
        assert server.passwords_seen == ["wrong"]


def test_the_host_key_changes_on_the_same_port(folder: Path) -> None:
    with in_process_sftp(folder) as server:
        before, port = server.host_key, server.port
        after = server.change_host_key()
        assert after != before
        assert server.port == port
        with transport(server) as opened:
            assert fingerprint(opened.get_remote_server_key().asbytes()) == after
        assert server.passwords_seen == []


def test_nothing_outside_the_folder_is_served(folder: Path) -> None:
    with in_process_sftp(folder) as server, transport(server) as opened:
        opened.auth_password(server.username, server.password)
        client = paramiko.SFTPClient.from_transport(opened)
        assert client is not None
        with client, pytest.raises(OSError, match="No such file"):
            client.open("/etc/passwd")


@pytest.mark.skipif(not HAS_OPENSSH, reason="there is no OpenSSH server on this machine")
def test_real_openssh(folder: Path, tmp_path: Path) -> None:
    with open_ssh_sftp(folder, tmp_path / "sshd") as server, transport(server) as opened:
        assert fingerprint(opened.get_remote_server_key().asbytes()) == server.host_key
        opened.auth_publickey(
            server.username, paramiko.Ed25519Key.from_private_key(io.StringIO(server.client_key))
        )
        assert len(listing(opened)) == 1
