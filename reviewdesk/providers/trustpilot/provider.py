"""One Trustpilot account: the connection test, reading, conversations, sending."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import ClassVar, TypeVar

import msgspec

from reviewdesk.domain.capabilities import ProviderSpec
from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    NetworkError,
    NotAvailable,
    NotFound,
    PermissionDenied,
    ProviderError,
    Refused,
    ReviewdeskError,
    ServerError,
    TlsError,
)
from reviewdesk.domain.invitations.model import MailTemplate
from reviewdesk.domain.models import (
    ActionKind,
    Product,
    Rejected,
    ReviewKind,
    ReviewRecord,
    ReviewRef,
    Thread,
)
from reviewdesk.domain.products import Told
from reviewdesk.domain.text import clean
from reviewdesk.providers.addresses import address_problem
from reviewdesk.providers.base import Action, CheckStage, Context, Cursor, Page, Progress, SendResult
from reviewdesk.providers.decode import Text, decode_record, decode_records, raw_text
from reviewdesk.providers.http import Answer
from reviewdesk.providers.trustpilot import invitations, summaries, wire
from reviewdesk.providers.trustpilot.api import PAGE_SIZE, STATES, TrustpilotApi
from reviewdesk.providers.trustpilot.records import (
    REPLY_ID,
    imported_review,
    product_review,
    service_review,
    thread_of,
)
from reviewdesk.providers.trustpilot.spec import API_KEY, SPEC, kinds_of, list_of
from reviewdesk.providers.trustpilot.sync import Pass, Raws, Sync

__all__ = ["TrustpilotProvider"]

_W = TypeVar("_W")
_IMPORTED = "Imported reviews have no conversation at Trustpilot and can't be answered there."
_ID = re.compile(r"[0-9a-fA-F]{24}")
_PASS_NAMES = {
    "published": "published",
    "unpublished": "unpublished",
    "underModeration": "under moderation",
    "archived": "archived",
}


class TrustpilotProvider:
    """See ``providers.base.Provider``. Beyond it, ``api`` holds every documented call."""

    spec: ClassVar[ProviderSpec] = SPEC

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings = context.settings
        self.api = TrustpilotApi(context)
        self._key_only = self.api.sign_in.grant == API_KEY
        self._kinds = kinds_of(context.settings)
        self._kinds_chosen = bool(list_of(context.settings.get("kinds", "")))
        self._skus = list_of(context.settings.get("skus", ""))
        self._unit = ""

    @property
    def calls(self) -> int:
        return self.api.http.calls

    @property
    def token_expires(self) -> int | None:
        return self.api.sign_in.ends_at

    def close(self) -> None:
        self.api.http.close()

    # -- products (providers/product_reads.py) --

    def read_products(self) -> Iterator[Told]:
        unit = self._business_unit()
        return summaries.all_summaries(self.api, unit, key_only=self._key_only, skus=self._skus)

    def read_product(self, product: Product) -> Told:
        if not product.sku:
            raise NotAvailable("Trustpilot's figures go by SKU, and this product has none.")
        with self.api.http.urgent():
            return summaries.one_product(self.api, self._business_unit(), product.sku)

    # -- signing in with the browser (base.BrowserSignIn) --

    def sign_in_address(self) -> str:
        """The page to open in a browser; the person pastes back where it ends. Raises ``InvalidInput``."""
        return self.api.sign_in.address()

    def finish_sign_in(self, pasted: str) -> None:
        """Take the pasted address (or code) and sign in. Raises ``InvalidInput`` and ``ProviderError``."""
        with self.api.http.urgent():
            self.api.sign_in.finish(pasted)

    def sign_out(self) -> None:
        """Void the refresh token at Trustpilot and forget the session."""
        with self.api.http.urgent():
            self.api.sign_in.revoke()

    # -- the connection test --

    def check(self) -> Iterator[CheckStage]:
        with self.api.http.urgent():
            for name, work in self._stages():
                stage = self._stage(name, work)
                yield stage
                if not stage.ok:
                    return

    def _stages(self) -> Iterator[tuple[str, Callable[[], str]]]:
        yield "address", self._check_address
        failed: list[ReviewdeskError] = []

        def connect() -> str:
            try:
                self._first_call()
            except (NetworkError, TlsError, ServerError):
                raise
            except ReviewdeskError as error:
                failed.append(error)  # the address answered: what it said belongs to the next stage
            return "The address answers."

        def sign_in() -> str:
            if failed:
                raise failed[0]
            return "The API key is accepted." if self._key_only else "Signed in."

        yield "connect", connect
        yield "sign-in", sign_in
        found: list[str] = []
        broken: list[ProviderError] = []

        def permission() -> str:
            try:
                return self._check_permission(found)
            except BadAnswer as error:
                broken.append(error)  # it was allowed; what came can't be read
            return "The reviews may be read."

        def read() -> str:
            if broken:
                raise broken[0]
            return found[0]

        yield "permission", permission
        yield "read", read

    def _stage(self, name: str, work: Callable[[], str]) -> CheckStage:
        try:
            return CheckStage(name, True, work())
        except ReviewdeskError as error:
            return CheckStage(name, False, error.message, error.remedy)

    def _check_address(self) -> str:
        for key in ("base_url", "invitations_url"):
            problem = address_problem(self._settings.get(key) or "https://trustpilot.com")
            if problem is not None:
                raise Refused(problem)
        if not self._settings.get("business_unit", "").strip():
            raise Refused("The company is missing: its domain or its business unit id.")
        if self._key_only and "service" not in self._kinds and not self._skus:
            raise Refused("With an API key alone, name the products (skus) whose reviews are to be read.")
        return "The addresses can be used."

    def _first_call(self) -> None:
        self.api.sign_in.try_again()
        if self._key_only:
            self._business_unit(asked=True)
        else:
            self.api.sign_in.token()

    def _check_permission(self, found: list[str]) -> str:
        """One record of each kind. At least one kind must be readable; all of them where they were chosen."""
        unit = self._business_unit()
        readable: list[str] = []
        best: list[str] = []
        refusal: ProviderError | None = None
        for each in self._passes(unit, per_page=1):
            if each.kind in readable or (not each.main and each.kind == "product" and not self._key_only):
                continue
            try:
                raws = each.read(1)
            except (PermissionDenied, NotFound) as error:
                if self._kinds_chosen:
                    raise
                refusal = error
                continue
            records, rejected = each.decode(raws.records, lambda index: f"item {index + 1}")
            readable.append(each.kind)
            how_many = f" of {raws.total}" if raws.total else ""
            if records:
                best.append(f"One review{how_many} was read.")
            elif rejected:
                found.append(f"A review was read, but not understood: {rejected[0].reason}.")
            else:
                found.append("There are no reviews yet.")
        found[:0] = best
        if not readable:
            raise refusal or Refused("There is nothing that these credentials could read.")
        words = {"product": "product reviews", "service": "company reviews"}
        return "May read " + " and ".join(words[kind] for kind in readable) + "."

    # -- reading --

    def fetch(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        unit = self._business_unit()
        passes = self._passes(unit)
        if not passes:
            raise PermissionDenied(
                "With an API key alone, only reviews of products whose numbers are given can be read.",
                remedy="Put the product numbers (skus) into the account's settings.",
            )
        sync = Sync(
            unit=unit,
            passes=passes,
            conversation=self._conversation,
            clock=self._context.clock,
            page_size=PAGE_SIZE,
            since=self._context.since,
        )
        yield from sync.run(cursor, full=full)

    def _passes(self, unit: str, per_page: int = PAGE_SIZE) -> list[Pass]:
        passes: list[Pass] = []
        optional = not self._kinds_chosen
        product = partial(_decode, wire.ProductReview, product_review)
        service = partial(_decode, wire.ServiceReview, service_review)
        if "product" in self._kinds and not self._key_only:
            passes += [
                Pass(
                    key=f"product/{state}",
                    name=_PASS_NAMES[state],
                    kind="product",
                    read=partial(self._read_private, unit, state, per_page),
                    decode=product,
                    optional=optional,
                    main=state == "published",
                )
                for state in STATES
            ]
        elif "product" in self._kinds:
            passes += [
                Pass(
                    key=f"public/{sku}",
                    name=f"reviews of {sku}",
                    kind="product",
                    read=partial(self._read_public, unit, sku, per_page),
                    decode=partial(_decode, wire.ProductReview, partial(_with_sku, sku)),
                    optional=optional,
                    main=True,
                )
                for sku in self._skus
            ]
        if "service" in self._kinds:
            passes.append(
                Pass(
                    key="public-service" if self._key_only else "service",
                    name="company reviews",
                    kind="service",
                    read=partial(self._read_service, unit, per_page),
                    decode=service,
                    optional=optional,
                    main=True,
                )
            )
        if "product" in self._kinds:
            passes += [
                Pass(
                    key=f"imported/{sku}",
                    name=f"imported reviews of {sku}",
                    kind="product",
                    read=partial(self._read_imported, unit, sku, per_page),
                    decode=partial(_decode, wire.ImportedReview, partial(_imported, sku)),
                    optional=True,
                )
                for sku in self._skus
            ]
        return passes

    def _read_private(self, unit: str, state: str, per_page: int, page: int) -> Raws:
        found = self.api.product_reviews(unit, page=page, per_page=per_page, states=(state,))
        return Raws(found.product_reviews, found.total.value)

    def _read_public(self, unit: str, sku: str, per_page: int, page: int) -> Raws:
        found = self.api.public_product_reviews(unit, skus=(sku,), page=page, per_page=per_page)
        return Raws(found.product_reviews)

    def _read_imported(self, unit: str, sku: str, per_page: int, page: int) -> Raws:
        return Raws(self.api.imported_reviews(unit, (sku,), page=page, per_page=per_page).product_reviews)

    def _read_service(self, unit: str, per_page: int, page: int) -> Raws:
        read = self.api.public_service_reviews if self._key_only else self.api.service_reviews
        return Raws(read(unit, page=page, per_page=per_page).reviews)

    def _business_unit(self, *, asked: bool = False) -> str:
        """The business unit's id; a domain is looked up once. ``asked``: look even when it is an id already."""
        if not self._unit:
            setting = self._settings.get("business_unit", "").strip()
            if not setting:
                raise NotFound(
                    "The account's company is missing.", remedy="Put its domain into the settings."
                )
            if _ID.fullmatch(setting) or "." not in setting:
                if asked:
                    self.api.summary(setting, self._skus[:1] or ("-",))
                self._unit = setting
            else:
                domain = re.sub(r"^[a-z]+://(www\.)?|/.*$", "", setting.lower())
                self._unit = self._look_up(domain)
        return self._unit

    def _look_up(self, domain: str) -> str:
        try:
            return str(self.api.find_business_unit(domain).id)
        except NotFound:
            pass
        raise NotFound(
            f"Trustpilot knows no company with the domain {domain}.",
            remedy="Write it as on its Trustpilot page, or use the business unit id.",
        )

    # -- conversations --

    def _conversation(self, conversation: str) -> Thread:
        read = self.api.public_conversation if self._key_only else self.api.conversation
        return thread_of(read(conversation))

    def thread(self, review: ReviewRef) -> Thread:
        with self.api.http.urgent():
            if review.kind is ReviewKind.BUSINESS:
                return self._company_thread(review)
            return self._product_thread(review)

    def _company_thread(self, review: ReviewRef) -> Thread:
        read = self.api.public_service_review if self._key_only else self.api.service_review
        record = _one(read(review.native_id), wire.ServiceReview, service_review)
        thread = record.thread or Thread(id=None, state=None)
        return Thread(id=None, state=None, comments=thread.comments, review=record)

    def _product_thread(self, review: ReviewRef) -> Thread:
        if self._key_only or review.source == "imported":
            if review.thread_id:
                return self._conversation(review.thread_id)
            if review.source == "imported":
                raise NotAvailable(_IMPORTED)
            raise NotAvailable("An API key alone can't read the conversation of a review.")
        record = _one(self.api.product_review(review.native_id), wire.ProductReview, product_review)
        if record.thread_id is None:
            return Thread(id=None, state=None, review=record)
        found = thread_of(self.api.conversation(record.thread_id), record.author.id)
        return Thread(id=found.id, state=found.state, comments=found.comments, review=record)

    # -- sending --

    def send(self, action: Action, progress: Progress) -> SendResult:
        with self.api.http.urgent():
            return self._send(action, progress)

    def _send(self, action: Action, progress: Progress) -> SendResult:
        match action.kind:
            case ActionKind.INVITE_LINK:
                return self._invite_link(action)
            case ActionKind.INVITE_EMAIL:
                body = invitations.email_body(action.payload)
                self.api.email_invitation(self._unit_to_send(), body)
                return SendResult(answer={"sent": True})
            case ActionKind.CUSTOMER_ERASE:
                email = invitations.needed(action.payload, "email")
                self.api.delete_invitation_data(self._unit_to_send(), emails=(email,))
                return SendResult()
        if action.review is None:
            raise Refused("The review of this action is no longer known.")
        if action.review.kind is ReviewKind.BUSINESS:
            return self._send_about_company(action, action.review)
        return self._send_about_product(action, action.review, progress)

    def _send_about_product(self, action: Action, review: ReviewRef, progress: Progress) -> SendResult:
        if review.source == "imported":
            raise Refused(_IMPORTED)
        if action.kind is ActionKind.REPLY:
            conversation = self._conversation_for(action, review, progress)
            comment = self.api.add_comment(conversation, action.text)
            return SendResult(remote_id=str(comment.comment_id or comment.id) or None)
        if action.kind is ActionKind.EDIT_REPLY:
            conversation = self._known_conversation(action, review)
            comment_id = invitations.needed(action.payload, "comment_id")
            comment = self.api.edit_comment(conversation, comment_id, action.text)
            return SendResult(remote_id=str(comment.comment_id or comment.id) or comment_id)
        if action.kind is ActionKind.CONVERSATION_STATE:
            state = invitations.needed(action.payload, "state")
            if state not in ("public", "private"):
                raise Refused("A conversation is public or private.")
            self.api.set_conversation_state(self._known_conversation(action, review), state)
            return SendResult(answer={"state": state})
        raise Refused("Trustpilot has no such action for product reviews.")

    def _send_about_company(self, action: Action, review: ReviewRef) -> SendResult:
        if action.kind in (ActionKind.REPLY, ActionKind.EDIT_REPLY):
            self.api.reply(review.native_id, action.text)
            return SendResult(remote_id=REPLY_ID)
        if action.kind is ActionKind.DELETE_REPLY:
            self.api.delete_reply(review.native_id)
            return SendResult(remote_id=REPLY_ID)
        if action.kind is ActionKind.FIND_REVIEWER:
            self.api.find_reviewer(review.native_id, action.text)
            return SendResult()
        if action.kind is ActionKind.PROVIDER_TAGS:
            return self._tag(action, review)
        raise Refused("Trustpilot has no such action for company reviews.")

    def _tag(self, action: Action, review: ReviewRef) -> SendResult:
        """All tags at once, so that it comes to the same however often it is done."""
        wanted = action.payload.get("tags")
        pairs = [tuple(pair) for pair in wanted] if isinstance(wanted, list | tuple) else None
        if pairs is None or not all(
            len(p) == 2 and all(isinstance(t, str) and t.strip() for t in p) for p in pairs
        ):
            raise Refused("Each tag is a group and a value.")
        self.api.set_tags(review.native_id, [(group.strip(), value.strip()) for group, value in pairs])
        return SendResult(answer={"tags": [list(p) for p in pairs]})

    def _conversation_for(self, action: Action, review: ReviewRef, progress: Progress) -> str:
        """The conversation to comment in; created when the review has none yet.

        Whether it has one is asked just before: an earlier try may have created it and lost the answer.
        """
        known = self._known(action, review)
        if known is not None:
            return known
        record = _one(self.api.product_review(review.native_id), wire.ProductReview, product_review)
        conversation = record.thread_id or self.api.create_conversation(review.native_id)
        progress({"conversation_id": conversation})
        return conversation

    def _known_conversation(self, action: Action, review: ReviewRef) -> str:
        conversation = self._known(action, review)
        if conversation is None:
            record = _one(self.api.product_review(review.native_id), wire.ProductReview, product_review)
            conversation = record.thread_id
        if conversation is None:
            raise Refused("This review has no conversation yet.")
        return conversation

    @staticmethod
    def _known(action: Action, review: ReviewRef) -> str | None:
        kept = action.progress.get("conversation_id")
        return kept if isinstance(kept, str) and kept else review.thread_id

    def _invite_link(self, action: Action) -> SendResult:
        payload = action.payload
        unit = self._unit_to_send()
        if payload.get("kind") == "product":
            body = invitations.product_link_body(payload, partial(self._product_ids, unit))
            link = self.api.product_invitation_link(unit, body)
            return SendResult(
                remote_id=str(link.review_link_id) or None, answer={"link": str(link.review_url), "links": {}}
            )
        made = self.api.service_invitation_link(unit, invitations.service_link_body(payload))
        return SendResult(remote_id=str(made.id) or None, answer={"link": str(made.url), "links": {}})

    def invitation_templates(self) -> tuple[MailTemplate, ...]:
        """The templates of Trustpilot Business, the default ones first."""
        kinds = {"servicereview": ReviewKind.BUSINESS, "productreview": ReviewKind.PRODUCT}
        found = [
            MailTemplate(
                id=str(t.id),
                name=clean(str(t.name)),
                locale=str(t.locale),
                kind=kinds.get(str(t.type).replace("-", "").lower()),
                is_default=bool(t.is_default_template.value),
            )
            for t in self.api.templates(self._business_unit())
            if t.id
        ]
        return tuple(sorted(found, key=lambda t: not t.is_default))

    def wait_s(self) -> float:
        return self.api.http.wait_s()

    def _product_ids(self, unit: str, skus: Sequence[str]) -> list[str]:
        """The catalogue's ids of these products, or ``[]`` when it does not hold all of them."""
        try:
            found = {str(p.sku): str(p.id) for p in self.api.products(unit, skus) if p.sku and p.id}
        except (PermissionDenied, NotFound):
            return []  # a plan without the catalogue
        return [found[sku] for sku in skus] if all(sku in found for sku in skus) else []

    def _unit_to_send(self) -> str:
        """The business unit; looking it up sends nothing, so its failures never leave an action in doubt."""
        problem: ProviderError
        try:
            return self._business_unit()
        except ProviderError as error:
            problem = error
        if problem.delivery is Delivery.UNKNOWN:
            problem.delivery = Delivery.NOT_SENT
        raise problem


# --- small things ----------------------------------------------------------------------------------------


def _decode(
    kind: type[_W],
    build: Callable[[_W, str], ReviewRecord],
    raws: Iterable[msgspec.Raw],
    where: Callable[[int], str],
) -> tuple[list[ReviewRecord], list[Rejected]]:
    return decode_records(list(raws), kind, build, where=where)


def _one(answer: Answer, kind: type[_W], build: Callable[[_W, str], ReviewRecord]) -> ReviewRecord:
    """A single record. Raises ``BadAnswer`` (of a read: nothing was sent by it)."""
    try:
        return build(decode_record(answer.body, kind), raw_text(answer.body))
    except (ValueError, OverflowError) as error:
        reason = str(error)
    raise BadAnswer(f"The review can't be read: {reason}.", delivery=Delivery.NOT_SENT)


def _with_sku(sku: str, review: wire.ProductReview, raw: str) -> ReviewRecord:
    """Public records do not say which product they are about; the question did."""
    if review.product is None:
        review = msgspec.structs.replace(review, product=wire.Product(sku=Text(sku)))
    return product_review(review, raw)


def _imported(sku: str, review: wire.ImportedReview, raw: str) -> ReviewRecord:
    return imported_review(review, raw, sku)
