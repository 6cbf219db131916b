"""The times of an account's last calls, shared by all programs that use its profile.

A window, a second window and a scheduled ``sync`` count together: each asks a small file under a lock before a call. The
account's row keeps a copy for the gauge, and for a profile whose file was lost.
"""

from __future__ import annotations

import logging
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from reviewdesk.domain.clock import Clock
from reviewdesk.services.locks import FileLock
from reviewdesk.store import accounts as stored
from reviewdesk.store.database import Priority

if TYPE_CHECKING:
    from reviewdesk.providers.base import PaceBook
    from reviewdesk.store.database import Store

__all__ = ["StoredPace", "forget"]

_log = logging.getLogger(__name__)

_ENTRY: Final = struct.Struct("<dQB")
"""When (UTC seconds), whose, and which of the following."""
_BEGUN, _ENDED, _PERSON_WAITS = 0, 1, 2
_LONGEST_CALL_S: Final = 120.0
"""A call whose program was killed counts as under way that long."""
_KEEP_S: Final = 86_400.0
_TIDY_BYTES: Final = _ENTRY.size * 6000
_PATIENCE_S: Final = 2.0
_POLL_S: Final = 0.004


class _Book:
    """The file while its lock is ours."""

    def __init__(self, path: Path, now: float) -> None:
        self._path = path
        self._now = now
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            data = b""
        whole = len(data) - len(data) % _ENTRY.size  # a killed program may leave half an entry
        self._half = len(data) != whole
        self._entries: list[tuple[float, int, int]] = list(_ENTRY.iter_unpack(data[:whole]))
        if self._half or len(data) > _TIDY_BYTES:
            self._tidy()

    @property
    def is_new(self) -> bool:
        return not self._entries

    def calls_of_others(self, owner: int) -> list[float]:
        """When each of their calls had reached the server for certain: its end, or now while it is under way."""
        open_since: dict[int, float] = {}
        found = []
        for at, whose, what in self._entries:
            if whose == owner or what == _PERSON_WAITS:
                continue
            begun = open_since.pop(whose, None)
            if begun is not None:
                found.append(at)  # the next of the same program ends the one before
            if what == _BEGUN:
                open_since[whose] = at
        found += [min(self._now, at + _LONGEST_CALL_S) for at in open_since.values()]
        return found

    def person_waits(self, owner: int) -> float | None:
        waiting = (at for at, whose, what in self._entries if whose != owner and what == _PERSON_WAITS)
        return max(waiting, default=None)

    def begin(self, owner: int, at: float) -> None:
        self._append((at, owner, _BEGUN))

    def end(self, owner: int, at: float) -> None:
        self._append((at, owner, _ENDED))

    def say_person_waits(self, owner: int, at: float) -> None:
        self._append((at, owner, _PERSON_WAITS))

    def _append(self, entry: tuple[float, int, int]) -> None:
        handle = os.open(
            self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600
        )
        try:
            os.write(handle, _ENTRY.pack(*entry))
        finally:
            os.close(handle)
        self._entries.append(entry)

    def _tidy(self) -> None:
        """Without what is older than any window; what is ahead of the clock stays, it counts as just now."""
        self._entries = [e for e in self._entries if e[0] > self._now - _KEEP_S and e[2] != _PERSON_WAITS]
        whole = self._path.with_suffix(".new")
        whole.write_bytes(b"".join(_ENTRY.pack(*entry) for entry in self._entries))
        whole.replace(self._path)


class StoredPace:
    """``providers.base.SharedPaceMemory`` of one account."""

    def __init__(self, store: Store, account_id: int, folder: Path, clock: Clock) -> None:
        self._store = store
        self._account_id = account_id
        self._clock = clock
        self._path = _path(folder, account_id)

    def load(self) -> list[float]:
        with self._store.read() as reader:
            return stored.load_pace(reader, self._account_id)

    def save(self, calls: list[float]) -> None:
        account_id, copy = self._account_id, list(calls)
        self._store.write(lambda tx: stored.save_pace(tx, account_id, copy), priority=Priority.SYNC)

    @contextmanager
    def exclusive(self) -> Iterator[PaceBook | None]:
        lock = FileLock(self._path.with_suffix(".lock"))
        book: _Book | None = None
        try:
            if self._take(lock):
                book = _Book(self._path, self._clock.now())
        except OSError as error:
            # A full or read-only disk must not stop the work: this program still keeps its own count.
            _log.warning("calls can't be counted together with other programs: %s", error.strerror)
        try:
            yield book
        finally:
            lock.drop()

    def _take(self, lock: FileLock) -> bool:
        never, end = threading.Event(), self._clock.monotonic() + _PATIENCE_S
        while not lock.take():
            if self._clock.monotonic() >= end:
                return False
            self._clock.wait(never, _POLL_S)
        return True


def forget(folder: Path, account_id: int) -> None:
    """The account is gone."""
    for path in (_path(folder, account_id), _path(folder, account_id).with_suffix(".lock")):
        path.unlink(missing_ok=True)


def _path(folder: Path, account_id: int) -> Path:
    return folder / f"pace-{account_id}.bin"
