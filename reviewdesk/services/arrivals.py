"""Saved views that tell what arrives in them: after a sync run, once for each new review, never for a first load."""

from __future__ import annotations

import logging
import threading
from array import array
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from reviewdesk.domain.clock import Clock
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.query import Query
from reviewdesk.services.events import Arrived, EventBus, Notice, NoticeLevel
from reviewdesk.services.matching import matching
from reviewdesk.store import search_index, views

if TYPE_CHECKING:
    from reviewdesk.services.inbox import InboxService
    from reviewdesk.store.database import Store

__all__ = ["Arrivals"]

_log = logging.getLogger(__name__)

_INDEX_PATIENCE_S = 30.0
_POLL_S = 0.1


class Arrivals:
    """``look_soon`` is told by the sync service; the answer is one ``Notice`` with ``arrived`` for each run."""

    def __init__(
        self,
        store: Store,
        inbox: InboxService,
        bus: EventBus,
        clock: Clock,
        submit: Callable[..., Future[Any]],
    ) -> None:
        self._store, self._inbox, self._bus, self._clock, self._submit = store, inbox, bus, clock, submit
        self._never = threading.Event()
        self.looking: Future[tuple[Arrived, ...]] | None = None
        """The look that was asked for last."""

    def look_soon(self, account_id: int, ids: array[int]) -> None:
        """A run of this account brought these reviews for the first time. Returns at once; any thread."""
        self.looking = self._submit(self.look, account_id, ids)

    def look(self, account_id: int, ids: array[int]) -> tuple[Arrived, ...]:
        """Say which views that want to be told hold some of these. Blocking; for a pool thread."""
        with self._store.read() as reader:
            wanted = [view for view in views.list_all(reader) if view.notify]
        if not wanted or not ids:
            return ()
        now = self._clock.now()
        queries = [(view, self._inbox.parse(view.query, as_typed=True)) for view in wanted]
        if any(_asks_words(query) for _, query in queries):
            self._wait_for_the_index()
        found = []
        try:
            for view, query in queries:
                there = matching(self._inbox, query, ids)
                if there:
                    found.append(Arrived(view.id, view.name, len(there)))
        except ReviewdeskError as error:
            _log.warning("what arrived in the views could not be read: %s", error.message)
        if found:
            words = ", ".join(f"{each.count} in {each.name}" for each in found)
            notice = Notice(
                NoticeLevel.INFO, f"New reviews: {words}", "", account_id, now, arrived=tuple(found)
            )
            self._bus.publish(notice)
        return tuple(found)

    def _wait_for_the_index(self) -> None:
        """A new review is found by its words some tenths of a second after it is found by its fields."""
        end = self._clock.monotonic() + _INDEX_PATIENCE_S
        while self._clock.monotonic() < end:
            with self._store.read() as reader:
                if not search_index.waiting(reader):
                    return
            self._clock.wait(self._never, _POLL_S)


def _asks_words(query: Query) -> bool:
    """Whether some of it, asked for or denied, is answered by the text index."""
    return any(chip.kind in ("text", "group", "from", "product", "order") for chip in query.chips)
