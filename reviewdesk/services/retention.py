"""How long things are kept: a rule for each account and kind, a preview of the number, and the work by itself.

Without a rule everything is kept. What exactly goes, and what never does, says ``store.retention``.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import InvalidInput, StoreError
from reviewdesk.services.locks import FileLock
from reviewdesk.store import retention, search
from reviewdesk.store.database import Priority
from reviewdesk.store.retention import Kind, Rule

if TYPE_CHECKING:
    from reviewdesk.services.profile import Profile
    from reviewdesk.store.database import Store, Tx

__all__ = ["Due", "Kind", "RetentionService", "Rule"]

_log = logging.getLogger(__name__)

DAY_S = 86_400
LONGEST_DAYS = 36_500
_FIRST_LOOK_S = 180.0
_LOOK_EVERY_S = 6 * 3600.0
_ROWS = 200


@dataclass(frozen=True, slots=True)
class Due:
    """What a rule would remove now."""

    rule: Rule
    rows: int


class RetentionService:
    """``start`` with the window; the rest on any thread. Reads and ``tend`` block."""

    def __init__(self, store: Store, profile: Profile, clock: Clock) -> None:
        self._store = store
        self._profile = profile
        self._clock = clock
        self._end = threading.Event()
        self._thread: threading.Thread | None = None

    def rules(self) -> Sequence[Rule]:
        """Every rule there is."""
        with self._store.read() as reader:
            return retention.rules(reader)

    def set_rule(self, account_id: int, kind: Kind, days: int) -> Future[None]:
        """``days`` 0 keeps everything. Nothing goes before the next ``tend``. Raises ``InvalidInput``."""
        if not 0 <= days <= LONGEST_DAYS:
            raise InvalidInput(f"Between 0 (for ever) and {LONGEST_DAYS:,} days.")
        return self._store.write(lambda tx: retention.put_rule(tx, account_id, kind, days))

    def preview(self, account_id: int, kind: Kind, days: int) -> int:
        """How many rows a rule of ``days`` would remove now; 0 days: none."""
        if days <= 0:
            return 0
        with self._store.read() as reader:
            return retention.count(reader, account_id, kind, self._before(days))

    def due(self) -> list[Due]:
        """What every rule would remove now."""
        return [Due(rule, self.preview(rule.account_id, rule.kind, rule.days)) for rule in self.rules()]

    def _before(self, days: int) -> int:
        return int(self._clock.now()) - days * DAY_S

    def tend(self) -> int:
        """Remove what every rule says; how many rows went. In small steps: others write in between.

        Raises the StoreErrors. One process at a time; another one finds nothing to do.
        """
        lock = FileLock(self._profile.locks / "retention.lock")
        if not lock.take():
            return 0
        try:
            gone = sum(self._apply(rule) for rule in self.rules())
        finally:
            lock.drop()
        if gone:
            self._store.write_now(search.ask_scrub, priority=Priority.SYNC)
            _log.info("%d rows went by their age", gone)
        return gone

    def _apply(self, rule: Rule) -> int:
        before, gone = self._before(rule.days), 0

        def step(tx: Tx) -> int:
            return retention.remove(tx, rule.account_id, rule.kind, before, _ROWS)

        while not self._end.is_set():
            went = self._store.write_now(step, priority=Priority.SYNC)
            gone += went
            if went < _ROWS:
                break
        return gone

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="retention", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._end.set()

    def _run(self) -> None:
        wait = _FIRST_LOOK_S
        while not self._clock.wait(self._end, wait):
            wait = _LOOK_EVERY_S
            try:
                self.tend()
            except (StoreError, OSError) as error:
                _log.warning("what is too old could not be removed: %s", error)
