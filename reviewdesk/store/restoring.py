"""What a backup holds beside what is there now: the figures of a preview. Nothing is changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import apsw

from reviewdesk.store import schema
from reviewdesk.store.connections import open_reader
from reviewdesk.store.failures import as_store_error, cannot_open
from reviewdesk.store.writer import Reader

__all__ = ["Difference", "differences", "held"]

_COMPARED = {
    "accounts": ("account", "id", "name, provider, settings"),
    "reviews": (
        "review",
        "id",
        "content_hash, work_state, starred, unread, owner, snooze_until_s, tag_names",
    ),
    "drafts": ("draft", "id", "text, subject"),
    "message drafts": ("message_draft", "id", "text, subject"),
    "notes": ("note", "id", "text"),
    "outbox items": ("outbox", "id", "state, text"),
    "saved replies": ("saved_reply_text", "reply_id * 1000 + length(language)", "text"),
    "saved views": ("saved_view", "id", "name, query"),
    "tags": ("tag", "id", "name, colour"),
    "invitations": ("invitation", "id", "state, link"),
    "settings": ("setting", "key", "value"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind of thing. ``lost``: only there now; ``back``: only in the backup; ``changed``: another content."""

    what: str
    now: int
    then: int
    lost: int
    back: int
    changed: int

    @property
    def is_none(self) -> bool:
        return not (self.lost or self.back or self.changed)


@contextmanager
def _both(path: Path, backup: Path) -> Iterator[Reader]:
    # A database in WAL mode can't be read from a place that can't be written: it is looked at as a copy.
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / "then.db"
        shutil.copyfile(backup, copy)
        try:
            db = open_reader(path)
        except apsw.Error as error:
            raise as_store_error(error) or cannot_open() from error
        try:
            db.execute("ATTACH ? AS backup", (str(copy),))
            yield Reader(db)
        except apsw.Error as error:
            raise as_store_error(error, db) or error from error
        finally:
            db.close(True)


def differences(path: Path, backup: Path) -> tuple[list[Difference], int]:
    """Kind by kind, and how many outbox items of the backup would be held. Raises the StoreErrors.

    Seconds for a large database.
    """
    found = []
    newest = schema.load()[-1].number
    with _both(path, backup) as r:
        older = int(r.value("PRAGMA backup.user_version")) < newest
        for what, (table, key, columns) in _COMPARED.items():
            if older and r.one("SELECT 1 FROM backup.sqlite_schema WHERE name = ?", (table,)) is None:
                continue
            now, then = (
                int(r.value(f"SELECT count(*) FROM {schema_name}.{table}"))
                for schema_name in ("main", "backup")
            )
            lost = _missing(r, table, key, "main", "backup")
            back = _missing(r, table, key, "backup", "main")
            here = f"SELECT {key}, {columns} FROM"
            same = int(r.value(f"SELECT count(*) FROM ({here} main.{table} INTERSECT {here} backup.{table})"))
            found.append(Difference(what, now, then, lost, back, max(0, now - lost - same)))
        waiting = "SELECT count(*) FROM backup.outbox WHERE state IN ('waiting', 'sending', 'verifying')"
        return found, int(r.value(waiting))


def _missing(r: Reader, table: str, key: str, here: str, there: str) -> int:
    sql = f"SELECT count(*) FROM (SELECT {key} FROM {here}.{table} EXCEPT SELECT {key} FROM {there}.{table})"
    return int(r.value(sql))


def held(r: Reader) -> int:
    """How many items of the outbox a restored copy holds back."""
    return int(r.value("SELECT count(*) FROM outbox WHERE state = 'held' AND error_kind = 'restored'"))
