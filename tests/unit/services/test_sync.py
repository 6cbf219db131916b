"""Reading: resumable, idempotent, patient for fifteen seconds, and one account's trouble is its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewdesk.domain.errors import (
    BadAnswer,
    KeychainLocked,
    NetworkError,
    PermissionDenied,
    RateLimited,
    ServerError,
    SignInError,
    TlsError,
)
from reviewdesk.domain.models import AccountState, ChangeSet, OutboxState, Rejected, SyncReport
from reviewdesk.secrets.memory import MemorySecrets
from reviewdesk.services.events import Notice, SyncPhase, SyncStatus
from reviewdesk.services.sync import SyncJob
from reviewdesk.services.workers import Job
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted, wait_until
from tests.support.scripted import Died, World, gone, remove


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def world_of(count: int, **more: object) -> World:
    world = World(**more)  # type: ignore[arg-type]
    for number in range(1, count + 1):
        world.add_review(number)
    return world


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with open_scripted(tmp_path, clock=clock, world=world_of(7), sync=False) as desk:
        yield desk


def only(reports: list[SyncReport]) -> SyncReport:
    assert len(reports) == 1
    return reports[0]


def state(desk: Desk) -> AccountState:
    account = desk.core.accounts.get(desk.account.id)
    assert account is not None
    return account.state


def test_first_and_second_sync(desk: Desk) -> None:
    first = only(desk.core.sync.run(None, False))
    assert (first.ok, first.new, first.unchanged, first.calls) == (True, 7, 0, 4)
    changes: list[ChangeSet] = []
    desk.core.bus.subscribe(ChangeSet, changes.append)
    second = only(desk.core.sync.run(None, False))
    assert (second.new, second.changed, second.removed, second.unchanged) == (0, 0, 0, 7)
    assert not any(c.added or c.changed or c.removed for c in changes)


def test_a_sync_makes_room_while_a_person_acts_and_only_then(
    desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It shares the interpreter with the window: after each page it rests in proportion to what it worked."""
    rests: list[float] = []
    told = desk.core.courtesy.rest_s

    def rest_s(worked_s: float) -> float:
        assert worked_s >= 0
        rests.append(told(0.05))
        return rests[-1]

    monkeypatch.setattr(desk.core.courtesy, "rest_s", rest_s)
    began = clock.monotonic()
    only(desk.core.sync.run(None, True))
    assert set(rests) == {0.0} and clock.monotonic() == began
    rests.clear()
    for _ in range(2):
        desk.world.before_page.append(desk.core.courtesy.person_acts)
    report = only(desk.core.sync.run(None, True))
    assert (report.ok, report.unchanged) == (True, 7)
    assert rests.count(pytest.approx(0.15)) >= 2, rests
    assert clock.monotonic() - began >= 0.3


def test_newest_first_and_each_page_is_there_before_the_next_is_asked_for(desk: Desk) -> None:
    seen: list[int] = []
    for _ in range(3):
        desk.world.before_page.append(lambda: seen.append(len(desk.ids())))
    desk.core.sync.run(None, False)
    assert seen[0] == 0 and seen[1] == 2
    rows = desk.core.inbox.rows(desk.ids())
    assert [rows[i].native_id for i in desk.ids()] == [f"r{n}" for n in range(7, 0, -1)]


def test_edits_and_removals_are_counted(desk: Desk) -> None:
    desk.sync()
    desk.world.reviews["r3"] = replace(desk.world.reviews["r3"], body="Changed.")
    remove(desk.world, "r4")
    report = only(desk.core.sync.run(None, True))
    assert (report.changed, report.removed, report.unchanged) == (1, 1, 5)


def test_a_record_set_aside_leaves_the_run_ok(desk: Desk) -> None:
    desk.world.rejected.append(Rejected("page 4, record 2", "the score is no number", "{}"))
    report = only(desk.core.sync.run(None, False))
    assert report.ok and report.new == 7
    assert [(r.where, r.reason) for r in report.skipped] == [("page 4, record 2", "the score is no number")]


def test_killed_at_any_page_the_run_ends_with_the_same_rows(tmp_path: Path, clock: FakeClock) -> None:
    world = world_of(7)
    for kill_at in (0, 1, 1, 0):
        with open_scripted(tmp_path, clock=clock, world=world, sync=False) as desk:
            world.before_page.extend([lambda: None] * kill_at)
            world.before_page.append(Died())
            job = SyncJob(desk.core.sync, desk.account.id, full=False, patience_s=0, by_person=False)
            door = desk.door()
            door.job = job
            with pytest.raises(Died):
                for _ in job.steps(door):
                    pass
            desk.die()
    with open_scripted(tmp_path, clock=clock, world=world, sync=False) as desk:
        desk.sync()
        desk.sync()
        assert len(desk.ids()) == len(set(desk.ids())) == 7


