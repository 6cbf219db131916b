"""The one way from the services' threads to the window: coalesced signals, and calls whose answers come back here.

Everything in this module but the bus callbacks runs on the GUI thread.
"""

from __future__ import annotations

import itertools
import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance
from shiboken6 import isValid

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import ChangeSet
from reviewdesk.domain.plain import dataclass
from reviewdesk.services.events import Notice, NoticeLevel, SyncStatus

if TYPE_CHECKING:
    from reviewdesk.services.core import Core

__all__ = ["Bridge", "merge_changes"]

_log = logging.getLogger(__name__)

COALESCE_MS = 50
"""So long after one telling the next waits; what comes alone goes through at once."""
_SWITCH_S = 0.001
"""How long a thread keeps the interpreter while another wants it. The window gives it away with many of its calls to Qt and
has to wait for it again each time: beside a busy sync its pauses had 51 ms at p99 with Python's five milliseconds and 37
with one (docs/performance.md); a sync does the same work in the same time."""


def merge_changes(first: ChangeSet, then: ChangeSet) -> ChangeSet:
    """Two commits as one: what was added and removed again is only removed, what was added is not "changed"."""
    added = (first.added - then.removed) | then.added
    removed = (first.removed - then.added) | then.removed
    return ChangeSet(
        added=added,
        changed=((first.changed | then.changed) - added) - removed,
        removed=removed,
        drafts=first.drafts | then.drafts,
        outbox=first.outbox | then.outbox,
        accounts=first.accounts | then.accounts,
        journal=first.journal or then.journal,
        views=first.views or then.views,
        products=first.products or then.products,
    )


@dataclass(slots=True)
class _Call:
    number: int
    key: Hashable | None
    owner: QObject | None
    done: Callable[[Any], object] | None
    failed: Callable[[BaseException], object] | None


