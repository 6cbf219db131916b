"""A feed on an FTP server: over TLS, verified as any other connection; in the open only where the person agreed to it."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from reviewdesk.domain.errors import (
    BadAnswer,
    Cancelled,
    Delivery,
    NetworkError,
    NotFound,
    PermissionDenied,
    ProviderError,
    ServerError,
    SignInError,
    TlsError,
)
from reviewdesk.providers.base import Context
from reviewdesk.providers.faults import connect_error, tls_error
from reviewdesk.providers.feeds.base import (
    CHUNK,
    LISTING_CAP,
    Entry,
    FeedFile,
    Listing,
    Step,
    Watchdog,
    patience,
    sort_out,
    spooled,
    transfer_time,
)
from reviewdesk.providers.feeds.places import Place, place_of
from reviewdesk.providers.trust import trusted_tls

__all__ = ["FtpTransport"]

IMPLICIT_PORT = 990
_T = TypeVar("_T")
Facts = tuple[str, bool | None, int | None, int | None]


class _Tls(ftplib.FTP_TLS):
    """Data connections go on in the TLS session of the control connection: many servers insist on it."""

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, int | None]:
        connection, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - wrapped in TLS below
        session = getattr(self.sock, "session", None)
        try:
            return self.context.wrap_socket(connection, server_hostname=self.host, session=session), size
        except BaseException:
            connection.close()
            raise


class _ImplicitTls(_Tls):
    """TLS from the first byte (port 990): the socket is wrapped as soon as it is there."""

    _wrapped: socket.socket | None = None

    @property
    def sock(self) -> socket.socket | None:
        return self._wrapped

    @sock.setter
    def sock(self, value: socket.socket | None) -> None:
        if value is not None and not isinstance(value, ssl.SSLSocket):
            value = self.context.wrap_socket(value, server_hostname=self.host)
        self._wrapped = value


class FtpTransport:
    """``secure``: with TLS, explicit or (on port 990) implicit."""

    def __init__(self, context: Context, *, secure: bool) -> None:
        self.calls = 0
        self._context = context
        self._secure = secure
        self._timeout = patience(context)
        self._ftp: ftplib.FTP | None = None
        self._data: socket.socket | None = None
        self._signed_in = False
        self._watch = Watchdog(context.cancel, self._cut)

    def steps(self) -> tuple[Step, ...]:
        return (("address", self._address), ("connect", self._connect), ("sign-in", self._sign_in))

    @property
    def _place(self) -> Place:
        return place_of(self._context.settings, 21)

    def _address(self) -> str:
        place = self._place
        if not self._secure and self._context.settings.get("plain_ftp_consent", "").strip().lower() != "yes":
            raise NetworkError(
                "Plain FTP sends the password and all reviews so that everybody on the way can read them.",
                remedy="Use sftp or ftps; or, if there is no other way, set plain_ftp_consent=yes.",
                delivery=Delivery.NOT_SENT,
            )
        if not place.username:
            raise SignInError("No user name is set.", remedy="Set username to the login of the FTP account.")
        return f"{place.host}, port {place.port}."

    def _connect(self) -> str:
        place = self._place
        self._drop()
        self.calls += 1
        implicit = self._secure and place.port == IMPLICIT_PORT
        # Every byte is a Latin-1 character: a name that is not UTF-8 is then one name among others.
        options: dict[str, Any] = {"timeout": self._timeout, "encoding": "latin-1"}
        if self._secure:
            context = trusted_tls(self._context.settings.get("ca_file", "").strip())
            kind = _ImplicitTls if implicit else _Tls
            self._ftp = kind(context=context, **options)
        else:
            self._ftp = ftplib.FTP(**options)  # noqa: S321 - only with the person's consent (_address)
        ftp = self._ftp

        def work() -> None:
            ftp.connect(place.host, place.port)
            if isinstance(ftp, _Tls) and not implicit:
                ftp.auth()

        self._do(work, 2 * self._timeout)
        return f"{place.host} answers."

    def _sign_in(self) -> str:
        place, ftp = self._place, self._open_ftp()
        password = self._context.secrets.get("password")
        if not password:
            raise SignInError("The account has no password.", remedy="Add password to the account.")
        if any(c in "\r\n\0" for c in place.username + password):
            raise SignInError("The user name or the password holds a line end.", remedy="Enter it again.")
        self.calls += 1

        def work() -> None:
            ftp.login(_wire(place.username), _wire(password))
            self._signed_in = True
            if isinstance(ftp, _Tls):
                ftp.prot_p()
            ftp.voidcmd("TYPE I")
            if place.path:
                ftp.cwd(_wire(place.path))

        self._do(work, 3 * self._timeout)
        return f"{place.host} accepts the credentials."

    # --- files ---------------------------------------------------------------------------------------------

    def listing(self) -> Listing:
        self.calls += 1
        return self._do(lambda: sort_out(self._list()), transfer_time(0))

    def _list(self) -> Iterator[Facts]:
        ftp = self._open_ftp()
        try:
            lines = list(self._lines("MLSD"))
        except ftplib.error_perm as error:
            if error.args and str(error.args[0])[:3] not in ("500", "501", "502", "504"):
                raise
            yield from self._list_by_name(ftp)
            return
        for line in lines:
            told, _, name = line.partition(" ")
            facts = dict(part.lower().split("=", 1) for part in told.split(";") if "=" in part)
            kind = facts.get("type")
            if kind in ("cdir", "pdir"):
                continue
            yield _named(name), kind == "file", _whole(facts.get("size")), _moment(facts.get("modify"))

    def _list_by_name(self, ftp: ftplib.FTP) -> Iterator[Facts]:
        """For servers without MLSD: what has a size is a file."""
        for name in list(self._lines("NLST")):
            try:
                size = ftp.size(name)
                answer = ftp.voidcmd(f"MDTM {name}")
            except ftplib.error_perm:
                yield _named(name), False, None, None
                continue
            yield _named(name), True, size, _moment(answer.partition(" ")[2])

    def _lines(self, command: str) -> Iterator[str]:
        """The lines of a listing, bounded."""
        ftp = self._open_ftp()
        with (
            ftp.transfercmd(command) as self._data,
            self._data.makefile("r", encoding="latin-1", newline="\n") as text,
        ):
            for number in range(LISTING_CAP + 2):
                line = text.readline(8192)
                if not line:
                    break
                yield line.rstrip("\r\n")
                if number > LISTING_CAP:
                    return
        ftp.voidresp()

    @contextmanager
    def open(self, entry: Entry) -> Iterator[FeedFile]:
        self.calls += 1
        with spooled(self._chunks(entry), entry) as spool:
            yield spool

    def _chunks(self, entry: Entry) -> Iterator[bytes]:
        ftp = self._open_ftp()
        limit = transfer_time(entry.size)
        data = self._data = self._do(lambda: ftp.transfercmd(f"RETR {_wire(entry.name)}"), 2 * self._timeout)
        complete = False
        try:
            while True:
                chunk: bytes = self._do(lambda: data.recv(CHUNK), limit)
                if not chunk:
                    break
                yield chunk
            complete = True
        finally:
            data.close()
            self._data = None
            if not complete:
                self._drop()  # in the middle of a transfer: the control connection is out of step
        # Only this says that it was everything: a cut data connection looks like the end of the file.
        self._do(ftp.voidresp, 2 * self._timeout)

    # --- small things --------------------------------------------------------------------------------------

    def _open_ftp(self) -> ftplib.FTP:
        if self._ftp is None:
            raise NetworkError("There is no connection.", delivery=Delivery.NOT_SENT)
        return self._ftp

    def _do(self, work: Callable[[], _T], seconds: float) -> _T:
        error: Exception
        try:
            with self._watch.step(seconds):
                return work()
        except (ftplib.Error, OSError, EOFError, ValueError, AttributeError) as caught:
            # ftplib answers a socket that was closed under it with the last two.
            error = caught
        raise self._explain(error)

    def _explain(self, error: Exception) -> ProviderError:
        host = self._place.host
        if self._watch.cancelled:
            return Cancelled("Stopped.")
        if self._watch.late or isinstance(error, TimeoutError):
            return NetworkError(f"{host} did not answer in time.", delivery=Delivery.NOT_SENT)
        if isinstance(error, ftplib.Error):
            return self._refusal(error, host)
        over_tls = tls_error(error, host)
        if over_tls is not None:
            return over_tls
        if isinstance(error, OSError) and (self._ftp is None or self._ftp.sock is None):
            return connect_error(error, host)
        return NetworkError(f"The connection to {host} was cut.", delivery=Delivery.NOT_SENT)

    def _refusal(self, error: ftplib.Error, host: str) -> ProviderError:
        """By the reply code (RFC 959), never by its words."""
        code = str(error.args[0])[:3] if error.args else ""
        if not self._signed_in:
            if code in ("430", "530", "532", "331", "332", "501"):
                return SignInError(
                    f"{host} did not accept the credentials.",
                    remedy="Check username and password of the FTP account.",
                )
            if isinstance(error, ftplib.error_perm) and code in ("500", "502", "504", "534"):
                return TlsError(
                    f"{host} offers no TLS.", remedy="Use sftp, or ask the server's administrator for TLS."
                )
            if code in ("550", "522", "521", "533"):
                return TlsError(f"{host} refuses a connection in the open.", remedy="Use transport=ftps.")
        if code in ("450", "550", "553"):
            return NotFound(
                f"The folder or file is not there on {host}, or may not be read.",
                remedy="Check path and rights.",
            )
        if code in ("530", "532"):
            return PermissionDenied(
                f"{host} does not let this account read there.", remedy="Check path and rights."
            )
        if code.startswith("4"):
            return ServerError(
                f"{host} can't do it at the moment (reply {code}).", delivery=Delivery.NOT_SENT
            )
        return BadAnswer(f"{host} refused (reply {code or 'unreadable'}).", delivery=Delivery.NOT_SENT)

    def _cut(self) -> None:
        """On the watchdog's thread: make whatever blocks return."""
        for wire in (self._data, self._ftp.sock if self._ftp is not None else None):
            if wire is not None:
                try:
                    wire.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # it was closed already

    def _drop(self) -> None:
        ftp, self._ftp = self._ftp, None
        self._signed_in = False
        if ftp is not None:
            try:
                ftp.close()
            except (OSError, EOFError):
                pass  # it is being given up

    def close(self) -> None:
        self._drop()
        self._watch.close()


def _wire(text: str) -> str:
    """UTF-8 in the clothes of Latin-1, which is what the connection writes."""
    return text.encode("utf-8").decode("latin-1")


def _named(name: str) -> str:
    return name.encode("latin-1").decode("utf-8", "surrogateescape")


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None


def _moment(text: str | None) -> int | None:
    """``20260131030000`` (with or without a fraction), which FTP says in UTC."""
    try:
        return int(datetime.strptime((text or "")[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC).timestamp())
    except (ValueError, OverflowError):
        return None
