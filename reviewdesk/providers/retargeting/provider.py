"""Retargeting's one call: ``GET /email-campaigns/json-feedback`` (docs/providers/retargeting.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import msgspec

from reviewdesk.domain.capabilities import Capability, ProviderSpec
from reviewdesk.domain.errors import (
    BadAnswer,
    Cancelled,
    Delivery,
    NotAvailable,
    PermissionDenied,
    ProviderError,
    ServerError,
    SignInError,
)
from reviewdesk.domain.models import Product, Rejected, ReviewKind, ReviewRecord, ReviewRef, Thread
from reviewdesk.domain.text import safe_words
from reviewdesk.providers.answers import Answer
from reviewdesk.providers.base import Action, CheckStage, Context, Cursor, Page, Progress, SendResult
from reviewdesk.providers.decode import RAW_CAP, When, decode_record, raw_text
from reviewdesk.providers.http import HttpClient
from reviewdesk.providers.retargeting import wire
from reviewdesk.providers.retargeting.spec import API_URL, SPEC
from reviewdesk.providers.staged import one_call_check

__all__ = ["RetargetingProvider"]

FEEDBACK_PATH = "/email-campaigns/json-feedback"
PAGE = 500
"""Records between two looks for a cancel; each page is stored by itself."""
_PASS = "feedback"  # noqa: S105 - the name of a pass over the data
OVERLAP_S = 24 * 3600
"""Its dates name no zone and it does not say which of them ``t`` compares, so the last day is always read again."""
FULL_EVERY_S = 7 * 24 * 3600
"""Product feedback can join an old order at any time; only a reading without ``t`` is sure to see it."""

# The documented messages, compared without case and marks: there is no code to go by.
_WRONG_KEY = frozenset({"no rest key provided", "incorrect rest key", "incorrect key"})
_WRONG_CUSTOMER = frozenset({"no customer id provided", "no customer found with the provided id"})
_NOT_ACTIVE = frozenset({"your account is not active"})
_PASSING = frozenset({"something went wrong"})


class RetargetingProvider:
    """Reads all feedback in one answer. Ids are made here, since Retargeting gives none."""

    spec: ClassVar[ProviderSpec] = SPEC

    def __init__(self, context: Context) -> None:
        self._context = context
        settings = context.settings
        self._customer = settings.get("customer_id", "").strip()
        self._zone = ZoneInfo(settings.get("timezone") or "Europe/Bucharest")
        self._score_max = _positive(settings.get("score_max"), SPEC.score_max)
        self._base_url = settings.get("base_url") or API_URL
        self._http = HttpClient(
            self._base_url,
            context,
            title=SPEC.title,
            secrets=SPEC.secrets,
            limits=SPEC.rate_limits,
            refine=_refine,
        )

    @property
    def calls(self) -> int:
        return self._http.calls

    @property
    def token_expires(self) -> int | None:
        return None

    def check(self) -> Iterator[CheckStage]:
        def read() -> str:
            # Only what is newer than now: the answer is as short as the account is old.
            entries = self._feedback(int(self._context.clock.now()))
            return f"Feedback can be read ({len(entries)} new at this moment)."

        return one_call_check(self._base_url, SPEC.title, read)

    def fetch(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        """One call, given out in pages. The cursor holds the newest date seen and when everything was last read.

        It moves with the last page only: a run that was stopped before asks for the same again.
        """
        if self._context.cancel.is_set():
            raise Cancelled("Stopped.")
        now = int(self._context.clock.now())
        newest = _whole(cursor.get("newest"))
        read_all_at = _whole(cursor.get("read_all_at"))
        # Also where somebody has set the clock back: otherwise the next whole reading might be years away.
        due = read_all_at is None or not 0 <= now - read_all_at < FULL_EVERY_S
        everything = full or newest is None or due
        since = None if everything or newest is None else newest - OVERLAP_S
        if self._context.since:
            since = max(since or 0, self._context.since)
        entries = self._feedback(since)
        reviews, rejected, dates = self._decode(entries)
        seen = max([*dates, *([newest] if newest is not None else [])], default=None)
        reviews.sort(key=lambda r: r.created_at or 0, reverse=True)
        # A date in the future (their clock, or a wrong zone) must not hide what comes before it.
        after = {
            **({"newest": min(seen, now)} if seen is not None else {}),
            "read_all_at": now if everything else read_all_at,
        }
        for start in range(0, len(reviews), PAGE):
            yield Page(
                reviews=tuple(reviews[start : start + PAGE]),
                cursor=dict(cursor),
                total=len(reviews),
                pass_name=_PASS,
            )
            if self._context.cancel.is_set():
                raise Cancelled("Stopped.")
        yield Page(rejected=tuple(rejected), cursor=after, total=len(reviews), pass_name=_PASS)

    def thread(self, review: ReviewRef) -> Thread:
        raise NotAvailable("Retargeting has no conversations to read.")

    def send(self, action: Action, progress: Progress) -> SendResult:
        raise NotAvailable(SPEC.levels[0].denied[Capability.REPLY])

    def close(self) -> None:
        self._http.close()

    # --- the call ------------------------------------------------------------------------------------------

    def _feedback(self, since: int | None) -> list[msgspec.Raw]:
        key = self._context.secrets.get("rest_key")
        if not key:
            raise SignInError(
                "The account has no REST API key.", remedy="Enter the key of Settings, Integration."
            )
        self._http.hide(key)
        query = {"k": key, "u": self._customer}
        if since is not None:
            query["t"] = str(since)
        answer = self._http.get(FEEDBACK_PATH, query=query)
        envelope = answer.decode(wire.Envelope)
        if envelope.status.strip().lower() != "success":
            raise self._http.censored(_error(envelope))
        try:
            return decode_record(envelope.data, list[msgspec.Raw])
        except ValueError:
            problem = "Retargeting's answer holds no list of feedback."
        raise BadAnswer(problem, delivery=Delivery.NOT_SENT)

    # --- records -------------------------------------------------------------------------------------------

    def _decode(self, entries: list[msgspec.Raw]) -> tuple[list[ReviewRecord], list[Rejected], list[int]]:
        reviews: dict[str, ReviewRecord] = {}
        rejected: list[Rejected] = []
        dates: list[int] = []
        for number, raw in enumerate(entries, start=1):
            where = f"feedback {number}"
            try:
                feedback = decode_record(raw, wire.Feedback)
                record = self._order_review(feedback, raw)
            except ValueError as error:
                rejected.append(Rejected(where, str(error), raw_text(raw)[:RAW_CAP]))
                continue
            added = feedback.added_on.at(self._zone)
            dates += [added] if added is not None else []
            if record is not None:
                reviews.setdefault(record.native_id, record)
            for place, product_raw in enumerate(feedback.product_reviews or (), start=1):
                try:
                    record = self._product_review(feedback, product_raw)
                except ValueError as error:
                    spot = f"{where}, product {place}"
                    rejected.append(Rejected(spot, str(error), raw_text(product_raw)[:RAW_CAP]))
                    continue
                reviews.setdefault(record.native_id, record)
                dates += [record.created_at] if record.created_at is not None else []
        return list(reviews.values()), rejected, dates

    def _order_review(self, feedback: wire.Feedback, raw: msgspec.Raw) -> ReviewRecord | None:
        """The feedback on the order itself; None where only its products were reviewed."""
        order = feedback.order.orderno.strip()
        written = _written(feedback.added_on)
        if not order:
            raise ValueError("the order number is missing")
        if feedback.score.value is None and not feedback.comment.strip():
            if feedback.product_reviews:
                return None
            raise ValueError("neither a score nor a comment")
        return ReviewRecord(
            kind=ReviewKind.BUSINESS,
            native_id=self._id(order, written),
            score=feedback.score.value,
            score_min=SPEC.score_min,
            score_max=self._score_max,
            body=str(feedback.comment).strip(),
            created_at=feedback.added_on.at(self._zone),
            order_id=order,
            thread=Thread(id=None, state=None),
            private_facts=_order_facts(feedback),
            raw=raw_text(raw),
        )

    def _product_review(self, feedback: wire.Feedback, raw: msgspec.Raw) -> ReviewRecord:
        order = feedback.order.orderno.strip()
        product = decode_record(raw, wire.ProductFeedback)
        real_id = product.realid.strip()
        if not real_id:
            raise ValueError("the product's id is missing")
        if product.score.value is None and not product.comment.strip():
            raise ValueError("neither a score nor a comment")
        return ReviewRecord(
            kind=ReviewKind.PRODUCT,
            native_id=self._id(order, real_id, _written(product.added_on)),
            score=product.score.value,
            score_min=SPEC.score_min,
            score_max=self._score_max,
            body=str(product.comment).strip(),
            created_at=product.added_on.at(self._zone),
            product=Product(id=real_id, sku=real_id),
            order_id=order,
            thread=Thread(id=None, state=None),
            private_facts=_order_facts(feedback),
            raw=raw_text(raw),
        )

    def _id(self, *parts: str) -> str:
        mark = "|".join((self._customer, *parts))
        return hashlib.sha1(mark.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _written(when: When) -> str:
    """A date as it goes into an id: as documented, however it came, and whatever the account's time zone is."""
    at = when.at(UTC)
    if at is None:
        return str(when.value or "")
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _order_facts(feedback: wire.Feedback) -> tuple[tuple[str, str], ...]:
    date = _written(feedback.order.date).strip()
    return (("Ordered on", date[:10]),) if date else ()


