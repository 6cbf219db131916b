"""One run of one account: pages from the provider, each stored with its cursor in one write."""

from __future__ import annotations

import logging
from array import array
from collections.abc import Generator, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from time import thread_time
from typing import TYPE_CHECKING

from reviewdesk.domain.errors import (
    Cancelled,
    ErrorKind,
    ProviderError,
    RateLimited,
    ReviewdeskError,
)
from reviewdesk.domain.models import Rejected, SyncReport
from reviewdesk.providers.base import Paced
from reviewdesk.services import reach
from reviewdesk.services.events import SyncPhase, SyncStatus
from reviewdesk.services.locks import FileLock
from reviewdesk.services.workers import Door, Job, Urgency
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import messages as stored_messages
from reviewdesk.store import reviews as stored_reviews
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from reviewdesk.providers.base import Cursor, Page, Provider
    from reviewdesk.services.sync import SyncService
    from reviewdesk.store.database import Tx
    from reviewdesk.store.reviews import PageResult

__all__ = ["LIMIT_WORDS", "SyncJob", "Tally"]

_log = logging.getLogger(__name__)

_PASSING = (ErrorKind.NETWORK, ErrorKind.SERVER, ErrorKind.RATE_LIMIT)
_RETRY_DELAYS_S = (1.0, 2.0, 4.0, 8.0)
_SKIPPED_LIMIT = 1000
_KEEP_CURSOR_S = 600
"""A cursor that only moved on (what to look at next) is written this often at most."""
_NEIGHBOUR_S = 30.0
_POLL_S = 0.1
_SLICE_S = 0.25
_LOOK_AT_LIMIT_S = 1.0
_WORTH_SAYING_S = 3.0
LIMIT_WORDS = "The limit of calls is used up"


@dataclass(slots=True)
class Tally:
    """What a run has done so far."""

    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: list[Rejected] = field(default_factory=list)
    anonymised: dict[int, tuple[str, ...]] = field(default_factory=dict)
    added: array[int] = field(default_factory=partial(array, "q"))
    """The ids of what was not there before."""

    def add(self, result: PageResult) -> None:
        self.new += result.new
        self.changed += result.changed
        self.removed += result.removed
        self.unchanged += result.unchanged
        self.anonymised.update(result.anonymised)
        self.added.extend(result.added)
        self.skipped.extend(result.skipped[: _SKIPPED_LIMIT - len(self.skipped)])

    @property
    def seen(self) -> int:
        return self.new + self.changed + self.removed + self.unchanged


