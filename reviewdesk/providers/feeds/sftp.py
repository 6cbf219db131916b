"""A feed on an SFTP server. The server's key is compared before anything that could be a secret is sent.

paramiko's Transport is driven by hand, so that there is no policy that could accept an unknown key by itself.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import re
import socket
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from reviewdesk.domain.errors import (
    BadAnswer,
    Cancelled,
    Delivery,
    HostKeyError,
    NetworkError,
    NotFound,
    PermissionDenied,
    ProviderError,
    SignInError,
    TlsError,
)
from reviewdesk.domain.text import safe_words
from reviewdesk.providers.base import Context
from reviewdesk.providers.faults import connect_error
from reviewdesk.providers.feeds.base import (
    CHUNK,
    Entry,
    FeedFile,
    FileChanged,
    Listing,
    Step,
    Watchdog,
    patience,
    sort_out,
    spooled,
    transfer_time,
)
from reviewdesk.providers.feeds.places import Place, place_of

if TYPE_CHECKING:
    import paramiko  # type: ignore[import-untyped]

__all__ = ["SftpTransport", "fingerprint", "pinned_keys"]

# Its background thread writes tracebacks at this level; what went wrong is said by our own errors.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)

_FINGERPRINT = re.compile(r"SHA256:([A-Za-z0-9+/]{43})=?")
_T = TypeVar("_T")


def fingerprint(key: paramiko.PKey) -> str:
    """``SHA256:...`` as OpenSSH writes it."""
    digest = hashlib.sha256(key.asbytes()).digest()
    return "SHA256:" + base64.b64encode(digest).decode("ascii").rstrip("=")


def pinned_keys(setting: str) -> tuple[str, ...]:
    """The fingerprints of the ``host_key`` setting; several, for a server that is moving, with commas between them.

    Raises ``HostKeyError`` when there is something else in it.
    """
    found = []
    for part in re.split(r"[\s,]+", setting.strip()):
        if part:
            match = _FINGERPRINT.fullmatch(part)
            if match is None:
                raise HostKeyError(
                    "host_key is not a fingerprint.", remedy="It must look like SHA256: and 43 characters."
                )
            found.append(f"SHA256:{match[1]}")
    return tuple(found)


class SftpTransport:
    """One connection, made when the first step is taken."""

    def __init__(self, context: Context) -> None:
        self.calls = 0
        self._context = context
        self._timeout = patience(context)
        self._transport: paramiko.Transport | None = None
        self._sftp: Any = None
        self._key: paramiko.PKey | None = None
        self._watch = Watchdog(context.cancel, self._cut)

    def steps(self) -> tuple[Step, ...]:
        return (
            ("address", self._address),
            ("connect", self._connect),
            ("host-key", self._check_key),
            ("sign-in", self._sign_in),
        )

    # --- the way in ----------------------------------------------------------------------------------------

    @property
    def _place(self) -> Place:
        return place_of(self._context.settings, 22)

    def _address(self) -> str:
        place = self._place
        if not place.username:
            raise SignInError("No user name is set.", remedy="Set username to the login of the SFTP account.")
        pinned_keys(self._context.settings.get("host_key", ""))
        return f"{place.host}, port {place.port}."

    def _connect(self) -> str:
        self._key = self._handshake(())
        return f"{self._place.host} answers."

    def _handshake(self, key_types: Sequence[str]) -> paramiko.PKey:
        """Connect and exchange keys; nothing of the account is sent. ``key_types``: only these, if any."""
        import paramiko

        self._drop()
        self.calls += 1
        place = self._place

        def work() -> paramiko.PKey:
            wire = socket.create_connection((place.host, place.port), timeout=self._timeout)
            try:
                transport = self._transport = paramiko.Transport(wire)
            except BaseException:
                wire.close()
                raise
            # The library's own limits end in errors that say something else: ours strikes first.
            patient = 3 * self._timeout + 5
            transport.banner_timeout = transport.handshake_timeout = patient
            transport.auth_timeout = transport.channel_timeout = patient
            options = transport.get_security_options()
            if key_types:
                options.key_types = [t for t in options.key_types if t in key_types]
            transport.start_client()
            return transport.get_remote_server_key()

        return self._do(work, 2 * self._timeout)

    def _check_key(self) -> str:
        """Compare the key with ``host_key``. Raises ``HostKeyError`` with what a person has to compare."""
        accepted = pinned_keys(self._context.settings.get("host_key", ""))
        place = self._place
        if self._key is None:
            raise HostKeyError("The server has not shown its key.")
        shown = fingerprint(self._key)
        if not accepted:
            self._drop()
            raise HostKeyError(
                f"The server {place.host} is not known yet. It shows the {_kind(self._key)} key {shown}.",
                remedy=f"If its administrator gives the same fingerprint, set host_key={shown}. No password was sent.",
            )
        if shown in accepted or self._other_key(accepted):
            return f"The server shows the accepted key {fingerprint(self._key)}."
        self._drop()
        raise HostKeyError(
            f"The key of {place.host} has changed: it shows {shown}, accepted is {', '.join(accepted)}."
            " No password was sent.",
            remedy="Ask the server's administrator. Only if the new key is right, set host_key to its fingerprint.",
        )

    def _other_key(self, accepted: Sequence[str]) -> bool:
        """A server has a key of each kind: the accepted fingerprint may be that of another than we negotiated."""
        import paramiko

        shown = _family(self._key.get_name()) if self._key is not None else ""
        known = [t for t in paramiko.Transport._preferred_keys if "-cert-" not in t]
        for family in ("ed25519", "ecdsa", "rsa"):
            if family == shown:
                continue
            key: paramiko.PKey | None
            try:
                key = self._handshake([t for t in known if _family(t) == family])
            except (TlsError, NetworkError):
                continue  # it has no such key, or hung up: what counts is whether one of them fits
            if fingerprint(key) in accepted:
                self._key = key
                return True
        return False

    def _sign_in(self) -> str:
        transport, place = self._transport, self._place
        if transport is None:
            raise NetworkError("There is no connection.", delivery=Delivery.NOT_SENT)
        password = self._context.secrets.get("password")
        key_text = self._context.secrets.get("private_key")
        if not password and not key_text:
            raise SignInError(
                "The account has neither a password nor a key.",
                remedy="Add password or private_key to the account.",
            )
        key = read_private_key(key_text, password) if key_text else None
        self.calls += 1

        def work() -> None:
            if key is not None:
                transport.auth_publickey(place.username, key)
            else:
                transport.auth_password(place.username, password or "")

        self._do(work, 2 * self._timeout)
        self._do(self._start_sftp, 2 * self._timeout)
        return f"{place.host} accepts the credentials."

    def _start_sftp(self) -> None:
        transport = self._transport
        if transport is not None:
            channel = transport.open_session()
            channel.settimeout(self._timeout)
            channel.invoke_subsystem("sftp")
            self._sftp = _client(channel)

    # --- files ---------------------------------------------------------------------------------------------

    def listing(self) -> Listing:
        self.calls += 1
        folder = self._place.path or "."
        return self._do(lambda: sort_out(_list(self._sftp, folder)), transfer_time(0))

    @contextmanager
    def open(self, entry: Entry) -> Iterator[FeedFile]:
        self.calls += 1
        path = f"{self._place.path.rstrip('/')}/{entry.name}" if self._place.path else entry.name
        with spooled(self._chunks(path, entry.size), entry) as spool:
            yield spool

    def _chunks(self, path: str, size: int) -> Iterator[bytes]:
        limit = transfer_time(size)

        def begin() -> Any:
            if not stat.S_ISREG(self._sftp.lstat(path).st_mode or stat.S_IFREG):
                raise FileChanged
            return self._sftp.open(path, "rb")

        file = self._do(begin, 2 * self._timeout)
        try:
            if size:
                # Requests under way side by side: otherwise each 32 kB costs a round trip.
                self._do(lambda: file.prefetch(size, max_concurrent_requests=64), self._timeout)
            got = 0
            while chunk := self._do(lambda: file.read(CHUNK), limit):
                got += len(chunk)
                yield chunk
            if got < size and not self._is_alive():
                # To the library a connection that was cut is the end of the file.
                raise NetworkError(
                    f"The connection to {self._place.host} was cut.", delivery=Delivery.NOT_SENT
                )
        finally:
            self._give_up(file)

    def _is_alive(self) -> bool:
        return self._transport is not None and self._transport.is_active()

    # --- small things --------------------------------------------------------------------------------------

    def _do(self, work: Callable[[], _T], seconds: float) -> _T:
        """One step with its time limit; whatever the library raises becomes a typed error without a cause."""
        import paramiko

        error: Exception
        try:
            with self._watch.step(seconds):
                return work()
        except (paramiko.SSHException, OSError, EOFError, ValueError, AttributeError) as caught:
            # paramiko answers a connection that was closed under it with any of these.
            error = caught
        raise self._explain(error)

    def _explain(self, error: Exception) -> ProviderError:
        import paramiko

        host = self._place.host
        if self._watch.cancelled:
            return Cancelled("Stopped.")
        if self._watch.late or isinstance(error, TimeoutError):
            return NetworkError(f"{host} did not answer in time.", delivery=Delivery.NOT_SENT)
        match error:
            case paramiko.ssh_exception.IncompatiblePeer():
                return TlsError(
                    f"{host} and this computer have no safe algorithm in common: {safe_words(str(error), 120)}.",
                    remedy="The server is too old; its administrator must bring it up to date.",
                )
            case paramiko.BadAuthenticationType():
                ways = ", ".join(str(t) for t in error.allowed_types[:5])
                return SignInError(
                    f"{host} does not take this kind of sign-in.",
                    remedy=f"It takes: {ways[:100]}."
                    if ways
                    else "Use a key in place of the password, or the other way.",
                )
            case paramiko.AuthenticationException():
                return SignInError(
                    f"{host} did not accept the credentials.",
                    remedy="Check username and password or key of the SFTP account.",
                )
            case paramiko.ChannelException():
                return PermissionDenied(
                    f"{host} does not allow SFTP for this account.", remedy="Ask its administrator."
                )
            case FileNotFoundError() if self._sftp is not None:
                return NotFound(f"The folder or file is not there on {host}.", remedy="Check path.")
            case PermissionError() if self._sftp is not None:
                return PermissionDenied(
                    f"{host} does not let this account read there.", remedy="Check path and rights."
                )
            case paramiko.SSHException() if (
                self._transport is not None and not self._transport.initial_kex_done
            ):
                return BadAnswer(f"{host} does not speak SSH as it should.", delivery=Delivery.NOT_SENT)
            case paramiko.SSHException() | EOFError() | AttributeError() | ValueError():
                return NetworkError(f"The connection to {host} was cut.", delivery=Delivery.NOT_SENT)
        if self._transport is None:
            return connect_error(error, host)
        return NetworkError(f"The connection to {host} was cut.", delivery=Delivery.NOT_SENT)

    def _cut(self) -> None:
        """On the watchdog's thread: make whatever blocks return."""
        _end(self._transport)

    def _drop(self) -> None:
        transport, self._transport, self._sftp = self._transport, None, None
        _end(transport)

    def _give_up(self, file: Any) -> None:
        """Close a remote file, within a time limit: how that ends tells nothing."""
        import paramiko

        try:
            with self._watch.step(self._timeout):
                file.close()
        except (paramiko.SSHException, OSError, EOFError, Cancelled):
            pass

    def close(self) -> None:
        self._drop()
        self._watch.close()


