"""Every way an outgoing reply can go, judged by the provider's own record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewdesk.domain.errors import (
    AlreadyQueued,
    Delivery,
    InvalidInput,
    NetworkError,
    NotAvailable,
    NotFound,
    RateLimited,
    Refused,
    ReviewdeskError,
    ServerError,
    SignInError,
    TlsError,
)
from reviewdesk.domain.models import (
    AccountState,
    ActionKind,
    OutboxState,
    ReplyMark,
    Role,
    Target,
    WorkState,
)
from reviewdesk.store import journal
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted
from tests.support.scripted import Died, World, gone, mark_removed


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def desk(tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with open_scripted(tmp_path, clock=clock) as desk:
        yield desk


def cut() -> ServerError:
    return ServerError("The connection was cut.", delivery=Delivery.UNKNOWN)


def run(desk: Desk, item_id: int) -> OutboxState:
    desk.core.outbox.run([item_id])
    return desk.item(item_id).state


# --- the ordinary way ----------------------------------------------------------------------------------


def test_a_reply_is_sent_once_and_shows_in_the_conversation(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!")
    assert item.state is OutboxState.WAITING
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you!"]
    detail = desk.core.inbox.detail(desk.review("r1"))
    assert detail is not None
    assert [c.text for c in detail.comments] == ["Thank you!"]
    assert detail.row.reply_mark is ReplyMark.OURS
    assert detail.row.work_state is WorkState.WAITING
    assert desk.item(item.id).remote_id == detail.comments[0].id


def test_the_thread_is_read_before_the_request(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!")
    desk.world.calls.clear()
    run(desk, item.id)
    assert desk.world.calls[:2] == ["thread r1", "send reply"]


def test_send_and_done_moves_the_review_with_the_answer(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!", then_done=True)
    run(desk, item.id)
    assert desk.core.inbox.rows([desk.review("r1")])[desk.review("r1")].work_state is WorkState.DONE


def test_publishing_closes_the_draft_in_the_same_transaction(desk: Desk) -> None:
    review = desk.review("r1")
    desk.core.replies.save_draft(review, Target.PUBLIC, "Thank").result(5)
    desk.core.replies.publish(review, Target.PUBLIC, "Thank you").result(5)
    assert desk.core.replies.draft(review, Target.PUBLIC) is None


def test_the_journal_has_a_line_for_the_action_and_one_for_its_result(desk: Desk) -> None:
    item = desk.reply("r1", "A text nobody else may read")
    run(desk, item.id)
    with desk.core.store.read() as reader:
        lines = journal.list_entries(reader, outbox_id=item.id)
    assert [line.result for line in reversed(lines)] == ["queued", "sent"]
    assert not any("nobody else" in line.answer for line in lines)


# --- what is refused before anything is queued ---------------------------------------------------------


@pytest.mark.parametrize("text", ["", "   \n ", "\x00\x07"])
def test_an_empty_text_is_never_queued(desk: Desk, text: str) -> None:
    with pytest.raises(InvalidInput, match="empty"):
        desk.reply("r1", text)
    assert desk.core.outbox.items() == []


def test_a_text_over_the_limit_is_refused_with_its_count(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="201 characters"):
        desk.reply("r1", "x" * 201)


def test_what_the_account_cannot_do_gives_the_capabilitys_reason(desk: Desk) -> None:
    future = desk.core.replies.publish(desk.review("r1"), Target.PUBLIC, "", kind=ActionKind.PUBLISH)
    with pytest.raises(NotAvailable, match="has no publish"):
        future.result(5)
    assert desk.core.outbox.items() == []


def test_at_most_one_live_item_per_review_and_target(desk: Desk) -> None:
    desk.reply("r1", "First", delay_s=60)
    with pytest.raises(ReviewdeskError, match="on its way"):
        desk.reply("r1", "Second")
    assert len(desk.core.outbox.items()) == 1


def test_a_retry_of_a_failed_item_beside_a_live_one_is_refused(desk: Desk) -> None:
    desk.world.before_send.append(Refused("No."))
    failed = desk.reply("r1", "First")
    run(desk, failed.id)
    desk.reply("r1", "Second", delay_s=60)
    with pytest.raises((AlreadyQueued, ReviewdeskError)):
        desk.core.outbox.retry(failed.id).result(5)


# --- certain failures ----------------------------------------------------------------------------------


def test_refused_is_failed_at_once_with_reason_and_text(desk: Desk) -> None:
    desk.world.before_send.append(Refused("Links are not allowed."))
    item = desk.reply("r1", "See my site")
    assert run(desk, item.id) is OutboxState.FAILED
    kept = desk.item(item.id)
    assert kept.text == "See my site"
    assert kept.error is not None and kept.error.message == "Links are not allowed."
    assert desk.world.texts("r1") == []
    assert desk.world.calls.count("send reply") == 1


def test_not_sent_waits_and_goes_out_when_the_network_is_back(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_send.append(NetworkError("Refused.", delivery=Delivery.NOT_SENT))
    item = desk.reply("r1", "Thank you!")
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you!"]
    assert desk.item(item.id).attempts == 2


def test_not_sent_six_times_is_held_for_a_person(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_send.extend(NetworkError("Refused.", delivery=Delivery.NOT_SENT) for _ in range(6))
    item = desk.reply("r1", "Thank you!")
    for _ in range(20):
        desk.core.outbox.run()
        clock.advance(901)
    held = desk.item(item.id)
    assert held.state is OutboxState.HELD
    assert held.attempts == 6
    assert held.error is not None and "6 times" in held.error.message
    assert desk.world.calls.count("send reply") == 6
    desk.core.outbox.retry(item.id).result(5)
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you!"]


def test_a_reading_that_fails_before_the_send_costs_no_attempt(desk: Desk) -> None:
    desk.world.before_thread.append(gone())
    item = desk.reply("r1", "Thank you!")
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.item(item.id).attempts == 1


def test_retry_after_is_obeyed(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_send.append(RateLimited("Slow down.", retry_after_s=50))
    item = desk.reply("r1", "Thank you!")
    begun = clock.monotonic()
    assert run(desk, item.id) is OutboxState.SENT
    assert clock.monotonic() - begun >= 50


def test_a_wait_beyond_the_commands_patience_leaves_the_item_waiting(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_send.append(RateLimited("Slow down.", retry_after_s=3000))
    item = desk.reply("r1", "Thank you!")
    begun = clock.monotonic()
    assert run(desk, item.id) is OutboxState.WAITING
    assert clock.monotonic() - begun < 60
    clock.advance(3001)
    assert run(desk, item.id) is OutboxState.SENT


def test_a_server_that_is_not_trusted_gets_nothing_until_it_is(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_thread.append(TlsError("The certificate is not trusted."))
    item = desk.reply("r1", "Thank you!")
    assert run(desk, item.id) is OutboxState.WAITING
    desk.world.calls.clear()
    clock.advance(2 * 86_400)
    desk.core.outbox.tend()
    assert desk.world.calls == [], "sent to a server that could not prove who it is"
    desk.sync()  # it is trusted again
    clock.advance(8)
    desk.core.outbox.run()
    assert desk.item(item.id).state is OutboxState.SENT


def test_a_person_may_try_a_server_that_was_not_trusted(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_thread.append(TlsError("The certificate is not trusted."))
    item = desk.reply("r1", "Thank you!")
    run(desk, item.id)
    clock.advance(1)
    desk.core.outbox.retry(item.id).result(5)
    assert run(desk, item.id) is OutboxState.SENT


@pytest.mark.parametrize("stands", [True, False], ids=["stands there", "does not"])
def test_a_conflict_is_looked_at(desk: Desk, stands: bool) -> None:
    script = desk.world.after_send if stands else desk.world.before_send
    script.append(Refused("There is one already.", status=409))
    item = desk.reply("r1", "Thank you!")
    assert run(desk, item.id) is (OutboxState.SENT if stands else OutboxState.FAILED)
    assert desk.world.calls.count("send reply") == 1
    assert desk.item(item.id).text == "Thank you!"


# --- unclear outcomes ----------------------------------------------------------------------------------


def test_an_answer_that_was_lost_is_found_by_reading_back(desk: Desk, clock: FakeClock) -> None:
    desk.world.after_send.append(cut())
    item = desk.reply("r1", "Thank you!")
    begun = clock.monotonic()
    assert run(desk, item.id) is OutboxState.SENT
    assert clock.monotonic() - begun >= 60
    assert desk.world.texts("r1") == ["Thank you!"]
    assert desk.item(item.id).remote_id == desk.world.threads["r1"][0].id


def test_what_did_not_arrive_is_absent_twice_and_sent_again(desk: Desk) -> None:
    desk.world.before_send.append(cut())
    item = desk.reply("r1", "Thank you!")
    desk.world.calls.clear()
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you!"]
    first, second = (i for i, call in enumerate(desk.world.calls) if call == "send reply")
    assert desk.world.calls[first + 1 : second].count("thread r1") == 3  # two looks, and the reading before


def test_a_server_that_stores_late_within_the_window_gets_it_once(desk: Desk, clock: FakeClock) -> None:
    def late() -> None:
        raise cut()

    desk.world.before_send.append(late)
    item = desk.reply("r1", "Thank you!")
    desk.step(item)
    assert desk.item(item.id).state is OutboxState.VERIFYING
    clock.advance(54)  # 0.9 of the settle window
    desk.world.comment("r1", "Thank you!")
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you!"]


def test_a_hurried_look_never_leads_to_an_early_resend(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_send.append(cut())
    item = desk.reply("r1", "Thank you!")
    desk.step(item)
    for _ in range(5):
        desk.core.outbox.retry(item.id).result(5)
        desk.step(desk.item(item.id))
        clock.advance(5)
    assert desk.item(item.id).state is OutboxState.VERIFYING
    assert desk.world.calls.count("send reply") == 1


def test_settle_window_is_the_longer_of_both_settings(tmp_path: Path, clock: FakeClock) -> None:
    settings = {"settle_seconds": "4", "timeout_seconds": "20"}
    with open_scripted(tmp_path, clock=clock, settings=settings) as desk:
        desk.world.after_send.append(cut())
        item = desk.reply("r1", "Thank you!")
        begun = clock.monotonic()
        run(desk, item.id)
        assert 40 <= clock.monotonic() - begun < 60


def test_a_provider_that_cannot_be_read_back_asks_and_never_resends(tmp_path: Path, clock: FakeClock) -> None:
    with open_scripted(tmp_path, clock=clock, reads_back=False) as desk:
        desk.world.before_send.append(cut())
        item = desk.reply("r1", "Thank you!")
        assert run(desk, item.id) is OutboxState.HELD
        clock.advance(10_000)
        desk.core.outbox.run()
        assert desk.world.calls.count("send reply") == 1


def test_a_bug_in_a_provider_counts_as_unclear(desk: Desk) -> None:
    desk.world.after_send.append(ZeroDivisionError())
    item = desk.reply("r1", "Thank you!")
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you!"]


@pytest.mark.parametrize(
    ("kind", "payload", "state_read_back"),
    [
        (ActionKind.CONVERSATION_STATE, {"state": "private"}, True),
        (ActionKind.FLAG, {"reason": "spam", "message": "x"}, False),
    ],
)
def test_actions_without_text_are_verified_by_state_or_asked_about(
    desk: Desk, kind: ActionKind, payload: dict[str, str], state_read_back: bool
) -> None:
    desk.world.after_send.append(cut())
    item = desk.core.replies.publish(desk.review("r1"), Target.PUBLIC, "", kind=kind, payload=payload).result(
        5
    )
    state = run(desk, item.id)
    assert state is (OutboxState.SENT if state_read_back else OutboxState.HELD)
    assert desk.world.calls.count(f"send {kind.value}") == 1


def test_an_edit_reaches_the_comment_and_is_verified_by_its_text(desk: Desk) -> None:
    comment = desk.world.comment("r1", "Thank yuo")
    desk.sync()
    desk.world.after_send.append(cut())
    item = desk.core.replies.publish(
        desk.review("r1"),
        Target.PUBLIC,
        "Thank you",
        kind=ActionKind.EDIT_REPLY,
        payload={"comment_id": comment.id},
    ).result(5)
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you"]


def test_only_ones_own_comment_can_be_edited(desk: Desk) -> None:
    comment = desk.world.comment("r1", "But why?", Role.CONSUMER)
    desk.sync()
    for wanted in (comment.id, "nothing"):
        future = desk.core.replies.publish(
            desk.review("r1"), Target.PUBLIC, "x", kind=ActionKind.EDIT_REPLY, payload={"comment_id": wanted}
        )
        with pytest.raises(InvalidInput):
            future.result(5)


# --- what happened meanwhile ---------------------------------------------------------------------------


def test_somebody_else_answered(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!")
    desk.world.comment("r1", "We are sorry.")
    assert run(desk, item.id) is OutboxState.HELD
    held = desk.item(item.id)
    assert held.error is not None and held.error.message == "Somebody answered meanwhile."
    assert desk.world.texts("r1") == ["We are sorry."]
    detail = desk.core.inbox.detail(desk.review("r1"))
    assert detail is not None and [c.text for c in detail.comments] == ["We are sorry."]
    desk.core.outbox.retry(item.id).result(5)
    assert run(desk, item.id) is OutboxState.HELD
    desk.core.outbox.retry(item.id, override=True).result(5)
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["We are sorry.", "Thank you!"]


def test_the_review_was_edited(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!")
    desk.world.reviews["r1"] = replace(desk.world.reviews["r1"], body="Terrible after all.", score=1.0)
    assert run(desk, item.id) is OutboxState.HELD
    detail = desk.core.inbox.detail(desk.review("r1"))
    assert detail is not None
    assert detail.body == "Terrible after all."
    assert detail.versions[-1].body == "Fine."


@pytest.mark.parametrize("how", ["gone", "marked"])
def test_the_review_was_removed(desk: Desk, how: str) -> None:
    item = desk.reply("r1", "Thank you!")
    if how == "gone":
        desk.world.reviews.pop("r1")
    else:
        mark_removed(desk.world, "r1")
    assert run(desk, item.id) is OutboxState.HELD
    assert "send reply" not in desk.world.calls


def test_removed_with_override_fails_with_the_providers_word(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!", override=True)
    desk.world.reviews.pop("r1")
    assert run(desk, item.id) is OutboxState.FAILED


def test_override_sends_despite_a_newer_comment(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!", override=True)
    desk.world.comment("r1", "And?", Role.CONSUMER)
    assert run(desk, item.id) is OutboxState.SENT


def test_the_draft_remembers_what_its_author_had_seen(desk: Desk) -> None:
    review = desk.review("r1")
    desk.core.replies.save_draft(review, Target.PUBLIC, "Thank").result(5)
    desk.world.comment("r1", "We are sorry.")
    desk.sync()
    item = desk.core.replies.publish(review, Target.PUBLIC, "Thank you").result(5)
    assert run(desk, item.id) is OutboxState.HELD


def test_a_second_reply_written_before_the_first_arrived_is_no_conflict_with_it(desk: Desk) -> None:
    first = desk.reply("r1", "Thank you!")
    desk.core.replies.save_draft(desk.review("r1"), Target.PUBLIC, "One more").result(5)
    assert run(desk, first.id) is OutboxState.SENT
    second = desk.reply("r1", "One more thing.")
    assert run(desk, second.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you!", "One more thing."]


def test_the_same_text_again_is_asked_about(desk: Desk) -> None:
    desk.core.replies.save_draft(desk.review("r1"), Target.PUBLIC, "Thank").result(5)
    item = desk.core.replies.publish(desk.review("r1"), Target.PUBLIC, "Thank you!").result(5)
    desk.world.comment("r1", "Thank you!")
    assert run(desk, item.id) is OutboxState.HELD
    error = desk.item(item.id).error
    assert error is not None and "published already" in error.message


# --- sign-in, pause, age -------------------------------------------------------------------------------


def test_sign_in_lost_leaves_work_unharmed_and_goes_on_when_it_is_back(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_thread.append(SignInError("The password is wrong."))
    first, second = desk.reply("r1", "One"), desk.reply("r2", "Two")
    desk.core.outbox.run()
    assert {desk.item(i.id).state for i in (first, second)} == {OutboxState.WAITING}
    account = desk.core.accounts.get(desk.account.id)
    assert account is not None and account.state is AccountState.SIGN_IN_NEEDED
    assert desk.core.sync.sync_in_background(account.id) is None
    calls = len(desk.world.calls)
    clock.advance(3600)
    desk.core.outbox.tend()
    assert len(desk.world.calls) == calls, "background work called a provider that turns the sign-in down"
    desk.sync()
    clock.advance(20)
    desk.core.outbox.run()
    assert desk.world.texts("r1") == ["One"] and desk.world.texts("r2") == ["Two"]


def test_a_paused_account_makes_no_request(desk: Desk, clock: FakeClock) -> None:
    item = desk.reply("r1", "Thank you!")
    desk.core.accounts.pause(desk.account).result(5)
    calls = [c for c in desk.world.calls if c != "close"]
    assert run(desk, item.id) is OutboxState.WAITING
    desk.core.outbox.tend()
    assert [c for c in desk.world.calls if c != "close"] == calls
    desk.core.accounts.resume(desk.account).result(5)
    assert run(desk, item.id) is OutboxState.SENT


def test_nothing_older_than_seven_days_goes_by_itself(desk: Desk, clock: FakeClock) -> None:
    item = desk.reply("r1", "Thank you!")
    clock.advance(7 * 86_400 + 1)
    assert run(desk, item.id) is OutboxState.HELD
    assert "send reply" not in desk.world.calls
    desk.core.outbox.retry(item.id).result(5)
    assert run(desk, item.id) is OutboxState.SENT


# --- a person acts -------------------------------------------------------------------------------------


def test_undo_brings_the_text_back_and_nothing_leaves(desk: Desk, clock: FakeClock) -> None:
    item = desk.reply("r1", "Thank you!", delay_s=10)
    clock.advance(9.9)
    draft = desk.core.replies.undo(item.id).result(5)
    assert draft is not None and draft.text == "Thank you!"
    assert desk.core.replies.draft(desk.review("r1"), Target.PUBLIC) == draft
    clock.advance(100)
    desk.core.outbox.run()
    assert desk.world.texts("r1") == []


def test_undo_comes_too_late_once_it_is_on_its_way(desk: Desk) -> None:
    answers = []
    item = desk.reply("r1", "Thank you!")
    desk.world.before_send.append(lambda: answers.append(desk.core.replies.undo(item.id).result(5)))
    assert run(desk, item.id) is OutboxState.SENT
    assert answers == [None]


def test_undo_while_the_thread_is_read_stops_the_send(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!")
    desk.world.before_thread.append(lambda: desk.core.replies.undo(item.id).result(5))
    desk.core.outbox.run([item.id])
    assert desk.world.texts("r1") == []
    assert desk.item(item.id).state is OutboxState.DISCARDED


def test_a_text_changed_while_the_thread_is_read_is_what_goes_out(desk: Desk) -> None:
    item = desk.reply("r1", "Thank you!")
    desk.world.before_thread.append(lambda: desk.core.outbox.edit(item.id, "Thanks a lot!").result(5))
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thanks a lot!"]


def test_hold_discard_and_send_now(desk: Desk, clock: FakeClock) -> None:
    held = desk.reply("r1", "One", delay_s=30)
    desk.core.outbox.hold(held.id).result(5)
    gone_item = desk.reply("r2", "Two", delay_s=30)
    desk.core.outbox.discard(gone_item.id).result(5)
    now = desk.reply("r3", "Three", delay_s=30)
    desk.core.outbox.send_now(now.id).result(5)
    desk.core.outbox.run()
    assert [desk.item(i.id).state for i in (held, gone_item, now)] == [
        OutboxState.HELD,
        OutboxState.DISCARDED,
        OutboxState.SENT,
    ]
    assert desk.world.texts("r3") == ["Three"]
    with pytest.raises(ReviewdeskError):
        desk.core.outbox.discard(now.id).result(5)


def test_a_discarded_item_can_be_brought_back_and_goes_only_when_it_is_sent(desk: Desk) -> None:
    item = desk.core.replies.publish_for_account(
        desk.account.id, ActionKind.INVITE_EMAIL, payload={"email": "a@shop.example"}, delay_s=60
    ).result(5)
    desk.core.outbox.discard(item.id).result(5)
    back = desk.core.outbox.bring_back(item.id).result(5)
    assert (back.state, back.payload) == (OutboxState.HELD, item.payload)
    desk.core.outbox.run()
    assert desk.world.sent == []
    desk.core.outbox.send_now(item.id).result(5)
    assert run(desk, item.id) is OutboxState.SENT
    with pytest.raises(ReviewdeskError):
        desk.core.outbox.bring_back(item.id).result(5)


def test_a_discarded_reply_comes_back_only_where_no_other_is_on_its_way(desk: Desk) -> None:
    first = desk.reply("r1", "First", delay_s=60)
    desk.core.outbox.discard(first.id).result(5)
    second = desk.reply("r1", "Second", delay_s=60)
    with pytest.raises(AlreadyQueued):
        desk.core.outbox.bring_back(first.id).result(5)
    desk.core.outbox.discard(second.id).result(5)
    assert desk.core.outbox.bring_back(first.id).result(5).text == "First"


def test_the_journal_tells_of_every_action_without_a_secret_or_a_customers_word(
    desk: Desk, clock: FakeClock
) -> None:
    """One line for each act and each result, with what the provider answered."""
    desk.world.add_review(9, body="Mrs Canary-Customer was here.")
    desk.sync()
    desk.world.before_send.append(Refused("The text holds a link.", provider_words="no links"))
    refused = desk.reply("r9", "Canary-Reply one")
    run(desk, refused.id)
    desk.world.after_send.append(cut())
    unclear = desk.reply("r1", "Canary-Reply two")
    run(desk, unclear.id)
    flagged = desk.core.replies.publish(
        desk.review("r2"), Target.PUBLIC, "", kind=ActionKind.FLAG,
        payload={"reason": "spam", "message": "Canary-Message"},
    ).result(5)  # fmt: skip
    run(desk, flagged.id)
    asked = desk.core.replies.publish_for_account(
        desk.account.id, ActionKind.INVITE_EMAIL, payload={"email": "canary@customer.example"}
    ).result(5)
    run(desk, asked.id)
    with desk.core.store.read() as reader:
        lines = list(reversed(journal.list_entries(reader)))
        everything = [str(row) for row in reader.rows("SELECT * FROM journal")]
    by_item = {i: [line.result for line in lines if line.outbox_id == i] for i in (refused.id, unclear.id)}
    assert by_item[refused.id] == ["queued", "failed"]
    assert by_item[unclear.id] == ["queued", "verifying", "sent"]
    assert next(line for line in lines if line.result == "failed").answer == "refused: The text holds a link."
    for item, kind in ((flagged, "flag"), (asked, "invite-email")):
        mine = [line for line in lines if line.outbox_id == item.id]
        assert [line.result for line in mine] == ["queued", "sent"]
        assert {line.action for line in mine} == {kind} and {line.account_id for line in mine} == {
            item.account_id
        }
    for secret in ("token-value", "Canary", "canary@"):
        assert not any(secret in line for line in everything), secret


def test_scheduled_for_later_goes_out_once_then(desk: Desk, clock: FakeClock) -> None:
    at = clock.now() + 3 * 86_400
    item = desk.reply("r1", "Thank you!", schedule_at=at)
    desk.core.outbox.run()
    desk.core.outbox.tend()
    assert desk.item(item.id).not_before == at
    clock.advance(3 * 86_400 + 1)
    desk.core.outbox.run()
    desk.core.outbox.run()
    assert desk.world.texts("r1") == ["Thank you!"]


# --- clocks ----------------------------------------------------------------------------------------------


def test_setting_the_clock_forward_does_not_cut_the_undo_delay_short(desk: Desk, clock: FakeClock) -> None:
    item = desk.reply("r1", "Thank you!", delay_s=10)
    clock.jump(3600)
    desk.core.outbox.run()
    assert desk.item(item.id).state is OutboxState.WAITING
    clock.advance(10)
    desk.core.outbox.run()
    assert desk.item(item.id).state is OutboxState.SENT


def test_setting_the_clock_forward_does_not_cut_the_settle_window_short(desk: Desk, clock: FakeClock) -> None:
    desk.world.before_send.append(cut())
    item = desk.reply("r1", "Thank you!")
    desk.step(item)
    clock.jump(365 * 86_400)
    calls = len(desk.world.calls)
    desk.step(desk.item(item.id))
    assert len(desk.world.calls) == calls
    desk.world.comment("r1", "Thank you!")
    clock.advance(60)
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.texts("r1") == ["Thank you!"]


@pytest.mark.parametrize("window", [True, False], ids=["a window", "scripts alone"])
def test_setting_the_clock_back_never_means_more_than_an_hour(
    tmp_path: Path, clock: FakeClock, window: bool
) -> None:
    with open_scripted(tmp_path, clock=clock) as desk:
        item = desk.reply("r1", "Thank you!", delay_s=10)
    clock.jump(-365 * 86_400)
    with open_scripted(tmp_path, clock=clock, world=desk.world) as again:
        if window:
            again.core.outbox.tend()
        else:
            again.core.outbox.run()
        assert again.item(item.id).state is OutboxState.WAITING
        clock.advance(3601)
        again.core.outbox.run()
        assert again.item(item.id).state is OutboxState.SENT


def test_a_clock_set_back_after_an_unclear_answer_costs_one_more_settle_window(
    tmp_path: Path, clock: FakeClock
) -> None:
    with open_scripted(tmp_path, clock=clock) as desk:
        desk.world.before_send.append(NetworkError("Cut.", delivery=Delivery.UNKNOWN))
        item = desk.reply("r1", "Thank you!")
        desk.step(desk.item(item.id))
        assert desk.item(item.id).state is OutboxState.VERIFYING
        clock.jump(-86_400)
        for _ in range(5):
            clock.advance(61)
            desk.step(desk.item(item.id))
        assert desk.item(item.id).state is OutboxState.SENT
        assert desk.world.texts("r1") == ["Thank you!"]


# --- crash between every pair of steps ---------------------------------------------------------------------


def _where(world: World, label: str) -> None:
    script = {
        "reading": world.before_thread,
        "before the request is carried out": world.before_send,
        "between conversation and comment": world.between_steps,
        "after it was carried out": world.after_send,
    }[label]
    script.append(Died())


@pytest.mark.parametrize("two_steps", [False, True])
@pytest.mark.parametrize(
    "label",
    [
        "reading",
        "before the request is carried out",
        "between conversation and comment",
        "after it was carried out",
    ],
)
def test_killed_between_any_two_steps(tmp_path: Path, label: str, two_steps: bool) -> None:
    clock = FakeClock()
    world = World(two_steps=two_steps)
    world.add_review(1)
    if label.startswith("between") and not two_steps:
        pytest.skip("there is only one step")
    with open_scripted(tmp_path, clock=clock, world=world) as desk:
        item = desk.reply("r1", "Thank you!")
        _where(world, label)
        door = desk.door()
        desk.core.process.appear()
        with pytest.raises(Died):
            desk.core.outbox.sender.work(item.id, door)
        desk.die()
    with open_scripted(tmp_path, clock=clock, world=world) as again:
        again.core.outbox.run()
        assert again.item(item.id).state is OutboxState.SENT
        assert world.texts("r1") == ["Thank you!"]
        assert world.calls.count("create conversation") == (1 if two_steps else 0)
        if two_steps:
            assert again.item(item.id).progress == {"conversation_id": "t1"}


def test_killed_before_the_answer_is_written_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, world = FakeClock(), World()
    world.add_review(1)
    with open_scripted(tmp_path, clock=clock, world=world) as desk:
        item = desk.reply("r1", "Thank you!")
        desk.core.process.appear()

        def die(*_: object, **__: object) -> None:
            raise Died

        monkeypatch.setattr(desk.core.outbox.sender, "_step", die)
        with pytest.raises(Died):
            desk.core.outbox.sender.work(item.id, desk.door())
        assert desk.item(item.id).state is OutboxState.SENDING
        desk.die()
    with open_scripted(tmp_path, clock=clock, world=world) as again:
        again.core.outbox.run()
        assert again.item(item.id).state is OutboxState.SENT
        assert world.texts("r1") == ["Thank you!"]


def test_an_item_in_the_hands_of_a_living_process_is_left_alone(tmp_path: Path) -> None:
    clock, world = FakeClock(), World()
    world.add_review(1)
    with (
        open_scripted(tmp_path, clock=clock, world=world) as one,
        open_scripted(tmp_path, clock=clock, world=world) as other,
    ):
        item = one.reply("r1", "Thank you!")

        def meanwhile() -> None:
            assert other.core.outbox.recover() == []
            other.step(item)
            assert other.item(item.id).state is OutboxState.SENDING

        world.before_send.append(meanwhile)
        one.step(item)
        assert world.texts("r1") == ["Thank you!"]
        assert world.calls.count("send reply") == 1


def test_an_item_that_ends_the_program_each_time_is_shown_to_a_person(tmp_path: Path) -> None:
    clock, world = FakeClock(), World()
    world.add_review(1)
    world.add_review(2)
    with open_scripted(tmp_path, clock=clock, world=world) as desk:
        item, other = desk.reply("r1", "Poison"), desk.reply("r2", "Fine")
    for _ in range(3):
        with open_scripted(tmp_path, clock=clock, world=world) as desk:
            world.before_send.append(Died())
            desk.core.outbox.recover()
            desk.core.process.appear()
            for _ in range(6):
                if desk.item(item.id).state in (OutboxState.WAITING, OutboxState.VERIFYING):
                    try:
                        desk.core.outbox.sender.work(item.id, desk.door())
                    except Died:
                        break
                clock.advance(100)
            desk.die()
    with open_scripted(tmp_path, clock=clock, world=world) as desk:
        desk.core.outbox.run()
        assert desk.item(item.id).state is OutboxState.HELD
        assert desk.item(other.id).state is OutboxState.SENT
        assert world.texts("r1") == []


# --- order and company -----------------------------------------------------------------------------------


def test_order_within_a_conversation(desk: Desk) -> None:
    comment = desk.world.comment("r1", "Hello")
    desk.sync()
    review = desk.review("r1")
    first = desk.reply("r1", "One")
    desk.core.replies.publish(
        review, Target.PUBLIC, "Hello!", kind=ActionKind.EDIT_REPLY, payload={"comment_id": comment.id}
    ).result(5)
    desk.world.before_thread.append(gone())
    desk.core.outbox.run()
    kinds = [a.kind for a in desk.world.sent]
    assert kinds == [ActionKind.REPLY, ActionKind.EDIT_REPLY]
    assert desk.item(first.id).state is OutboxState.SENT


def test_what_was_written_later_does_not_overtake(desk: Desk, clock: FakeClock) -> None:
    comment = desk.world.comment("r1", "Hello")
    desk.sync()
    desk.reply("r1", "One", delay_s=30)
    desk.core.replies.publish(
        desk.review("r1"),
        Target.PUBLIC,
        "Hello!",
        kind=ActionKind.EDIT_REPLY,
        payload={"comment_id": comment.id},
    ).result(5)
    desk.core.outbox.run()
    clock.advance(31)
    desk.core.outbox.run()
    assert [a.kind for a in desk.world.sent] == [ActionKind.REPLY, ActionKind.EDIT_REPLY]


def test_what_is_put_off_to_another_day_holds_up_nothing(desk: Desk, clock: FakeClock) -> None:
    reply = desk.reply("r1", "Until tomorrow", schedule_at=clock.now() + 86_400)
    flag = desk.core.replies.publish(
        desk.review("r1"), Target.PUBLIC, "", kind=ActionKind.FLAG, payload={"reason": "spam", "message": "x"}
    ).result(5)
    assert run(desk, flag.id) is OutboxState.SENT
    assert desk.item(reply.id).state is OutboxState.WAITING
    clock.advance(86_401)
    assert run(desk, reply.id) is OutboxState.SENT


def test_an_action_without_a_review_goes_the_same_way(desk: Desk) -> None:
    item = desk.core.replies.publish_for_account(
        desk.account.id, ActionKind.INVITE_EMAIL, payload={"email": "a@shop.example"}
    ).result(5)
    assert run(desk, item.id) is OutboxState.SENT
    assert desk.world.sent[-1].payload == {"email": "a@shop.example"}


def test_an_unclear_invitation_is_never_sent_again_by_itself(desk: Desk, clock: FakeClock) -> None:
    desk.world.after_send.append(cut())
    item = desk.core.replies.publish_for_account(
        desk.account.id, ActionKind.INVITE_EMAIL, payload={"email": "a@shop.example"}
    ).result(5)
    assert run(desk, item.id) is OutboxState.HELD
    clock.advance(100_000)
    desk.core.outbox.run()
    assert len(desk.world.sent) == 1


def test_not_found_while_verifying_asks(desk: Desk) -> None:
    desk.world.before_send.append(cut())
    item = desk.reply("r1", "Thank you!")
    desk.world.before_send.clear()
    desk.world.after_send.append(cut())
    desk.step(item)
    desk.world.reviews.pop("r1")
    assert run(desk, item.id) is OutboxState.HELD
    assert isinstance(desk.item(item.id).error, object)


def test_what_may_have_gone_out_is_never_called_taken_back(desk: Desk, clock: FakeClock) -> None:
    """Published, the answer lost, the review gone before the look: nobody can tell, so nobody may say that it was not."""
    desk.world.after_send.append(cut())
    item = desk.reply("r1", "Thank you!")
    desk.step(item)
    desk.world.reviews.pop("r1")
    clock.advance(61)
    desk.step(desk.item(item.id))
    held = desk.item(item.id)
    assert held.state is OutboxState.HELD and held.error is not None and held.error.kind == "unclear"
    assert desk.core.replies.undo(item.id).result(5) is None
    with pytest.raises(ReviewdeskError):
        desk.core.outbox.edit(item.id, "Another text").result(5)
    assert desk.core.outbox.discard(item.id).result(5).state is OutboxState.DISCARDED


def test_network_back_spreads_what_waits(desk: Desk, clock: FakeClock) -> None:
    items = [desk.reply(f"r{n}", f"Text {n}") for n in (1, 2, 3)]
    desk.world.before_thread.extend(gone() for _ in range(3))
    for item in items:
        desk.step(item)
    clock.advance(1)
    desk.core.sync.answered(desk.account.id, None)
    times = sorted(desk.item(i.id).not_before for i in items)
    assert times[-1] - clock.now() < 10
    assert len(set(times)) == 3
    desk.core.outbox.run([i.id for i in items])
    assert [desk.world.texts(f"r{n}") for n in (1, 2, 3)] == [["Text 1"], ["Text 2"], ["Text 3"]]


def test_a_missing_review_asks_nobody_at_the_provider(desk: Desk) -> None:
    with pytest.raises(InvalidInput):
        desk.core.replies.publish(1, Target.PUBLIC, "x").result(5)
    assert NotFound("x").delivery is Delivery.REFUSED