@pytest.mark.parametrize(
    ("error", "kind", "after"),
    [
        (NetworkError("x"), "network", AccountState.ERROR),
        (TlsError("x"), "tls", AccountState.ERROR),
        (SignInError("x"), "sign-in", AccountState.SIGN_IN_NEEDED),
        (PermissionDenied("x"), "permission", AccountState.ERROR),
        (RateLimited("x", retry_after_s=600), "rate-limit", AccountState.ERROR),
        (BadAnswer("x"), "bad-answer", AccountState.ERROR),
        (ServerError("x"), "server", AccountState.ERROR),
        (ZeroDivisionError(), "server", AccountState.ERROR),
    ],
)
def test_each_failure_has_its_kind_and_what_was_stored_stays(
    desk: Desk, error: BaseException, kind: str, after: AccountState
) -> None:
    desk.world.before_page.append(lambda: None)
    desk.world.before_page.extend([error] * 50)
    report = only(desk.core.sync.run(None, False))
    assert not report.ok and report.error is not None and report.error.kind == kind
    assert report.new == 2 and len(desk.ids()) == 2
    assert state(desk) is after
    desk.world.before_page.clear()
    assert only(desk.core.sync.run(None, False)).ok
    assert state(desk) is AccountState.OK
    assert len(desk.ids()) == 7


