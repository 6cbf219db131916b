"""A thread of its own for a keychain that may not answer: whoever asks gets a sentence in time, nobody hangs with it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from typing import Any, TypeVar

from reviewdesk.domain.errors import KeychainLocked

__all__ = ["Patience"]

_T = TypeVar("_T")

_REMEDY = "Look for a window that asks for the keychain's password, then try again."


class Patience:
    """Runs calls one after the other. Any thread; the thread of its own is made at the first call and dies with the
    process, for a keychain that hangs must not keep the program from ending.

    A call that takes longer than ``seconds`` raises ``KeychainLocked``; until it is through, every other raises it at
    once. What it does in the end is done all the same.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._tasks: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._late: Future[Any] | None = None

    def run(self, work: Callable[[], _T]) -> _T:
        """The answer of ``work``, or its error. Raises ``KeychainLocked`` when it does not come in time."""
        with self._lock:
            if self._late is not None and not self._late.done():
                raise KeychainLocked("The keychain does not answer.", remedy=_REMEDY)
            self._late = None
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="keychain", daemon=True)
                self._thread.start()
        future: Future[_T] = Future()
        self._tasks.put((work, future))
        try:
            return future.result(self._seconds)
        except NotInTime:
            if future.done():
                raise  # the work's own error of that kind
        with self._lock:
            # One that has not begun yet never will; the one before it is what hangs.
            if not future.cancel():
                self._late = future
        raise KeychainLocked("The keychain does not answer.", remedy=_REMEDY)

    def _serve(self) -> None:
        while True:
            work, future = self._tasks.get()
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - it belongs to who asked
                future.set_exception(error)
