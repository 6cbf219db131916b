"""Verified Reviews' two doors: the feed of files, and the published-reviews API (docs/providers/verified-reviews.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar
from zoneinfo import ZoneInfo

import msgspec

from reviewdesk.domain.capabilities import Capability, ProviderSpec
from reviewdesk.domain.errors import (
    BadAnswer,
    Delivery,
    ErrorKind,
    NotAvailable,
    NotFound,
    ProviderError,
    ReviewdeskError,
)
from reviewdesk.domain.models import ActionKind, Product, Rejected, ReviewRecord, ReviewRef, Thread
from reviewdesk.domain.products import Origin, ServerFigures, Told
from reviewdesk.domain.text import clean
from reviewdesk.providers.base import Action, CheckStage, Columns, Context, Cursor, Page, Progress, SendResult
from reviewdesk.providers.files import Entry, FileChanged, Transport, open_transport
from reviewdesk.providers.staged import one_call_check
from reviewdesk.providers.verified_reviews.api import ApiSync, Page200, PublishedApi
from reviewdesk.providers.verified_reviews.columns import columns_of, read_with
from reviewdesk.providers.verified_reviews.csv_feed import Layout, mapping_of
from reviewdesk.providers.verified_reviews.feed import FeedSync, feed_files, look_through
from reviewdesk.providers.verified_reviews.items import FeedRefused, FeedUnfinished
from reviewdesk.providers.verified_reviews.orders import report
from reviewdesk.providers.verified_reviews.spec import SPEC

__all__ = ["VerifiedReviewsProvider"]

_CHECK_CAP = 20_000_000
"""Bytes of the newest file that the connection test looks through; a larger one is left to the sync."""
_CAPABILITY_OF = {
    ActionKind.REPLY: Capability.REPLY,
    ActionKind.EDIT_REPLY: Capability.EDIT_REPLY,
    ActionKind.DELETE_REPLY: Capability.EDIT_REPLY,
    ActionKind.CONVERSATION_STATE: Capability.CONVERSATION_STATE,
    ActionKind.MESSAGE: Capability.PRIVATE_MESSAGE,
    ActionKind.RESOLUTION: Capability.RESOLUTION,
    ActionKind.FLAG: Capability.FLAG,
    ActionKind.PUBLISH: Capability.PUBLISH,
    ActionKind.FIND_REVIEWER: Capability.PRIVATE_MESSAGE,
    ActionKind.PROVIDER_TAGS: Capability.CUSTOMER_DATA,
    ActionKind.INVITE_LINK: Capability.INVITE_LINK,
    ActionKind.INVITE_EMAIL: Capability.INVITE_EMAIL,
    ActionKind.WITHDRAW_INVITE: Capability.WITHDRAW_INVITE,
    ActionKind.PRODUCT_ADD: Capability.PRODUCT_EDIT,
    ActionKind.PRODUCT_REMOVE: Capability.PRODUCT_EDIT,
    ActionKind.PRODUCT_IMAGE: Capability.PRODUCT_EDIT,
    ActionKind.CUSTOMER_ERASE: Capability.CUSTOMER_DATA,
}


class _UnknownColumns(Exception):
    """The newest file could be read if its columns were named."""

    def __init__(self, error: BadAnswer) -> None:
        super().__init__(error.message)
        self.error = error


class VerifiedReviewsProvider:
    """Reads, and tells of orders; answers are written in the back office and come back with the feed."""

    spec: ClassVar[ProviderSpec] = SPEC

    def __init__(self, context: Context) -> None:
        self._context = context
        self._zone = ZoneInfo(context.settings.get("timezone") or "Europe/Paris")
        self._api = PublishedApi(context) if context.settings.get("transport", "").strip() == "api" else None
        self._transport: Transport | None = None
        self._calls = 0
        """Of transports that are closed."""

    @property
    def calls(self) -> int:
        if self._api is not None:
            return self._api.calls
        return self._calls + (self._transport.calls if self._transport is not None else 0)

    @property
    def token_expires(self) -> int | None:
        return None

    def close(self) -> None:
        if self._api is not None:
            self._api.close()
        self._close_transport()

    # --- the connection test -----------------------------------------------------------------------------------

    def check(self) -> Iterator[CheckStage]:
        if self._api is not None:
            yield from self._check_api(self._api)
            return
        try:
            yield from self._check_feed()
        finally:
            self._close_transport()

    def _check_api(self, api: PublishedApi) -> Iterator[CheckStage]:
        def read() -> str:
            found = (
                api.product_reviews((("limit", "1"),)).records or api.brand_reviews((("limit", "1"),)).records
            )
            return "Published reviews can be read." if found else "There are no published reviews yet."

        problem = api.address_problem()
        if problem is not None:
            yield CheckStage("address", False, problem, "Correct the addresses of the API and its sign-in.")
        else:
            yield from one_call_check(api.base_url, SPEC.title, read)

    def _check_feed(self) -> Iterator[CheckStage]:
        stage = "address"
        failure: ReviewdeskError
        try:
            mapping = self._mapping()
            transport = self._transport = open_transport(self._context)
            for stage, step in transport.steps():
                yield CheckStage(stage, True, step())
            stage = "permission"
            files = feed_files(transport.listing(), self._context.settings.get("website_id", ""))
            yield CheckStage(stage, True, "The files may be listed.")
            stage = "read"
            if not files:
                yield CheckStage(
                    stage,
                    True,
                    "No feed file is there yet; Verified Reviews delivers at three in the morning.",
                )
                return
            try:
                self._try_newest(transport, [f.entry for f in files], mapping)
            except _UnknownColumns as unknown:
                stage, failure = "columns", unknown.error
                yield CheckStage(stage, False, failure.message, "Say what its columns hold.")
                return
            day = files[-1].name.day.isoformat()
            yield CheckStage(stage, True, f"{len(files)} feed files are there, the newest of {day}.")
            return
        except ReviewdeskError as error:
            failure = error
        # A wrong folder shows when it is first used, a missing password when it is first needed.
        if isinstance(failure, ProviderError) and failure.kind is ErrorKind.SIGN_IN and stage == "connect":
            stage = "sign-in"
        yield CheckStage(stage, False, failure.message, failure.remedy)

    def _try_newest(self, transport: Transport, entries: list[Entry], mapping: Layout | None) -> None:
        """Raises ``BadAnswer`` when the newest file can't be read, for instance because its columns are unknown."""
        entry = entries[-1]
        if entry.size > _CHECK_CAP:
            return
        reason, unknown = "", False
        try:
            with transport.open(entry) as opened:
                look_through(opened.file, mapping)
        except FeedRefused as refused:
            reason, unknown = refused.reason, refused.columns
        except (FeedUnfinished, FileChanged):
            return  # it is still being written
        if reason:
            error = BadAnswer(f"{entry.name} can't be read: {reason}", delivery=Delivery.NOT_SENT)
            raise _UnknownColumns(error) if unknown else error

    # --- columns that a person has to name ---------------------------------------------------------------------

    def columns(self) -> Columns:
        """The first lines of the newest feed file."""
        transport = self._transport = open_transport(self._context)
        try:
            for _, step in transport.steps():
                step()
            files = feed_files(transport.listing(), self._context.settings.get("website_id", ""))
            if not files:
                raise NotFound("No feed file is there yet.")
            entry = files[-1].entry
            try:
                with transport.open(entry) as opened:
                    return columns_of(entry.name, opened.file)
            except FeedRefused as refused:
                reason = refused.reason
            except FileChanged:
                reason = "It is being written just now."
            raise BadAnswer(f"{entry.name} can't be read: {reason}", delivery=Delivery.NOT_SENT)
        finally:
            self._close_transport()

    def read_columns(self, columns: Columns, setting: str) -> tuple[ReviewRecord | Rejected, ...]:
        try:
            return read_with(columns, setting, self._zone)
        except FeedRefused as refused:
            reason = refused.reason
        raise BadAnswer(reason, delivery=Delivery.NOT_SENT)

    # --- reading -----------------------------------------------------------------------------------------------

    def fetch(self, cursor: Cursor, *, full: bool) -> Iterator[Page]:
        try:
            yield from self._pages(cursor, full)
        except ProviderError as error:
            if error.delivery is Delivery.UNKNOWN:
                error.delivery = Delivery.NOT_SENT  # nothing was to be sent
            raise

    def _pages(self, cursor: Cursor, full: bool) -> Iterator[Page]:
        if self._api is not None:
            yield from ApiSync(self._api, self._context).run(cursor, full=full)
            return
        mapping = self._mapping()
        self._close_transport()
        transport = self._transport = open_transport(self._context)
        try:
            for _, step in transport.steps():
                step()
            sync = FeedSync(transport, self._context, zone=self._zone, mapping=mapping)
            yield from sync.run(cursor, full=full)
        finally:
            self._close_transport()

    def thread(self, review: ReviewRef) -> Thread:
        raise NotAvailable("Verified Reviews gives answers with its feed only; the next sync brings them.")

    def send(self, action: Action, progress: Progress) -> SendResult:
        if action.kind is ActionKind.INVITE_EMAIL and self._api is not None:
            with self._api.urgent():
                return report(self._api, self._context, action.payload)
        raise NotAvailable(SPEC.levels[0].denied[_CAPABILITY_OF[action.kind]])

    def wait_s(self) -> float:
        return self._api.wait_s() if self._api is not None else 0.0

    # --- what is published, for lists and figures (transport=api) ----------------------------------------------

    def products(self) -> Iterator[Mapping[str, object]]:
        """The products that reviews are published of, as the API describes them. Raises ``NotAvailable`` for a feed."""
        return self._all(self._published().products)

    def summaries(self) -> Iterator[Mapping[str, object]]:
        """The provider's own average and distribution of each product. Raises ``NotAvailable`` for a feed."""
        return self._all(self._published().product_ratings)

    def read_products(self) -> Iterator[Told]:
        """Names from the list of products, figures from the list of ratings."""
        names = {str(p.get("product_variation_id") or ""): p for p in self.products()}
        for rating in self.summaries():
            ref = str(rating.get("product_variation_id") or "")
            if ref:
                known = names.pop(ref, {})
                yield Told(product=_product(ref, known), figures=(_figures(rating),))
        for ref, known in names.items():
            if ref:
                yield Told(product=_product(ref, known))

    def read_product(self, product: Product) -> Told:
        """The list of ratings has no filter: it is read until this product comes."""
        ref = product.id or product.sku or ""
        for rating in self.summaries():
            if ref and str(rating.get("product_variation_id") or "") == ref:
                return Told(product=product, figures=(_figures(rating),))
        return Told(product=product, figures=(ServerFigures(origin=Origin.SUMMARY, n=0, mean=None),))

    def brands(self) -> Iterator[Mapping[str, object]]:
        """The websites of the account. Raises ``NotAvailable`` for a feed."""
        return self._all(self._published().brands)

    def _published(self) -> PublishedApi:
        if self._api is None:
            raise NotAvailable(SPEC.levels[0].denied[Capability.SUMMARIES])
        return self._api

    @staticmethod
    def _all(read: Callable[[tuple[tuple[str, str], ...]], Page200]) -> Iterator[Mapping[str, object]]:
        query: tuple[tuple[str, str], ...] | None = ()
        seen: set[tuple[tuple[str, str], ...]] = set()
        while query is not None:
            if query in seen:
                raise BadAnswer(
                    "Verified Reviews gives the same page again and again.", delivery=Delivery.NOT_SENT
                )
            seen.add(query)
            page = read(query)
            for raw in page.records:
                try:
                    record = msgspec.json.decode(raw)
                except (msgspec.MsgspecError, RecursionError):
                    continue
                if isinstance(record, dict):
                    yield record
            query = page.next

    # --- small things --------------------------------------------------------------------------------------------

    def _mapping(self) -> Layout | None:
        reason = ""
        try:
            return mapping_of(self._context.settings.get("columns", ""))
        except FeedRefused as refused:
            reason = refused.reason
        raise BadAnswer(reason, remedy="Correct the setting columns.", delivery=Delivery.NOT_SENT)

    def _close_transport(self) -> None:
        transport, self._transport = self._transport, None
        if transport is not None:
            self._calls += transport.calls
            transport.close()


def _product(ref: str, known: Mapping[str, object]) -> Product:
    # The reviews name their product by the same reference (records.py).
    name = clean(str(known.get("product_name") or ""))
    sku = clean(str(known.get("product_sku") or "")) or ref
    return Product(id=ref, sku=sku, name=name or None)


def _figures(rating: Mapping[str, object]) -> ServerFigures:
    n = _count(rating.get("nb_total"))
    spread = tuple(_count(rating.get(f"nb_{stars}")) for stars in range(1, 6))
    average = rating.get("average")
    try:
        mean = float(average) if isinstance(average, str | int | float) and n else None
    except ValueError:
        mean = None
    return ServerFigures(origin=Origin.SUMMARY, n=n, mean=mean, spread=spread if any(spread) else ())


def _count(value: object) -> int:
    try:
        return max(0, int(value)) if isinstance(value, str | int | float) else 0
    except (ValueError, OverflowError):
        return 0
