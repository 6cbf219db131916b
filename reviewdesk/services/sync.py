"""Reading from the providers: one run per account at a time, each page stored with its cursor in one write."""

from __future__ import annotations

import logging
import threading
from array import array
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING

from reviewdesk.domain.clock import Clock, iso_utc
from reviewdesk.domain.errors import (
    Cancelled,
    ErrorInfo,
    ErrorKind,
    ProviderError,
    ReviewdeskError,
    SecretError,
    StoreError,
    error_info,
)
from reviewdesk.domain.models import Account, AccountState, SyncReport
from reviewdesk.services import reach
from reviewdesk.services.events import EventBus, Notice, NoticeLevel, SyncPhase, SyncStatus
from reviewdesk.services.outages import Outages
from reviewdesk.services.sync_job import SyncJob, Tally
from reviewdesk.services.workers import Workers
from reviewdesk.store import accounts as stored_accounts
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from pathlib import Path

    from reviewdesk.domain.courtesy import Courtesy
    from reviewdesk.providers.base import Cursor
    from reviewdesk.store.database import Store

__all__ = ["SyncJob", "SyncProgress", "SyncService", "describe_failure"]

_log = logging.getLogger(__name__)

PATIENCE_S = 15.0
# What any good answer disproves; other failures only a whole sync does.
_WAY_KINDS = ("network", "tls", "sign-in", "keychain", "host-key", "rate-limit", "server")
LATE_S = 30 * 86_400
"""Reviews this much older than the last sync are history that was asked for later, not news."""
_ID_SHIFT = 20
EARLY_S = 14 * 86_400
"""How long before a sign-in ends the program says so."""

SyncProgress = Callable[[SyncStatus, str], None]
"""Called with each status and the account's name; any thread."""


def describe_failure(error: ReviewdeskError) -> ErrorInfo:
    """An error as an account keeps it. What the keychain refuses has a kind of its own: no request was made."""
    if isinstance(error, SecretError):
        return ErrorInfo("keychain", error.message)
    return error_info(error)


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
        courtesy: Courtesy,
    ) -> None:
        self.store = store
        self.clock = clock
        self.courtesy = courtesy
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
        self._arrived: Callable[[int, array[int]], None] | None = None
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

    def on_arrived(self, callback: Callable[[int, array[int]], None]) -> None:
        """Call ``callback`` at the end of a run with the account's id and the reviews that came for the first time.

        Not at a first load, and not with what is older than the last run by more than ``LATE_S``: that is history.
        """
        self._arrived = callback

    def _tell_arrivals(self, account_id: int, tally: Tally) -> None:
        account = self._account(account_id)
        if self._arrived is None or account is None or account.last_success is None:
            return
        oldest = max(0, account.last_success - LATE_S) << _ID_SHIFT
        ids = array("q", (i for i in tally.added if i >= oldest))
        if ids:
            self._arrived(account_id, ids)

    def finished(
        self,
        account_id: int,
        tally: Tally,
        failure: ReviewdeskError | None,
        token_expires: int | None,
        calls: int,
        seconds: float,
    ) -> SyncReport:
        """Write down how a run ended and tell everybody who must know."""
        name = self._account_name(account_id)
        error: ErrorInfo | None = None
        self._tell_arrivals(account_id, tally)
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
