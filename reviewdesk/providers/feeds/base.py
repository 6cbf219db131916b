"""What every feed transport has: entries, the rule for names, caps, a spool without a name, and a watchdog.

A server's names are never used as local paths: they are compared, shown and sent back to that server, nothing else.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol

from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import BadAnswer, Cancelled, Delivery
from reviewdesk.domain.text import cap
from reviewdesk.providers.base import CancelToken, Context

__all__ = [
    "CHUNK",
    "FILE_CAP",
    "LISTING_CAP",
    "Entry",
    "FeedFile",
    "FileChanged",
    "Listing",
    "Odd",
    "Step",
    "Transport",
    "Watchdog",
    "name_problem",
    "patience",
    "safe_name",
    "sort_out",
    "spooled",
    "transfer_time",
]

FILE_CAP = 1_000_000_000
"""Bytes of one file. A full export of 500 thousand reviews has about half of that; it is counted, not believed."""
LISTING_CAP = 50_000
CHUNK = 256 * 1024
NAME_CAP = 200
ENDINGS = (".csv", ".xml", ".txt")
_LEAST_BYTES_A_SECOND = 50_000
_TRANSFER_S = 600.0
_LOOK_S = 0.1

_real_time = SystemClock()
"""Waits on sockets are real, whatever clock the account has."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A regular file with a name that can be used. ``modified`` is UTC seconds by the server's clock, None if unknown."""

    name: str
    size: int
    modified: int | None = None


@dataclass(frozen=True, slots=True)
class Odd:
    """A name that is refused: ``name`` made harmless for showing, and the reason."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    entries: tuple[Entry, ...] = ()
    odd: tuple[Odd, ...] = ()


@dataclass(slots=True)
class FeedFile:
    """An opened file: seekable, and asked in between whether it is still what was listed."""

    file: BinaryIO
    unchanged: Callable[[], bool] = field(default=lambda: True)


class FileChanged(Exception):
    """The file is not (any more) what was listed: it grows, shrank or is gone. It is left for the next time."""


Step = tuple[str, Callable[[], str]]
"""A stage of the connection test: its name and what does it; the sentence it returns says what was found."""


class Transport(Protocol):
    """One place with feed files; used by one thread. Everything raises ``ProviderError``."""

    calls: int
    """Requests so far: connections, listings, files opened."""

    def steps(self) -> tuple[Step, ...]:
        """What leads to an open place, in order: address, connect, (host-key), sign-in."""
        ...

    def listing(self) -> Listing:
        """The files that are there now."""
        ...

    def open(self, entry: Entry) -> AbstractContextManager[FeedFile]:
        """The file's bytes. Raises ``FileChanged``."""
        ...

    def close(self) -> None: ...


# --- names -------------------------------------------------------------------------------------------------


def name_problem(name: str) -> str | None:
    """Why a server's file name is refused, or None."""
    if not name or name in (".", ".."):
        return "it is no name"
    if len(name) > NAME_CAP:
        return f"it is longer than {NAME_CAP} characters"
    if "/" in name or "\\" in name or ":" in name or ".." in name:
        return "it holds parts of a path"
    if not name.isprintable():
        return "it holds invisible characters or is not valid UTF-8"
    return None


def safe_name(name: str) -> str:
    """A refused name for people: invisible characters as marks, at most 80 characters."""
    return cap("".join(c if c.isprintable() else f"[U+{ord(c):04X}]" for c in name[:200]), 80)


def sort_out(found: Iterable[tuple[str, bool | None, int | None, int | None]]) -> Listing:
    """``(name, regular file or None where unknown, size, modified)`` as a listing.

    Folders and the like are passed over in silence unless they are called like a feed. Raises ``BadAnswer`` when
    there is no end of names.
    """
    entries: list[Entry] = []
    odd: list[Odd] = []
    for number, (name, regular, size, modified) in enumerate(found):
        if number >= LISTING_CAP:
            raise BadAnswer(
                f"The folder holds more than {LISTING_CAP:,} files.",
                remedy="Move old files away, or set path to the folder of the feed.",
                delivery=Delivery.NOT_SENT,
            )
        if name in (".", ".."):
            continue
        problem = name_problem(name)
        if problem is not None:
            odd.append(Odd(safe_name(name), f"The name of this file is refused: {problem}."))
        elif regular is False or size is None or size < 0:
            if name.lower().endswith(ENDINGS):
                odd.append(Odd(safe_name(name), "Only regular files are read: this is a link or a folder."))
        else:
            entries.append(Entry(name, size, modified))
    return Listing(tuple(entries), tuple(odd))


# --- bytes -------------------------------------------------------------------------------------------------


@contextmanager
def spooled(chunks: Iterable[bytes], entry: Entry) -> Iterator[FeedFile]:
    """What a server sends, in a temporary file without a name, once it is exactly as long as was listed.

    Raises ``BadAnswer`` beyond ``FILE_CAP`` and ``FileChanged`` when the length differs.
    """
    if entry.size > FILE_CAP:
        raise too_large(entry.name)
    with tempfile.TemporaryFile(prefix="reviewdesk-") as file:
        got = 0
        for chunk in chunks:
            got += len(chunk)
            if got > entry.size:
                raise FileChanged
            file.write(chunk)
        if got != entry.size:
            raise FileChanged
        file.seek(0)
        yield FeedFile(file)


def too_large(name: str) -> BadAnswer:
    """The error of a file beyond the cap."""
    return BadAnswer(
        f"{name} is larger than {FILE_CAP // 1_000_000:,} MB.",
        remedy="Ask Verified Reviews for a smaller export.",
        delivery=Delivery.NOT_SENT,
    )


# --- time --------------------------------------------------------------------------------------------------


def patience(context: Context) -> float:
    """The account's ``timeout_seconds``, within reason."""
    try:
        seconds = float(context.settings.get("timeout_seconds") or 30)
    except ValueError:
        seconds = 30.0
    return min(600.0, max(0.05, seconds)) if seconds == seconds else 30.0


def transfer_time(size: int) -> float:
    """The most seconds that a file of ``size`` bytes may take: ten minutes, longer for the largest."""
    return max(_TRANSFER_S, size / _LEAST_BYTES_A_SECOND)


class Watchdog:
    """Ends a step that blocks in a library: when its time is over, or when the work is cancelled.

    ``end`` is called on the watching thread and must make the blocked call return (close the connection).
    """

    def __init__(self, cancel: CancelToken, end: Callable[[], None]) -> None:
        self._cancel = cancel
        self._end = end
        self._lock = threading.Lock()
        self._deadline: float | None = None
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self.late = False
        """The last step was ended because its time was over."""

    @contextmanager
    def step(self, seconds: float) -> Iterator[None]:
        """Everything inside together takes at most ``seconds``. Raises ``Cancelled`` when it is so already."""
        if self._cancel.is_set():
            raise Cancelled("Stopped.")
        with self._lock:
            self._deadline = _real_time.monotonic() + seconds
            self.late = False
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="feed-watchdog", daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._deadline = None

    @property
    def cancelled(self) -> bool:
        return self._cancel.is_set()

    def close(self) -> None:
        """End the watching thread."""
        self._closed.set()

    def _watch(self) -> None:
        while not self._closed.wait(_LOOK_S):
            with self._lock:
                deadline = self._deadline
                if deadline is None:
                    continue
                late = _real_time.monotonic() >= deadline
                if not late and not self._cancel.is_set():
                    continue
                self.late = late
                self._deadline = None
            self._end()
