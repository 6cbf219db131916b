"""The connection test beside the window: stages come one by one, a cancel is heard between two of them."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal

from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.plain import dataclass

if TYPE_CHECKING:
    from reviewdesk.domain.clock import Clock

__all__ = ["Trial", "Tried"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tried:
    """A stage that is through. ``ms``: how long it took."""

    name: str
    ok: bool
    message: str
    remedy: str
    ms: int


class _Cancel:
    """Set by the window; waits by the clock, as providers want it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    def is_set(self) -> bool:
        return self._event.is_set()

    def wait(self, timeout_s: float) -> bool:
        return self._clock.wait(self._event, timeout_s)


class Trial(QObject):
    """One test on a thread of its own: a slow keychain or a dead host never holds up the window or its readers.

    ``stage`` carries a Tried; ``ended`` whether all went well; ``failed`` the ReviewdeskError that came in place of
    a stage (a value that cannot be right, a keychain that is locked). All on the GUI thread.
    ``stages`` is called with the cancel token and gives what ``AccountService.check`` gives.
    """

    stage = Signal(object)
    ended = Signal(bool)
    failed = Signal(object)

    _woken = Signal()

    def __init__(
        self,
        clock: Clock,
        stages: Callable[[Any], Iterator[Any]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._stages = stages
        self._cancel = _Cancel(clock)
        self._heard: deque[tuple[str, Any]] = deque()
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="connection-test", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Nobody wants to know any more: no signal comes from now on."""
        self._cancel.set()

    def wait(self, timeout_s: float) -> bool:
        """For the end of the window: true when the thread has ended."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # --- the thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        ok = False
        try:
            before = self._clock.monotonic()
            for stage in self._stages(self._cancel):
                now = self._clock.monotonic()
                tried = Tried(
                    stage.stage, stage.ok, stage.message, stage.remedy, round((now - before) * 1000)
                )
                self._tell("stage", tried)
                ok, before = stage.ok, now
        except ReviewdeskError as error:
            self._tell("failed", error)
        except Exception:  # noqa: BLE001 - whatever a test meets, the window says so and goes on
            _log.exception("a connection test failed")
            self._tell(
                "failed",
                ReviewdeskError("Something went wrong inside.", remedy="The log file has the details."),
            )
        else:
            self._tell("ended", ok)

    def _tell(self, what: str, value: object) -> None:
        self._heard.append((what, value))
        try:
            self._woken.emit()
        except RuntimeError:
            _log.debug("nobody is left to hear of the test")

    def _deliver(self) -> None:
        while self._heard and not self._cancel.is_set():
            what, value = self._heard.popleft()
            getattr(self, what).emit(value)


class Errand(QObject):
    """One call beside the window that may wait for a keychain or a network: ``done`` with its answer, or ``failed``."""

    done = Signal(object)
    failed = Signal(object)

    _woken = Signal()

    def __init__(self, work: Callable[[], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._result: tuple[str, object] | None = None
        self._dropped = False
        self._woken.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="account-errand", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def drop(self) -> None:
        """Nobody wants the answer any more."""
        self._dropped = True

    def _run(self) -> None:
        try:
            self._result = ("done", self._work())
        except ReviewdeskError as error:
            self._result = ("failed", error)
        except Exception:  # noqa: BLE001 - see Trial
            _log.exception("a call of the account windows failed")
            inside = ReviewdeskError("Something went wrong inside.", remedy="The log file has the details.")
            self._result = ("failed", inside)
        try:
            self._woken.emit()
        except RuntimeError:
            _log.debug("nobody is left to hear of the call")

    def _deliver(self) -> None:
        if self._result is not None and not self._dropped:
            what, value = self._result
            getattr(self, what).emit(value)
