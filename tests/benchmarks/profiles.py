"""Profiles full of generated reviews, stored through the program's own store and kept between runs."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from importlib import resources
from pathlib import Path
from time import perf_counter
from typing import Any

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import AccountState, ReviewRecord
from reviewdesk.services.profile import Profile
from reviewdesk.store import accounts, reviews, search, search_index
from reviewdesk.store.database import Priority, Store, Tx
from tests.benchmarks.generator import ACCOUNTS, NEWEST, VERSION, YEARS, Generator

__all__ = ["SIZES", "Built", "Filling", "Person", "fill", "open_store", "ready"]

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
_SLICE_S = 0.02


@dataclass(slots=True)
class Filling:
    """What storing took. Times in seconds, holds in milliseconds."""

    rows: int = 0
    store_s: float = 0.0
    """Until every page was committed (its generation not counted)."""
    searchable_s: float = 0.0
    """Until the last row could be found by its words."""
    settled_s: float = 0.0
    """Until nothing was left to merge."""
    holds_ms: list[float] = field(default_factory=list)
    """How long each transaction held the writer."""


@dataclass(slots=True)
class Built:
    folder: str
    database: str
    rows: int
    text_bytes: int
    """Titles, texts, replies and records as received, in UTF-8: what a profile can't do without."""
    file_bytes: int
    store_s: float
    searchable_s: float
    fresh: bool = False


_settled = threading.Event()
"""Set while the index of the store that was opened last has nothing to do."""


def open_store(path: Path, *, index: bool = True, holds_ms: list[float] | None = None) -> Store:
    """The store as the program opens it; ``holds_ms`` gets the length of every transaction."""

    def work(tx: Tx) -> bool:
        more = search.index_slice(tx, budget_s=_SLICE_S)
        if more:
            _settled.clear()
        else:
            _settled.set()
        return more

    store = Store.open(
        path, clock=SystemClock(), on_change=lambda changes: None, idle_work=work if index else None
    )
    if holds_ms is not None:
        _time_transactions(store, holds_ms)
    return store


def _time_transactions(store: Store, holds_ms: list[float]) -> None:
    writer: Any = store._writer
    transact: Callable[..., Any] = writer._transact

    def timed(job: Any) -> Any:
        started = perf_counter()
        try:
            return transact(job)
        finally:
            holds_ms.append((perf_counter() - started) * 1_000)

    writer._transact = timed


def fill(store: Store, pages: Iterable[tuple[int, Sequence[ReviewRecord]]], made: Filling) -> None:
    """Store pages as a sync does and wait until all of it can be found and nothing is left to merge."""
    for number, records in pages:
        started = perf_counter()
        _settled.clear()
        store.write_now(
            lambda tx, n=number, page=records: reviews.store_page(tx, n + 1, reviews=page),
            priority=Priority.SYNC,
        )
        made.store_s += perf_counter() - started
        made.rows += len(records)
    started = perf_counter()
    _wait(store, lambda: _count(store, search_index.waiting) == 0)
    made.searchable_s = made.store_s + perf_counter() - started
    _settled.wait()
    made.settled_s = made.store_s + perf_counter() - started


def _count(store: Store, what: Callable[[Any], int]) -> int:
    with store.read() as r:
        return what(r)


def _wait(store: Store, condition: Callable[[], bool]) -> None:
    clock = SystemClock()
    while not condition():
        clock.wait(threading.Event(), 0.01)


def add_accounts(store: Store) -> None:
    """The five accounts, paused: a benchmark talks to nobody."""

    def add(tx: Tx) -> None:
        for name, provider, _, _ in ACCOUNTS:
            account = accounts.insert(tx, name=name, provider=provider, settings={})
            accounts.update(tx, account.id, state=AccountState.PAUSED, last_success=NEWEST)

    store.write_now(add)


class Person:
    """Somebody who changes a small thing ten times a second; ``waits_ms`` is how long each had to wait for its commit."""

    def __init__(self, store: Store) -> None:
        self.waits_ms: list[float] = []
        self._store = store
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._act, daemon=True)

    def __enter__(self) -> Person:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _act(self) -> None:
        turn = 0
        while not self._stop.wait(0.1):
            turn += 1
            started = perf_counter()
            with suppress(ReviewdeskError):
                self._store.write_now(
                    lambda tx, n=turn: tx.run(
                        "INSERT INTO setting(key, value) VALUES ('benchmark', ?)"
                        " ON CONFLICT DO UPDATE SET value = excluded.value",
                        (str(n),),
                    )
                )
                self.waits_ms.append((perf_counter() - started) * 1_000)


