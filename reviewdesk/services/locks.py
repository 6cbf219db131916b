"""Locks between processes. The operating system drops them with the process, so a stale one never needs a hand."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path
from types import TracebackType

from reviewdesk.domain.clock import Clock

__all__ = ["FileLock"]

_POLL_S = 0.05


class FileLock:
    """One exclusive lock on one file. The file itself stays; only the lock on it means anything."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        return self._handle is not None

    def take(self) -> bool:
        """Try once; true when the lock is ours now. Raises OSError when the file can't be made."""
        if self._handle is not None:
            return True
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
        if not _lock(handle):
            os.close(handle)
            return False
        self._handle = handle
        return True

    def take_within(self, clock: Clock, timeout_s: float, stop: threading.Event | None = None) -> bool:
        """Try for up to ``timeout_s`` seconds, or until ``stop`` is set."""
        event = stop or threading.Event()
        end = clock.monotonic() + timeout_s
        while not self.take():
            if clock.monotonic() >= end or clock.wait(event, _POLL_S):
                return False
        return True

    def drop(self) -> None:
        """Give the lock back; nothing when it is not ours."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            _unlock(handle)
            os.close(handle)

    def __enter__(self) -> FileLock:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.drop()


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> bool:
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
