"""The smaller services: preferences, pictures, the pool, workers, the inbox's acts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import replace
from pathlib import Path

import pytest

from reviewdesk.domain.cases import CaseState
from reviewdesk.domain.clock import SystemClock
from reviewdesk.domain.errors import BadAnswer, InvalidInput
from reviewdesk.domain.models import Attachment, Product, Target, WorkState
from reviewdesk.providers.base import Context
from reviewdesk.services import settings as keys
from reviewdesk.services.pictures import PictureService
from reviewdesk.services.pool import Pool
from reviewdesk.services.settings import Preference
from reviewdesk.services.workers import Door, Job, Urgency, Worker
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted, wait_until


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_scripted(tmp_path, clock=FakeClock()) as desk:
        yield desk


# --- preferences ---------------------------------------------------------------------------------------


def test_preferences_have_defaults_and_survive(tmp_path: Path) -> None:
    with open_scripted(tmp_path, sync=False) as desk:
        assert desk.core.settings.get(keys.UNDO_DELAY_S) == 10
        desk.core.settings.set(keys.UNDO_DELAY_S, 0).result(5)
        desk.core.settings.set(keys.SCALE, 1.25).result(5)
        desk.core.settings.set_text("window", "x,y").result(5)
        assert desk.core.settings.get(keys.UNDO_DELAY_S) == 0
    with open_scripted(tmp_path, sync=False) as desk:
        assert desk.core.settings.get(keys.UNDO_DELAY_S) == 0
        assert desk.core.settings.get(keys.SCALE) == 1.25
        assert desk.core.settings.text("window") == "x,y"


@pytest.mark.parametrize(
    ("preference", "value"),
    [
        (keys.UNDO_DELAY_S, 61),
        (keys.UNDO_DELAY_S, -1),
        (keys.UNDO_DELAY_S, True),
        (keys.UNDO_DELAY_S, 1.5),
        (keys.THEME, "pink"),
        (keys.SCALE, "1"),
        (keys.SIDEBAR, 1),
    ],
)
def test_a_value_that_does_not_fit_is_refused(desk: Desk, preference: Preference, value: object) -> None:  # type: ignore[type-arg]
    with pytest.raises(InvalidInput):
        desk.core.settings.set(preference, value)  # type: ignore[arg-type]


@pytest.mark.parametrize("stored", ["", "{", '"pink"', "7"])
def test_a_stored_value_that_no_longer_fits_is_the_default(desk: Desk, stored: str) -> None:
    desk.core.settings.set_text(keys.THEME.key, stored).result(5)
    assert desk.core.settings.get(keys.THEME) == "system"


def test_every_preference_accepts_its_own_default() -> None:
    found = [p for p in vars(keys).values() if isinstance(p, Preference)]
    assert len(found) > 10
    assert all(p.accepts(p.default) for p in found)
    assert len({p.key for p in found}) == len(found)


# --- the inbox -----------------------------------------------------------------------------------------


def test_acts_of_the_inbox(desk: Desk) -> None:
    inbox, ids = desk.core.inbox, desk.ids()
    inbox.mark_done(ids[:1]).result(5)
    inbox.mark_waiting(ids[1:2]).result(5)
    inbox.set_star(ids[:2], True).result(5)
    inbox.set_read(ids, True).result(5)
    inbox.set_owner(ids[:1], "Anna").result(5)
    inbox.add_tag(ids, "delivery").result(5)
    inbox.remove_tag(ids[:1], "delivery").result(5)
    inbox.add_note(ids[0], "Called back").result(5)
    rows = inbox.rows(ids)
    assert [rows[i].work_state for i in ids] == [WorkState.DONE, WorkState.WAITING, WorkState.NEW]
    assert [rows[i].starred for i in ids] == [True, True, False]
    assert rows[ids[0]].owner == "Anna" and not rows[ids[0]].unread
    assert [rows[i].tags for i in ids] == [(), ("delivery",), ("delivery",)]
    counts = inbox.sidebar()
    assert counts.states[WorkState.DONE] == 1 and counts.unread == 0
    assert counts.accounts == {desk.account.id: 2}
    inbox.reopen(ids[:1]).result(5)
    assert inbox.rows(ids[:1])[ids[0]].work_state is WorkState.NEEDS_REPLY
    assert inbox.count(inbox.parse("is:starred")) == 2
    inbox.finish_index()
    assert list(inbox.ids(inbox.parse("called"))) == [ids[0]]


def test_what_sleeps_wakes_by_the_clock(desk: Desk) -> None:
    clock, inbox, ids = desk.core.clock, desk.core.inbox, desk.ids()
    inbox.snooze(ids[:1], clock.now() + 100).result(5)
    assert inbox.wake_snoozed() is None
    clock.advance(101)  # type: ignore[attr-defined]
    woken = inbox.wake_snoozed()
    assert woken is not None
    woken.result(5)
    assert inbox.rows(ids[:1])[ids[0]].work_state is WorkState.NEEDS_REPLY


def test_a_case_comes_back_on_its_follow_up_date(desk: Desk) -> None:
    clock, inbox, review = desk.core.clock, desk.core.inbox, desk.ids()[0]
    inbox.mark_done([review]).result(5)
    desk.core.messages.set_case(review, CaseState.WAITING, clock.now() + 100).result(5)
    assert inbox.wake_snoozed() is None
    assert inbox.rows([review])[review].work_state is WorkState.DONE
    clock.advance(101)  # type: ignore[attr-defined]
    woken = inbox.wake_snoozed()
    assert woken is not None
    woken.result(5)
    row = inbox.rows([review])[review]
    assert row.work_state is WorkState.NEEDS_REPLY and row.unread
    assert inbox.wake_snoozed() is None, "once"


def test_drafts_are_counted_by_their_commit_and_kept_as_versions(desk: Desk) -> None:
    replies, review = desk.core.replies, desk.review("r1")
    replies.save_draft(review, Target.PUBLIC, "One").result(5)
    assert replies.draft(review, Target.PUBLIC) is not None
    assert desk.core.inbox.rows([review])[review].has_draft
    replies.save_draft(review, Target.PUBLIC, "").result(5)
    assert replies.draft(review, Target.PUBLIC) is None
    assert [v.text for v in replies.draft_versions(review, Target.PUBLIC)] == ["One"]
    replies.save_draft(review, Target.PRIVATE, "Between us").result(5)
    replies.discard_draft(review, Target.PRIVATE).result(5)
    assert replies.draft(review, Target.PRIVATE) is None


# --- pictures ------------------------------------------------------------------------------------------

URL = "https://images.scripted.example/1.png"


def picture_desk(desk: Desk, tmp_path: Path, **more: object) -> tuple[PictureService, list[str], int]:
    record = desk.world.reviews["r1"]
    desk.world.reviews["r1"] = replace(
        record,
        attachments=(Attachment(url=URL), Attachment(url=URL + "?2", thumbnail_url=URL + "?t")),
        product=Product(sku="A", image_url=URL + "?p"),
    )
    desk.sync()
    asked: list[str] = []

    def fetch(context: Context, title: str, url: str, hosts: frozenset[str]) -> bytes:
        asked.append(url)
        assert hosts == {"api.scripted.example"} and title == "Scripted"
        return url.encode() * 10

    service = PictureService(
        desk.core.store,
        desk.core.clock,
        desk.core.accounts,
        tmp_path / "pics",
        fetch=fetch,
        **more,  # type: ignore[arg-type]
    )
    return service, asked, desk.review("r1")


def test_a_picture_is_fetched_once_and_then_comes_from_the_cache(desk: Desk, tmp_path: Path) -> None:
    service, asked, review = picture_desk(desk, tmp_path)
    for url in (URL, URL, URL + "?t", URL + "?p"):
        assert service.fetch(review, url).result(5) == url.encode() * 10
    assert asked == [URL, URL + "?t", URL + "?p"]
    service.clear()
    service.fetch(review, URL).result(5)
    assert len(asked) == 4
    service.close()


def test_only_pictures_of_the_review_are_fetched(desk: Desk, tmp_path: Path) -> None:
    service, asked, review = picture_desk(desk, tmp_path)
    for url in ("https://elsewhere.example/x.png", "file:///etc/passwd", URL + "?other"):
        with pytest.raises(InvalidInput):
            service.fetch(review, url).result(5)
    with pytest.raises(InvalidInput):
        service.fetch(1, URL).result(5)
    assert asked == []
    service.close()


def test_the_cache_stays_below_its_limit(desk: Desk, tmp_path: Path) -> None:
    service, _, review = picture_desk(desk, tmp_path, limit_bytes=len(URL) * 20 + 30)
    for url in (URL, URL + "?2", URL + "?t", URL + "?p"):
        service.fetch(review, url).result(5)
    files = list((tmp_path / "pics").iterdir())
    assert 1 <= len(files) <= 2
    assert sum(f.stat().st_size for f in files) <= len(URL) * 20 + 30
    service.close()


def test_another_host_is_refused_by_the_real_fetch(desk: Desk, tmp_path: Path) -> None:
    _, _, review = picture_desk(desk, tmp_path)
    desk.world.reviews["r1"] = replace(
        desk.world.reviews["r1"], attachments=(Attachment(url="https://tracker.example/1.gif"),)
    )
    desk.core.sync.run(None, True)
    with pytest.raises(BadAnswer, match="outside"):
        desk.core.pictures.fetch(review, "https://tracker.example/1.gif").result(5)


# --- pool and workers ----------------------------------------------------------------------------------


def test_pool_answers_fails_and_drops() -> None:
    pool = Pool("test", 1)
    assert pool.submit(lambda a, b: a + b, 1, 2).result(5) == 3
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 // 0).result(5)
    gate, begun = threading.Event(), threading.Event()

    def wait() -> bool:
        begun.set()
        return gate.wait(5)

    busy, waiting = pool.submit(wait), pool.submit(lambda: 1)
    assert begun.wait(5)
    pool.close()
    gate.set()
    assert busy.result(5)
    for future in (waiting, pool.submit(lambda: 2)):
        with pytest.raises(CancelledError):
            future.result(5)


class Steps(Job):
    def __init__(self, name: str, log: list[str], count: int, urgency: Urgency) -> None:
        super().__init__()
        self.name, self.log, self.count, self.urgency = name, log, count, urgency
        self.between: list[object] = []
        self.was_dropped = False

    def steps(self, door: Door) -> Iterator[None]:
        for number in range(self.count):
            self.log.append(f"{self.name}{number}")
            if number == 0:
                for call in self.between:
                    call()  # type: ignore[operator]
            yield

    def dropped(self) -> None:
        self.was_dropped = True


def worker_of(tmp_path: Path) -> Worker:
    def refuse(*_: object) -> None:
        raise AssertionError("nobody opens a provider here")

    return Worker(1, refuse, SystemClock(), tmp_path)  # type: ignore[arg-type]


def test_urgent_work_goes_between_the_steps_of_a_long_job(tmp_path: Path) -> None:
    worker, log = worker_of(tmp_path), list[str]()
    urgent, refresh = Steps("a", log, 2, Urgency.ACTION), Steps("r", log, 1, Urgency.REFRESH)
    other = Steps("t", log, 1, Urgency.SYNC)
    long = Steps("s", log, 3, Urgency.SYNC)
    long.between = [
        lambda: worker.submit(other),
        lambda: worker.submit(refresh),
        lambda: worker.submit(urgent),
    ]
    worker.submit(long)
    assert other.done.wait(5)
    assert log == ["s0", "a0", "a1", "r0", "s1", "s2", "t0"]
    worker.stop()
    assert worker.join(5)


def test_a_job_that_fails_does_not_end_the_worker(tmp_path: Path) -> None:
    worker, log = worker_of(tmp_path), list[str]()
    broken, next_job = Steps("b", log, 1, Urgency.ACTION), Steps("n", log, 1, Urgency.ACTION)
    broken.between = [lambda: 1 // 0]
    worker.submit(broken)
    worker.submit(next_job)
    assert next_job.done.wait(5) and broken.done.is_set()
    assert log == ["b0", "n0"]
    worker.stop()


def test_stop_drops_what_waits_and_ends_what_runs(tmp_path: Path) -> None:
    worker, log = worker_of(tmp_path), list[str]()
    inside, gate = threading.Event(), threading.Event()
    long = Steps("l", log, 100, Urgency.SYNC)
    long.between = [inside.set, lambda: gate.wait(5)]
    waiting = Steps("w", log, 1, Urgency.SYNC)
    worker.submit(long)
    assert inside.wait(5)
    worker.submit(waiting)
    worker.stop()
    gate.set()
    assert worker.join(5)
    assert log == ["l0"] and waiting.was_dropped and waiting.done.is_set()
    late = Steps("x", log, 1, Urgency.ACTION)
    worker.submit(late)
    assert late.was_dropped


def test_stop_is_quick_while_a_request_hangs(tmp_path: Path) -> None:
    gate, inside = threading.Event(), threading.Event()
    with open_scripted(tmp_path, sync=False) as desk:

        def hang() -> None:
            inside.set()
            gate.wait(20)

        desk.world.before_page.append(hang)
        desk.core.sync.sync_now()
        assert inside.wait(5)
        clock = SystemClock()
        begun = clock.monotonic()
        desk.core.stop(3.0)
        assert clock.monotonic() - begun < 3.5
        gate.set()
        wait_until(lambda: desk.core.workers.of(desk.account.id).join(0))
