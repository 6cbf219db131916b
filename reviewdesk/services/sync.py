"""Reading from the providers: one run per account at a time, each page stored with its cursor in one write."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from reviewdesk.domain.clock import Clock, iso_utc
from reviewdesk.domain.errors import (
    Cancelled,
    ErrorInfo,
    ErrorKind,
    ProviderError,
    RateLimited,
    ReviewdeskError,
    SecretError,
    StoreError,
    error_info,
)
from reviewdesk.domain.models import Account, AccountState, Rejected, SyncReport
from reviewdesk.providers.base import Paced
from reviewdesk.services import reach
from reviewdesk.services.events import EventBus, Notice, NoticeLevel, SyncPhase, SyncStatus
from reviewdesk.services.locks import FileLock
from reviewdesk.services.outages import Outages
from reviewdesk.services.workers import Door, Job, Urgency, Workers
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store import messages as stored_messages
from reviewdesk.store import reviews as stored_reviews
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from pathlib import Path

    from reviewdesk.providers.base import Cursor, Page, Provider
    from reviewdesk.store.database import Store, Tx
    from reviewdesk.store.reviews import PageResult

__all__ = ["SyncProgress", "SyncService", "describe_failure"]

_log = logging.getLogger(__name__)

PATIENCE_S = 15.0
_PASSING = (ErrorKind.NETWORK, ErrorKind.SERVER, ErrorKind.RATE_LIMIT)
_RETRY_DELAYS_S = (1.0, 2.0, 4.0, 8.0)
# What any good answer disproves; other failures only a whole sync does.
_WAY_KINDS = ("network", "tls", "sign-in", "keychain", "host-key", "rate-limit", "server")
_SKIPPED_LIMIT = 1000
_KEEP_CURSOR_S = 600
"""A cursor that only moved on (what to look at next) is written this often at most."""
_NEIGHBOUR_S = 30.0
_POLL_S = 0.1
EARLY_S = 14 * 86_400
"""How long before a sign-in ends the program says so."""
_SLICE_S = 0.25
_LOOK_AT_LIMIT_S = 1.0
_WORTH_SAYING_S = 3.0
LIMIT_WORDS = "The limit of calls is used up"

SyncProgress = Callable[[SyncStatus, str], None]
"""Called with each status and the account's name; any thread."""


def describe_failure(error: ReviewdeskError) -> ErrorInfo:
    """An error as an account keeps it. What the keychain refuses has a kind of its own: no request was made."""
    if isinstance(error, SecretError):
        return ErrorInfo("keychain", error.message)
    return error_info(error)


