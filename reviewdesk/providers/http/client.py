"""Calls to a provider: verified TLS, deadlines, caps, pacing, typed errors, nothing leaked.

It stands on httpx's requests and on its engine (httpcore) rather than on ``httpx.Client``, because the client logs
whole addresses, follows redirects with our own header names on them, unpacks bodies without a limit and cannot see
a deadline pass while headers trickle in. Here each byte passes ``connection.Stream``, which knows the deadline, the
cancel token and whether anything of a request has left the machine: that last fact decides ``Delivery``.
"""

from __future__ import annotations

import logging
import secrets as randomness
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlencode, urljoin

import httpcore
import httpx
import msgspec

from reviewdesk import __version__
from reviewdesk.domain.capabilities import Field, RateLimit, parse_rate_limit
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import (
    BadAnswer,
    Cancelled,
    Delivery,
    NetworkError,
    ProviderError,
    RateLimited,
    SecretError,
    SignInError,
)
from reviewdesk.providers.addresses import address_problem, is_loopback, same_place, split
from reviewdesk.providers.answers import (
    Answer,
    Expect,
    fault_in,
    provider_words,
    status_error,
)
from reviewdesk.providers.base import Context
from reviewdesk.providers.faults import BadPacking, Inflater, TooLarge
from reviewdesk.providers.http.connection import ENGINE_ERRORS, REAL_TIME, Backend, Watch, explained, pool_for
from reviewdesk.providers.pacing import Pacer
from reviewdesk.providers.trust import trusted_tls

__all__ = ["ERROR_CAP", "JSON_CAP", "HttpClient", "pacer_for"]

JSON_CAP = 20_000_000
ERROR_CAP = 1_000_000
_MAX_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)

_log = logging.getLogger(__name__)
# They would write whole addresses (with keys in their queries) and headers.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)

_hidden_by_all: set[str] = set()
"""Long secrets of every account: two of them can share a server that mixes up its answers."""

_clock_offset_s: float | None = None
"""How far the last server's clock was ahead of ours; for the hint about a wrong clock beside an expired certificate."""


def pacer_for(context: Context, limits: Sequence[RateLimit]) -> Pacer:
    """The account's pacer: the provider's own limits, or those of the account's ``rate_limit``."""
    own = context.settings.get("rate_limit", "").strip()
    if own:
        try:
            limits = parse_rate_limit(own)
        except ValueError:
            _log.warning("the rate_limit of an account can't be read; the provider's own limits are kept")
    return Pacer(limits, context.clock, context.pace_memory)


def _seconds(context: Context) -> float:
    try:
        seconds = float(context.settings.get("timeout_seconds") or 30)
    except ValueError:
        seconds = 30.0
    return min(600.0, max(0.05, seconds)) if seconds == seconds else 30.0


