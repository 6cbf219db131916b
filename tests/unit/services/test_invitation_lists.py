"""Lists of customers against practice servers that keep their limits: faults, pace, going on, choosing, order of work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.errors import InvalidInput, NotAvailable
from reviewdesk.domain.invitations.model import InviteState, InviteWay
from reviewdesk.domain.invitations.sampling import Rule, Sample
from reviewdesk.domain.models import OutboxState, ReviewKind, SyncReport, Target
from reviewdesk.services.invitation_files import Table
from reviewdesk.services.invitations_bulk import Plan, Progress, Row, RowState, RunState
from reviewdesk.services.outbox import OutboxJob
from reviewdesk.services.sync import SyncJob
from tests.support.core import wait_until
from tests.support.inviting import BAD_ROWS, Inviting, customers, open_inviting


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Inviting]:
    with open_inviting(tmp_path, providers=("sitejabber",)) as made:
        made.shop.sitejabber.limits.enforced = True
        yield made


def look(desk: Inviting, text: str, way: InviteWay = InviteWay.LINK, sample: Sample | None = None) -> Plan:
    table = Table.open_text(text)
    lists = desk.core.invitation_lists
    mapping, _ = lists.mapping_for(table)
    mapping.setdefault("order_date", 2)
    return lists.plan(desk.account().id, way, ReviewKind.BUSINESS, table, mapping, sample=sample)


def work(desk: Inviting, plan: Plan) -> tuple[list[Row], Progress]:
    rows: list[Row] = []
    run = desk.core.invitation_lists.start(plan, on_row=rows.append)
    assert run.wait(500)
    return rows, run.progress


def asked(desk: Inviting) -> list[tuple[str, str]]:
    """Whom the server was told of, (address, order), oldest first."""
    return [(r["email"], r["order_id"]) for r in desk.shop.sitejabber.requests]


@pytest.mark.timeout(600)
def test_a_thousand_rows_at_the_provider_s_pace(desk: Inviting) -> None:
    plan = look(desk, customers(1000))
    assert [fault.row for fault in plan.faults] == sorted(BAD_ROWS)
    for fault in plan.faults:
        assert fault.column == BAD_ROWS[fault.row][3] and fault.message
    assert (plan.total, plan.bad, plan.ready) == (1000, 7, 993)
    assert not desk.shop.journal.entries("sitejabber")

    begun = desk.clock.monotonic()
    rows, progress = work(desk, plan)
    took = desk.clock.monotonic() - begun

    assert progress.state is RunState.DONE and progress.counts == {RowState.INVITED: 993, RowState.BAD: 7}
    assert abs(took - plan.seconds) <= 0.1 * plan.seconds, (took, plan.seconds)
    assert desk.shop.sitejabber.limits.refused == 0
    assert [row.number for row in rows] == list(range(1, 1001))
    assert len(asked(desk)) == len(set(asked(desk))) == 993
    links = {r["link"] for r in desk.shop.sitejabber.requests}
    assert {row.link for row in rows if row.state is RowState.INVITED} == links


def test_a_look_makes_no_request_and_leaves_nothing(desk: Inviting) -> None:
    plan = look(desk, customers(30))
    states = [row.state for row in desk.core.invitation_lists.rows(plan)]
    assert states.count(RowState.READY) == 29 and states.count(RowState.BAD) == 1
    assert not desk.shop.journal.entries() and not desk.core.invitations.history()
    assert not desk.core.invitation_lists.runs()


def test_a_list_that_was_stopped_goes_on_at_the_next_row(desk: Inviting) -> None:
    text = customers(40)
    plan = look(desk, text)
    stopped = threading.Event()

    def stop_at_twelve(row: Row) -> None:
        if row.number == 12:
            run.stop()
            stopped.set()

    gate = threading.Event()
    run = desk.core.invitation_lists.start(plan, on_row=lambda row: gate.wait(10) and stop_at_twelve(row))
    gate.set()
    assert run.wait(30) and stopped.is_set()
    assert run.progress.state is RunState.STOPPED
    before = asked(desk)
    assert 10 <= len(before) <= 12

    again = look(desk, text)
    assert again.resumes is not None and again.resumes.id == run.id
    assert again.ready == 39 - len(before)
    rows, progress = work(desk, again)
    assert progress.state is RunState.DONE
    assert asked(desk)[: len(before)] == before and len(set(asked(desk))) == len(asked(desk)) == 39
    # The rows that were through already keep their links in the new result.
    assert all(row.link for row in rows if row.state is RowState.INVITED)
    assert len(desk.core.invitation_lists.runs()) == 1


def test_a_run_pauses_and_goes_on(desk: Inviting) -> None:
    plan = look(desk, customers(8, bad=False))
    paused, go = threading.Event(), threading.Event()

    def on_row(row: Row) -> None:
        if row.number == 3:
            run.pause()
            go.set()

    def on_progress(progress: Progress) -> None:
        if progress.state is RunState.PAUSED:
            paused.set()

    ready = threading.Event()
    run = desk.core.invitation_lists.start(
        plan, on_row=lambda row: ready.wait(10) and on_row(row), on_progress=on_progress
    )
    ready.set()
    assert go.wait(10) and paused.wait(10)
    assert len(asked(desk)) == 3 and desk.core.invitation_lists.runs()[0].state == "paused"
    run.resume()
    assert run.wait(20) and len(asked(desk)) == 8


def test_a_person_s_reply_goes_before_the_list(tmp_path: Path) -> None:
    with open_inviting(tmp_path, providers=("sitejabber",)) as desk:
        desk.core.sync.run([desk.account()], False)
        review = next(iter(desk.core.inbox.ids(desk.core.inbox.parse("-has:reply"))))
        desk.shop.sitejabber.limits.enforced = True
        desk.clock.advance(3600)
        desk.core.outbox.automatic = True
        plan = look(desk, customers(60, bad=False))
        queued: list[int] = []

        def on_row(row: Row) -> None:
            if row.number == 20:
                item = desk.core.replies.publish(review, Target.PUBLIC, "Thank you, we read every word.")
                queued.append(item.result(10).id)
                # On the clock that jumps rows take no time: the reply shall wait at the door before the next one.
                worker = desk.core.workers.of(desk.account().id)
                wait_until(lambda: worker.find(OutboxJob))

        run = desk.core.invitation_lists.start(plan, on_row=on_row)
        assert run.wait(60) and run.progress.state is RunState.DONE
        item = desk.core.outbox.item(queued[0])
        assert item is not None and item.state.value == "sent"
        calls = [e.path for e in desk.shop.journal.entries("sitejabber", method="POST")]
        place = next(i for i, path in enumerate(calls) if path.endswith("review/comments/add"))
        before = sum(1 for path in calls[:place] if path.endswith("review/request/add"))
        assert 20 <= before <= 22, before
        assert desk.shop.sitejabber.limits.refused == 0


def test_a_sync_does_not_wait_for_the_end_of_the_list(desk: Inviting) -> None:
    plan = look(desk, customers(40, bad=False))
    reports: list[SyncReport] = []
    reader = threading.Thread(target=lambda: reports.extend(desk.core.sync.run([desk.account()], False)))

    def on_row(row: Row) -> None:
        if row.number == 10:
            reader.start()
            worker = desk.core.workers.of(desk.account().id)
            wait_until(lambda: worker.find(SyncJob))

    run = desk.core.invitation_lists.start(plan, on_row=on_row)
    assert run.wait(60) and run.progress.state is RunState.DONE
    reader.join(30)
    assert reports and reports[0].ok and reports[0].new > 0
    calls = desk.shop.journal.entries("sitejabber")
    last_row = max(e.number for e in calls if e.path.endswith("review/request/add"))
    first_list = min(e.number for e in calls if e.method == "GET" and e.path.endswith("/reviews"))
    assert first_list < last_row and desk.shop.sitejabber.limits.refused == 0


def test_nobody_on_two_lists_is_asked_twice(desk: Inviting) -> None:
    work(desk, look(desk, customers(5, bad=False)))
    # The same people with other capitals, one more customer, and one of them twice.
    text = customers(6, bad=False).replace("p2@", "P2@") + "p6@EXAMPLE.org;1006;02.11.2026;Again\n"
    rows, _ = work(desk, look(desk, text))
    assert [row.state for row in rows] == [RowState.SKIPPED] * 5 + [RowState.INVITED, RowState.SKIPPED]
    assert rows[1].earlier is not None and str(rows[1].earlier.link) in rows[1].reason
    assert "2026-11-18" in rows[1].reason or "2026-11-19" in rows[1].reason
    assert "row 6" in rows[6].reason
    assert len(asked(desk)) == 6


def test_an_e_mail_whose_answer_was_lost_stays_unknown(desk: Inviting) -> None:
    desk.shop.faults.on("review/request/add", method="POST", nth=3, cut="after")
    plan = look(desk, customers(5, bad=False), InviteWay.EMAIL)
    rows, progress = work(desk, plan)
    assert [row.state for row in rows] == [RowState.INVITED] * 2 + [RowState.UNKNOWN] + [RowState.INVITED] * 2
    assert progress.state is RunState.DONE and len(asked(desk)) == 5
    again, _ = work(desk, look(desk, customers(5, bad=False), InviteWay.EMAIL))
    assert [row.state for row in again] == [row.state for row in rows] and len(asked(desk)) == 5
    # Not on another list either.
    other, _ = work(desk, look(desk, customers(5, bad=False) + "\n", InviteWay.EMAIL))
    assert [row.state for row in other] == [RowState.SKIPPED] * 5 and len(asked(desk)) == 5


def test_what_was_certainly_not_sent_is_tried_again(desk: Inviting) -> None:
    desk.shop.faults.on("review/request/add", method="POST", nth=2, status=429)
    rows, progress = work(desk, look(desk, customers(4, bad=False)))
    assert [row.state for row in rows] == [RowState.INVITED] * 4 and progress.state is RunState.DONE
    assert len(asked(desk)) == len(set(asked(desk))) == 4


def test_a_provider_that_is_gone_ends_the_run_and_another_goes_on(desk: Inviting) -> None:
    fault = desk.shop.faults.on("review/request/add", method="POST", after=2, times=None, status=429)
    text = customers(4, bad=False)
    rows, progress = work(desk, look(desk, text))
    assert [row.state for row in rows] == [RowState.INVITED] * 2
    assert progress.state is RunState.STOPPED and "Row 3" in progress.message
    desk.shop.faults.off(fault)
    item = desk.core.outbox.items()[0]
    assert item.state is OutboxState.HELD and item.attempts == 6, "it was given up after its tries"
    rows, progress = work(desk, look(desk, text))
    assert progress.state is RunState.DONE and [row.state for row in rows] == [RowState.INVITED] * 4
    assert len(asked(desk)) == len(set(asked(desk))) == 4


def test_a_refused_row_is_bad_and_leaves_the_others_alone(desk: Inviting) -> None:
    text = customers(3, bad=False).replace("First name", "SKU").replace("Name2", "NO-SUCH-SKU")
    sku = desk.shop.sitejabber.data["products"]
    known = next(iter(sku.values()))["sku"]
    text = text.replace("Name1", known).replace("Name3", known)
    table = Table.open_text(text)
    mapping, _ = desk.core.invitation_lists.mapping_for(table)
    plan = desk.core.invitation_lists.plan(
        desk.account().id, InviteWay.LINK, ReviewKind.PRODUCT, table, mapping | {"order_date": 2}
    )
    rows, _ = work(desk, plan)
    assert [row.state for row in rows] == [RowState.INVITED, RowState.BAD, RowState.INVITED]
    assert "product" in rows[1].reason.lower()


def test_an_account_that_is_paused_asks_nobody(desk: Inviting) -> None:
    plan = look(desk, customers(3, bad=False))
    desk.core.accounts.pause(desk.account()).result(5)
    rows, progress = work(desk, plan)
    assert not rows and progress.state is RunState.STOPPED and "paused" in progress.message
    assert not asked(desk) and not desk.core.outbox.items()


def test_offline_links_need_no_request(desk: Inviting) -> None:
    plan = look(desk, customers(20, bad=False), InviteWay.OFFLINE)
    assert plan.calls == 0 and plan.seconds < 1
    rows, _ = work(desk, plan)
    for row in rows:
        inside = desk.shop.sitejabber.read_offline_link(str(row.link))
        assert (inside["email"], inside["order_id"]) == (row.email, row.order_id)
    assert not desk.shop.journal.entries("sitejabber")


@pytest.mark.parametrize(
    "sample",
    [
        Sample(),
        Sample(rule=Rule.EVERY_NTH, n=3, start=2),
        Sample(rule=Rule.RANDOM, count=7, seed="Herbst 2026"),
    ],
)
def test_a_choice_is_made_again_from_the_journal(desk: Inviting, sample: Sample) -> None:
    text = customers(25)
    table = Table.open_text(text)
    plan = look(desk, text, InviteWay.OFFLINE, sample)
    rows, _ = work(desk, plan)
    chosen = [row.number for row in rows if row.state is RowState.INVITED]
    good = [n for n in range(1, 26) if n not in BAD_ROWS]
    lists = desk.core.invitation_lists
    run = lists.runs()[0]
    if sample.rule is Rule.EVERY_NTH:
        assert chosen == good[1::3]
    elif sample.rule is Rule.RANDOM:
        assert len(chosen) == 7 and chosen != good[:7]
    else:
        assert chosen == good
    assert lists.recompute(run.id, table)
    # Another list, or one row more, is another choice.
    assert not lists.recompute(run.id, Table.open_text(text + "new@example.org;1;02.11.2026;N\n"))
    page = lists.record(run.id)
    assert page == lists.record(run.id) and table.digest in page and len(page.splitlines()) <= 60
    assert plan.choice.chosen_digest in page and "@" not in page
    if sample.seed:
        assert sample.seed in page


def test_the_choice_is_the_same_after_a_crash(desk: Inviting) -> None:
    sample = Sample(rule=Rule.RANDOM, count=6, seed="s")
    text = customers(15, bad=False)
    first = look(desk, text, InviteWay.LINK, sample)
    rows, _ = work(desk, first)
    again = look(desk, text, InviteWay.LINK, sample)
    assert again.chosen == first.chosen and again.ready == 0
    assert {r.number for r in rows if r.state is RowState.INVITED} == set(again.chosen or ())


def test_the_mapping_is_remembered(desk: Inviting) -> None:
    lists = desk.core.invitation_lists
    table = Table.open_text("wer;was;wann\na@example.org;1;2026-11-01\n")
    assert lists.mapping_for(table) == ({}, False)
    lists.remember_mapping(table, {"email": 0, "order_id": 1, "order_date": 2})
    other = Table.open_text("Wer,WAS,wann\nb@example.org,2,2026-11-02\n")
    assert lists.mapping_for(other) == ({"email": 0, "order_id": 1, "order_date": 2}, True)


def test_what_can_not_be_done_for_a_list(desk: Inviting) -> None:
    table = Table.open_text(customers(2, bad=False))
    account = desk.account().id
    with pytest.raises(NotAvailable):
        desk.core.invitation_lists.plan(account, InviteWay.WRITE_LINK, ReviewKind.BUSINESS, table, {})
    with pytest.raises(NotAvailable):
        desk.core.invitation_lists.plan(account, InviteWay.ORDER, ReviewKind.BUSINESS, table, {})
    with pytest.raises(InvalidInput):
        look(desk, customers(2), sample=Sample(rule=Rule.RANDOM, count=0, seed="x"))


def test_history_names_the_run(desk: Inviting) -> None:
    work(desk, look(desk, customers(3, bad=False)))
    run = desk.core.invitation_lists.runs()[0]
    found = desk.core.invitations.history(run_id=run.id)
    assert [i.run_row for i in found] == [3, 2, 1]
    assert all(i.state is InviteState.INVITED for i in found) and run.state == "done" and run.at_row == 3
