"""After a provider has made reviews anonymous: nothing of the former names stays in any file of the profile.

The rows themselves were cleaned with the page (``store.anonymise``). What is left are the search index, the write-ahead log,
gaps within pages of the database, and the backups.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import StoreError
from reviewdesk.domain.person import Needles
from reviewdesk.services.backups import backup_lock, backups_of, is_whole
from reviewdesk.store import anonymised_copies, leftovers, search
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from reviewdesk.services.profile import Profile
    from reviewdesk.store.database import Store

__all__ = ["Forgetter"]

_log = logging.getLogger(__name__)

_ROWS: Final = 1_000
_SLICE_S: Final = 0.2
_LOCK_S: Final = 60.0
_PIECE_BYTES: Final = 8 << 20
_OVERLAP_BYTES: Final = 4096
_SHORTEST: Final = 4
"""A shorter value stands in any file by chance."""


class Forgetter:
    """Blocking; on an account's worker, at the end of a run."""

    def __init__(self, store: Store, profile: Profile, clock: Clock) -> None:
        self._store = store
        self._profile = profile
        self._clock = clock

    def forget(self, anonymised: Mapping[int, tuple[str, ...]]) -> None:
        """``anonymised``: review ids, each with what named its author before. Raises the StoreErrors and OSError."""
        self._scrub_index()
        path = self._profile.database
        leftovers.empty_log(path, self._clock)
        values = {v.strip() for former in anonymised.values() for v in former if len(v.strip()) >= _SHORTEST}
        if values and _holds(path, Needles(values, encoded=False)):
            # A page that was split or merged keeps what stood in its gaps; or somebody else bears the name.
            leftovers.make_anew(path, self._clock)
            leftovers.empty_log(path, self._clock)
        self._clean_backups(list(anonymised))

    def _scrub_index(self) -> None:
        while True:
            more = self._store.write_now(
                lambda tx: search.index_slice(tx, max_rows=_ROWS, budget_s=_SLICE_S), priority=Priority.SYNC
            )
            with self._store.read() as reader:
                if not more and leftovers.is_scrubbed(reader):
                    return

    def _clean_backups(self, review_ids: list[int]) -> None:
        backups = backups_of(self._profile)
        if not backups:
            return
        lock = backup_lock(self._profile)
        if not lock.take_within(self._clock, _LOCK_S):
            raise StoreError("A backup is being made just now.")
        try:
            for backup in backups:
                if not anonymised_copies.wipe(backup.path, review_ids, self._clock, is_whole):
                    # It can't be read by this program, so nobody can take the name out of it.
                    _log.warning("a backup that can't be cleaned of an anonymised person was removed")
                    backup.path.unlink(missing_ok=True)
        finally:
            lock.drop()


def _holds(path: Path, needles: Needles) -> bool:
    with path.open("rb") as file:
        tail = b""
        while piece := file.read(_PIECE_BYTES):
            if needles.in_bytes(tail + piece):
                return True
            tail = piece[-_OVERLAP_BYTES:]
    return False
