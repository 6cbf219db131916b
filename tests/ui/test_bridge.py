"""The bridge: coalescing, answers on the GUI thread, superseded and orphaned calls, failures as notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future

import pytest
from PySide6.QtCore import QObject, QThread
from PySide6.QtWidgets import QApplication

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import ChangeSet
from reviewdesk.services.events import Notice, NoticeLevel, SyncPhase, SyncStatus
from reviewdesk.ui.bridge import Bridge, merge_changes
from tests.support.fake_core import FakeCore


@pytest.fixture
def bridge(qapp: QApplication, core: FakeCore) -> Iterator[Bridge]:
    made = Bridge(core)  # type: ignore[arg-type]
    yield made
    made.close()


def _ids(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


def test_merging_keeps_what_a_list_needs_to_know() -> None:
    merged = merge_changes(
        ChangeSet(added=_ids(1, 2), changed=_ids(3)), ChangeSet(removed=_ids(2), changed=_ids(1, 4))
    )
    assert (merged.added, merged.changed, merged.removed) == (_ids(1), _ids(3, 4), _ids(2))
    back = merge_changes(ChangeSet(removed=_ids(5)), ChangeSet(added=_ids(5)))
    assert (back.added, back.removed) == (_ids(5), _ids())
    assert merge_changes(ChangeSet(outbox=_ids(1), journal=True), ChangeSet(views=True)).views


def test_a_storm_of_commits_arrives_as_few_signals(bridge: Bridge, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    got: list[ChangeSet] = []
    threads: list[object] = []

    def hear(change: ChangeSet) -> None:
        got.append(change)
        threads.append(QThread.currentThread())

    bridge.changes.connect(hear)

    def publish(start: int) -> None:
        for number in range(start, start + 200):
            core.bus.publish(ChangeSet(changed=frozenset({number})))

    workers = [threading.Thread(target=publish, args=(n * 1000,)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    qtbot.waitUntil(lambda: sum(len(c.changed) for c in got) == 600)
    assert len(got) <= 5
    assert all(t is QThread.currentThread() for t in threads)


def test_a_change_that_comes_alone_is_told_at_once_and_the_next_ones_together(
    bridge: Bridge,
    core: FakeCore,
    qapp: QApplication,
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    got: list[ChangeSet] = []
    bridge.changes.connect(got.append)
    resting = bridge._change_rest
    resting.setInterval(60_000)  # however slow this machine is
    core.bus.publish(SyncStatus(1, SyncPhase.RUNNING))
    qapp.processEvents()
    core.bus.publish(ChangeSet(added=_ids(1)))
    qapp.processEvents()
    assert [set(change.added) for change in got] == [{1}]

    for number in (2, 3, 4):
        core.bus.publish(ChangeSet(added=_ids(number)))
        qapp.processEvents()
    assert len(got) == 1
    resting.setInterval(0)
    qtbot.waitUntil(lambda: len(got) == 2)
    assert got[1].added == _ids(2, 3, 4)


def test_of_an_account_only_the_newest_status_is_told(bridge: Bridge, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    got: list[SyncStatus] = []
    bridge.status.connect(got.append)
    for done in range(50):
        core.bus.publish(SyncStatus(1, SyncPhase.RUNNING, done=done))
    core.bus.publish(SyncStatus(2, SyncPhase.IDLE))
    qtbot.waitUntil(lambda: len(got) == 2)
    assert {s.account_id: s.done for s in got} == {1: 49, 2: 0}


def test_every_notice_is_told(bridge: Bridge, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    got: list[Notice] = []
    bridge.notice.connect(got.append)
    for number in range(3):
        core.bus.publish(Notice(NoticeLevel.WARNING, f"fault {number}"))
    qtbot.waitUntil(lambda: len(got) == 3)


def test_work_runs_elsewhere_and_answers_here(bridge: Bridge, qtbot) -> None:  # type: ignore[no-untyped-def]
    here, seen = threading.current_thread(), []

    def work(a: int, b: int) -> tuple[int, threading.Thread]:
        return a + b, threading.current_thread()

    bridge.run(work, 1, 2, done=lambda result: seen.append((result, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(seen))
    (value, worker), answered = seen[0]
    assert value == 3 and worker is not here and answered is here


def test_a_newer_call_with_the_same_key_wins(bridge: Bridge, qtbot) -> None:  # type: ignore[no-untyped-def]
    owner, other, gate, got = QObject(), QObject(), threading.Event(), []

    def slow(value: str) -> str:
        gate.wait(5)
        return value

    bridge.run(slow, "old", done=got.append, owner=owner, key="search")
    bridge.run(slow, "other owner", done=got.append, owner=other, key="search")
    bridge.run(lambda: "new", done=got.append, owner=owner, key="search")
    gate.set()
    qtbot.waitUntil(lambda: len(got) == 2)
    assert sorted(got) == ["new", "other owner"]


def test_nobody_is_called_whose_owner_died(bridge: Bridge, qtbot) -> None:  # type: ignore[no-untyped-def]
    import shiboken6

    owner, gate, got, after = QObject(), threading.Event(), [], []
    bridge.run(lambda: gate.wait(5), done=got.append, owner=owner)
    shiboken6.delete(owner)
    gate.set()
    bridge.run(lambda: "later", done=after.append)
    bridge.run(lambda: "latest", done=after.append)
    qtbot.waitUntil(lambda: len(after) == 2)
    assert got == []


def test_a_failure_goes_to_its_caller_or_becomes_a_notice(bridge: Bridge, qtbot, caplog) -> None:  # type: ignore[no-untyped-def]
    notices: list[Notice] = []
    failures: list[BaseException] = []
    bridge.notice.connect(notices.append)

    def refuse() -> None:
        raise InvalidInput("There is no such review.", remedy="Choose another.")

    def stumble() -> None:
        raise ZeroDivisionError

    bridge.run(refuse, failed=failures.append)
    bridge.run(refuse)
    qtbot.waitUntil(lambda: len(failures) == 1 and len(notices) == 1)
    assert (notices[0].message, notices[0].remedy) == ("There is no such review.", "Choose another.")
    with caplog.at_level("ERROR"):
        bridge.run(stumble)
        qtbot.waitUntil(lambda: len(notices) == 2)
    assert "ZeroDivision" not in notices[1].message
    assert "a call of the window failed" in caplog.text


def test_a_future_is_watched_and_a_cancelled_one_forgotten(bridge: Bridge, qtbot) -> None:  # type: ignore[no-untyped-def]
    got: list[object] = []
    first: Future[str] = Future()
    gone: Future[str] = Future()
    bridge.watch(gone, done=got.append, failed=got.append)
    gone.cancel()
    gone.set_running_or_notify_cancel()
    bridge.watch(first, done=got.append)
    threading.Timer(0.02, first.set_result, ["committed"]).start()
    qtbot.waitUntil(lambda: bool(got))
    assert got == ["committed"]


def test_after_closing_nothing_is_heard(qapp: QApplication, core: FakeCore, qtbot) -> None:  # type: ignore[no-untyped-def]
    bridge, got, gate = Bridge(core), [], threading.Event()  # type: ignore[arg-type]
    bridge.changes.connect(got.append)
    bridge.run(lambda: gate.wait(5), done=got.append)
    bridge.close()
    gate.set()
    core.bus.publish(ChangeSet(changed=_ids(1)))
    bridge.run(time.monotonic, done=got.append)
    qtbot.wait(120)
    assert got == []


def test_asking_after_the_pool_has_ended_is_quiet(qapp: QApplication) -> None:
    core = FakeCore()
    bridge = Bridge(core)  # type: ignore[arg-type]
    core.stop()
    bridge.run(lambda: 1)
    bridge.close()
