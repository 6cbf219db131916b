"""When an account in trouble may be tried again, so that an hour of outage costs few calls and one notice."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import ErrorInfo

__all__ = ["Outage", "Outages"]

# Eight tries in the first hour, four in each one after it (reliability.md CT4 allows twelve).
_DELAYS_S = (5.0, 15.0, 60.0, 300.0, 900.0)
_LONGEST_ASKED_S = 3600.0


@dataclass(frozen=True, slots=True)
class Outage:
    """One account's trouble. ``next_try`` is in monotonic seconds."""

    error: ErrorInfo
    failures: int
    next_try: float
    continues_at: float
    """The same moment in UTC seconds, to be shown."""
    failed_at: float = 0.0
    """Monotonic seconds of the last failure."""

    @property
    def blocked(self) -> bool:
        """Only a person can end it: nothing is tried in the background."""
        return self.error.kind in ("sign-in", "keychain", "host-key")


class Outages:
    """The troubles of all accounts in this process. Any thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._by_account: dict[int, Outage] = {}

    def failed(self, account_id: int, error: ErrorInfo, retry_after_s: float | None = None) -> bool:
        """Note a failure; true when it is the first of an outage, or of another kind than before."""
        with self._lock:
            before = self._by_account.get(account_id)
            failures = before.failures + 1 if before else 1
            delay = _DELAYS_S[min(failures, len(_DELAYS_S)) - 1]
            if retry_after_s is not None:
                delay = max(delay, min(retry_after_s, _LONGEST_ASKED_S))
            now = self._clock.monotonic()
            self._by_account[account_id] = Outage(
                error, failures, now + delay, self._clock.now() + delay, now
            )
            return before is None or before.error.kind != error.kind

    def succeeded(self, account_id: int) -> bool:
        """Note a success; true when it ends an outage."""
        with self._lock:
            return self._by_account.pop(account_id, None) is not None

    def get(self, account_id: int) -> Outage | None:
        with self._lock:
            return self._by_account.get(account_id)

    def may_try(self, account_id: int) -> bool:
        """Whether background work may call the provider now."""
        outage = self.get(account_id)
        return outage is None or (not outage.blocked and self._clock.monotonic() >= outage.next_try)

    def forget(self, account_id: int) -> None:
        """A person changed something: the next try is free."""
        with self._lock:
            self._by_account.pop(account_id, None)
