"""Below HTTP: sockets that know the deadline, the cancel token and whether a byte of the request has left.

Errors are told apart by the chain of exceptions and by ``verify_code``, never by text: tests/unit/providers/test_http*
pins each of them.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from reviewdesk.domain.clock import Clock, SystemClock
from reviewdesk.domain.errors import BadAnswer, Cancelled, Delivery, NetworkError, ProviderError
from reviewdesk.providers.addresses import is_loopback, split
from reviewdesk.providers.base import CancelToken
from reviewdesk.providers.faults import BadPacking, TooLarge, connect_error, tls_error

__all__ = ["ENGINE_ERRORS", "REAL_TIME", "Backend", "Stream", "Watch", "explained", "pool_for", "proxy_for"]

_SLICE_S = 0.25
"""The longest wait on a socket at a stretch, so that a cancel is noticed within it."""

REAL_TIME: Clock = SystemClock()
"""Waits on sockets are real, whatever clock the account has: only pacing and Retry-After use the account's."""


class _Stopped(Exception):
    """The cancel token was set while a read was waiting."""


class _TooLate(Exception):
    """The deadline of the whole request passed."""


@dataclass(slots=True)
class Watch:
    """What is known about the request under way."""

    deadline: float
    cancel: CancelToken | None
    """None for an outgoing action: once begun it is not interrupted, or its outcome would be unknown."""
    secure: bool
    sent: bool = False
    """A byte of the request itself (not of TLS, not of a proxy's CONNECT) may have left."""
    eof: bool = False
    """The peer closed the connection."""
    fresh: bool = False
    """The connection was made for this request."""
    heard: bool = False
    """A byte of an answer came."""
    cut: bool = False
    """It ended because the connection did."""

    def look(self) -> float:
        """Seconds left. Raises when there are none or the work was cancelled."""
        if self.cancel is not None and self.cancel.is_set():
            raise _Stopped
        left = self.deadline - REAL_TIME.monotonic()
        if left <= 0:
            raise _TooLate
        return left


class Stream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, backend: Backend, tls: bool) -> None:
        self._inner = inner
        self._backend = backend
        self._tls = tls

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        watch = self._backend.watch
        started = REAL_TIME.monotonic()
        while True:
            left = watch.look()
            if timeout is not None:
                left = min(left, started + timeout - REAL_TIME.monotonic())
            try:
                # A TLS stream may be asked again after a time-out: nothing that has arrived is lost.
                data = self._inner.read(max_bytes, timeout=max(0.001, min(_SLICE_S, left)))
            except httpcore.ReadTimeout:
                if timeout is not None and REAL_TIME.monotonic() - started >= timeout:
                    raise
                continue
            if data:
                watch.heard = True
            else:
                watch.eof = True
            return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        watch = self._backend.watch
        left = watch.look()
        if self._tls or not watch.secure:
            watch.sent = True
        self._inner.write(buffer, timeout=left if timeout is None else min(left, timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._backend.watch.look()
        inner = self._inner.start_tls(
            ssl_context, server_hostname, left if timeout is None else min(left, timeout)
        )
        return Stream(inner, self._backend, tls=True)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore.NetworkBackend):
    """Real sockets that answer to the request under way (``watch``); one thread at a time."""

    def __init__(self) -> None:
        self._inner = httpcore.SyncBackend()
        self.watch = Watch(0.0, None, False)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        left = self.watch.look()
        self.watch.fresh = True
        stream = self._inner.connect_tcp(
            host,
            port,
            timeout=left if timeout is None else min(left, timeout),
            local_address=local_address,
            socket_options=socket_options,
        )
        return Stream(stream, self, tls=False)


def proxy_for(parts: SplitResult) -> httpx.Proxy | None:
    """The system's proxy for this address; never for this very machine."""
    host = parts.hostname or ""
    if is_loopback(host):
        return None
    proxies = getproxies()
    url = proxies.get(parts.scheme) or proxies.get("all")
    if not url or proxy_bypass(host):
        return None
    try:
        proxy = httpx.Proxy(url if "://" in url else f"http://{url}")
    except (ValueError, httpx.InvalidURL):
        proxy = None
    if proxy is None or proxy.url.scheme not in ("http", "https"):
        raise NetworkError(
            "The system's proxy settings can't be used: only HTTP proxies are supported.",
            remedy="Check the system's proxy settings.",
            delivery=Delivery.NOT_SENT,
        )
    return proxy


def pool_for(context: ssl.SSLContext, backend: Backend, parts: SplitResult) -> httpcore.ConnectionPool:
    """Connections to where ``parts`` point, through the system's proxy where there is one. Raises ``NetworkError``."""
    options: dict[str, Any] = {
        "ssl_context": context,
        "max_connections": 2,
        "keepalive_expiry": 20.0,
        "retries": 0,
        "network_backend": backend,
    }
    proxy = proxy_for(parts)
    if proxy is None:
        return httpcore.ConnectionPool(**options)
    url = proxy.url
    return httpcore.HTTPProxy(
        proxy_url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
        proxy_auth=proxy.raw_auth,
        proxy_headers=proxy.headers.raw,
        **options,
    )


ENGINE_ERRORS: tuple[type[Exception], ...] = (
    _Stopped,
    _TooLate,
    TooLarge,
    BadPacking,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.UnsupportedProtocol,
    httpx.InvalidURL,
    OSError,
)


def explained(
    error: Exception, url: str, watch: Watch, *, title: str, clock_offset_s: float | None
) -> ProviderError:
    """The typed error for whatever the engine raised (``ENGINE_ERRORS``); sets ``watch.cut`` for a cut connection.

    ``title`` names the provider, ``clock_offset_s`` is how far its clock was ahead of ours when last seen.
    """
    parts = split(url)
    host = (parts.hostname if parts else None) or title
    delivery = Delivery.UNKNOWN if watch.sent else Delivery.NOT_SENT
    match error:
        case _Stopped():
            return Cancelled("Stopped.")
        case TooLarge():
            return BadAnswer(f"{title} gave an answer that is too large.", delivery=delivery)
        case BadPacking():
            return BadAnswer(f"{title} gave an answer that can't be unpacked.", delivery=delivery)
        case httpcore.ProxyError():
            return NetworkError(
                "The proxy did not let us through.",
                remedy="Check the system's proxy settings.",
                delivery=Delivery.NOT_SENT,
            )
        case _TooLate() | httpcore.TimeoutException():
            remedy = "" if watch.sent else "Check the network connection."
            return NetworkError(f"{host} did not answer in time.", remedy=remedy, delivery=delivery)
        case httpcore.ConnectError() if not watch.sent:
            via_proxy = parts is not None and proxy_for(parts) is not None
            return tls_error(error, host, clock_offset_s) or connect_error(error, host, via_proxy=via_proxy)
        case httpcore.RemoteProtocolError() if not watch.eof:
            return BadAnswer(f"{host} does not speak HTTP as it should.", delivery=delivery)
        case httpcore.UnsupportedProtocol() | httpcore.LocalProtocolError() | httpx.InvalidURL():
            return BadAnswer("The request can't be made: its address is wrong.", delivery=delivery)
    watch.cut = True
    return NetworkError(f"The connection to {host} was cut.", delivery=delivery)
