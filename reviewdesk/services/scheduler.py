"""When things happen by themselves: background sync, due outbox items, snoozed reviews that wake."""

from __future__ import annotations

import logging
import random
import threading
from typing import TYPE_CHECKING

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import StoreError
from reviewdesk.domain.models import Account, AccountState, ChangeSet
from reviewdesk.services.events import EventBus
from reviewdesk.services.outages import Outages
from reviewdesk.services.settings import SYNC_MINUTES, SettingsService

if TYPE_CHECKING:
    from reviewdesk.services.accounts import AccountService
    from reviewdesk.services.inbox import InboxService
    from reviewdesk.services.outbox import OutboxService
    from reviewdesk.services.sync import SyncService

__all__ = ["Scheduler"]

_log = logging.getLogger(__name__)

# Another process may have queued something without our hearing of it: look that often at least.
_LOOK_S = 15.0
_JITTER = 0.1
_SLEPT_S = 60.0


class Scheduler:
    """One thread; everything it starts runs on the accounts' workers."""

    def __init__(
        self,
        clock: Clock,
        bus: EventBus,
        accounts: AccountService,
        sync: SyncService,
        outbox: OutboxService,
        inbox: InboxService,
        settings: SettingsService,
        outages: Outages,
    ) -> None:
        self._clock = clock
        self._accounts = accounts
        self._sync = sync
        self._outbox = outbox
        self._inbox = inbox
        self._settings = settings
        self._outages = outages
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._due: dict[int, float] = {}
        self._offset = clock.now() - clock.monotonic()
        bus.subscribe(ChangeSet, self._on_change)

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="scheduler", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    def next_run(self, account_id: int) -> float | None:
        """When the account is read next (UTC seconds), or None when nothing is planned."""
        due = self._due.get(account_id)
        if due is None:
            return None
        return self._clock.now() + max(0.0, due - self._clock.monotonic())

    def _on_change(self, changes: ChangeSet) -> None:
        if changes.outbox or changes.accounts:
            self._wake.set()

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                wait = self.tick()
            except StoreError as error:
                _log.warning("the database can't be used just now: %s", error.message)
                wait = 5.0
            except Exception:  # noqa: BLE001 - the program must go on syncing whatever one round met
                _log.exception("a round of the scheduler failed")
                wait = _LOOK_S
            if not self._stopping:
                self._clock.wait(self._wake, wait)

    def tick(self) -> float:
        """One round: start what is due. Seconds until the next round. Raises ``StoreError``."""
        self._notice_sleep()
        left = [_LOOK_S]
        next_item = self._outbox.tend()
        if next_item is not None:
            left.append(next_item)
        self._inbox.wake_snoozed()
        left += [self._tend_account(account, place) for place, account in enumerate(self._plan())]
        return max(0.05, min(left))

    def _plan(self) -> list[Account]:
        accounts = [
            a
            for a in self._accounts.list()
            if a.state not in (AccountState.PAUSED, AccountState.SIGN_IN_NEEDED)
        ]
        for gone in set(self._due) - {a.id for a in accounts}:
            del self._due[gone]
        return accounts

    def _tend_account(self, account: Account, place: int) -> float:
        now = self._clock.monotonic()
        due = self._due.get(account.id)
        if due is None:
            due = self._due[account.id] = now + self._first_wait(account, place)
        outage = self._outages.get(account.id)
        if outage is not None:
            if outage.blocked:
                return _LOOK_S
            due = outage.next_try
        if due > now:
            return due - now
        self._sync.sync_in_background(account.id)
        self._due[account.id] = now + self._interval()
        return _LOOK_S

    def _interval(self) -> float:
        minutes = self._settings.get(SYNC_MINUTES)
        return minutes * 60 * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - no secret

    def _first_wait(self, account: Account, place: int) -> float:
        if account.last_attempt is None:
            return 0.0  # a new account: somebody waits for its first rows
        ago = self._clock.now() - account.last_attempt
        rest = self._interval() - ago if ago >= 0 else 0.0
        return max(rest, self._share(place))

    @staticmethod
    def _share(place: int) -> float:
        """Accounts that are all due at once do not start at once."""
        return 0.8 * place + random.uniform(0.0, 0.5)  # noqa: S311 - no secret

    def _notice_sleep(self) -> None:
        """After the machine slept everything is due; it starts spread over some seconds."""
        offset = self._clock.now() - self._clock.monotonic()
        jumped, self._offset = offset - self._offset, offset
        if jumped > _SLEPT_S:
            now = self._clock.monotonic()
            for place, account_id in enumerate(sorted(self._due)):
                self._due[account_id] = now + self._share(place)