class Bridge(QObject):
    """Made by the composition root with the core; ``close`` before the core stops.

    ``changes`` carries a ChangeSet, at most one every 50 ms and the first of them at once; ``status`` the newest
    SyncStatus of an account, as often; ``notice`` a Notice, also of calls that failed and had nobody to tell.
    """

    changes = Signal(object)
    status = Signal(object)
    notice = Signal(object)

    _woken = Signal()
    _answered = Signal()

    def __init__(self, core: Core, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.core = core
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH_S))
        self._lock = threading.Lock()
        self._changes: ChangeSet | None = None
        self._statuses: dict[int, SyncStatus] = {}
        self._notices: list[Notice] = []
        self._awake = False
        self._closed = False
        self._answers: deque[tuple[_Call, Future[Any]]] = deque()
        self._numbers = itertools.count(1)
        self._newest: dict[tuple[int, Hashable], tuple[int, Future[Any] | None]] = {}
        # Each with a rest of its own: the word that a sync begins is no reason for its first review to wait.
        self._change_rest = self._rest(self._tell_change)
        self._status_rest = self._rest(self._tell_statuses)
        self._woken.connect(self._on_woken, Qt.ConnectionType.QueuedConnection)
        self._answered.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._ends = (
            core.bus.subscribe(ChangeSet, self._on_changes),
            core.bus.subscribe(SyncStatus, self._on_status),
            core.bus.subscribe(Notice, self._on_notice),
        )

    def close(self) -> None:
        """Hear and deliver nothing any more. Calls that still run end unheard."""
        for end in self._ends:
            end()
        with self._lock:
            self._closed = True
        self._change_rest.stop()
        self._status_rest.stop()
        self._answers.clear()
        self._newest.clear()

    # --- the bus, on the publishers' threads -----------------------------------------------------

    def _on_changes(self, change: ChangeSet) -> None:
        with self._lock:
            self._changes = change if self._changes is None else merge_changes(self._changes, change)
        self._wake()

    def _on_status(self, status: SyncStatus) -> None:
        with self._lock:
            self._statuses[status.account_id] = status
        self._wake()

    def _on_notice(self, notice: Notice) -> None:
        with self._lock:
            self._notices.append(notice)
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            if self._awake or self._closed:
                return
            self._awake = True
        self._emit(self._woken)

    @staticmethod
    def _emit(signal: SignalInstance) -> None:
        try:
            signal.emit()
        except RuntimeError:
            # The window's side is gone: its event loop ended between our look and this call.
            _log.debug("nobody is left to hear of it")

    # --- signals, on the GUI thread --------------------------------------------------------------

    def _rest(self, ended: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(COALESCE_MS)
        timer.timeout.connect(ended)
        return timer

    def _on_woken(self) -> None:
        with self._lock:
            self._awake = False
        if not self._change_rest.isActive():
            self._tell_change()
        if not self._status_rest.isActive():
            self._tell_statuses()

    def _tell_change(self) -> None:
        with self._lock:
            change, self._changes = self._changes, None
        if change is not None:
            self._change_rest.start()
            self.changes.emit(change)

    def _tell_statuses(self) -> None:
        with self._lock:
            statuses, self._statuses = list(self._statuses.values()), {}
            notices, self._notices = self._notices, []
        if statuses or notices:
            self._status_rest.start()
        for status in statuses:
            self.status.emit(status)
        for notice in notices:
            self.notice.emit(notice)

    # --- calls -----------------------------------------------------------------------------------

    def run(
        self,
        work: Callable[..., Any],
        *args: Any,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[BaseException], object] | None = None,
        owner: QObject | None = None,
        key: Hashable | None = None,
    ) -> None:
        """Run ``work(*args)`` on the core's reader pool and call ``done(result)`` on the GUI thread.

        Nobody is called when ``owner`` died meanwhile, or when a newer call with the same ``key`` (of the same
        owner) was made. A failure goes to ``failed(error)``, or becomes a notice.
        """
        if self._closed:
            return
        try:
            future = self.core.submit(work, *args)
        except RuntimeError:
            # The pool is shut down: the program ends.
            return
        self.watch(future, done=done, failed=failed, owner=owner, key=key)

    def watch(
        self,
        future: Future[Any],
        *,
        done: Callable[[Any], object] | None = None,
        failed: Callable[[BaseException], object] | None = None,
        owner: QObject | None = None,
        key: Hashable | None = None,
    ) -> None:
        """Like ``run`` for something that is under way: the acts of the services answer with a future."""
        call = _Call(next(self._numbers), key, owner, done, failed)
        if key is not None:
            slot = (id(owner), key)
            older = self._newest.get(slot)
            if older is not None and older[1] is not None:
                older[1].cancel()
            self._newest[slot] = (call.number, future)

        def finished(ended: Future[Any]) -> None:
            with self._lock:
                if self._closed:
                    return
                self._answers.append((call, ended))
            self._emit(self._answered)

        future.add_done_callback(finished)

    def _deliver(self) -> None:
        while self._answers:
            call, future = self._answers.popleft()
            if self._superseded(call) or (call.owner is not None and not isValid(call.owner)):
                continue
            try:
                result = future.result()
            except CancelledError:
                continue
            except Exception as error:  # noqa: BLE001 - whatever a call raises must not end the event loop
                self._fail(call, error)
                continue
            if call.done is not None:
                call.done(result)

    def _superseded(self, call: _Call) -> bool:
        if call.key is None:
            return False
        slot = (id(call.owner), call.key)
        newest = self._newest.get(slot)
        if newest is None or newest[0] != call.number:
            return True
        del self._newest[slot]
        return False

    def _fail(self, call: _Call, error: Exception) -> None:
        if not isinstance(error, ReviewdeskError):
            _log.error("a call of the window failed", exc_info=error)
        if call.failed is not None:
            call.failed(error)
            return
        if isinstance(error, ReviewdeskError):
            self.notice.emit(Notice(NoticeLevel.ERROR, error.message, error.remedy))
        else:
            self.notice.emit(
                Notice(
                    NoticeLevel.ERROR,
                    self.tr("Something went wrong inside the program."),
                    self.tr("The log file has the details."),
                )
            )