@dataclass(slots=True)
class _Tally:
    """What a run has done so far."""

    new: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    skipped: list[Rejected] = field(default_factory=list)
    anonymised: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def add(self, result: PageResult) -> None:
        self.new += result.new
        self.changed += result.changed
        self.removed += result.removed
        self.unchanged += result.unchanged
        self.anonymised.update(result.anonymised)
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
        self._tally = _Tally()
        self._pending: tuple[Page, Future[PageResult]] | None = None
        self._cursor: Cursor = {}
        self._since = 0
        self._total: int | None = None
        self._words = ""
        self._look_at_limit = 0.0
        self._said_limit = False

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
        self._cursor_kept = self._service.is_under_way(self._account_id)
        self._since = self._service.since(self._account_id)
        full = self.full
        failing_since: float | None = None
        failures = 0
        while True:
            try:
                for page in door.provider().fetch(self._cursor, full=full):
                    self._store(page)
                    failing_since, failures = None, 0
                    if self.cancelled.is_set():
                        raise Cancelled("Stopped. What was read is kept.")
                    yield
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

    @staticmethod
    def _delay(error: ProviderError, failures: int) -> float:
        if isinstance(error, RateLimited) and error.retry_after_s is not None:
            return max(1.0, error.retry_after_s)
        return _RETRY_DELAYS_S[min(failures, len(_RETRY_DELAYS_S) - 1)]

    def _store(self, page: Page) -> None:
        """Hand the page to the writer; it is stored while the next one is asked for."""
        self._settle_page()
        account_id, service = self._account_id, self._service
        reviews = reach.within(page.reviews, self._since)
        arrived = int(service.clock.now())

        def write(tx: Tx) -> PageResult:
            result = stored_reviews.store_page(
                tx,
                account_id,
                reviews=reviews,
                deletions=page.deletions,
                rejected=page.rejected,
                arrived_s=arrived,
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
            self._tally.add(future.result())
            self._cursor = page.cursor

    def _say(self, phase: SyncPhase, message: str, continues_at: float | None = None) -> None:
        self._service.say(
            SyncStatus(self._account_id, phase, message, self._tally.seen, self._total, continues_at)
        )


class SyncService:
    """Starts, watches and cancels runs. Any thread."""

    def __init__(
        self,
        store: Store,
        workers: Workers,
        bus: EventBus,
        clock: Clock,
        outages: Outages,
        lock_folder: Path,
    ) -> None:
        self.store = store
        self.clock = clock
        self.lock_folder = lock_folder
        self._workers = workers
        self._bus = bus
        self._outages = outages
        self._lock = threading.Lock()
        self._statuses: dict[int, SyncStatus] = {}
        self._running: dict[int, SyncJob] = {}
        self._progress: tuple[SyncProgress, ...] = ()
        self._recovered: tuple[Callable[[int], None], ...] = ()
        self._forget: Callable[[Mapping[int, tuple[str, ...]]], None] | None = None
        self._stopping = False
        self._warned: dict[int, int] = {}

    # --- asking for runs -------------------------------------------------------------------------------

    def sync_now(
        self, account_ids: Sequence[int] | None = None, full: bool = False
    ) -> list[Future[SyncReport | None]]:
        """A person asks: all accounts that are not paused, or these. Returns at once."""
        wanted = [a for a in self._accounts() if account_ids is None or a.id in account_ids]
        jobs = []
        for account in wanted:
            if account.state is AccountState.PAUSED:
                continue
            self._outages.forget(account.id)
            jobs.append(self._start(account.id, full=full, patience_s=PATIENCE_S, by_person=True))
        return [job.report for job in jobs]

    def sync_in_background(self, account_id: int) -> Future[SyncReport | None] | None:
        """The scheduler asks. None when the account is in trouble, paused or at it already."""
        account = next((a for a in self._accounts() if a.id == account_id), None)
        if account is None or account.state in (AccountState.PAUSED, AccountState.SIGN_IN_NEEDED):
            return None
        if not self._outages.may_try(account_id) or self.is_running(account_id):
            return None
        return self._start(account_id, full=False, patience_s=0.0, by_person=False).report

    def _start(self, account_id: int, *, full: bool, patience_s: float, by_person: bool) -> SyncJob:
        with self._lock:
            running = self._running.get(account_id)
            if running is not None and not running.report.done() and (running.full or not full):
                return running
            job = SyncJob(self, account_id, full=full, patience_s=patience_s, by_person=by_person)
            self._running[account_id] = job
        self._workers.of(account_id).submit(job)
        return job

    def is_running(self, account_id: int) -> bool:
        with self._lock:
            job = self._running.get(account_id)
        return job is not None and not job.report.done()

    def cancel(self, account_id: int) -> None:
        """Stop the account's run between two calls; what was stored stays."""
        with self._lock:
            job = self._running.get(account_id)
        if job is not None:
            job.cancelled.set()

    def statuses(self) -> dict[int, SyncStatus]:
        """The last status of each account that has one."""
        with self._lock:
            return dict(self._statuses)

    def run(
        self,
        accounts: Sequence[Account] | None,
        full: bool,
        progress: SyncProgress | None = None,
    ) -> list[SyncReport]:
        """Read these accounts (None: all that are not paused) side by side and wait; one report each, in order.

        For the command line. A ``KeyboardInterrupt`` cancels the runs and passes on.
        """
        chosen = list(accounts) if accounts is not None else self._accounts(paused=False)
        names = {a.id: a.name for a in chosen}
        unsubscribe = self._bus.subscribe(
            SyncStatus,
            lambda s: progress(s, names[s.account_id]) if progress and s.account_id in names else None,
        )
        jobs: dict[int, SyncJob] = {}
        try:
            for account in chosen:
                if account.state is not AccountState.PAUSED:
                    self._outages.forget(account.id)
                    jobs[account.id] = self._start(
                        account.id, full=full, patience_s=PATIENCE_S, by_person=True
                    )
            return [self._report_of(account, jobs.get(account.id)) for account in chosen]
        except KeyboardInterrupt:
            for job in jobs.values():
                job.cancelled.set()
            for job in jobs.values():
                job.done.wait(2.0)
            raise
        finally:
            unsubscribe()

    def _report_of(self, account: Account, job: SyncJob | None) -> SyncReport:
        if job is None:
            info = ErrorInfo(ErrorKind.CANCELLED.value, f"{account.name} is paused. Resume it first.")
            return SyncReport(account=account.name, ok=False, error=info)
        report = job.report.result()
        if report is None:
            info = ErrorInfo(ErrorKind.CANCELLED.value, "Stopped before it began.")
            return SyncReport(account=account.name, ok=False, error=info)
        return report

    def _accounts(self, *, paused: bool = True) -> list[Account]:
        with self.store.read() as reader:
            accounts = stored_accounts.list_all(reader)
        return [a for a in accounts if paused or a.state is not AccountState.PAUSED]

    # --- for the jobs ------------------------------------------------------------------------------------

    def load_cursor(self, account_id: int) -> Cursor:
        with self.store.read() as reader:
            return stored_accounts.load_cursor(reader, account_id)

    def is_under_way(self, account_id: int) -> bool:
        """Whether the stored cursor is that of a run which did not come to its end."""
        with self.store.read() as reader:
            saved_at = stored_accounts.cursor_saved_at(reader, account_id)
            account = stored_accounts.get(reader, account_id)
        if saved_at is None or account is None:
            return False
        return account.last_success is None or account.last_success < saved_at

    def since(self, account_id: int) -> int:
        """The moment before which no review of the account is kept (UTC seconds), 0 for none."""
        with self.store.read() as reader:
            return reach.get(reader, account_id)

    def say(self, status: SyncStatus) -> None:
        """Publish a status, once for equal ones in a row."""
        with self._lock:
            if self._statuses.get(status.account_id) == status:
                return
            self._statuses[status.account_id] = status
        self._bus.publish(status)

    def on_anonymised(self, forget: Callable[[Mapping[int, tuple[str, ...]]], None]) -> None:
        """Call ``forget`` at the end of a run that made reviews anonymous: ids, and what named them before."""
        self._forget = forget

    def forget(self, anonymised: Mapping[int, tuple[str, ...]]) -> None:
        """See ``on_anonymised``; never raises what a full disk may cause."""
        if self._forget is not None:
            try:
                self._forget(anonymised)
            except (StoreError, OSError) as error:
                _log.warning("names that are to be forgotten are still in a file: %s", error)

    def on_recovered(self, callback: Callable[[int], None]) -> None:
        """Call ``callback`` with the account's id when an outage ends."""
        self._recovered = (*self._recovered, callback)

    def finished(
        self,
        account_id: int,
        tally: _Tally,
        failure: ReviewdeskError | None,
        token_expires: int | None,
        calls: int,
        seconds: float,
    ) -> SyncReport:
        """Write down how a run ended and tell everybody who must know."""
        name = self._account_name(account_id)
        error: ErrorInfo | None = None
        if failure is None:
            self.succeeded(account_id, token_expires, synced=True)
        else:
            error = describe_failure(failure)
            retry_after = failure.retry_after_s if isinstance(failure, ProviderError) else None
            self.failed(account_id, failure, error, retry_after)
        _log.info(
            "account %d: %d new, %d changed, %d removed, %d unchanged, %d set aside, %d calls, %.1f s%s",
            account_id,
            tally.new,
            tally.changed,
            tally.removed,
            tally.unchanged,
            len(tally.skipped),
            calls,
            seconds,
            f"; {error.kind}" if error else "",
        )
        return SyncReport(
            account=name,
            ok=error is None,
            new=tally.new,
            changed=tally.changed,
            removed=tally.removed,
            unchanged=tally.unchanged,
            skipped=tuple(tally.skipped),
            calls=calls,
            seconds=round(seconds, 3),
            error=error,
        )

    def succeeded(self, account_id: int, token_expires: int | None, *, synced: bool) -> None:
        """The provider answered: the account is well, and if it was not, everybody hears so once."""
        now = int(self.clock.now())
        ended = self._outages.succeeded(account_id)
        before = self._account(account_id)
        if before is None:
            return
        was_down = ended or before.state in (AccountState.ERROR, AccountState.SIGN_IN_NEEDED)
        self._update(
            account_id,
            state=before.state if before.state is AccountState.PAUSED else _well(before, synced),
            last_success=now if synced else before.last_success,
            last_attempt=now,
            last_error=None,
            token_expires=token_expires if token_expires is not None else before.token_expires,
        )
        self._warn_early(before, token_expires)
        if synced or was_down:
            self.say(SyncStatus(account_id, SyncPhase.IDLE))
        if was_down:
            self._notice(account_id, NoticeLevel.INFO, f"{before.name} works again.")
            for callback in self._recovered:
                callback(account_id)

    def _warn_early(self, account: Account, token_expires: int | None) -> None:
        """Say once that a sign-in is about to end for good, while there is time to do something."""
        if token_expires is None or token_expires - self.clock.now() > EARLY_S:
            return
        with self._lock:
            if self._warned.get(account.id) == token_expires:
                return
            self._warned[account.id] = token_expires
        day = iso_utc(token_expires) or ""
        self._notice(
            account.id,
            NoticeLevel.WARNING,
            f"The sign-in of {account.name} ends on {day[:10]}.",
            "Sign in again before that day.",
        )

    def answered(self, account_id: int, token_expires: int | None) -> None:
        """A call that was no sync went well: that ends an outage of the way to the provider, and only that."""
        account = self._account(account_id)
        if account is None:
            return
        down = account.last_error is not None and account.last_error.kind in _WAY_KINDS
        if down or self._outages.get(account_id) is not None:
            self.succeeded(account_id, token_expires, synced=False)

    def failed(
        self,
        account_id: int,
        failure: ReviewdeskError,
        error: ErrorInfo,
        retry_after_s: float | None = None,
    ) -> None:
        """A call failed: state, status, and one notice per outage."""
        if isinstance(failure, Cancelled):
            self.say(SyncStatus(account_id, SyncPhase.IDLE))
            return
        before = self._account(account_id)
        if before is None:
            return
        first = self._outages.failed(account_id, error, retry_after_s)
        state = before.state
        if state is not AccountState.PAUSED:
            signed_out = error.kind in (ErrorKind.SIGN_IN.value, "keychain")
            state = AccountState.SIGN_IN_NEEDED if signed_out else AccountState.ERROR
        self._update(account_id, state=state, last_attempt=int(self.clock.now()), last_error=error)
        outage = self._outages.get(account_id)
        continues = outage.continues_at if outage and not outage.blocked else None
        if error.kind == ErrorKind.NETWORK.value:
            self.say(SyncStatus(account_id, SyncPhase.OFFLINE, "Offline", continues_at=continues))
        else:
            self.say(SyncStatus(account_id, SyncPhase.BLOCKED, error.message, continues_at=continues))
        # A process that has just started knows from the row that this outage was told already.
        told = before.last_error is not None and before.last_error.kind == error.kind
        if first and not told:
            level = NoticeLevel.WARNING if error.kind == ErrorKind.NETWORK.value else NoticeLevel.ERROR
            self._notice(account_id, level, f"{before.name}: {error.message}", failure.remedy)

    def _notice(self, account_id: int, level: NoticeLevel, message: str, remedy: str = "") -> None:
        _log.log(
            logging.INFO if level is NoticeLevel.INFO else logging.WARNING,
            "account %d: %s",
            account_id,
            message,
        )
        self._bus.publish(Notice(level, message, remedy, account_id, self.clock.now()))

    def _account(self, account_id: int) -> Account | None:
        with self.store.read() as reader:
            return stored_accounts.get(reader, account_id)

    def _account_name(self, account_id: int) -> str:
        account = self._account(account_id)
        return account.name if account else f"account {account_id}"

    def _update(self, account_id: int, **values: object) -> None:
        try:
            self.store.write_now(
                lambda tx: stored_accounts.update(tx, account_id, **values),  # type: ignore[arg-type]
                priority=Priority.SYNC,
            )
        except ReviewdeskError as error:
            _log.warning("the state of account %d could not be written: %s", account_id, error.message)


def _well(account: Account, synced: bool) -> AccountState:
    never = account.last_success is None and not synced
    return AccountState.NEVER_SYNCED if never else AccountState.OK
