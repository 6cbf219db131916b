"""Reviews by the hundred thousand, made when they are asked for: what a list needs and nothing of a database."""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from reviewdesk.domain.models import ChangeSet, ProviderState, ReplyMark, ReviewKind, ReviewRow, WorkState
from reviewdesk.domain.query import And, Created, Is, Node, Query, Sort, parse
from reviewdesk.services.events import EventBus
from tests.support.clock import FakeClock

__all__ = ["NOW", "BigCore", "make_row", "review_id"]

NOW = 1_780_310_700.0  # Monday 1 June 2026, 10:45 UTC
T = TypeVar("T")
_WORDS = ("Livraison rapide", "Der Deckel klemmt ein wenig", "Works as described", "明るいです", "جودة جيدة")


def review_id(seconds_ago: float, sequence: int = 0) -> int:
    """The id of a review written so long before NOW."""
    return (int(NOW - seconds_ago) << 20) | sequence


def make_row(number: int, **more: Any) -> ReviewRow:
    """A row of this id; its content follows from the id."""
    created = number >> 20
    mixed = (created * 2654435761 >> 9) & 0xFFFFF
    values: dict[str, Any] = {
        "id": number,
        "account_id": 1 + mixed % 3,
        "kind": ReviewKind.PRODUCT,
        "native_id": f"r{number}",
        "score": float(1 + mixed % 5),
        "score_min": 1.0,
        "score_max": 5.0,
        "score100": 25 * (mixed % 5),
        "author_name": f"Buyer {mixed % 9973}",
        "product_name": f"Lamp {mixed % 97}",
        "order_id": str(20_000 + mixed % 9000),
        "snippet": f"{_WORDS[mixed % 5]}, {mixed % 1009}",
        "language": "en",
        "created_at": created,
        "updated_at": None,
        "provider_state": ProviderState.PUBLISHED,
        "work_state": WorkState.NEW,
        "reply_mark": ReplyMark.NONE,
        "unread": mixed % 4 == 0,
        "starred": False,
        "edited": False,
        "has_photo": mixed % 6 == 0,
        "has_draft": False,
        "owner": None,
        "tags": (),
        "source": None,
    }
    return ReviewRow(**(values | more))


class _Inbox:
    """Understands nothing, ``is:new``, ``is:unread`` and spans of time; enough to let rows enter and leave."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.all = sorted(ids, reverse=True)
        self.changed: dict[int, ReviewRow] = {}
        self.asked_rows: list[int] = []
        self.calls: list[str] = []
        self.gate = threading.Event()
        self.gate.set()

    def row(self, number: int) -> ReviewRow:
        return self.changed.get(number) or make_row(number)

    def parse(self, text: str, as_typed: bool = False) -> Query:
        return parse(text, now=NOW, as_typed=as_typed)

    def _matches(self, number: int, node: Node | None) -> bool:
        if isinstance(node, And):
            return all(self._matches(number, part) for part in node.parts)
        if isinstance(node, Created):
            second = number >> 20
            return (node.low_s is None or second >= node.low_s) and (
                node.high_s is None or second < node.high_s
            )
        if isinstance(node, Is):
            row = self.row(number)
            return row.unread if node.value == "unread" else row.work_state.value == node.value
        return True

    def ids(self, query: Query, *, sort: Sort = Sort.NEWEST) -> array[int]:
        self.gate.wait(10)
        self.calls.append("ids")
        found = (
            list(self.all) if query.root is None else [i for i in self.all if self._matches(i, query.root)]
        )
        if sort is Sort.OLDEST:
            found.reverse()
        elif sort is Sort.SCORE_LOW:
            found.sort(key=lambda i: self.row(i).score or 0)
        return array("q", found)

    def page(self, query: Query, *, before: int | None = None, limit: int = 100) -> list[ReviewRow]:
        self.calls.append("page")
        found: list[ReviewRow] = []
        for number in self.all:
            if (before is None or number < before) and self._matches(number, query.root):
                found.append(self.row(number))
                if len(found) == limit:
                    break
        return found

    def rows(self, ids: Iterable[int]) -> dict[int, ReviewRow]:
        self.gate.wait(10)
        asked = list(ids)
        self.calls.append("rows")
        self.asked_rows.extend(asked)
        known = set(self.all) if len(self.all) < 5000 else None
        return {i: self.row(i) for i in asked if known is None or i in known}


class _Nothing:
    def specs(self) -> tuple[()]:
        return ()

    def list(self) -> list[Any]:
        return []


class BigCore:
    """What an InboxList asks of a core."""

    def __init__(self, ids: Iterable[int]) -> None:
        self.clock = FakeClock(NOW)
        self.bus = EventBus()
        self.accounts = _Nothing()
        self.inbox = _Inbox(ids)
        self._pool = ThreadPoolExecutor(2, "big-core")

    def submit(self, work: Callable[..., T], *args: Any) -> Future[T]:
        return self._pool.submit(work, *args)

    def known_accounts(self) -> list[Any]:
        return list(self.accounts.list())

    def account_codes(self) -> dict[str, str]:
        return {spec.id: spec.code for spec in self.accounts.specs()}

    def stop(self) -> None:
        self.inbox.gate.set()
        self._pool.shutdown(wait=True)

    # --- what happens to reviews -----------------------------------------------------------------

    def add(self, ids: Iterable[int]) -> None:
        """A sync brought these."""
        new = set(ids)
        self.inbox.all = sorted({*self.inbox.all, *new}, reverse=True)
        self.bus.publish(ChangeSet(added=frozenset(new)))

    def change(self, ids: Iterable[int], **values: Any) -> None:
        """Somebody or something changed these."""
        touched = set(ids)
        for number in touched:
            self.inbox.changed[number] = replace(self.inbox.row(number), **values)
        self.bus.publish(ChangeSet(changed=frozenset(touched)))

    def erase(self, ids: Iterable[int]) -> None:
        """These are gone from the database."""
        out = set(ids)
        self.inbox.all = [i for i in self.inbox.all if i not in out]
        self.bus.publish(ChangeSet(removed=frozenset(out)))