def _end(transport: paramiko.Transport | None) -> None:
    """Close the connection with everything on it."""
    import paramiko

    if transport is not None:
        try:
            transport.close()
        except (paramiko.SSHException, OSError, EOFError):
            pass  # it is being given up


def _client(channel: Any) -> Any:
    import paramiko

    return paramiko.SFTPClient(channel)


def _list(client: Any, folder: str) -> Iterator[tuple[str, bool | None, int | None, int | None]]:
    """Like ``SFTPClient.listdir_attr``, which gives up at the first name that is not UTF-8; here it loses only itself."""
    from paramiko import sftp as wire
    from paramiko.sftp_attr import SFTPAttributes  # type: ignore[import-untyped]

    kind, message = client._request(wire.CMD_OPENDIR, folder)
    if kind != wire.CMD_HANDLE:
        raise ValueError("no handle")
    handle = message.get_binary()
    try:
        while True:
            try:
                kind, message = client._request(wire.CMD_READDIR, handle)
            except EOFError:
                return
            if kind != wire.CMD_NAME:
                raise ValueError("no names")
            for _ in range(message.get_int()):
                name = message.get_binary().decode("utf-8", "surrogateescape")
                message.get_binary()  # a line for people, which no two servers write alike
                facts = SFTPAttributes._from_msg(message)
                regular = None if facts.st_mode is None else stat.S_ISREG(facts.st_mode)
                yield name, regular, facts.st_size, None if facts.st_mtime is None else int(facts.st_mtime)
    finally:
        client._request(wire.CMD_CLOSE, handle)


