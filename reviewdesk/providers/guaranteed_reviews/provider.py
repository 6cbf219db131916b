"""Guaranteed Reviews' calls: public lists, private reading, orders (docs/providers/guaranteed-reviews.md)."""

from __future__ import annotations

import html
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from reviewdesk.domain.capabilities import ProviderSpec
from reviewdesk.domain.errors import (
    BadAnswer,
    Cancelled,
    Delivery,
    ErrorKind,
    NotAvailable,
    NotFound,
    ProviderError,
    RateLimited,
    Refused,
    ServerError,
    SignInError,
)
from reviewdesk.domain.models import (
    ActionKind,
    Author,
    Comment,
    Product,
    Rejected,
    ReviewKind,
    ReviewRecord,
    ReviewRef,
    Role,
    Thread,
)
from reviewdesk.domain.products import Origin, ServerFigures, Told
from reviewdesk.domain.text import safe_words
from reviewdesk.providers.addresses import path
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.base import Action, CheckStage, Context, Cursor, Page, Progress, SendResult
from reviewdesk.providers.decode import decode_records, parse_when
from reviewdesk.providers.guaranteed_reviews import wire
from reviewdesk.providers.guaranteed_reviews.spec import API_URL, SPEC
from reviewdesk.providers.http import HttpClient
from reviewdesk.providers.staged import one_call_check

__all__ = ["GuaranteedReviewsProvider", "Summary"]

SITE = "site"
PUBLIC_LIMIT = 1000
"""A public list holds the newest thousand and has no second page."""
PRIVATE_PAGE = 1000
MAX_PRIVATE_PAGES = 1000
REPLY_ID = "reply"

# What makes private reading fall back to the public lists: the credentials' fault or the call's, not a passing one.
_FALL_BACK = (
    ErrorKind.SIGN_IN,
    ErrorKind.PERMISSION,
    ErrorKind.NOT_FOUND,
    ErrorKind.REFUSED,
    ErrorKind.BAD_ANSWER,
)


@dataclass(frozen=True, slots=True)
class Summary:
    """The provider's own figures of a scope; they count reviews beyond the thousand that can be read."""

    scope: str
    total: int
    average: float | None
    distribution: Mapping[int, int]


