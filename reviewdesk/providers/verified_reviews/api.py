"""The published-reviews API: every documented call of it, the sign-in, and reading by pages.

A page's successor is named by the ``Link`` header. Only its query is followed, on our own address, so that no header
of an answer can lead the token elsewhere.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.errors import (
    BadAnswer,
    Cancelled,
    Delivery,
    NetworkError,
    ProviderError,
    Refused,
    SignInError,
)
from reviewdesk.domain.models import ReviewKind
from reviewdesk.providers.addresses import address_problem
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.base import Context, Cursor, Page
from reviewdesk.providers.decode import convert, decode_record, decode_records, parse_when
from reviewdesk.providers.http import HttpClient, pacer_for
from reviewdesk.providers.verified_reviews import wire
from reviewdesk.providers.verified_reviews.records import api_review
from reviewdesk.providers.verified_reviews.spec import API_URL, AUTH_URL, SPEC

__all__ = ["ApiSync", "Page200", "PublishedApi"]

LIMIT = 200
MAX_PAGES = 20_000
OVERLAP_S = 24 * 3600
"""Reviews that were published while the last run read are read again."""
FULL_EVERY_S = 7 * 24 * 3600
"""The API can't be asked for edits: once a week everything is read."""
_RESUME_FULL_WITHIN_S = 6 * 3600
_PUBLISHED = "/verified-reviews/v1/published"
_TOKEN = "/realms/skeepers/protocol/openid-connect/token"  # noqa: S105 - an address
_NEXT = re.compile(r"<([^<>\s]{1,4000})>\s*;[^,<>]*\brel=\"?next\"?", re.IGNORECASE)
_LISTS = (
    ("products", ReviewKind.PRODUCT, "product reviews"),
    ("brands", ReviewKind.BUSINESS, "shop reviews"),
)

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page200:
    """One page of a list (at most 200) and the query of the next one, None at the end."""

    records: list[msgspec.Raw]
    next: Query | None


