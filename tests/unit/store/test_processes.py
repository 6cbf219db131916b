"""Several processes on one profile, and processes that are killed."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pytest

from reviewdesk.domain.models import OutboxState
from reviewdesk.store import outbox
from tests.support.stores import Shelf, record, run_child

_PRELUDE = """
import sys
from pathlib import Path
from reviewdesk.domain.clock import SystemClock
from reviewdesk.store import outbox, reviews, settings
from reviewdesk.store.database import Store
from tests.support.stores import record
def open_store():
    return Store.open(Path(sys.argv[1]), clock=SystemClock(), on_change=lambda changes: None)
"""


def test_a_process_killed_inside_a_transaction_leaves_what_was_committed(shelf: Shelf) -> None:
    child = run_child(
        _PRELUDE
        + """
store = open_store()
store.write_now(lambda tx: reviews.store_page(tx, 1, reviews=[record("kept")], cursor={"page": 1}))
def half(tx):
    reviews.store_page(tx, 1, reviews=[record(f"lost{n}", body="x" * 5000) for n in range(500)], cursor={"page": 2})
    tx.db.cache_flush()
    print("inside", flush=True)
    sys.stdin.read()
store.write_now(half)
""",
        str(shelf.path),
    )
    assert child.stdout is not None and child.stdout.readline() == "inside\n"
    child.kill()
    child.communicate()
    assert shelf.sql("SELECT native_id FROM review") == [("kept",)]
    assert shelf.sql("SELECT cursor FROM sync_cursor") == [('{"page":1}',)]
    assert shelf.write(lambda tx: tx.run("UPDATE setting SET value = 1")) == 0, "its lock is gone with it"
    assert shelf.store.integrity() == ()


def test_what_was_called_saved_survives_a_kill(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.close()
    child = run_child(
        _PRELUDE
        + """
store = open_store()
n = 0
while True:
    store.write_now(lambda tx: settings.put(tx, f"k{n}", "x" * 200))
    print(n, flush=True)
    n += 1
""",
        str(shelf.path),
    )
    assert child.stdout is not None
    said = [int(child.stdout.readline()) for _ in range(60)]
    child.kill()
    said += [int(line) for line in child.stdout.read().split("\n")[:-1]]
    child.communicate()
    again = Shelf(tmp_path)
    kept = {row[0] for row in again.sql("SELECT key FROM setting")}
    assert {f"k{n}" for n in said} <= kept
    again.close()


def test_two_processes_write_at_once_and_both_get_through(shelf: Shelf) -> None:
    child = run_child(
        _PRELUDE
        + """
store = open_store()
print("ready", flush=True)
for n in range(100):
    store.write_now(lambda tx: reviews.store_page(tx, 1, reviews=[record(f"theirs{n}")]))
print("done", flush=True)
store.close()
""",
        str(shelf.path),
    )
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    for n in range(100):
        shelf.page(record(f"ours{n}"))
    assert child.stdout.readline() == "done\n"
    child.communicate()
    assert shelf.sql("SELECT count(*) FROM review") == [(200,)]
    assert shelf.sql("SELECT sum(n) FROM tally") == [(200,)]
    assert shelf.store.integrity() == ()


def test_processes_that_make_one_new_profile_at_once_all_get_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "db.sqlite"
    code = _PRELUDE + "sys.stdin.readline(); store = open_store(); print(store.integrity()); store.close()"
    children = [run_child(code, str(path)) for _ in range(4)]
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    answers = [child.communicate(timeout=60)[0] for child in children]
    assert answers == ["()\n"] * 4
    assert [child.returncode for child in children] == [0] * 4


def test_an_item_goes_to_exactly_one_of_several_processes(shelf: Shelf) -> None:
    shelf.page(*(record(f"r{n}") for n in range(30)))
    for n in range(30):
        shelf.queue(f"r{n}")
    code = (
        _PRELUDE
        + """
store = open_store()
print("ready", flush=True)
sys.stdin.readline()
won = [i for i in range(1, 31) if store.write_now(lambda tx: outbox.claim(tx, i, sys.argv[2])) is not None]
print(won, flush=True)
store.close()
"""
    )
    children = [run_child(code, str(shelf.path), f"process {n}") for n in range(3)]
    for child in children:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    won = [eval(child.communicate(timeout=60)[0]) for child in children]
    assert sorted(i for part in won for i in part) == list(range(1, 31))


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_what_a_killed_process_was_sending_is_unclear_and_what_it_only_held_is_free(shelf: Shelf) -> None:
    shelf.page(record("r1"), record("r2"), record("r3"))
    for name in ("r1", "r2", "r3"):
        shelf.queue(name)
    child = run_child(
        _PRELUDE
        + """
from reviewdesk.domain.outbox import BaselineStored
store = open_store()
def work(tx):
    outbox.claim(tx, 1, "child")
    outbox.apply(tx, 1, BaselineStored({"comments": []}))
    outbox.claim(tx, 2, "child")
store.write_now(work)
print("sending", flush=True)
sys.stdin.read()
""",
        str(shelf.path),
    )
    assert child.stdout is not None and child.stdout.readline() == "sending\n"
    assert [i.id for i in shelf.write(lambda tx: outbox.due(tx, 9e9))] == [3]
    assert shelf.write(lambda tx: outbox.recover(tx, alive=lambda sender: True)) == []
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    changed = shelf.write(lambda tx: outbox.recover(tx, alive=lambda sender: sender != "child"))
    assert [(i.id, i.state, i.attempts) for i in changed] == [(1, OutboxState.VERIFYING, 1)]
    assert sorted(i.id for i in shelf.write(lambda tx: outbox.due(tx, 9e9))) == [1, 2, 3]