class GuaranteedReviewsProvider:
    """Compares whole lists: nothing says what changed, so unchanged records are recognised by being equal."""

    spec: ClassVar[ProviderSpec] = SPEC

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        self._scopes = tuple(
            dict.fromkeys(s.strip() for s in (settings.get("scopes") or SITE).split(",") if s.strip())
        )
        self._language = settings.get("language", "").strip().lower() or None
        self._zone = ZoneInfo(settings.get("timezone") or "Europe/Paris")
        self._base_url = settings.get("base_url") or API_URL
        self._http = HttpClient(
            self._base_url,
            context,
            title=SPEC.title,
            secrets=SPEC.secrets,
            limits=SPEC.rate_limits,
            refine=self._refine,
        )
        self._ordering = False

    @property
    def calls(self) -> int:
        return self._http.calls

    @property
    def token_expires(self) -> int | None:
        return None

    def check(self) -> Iterator[CheckStage]:
        def read() -> str:
            totals = [self.summary(scope).total for scope in self._scopes[:3]]
            found = f"Reviews can be read ({sum(totals)} in {', '.join(self._scopes[:3])})."
            key = self._context.secrets.get("private_key")
            if not key:
                return found
            try:
                self._private_page(key, 1, size=1)
            except ProviderError as error:
                if error.kind not in _FALL_BACK:
                    raise
                # The private list is no documented call: what it refuses may still be a good key for orders.
                return f"{found} With the private key none can: {error.message}"
            return f"{found} The private key reads them with e-mail addresses."

        return one_call_check(self._base_url, SPEC.title, read)

    def summary(self, scope: str) -> Summary:
        """Total, mean and distribution of ``site`` or of a product, as the provider computes them."""
        ratings = self._public(scope).ratings
        counts: dict[int, int] = {}
        if isinstance(ratings.distribution, dict):
            for stars in range(1, 6):
                try:
                    counts[stars] = int(ratings.distribution.get(str(stars), 0))
                except (TypeError, ValueError):
                    counts[stars] = 0
        return Summary(scope, ratings.total.value or 0, ratings.average.value, counts)

    def read_products(self) -> Iterator[Told]:
        """The account's products (its scopes besides the site), one call each."""
        for scope in self._scopes:
            if scope != SITE:
                yield self.read_product(Product(id=scope, sku=scope))

    def read_product(self, product: Product) -> Told:
        """The provider's own figures of a product, by the id that the account's scopes name."""
        scope = product.id or product.sku
        if not scope:
            raise NotAvailable("Guaranteed Reviews names products by their id, and this one has none.")
        found = self.summary(scope)
        spread = (
            tuple(found.distribution.get(stars, 0) for stars in range(1, 6)) if found.distribution else ()
        )
        mean = found.average if found.total else None
        figures = ServerFigures(origin=Origin.SUMMARY, n=found.total, mean=mean, spread=spread)
        return Told(product=product, figures=(figures,))

    def fetch(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        """A page for each scope, or with a private key a page for each thousand; always everything there is."""
        private_key = self._context.secrets.get("private_key")
        known: dict[str, ReviewRecord] = {}
        pages: list[Page] = []
        # Products first: a review that a product list and the shop's list both hold belongs to its product.
        for scope in sorted(self._scopes, key=lambda s: s == SITE):
            self._look_for_cancel()
            page = self._public_page(scope, known)
            if private_key:
                pages.append(page)
            else:
                yield page
        if private_key:
            yield from self._merged(private_key, known, pages)
        # A run that was stopped while its last page was stored ends as a stopped one.
        self._look_for_cancel()

    def _public_page(self, scope: str, known: dict[str, ReviewRecord]) -> Page:
        """A list as a page, without what is ``known`` already, which grows."""
        reviews, rejected = self._public_reviews(scope)
        fresh = list({r.native_id: r for r in reviews if r.native_id not in known}.values())
        known.update((review.native_id, review) for review in fresh)
        return Page(
            reviews=tuple(fresh), rejected=tuple(rejected), cursor={}, total=len(known), pass_name=scope
        )

    def _merged(self, key: str, known: Mapping[str, ReviewRecord], pages: Sequence[Page]) -> Iterator[Page]:
        """The private list with the public one's replies, then what only the public one has.

        Where private reading is refused from the start, the public lists with a note why.
        """
        read: set[str] = set()
        found = self._private_pages(key, known)
        note: tuple[Rejected, ...] = ()
        try:
            first = next(found, None)
        except ProviderError as error:
            if error.kind not in _FALL_BACK:
                raise
            first = None
            note = (
                Rejected(
                    "private reading",
                    f"{error.message} The public lists were read instead, without e-mail addresses.",
                ),
            )
        for page in itertools.chain([first] if first is not None else [], found):
            read.update(review.native_id for review in page.reviews)
            yield page
        for page in pages:
            yield replace(
                page,
                reviews=tuple(r for r in page.reviews if r.native_id not in read),
                rejected=(*page.rejected, *note),
            )
            note = ()

    def thread(self, review: ReviewRef) -> Thread:
        raise NotAvailable("Guaranteed Reviews gives replies with its lists only; the next sync brings them.")

    def send(self, action: Action, progress: Progress) -> SendResult:
        """Orders only (``invite-email``): Guaranteed Reviews e-mails the customer ten days after the order."""
        if action.kind is not ActionKind.INVITE_EMAIL:
            raise NotAvailable("Guaranteed Reviews offers no such call.")
        key = self._context.secrets.get("private_key")
        if not key:
            raise SignInError("The account has no private key.", remedy="Add the private key to the account.")
        self._http.hide(key)
        order = _order(action.payload, self._zone)
        self._ordering = True
        try:
            with self._http.urgent():
                answer = self._http.call(
                    "POST",
                    "/private/v3/orders",
                    form={"api_key": key, "orders": json.dumps([order], ensure_ascii=False)},
                    outgoing=True,
                )
        finally:
            self._ordering = False
        result = answer.decode(wire.OrdersAnswer)
        words = safe_words(result.message or result.code)
        if result.success.value is None:
            raise self._http.censored(_order_error(result.code, result.message, result.data, answer.status))
        if not result.success.value or result.orders_count.value == 0:
            raise self._http.censored(
                Refused(
                    f"Guaranteed Reviews did not take the order. It says: {words or 'nothing'}",
                    provider_words=words,
                )
            )
        return SendResult(answer={"orders": result.orders_count.value, "message": words})

    def wait_s(self) -> float:
        return self._http.wait_s()

    def close(self) -> None:
        self._http.close()

    # --- public lists --------------------------------------------------------------------------------------

    def _public(self, scope: str) -> wire.PublicList:
        key = self._context.secrets.get("public_key")
        if not key:
            raise SignInError("The account has no public key.", remedy="Add the public key to the account.")
        self._http.hide(key)
        answer = self._http.get(path("public", "v3", "reviews", key, scope))
        found = answer.decode(wire.PublicList)
        if found.reviews is None:
            raise self._http.censored(_read_error(found.code, found.message, found.data, answer.status))
        return found

    def _public_reviews(self, scope: str) -> tuple[list[ReviewRecord], list[Rejected]]:
        listed = self._public(scope).reviews or []

        def build(review: wire.PublicReview, raw: str) -> ReviewRecord:
            return self._public_record(review, raw, scope)

        return decode_records(
            listed[:PUBLIC_LIMIT], wire.PublicReview, build, where=lambda n: f"{scope}, item {n + 1}"
        )

    def _public_record(self, review: wire.PublicReview, raw: str, scope: str) -> ReviewRecord:
        facts = [("Translated", "The text is a translation")] if review.transl == "1" else []
        private = [("Ordered on", str(review.odate))] if review.odate else []
        name = html.unescape(review.c).strip() or None
        return ReviewRecord(
            kind=ReviewKind.BUSINESS if scope == SITE else ReviewKind.PRODUCT,
            native_id=str(review.id),
            score=_score(review.r.value),
            score_min=SPEC.score_min,
            score_max=SPEC.score_max,
            body=html.unescape(review.txt).strip(),
            language=review.lang.strip().lower() or self._language,
            author=Author(name=name),
            created_at=review.date.at(self._zone),
            product=None if scope == SITE else Product(id=scope, sku=scope),
            order_id=review.o.strip() or None,
            facts=tuple(facts),
            private_facts=tuple(private),
            thread=self._thread_of(review),
            anonymised=name is not None and name.lower() == "anonymous",
            raw=raw,
        )

    def _thread_of(self, review: wire.PublicReview) -> Thread:
        """A reply is one only with its text *and* its date; the text alone is a draft of the back office."""
        text = html.unescape(review.reply).strip()
        if not text or not review.rdate.value:
            return Thread(id=None, state=None)
        reply = Comment(
            id=REPLY_ID, author=None, role=Role.BUSINESS, text=text, created_at=review.rdate.at(self._zone)
        )
        return Thread(id=None, state="public", comments=(reply,))

    # --- private reading -----------------------------------------------------------------------------------

    def _private_pages(self, key: str, public: Mapping[str, ReviewRecord]) -> Iterator[Page]:
        last: bytes | None = None
        for number in range(1, MAX_PRIVATE_PAGES + 1):
            self._look_for_cancel()
            found = self._private_page(key, number)
            if not found.reviews:
                return
            mark = b"".join(bytes(raw) for raw in found.reviews[:3])
            if mark == last:
                raise BadAnswer(
                    "Guaranteed Reviews gives the same page again and again.", delivery=Delivery.NOT_SENT
                )
            last = mark
            reviews, rejected = decode_records(
                found.reviews,
                wire.PrivateReview,
                lambda review, raw: self._private_record(review, raw, public.get(str(review.id))),
                where=lambda n, number=number: f"private, page {number}, item {n + 1}",  # type: ignore[misc]
            )
            wanted = [review for review in reviews if self._in_scope(review)]
            yield Page(
                reviews=tuple(wanted),
                rejected=tuple(rejected),
                cursor={},
                total=found.pagination.total_results.value,
                pass_name="private",  # noqa: S106 - the name of a pass over the data
            )
            pages = found.pagination.total_pages.value
            if len(found.reviews) < PRIVATE_PAGE or (pages is not None and number >= pages):
                return

    def _private_page(self, key: str, number: int, *, size: int = PRIVATE_PAGE) -> wire.PrivateList:
        self._http.hide(key)
        query = {
            "api_key": key,
            "review_type": "both",
            "limit": str(size),
            "page": str(number),
            "sort": "desc",
            "status": "1",
        }
        answer = self._http.get("/private/v3/reviews", query=query)
        found = answer.decode(wire.PrivateList)
        if found.reviews is None:
            raise self._http.censored(_read_error(found.code, found.message, found.data, answer.status))
        return found

    def _in_scope(self, review: ReviewRecord) -> bool:
        scope = SITE if review.product is None else review.product.id
        return scope in self._scopes

    def _private_record(
        self, review: wire.PrivateReview, raw: str, public: ReviewRecord | None
    ) -> ReviewRecord:
        """The private record, with the reply and the language that only the public list knows."""
        names = (html.unescape(n).strip() for n in (review.reviewer_name, review.reviewer_lastname))
        product = review.product.strip()
        is_site = product.lower() in ("", "no", "0")
        name = " ".join(filter(None, names)) or None
        return ReviewRecord(
            kind=ReviewKind.BUSINESS if is_site else ReviewKind.PRODUCT,
            native_id=str(review.id),
            score=_score(review.review_rating.value),
            score_min=SPEC.score_min,
            score_max=SPEC.score_max,
            body=html.unescape(review.review_text).strip(),
            language=public.language if public is not None else self._language,
            author=Author(name=name, email=review.reviewer_email.strip() or None),
            created_at=review.date_time.at(self._zone),
            product=None if is_site else Product(id=product, sku=product),
            order_id=review.order.strip() or None,
            facts=public.facts if public is not None else (),
            private_facts=public.private_facts if public is not None else (),
            # Beyond the newest thousand nobody tells us of replies: what is stored stays.
            thread=public.thread if public is not None else None,
            anonymised=name is not None and name.lower() == "anonymous",
            raw=raw,
        )

    def _refine(self, answer: Answer, error: ProviderError) -> ProviderError:
        """The body knows better than the HTTP status, which is not reliable here."""
        try:
            found = answer.decode(wire.PublicList)
        except BadAnswer:
            return error
        if (not found.message and not found.code) or error.kind is ErrorKind.RATE_LIMIT:
            return error
        judge = _order_error if self._ordering else _read_error
        better = judge(found.code, found.message, found.data, answer.status)
        better.retry_after_s = error.retry_after_s
        return error if isinstance(better, BadAnswer) else better

    def _look_for_cancel(self) -> None:
        if self._context.cancel.is_set():
            raise Cancelled("Stopped.")


def _score(value: float | None) -> float | None:
    """One to five; zero and everything else mean that there is none."""
    return value if value is not None and SPEC.score_min <= value <= SPEC.score_max else None


def _status_of(data: Any, http_status: int) -> int:
    """The status of a WordPress-like body: ``data`` is it, or holds it. The HTTP status alone is not reliable."""
    status = data.get("status") if isinstance(data, dict) else data
    if isinstance(status, str) and status.isdecimal():
        status = int(status)
    if not isinstance(status, int) or isinstance(status, bool) or not 400 <= status < 600:
        return http_status
    return status


def _read_error(code: str, message: str, data: Any, http_status: int) -> ProviderError:
    """The error of an answer without reviews: nothing was to be sent."""
    error = _error(code, message, _status_of(data, http_status))
    if error.delivery is Delivery.UNKNOWN:
        error.delivery = Delivery.NOT_SENT
    return error


def _order_error(code: str, message: str, data: Any, http_status: int) -> ProviderError:
    """The error of an order's answer. A status of 400 is the order's fault there, not the key's."""
    status = _status_of(data, http_status)
    if status in (400, 409, 415, 422):
        words = safe_words(message or code)
        return Refused(
            f"Guaranteed Reviews did not take the order. It says: {words or 'nothing'}",
            status=status,
            provider_words=words,
        )
    return _error(code, message, status)


def _error(code: str, message: str, status: int) -> ProviderError:
    words = safe_words(message or code)
    details: dict[str, Any] = {"status": status, "provider_words": words}
    if status in (400, 401, 403):
        return SignInError(
            f"Guaranteed Reviews did not accept the key. It says: {words}",
            remedy="Copy the key of this language's account again (back office, API).",
            **details,
        )
    if status == 404:
        return NotFound(
            f"Guaranteed Reviews does not know this key or scope. It says: {words}",
            remedy="Check the public key and the product ids in the account's scopes.",
            **details,
        )
    if status == 429:
        return RateLimited(
            f"Guaranteed Reviews asks for fewer calls. It says: {words}",
            remedy="It goes on by itself.",
            **details,
        )
    if status >= 500:
        return ServerError(f"Guaranteed Reviews has a fault of its own. It says: {words}", **details)
    return BadAnswer(
        f"Guaranteed Reviews gave an answer that is none. It says: {words or 'nothing'}", **details
    )


def _order(payload: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """An order as the API wants it. Raises ``Refused`` for what it would refuse (names and address are required)."""
    first, last = (str(payload.get(k) or "").strip() for k in ("first_name", "last_name"))
    if not first and not last:
        first, _, last = str(payload.get("name") or "").strip().rpartition(" ")
    wanted = {
        "id_order": payload.get("order_id"),
        "order_date": _order_date(payload.get("order_date"), zone),
        "firstname": first,
        "lastname": last,
        "email": payload.get("email"),
    }
    missing = [name for name, value in wanted.items() if not str(value or "").strip()]
    if missing:
        raise Refused(f"Guaranteed Reviews wants all of these: {', '.join(missing)}.")
    order: dict[str, Any] = {name: str(value).strip() for name, value in wanted.items()}
    for name in ("reference", "store_id"):
        if payload.get(name):
            order[name] = str(payload[name])
    given = payload.get("products") or [{"sku": sku} for sku in payload.get("skus") or ()]
    products = [
        {"id": _number(p.get("id") or p.get("sku")), "name": str(p.get("name") or p.get("sku")), **_known(p)}
        for p in given
        if p.get("id") or p.get("sku")
    ]
    if products:
        order["products"] = products
    return order


def _number(value: Any) -> int | str:
    """Product ids are documented as numbers; one that is none is sent as it is."""
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text


_PRODUCT_KEYS = (
    "category_id",
    "category_name",
    "qty",
    "unit_price",
    "mpn",
    "ean13",
    "sku",
    "upc",
    "url",
    "image_url",
)


def _known(product: Mapping[str, Any]) -> dict[str, Any]:
    return {key: product[key] for key in _PRODUCT_KEYS if product.get(key)}


def _order_date(value: Any, zone: ZoneInfo) -> str:
    """``YYYY-MM-DD HH:MM:SS``; a date alone is its midnight, unreadable text stays empty and is refused.

    A date that is written stays as written, a moment in seconds becomes one of the account's zone.
    """
    seconds = parse_when(value if isinstance(value, str | int | float) else None)
    if seconds is None:
        return ""
    written = isinstance(value, str) and not value.strip().isdigit()
    return datetime.fromtimestamp(seconds, UTC if written else zone).strftime("%Y-%m-%d %H:%M:%S")