# --- kept profiles -------------------------------------------------------------------------------


def _key(size: int) -> str:
    digest = hashlib.sha256(f"{VERSION}/{size}".encode())
    for file in sorted(resources.files("reviewdesk.store.migrations").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".sql"):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def ready(size: int, *, anew: bool = False) -> Built:
    """A profile of ``size`` reviews, from an earlier run where schema and generator are still the same."""
    root = Path(tempfile.gettempdir()) / "reviewdesk-benchmarks"
    folder = root / f"{size}-{_key(size)}"
    facts = folder / "built.json"
    if facts.exists() and not anew:
        return Built(**json.loads(facts.read_text("utf-8")))
    # Made aside and moved in one step: two runs at a time may both make it, and one of them is kept.
    root.mkdir(mode=0o700, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f"making-{size}-", dir=root))
    try:
        built = _build(making, size)
        built.folder, built.database = str(folder), str(folder / Path(built.database).relative_to(making))
        (making / facts.name).write_text(json.dumps(asdict(built)), "utf-8")
        for stale in root.glob(f"{size}-*"):
            if anew or stale != folder:
                shutil.rmtree(stale, ignore_errors=True)
        with suppress(OSError):  # somebody else was quicker
            making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    built.fresh = True
    return built


def _build(folder: Path, size: int) -> Built:
    database = Profile.open(folder).database
    store = open_store(database)
    made = Filling()
    texts = 0

    def counted() -> Iterable[tuple[int, Sequence[ReviewRecord]]]:
        nonlocal texts
        for number, records in Generator(size).pages():
            for record in records:
                replies = record.thread.comments if record.thread else ()
                texts += sum(
                    len(text.encode())
                    for text in (record.title, record.body, record.raw, *(c.text for c in replies))
                )
            if made.rows % 10_000 < len(records) and sys.stderr.isatty():
                sys.stderr.write(f"\rmaking a profile: {made.rows:,} of {size:,} ")
            yield number, records

    try:
        add_accounts(store)
        fill(store, counted(), made)
        _work_through(store)
    finally:
        store.close()
    file_bytes = sum(f.stat().st_size for f in database.parent.iterdir() if f.name.startswith(database.name))
    return Built(str(folder), str(database), made.rows, texts, file_bytes, made.store_s, made.searchable_s)


def _work_through(store: Store) -> None:
    """Somebody has worked here: most of what is older than two months is done, some is starred, tagged, owned."""
    steps = 60
    span = YEARS * 365 * 86_400 // steps
    for step in range(steps):
        low, high = NEWEST - (step + 1) * span, NEWEST - step * span
        if step == steps - 1:
            low = 0

        def change(tx: Tx, low: int = low << 20, high: int = high << 20, old: bool = step > 1) -> None:
            inside = "id >= ? AND id < ?"
            if old:
                tx.run(
                    "UPDATE review SET work_state = CASE WHEN id % 200 = 0 THEN 'waiting' WHEN id % 100 = 1"
                    f" THEN 'needs-reply' ELSE 'done' END, unread = (id % 50 = 7) WHERE {inside}",
                    (low, high),
                )
            tx.run(f"UPDATE review SET starred = 1 WHERE {inside} AND id % 300 = 3", (low, high))
            tx.run(f"UPDATE review SET owner = 'me' WHERE {inside} AND id % 90 = 5", (low, high))

        store.write_now(change)

    def tag(tx: Tx) -> None:
        tx.run("INSERT INTO tag(name, colour) VALUES ('urgent', 1), ('praise', 2)")
        tx.run(
            "INSERT INTO review_tag(tag_id, review_id) SELECT 1 + (id % 2), id FROM review WHERE id % 60 = 9"
        )
        tx.run(
            "UPDATE review SET tag_names = CASE id % 2 WHEN 0 THEN 'urgent' ELSE 'praise' END WHERE id % 60 = 9"
        )

    store.write_now(tag)
