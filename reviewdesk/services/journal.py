"""The journal as it is read: page by page, searched, written to a file."""

from __future__ import annotations

import csv
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING

from reviewdesk.domain.clock import iso_utc
from reviewdesk.domain.text import fold
from reviewdesk.services.export import Stopped, safe_cell
from reviewdesk.services.handouts import write_whole
from reviewdesk.store import journal

if TYPE_CHECKING:
    from reviewdesk.domain.models import Account
    from reviewdesk.store.database import Store

__all__ = ["JournalService", "Line"]

_COLUMNS = ("at", "account", "action", "result", "answer", "review", "outbox item")


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``at``: UTC seconds; ``account``: its name, or empty; ids None where it is about none."""

    id: int
    at: int
    account: str
    action: str
    result: str
    answer: str
    review_id: int | None
    outbox_id: int | None


class JournalService:
    """Blocking reads; a pool thread."""

    def __init__(self, store: Store, accounts: Callable[[], Sequence[Account]]) -> None:
        self._store = store
        self._accounts = accounts

    def page(self, text: str = "", *, before: int | None = None, limit: int = 200) -> list[Line]:
        """The newest lines in which every word of ``text`` stands; ``before`` is the id to go on from."""
        names = {account.id: account.name for account in self._accounts()}
        words = [
            (word, [i for i, name in names.items() if fold(word) in fold(name)]) for word in text.split()[:10]
        ]
        with self._store.read() as reader:
            found = journal.find(reader, words, before=before, limit=limit)
        return [
            Line(
                entry.id,
                entry.at,
                names.get(entry.account_id or 0, ""),
                entry.action,
                entry.result,
                entry.answer,
                entry.review_id,
                entry.outbox_id,
            )
            for entry in found
        ]

    def export(self, target: Path, text: str = "", *, cancel: threading.Event | None = None) -> int:
        """Write what ``page`` finds, newest first, as CSV (as ``services.export`` writes it); how many lines.

        Raises ``InvalidInput`` when the place can't be written, ``Stopped``, and the StoreErrors.
        """
        target = Path(os.path.abspath(target))  # noqa: PTH100 - resolve() would follow links

        def fill(file: IO[bytes]) -> int:
            out = TextIOWrapper(file, "utf-8-sig", errors="replace", newline="")
            try:
                writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
                writer.writerow(_COLUMNS)
                count, before = 0, None
                while lines := self.page(text, before=before, limit=1_000):
                    if cancel is not None and cancel.is_set():
                        raise Stopped("The export was stopped; no file was written.")
                    for line in lines:
                        cells = (
                            iso_utc(line.at), line.account, line.action, line.result, line.answer,
                            "" if line.review_id is None else str(line.review_id),
                            "" if line.outbox_id is None else str(line.outbox_id),
                        )  # fmt: skip
                        writer.writerow([safe_cell(cell or "") for cell in cells])
                    count, before = count + len(lines), lines[-1].id
            finally:
                out.detach()
            return count

        return write_whole(target, fill)
