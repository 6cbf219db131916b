"""From any former shape to the present one: whole or not at all, with a copy of what was there before."""

from __future__ import annotations

import re
from pathlib import Path

import apsw
import pytest

from reviewdesk.domain.errors import StoreDamaged, StoreFull
from reviewdesk.store import backup, schema
from reviewdesk.store.database import Store
from tests.support.clock import FakeClock
from tests.support.stores import NOW, Shelf, record, run_child

SCHEMA = Path(__file__).with_name("schema.sql")
LATEST = len(schema.load())
NEXT = schema.Migration(
    LATEST + 1,
    "later",
    "ALTER TABLE setting ADD COLUMN kind TEXT NOT NULL DEFAULT '';"
    "CREATE TABLE later(id INTEGER PRIMARY KEY) STRICT;"
    "INSERT INTO later SELECT value FROM generate_series(1, 100);".replace(
        "SELECT value FROM generate_series(1, 100)",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) SELECT i FROM n",
    ),
)


def open_with(path: Path, *more: schema.Migration) -> Store:
    return Store.open(
        path, clock=FakeClock(NOW), on_change=lambda changes: None, migrations=(*schema.load(), *more)
    )


def shape_of(path: Path) -> str:
    db = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    rows = db.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name"
    ).fetchall()
    db.close()
    return (
        "\n".join(
            f"-- {kind} {name}\n{re.sub(r'[ ]+$', '', str(sql), flags=re.M)};" for kind, name, sql in rows
        )
        + "\n"
    )


@pytest.fixture
def old(tmp_path: Path) -> Path:
    shelf = Shelf(tmp_path)
    shelf.page(record("r1"), record("r2"))
    shelf.close()
    return shelf.path


def test_the_result_is_the_shape_that_is_written_down(tmp_path: Path) -> None:
    """After a change of the migrations: look at the difference, then write schema.sql anew with REVIEWDESK_SCHEMA=1."""
    import os

    open_with(tmp_path / "db.sqlite").close()
    found = shape_of(tmp_path / "db.sqlite")
    if os.environ.get("REVIEWDESK_SCHEMA"):
        SCHEMA.write_text(found, encoding="utf-8")
    assert found == SCHEMA.read_text(encoding="utf-8")


def test_files_are_numbered_and_leave_transactions_to_the_runner() -> None:
    for step in schema.load():
        plain = re.sub(r"--[^\n]*|'[^']*'", "", step.sql).upper()
        plain = re.sub(r"\bBEGIN\b(?=\s+(INSERT|UPDATE|DELETE|SELECT))", "", plain)
        assert not re.search(r"\b(BEGIN|COMMIT|ROLLBACK|PRAGMA|ATTACH)\b", plain), step.name


def test_an_old_file_is_brought_up_to_date_with_a_copy_beside_it(old: Path) -> None:
    open_with(old, NEXT).close()
    assert schema.migration_backups(old) == (
        old.with_name(f"{old.name}.before-{LATEST + 1}-20260528T202640Z.backup"),
    )
    copy = apsw.Connection(str(schema.migration_backups(old)[0]), flags=apsw.SQLITE_OPEN_READONLY)
    assert copy.pragma("user_version") == LATEST
    assert copy.execute("SELECT count(*) FROM review").fetchall() == [(2,)]
    assert not copy.table_exists("main", "later")
    copy.close()
    assert schema.migration_backups(old)[0].stat().st_mode & 0o077 == 0
    again = open_with(old, NEXT)
    with again.read() as r:
        assert r.value("PRAGMA user_version") == LATEST + 1
        assert r.value("SELECT count(*) FROM later") == 100
        assert r.value("SELECT count(*) FROM review") == 2
    again.close()
    assert len(schema.migration_backups(old)) == 1, "up to date: no second copy"


def test_a_new_file_needs_no_copy(tmp_path: Path) -> None:
    open_with(tmp_path / "db.sqlite", NEXT).close()
    assert schema.migration_backups(tmp_path / "db.sqlite") == ()


