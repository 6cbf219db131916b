"""Sitejabber as one of the providers: check, fetch, thread, send (docs/providers/sitejabber.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import msgspec

from reviewdesk.domain.capabilities import ProviderSpec
from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    ErrorKind,
    NotAvailable,
    NotFound,
    ProviderError,
    Refused,
    ReviewdeskError,
)
from reviewdesk.domain.invitations.model import InviteWay
from reviewdesk.domain.messages import MessageRecord
from reviewdesk.domain.models import (
    ActionKind,
    Comment,
    Product,
    ReviewKind,
    ReviewRecord,
    ReviewRef,
    Thread,
)
from reviewdesk.domain.products import Origin, ServerFigures, Told
from reviewdesk.providers.addresses import address_problem
from reviewdesk.providers.base import (
    Action,
    CheckStage,
    Context,
    Cursor,
    EditLink,
    Page,
    Progress,
    SendResult,
)
from reviewdesk.providers.decode import decode_record, raw_text
from reviewdesk.providers.sitejabber import calls, wire
from reviewdesk.providers.sitejabber.calls import Call
from reviewdesk.providers.sitejabber.catalogue import Catalogue
from reviewdesk.providers.sitejabber.records import CatalogueProduct, comment_of, review_of, thread_of
from reviewdesk.providers.sitejabber.requests import Requests
from reviewdesk.providers.sitejabber.session import Door
from reviewdesk.providers.sitejabber.spec import FLAG_REASONS, SPEC
from reviewdesk.providers.sitejabber.sync import Reader

__all__ = ["SitejabberProvider"]

_NO_PRODUCT_REPLIES = "Sitejabber has no replies to product reviews, only to reviews of the business."


class SitejabberProvider:
    """One account. ``catalogue`` and ``requests`` hold the calls beyond the protocol."""

    spec: ClassVar[ProviderSpec] = SPEC

    def __init__(self, context: Context) -> None:
        self._door = Door(context)
        self._reader = Reader(context, self._door, self._whole_review)
        self.catalogue = Catalogue(self._door)
        self.requests = Requests(self._door, context)

    @property
    def calls(self) -> int:
        return self._door.http.calls

    @property
    def token_expires(self) -> int | None:
        return self._door.expires

    def check(self) -> Iterator[CheckStage]:
        problem = address_problem(self._door.base_url)
        if problem is not None:
            yield CheckStage("address", False, problem, "Correct the address.")
            return
        if not self._door.business:
            yield CheckStage("address", False, "The business's domain is missing.", "Enter the bare domain.")
            return
        yield CheckStage("address", True, "The address is well formed.")
        stage, username = "sign-in", ""
        failure: ReviewdeskError | None = None
        try:
            # A token that is kept is tried, not replaced: a new sign-in would end it for every other machine.
            username = self._door.session().username
            stage = "permission"
            self.catalogue.business()
        except ProviderError as error:
            stages = {
                ErrorKind.NETWORK: "connect",
                ErrorKind.TLS: "connect",
                ErrorKind.SIGN_IN: "sign-in",
            }
            stage, failure = stages.get(error.kind, stage), error
        except ReviewdeskError as error:
            failure = error
        if stage != "connect":
            yield CheckStage("connect", True, "Sitejabber answers.")
        if stage == "permission":
            yield CheckStage("sign-in", True, f"Signed in as {username or 'the business user'}.")
        if failure is not None:
            yield CheckStage(stage, False, failure.message, failure.remedy)
            return
        yield CheckStage("permission", True, "The business is known to Sitejabber.")
        try:
            found = self._list({"start": "0", "count": "1", "unpublished": "1"})
        except ReviewdeskError as error:
            yield CheckStage("read", False, error.message, error.remedy)
            return
        yield CheckStage("read", True, "A review was read." if found else "There is no review yet.")

    def fetch(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        return self._reader.pages(cursor, full=full)

    def thread(self, review: ReviewRef) -> Thread:
        """Two calls: the review as it is now, and its comments."""
        if review.kind is ReviewKind.PRODUCT:
            raise NotAvailable(_NO_PRODUCT_REPLIES)
        with self._door.http.urgent():
            record = self._whole_review(review.native_id)
        thread = record.thread or Thread(id=None, state="public")
        return Thread(id=None, state="public", comments=thread.comments, review=record)

    def edit_link(self, email: str) -> EditLink:
        with self._door.http.urgent():
            return EditLink(self.requests.edit_link(email).url)

    def messages_with(self, person: str) -> tuple[MessageRecord, ...]:
        """Two calls: the newest hundred from this person and to them."""
        with self._door.http.urgent():
            return self._reader.messages_with(person)

    def send(self, action: Action, progress: Progress) -> SendResult:
        with self._door.http.urgent():
            return self._send(action)

    def customer_data(self, email: str) -> Any:
        """``GET privacy/access``: what Sitejabber holds about the customer with this address."""
        with self._door.http.urgent():
            return self.catalogue.customer_data(email)

    def close(self) -> None:
        self._door.http.close()

    # --- products (base of the products room: providers/product_reads.py) ------------------------------------

    def read_products(self) -> Iterator[Told]:
        """The whole catalogue, a page for each hundred."""
        return map(_told, self.catalogue.products())

    def read_product(self, product: Product) -> Told:
        """The statistics of one SKU, with their distribution."""
        if not product.sku:
            raise NotAvailable("Sitejabber's statistics go by SKU, and this product has none.")
        with self._door.http.urgent():
            stats = self.catalogue.stats(sku=product.sku)
        spread = (
            tuple(stats.distribution.get(stars, 0) for stars in range(1, 6)) if stats.distribution else ()
        )
        figures = ServerFigures(
            origin=Origin.STATS, n=stats.total, mean=stats.average if stats.total else None, spread=spread
        )
        return Told(product=product, figures=(figures,))

    def top_products(self, category: str = "", currency: str = "") -> tuple[Told, ...]:
        """The best rated product of each category, or of one."""
        with self._door.http.urgent():
            return tuple(map(_told, self.catalogue.top_rated(category, currency)))

    # --- reading one -----------------------------------------------------------------------------------------

    def _whole_review(self, review_no: str) -> ReviewRecord:
        envelope = self._door.call(calls.REVIEW, query={"review_no": review_no})
        if bytes(envelope.review) == b"null":
            raise NotFound("Sitejabber no longer has this review.")
        try:
            review = decode_record(envelope.review, wire.Review)
        except ValueError as error:
            raise BadAnswer(
                f"Sitejabber's review can't be read: {error}.", delivery=Delivery.NOT_SENT
            ) from None
        author = str(review.author.username) if review.author else None
        return review_of(review, raw_text(envelope.review), self._comments(review_no, author))

    def _comments(self, review_no: str, author: str | None) -> tuple[Comment, ...]:
        ours = self._door.username
        found = (
            comment_of(c, our_username=ours, author_of_review=author)
            for c in self._reader.comments({"review_no": review_no})
        )
        return thread_of(found).comments

    def _list(self, query: Mapping[str, str]) -> list[msgspec.Raw]:
        return self._door.call(calls.REVIEWS, query=query).reviews or []

    # --- sending ---------------------------------------------------------------------------------------------

    def _send(self, action: Action) -> SendResult:
        review = action.review
        match action.kind:
            case ActionKind.REPLY:
                self._post(calls.COMMENT_ADD, {"review_no": _business(review), "text": action.text})
                return SendResult()  # no id comes back: the next reading brings the comment itself
            case ActionKind.RESOLUTION:
                self._post(calls.RESOLUTION, {"body": action.text, **_whom(review, action.payload)})
                return SendResult()
            case ActionKind.MESSAGE:
                subject = str(action.payload.get("subject", "")).strip()
                if not subject:
                    raise Refused("A message to the customer needs a subject.")
                self._post(
                    calls.MESSAGE_SEND,
                    {"subject": subject, "body": action.text, **_whom(review, action.payload)},
                )
                return SendResult()
            case ActionKind.FLAG:
                self._post(calls.FLAG, {"review_no": _business(review), **_flag(action.payload)})
                return SendResult()
            case ActionKind.PUBLISH:
                self._post(calls.PUBLISH, {"review_no": _business(review)})
                return SendResult()
            case ActionKind.INVITE_LINK | ActionKind.INVITE_EMAIL:
                return self._invite(action)
            case ActionKind.WITHDRAW_INVITE:
                return SendResult(answer={"removed_order_ids": list(self.requests.remove(action.payload))})
            case ActionKind.PRODUCT_ADD:
                self.catalogue.add_product(action.payload)
                return SendResult()
            case ActionKind.PRODUCT_REMOVE:
                self.catalogue.remove_product(str(action.payload.get("product_id", "")))
                return SendResult()
            case ActionKind.PRODUCT_IMAGE:
                sku, url = (str(action.payload.get(name, "")).strip() for name in ("sku", "image_url"))
                if not sku or not url:
                    raise Refused("A picture needs the product's SKU and the picture's address.")
                self.catalogue.add_product_image(sku, url)
                return SendResult()
            case ActionKind.CUSTOMER_ERASE:
                self.catalogue.remove_customer(str(action.payload.get("email", "")))
                return SendResult()
        raise NotAvailable("Sitejabber offers no such call.")

    def _invite(self, action: Action) -> SendResult:
        way = action.payload.get("way")
        if way == InviteWay.WRITE_LINK:
            link = self.requests.write_link()
            return SendResult(answer={"link": link.url, "links": {}, "expires": link.expires})
        if way == InviteWay.EDIT_LINK:
            edit = self.requests.edit_link(str(action.payload.get("email", "")))
            return SendResult(answer={"link": edit.url, "links": {}})
        invited = self.requests.add(action.payload, send=action.kind is ActionKind.INVITE_EMAIL)
        return SendResult(answer={"link": invited.link, "links": dict(invited.links)})

    def wait_s(self) -> float:
        return self._door.http.wait_s()

    def _post(self, what: Call, form: Mapping[str, str]) -> None:
        self._door.call(what, form=form, outgoing=True)


def _told(entry: CatalogueProduct) -> Told:
    figures: tuple[ServerFigures, ...] = ()
    if entry.reviews is not None:
        mean = entry.average if entry.reviews else None
        figures = (ServerFigures(origin=Origin.CATALOGUE, n=entry.reviews, mean=mean),)
    product = replace(entry.product, id=entry.id or None, name=entry.product.name or entry.title or None)
    return Told(product=product, figures=figures, category=entry.category, catalogue=True)


def _business(review: ReviewRef | None) -> str:
    if review is None:
        raise Refused("This needs a review.")
    if review.kind is not ReviewKind.BUSINESS:
        raise NotAvailable(_NO_PRODUCT_REPLIES)
    return review.native_id


def _whom(review: ReviewRef | None, payload: Mapping[str, Any]) -> dict[str, str]:
    """Review number where there is one, else the person's name; the document wants one of the two."""
    username = str(payload.get("username") or "").strip()
    if review is None and username:
        return {"username": username}
    if review is None:
        raise Refused("This needs a review or the name of the person.")
    if review.kind is ReviewKind.BUSINESS:
        return {"review_no": review.native_id}
    if review.username:
        return {"username": review.username}
    raise Refused("Sitejabber does not say who wrote this review, so nobody can be written to.")


def _flag(payload: Mapping[str, Any]) -> dict[str, str]:
    reason, message = str(payload.get("reason", "")), str(payload.get("message", "")).strip()
    if reason not in FLAG_REASONS:
        raise Refused(f"Sitejabber knows these reasons: {', '.join(FLAG_REASONS)}.")
    if not message:
        raise Refused("Sitejabber wants a message beside the reason.")
    return {"reason": reason, "message": message}
