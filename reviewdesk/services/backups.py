"""Copies of the database: one a day when something changed, thinned, and the way back; and the care for damage.

Copies are whole databases in the profile's ``backups`` folder, readable by their owner alone. They hold personal
data, as the database does.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from reviewdesk.domain.clock import Clock, iso_utc
from reviewdesk.domain.errors import InvalidInput, StoreDamaged, StoreError, StoreUnusable
from reviewdesk.services.events import EventBus, Notice, NoticeLevel
from reviewdesk.services.handouts import note_copy
from reviewdesk.services.locks import FileLock
from reviewdesk.store import salvage
from reviewdesk.store.connections import make_private_folder

if TYPE_CHECKING:
    from reviewdesk.domain.courtesy import Courtesy
    from reviewdesk.services.profile import Profile
    from reviewdesk.store.database import Store

__all__ = [
    "Backup",
    "BackupService",
    "backup_lock",
    "backups_of",
    "is_whole",
    "open_or_rescue",
    "restore",
    "thinned",
]

_log = logging.getLogger(__name__)

_NAME = re.compile(r"reviewdesk-(\d{8}T\d{6}Z)\.db")
_DAY_S = 86_400.0
_FIRST_LOOK_S = 60.0
_LOOK_EVERY_S = 3_600.0
_QUIET_S = 60.0
"""The daily copy is for moments in which nobody has touched a key or the mouse for so long."""
_AGAIN_S = 20.0
_PATIENCE_S = 4 * 3_600.0
"""Whoever never rests gets their copy after so long all the same."""
_LONGEST_PAUSE_S = 0.05
_LOCK_S = 30.0
_ROOM_BYTES = 100 * 1024 * 1024
DAILY, WEEKLY, MONTHLY = 7, 4, 6


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy. ``at``: when it was made (UTC seconds, by its name)."""

    path: Path
    at: float

    @property
    def size(self) -> int:
        """Bytes on the disk; 0 when it is gone by now."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0


def _folder(profile: Profile) -> Path:
    return profile.data / "backups"


def backups_of(profile: Profile) -> list[Backup]:
    """The profile's copies, newest first. A file of another name is none of ours."""
    found = []
    for path in _folder(profile).glob("reviewdesk-*.db"):
        name = _NAME.fullmatch(path.name)
        if name:
            at = datetime.strptime(name[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
            found.append(Backup(path, at))
    return sorted(found, key=lambda b: b.at, reverse=True)


def backup_lock(profile: Profile) -> FileLock:
    """Held by whoever makes, thins or rewrites the profile's copies."""
    return FileLock(profile.locks / "backup.lock")


def is_whole(path: Path) -> bool:
    """Whether the copy passes the check and this program can read it."""
    return salvage.is_good(path)


def thinned(backups: Sequence[Backup]) -> list[Backup]:
    """Which of them go: all but the newest of each of the last seven days, four weeks and six months that have one."""
    kept: set[Path] = set()
    for count, period in ((DAILY, "%Y-%j"), (WEEKLY, "%G-%V"), (MONTHLY, "%Y-%m")):
        seen: dict[str, Path] = {}
        for backup in sorted(backups, key=lambda b: b.at, reverse=True):
            seen.setdefault(datetime.fromtimestamp(backup.at, UTC).strftime(period), backup.path)
        kept.update(list(seen.values())[:count])
    return [b for b in backups if b.path not in kept]


class BackupService:
    """Makes the daily copy in the background, while nobody works. ``start`` with the window; any thread."""

    def __init__(
        self, store: Store, profile: Profile, clock: Clock, bus: EventBus, courtesy: Courtesy
    ) -> None:
        self._store = store
        self._profile = profile
        self._clock = clock
        self._courtesy = courtesy
        self._bus = bus
        self._end = threading.Event()
        self._thread: threading.Thread | None = None
        self._waits_since: float | None = None
        self._slice_began = 0.0

    def list(self) -> list[Backup]:
        """The copies there are, newest first."""
        return backups_of(self._profile)

    def start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="backups", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._end.set()

    def _run(self) -> None:
        wait = _FIRST_LOOK_S
        while not self._clock.wait(self._end, wait):
            wait = _LOOK_EVERY_S
            try:
                if not self.tend_quietly():
                    wait = _AGAIN_S
            except StoreError as error:
                self._say(NoticeLevel.ERROR, f"No backup was made: {error.message}", error.remedy)
            except OSError as error:
                self._say(
                    NoticeLevel.ERROR, f"No backup was made: {error.strerror or 'the disk refuses it'}."
                )

    def tend(self) -> Path | None:
        """Make today's copy when one is due; None when none is. Raises ``StoreError`` and OSError."""
        return self.make() if self._due() else None

    def tend_quietly(self) -> bool:
        """The same when nobody works, given up as soon as somebody does; false: it is due and was put off.

        Raises as ``tend``.
        """
        if not self._due():
            self._waits_since = None
            return True
        now = self._clock.monotonic()
        if self._waits_since is None:
            self._waits_since = now
        if now - self._waits_since >= _PATIENCE_S:
            go_on = self._gently
        elif self._quiet():
            go_on = self._while_quiet
        else:
            return False
        self._slice_began = now
        if self._make(go_on) is None:
            return False
        self._waits_since = None
        return True

    def _due(self) -> bool:
        newest = next(iter(self.list()), None)
        if newest is None:
            return True
        # A copy from the future was made by a clock that was wrong: it says nothing about today.
        return not 0 <= self._clock.now() - newest.at < _DAY_S and self._changed_since(newest)

    def _quiet(self) -> bool:
        return self._courtesy.idle_s() >= _QUIET_S

    def _while_quiet(self) -> bool:
        return self._gently() and self._quiet()

    def _gently(self) -> bool:
        """A pause as long as the slice took: half of the disk and of a processor is for others."""
        took = self._clock.monotonic() - self._slice_began
        ended = self._clock.wait(self._end, min(took, _LONGEST_PAUSE_S))
        self._slice_began = self._clock.monotonic()
        return not ended

    def make(self) -> Path | None:
        """Make a copy now and thin the older ones; None when another process is at it. Raises as ``tend``."""
        return self._make(None)

    def _make(self, go_on: Callable[[], bool] | None) -> Path | None:
        lock = backup_lock(self._profile)
        if not lock.take():
            return None
        try:
            make_private_folder(_folder(self._profile))
            size = self._profile.database.stat().st_size
            if shutil.disk_usage(self._profile.data).free < 2 * size + _ROOM_BYTES:
                raise StoreError("There is too little room on the disk for it.", remedy="Free some space.")
            stamp = (iso_utc(self._clock.now()) or "").replace("-", "").replace(":", "")
            target = _folder(self._profile) / f"reviewdesk-{stamp}.db"
            if not self._store.backup(target, go_on):
                return None
            for old in thinned(self.list()):
                old.path.unlink(missing_ok=True)
            return target
        except StoreDamaged:
            self._say(
                NoticeLevel.ERROR,
                "The database is damaged.",
                "Close Reviewdesk and open it again: what can be read is saved then.",
            )
            raise
        finally:
            lock.drop()

    def write_to(self, target: Path) -> int:
        """Write a copy to a file that a person names (mode 0600, replaced when it is there); its size in bytes.

        Raises ``InvalidInput`` when the place can't be written, and the StoreErrors.
        """
        target = Path(os.path.abspath(target))  # noqa: PTH100 - resolve() would follow links
        if target.is_dir():
            raise InvalidInput(f"{target} is a folder; name a file.")
        if not target.parent.is_dir() or not os.access(target.parent, os.W_OK):
            raise InvalidInput(f"{target} can't be written: look at its folder.")
        self._store.backup(target)
        note_copy(self._store, "backup", target)
        return target.stat().st_size

    def _changed_since(self, backup: Backup) -> bool:
        made = backup.path.stat().st_mtime
        database = self._profile.database
        files = (database, database.with_name(database.name + "-wal"))
        return any(file.exists() and file.stat().st_mtime > made for file in files)

    def _say(self, level: NoticeLevel, message: str, remedy: str = "") -> None:
        _log.warning("%s", message)
        self._bus.publish(Notice(level, message, remedy, None, self._clock.now()))


# --- damage ------------------------------------------------------------------------------------------------


def open_or_rescue(
    profile: Profile, clock: Clock, open_store: Callable[[], Store]
) -> tuple[Store, salvage.Salvage | None]:
    """Open the database; a damaged one is set aside and what can be saved takes its place.

    The second answer tells what was saved. Raises what ``Store.open`` and ``salvage.rescue`` raise.
    """
    path = profile.database
    if not salvage.suspect(path):
        try:
            return open_store(), None
        except StoreDamaged:
            _log.warning("the database is damaged; saving what can be read")
    lock = FileLock(profile.locks / "salvage.lock")
    if not lock.take_within(clock, _LOCK_S):
        raise StoreDamaged("The database is damaged, and another program is saving what can be read.")
    try:
        if salvage.is_good(path):
            # Another program was quicker, or the suspicion was wrong.
            salvage.clear_suspicion(path)
            return open_store(), None
        if _others_alive(profile):
            raise StoreDamaged(
                "The database is damaged.",
                remedy="Close every Reviewdesk that uses this profile and open it again: what can be read is saved.",
            )
        saved = salvage.rescue(path, [b.path for b in backups_of(profile)], clock)
        _log.warning("%s The damaged file is in %s.", saved.sentence(), saved.folder.name)
        return open_store(), saved
    finally:
        lock.drop()


def restore(profile: Profile, backup: Path, clock: Clock) -> Path | None:
    """Put a copy in the place of the database; where the former one lies now. No core of the profile may be open.

    What waited in the copy's outbox is held for a person. Raises ``StoreUnusable`` while another program uses the
    profile, and what ``salvage.restore`` raises.
    """
    window = FileLock(profile.locks / "window.lock")
    if not window.take():
        raise StoreUnusable("The profile is open in a window.", remedy="Close it first.")
    try:
        if _others_alive(profile):
            raise StoreUnusable("Another Reviewdesk uses this profile.", remedy="Let it end first.")
        return salvage.restore(profile.database, backup, clock)
    finally:
        window.drop()


def _others_alive(profile: Profile) -> bool:
    for path in profile.locks.glob("sender-*.lock"):
        lock = FileLock(path)
        if not lock.take():
            return True
        lock.drop()
    return False
