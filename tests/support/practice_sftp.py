"""SFTP servers on loopback for tests of the nightly feed: in-process (asyncssh), or a real OpenSSH where installed.

Both serve one folder read and write, know one user, and can change their host key. The in-process one also takes a
password and remembers every password it was shown, so that a test can say: none was sent to an unknown host.
"""

from __future__ import annotations

import asyncio
import base64
import getpass
import hashlib
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncssh

__all__ = ["HAS_OPENSSH", "InProcessSftp", "OpenSshSftp", "in_process_sftp", "open_ssh_sftp"]

_SSHD = shutil.which("sshd") or next(
    (p for p in ("/usr/sbin/sshd", "/usr/local/sbin/sshd") if Path(p).exists()), ""
)
HAS_OPENSSH = os.name == "posix" and bool(_SSHD) and shutil.which("ssh-keygen") is not None
"""Whether a real OpenSSH server can be started here."""


def fingerprint(public_key: bytes) -> str:
    """``SHA256:...`` of a public key's own bytes, as ``ssh-keygen -l`` prints it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public_key).digest()).decode().rstrip("=")


@dataclass
class InProcessSftp:
    """A running asyncssh server. ``client_key`` is a private key in OpenSSH format that it accepts."""

    folder: Path
    username: str = "feed"
    password: str = "practice-password"
    host: str = "127.0.0.1"
    port: int = 0
    client_key: str = ""
    passwords_seen: list[str] = field(default_factory=list)
    users_seen: list[str] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop | None = None
    _listener: Any = None
    _host_key: Any = None
    _client_public: bytes = b""
    _connections: list[asyncssh.SSHServerConnection] = field(default_factory=list)

    @property
    def host_key(self) -> str:
        """The host key's fingerprint, ``SHA256:...``."""
        return str(self._host_key.get_fingerprint())

    def change_host_key(self) -> str:
        """From now on the server shows another key on the same port; its fingerprint."""
        assert self._loop is not None
        asyncio.run_coroutine_threadsafe(self._restart(), self._loop).result(10)
        return self.host_key

    async def _restart(self) -> None:
        self._listener.close()
        await self._listener.wait_closed()
        await self._listen()

    async def _listen(self) -> None:
        self._host_key = asyncssh.generate_private_key("ssh-ed25519")
        server, folder = self, self.folder

        class Guard(asyncssh.SSHServer):
            def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
                server._connections.append(conn)

            def begin_auth(self, username: str) -> bool:
                server.users_seen.append(username)
                return True

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                server.passwords_seen.append(password)
                return (username, password) == (server.username, server.password)

            def public_key_auth_supported(self) -> bool:
                return True

            def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
                return username == server.username and key.public_data == server._client_public

        class Files(asyncssh.SFTPServer):
            def __init__(self, channel: Any) -> None:
                super().__init__(channel, chroot=str(folder).encode())

        self._listener = await asyncssh.create_server(
            Guard,
            self.host,
            self.port,
            server_host_keys=[self._host_key],
            sftp_factory=Files,
            allow_scp=False,
        )
        self.port = self._listener.get_port()


@contextmanager
def in_process_sftp(folder: Path, **fields: Any) -> Iterator[InProcessSftp]:
    """Serve ``folder`` until the block ends."""
    server = InProcessSftp(folder, **fields)
    key = asyncssh.generate_private_key("ssh-ed25519")
    server.client_key = key.export_private_key("openssh").decode()
    server._client_public = key.public_data
    server._loop = asyncio.new_event_loop()
    thread = threading.Thread(target=server._loop.run_forever, name="practice-sftp", daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server._listen(), server._loop).result(10)
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), server._loop).result(10)
        server._loop.call_soon_threadsafe(server._loop.stop)
        thread.join(10)
        server._loop.close()


async def _end(server: InProcessSftp) -> None:
    if server._listener is not None:
        server._listener.close()
        await server._listener.wait_closed()
    for connection in server._connections:
        connection.abort()
        await connection.wait_closed()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.sleep(0)  # closed transports let go of their sockets in the next round


@dataclass
class OpenSshSftp:
    """A running sshd that serves ``folder`` to the user who runs the tests, by key only."""

    folder: Path
    port: int
    host_key: str
    client_key: str
    username: str = field(default_factory=getpass.getuser)
    host: str = "127.0.0.1"


@contextmanager
def open_ssh_sftp(folder: Path, work: Path) -> Iterator[OpenSshSftp]:
    """Start sshd with everything it needs below ``work``; stopped when the block ends.

    As root it also needs /run/sshd, which is made. Raises RuntimeError with sshd's own words when it does not come up.
    """
    work.mkdir(parents=True, exist_ok=True)
    for name in ("host", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(work / name)], check=True)
    shutil.copy(work / "client.pub", work / "authorized")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = work / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {work / 'host'}\nPidFile {work / 'pid'}\n"
        f"AuthorizedKeysFile {work / 'authorized'}\nPubkeyAuthentication yes\nPasswordAuthentication no\n"
        "KbdInteractiveAuthentication no\nUsePAM no\nStrictModes no\nPermitRootLogin prohibit-password\n"
        f"Subsystem sftp internal-sftp -d {folder}\nForceCommand internal-sftp -d {folder}\n"
    )
    with (work / "log").open("wb") as log:
        process = subprocess.Popen([_SSHD, "-D", "-e", "-f", str(config)], stdout=log, stderr=log)
    try:
        _wait_for(port, process, work / "log")
        public = base64.b64decode((work / "host.pub").read_text().split()[1])
        yield OpenSshSftp(folder, port, fingerprint(public), (work / "client").read_text())
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    pause = threading.Event()
    for _ in range(200):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            pause.wait(0.05)
    raise RuntimeError("sshd did not come up: " + log.read_text(errors="replace")[-2_000:])