def test_a_passing_fault_is_retried_from_the_last_page(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_page.extend([lambda: None, gone(), gone()])
    begun = clock.monotonic()
    report = only(desk.core.sync.run(None, False))
    assert report.ok and report.new == 7
    assert clock.monotonic() - begun < 15
    assert [c for c in desk.world.calls if c.startswith("page")].count("page 0") == 1


def test_a_lasting_fault_is_reported_after_at_most_fifteen_seconds(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_page.extend([gone()] * 100)
    begun = clock.monotonic()
    report = only(desk.core.sync.run(None, False))
    assert not report.ok
    assert clock.monotonic() - begun <= 15.5


def test_a_short_retry_after_is_waited_for(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_page.append(RateLimited("Slow down.", retry_after_s=7))
    assert only(desk.core.sync.run(None, False)).ok


def test_one_accounts_trouble_does_not_stop_the_others(tmp_path: Path, clock: FakeClock) -> None:
    with open_scripted(tmp_path, clock=clock, world=world_of(3), sync=False) as desk:
        desk.core.accounts.add("scripted", "Other", {"shop": "two"}, {"token": "wrong"}, test=False)
        desk.world.before_page.append(SignInError("x"))
        reports = desk.core.sync.run(None, False)
        assert [r.account for r in reports] == ["Shop", "Other"]
        assert sorted(r.ok for r in reports) == [False, True]


def test_cancel_ends_the_run_between_two_calls_and_keeps_what_is_there(desk: Desk) -> None:
    desk.world.before_page.append(lambda: None)
    desk.world.before_page.append(lambda: desk.core.sync.cancel(desk.account.id))
    report = only(desk.core.sync.run(None, False))
    assert report.error is not None and report.error.kind == "cancelled"
    assert 2 <= len(desk.ids()) < 7
    assert state(desk) is AccountState.NEVER_SYNCED


def test_one_notice_per_outage_and_one_at_its_end(desk: Desk, clock: FakeClock) -> None:
    notices: list[Notice] = []
    desk.core.bus.subscribe(Notice, notices.append)
    desk.world.before_page.extend([gone()] * 3)
    for _ in range(3):
        clock.advance(901)
        job = desk.core.sync.sync_in_background(desk.account.id)
        assert job is not None
        job.result(5)
    assert [n.message for n in notices] == ["Shop: The host does not answer."]
    clock.advance(901)
    job = desk.core.sync.sync_in_background(desk.account.id)
    assert job is not None
    job.result(5)
    assert [n.message for n in notices][1:] == ["Shop works again."]


def test_offline_is_one_word(desk: Desk) -> None:
    desk.world.before_page.extend([gone()] * 100)
    desk.core.sync.run(None, False)
    status = desk.core.sync.statuses()[desk.account.id]
    assert (status.phase, status.message) == (SyncPhase.OFFLINE, "Offline")
    assert status.continues_at is not None


def test_progress_names_account_phase_and_count(desk: Desk) -> None:
    seen: list[tuple[str, SyncStatus]] = []
    desk.core.sync.run(None, False, lambda s, name: seen.append((name, s)))
    running = [s for name, s in seen if s.phase is SyncPhase.RUNNING and s.total]
    assert {name for name, _ in seen} == {"Shop"}
    assert running[0].done == 2 and running[0].total == 7 and running[0].message == "published"
    assert seen[-1][1].phase is SyncPhase.IDLE


def test_a_paused_account_is_left_alone(desk: Desk) -> None:
    desk.core.accounts.pause(desk.account).result(5)
    assert desk.core.sync.run(None, False) == []
    account = desk.core.accounts.by_name("Shop")
    report = only(desk.core.sync.run([account], False))
    assert not report.ok and report.error is not None and "paused" in report.error.message
    assert desk.core.sync.sync_now() == []
    assert not any(c.startswith("page") for c in desk.world.calls)


def test_a_locked_keychain_is_said_before_any_call(tmp_path: Path, clock: FakeClock) -> None:
    class Locked(MemorySecrets):
        locked = False

        def get(self, account_id: int, key: str) -> str | None:
            if self.locked:
                raise KeychainLocked("The keychain is locked.")
            return super().get(account_id, key)

    secrets = Locked()
    with open_scripted(tmp_path, clock=clock, world=world_of(3), secrets=secrets) as desk:
        secrets.locked = True
        desk.core.workers.account_changed(desk.account.id)
        calls = len([c for c in desk.world.calls if c != "close"])
        report = only(desk.core.sync.run(None, False))
        assert report.error is not None
        assert (report.error.kind, report.error.message) == ("keychain", "The keychain is locked.")
        assert len([c for c in desk.world.calls if c != "close"]) == calls
        assert state(desk) is AccountState.SIGN_IN_NEEDED
        assert len(desk.ids()) == 3
        item = desk.reply("r1", "Thank you!")
        desk.core.outbox.run([item.id])
        assert desk.item(item.id).state is OutboxState.WAITING
        secrets.locked = False
        desk.sync()
        clock.advance(20)
        desk.core.outbox.run([item.id])
        assert desk.item(item.id).state is OutboxState.SENT


def test_the_end_of_a_sign_in_is_written_down(desk: Desk) -> None:
    desk.world.token_expires = 1_790_000_000
    desk.sync()
    account = desk.core.accounts.get(desk.account.id)
    assert account is not None and account.token_expires == 1_790_000_000
    assert account.last_success is not None and account.last_error is None


def test_a_persons_action_goes_between_two_pages(desk: Desk) -> None:
    desk.sync()
    item = desk.reply("r1", "Thank you!")
    desk.world.calls.clear()
    desk.world.before_page.append(lambda: desk.core.outbox.kick(desk.account.id))
    desk.core.sync.run(None, True)
    wait_until(lambda: desk.item(item.id).state is OutboxState.SENT)
    order = [c.split()[0] for c in desk.world.calls if c != "close"]
    assert order.index("send") < len(order) - 1 - order[::-1].index("page")


def test_an_hour_of_outage_costs_at_most_twelve_calls(desk: Desk, clock: FakeClock) -> None:
    desk.sync()
    desk.reply("r1", "Thank you!")
    desk.world.before_page.extend([gone()] * 1000)
    desk.world.before_thread.extend([gone()] * 1000)
    desk.world.calls.clear()
    begun = clock.monotonic()
    while clock.monotonic() - begun < 3600:
        wait = desk.core.scheduler.tick()
        for _ in range(2):
            worker = desk.core.workers.existing(desk.account.id)
            if worker is not None:
                wait_until(lambda w=worker: not w.find(Job))  # type: ignore[misc]
        clock.advance(min(wait, 15.0))
    calls = [c for c in desk.world.calls if c != "close"]
    assert 4 <= len(calls) <= 12, calls
    desk.world.before_page.clear()
    desk.world.before_thread.clear()
    for _ in range(200):
        wait = desk.core.scheduler.tick()
        worker = desk.core.workers.of(desk.account.id)
        wait_until(lambda w=worker: not w.find(Job))  # type: ignore[misc]
        clock.advance(min(wait, 15.0))
    assert desk.world.texts("r1") == ["Thank you!"]


def test_the_schedule_has_jitter_and_does_not_start_all_at_once(tmp_path: Path, clock: FakeClock) -> None:
    with open_scripted(tmp_path, clock=clock, world=world_of(2), sync=False) as desk:
        for number in range(7):
            desk.core.accounts.add("scripted", f"Shop {number}", {"shop": "x"}, {"token": "t"}, test=False)
        desk.core.sync.run(None, False)
        clock.advance(3600)
        starts: dict[int, float] = {}
        begun = clock.monotonic()
        desk.core.bus.subscribe(
            SyncStatus, lambda s: starts.setdefault(s.account_id, clock.monotonic() - begun)
        )
        while len(starts) < 8:
            wait = desk.core.scheduler.tick()
            for worker in list(desk.core.workers._workers.values()):
                wait_until(lambda w=worker: not w.find(Job))  # type: ignore[misc]
            clock.advance(min(wait, 15.0))
        assert max(starts.values()) - min(starts.values()) >= 5
        planned = {desk.core.scheduler.next_run(a.id) for a in desk.core.accounts.list()}
        assert len(planned) == 8


def test_two_processes_do_not_read_one_account_at_once(tmp_path: Path) -> None:
    world = world_of(6)
    clock = FakeClock()
    with (
        open_scripted(tmp_path, clock=clock, world=world, sync=False) as one,
        open_scripted(tmp_path, clock=clock, world=world, sync=False) as other,
    ):
        inside = threading.Event()
        answers: list[object] = []

        def meanwhile() -> None:
            job = other.core.sync.sync_in_background(other.account.id)
            assert job is not None
            answers.append(job.result(10))
            inside.set()

        world.before_page.append(lambda: None)
        world.before_page.append(meanwhile)
        report = only(one.core.sync.run(None, False))
        assert inside.is_set() and answers == [None]
        assert report.new == 6 and len([c for c in world.calls if c.startswith("page")]) == 3