def _refine(answer: Answer, error: ProviderError) -> ProviderError:
    """Which HTTP status an error comes with is not documented: where the body speaks, it decides."""
    try:
        envelope = answer.decode(wire.Envelope)
    except BadAnswer:
        return error
    said = _words(envelope)
    if not said or envelope.status.strip().lower() == "success":
        return error
    better = _error(envelope)
    # An unknown sentence says less than the status does.
    return error if isinstance(better, BadAnswer) else better


def _error(envelope: wire.Envelope) -> ProviderError:
    words = safe_words(_words(envelope))
    key = words.strip(" .!").lower()
    if key in _WRONG_KEY:
        return SignInError(
            f"Retargeting did not accept the REST API key. It says: {words}",
            remedy="Copy the second field of Settings, Integration again.",
            provider_words=words,
        )
    if key in _WRONG_CUSTOMER:
        return SignInError(
            f"Retargeting does not know the customer id. It says: {words}",
            remedy="Copy the third field of Settings, Integration again.",
            provider_words=words,
        )
    if key in _NOT_ACTIVE:
        return PermissionDenied(
            f"Retargeting says: {words}",
            remedy="An inactive or closed account gives no feedback; ask Retargeting.",
            provider_words=words,
        )
    if key in _PASSING:
        return ServerError(
            f"Retargeting has a fault of its own. It says: {words}",
            delivery=Delivery.NOT_SENT,
            provider_words=words,
        )
    return BadAnswer(
        f"Retargeting refused without a known reason. It says: {words or 'nothing'}",
        delivery=Delivery.NOT_SENT,
        provider_words=words,
    )


def _words(envelope: wire.Envelope) -> str:
    """``message``, else ``data`` flattened, else the status itself (sibling calls answer in these forms)."""
    if isinstance(envelope.message, str) and envelope.message.strip():
        return envelope.message
    try:
        value: Any = decode_record(envelope.data, Any)
        flat = _flat(value)
    except ValueError:
        flat = ""  # not even JSON: the status has to do
    return flat or str(envelope.status)


def _flat(value: object, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if depth > 4 or not isinstance(value, dict | list):
        return ""
    inner = value.values() if isinstance(value, dict) else value
    return "; ".join(filter(None, (_flat(part, depth + 1) for part in list(inner)[:10])))


def _positive(text: str | None, default: float) -> float:
    try:
        value = float(text) if text else default
    except ValueError:
        return default
    return value if 0 < value < 1e6 else default


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