def read_private_key(text: str, passphrase: str | None) -> paramiko.PKey:
    """A private key in OpenSSH (or PEM) form; ``passphrase`` opens it where it is locked. Raises ``SignInError``."""
    import paramiko

    text = text.strip()
    if "\n" not in text:
        text = text.replace("\\n", "\n")  # as environment variables often hold it
    key = _loaded(text.encode("utf-8", "replace") + b"\n", passphrase)
    kinds: tuple[Any, ...] = (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey)
    for kind in kinds if key else ():
        try:
            found: paramiko.PKey = kind.from_private_key(io.StringIO(key))
        except (paramiko.SSHException, ValueError, TypeError, IndexError):
            continue  # not of this kind
        return found
    raise SignInError(
        "The private key can't be read.",
        remedy="It must be the whole text of a key in OpenSSH format (Ed25519, ECDSA or RSA), not the .pub file.",
    )


def _loaded(text: bytes, passphrase: str | None) -> str:
    """The key in the one form that paramiko reads in every case (it misreads some that other programs wrote).

    Empty when it is no key. Raises ``SignInError`` when it is locked.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as forms

    locked = False
    for load in (forms.load_ssh_private_key, forms.load_pem_private_key):
        for word in (None, passphrase.encode("utf-8")) if passphrase else (None,):
            try:
                key = load(text, word)
                return key.private_bytes(
                    forms.Encoding.PEM, forms.PrivateFormat.OpenSSH, forms.NoEncryption()
                ).decode("ascii")
            except TypeError:
                locked = True  # it wants a passphrase and got none (or, in PEM, got one and wants none)
            except (ValueError, UnsupportedAlgorithm):
                continue
    if locked:
        raise SignInError(
            "The private key is locked with a passphrase that does not fit.",
            remedy="Give its passphrase as the account's password.",
        )
    return ""


def _family(name: str) -> str:
    return (
        "ed25519" if "ed25519" in name else "ecdsa" if "ecdsa" in name else "rsa" if "rsa" in name else name
    )


def _kind(key: paramiko.PKey) -> str:
    name: str = key.get_name()
    return name.removeprefix("ssh-").upper()
