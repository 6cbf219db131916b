"""``reviewdesk --self-test``: does this very build work on this very machine? Without network, within ten seconds.

This module runs the checks and holds those that need no other room; ``reviewdesk/self_test.py`` brings the rest.
"""

from __future__ import annotations

import http.server
import ssl
import threading
import zoneinfo
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import KeychainLocked, KeychainMissing, ReviewdeskError, TlsError

__all__ = [
    "LIMIT_S",
    "Check",
    "Failure",
    "Outcome",
    "check_keychain",
    "check_time_zones",
    "check_unknown_ca",
    "run",
    "unknown_ca_server",
]

LIMIT_S = 10.0
"""All checks together are meant to stay below it."""


class Failure(ReviewdeskError):
    """A check found something wrong; the message says what."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to try. ``work`` answers a sentence or raises.

    ``patience_s``: run it on a thread of its own and do not wait longer, for what may ask a person (a locked
    keychain does). None: here, on the calling thread, as Qt wants it.
    """

    name: str
    work: Callable[[], str]
    patience_s: float | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of ``--self-test --json``."""

    check: str
    ok: bool
    message: str
    remedy: str
    seconds: float

    def as_json(self) -> dict[str, str | bool | float]:
        return {
            "check": self.check,
            "ok": self.ok,
            "message": self.message,
            "remedy": self.remedy,
            "seconds": round(self.seconds, 3),
        }


def run(checks: Sequence[Check], clock: Clock) -> Iterator[Outcome]:
    """Try one after the other; a check that fails never keeps the next from its turn."""
    for check in checks:
        began = clock.monotonic()
        ok, message, remedy = _guarded(check) if check.patience_s is None else _patiently(check, clock)
        yield Outcome(check.name, ok, message, remedy, clock.monotonic() - began)


def _guarded(check: Check) -> tuple[bool, str, str]:
    try:
        return True, check.work(), ""
    except ReviewdeskError as error:
        return False, error.message, error.remedy
    except Exception as error:  # noqa: BLE001 - whatever a broken build raises is the finding
        return False, f"{type(error).__name__}: {error}", "This build is broken: install it again."


def _patiently(check: Check, clock: Clock) -> tuple[bool, str, str]:
    done = threading.Event()
    answers: list[tuple[bool, str, str]] = []

    def work() -> None:
        answers.append(_guarded(check))
        done.set()

    threading.Thread(target=work, name=f"self-test {check.name}", daemon=True).start()
    if clock.wait(done, check.patience_s):
        return answers[0]
    return False, f"No answer within {check.patience_s:.0f} s.", "Look for a window that asks for a password."


# --- keychain --------------------------------------------------------------------------------------------


def check_keychain(probe: Callable[[], str]) -> str:
    """``probe`` writes, reads and deletes a value. A refusal is an honest answer too: nothing is kept elsewhere."""
    try:
        return f"Written, read and deleted with {probe()}."
    except (KeychainMissing, KeychainLocked) as error:
        return f"Refused: {error.message} Nothing is kept anywhere else."


# --- TLS ----------------------------------------------------------------------------------------------------


def check_unknown_ca(fetch: Callable[[str, str], None], folder: Path, clock: Clock) -> str:
    """``fetch`` (address, file of a certificate authority or "") is the program's own way to a provider.

    The same server must be refused without its authority and answer with it, so that it is the certificate that is
    refused and nothing else. Raises ``Failure``.
    """
    with unknown_ca_server(folder, clock) as (address, authority):
        try:
            fetch(address, "")
        except TlsError:
            pass
        else:
            raise Failure("A server with an unknown certificate authority was trusted.")
        fetch(address, str(authority))
    return (
        "A server with an unknown certificate authority is refused, and accepted once its authority is named."
    )


class _Answering(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Standard error is for people."""


class _TlsServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self._context = context

    def finish_request(self, request: object, client_address: object) -> None:
        # The handshake belongs to the connection's thread: a client that turns away must not stop the server.
        try:
            secure = self._context.wrap_socket(request, server_side=True)  # type: ignore[arg-type]
        except OSError:
            return
        with secure:
            self.RequestHandlerClass(secure, client_address, self)  # type: ignore[arg-type]


@contextmanager
def unknown_ca_server(folder: Path, clock: Clock) -> Iterator[tuple[str, Path]]:
    """An HTTPS server on loopback whose authority was made a moment ago: its address and the authority's file."""
    authority, chain = _certificates(folder, datetime.fromtimestamp(clock.now(), UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    server = _TlsServer(context)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="self-test TLS", daemon=True)
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}", authority
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificates(folder: Path, now: datetime) -> tuple[Path, Path]:
    """Files of an authority's certificate, and of a key with its certificate for 127.0.0.1."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    def make(
        name: str, key: ec.EllipticCurvePrivateKey, issuer: str, signer: ec.EllipticCurvePrivateKey, ca: bool
    ) -> x509.Certificate:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])

        public = key.public_key()
        builder = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(issuer))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not ca,
                    content_commitment=False,
                    key_encipherment=False,
                    data_encipherment=False,
                    key_agreement=False,
                    key_cert_sign=ca,
                    crl_sign=ca,
                    encipher_only=False,
                    decipher_only=False,
                ),
                critical=True,
            )
        )
        if not ca:
            here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
            builder = builder.add_extension(here, critical=False).add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False
            )
        return builder.sign(signer, hashes.SHA256())

    pem = serialization.Encoding.PEM
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = "Reviewdesk self-test authority"
    authority, chain = folder / "authority.pem", folder / "server.pem"
    authority.write_bytes(make(ca_name, ca_key, ca_name, ca_key, True).public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    chain.write_bytes(secret + make("127.0.0.1", key, ca_name, ca_key, False).public_bytes(pem))
    return authority, chain


# --- time zones ---------------------------------------------------------------------------------------------


def check_time_zones() -> str:
    """Providers give naive times of their own zones; both of those have to be there, with their summer time."""
    for name, winter in (("Europe/Paris", 1), ("Europe/Bucharest", 2)):
        try:
            zone = zoneinfo.ZoneInfo(name)
        except zoneinfo.ZoneInfoNotFoundError:
            raise Failure(f"There is no time zone data for {name}.", remedy="Install tzdata.") from None
        found = [datetime(2026, month, 15, tzinfo=zone).utcoffset() for month in (1, 7)]
        if found != [timedelta(hours=winter), timedelta(hours=winter + 1)]:
            raise Failure(f"The time zone data for {name} is wrong.")
    return "Paris and Bucharest are known, with their summer time."
