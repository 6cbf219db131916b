"""What went wrong below HTTP, told from the chain of exceptions and never from a text; and the unpacking of bodies.

Standard library only, so that other transports (SFTP, FTPS) can use it as well.
"""

from __future__ import annotations

import socket
import ssl
import zlib
from collections.abc import Iterator

from reviewdesk.domain.errors import Delivery, NetworkError, ProviderError, TlsError

__all__ = ["BadPacking", "Inflater", "TooLarge", "chain", "connect_error", "tls_error"]


def chain(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, outermost first, at most ten steps."""
    step: BaseException | None = error
    for _ in range(10):
        if step is None:
            return
        yield step
        step = step.__cause__ or step.__context__


# OpenSSL's X509_V_ERR_* numbers (x509_vfy.h).
_NOT_YET_VALID, _EXPIRED = 9, 10
_WRONG_NAME = (62, 63, 64)
_UNKNOWN_ISSUER = (2, 18, 19, 20, 21, 27)


def tls_error(error: BaseException, host: str, clock_offset_s: float | None = None) -> TlsError | None:
    """The TLS problem in the chain as a sentence, or None when there is none.

    ``clock_offset_s``: how far a server's clock was ahead of ours when last seen, for the hint about a wrong clock.
    """
    for step in chain(error):
        if isinstance(step, ssl.SSLCertVerificationError):
            return _certificate_error(step.verify_code, host, clock_offset_s)
        if isinstance(step, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return None  # the connection was cut
        if isinstance(step, ssl.SSLError):
            if step.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
                return TlsError(
                    f"{host} does not speak TLS at this address.", remedy="Check the address and its port."
                )
            if "CERTIFICATE" in (step.reason or ""):
                return TlsError(f"{host} refuses the connection over certificates.")
            return TlsError(
                f"{host} and this computer have no safe version of TLS in common.",
                remedy="The server is too old, or something in between speaks for it.",
            )
    return None


def _certificate_error(code: int, host: str, clock_offset_s: float | None) -> TlsError:
    if code in (_EXPIRED, _NOT_YET_VALID):
        state = "has expired" if code == _EXPIRED else "is not valid yet"
        remedy = "If the date or time of this computer is wrong, set it right; otherwise tell the provider."
        if clock_offset_s is not None and abs(clock_offset_s) > 300:
            side = "behind" if clock_offset_s > 0 else "ahead"
            minutes = round(abs(clock_offset_s) / 60)
            remedy = f"The clock of this computer is about {minutes} minutes {side}: set it right."
        return TlsError(f"The certificate of {host} {state}.", remedy=remedy)
    if code in _WRONG_NAME:
        return TlsError(
            f"The certificate shown by {host} belongs to another host.",
            remedy="Something in between answers in its place, or the address is wrong. Nothing was sent.",
        )
    if code in _UNKNOWN_ISSUER:
        return TlsError(
            f"The certificate of {host} comes from an authority that this computer does not trust.",
            remedy="If your network inspects traffic, set the account's own certificate authority (ca_file).",
        )
    return TlsError(f"The certificate of {host} is not trusted (check {code}).")


def connect_error(error: BaseException, host: str, *, via_proxy: bool = False) -> ProviderError:
    """Why no connection came about, as a NetworkError; nothing was sent."""
    whom = "the proxy" if via_proxy else host
    hint = "Check the system's proxy settings." if via_proxy else "Check the network connection."
    message = f"{whom} can't be reached."
    for step in chain(error):
        if isinstance(step, socket.gaierror):
            message = f"The name of {whom} can't be found."
            break
        if isinstance(step, ConnectionRefusedError):
            message = f"{whom} refuses connections."
            break
        if isinstance(step, ConnectionResetError | BrokenPipeError | ssl.SSLEOFError):
            message = f"{whom} cut the connection before it was made."
            break
    return NetworkError(message[0].upper() + message[1:], remedy=hint, delivery=Delivery.NOT_SENT)


# --- unpacking --------------------------------------------------------------------------------------


_STEP = 100_000
"""Bytes unpacked in one step."""


class TooLarge(Exception):
    """The body is larger than its cap. ``part`` is how it begins."""

    def __init__(self, part: bytes) -> None:
        super().__init__()
        self.part = part


class BadPacking(Exception):
    """The body is not what its Content-Encoding says, or ends in the middle of it."""


class Inflater:
    """Takes a body in pieces and unpacks it (identity, gzip, deflate), never beyond ``cap`` bytes.

    Unpacking is bounded piece by piece, so that a few kilobytes can't become gigabytes in one step.
    """

    def __init__(self, encoding: str, cap: int) -> None:
        self._cap = cap
        self._out = bytearray()
        self._kind = encoding.strip().lower()
        self._first = True
        if self._kind in ("gzip", "x-gzip"):
            self._zip: zlib._Decompress | None = zlib.decompressobj(16 + zlib.MAX_WBITS)
        elif self._kind == "deflate":
            self._zip = zlib.decompressobj()
        elif self._kind in ("", "identity"):
            self._zip = None
        else:
            raise BadPacking

    def feed(self, piece: bytes) -> None:
        """Raises ``TooLarge`` and ``BadPacking``."""
        if self._zip is None:
            self._add(piece)
            return
        if self._first and piece:
            self._first = False
            if self._kind == "deflate" and piece[0] & 0x0F != 8:
                self._zip = zlib.decompressobj(-zlib.MAX_WBITS)  # some servers send it without its header
        try:
            while piece and not self._zip.eof:
                self._add(self._zip.decompress(piece, min(_STEP, self._cap + 1 - len(self._out))))
                piece = self._zip.unconsumed_tail
        except zlib.error:
            raise BadPacking from None

    def finish(self) -> bytes:
        """The whole body. Raises ``BadPacking`` when it ended too early."""
        if self._zip is not None and not self._first and not self._zip.eof:
            raise BadPacking
        return bytes(self._out)

    def _add(self, data: bytes) -> None:
        self._out += data
        if len(self._out) > self._cap:
            raise TooLarge(bytes(self._out[: min(self._cap, _STEP)]))
