"""Products over all sources: the list, one product, what the sources say themselves, and the catalogue's changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from reviewdesk.domain.capabilities import Available, Capability
from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import Cancelled, InvalidInput, NotAvailable, ReviewdeskError
from reviewdesk.domain.models import Account, ActionKind, ChangeSet, OutboxItem, OutboxState, Product
from reviewdesk.domain.products import (
    AttributeFigure,
    Figures,
    Listing,
    MatchReason,
    Origin,
    ProductRow,
    ServerFigures,
    Told,
    merged,
)
from reviewdesk.providers.base import Provider
from reviewdesk.providers.product_reads import ProductReads, TopProducts
from reviewdesk.services.workers import Job, Urgency
from reviewdesk.store import outbox
from reviewdesk.store import products as stored
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from reviewdesk.services.accounts import AccountService
    from reviewdesk.services.replies import ReplyService
    from reviewdesk.services.workers import Door, Workers
    from reviewdesk.store.database import Store, Tx

__all__ = [
    "AttributeFigure",
    "Figures",
    "Listing",
    "MatchReason",
    "Origin",
    "ProductMore",
    "ProductPage",
    "ProductRow",
    "ProductService",
    "ServerFigures",
    "Told",
]

_log = logging.getLogger(__name__)
_T = TypeVar("_T")
_PAGE = 100
_TREND_S = 366 * 24 * 3600
_OUR_KINDS = frozenset({ActionKind.PRODUCT_ADD, ActionKind.PRODUCT_REMOVE, ActionKind.PRODUCT_IMAGE})
CATALOGUE_FIELDS = (
    "sku", "title", "gtin", "mpn", "brand", "categories", "currency", "price", "product_link", "image_url",
    "description",
)  # fmt: skip
"""What a new product of a catalogue may have; ``sku`` and ``title`` are needed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    """One product: every figure that is kept, nothing that has to be counted."""

    id: int
    name: str
    figures: Figures
    listings: tuple[Listing, ...]
    query: str
    """Finds its reviews, in the language of the search box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductMore:
    """What takes a look at single reviews. ``months``: ("2026-09", reviews, mean of five) of the last year."""

    months: tuple[tuple[str, int, float | None], ...]
    attributes: tuple[AttributeFigure, ...]
    looked_at: int
    """Of how many of the newest reviews the attributes are."""


class ProductService:
    """Reads block and are safe on any thread (the window calls them through ``Core.submit``); acts answer with a
    future that resolves after the commit, or after the provider's answer where that is said."""

    def __init__(
        self, store: Store, clock: Clock, accounts: AccountService, workers: Workers, replies: ReplyService
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._workers = workers
        self._replies = replies

    # --- reading -----------------------------------------------------------------------------------------

    def rows(self) -> list[ProductRow]:
        """Every product, the most reviewed first."""
        with self._store.read() as reader:
            return stored.rows(reader)

    def page(self, product_id: int) -> ProductPage | None:
        """One product, or None when it is gone."""
        with self._store.read() as reader:
            found = tuple(stored.listings(reader, product_id))
        if not found:
            return None
        name = next((each.name for each in found if each.name), None) or found[0].identity.sku or ""
        names = {account.id: account.name for account in self._accounts.list()}
        return ProductPage(
            id=product_id,
            name=name,
            figures=merged([each.figures for each in found]),
            listings=found,
            query=_query(found, names),
        )

    def more(self, product_id: int) -> ProductMore:
        """Trend and attributes of a product, from single reviews. Reads at most a year and 2,000 reviews."""
        since = int(self._clock.now()) - _TREND_S
        with self._store.read() as reader:
            attributes, looked = stored.attributes(reader, product_id)
            months = tuple(stored.months(reader, product_id, since))
        return ProductMore(months=months, attributes=attributes, looked_at=looked)

    def able(self, capability: Capability) -> list[Account]:
        """The accounts that can do it, in their order."""
        return [a for a in self._accounts.list() if self.can(a, capability).available]

    def can(self, account: Account, capability: Capability) -> Available:
        """Whether the account can do it, and if not, why."""
        return self._accounts.capabilities(account)[capability]

    # --- what is the same ----------------------------------------------------------------------------------

    def join(self, listing_id: int, product_id: int) -> Future[None]:
        """Say that a listing is this product; it stays so. Fails with ``InvalidInput`` when one of them is gone."""
        return self._store.write(lambda tx: stored.join(tx, listing_id, product_id))

    def split(self, listing_id: int) -> Future[int]:
        """Say that a listing is a product of its own; it stays so. The new product's id."""
        return self._store.write(lambda tx: stored.split(tx, listing_id))

    def release(self, listing_id: int) -> Future[None]:
        """Forget what was decided about a listing by hand and match it again."""
        return self._store.write(lambda tx: stored.release(tx, listing_id))

    def match_now(self) -> None:
        """Match what is new. Blocking; by itself it happens in idle moments."""
        while self._store.write_now(stored.match_slice, priority=Priority.SYNC):
            pass

    # --- what the sources say ---------------------------------------------------------------------------------

    def refresh(self, account_id: int) -> Future[int]:
        """Ask an account's source for its products and figures; how many it told of, when all are stored.

        Fails with ``ReviewdeskError`` when the source can't tell.
        """
        return self._ask(account_id, self._read_all)

    def refresh_product(self, product_id: int) -> list[Future[int]]:
        """Ask every source of a product for its own figures of it; one future for each that can be asked."""
        page = self.page(product_id)
        asked = []
        for each in page.listings if page is not None else ():
            account = self._accounts.get(each.account_id)
            if each.source or account is None or not self.can(account, Capability.SUMMARIES).available:
                continue
            product = Product(sku=each.identity.sku, id=each.native_id, name=each.name)
            asked.append(self._ask(account.id, _ReadOne(self._store, product)))
        return asked

    def top_rated(self, account_id: int, category: str = "", currency: str = "") -> Future[tuple[Told, ...]]:
        """The best rated products as the source names them. Fails with ``ReviewdeskError``."""

        def ask(provider: Provider, _account_id: int) -> Iterator[tuple[Told, ...] | None]:
            if not isinstance(provider, TopProducts):
                raise NotAvailable(f"{provider.spec.title} does not name its best rated products.")
            yield provider.top_products(category, currency)

        return self._ask(account_id, ask)

    def _ask(self, account_id: int, work: Callable[[Provider, int], Iterator[_T | None]]) -> Future[_T]:
        job = _AskJob(work)
        self._workers.of(account_id).submit(job)
        return job.future

    def _read_all(self, provider: Provider, account_id: int) -> Iterator[int | None]:
        if not isinstance(provider, ProductReads):
            raise NotAvailable(f"{provider.spec.title} gives no figures of products.")
        made: list[int] = []
        catalogue = False
        told = provider.read_products()
        while page := list(islice(told, _PAGE)):
            made += self._tell(account_id, page)
            catalogue = catalogue or any(each.catalogue for each in page)
            yield None
        if catalogue:
            self._store.write_now(lambda tx: stored.untell(tx, account_id, made), priority=Priority.SYNC)
        yield len(made)

    def _tell(self, account_id: int, page: Sequence[Told]) -> list[int]:
        return self._store.write_now(lambda tx: stored.tell(tx, account_id, page), priority=Priority.SYNC)

    # --- the catalogue ------------------------------------------------------------------------------------------

    def add(self, account_id: int, values: Mapping[str, str], *, delay_s: float = 0.0) -> Future[OutboxItem]:
        """Queue a new product for a source's catalogue (``CATALOGUE_FIELDS``). Fails with ``InvalidInput``."""
        given = {k: v for k in CATALOGUE_FIELDS if (v := " ".join(str(values.get(k) or "").split()))}
        problem = _problem(given)
        if problem:
            return _failed(InvalidInput(problem))
        return self._queue(account_id, ActionKind.PRODUCT_ADD, given, delay_s)

    def remove(self, listing_id: int, *, delay_s: float = 0.0) -> Future[OutboxItem]:
        """Queue the removal of a product from the catalogue of its source. Its reviews stay."""
        with self._store.read() as reader:
            found = stored.listing(reader, listing_id)
        if found is None or not found.in_catalogue or not found.native_id:
            return _failed(InvalidInput("This product is not in the source's catalogue."))
        payload = {"product_id": found.native_id, "sku": found.identity.sku or "", "title": found.name or ""}
        return self._queue(found.account_id, ActionKind.PRODUCT_REMOVE, payload, delay_s)

    def add_picture(self, listing_id: int, image_url: str, *, delay_s: float = 0.0) -> Future[OutboxItem]:
        """Queue a picture, by its address, for a product of a source's catalogue."""
        with self._store.read() as reader:
            found = stored.listing(reader, listing_id)
        if found is None or not found.identity.sku:
            return _failed(InvalidInput("The source names its pictures by SKU, and this product has none."))
        problem = _address_problem(image_url.strip())
        if problem:
            return _failed(InvalidInput(problem))
        payload = {"sku": found.identity.sku, "image_url": image_url.strip(), "title": found.name or ""}
        return self._queue(found.account_id, ActionKind.PRODUCT_IMAGE, payload, delay_s)

    def _queue(
        self, account_id: int, kind: ActionKind, payload: Mapping[str, Any], delay_s: float
    ) -> Future[OutboxItem]:
        return self._replies.publish_for_account(account_id, kind, payload=payload, delay_s=delay_s)

    def settled(self, changes: ChangeSet) -> list[Future[int]]:
        """Read a catalogue again that an outgoing action has changed. Blocking; for a pool thread."""
        wanted = set()
        if changes.outbox:
            with self._store.read() as reader:
                for item_id in changes.outbox:
                    item = outbox.get(reader, item_id)
                    if item is not None and item.kind in _OUR_KINDS and item.state is OutboxState.SENT:
                        wanted.add(item.account_id)
        return [self.refresh(account_id) for account_id in sorted(wanted)]


class _AskJob(Job):
    """A question of a person to a source, on its account's worker."""

    urgency = Urgency.REFRESH

    def __init__(self, work: Callable[[Provider, int], Iterator[Any]]) -> None:
        super().__init__()
        self.future: Future[Any] = Future()
        self._work = work

    def steps(self, door: Door) -> Iterator[None]:
        last: Any = None
        try:
            for answer in self._work(door.provider(), door.account_id):
                last = answer
                if self.cancelled.is_set():
                    raise Cancelled("The program ends.")
                yield
        except ReviewdeskError as error:
            self.future.set_exception(error)
        except Exception as error:  # noqa: BLE001 - whoever asked must not wait for ever
            _log.exception("reading products failed")
            self.future.set_exception(error)
        else:
            self.future.set_result(last)

    def dropped(self) -> None:
        self.future.set_exception(Cancelled("The program ends."))


class _ReadOne:
    def __init__(self, store: Store, product: Product) -> None:
        self._store = store
        self._product = product

    def __call__(self, provider: Provider, account_id: int) -> Iterator[int | None]:
        if not isinstance(provider, ProductReads):
            raise NotAvailable(f"{provider.spec.title} gives no figures of products.")
        told = provider.read_product(self._product)

        def write(tx: Tx) -> int:
            return len(stored.tell(tx, account_id, [told]))

        yield self._store.write_now(write, priority=Priority.ACTION)


def _failed(error: ReviewdeskError) -> Future[OutboxItem]:
    future: Future[OutboxItem] = Future()
    future.set_exception(error)
    return future


def _problem(given: Mapping[str, str]) -> str:
    for key, words in (("sku", "An SKU is needed."), ("title", "A title is needed.")):
        if not given.get(key):
            return words
    for key in ("product_link", "image_url"):
        if given.get(key) and (problem := _address_problem(given[key])):
            return problem
    price = given.get("price", "")
    try:
        if price and not 0 <= float(price) < 1e12:
            return "The price is no price."
    except ValueError:
        return "The price is a number with a point, such as 79.90."
    if given.get("currency") and not (given["currency"].isalpha() and len(given["currency"]) == 3):
        return "The currency has three letters, such as EUR."
    return ""


def _address_problem(url: str) -> str:
    if not url.startswith(("https://", "http://")) or len(url) > 2000 or any(c.isspace() for c in url):
        return "The address begins with https:// and has no blanks."
    return ""


def _query(found: Sequence[Listing], accounts: Mapping[int, str]) -> str:
    """Listings as a search: by SKU, else by name, each in its account."""
    terms: dict[str, None] = {}
    for each in found:
        word = (
            f"sku:{_quoted(each.identity.sku)}"
            if each.identity.sku
            else f"product:{_quoted(each.name or '')}"
        )
        account = accounts.get(each.account_id)
        terms[f"({word} account:{_quoted(account)})" if account else f"({word})"] = None
    return " OR ".join(terms)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