class SyncJob(Job):
    """One run of one account. ``report`` resolves at its end, whatever that is."""

    def __init__(
        self, service: SyncService, account_id: int, *, full: bool, patience_s: float, by_person: bool
    ) -> None:
        super().__init__()
        self.urgency = Urgency.REFRESH if by_person else Urgency.SYNC
        self.report: Future[SyncReport | None] = Future()
        self.full = full
        self._service = service
        self._account_id = account_id
        self._patience_s = patience_s
        self._by_person = by_person
        self._tally = Tally()
        self._pending: tuple[Page, Future[PageResult]] | None = None
        self._cursor: Cursor = {}
        self._mostly_new = True
        self._since = 0
        self._total: int | None = None
        self._words = ""
        self._look_at_limit = 0.0
        self._said_limit = False
        self._worked = 0.0

    def dropped(self) -> None:
        if not self.report.done():
            self.report.set_result(None)

    def waits(self, provider: Provider) -> None:
        """Say when it goes on while the provider's limit is used up."""
        clock = self._service.clock
        now = clock.monotonic()
        if now < self._look_at_limit or not isinstance(provider, Paced):
            return
        self._look_at_limit = now + _LOOK_AT_LIMIT_S
        left = provider.wait_s()
        if left >= _WORTH_SAYING_S:
            # To the second, so that each look says the same moment.
            self._say(SyncPhase.RUNNING, LIMIT_WORDS, continues_at=float(round(clock.now() + left)))
        elif self._said_limit:
            self._say(SyncPhase.RUNNING, self._words)
        self._said_limit = left >= _WORTH_SAYING_S

    def steps(self, door: Door) -> Iterator[None]:
        service, clock = self._service, self._service.clock
        started, calls_before = clock.monotonic(), 0
        lock = FileLock(service.lock_folder / f"sync-{self._account_id}.lock")
        failure: ReviewdeskError | None = None
        try:
            if not (yield from self._wait_for_neighbour(lock)):
                return
            self._say(SyncPhase.RUNNING, "Connecting")
            try:
                calls_before = door.provider().calls
                yield from self._read(door)
            except ReviewdeskError as error:
                failure = error
            except Exception:  # noqa: BLE001 - a provider's mistake fails this run and nothing else
                _log.exception("reading account %d failed", self._account_id)
                failure = ProviderError("Something went wrong inside while reading. The log has the details.")
            try:
                self._settle_page()
            except ReviewdeskError as error:
                failure = failure or error
            if self._tally.anonymised:
                self._say(SyncPhase.RUNNING, "Taking names out that are to be forgotten")
                service.forget(self._tally.anonymised)
            calls = self._calls(door, calls_before)
            expires = self._token_expires(door)
            report = service.finished(
                self._account_id, self._tally, failure, expires, calls, clock.monotonic() - started
            )
            if not self.report.done():
                self.report.set_result(report)
        finally:
            lock.drop()
            self.dropped()

    def _wait_for_neighbour(self, lock: FileLock) -> Generator[None, None, bool]:
        """Another process reads this account: a background run leaves it to that one, a person's waits a while.

        After that it reads all the same: pages are stored idempotently, only calls would be spent twice.
        """
        clock = self._service.clock
        end = clock.monotonic() + _NEIGHBOUR_S
        while not lock.take():
            if not self._by_person:
                return False
            if self.cancelled.is_set() or clock.monotonic() >= end:
                break
            self._say(SyncPhase.RUNNING, "Waiting for another program that reads this account")
            yield
            clock.wait(self.cancelled, _POLL_S)
        return True

    def _calls(self, door: Door, before: int) -> int:
        try:
            return max(0, door.provider().calls - before)
        except ReviewdeskError:
            return 0

    def _token_expires(self, door: Door) -> int | None:
        try:
            return door.provider().token_expires
        except ReviewdeskError:
            return None

    # --- reading ---------------------------------------------------------------------------------------

    def _read(self, door: Door) -> Iterator[None]:
        """All pages; a passing fault is tried again from the last stored cursor for as long as patience lasts."""
        clock = self._service.clock
        self._cursor = self._service.load_cursor(self._account_id)
        self._mostly_new = not self._cursor
        self._cursor_kept = self._service.is_under_way(self._account_id)
        self._since = self._service.since(self._account_id)
        full = self.full
        failing_since: float | None = None
        failures = 0
        self._worked = thread_time()
        while True:
            try:
                for page in door.provider().fetch(self._cursor, full=full):
                    self._store(page)
                    failing_since, failures = None, 0
                    if self.cancelled.is_set():
                        raise Cancelled("Stopped. What was read is kept.")
                    yield
                    yield from self._make_room()
                return
            except ProviderError as error:
                self._settle_page()
                if error.kind not in _PASSING or self.cancelled.is_set():
                    raise
                now = clock.monotonic()
                failing_since = now if failing_since is None else failing_since
                delay = self._delay(error, failures)
                if now + delay - failing_since > self._patience_s:
                    raise
                failures += 1
                self._say(SyncPhase.RUNNING, error.message, continues_at=clock.now() + delay)
                yield from self._pause(delay)

    def _pause(self, delay_s: float) -> Iterator[None]:
        """Wait in small slices, so that a person's action passes and a cancel is heard."""
        clock = self._service.clock
        end = clock.monotonic() + delay_s
        while (left := end - clock.monotonic()) > 0:
            yield
            if clock.wait(self.cancelled, min(left, _SLICE_S)):
                raise Cancelled("Stopped. What was read is kept.")

    def _make_room(self) -> Iterator[None]:
        """While a person acts, the window's thread shall find the interpreter free more often than not."""
        now = thread_time()
        rest_s, self._worked = self._service.courtesy.rest_s(now - self._worked), now
        if rest_s > 0:
            yield from self._pause(rest_s)

    @staticmethod
    def _delay(error: ProviderError, failures: int) -> float:
        if isinstance(error, RateLimited) and error.retry_after_s is not None:
            return max(1.0, error.retry_after_s)
        return _RETRY_DELAYS_S[min(failures, len(_RETRY_DELAYS_S) - 1)]

    def _store(self, page: Page) -> None:
        """Hand the page to the writer; it is stored while the next one is asked for."""
        account_id, service = self._account_id, self._service
        reviews = reach.within(page.reviews, self._since)
        # Here, while the writer is at the page before.
        ready = stored_reviews.prepared(reviews, whole=self._mostly_new)
        self._settle_page()
        arrived = int(service.clock.now())

        def write(tx: Tx) -> PageResult:
            result = stored_reviews.store_page(
                tx,
                account_id,
                reviews=reviews,
                deletions=page.deletions,
                rejected=page.rejected,
                arrived_s=arrived,
                ready=ready,
            )
            written = stored_messages.store_messages(tx, account_id, page.messages)
            # A run without news writes nothing: begun again it reads the same. But once a cursor of this run is
            # stored the others must follow, or the next run would go on in the middle of this one.
            news = result.new + result.changed + result.removed + len(result.skipped) + written
            saved_at = stored_accounts.cursor_saved_at(tx, account_id)
            if news or self._cursor_kept or saved_at is None or arrived - saved_at >= _KEEP_CURSOR_S:
                self._cursor_kept = True
                stored_accounts.save_cursor(tx, account_id, page.cursor)
            return result

        self._pending = (page, service.store.write(write, priority=Priority.SYNC))
        self._total = page.total if page.total is not None else self._total
        self._words = page.pass_name or self._words
        if self._tally.seen == 0:
            # The first page is shown before the second is asked for: the newest reviews are what is waited for.
            self._settle_page()
        self._say(SyncPhase.RUNNING, self._words)

    def _settle_page(self) -> None:
        """Wait for the page in the writer's hands. Raises ``StoreError``."""
        if self._pending is not None:
            (page, future), self._pending = self._pending, None
            result = future.result()
            self._tally.add(result)
            if page.reviews:
                self._mostly_new = result.new * 2 >= len(page.reviews)
            self._cursor = page.cursor

    def _say(self, phase: SyncPhase, message: str, continues_at: float | None = None) -> None:
        self._service.say(
            SyncStatus(self._account_id, phase, message, self._tally.seen, self._total, continues_at)
        )