def test_interrupted_at_any_statement_it_is_the_old_or_the_new(old: Path) -> None:
    whole = old.read_bytes()
    reached = 0
    for stop_at in range(1, 100):
        old.write_bytes(whole)
        for leftover in (*old.parent.glob(f"{old.name}-*"), *schema.migration_backups(old)):
            leftover.unlink()
        db = apsw.Connection(str(old))
        db.pragma("journal_mode", "wal")
        count = 0

        def trace(cursor: object, sql: str, values: object, stop: int = stop_at) -> bool:
            nonlocal count
            count += 1
            if count >= stop:
                raise RuntimeError("cut")
            return True

        db.set_exec_trace(trace)
        try:
            schema.migrate(db, old, (*schema.load(), NEXT), FakeClock(NOW))
            finished = True
        except RuntimeError:
            finished = False
        db.set_exec_trace(None)
        db.close(True)
        check = apsw.Connection(str(old))
        version = check.pragma("user_version")
        assert check.table_exists("main", "later") == (version == LATEST + 1)
        assert check.execute("SELECT count(*) FROM review").fetchall() == [(2,)]
        check.close()
        if finished:
            break
        reached += 1
    assert finished and reached > 8


def test_killed_inside_a_migration_it_is_the_old(old: Path) -> None:
    child = run_child(
        """
import sys
from pathlib import Path
from reviewdesk.store import schema
from reviewdesk.store.database import Store
from tests.migrations.test_migrations import NEXT, open_with
from dataclasses import replace
import apsw
def hold(db):
    def wait(i):
        print("inside", flush=True)
        sys.stdin.read()
    db.create_scalar_function("hold", wait, 1)
apsw.connection_hooks.append(hold)
open_with(Path(sys.argv[1]), replace(NEXT, sql=NEXT.sql + "SELECT hold(1);"))
""",
        str(old),
    )
    assert child.stdout is not None and child.stdout.readline() == "inside\n"
    child.kill()
    child.communicate()
    store = open_with(old)
    with store.read() as r:
        assert r.value("PRAGMA user_version") == LATEST
        assert r.value("SELECT count(*) FROM sqlite_schema WHERE name = 'later'") == 0
    assert store.integrity() == ()
    store.close()
    open_with(old, NEXT).close()


def test_a_step_that_fails_changes_nothing(old: Path) -> None:
    broken = schema.Migration(
        LATEST + 1, "broken", "CREATE TABLE later(id INTEGER); INSERT INTO nowhere VALUES (1);"
    )
    with pytest.raises(apsw.SQLError):
        open_with(old, broken)
    store = open_with(old)
    with store.read() as r:
        assert r.value("SELECT count(*) FROM sqlite_schema WHERE name = 'later'") == 0
    store.close()


def test_a_step_that_would_leave_orphans_is_refused(old: Path) -> None:
    orphans = schema.Migration(LATEST + 1, "orphans", "DELETE FROM account;")
    with pytest.raises(StoreDamaged):
        open_with(old, orphans)
    store = open_with(old)
    with store.read() as r:
        assert r.value("SELECT count(*) FROM account") == 1
    store.close()


def test_without_room_for_the_copy_nothing_is_changed(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: apsw.Connection, target: Path) -> None:
        raise StoreFull("The disk is full.")

    monkeypatch.setattr(schema, "copy_database", full)
    with pytest.raises(StoreFull):
        open_with(old, NEXT)
    monkeypatch.undo()
    store = open_with(old)
    with store.read() as r:
        assert r.value("PRAGMA user_version") == LATEST
    store.close()


def test_a_damaged_source_makes_no_copy(old: Path, tmp_path: Path) -> None:
    data = bytearray(old.read_bytes())
    data[8192 * 5 : 8192 * 12] = b"\x5a" * (8192 * 7)
    old.write_bytes(data)
    source = apsw.Connection(str(old))
    with pytest.raises(StoreDamaged):
        backup.copy_database(source, tmp_path / "copy.sqlite")
    source.close()
    assert not list(tmp_path.glob("copy*"))
