"""The bus inside the process: who committed or noticed something says so here; the window listens through its bridge."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from reviewdesk.domain.models import ChangeSet
from reviewdesk.domain.plain import dataclass

__all__ = ["Arrived", "Event", "EventBus", "Notice", "NoticeLevel", "SyncPhase", "SyncStatus"]

_log = logging.getLogger(__name__)


class SyncPhase(StrEnum):
    IDLE = "idle"
    RUNNING = "running"
    OFFLINE = "offline"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """Where one account's worker stands; ``done`` and ``total`` count reviews of the present run."""

    account_id: int
    phase: SyncPhase
    message: str = ""
    done: int = 0
    total: int | None = None
    continues_at: float | None = None


class NoticeLevel(StrEnum):
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Arrived:
    """So many reviews came into a saved view that wants to be told."""

    view_id: int
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Notice:
    """One line of the activity panel. ``account_id`` None: the program itself. ``arrived``: what a sync run brought
    into saved views that tell."""

    level: NoticeLevel
    message: str
    remedy: str = ""
    account_id: int | None = None
    at: float = 0.0
    arrived: tuple[Arrived, ...] = ()


Event = ChangeSet | SyncStatus | Notice
_E = TypeVar("_E", ChangeSet, SyncStatus, Notice)


class EventBus:
    """Subscribers are called on the publisher's thread, in order, and must return at once.

    A subscriber that raises is logged and does not keep the others from hearing (reliability.md H3).
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscribers: dict[type, tuple[Callable[[Any], None], ...]] = {}

    def subscribe(self, kind: type[_E], callback: Callable[[_E], None]) -> Callable[[], None]:
        """Call ``callback`` with every ``kind`` published from now on; the answer ends that."""
        with self._lock:
            self._subscribers[kind] = (*self._subscribers.get(kind, ()), callback)

        def unsubscribe() -> None:
            with self._lock:
                kept = tuple(c for c in self._subscribers.get(kind, ()) if c is not callback)
                self._subscribers[kind] = kept

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tell everybody who asked for this kind of event. Any thread."""
        for callback in self._subscribers.get(type(event), ()):
            try:
                callback(event)
            except Exception:  # noqa: BLE001 - one deaf subscriber must not silence the rest
                _log.exception("a subscriber to %s failed", type(event).__name__)
