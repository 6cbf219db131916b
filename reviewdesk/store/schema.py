"""Bringing a database to the newest shape: numbered files, each with its version in one transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import apsw

from reviewdesk.domain.clock import Clock, iso_utc
from reviewdesk.domain.errors import StoreDamaged, StoreUnusable
from reviewdesk.domain.plain import dataclass
from reviewdesk.store.backup import copy_database
from reviewdesk.store.connections import APPLICATION_ID, open_reader

__all__ = ["Migration", "load", "migrate", "migration_backups"]

_NAME = re.compile(r"(\d{4})_(\w+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered file: ``user_version`` is ``number`` once it is committed."""

    number: int
    name: str
    sql: str


def load() -> tuple[Migration, ...]:
    """The program's migrations in order, numbered without a gap."""
    found = []
    for file in resources.files("reviewdesk.store.migrations").iterdir():
        name = _NAME.fullmatch(file.name)
        if name:
            found.append(Migration(int(name[1]), name[2], file.read_text(encoding="utf-8")))
    found.sort(key=lambda step: step.number)
    if [step.number for step in found] != list(range(1, len(found) + 1)):
        raise RuntimeError("the migrations are not numbered 1, 2, 3 ...")
    return tuple(found)


def migrate(db: apsw.Connection, path: Path, steps: Sequence[Migration], clock: Clock) -> None:
    """Apply the missing ``steps``; interrupted anywhere, the file is at the old or at the new number.

    A file that already held data is copied beside itself first. Several processes may try at once: the number
    is read again under the write lock. Raises apsw errors and StoreErrors; the caller maps them.
    """
    # A file that this very call makes holds nothing to save.
    saved = int(db.pragma("user_version")) == 0
    # Off while tables are rebuilt (a pragma inside a transaction would do nothing); checked before each commit.
    db.execute("PRAGMA foreign_keys=OFF")
    try:
        for step in steps:
            if int(db.pragma("user_version")) >= step.number:
                continue
            db.execute("BEGIN IMMEDIATE")
            try:
                present = int(db.pragma("user_version"))
                if present < step.number:
                    if present > 0 and not saved:
                        _save_copy(path, step.number, clock)
                        saved = True
                    _apply(db, step, present)
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise
    finally:
        db.execute("PRAGMA foreign_keys=ON")


def _apply(db: apsw.Connection, step: Migration, present: int) -> None:
    if present == 0:
        tables = db.execute("SELECT count(*) FROM sqlite_schema").fetchall()[0][0]
        if tables:
            raise StoreUnusable(
                "The database belongs to another program.", remedy="Choose another folder with --profile."
            )
        db.execute(f"PRAGMA application_id={APPLICATION_ID}")
    db.execute(step.sql).fetchall()
    broken = db.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise StoreDamaged(f"The database has {len(broken)} rows that belong to nothing; it was not changed.")
    db.execute(f"PRAGMA user_version={step.number}")


def _save_copy(path: Path, to_number: int, clock: Clock) -> None:
    stamp = (iso_utc(clock.now()) or "").replace("-", "").replace(":", "")
    # A second connection: it sees what was committed before the transaction that holds the lock now.
    source = open_reader(path)
    try:
        copy_database(source, path.with_name(f"{path.name}.before-{to_number}-{stamp}.backup"))
    finally:
        source.close(True)


def migration_backups(path: Path) -> tuple[Path, ...]:
    """The copies that migrations of ``path`` left beside it, oldest first. They hold personal data."""
    return tuple(sorted(path.parent.glob(f"{path.name}.before-*.backup"), key=lambda p: p.stat().st_mtime))