class PublishedApi:
    """The calls. Tokens live about five minutes and are asked for again; they are never stored."""

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        self.base_url = settings.get("base_url") or API_URL
        self._auth_url = settings.get("auth_url") or AUTH_URL
        pacer = pacer_for(context, SPEC.rate_limits)
        self._http = HttpClient(self.base_url, context, title=SPEC.title, secrets=SPEC.secrets, pacer=pacer)
        self._auth = HttpClient(
            self._auth_url,
            context,
            title=SPEC.title,
            secrets=SPEC.secrets,
            pacer=pacer,
            refine=_sign_in_error,
        )
        self._token = ""
        self._token_ends = 0.0
        self._token_is_for = ""

    @property
    def calls(self) -> int:
        return self._http.calls + self._auth.calls

    def close(self) -> None:
        self._http.close()
        self._auth.close()

    def address_problem(self) -> str | None:
        """Why one of the two addresses can't be used, or None."""
        return address_problem(self.base_url) or address_problem(self._auth_url)

    # --- calls -----------------------------------------------------------------------------------------------

    def product_reviews(self, query: Query = ()) -> Page200:
        return self._page("products/reviews", query)

    def brand_reviews(self, query: Query = ()) -> Page200:
        return self._page("brands/reviews", query)

    def product_ratings(self, query: Query = ()) -> Page200:
        return self._page("products/ratings", query)

    def products(self, query: Query = ()) -> Page200:
        return self._page("products", query)

    def brands(self, query: Query = ()) -> Page200:
        return self._page("brands", query)

    def token(self) -> str:
        """A valid token, asked for when there is none or it is about to end. Raises ``SignInError``."""
        return self._token_for("audience", "verified-reviews")

    def _token_for(self, kind: str, use: str) -> str:
        now = self._context.clock.monotonic()
        if self._token and now < self._token_ends and self._token_is_for == use:
            return self._token
        name, secret = (self._context.secrets.get(key) for key in ("client_id", "client_secret"))
        if not name or not secret:
            raise SignInError(
                "The account has no client id or secret.", remedy="Enter both; they come from Skeepers."
            )
        packed = base64.b64encode(f"{name}:{secret}".encode()).decode("ascii")
        for value in (secret, packed):
            self._auth.hide(value)
            self._http.hide(value)
        answer = self._auth.call(
            "POST",
            _TOKEN,
            headers={"authorization": f"Basic {packed}"},
            form={"grant_type": "client_credentials", kind: use},
        ).decode(wire.Token)
        if not answer.access_token:
            raise BadAnswer("The sign-in gave no token.", delivery=Delivery.NOT_SENT)
        self._token = str(answer.access_token)
        self._token_is_for = use
        self._http.hide(self._token)
        lifetime = min(3600, max(30, answer.expires_in.value or 300))
        self._token_ends = now + lifetime - min(30, lifetime / 2)
        return self._token

    def post(self, path: str, body: Any) -> Answer:
        """An order for the purchase-event API, which wants a token of its own kind. On a person's behalf, sent once."""
        problem = self.address_problem()
        if problem is not None:
            raise NetworkError(problem, delivery=Delivery.NOT_SENT)
        headers = {"authorization": f"Bearer {self._token_for('scope', 'openid')}"}
        return self._http.call("POST", path, json=body, headers=headers, outgoing=True)

    def forget_token(self) -> None:
        """The next call signs in anew."""
        self._token = ""

    def urgent(self) -> AbstractContextManager[None]:
        """Calls inside go before those that nobody waits for."""
        return self._http.urgent()

    def wait_s(self) -> float:
        """Seconds until a call that nobody waits for may start."""
        return self._http.wait_s()

    def _page(self, rest: str, query: Query) -> Page200:
        problem = self.address_problem()
        if problem is not None:
            # Before the sign-in: nothing leaves for an account whose addresses are not safe.
            raise NetworkError(problem, delivery=Delivery.NOT_SENT)
        answer = self._get(rest, query)
        return Page200(answer.decode(list[msgspec.Raw]), _next_query(answer.headers.get("link", ""), query))

    def _get(self, rest: str, query: Query) -> Answer:
        try:
            return self._get_once(rest, query)
        except SignInError as error:
            if error.status != 401 or not self._token:
                raise
        self._token = ""  # it ended early: once more with a new one
        return self._get_once(rest, query)

    def _get_once(self, rest: str, query: Query) -> Answer:
        headers = {"authorization": f"Bearer {self.token()}"}
        return self._http.get(f"{_PUBLISHED}/{rest}", query=query, headers=headers)


def _sign_in_error(answer: Answer, error: ProviderError) -> ProviderError:
    """The sign-in says 400 or 401 for wrong credentials, as OAuth has it."""
    if not isinstance(error, Refused) or answer.status != 400:
        return error
    return SignInError(
        error.message,
        remedy="Check client id and client secret.",
        status=answer.status,
        provider_words=error.provider_words,
    )


