"""Profiles full of generated reviews, stored through the program's own store and kept between runs."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from importlib import resources
from pathlib import Path
from time import perf_counter
from typing import Any

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import ReviewdeskError
from reviewdesk.domain.models import AccountState, ReviewRecord
from reviewdesk.services.profile import Profile
from reviewdesk.store import accounts, products, reviews, search, search_index
from reviewdesk.store.database import Priority, Store, Tx
from tests.benchmarks.generator import ACCOUNTS, NEWEST, VERSION, YEARS, Generator

__all__ = [
    "SIZES",
    "Built",
    "Filling",
    "Person",
    "add_accounts",
    "build",
    "fill",
    "kept_folder",
    "open_store",
    "ready",
    "time_transactions",
    "working_copy",
]

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
_SLICE_S = 0.02
_BULK_PAGES = 50
_BULK_SLICE_S = 5.0
_BULK_FORMS = 10
_BULK_MERGE_PAGES = 4_000
_BULK_HASH_BYTES = 8 * 1024 * 1024
_HASH_BYTES = 1024 * 1024
"""FTS5's own (sqlite.org/fts5.html, hashsize)."""
_OWN_PROCESSES = 20_000
"""From this size on a second process makes the reviews, and later what is indexed of them, while this one stores."""


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
    """With the generation, which goes on at the same time."""
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
        time_transactions(store, holds_ms)
    return store


def time_transactions(store: Store, holds_ms: list[float]) -> None:
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
    """Store pages as a sync does (a page is prepared while the one before is written) and wait until all of it can be
    found and nothing is left to merge."""
    pending: Future[Any] | None = None
    for number, records in pages:
        started = perf_counter()
        ready = reviews.prepared(records, whole=True)
        if pending is not None:
            pending.result()
        _settled.clear()
        pending = store.write(
            partial(_store_page, number=number, records=records, ready=ready), priority=Priority.SYNC
        )
        made.store_s += perf_counter() - started
        made.rows += len(records)
    started = perf_counter()
    if pending is not None:
        pending.result()
    made.store_s += perf_counter() - started
    started = perf_counter()
    _wait(store, lambda: _count(store, search_index.waiting) == 0)
    made.searchable_s = made.store_s + perf_counter() - started
    _settled.wait()
    made.settled_s = made.store_s + perf_counter() - started


def _store_page(
    tx: Tx, number: int, records: Sequence[ReviewRecord], ready: Mapping[int, Any]
) -> reviews.PageResult:
    return reviews.store_page(tx, number + 1, reviews=records, ready=ready)


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


def kept_folder() -> Path:
    """Where profiles and results are kept between runs."""
    return Path(tempfile.gettempdir()) / "reviewdesk-benchmarks"


def ready(size: int, *, anew: bool = False) -> Built:
    """A profile of ``size`` reviews, from an earlier run where schema and generator are still the same."""
    root = kept_folder()
    folder = root / f"{size}-{_key(size)}"
    facts = folder / "built.json"
    if facts.exists() and not anew:
        return Built(**json.loads(facts.read_text("utf-8")))
    # Made aside and moved in one step: two runs at a time may both make it, and one of them is kept.
    root.mkdir(mode=0o700, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f"making-{size}-", dir=root))
    try:
        built = build(making, size)
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


@contextmanager
def working_copy(built: Built) -> Iterator[Built]:
    """The same profile in a folder of its own, for measurements that write; gone with the ``with``."""
    root = kept_folder()
    with tempfile.TemporaryDirectory(prefix="work-", dir=root) as name:
        folder = Path(name) / "profile"
        shutil.copytree(built.folder, folder)
        if hasattr(os, "sync"):
            os.sync()  # else gigabytes are still being written to the disk while something else is measured
        database = folder / Path(built.database).relative_to(built.folder)
        yield replace(built, folder=str(folder), database=str(database))


def build(folder: Path, size: int) -> Built:
    """A new profile of ``size`` reviews in ``folder``."""
    database = Profile.open(folder).database
    store = open_store(database, index=False)
    made = Filling()
    try:
        add_accounts(store)
        _hurry(store)
        texts = _fill_in_bulk(store, size, made)
        _work_through(store)
        # In its idle time the program gives back what is free; here nothing runs by itself.
        while store.write_now(search.index_slice):
            pass
    finally:
        store.close()
    file_bytes = sum(f.stat().st_size for f in database.parent.iterdir() if f.name.startswith(database.name))
    return Built(str(folder), str(database), made.rows, texts, file_bytes, made.store_s, made.searchable_s)