class HttpClient:
    """Calls to one base address for one account; used by one thread at a time.

    ``title`` names the provider in messages. ``limits`` (or a shared ``pacer``) are kept for every call.
    ``refine`` may turn the error of a non-2xx answer into a better one. Secrets go into ``headers``, ``query`` or
    ``form`` of a call, and through ``hide`` so that no error message can repeat them; those of the account's
    ``secrets`` that no call needed are hidden before a provider's words are cut to their length.

    Every failure is a ``ProviderError`` without a cause, whose ``delivery`` is true for ``outgoing`` calls; for
    other calls it is never ``UNKNOWN``.
    """

    def __init__(
        self,
        base_url: str,
        context: Context,
        *,
        title: str,
        secrets: Sequence[Field] = (),
        limits: Sequence[RateLimit] = (),
        pacer: Pacer | None = None,
        refine: Callable[[Answer, ProviderError], ProviderError] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.calls = 0
        self.pacer = pacer or pacer_for(context, limits)
        self._problem = address_problem(base_url)
        self._context = context
        self._title = title
        self._refine = refine
        self._timeout = _seconds(context)
        self._deadline = 4 * self._timeout
        self._backend = Backend()
        self._pools: dict[str, httpcore.ConnectionPool] = {}
        self._hidden: set[str] = set()
        self._unread = {field.key for field in secrets}
        self._urgent = 0
        self._closed_until = 0.0
        self._refusals = 0

    # -- what providers call --

    def get(
        self,
        path: str,
        *,
        query: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        expect: Expect = Expect.JSON,
    ) -> Answer:
        """Read ``path`` (made with ``addresses.path``) below the base address."""
        return self.call("GET", path, query=query, headers=headers, expect=expect)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        files: Mapping[str, tuple[str | None, bytes, str]] | None = None,
        json: Any = None,
        outgoing: bool = False,
        expect: Expect = Expect.JSON,
        base_url: str | None = None,
    ) -> Answer:
        """One call. ``outgoing`` marks what happens on a person's behalf: fresh connection, no redirect, no retry,
        not interrupted once it has begun.

        ``form`` is sent urlencoded (as multipart together with ``files``: name -> (file name or None, bytes, type)),
        ``json`` as JSON. ``base_url`` is for a second host of the same provider.
        """
        base = self._checked(base_url)
        url = base + path + (f"?{urlencode(query)}" if query else "")
        all_headers = {"accept": "application/json", **self._safe(headers or {})}
        content: dict[str, Any] = {}
        if json is not None:
            content["content"] = msgspec.json.encode(json)
            all_headers["content-type"] = "application/json"
        elif form is not None or files:
            content["data"] = dict(form or {})
            if files:
                content["files"] = dict(files)
        elif method not in ("GET", "HEAD", "DELETE"):
            content["content"] = b""
        return self._follow(method, url, all_headers, content, outgoing=outgoing, expect=expect)

    def fetch_bytes(self, url: str, max_bytes: int, *, hosts: Collection[str] | None = None) -> Answer:
        """A picture from an absolute address, without any credential and outside the pacing.

        ``hosts``: only these and hosts below them, if given; this very machine is always allowed for practice.
        """
        parts = split(url)
        host = parts.hostname if parts else None
        allowed = hosts is None or any(host == h or (host or "").endswith(f".{h}") for h in hosts)
        if parts is None or parts.username or not (parts.scheme == "https" or is_loopback(host)):
            raise BadAnswer("The picture's address can't be used.", delivery=Delivery.NOT_SENT)
        if parts.scheme not in ("http", "https") or not (allowed or is_loopback(host)):
            raise BadAnswer("The picture lies outside the provider's own hosts.", delivery=Delivery.NOT_SENT)
        headers = {"accept": "image/*"}
        return self._follow(
            "GET", url, headers, {}, outgoing=False, expect=Expect.BYTES, cap=max_bytes, paced=False
        )

    @contextmanager
    def urgent(self) -> Iterator[None]:
        """Calls inside go first: a person waits for them."""
        self._urgent += 1
        try:
            yield
        finally:
            self._urgent -= 1

    def wait_s(self) -> float:
        """Seconds until a background call may start; 0 when it may now."""
        closed = self._closed_until - self._context.clock.monotonic()
        return max(0.0, closed, self.pacer.wait_s())

    def hide(self, value: str | None) -> None:
        """Cut ``value`` out of whatever a provider says in its errors; a long one out of those of all accounts."""
        if value and len(value) >= 4:
            self._hidden.add(value)
            if len(value) >= 12:
                _hidden_by_all.add(value)

    def censored(self, error: ProviderError) -> ProviderError:
        """The error without our secrets in it: for those that a provider builds from the words of a 2xx answer."""
        error.message = self._without_secrets(error.message)
        error.provider_words = self._without_secrets(error.provider_words)
        error.args = (error.message,)
        return error

    def close(self) -> None:
        """Close the connections and remember the pacing."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        self.pacer.save()

    # -- one call, with its redirects --

    def _follow(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: Mapping[str, Any],
        *,
        outgoing: bool,
        expect: Expect,
        cap: int = JSON_CAP,
        paced: bool = True,
    ) -> Answer:
        deadline = REAL_TIME.monotonic() + self._deadline
        for _ in range(_MAX_REDIRECTS + 1):
            if paced:
                waited = REAL_TIME.monotonic()
                self._wait_for_slot()
                deadline += REAL_TIME.monotonic() - waited
            try:
                answer = self._exchange(
                    method, url, headers, content, outgoing=outgoing, cap=cap, deadline=deadline
                )
            finally:
                if paced:
                    self.pacer.done()
            if answer.status not in _REDIRECTS or outgoing or method != "GET":
                break
            url = self._redirected(url, answer)
        else:
            raise BadAnswer(f"{self._title} sends us around in circles.", delivery=Delivery.NOT_SENT)
        error = self._judge(answer, expect)
        if error is None:
            self._refusals = 0
            return replace(answer, outgoing=outgoing)
        if not outgoing and error.delivery is Delivery.UNKNOWN:
            error.delivery = Delivery.NOT_SENT
        raise error

    def _redirected(self, url: str, answer: Answer) -> str:
        target = urljoin(url, answer.headers.get("location", ""))
        old, new = split(url), split(target)
        if "location" not in answer.headers or old is None or new is None or not same_place(old, new):
            raise BadAnswer(
                f"{self._title} sends us to another address.",
                remedy="Check the account's address; behind a hotel's or office's network, sign in there first.",
                delivery=Delivery.NOT_SENT,
                status=answer.status,
            )
        return target

    def _wait_for_slot(self) -> None:
        left = self._closed_until - self._context.clock.monotonic()
        if left > 0:
            raise RateLimited(
                f"{self._title} asked for fewer calls.",
                remedy="It goes on by itself.",
                retry_after_s=max(1.0, left),
                status=429,
            )
        self.pacer.acquire(self._context.cancel, urgent=bool(self._urgent), meanwhile=self._context.meanwhile)

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: Mapping[str, Any],
        *,
        outgoing: bool,
        cap: int,
        deadline: float,
    ) -> Answer:
        """One request and its whole answer, whatever its status; a second try only for a read on a stale connection."""
        fresh = method not in ("GET", "HEAD")
        watch = Watch(deadline, None if outgoing else self._context.cancel, url.startswith("https:"))
        result = self._try(method, url, headers, content, watch, cap=cap, fresh=fresh)
        if isinstance(result, NetworkError) and watch.cut and not (fresh or watch.fresh or watch.heard):
            # The server had closed the kept connection before our request came: ask once more on a new one.
            self._forget_connections()
            watch = Watch(deadline, self._context.cancel, watch.secure)
            result = self._try(method, url, headers, content, watch, cap=cap, fresh=False)
        if isinstance(result, Answer):
            return result
        if not outgoing and result.delivery is Delivery.UNKNOWN:
            result.delivery = Delivery.NOT_SENT
        # Raised here, outside every handler, so that no library exception hangs on it with the request inside.
        raise result

    def _try(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: Mapping[str, Any],
        watch: Watch,
        *,
        cap: int,
        fresh: bool,
    ) -> Answer | ProviderError:
        if self._context.cancel.is_set():
            return Cancelled("Stopped.")
        self.calls += 1
        try:
            return self._transmit(method, url, headers, content, watch, cap=cap, fresh=fresh)
        except ProviderError as error:
            return error
        except ENGINE_ERRORS as error:
            return explained(error, url, watch, title=self._title, clock_offset_s=_clock_offset_s)

    def _transmit(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: Mapping[str, Any],
        watch: Watch,
        *,
        cap: int,
        fresh: bool,
    ) -> Answer:
        parts = split(url)
        if parts is None:
            raise BadAnswer("The address can't be used.", delivery=Delivery.NOT_SENT)
        all_headers = {
            "user-agent": f"Reviewdesk/{__version__}",
            "accept-encoding": "gzip, deflate",
            "connection": "close" if fresh else "keep-alive",
            **headers,
        }
        request = httpx.Request(method, url, headers=all_headers, **content)
        target = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=request.url.raw_host,
            port=request.url.port,
            target=request.url.raw_path,
        )
        step = self._timeout
        core = httpcore.Request(
            method=method.encode("ascii"),
            url=target,
            headers=request.headers.raw,
            content=request.stream,
            extensions={"timeout": {"connect": step, "read": step, "write": step, "pool": step}},
        )
        started = REAL_TIME.monotonic()
        pool = self._open(parts, new=fresh)
        self._backend.watch = watch
        try:
            response = pool.handle_request(core)
            try:
                answer = self._receive(response, cap)
            finally:
                response.close()
        finally:
            if fresh:
                pool.close()
        _note_date(answer, parts.hostname, self._context.clock)
        _log.debug(
            "%s %s%s: %d in %.0f ms",
            method,
            parts.hostname,
            parts.path,
            answer.status,
            1000 * (REAL_TIME.monotonic() - started),
        )
        return answer

    def _open(self, parts: SplitResult, *, new: bool) -> httpcore.ConnectionPool:
        place = f"{parts.scheme}://{parts.netloc}"
        pool = None if new else self._pools.get(place)
        if pool is None:
            context = trusted_tls(self._context.settings.get("ca_file", "").strip())
            pool = pool_for(context, self._backend, parts)
            if not new:
                self._pools[place] = pool
        return pool

    def _forget_connections(self) -> None:
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()

    def _receive(self, response: httpcore.Response, cap: int) -> Answer:
        headers: dict[str, str] = {}
        for name, value in response.headers:
            headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
        good = 200 <= response.status < 300
        limit = cap if good else ERROR_CAP
        if response.status in _REDIRECTS:
            return Answer(response.status, headers, b"")
        try:
            body = Inflater(headers.get("content-encoding", ""), limit)
            for piece in response.iter_stream():
                body.feed(piece)
            return Answer(response.status, headers, body.finish())
        except TooLarge as large:
            if good:
                raise
            return Answer(response.status, headers, large.part)
        except BadPacking:
            if good:
                raise
            return Answer(response.status, headers, b"")

    # -- judging --

    def _judge(self, answer: Answer, expect: Expect) -> ProviderError | None:
        error = status_error(
            answer,
            title=self._title,
            now=self._context.clock.now(),
            words=self._words(answer),
        )
        if error is not None:
            if self._refine is not None:
                error = self.censored(self._refine(answer, error))
            if isinstance(error, RateLimited):
                self._slow_down(error)
            return error
        return fault_in(answer, expect, title=self._title)

    def _words(self, answer: Answer) -> str:
        """What the provider says of an error. A good answer, which may be long, is not read for it."""
        if answer.status in _REDIRECTS or 200 <= answer.status < 300:
            return ""
        return provider_words(answer.body, self._without_secrets)

    def _slow_down(self, error: RateLimited) -> None:
        """No call before the time the provider asked for; without one, 60 s doubling to an hour, with some chance."""
        if error.retry_after_s is None:
            chance = 1 + randomness.randbelow(250) / 1000
            error.retry_after_s = min(3600.0, 60.0 * 2 ** min(self._refusals, 6) * chance)
        self._refusals += 1
        self._closed_until = self._context.clock.monotonic() + error.retry_after_s

    # -- small things --

    def _checked(self, base_url: str | None) -> str:
        problem = self._problem if base_url is None else address_problem(base_url)
        if problem is not None:
            raise NetworkError(problem, delivery=Delivery.NOT_SENT)
        return self.base_url if base_url is None else base_url.rstrip("/")

    def _safe(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        for value in headers.values():
            if not value.isascii() or not value.isprintable() or value != value.strip():
                raise SignInError(
                    "A credential holds characters that can't be sent.",
                    remedy="Paste it again, without blanks or line ends.",
                )
        return headers

    def _hide_the_rest(self) -> None:
        """A provider may repeat what we keep for it and never sent. What is cut in the middle nobody recognises later."""
        for key in sorted(self._unread):
            try:
                self.hide(self._context.secrets.get(key))
            except SecretError:
                continue  # it can't be read now, and so can't have been sent by us either; asked again next time
            self._unread.discard(key)

    def _without_secrets(self, words: str) -> str:
        if words:
            self._hide_the_rest()
        for value in sorted(self._hidden | _hidden_by_all, key=len, reverse=True):
            words = words.replace(value, "•••")
        return words


def _note_date(answer: Answer, host: str | None, clock: Clock) -> None:
    global _clock_offset_s
    header = answer.headers.get("date")
    if header and len(header) < 64 and not is_loopback(host):
        try:
            _clock_offset_s = parsedate_to_datetime(header).timestamp() - clock.now()
        except (ValueError, OverflowError, TypeError):
            pass  # an unreadable date tells nothing about our clock
