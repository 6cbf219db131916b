"""Real stores in a temporary folder, and the small records that tests put into them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from reviewdesk.domain.models import (
    Account,
    ActionKind,
    Author,
    ChangeSet,
    Comment,
    Deletion,
    OutboxItem,
    OutboxState,
    ReviewDetail,
    ReviewKind,
    ReviewRecord,
    ReviewRow,
    Role,
    Target,
    Thread,
)
from reviewdesk.store import accounts, outbox, reviews, threads
from reviewdesk.store.database import Store, Tx
from tests.support.clock import FakeClock

__all__ = ["NOW", "Shelf", "business", "consumer", "item", "record", "run_child", "thread"]

T = TypeVar("T")
NOW = 1_780_000_000
CREATED = 1_700_000_000


def record(native_id: str = "r1", **more: Any) -> ReviewRecord:
    """A product review; everything may be given differently."""
    given: dict[str, Any] = {
        "kind": ReviewKind.PRODUCT,
        "native_id": native_id,
        "score": 2.0,
        "score_min": 1.0,
        "score_max": 5.0,
        "title": "Lamp",
        "body": "It flickers.",
        "language": "en",
        "author": Author(name="Ada Vogel", email="ada.vogel@example.org", id="u7"),
        "created_at": CREATED,
        "raw": '{"id":"' + native_id + '"}',
    }
    return ReviewRecord(**{**given, **more})


def business(
    text: str, native_id: str | None = "c1", at: int = CREATED + 100, author: str = "ACME"
) -> Comment:
    return Comment(id=native_id, author=author, role=Role.BUSINESS, text=text, created_at=at)


def consumer(text: str, native_id: str | None = "c2", at: int = CREATED + 200) -> Comment:
    return Comment(id=native_id, author="Ada Vogel", role=Role.CONSUMER, text=text, created_at=at)


def thread(*comments: Comment, native_id: str | None = "t1") -> Thread:
    return Thread(id=native_id, state="public", comments=comments)


def item(review_id: int | None, text: str = "Thank you.", **more: Any) -> OutboxItem:
    """A public reply of account 1 that is due now."""
    given: dict[str, Any] = {
        "id": 0,
        "kind": ActionKind.REPLY,
        "account_id": 1,
        "review_id": review_id,
        "target": Target.PUBLIC,
        "text": text,
        "payload": {},
        "state": OutboxState.WAITING,
        "created_at": float(NOW),
        "not_before": float(NOW),
    }
    return OutboxItem(**{**given, **more})


class Shelf:
    """A store with one account ("Shop", id 1), and short names for what tests do to it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.clock = FakeClock(NOW)
        self.heard: list[ChangeSet] = []
        self.path = folder / "reviewdesk.sqlite"
        self.store = Store.open(self.path, clock=self.clock, on_change=self.heard.append, **options)
        self.account: Account = self.write(
            lambda tx: (
                accounts.by_name(tx, "Shop")
                or accounts.insert(tx, name="Shop", provider="trustpilot", settings={})
            )
        )
        self.heard.clear()

    def write(self, work: Callable[[Tx], T]) -> T:
        return self.store.write_now(work)

    def page(
        self, *records: ReviewRecord, gone: tuple[Deletion, ...] = (), **more: Any
    ) -> reviews.PageResult:
        return self.write(
            lambda tx: reviews.store_page(tx, self.account.id, reviews=records, deletions=gone, **more)
        )

    def thread(self, native_id: str, read: Thread) -> bool:
        review_id = self.id(native_id)
        return self.write(lambda tx: threads.store_thread(tx, review_id, read))

    def queue(self, native_id: str, text: str = "Thank you.", **more: Any) -> OutboxItem:
        review_id = self.id(native_id)
        return self.write(lambda tx: outbox.insert(tx, item(review_id, text, **more)))

    def sql(self, text: str, params: Any = ()) -> list[tuple[Any, ...]]:
        with self.store.read() as r:
            return r.rows(text, params)

    def id(self, native_id: str = "r1") -> int:
        with self.store.read() as r:
            found = reviews.find(r, self.account.id, native_id)
        assert found is not None
        return found

    def row(self, native_id: str = "r1") -> ReviewRow:
        review_id = self.id(native_id)
        with self.store.read() as r:
            return reviews.rows(r, [review_id])[review_id]

    def detail(self, native_id: str = "r1") -> ReviewDetail:
        review_id = self.id(native_id)
        with self.store.read() as r:
            found = reviews.detail(r, review_id)
        assert found is not None
        return found

    def last(self) -> ChangeSet:
        return self.heard[-1]

    def close(self) -> None:
        self.store.close()


def run_child(code: str, *args: str) -> subprocess.Popen[str]:
    """A Python process of our own with ``code``; talks over its pipes."""
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", code, *args],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=root,
    )
