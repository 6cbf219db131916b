"""What customers, colleagues and Reviewdesk changed at a practice provider; optionally kept in a file.

The sample shop is computed from its seed, so only changes need keeping: each changed record is appended whole
to a file of JSON lines, the last one of a record counts. A line is written and flushed before the answer goes
out; a torn last line (the process was killed while writing) is as if the request had not been carried out.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any, TextIO

__all__ = ["Shelf"]

Record = dict[str, Any]


class Shelf:
    """Records by kind and id. Not locked by itself: the provider server holds its own lock."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._out: TextIO | None = None
        self._lock = threading.Lock()

    def load(self, into: dict[str, dict[str, Record]]) -> None:
        """Lay what was kept over ``into`` (kind -> id -> record). Unknown kinds are added."""
        if self._file is None or not self._file.exists():
            return
        lines = self._file.read_text(encoding="utf-8").splitlines()
        for line in lines:
            try:
                kind, key, record = json.loads(line)
            except ValueError:
                continue
            shelf = into.setdefault(kind, {})
            if record is None:
                shelf.pop(key, None)
            else:
                shelf[key] = record

    def keep(self, kind: str, key: str, record: Record | None) -> None:
        """Keep a changed record, or that it is gone (None)."""
        if self._file is None:
            return
        with self._lock:
            if self._out is None:
                self._out = self._open(self._file)
            self._out.write(json.dumps([kind, key, record], ensure_ascii=False, separators=(",", ":")) + "\n")
            self._out.flush()

    def _open(self, file: Path) -> TextIO:
        torn = file.exists() and not (file.read_bytes() or b"\n").endswith(b"\n")
        out = file.open("a", encoding="utf-8", newline="\n")
        if torn:
            out.write("\n")
        return out

    def close(self) -> None:
        with self._lock:
            if self._out is not None:
                self._out.close()
                self._out = None