def _next_query(header: str, asked: Query) -> Query | None:
    match = _NEXT.search(header[:8000])
    if match is None:
        return None
    try:
        found = parse_qsl(urlsplit(match[1]).query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        raise BadAnswer("The link to the next page can't be read.", delivery=Delivery.NOT_SENT) from None
    query = tuple(found)
    if not query or query == asked:
        raise BadAnswer("Verified Reviews gives the same page again and again.", delivery=Delivery.NOT_SENT)
    return query


# --- reading ---------------------------------------------------------------------------------------------------


class _Run(msgspec.Struct, frozen=True):
    """A run under way: the list that is read, where in it, and the newest date seen in it."""

    full: bool
    started: float
    done: list[str] = []
    key: str = ""
    next: list[tuple[str, str]] = []
    newest: int = 0
    pages: int = 0


class _Point(msgspec.Struct, frozen=True):
    source: str = ""
    marks: dict[str, int] = {}
    """For each list, the newest publication date that was seen with everything before it."""
    all_at: float = 0.0
    run: _Run | None = None
    v: int = 1

    def cursor(self) -> Cursor:
        found: Cursor = msgspec.to_builtins(self)
        return found


class ApiSync:
    """One run over both lists, newest publication first."""

    def __init__(self, api: PublishedApi, context: Context) -> None:
        self._api = api
        self._context = context
        self._point = _Point()

    def run(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        """Pages of what was published since the last run, or of everything. Raises ``BadAnswer`` on endless lists."""
        self._begin(cursor, full)
        for key, kind, name in _LISTS:
            run = self._run
            if key in run.done:
                continue
            if run.key != key:
                self._go(key=key, next=[], newest=0, pages=0)
            yield from self._list(key, kind, name)
        run = self._run
        all_at = run.started if run.full else self._point.all_at
        self._point = msgspec.structs.replace(self._point, run=None, all_at=all_at)
        yield Page(cursor=self._point.cursor())

    @property
    def _run(self) -> _Run:
        return self._point.run or _Run(False, 0.0)

    def _go(self, **changes: Any) -> None:
        self._point = msgspec.structs.replace(self._point, run=msgspec.structs.replace(self._run, **changes))

    def _begin(self, cursor: Cursor, full: bool) -> None:
        now = self._context.clock.now()
        source = self._api.base_url
        try:
            point = convert(dict(cursor), _Point)
        except (msgspec.ValidationError, TypeError):
            point = _Point()  # of another version: begin again; nothing is lost by reading twice
        if point.source != source or point.v != 1:
            point = _Point(source)
        run = point.run
        full = full or not 0 <= now - point.all_at < FULL_EVERY_S
        if run is None or (full and not (run.full and 0 <= now - run.started < _RESUME_FULL_WITHIN_S)):
            run = _Run(full, now)
        self._point = msgspec.structs.replace(point, run=run)

    def _list(self, key: str, kind: ReviewKind, name: str) -> Iterator[Page]:
        first = True
        last_ids: list[bytes] = []
        while True:
            if self._context.cancel.is_set():
                raise Cancelled("Stopped.")
            run = self._run
            query = tuple((k, v) for k, v in run.next) if run.next else self._first_query(key)
            if run.pages >= MAX_PAGES:
                raise BadAnswer("The list has no end.", delivery=Delivery.NOT_SENT)
            page = (
                self._api.product_reviews(query)
                if kind is ReviewKind.PRODUCT
                else self._api.brand_reviews(query)
            )
            ids = [bytes(raw) for raw in page.records]
            if not first and ids and ids == last_ids:
                raise BadAnswer(
                    "Verified Reviews gives the same page again and again.", delivery=Delivery.NOT_SENT
                )
            first, last_ids = False, ids
            number = run.pages + 1
            reviews, rejected = decode_records(
                page.records,
                wire.PublishedReview,
                lambda review, raw: api_review(review, raw, kind, UTC),
                where=lambda n, number=number: f"{name}, page {number}, item {n + 1}",  # type: ignore[misc]
            )
            newest = max([run.newest, *(_published(raw) for raw in page.records)])
            if page.next is None:
                self._end(key, newest)
            else:
                self._go(next=list(page.next), newest=newest, pages=number)
            reviews.sort(key=lambda r: r.created_at or 0, reverse=True)
            yield Page(
                reviews=tuple(reviews), rejected=tuple(rejected), cursor=self._point.cursor(), pass_name=name
            )
            if page.next is None:
                return

    def _end(self, key: str, newest: int) -> None:
        # A date in the future must not hide what comes before it.
        mark = min(max(newest, self._point.marks.get(key, 0)), int(self._context.clock.now()))
        self._point = msgspec.structs.replace(self._point, marks={**self._point.marks, key: mark})
        self._go(done=[*self._run.done, key], key="", next=[], newest=0, pages=0)

    def _first_query(self, key: str) -> Query:
        query = [("limit", str(LIMIT)), ("sort", "publish_date"), ("desc", "true")]
        mark = self._point.marks.get(key, 0)
        # What was written since then was published since then.
        since = self._context.since
        if mark > OVERLAP_S and not self._run.full:
            since = max(since, mark - OVERLAP_S)
        if since:
            query.append(("publish_date.gte", iso_utc(since) or ""))
        return tuple(query)


class _Dated(msgspec.Struct):
    publish_date: Any = None


def _published(raw: msgspec.Raw) -> int:
    """When a record was published; 0 where it does not say so readably."""
    try:
        written = decode_record(raw, _Dated).publish_date
    except ValueError:
        return 0
    return (parse_when(written) if isinstance(written, str | int | float) else None) or 0