def _hurry(store: Store) -> None:
    """Making a profile is not what is measured: a crash may lose it, and it may hold much in memory."""
    writer: Any = store._writer
    writer._db.execute(
        "PRAGMA synchronous=OFF; PRAGMA cache_size=-262144; PRAGMA wal_autocheckpoint=20000; PRAGMA secure_delete=OFF"
    ).fetchall()


_Page = tuple[int, list[ReviewRecord], dict[int, Any]]


def _fill_in_bulk(store: Store, size: int, made: Filling) -> int:
    """Pages in the order of a sync, but many in a transaction, and the index afterwards; bytes of all texts."""
    texts, own_processes = 0, size >= _OWN_PROCESSES
    pages = _piped("tests.benchmarks.generator", str(size)) if own_processes else Generator(size).pages()
    stored: Future[None] | None = None
    started = perf_counter()
    while batch := [_made_ready(page) for _, page in zip(range(_BULK_PAGES), pages, strict=False)]:
        # The next pages come in while these are stored.
        if stored is not None:
            stored.result()
        stored = store.write(partial(_store_all, batch))
        made.rows += sum(len(records) for _, records, _ in batch)
        texts += sum(_text_bytes(record) for _, records, _ in batch for record in records)
        _tell(f"making a profile: {made.rows:,} of {size:,}")
    if stored is not None:
        stored.result()
    made.store_s = perf_counter() - started
    if own_processes:
        _index_in_bulk(store)
    while store.write_now(lambda tx: search.index_slice(tx, max_rows=20_000, budget_s=_BULK_SLICE_S)):
        _tell(f"indexing it: {_count(store, search_index.waiting):,} left")
    made.settled_s = made.searchable_s = perf_counter() - started
    while store.write_now(lambda tx: products.match_slice(tx)):
        _tell("matching its products")
    return texts


def _index_in_bulk(store: Store) -> None:
    """What ``index_slice`` would do, with fewer and longer segments: another process reads the texts and brings them into
    their form while this one writes them; the segments, which are all of one level then, are merged once."""

    def put(tx: Tx, batch: Sequence[Sequence[tuple[Any, ...]]]) -> None:
        for rows in batch:
            tx.db.executemany(search_index._INSERT, rows)
            tx.db.executemany("DELETE FROM index_queue WHERE review_id = ?", ((row[0],) for row in rows))

    def set_hash(tx: Tx, size: int) -> None:
        tx.run("INSERT INTO review_fts(review_fts, rank) VALUES ('hashsize', ?)", (size,))

    def merge(tx: Tx) -> bool:
        before = tx.db.total_changes()
        tx.run("INSERT INTO review_fts(review_fts, rank) VALUES ('merge', ?)", (_BULK_MERGE_PAGES,))
        return tx.db.total_changes() - before >= 2

    store.write_now(partial(set_hash, size=_BULK_HASH_BYTES))
    done = 0
    forms = _piped("tests.benchmarks.index_forms", str(store.path))
    put_down: Future[None] | None = None
    while batch := [rows for _, rows in zip(range(_BULK_FORMS), forms, strict=False)]:
        if put_down is not None:
            put_down.result()
        put_down = store.write(partial(put, batch=batch))
        done += sum(map(len, batch))
        _tell(f"indexing it: {done:,}")
    if put_down is not None:
        put_down.result()
    while store.write_now(merge):
        _tell("merging its index")
    store.write_now(partial(set_hash, size=_HASH_BYTES))


def _store_all(batch: Sequence[_Page], tx: Tx) -> None:
    for number, records, ready in batch:
        reviews.store_page(tx, number + 1, reviews=records, ready=ready)


def _made_ready(page: tuple[int, list[ReviewRecord]]) -> _Page:
    return *page, reviews.prepared(page[1], whole=True)


def _text_bytes(record: ReviewRecord) -> int:
    replies = record.thread.comments if record.thread else ()
    texts = (record.title, record.body, record.raw, *(comment.text for comment in replies))
    return sum(len(text.encode()) for text in texts)


def _tell(words: str) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{words} ... ")
        sys.stderr.flush()


def _piped(module: str, *arguments: str) -> Iterator[Any]:
    """What a process of its own pickles, up to None."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert process.stdout is not None
    try:
        while (each := pickle.load(process.stdout)) is not None:
            yield each
    finally:
        process.stdout.close()
        process.wait(30)


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
