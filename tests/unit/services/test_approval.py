"""A second pair of eyes: what waits for it stays in the outbox, whoever pushes, and who gave it is written down."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reviewdesk.domain.errors import InvalidInput, ReviewdeskError
from reviewdesk.domain.models import ActionKind, Approval, OutboxState, ReplyMark, Target
from reviewdesk.services.approval import WRITTEN_BY, of_account
from reviewdesk.services.settings import APPROVE_OWN, ASK_APPROVAL, MY_NAME
from reviewdesk.store import journal, outbox, tally
from tests.support.core import TOKEN, Desk, open_scripted

TEXT = "Thank you for your kind words."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_scripted(tmp_path) as made:
        yield made


def lines(desk: Desk, item_id: int) -> list[tuple[str, str]]:
    with desk.core.store.read() as reader:
        found = journal.list_entries(reader)
    return [(e.result, e.answer) for e in reversed(found) if e.outbox_id == item_id]


def test_a_text_waits_until_it_is_approved_and_who_approved_it_is_kept(desk: Desk) -> None:
    item = desk.reply("r1", TEXT, ask_approval=True)
    assert item.state is OutboxState.HELD and item.error is not None and item.error.kind == "approval"
    desk.core.outbox.run()
    with pytest.raises(ReviewdeskError, match="approve it first"):
        desk.core.outbox.retry(item.id, override=True).result(5)
    with pytest.raises(ReviewdeskError, match="approve it first"):
        desk.core.outbox.send_now(item.id).result(5)
    assert desk.world.texts("r1") == []
    with pytest.raises(InvalidInput, match="name"):
        desk.core.outbox.approve(item.id, " \n ").result(5)
    before = desk.core.clock.now()
    given = desk.core.outbox.approve(item.id, "Anna K.").result(5)
    assert given.state is OutboxState.WAITING and given.payload["approved_by"] == "Anna K."
    assert before <= given.payload["approved_at"] <= desk.core.clock.now()
    desk.core.outbox.run([item.id])
    assert desk.world.texts("r1") == [TEXT]
    assert ("approval asked", "") in lines(desk, item.id) and ("approved", "Anna K.") in lines(desk, item.id)


def test_the_store_lets_nobody_claim_it_even_when_its_state_says_otherwise(desk: Desk) -> None:
    item = desk.reply("r1", TEXT, ask_approval=True)
    desk.core.store.write_now(
        lambda tx: (
            tx.run("UPDATE outbox SET state = 'waiting', error_kind = NULL, error = NULL, not_before_t = 0"),
            outbox.seal(tx, [item.id]),
        )
    )
    assert desk.item(item.id).state is OutboxState.WAITING
    with desk.core.store.read() as reader:
        assert outbox.due(reader, desk.core.clock.now()) == []
    assert desk.core.store.write_now(lambda tx: outbox.claim(tx, item.id, "me")) is None
    desk.step(item)
    assert desk.world.texts("r1") == [] and desk.world.sent == []


def test_the_setting_asks_for_every_text_and_for_nothing_else(desk: Desk) -> None:
    desk.core.settings.set(ASK_APPROVAL, True).result(5)
    assert desk.reply("r1", TEXT).approval is Approval.ASKED
    message = desk.core.replies.publish(
        desk.review("r1"), Target.PRIVATE, "Hello, about your order.", kind=ActionKind.MESSAGE
    ).result(5)
    assert message.state is OutboxState.HELD
    flag = desk.core.replies.publish(
        desk.review("r2"), Target.PRIVATE, "", kind=ActionKind.FLAG, payload={"reason": "spam"}
    ).result(5)
    assert flag.state is OutboxState.WAITING and flag.approval is Approval.NONE
    with pytest.raises(InvalidInput, match="Only a text"):
        desk.core.outbox.ask_approval(flag.id).result(5)


def test_one_account_asks_for_its_texts_and_no_other(desk: Desk) -> None:
    other = desk.core.accounts.add("scripted", "Other", {"shop": "two"}, {"token": TOKEN})
    desk.core.settings.set(of_account(other.id), True).result(5)
    assert desk.reply("r1", TEXT).state is OutboxState.WAITING
    desk.core.settings.set(of_account(desk.account.id), True).result(5)
    held = desk.reply("r2", TEXT)
    assert held.state is OutboxState.HELD and held.approval is Approval.ASKED
    desk.core.accounts.remove(desk.account)
    assert desk.core.settings.get(of_account(desk.account.id)) is False


def test_nobody_approves_what_they_wrote_unless_the_settings_let_them(desk: Desk) -> None:
    desk.core.settings.set(MY_NAME, "Anna K.").result(5)
    item = desk.reply("r1", TEXT, ask_approval=True)
    assert item.payload[WRITTEN_BY] == "Anna K."
    with pytest.raises(ReviewdeskError, match=r"Anna K\. wrote this text: somebody else"):
        desk.core.outbox.approve(item.id, " Anna  K.").result(5)
    assert desk.item(item.id).state is OutboxState.HELD
    # Who changes a text has written it: now the first author is the second pair of eyes.
    desk.core.settings.set(MY_NAME, "Jonas M.").result(5)
    desk.core.outbox.edit(item.id, TEXT + " See you soon.").result(5)
    with pytest.raises(ReviewdeskError, match=r"jonas m\. wrote"):
        desk.core.outbox.approve(item.id, "jonas m.").result(5)
    assert desk.core.outbox.approve(item.id, "Anna K.").result(5).state is OutboxState.WAITING
    own = desk.reply("r2", TEXT, ask_approval=True)
    desk.core.settings.set(APPROVE_OWN, True).result(5)
    assert desk.core.outbox.approve(own.id, "Jonas M.").result(5).payload["approved_by"] == "Jonas M."


def test_a_change_after_the_approval_asks_again(desk: Desk) -> None:
    item = desk.reply("r1", TEXT, delay_s=60.0)
    assert desk.core.outbox.ask_approval(item.id).result(5).state is OutboxState.HELD
    desk.core.outbox.approve(item.id, "Anna K.").result(5)
    changed = desk.core.outbox.edit(item.id, "Something else entirely.").result(5)
    assert changed.state is OutboxState.HELD and changed.approval is Approval.ASKED
    assert "approved_by" not in changed.payload
    desk.core.outbox.run()
    assert desk.world.texts("r1") == []


def test_a_finding_still_holds_what_was_approved_and_the_approval_what_was_overridden(desk: Desk) -> None:
    item = desk.reply("r1", "Please remove your review and we will refund you.", ask_approval=True)
    assert item.error is not None and item.error.kind == "conflict"
    given = desk.core.outbox.approve(item.id, "Anna K.").result(5)
    assert given.state is OutboxState.HELD and given.error is not None and given.error.kind == "conflict"
    other = desk.reply("r2", "Please remove your review and we will refund you.", ask_approval=True)
    pushed = desk.core.outbox.retry(other.id, override=True).result(5)
    assert pushed.state is OutboxState.HELD and pushed.error is not None and pushed.error.kind == "approval"
    assert desk.world.sent == []


def test_it_counts_as_waiting_and_not_as_failed(desk: Desk) -> None:
    item = desk.reply("r1", TEXT, ask_approval=True)
    review = desk.review("r1")
    with desk.core.store.read() as reader:
        counts = tally.counts(reader)
    assert (counts.outbox_waiting, counts.outbox_failed) == (1, 0)
    assert desk.core.inbox.rows([review])[review].reply_mark is ReplyMark.WAITING
    desk.core.outbox.approve(item.id, "Anna K.").result(5)
    desk.core.outbox.hold(item.id).result(5)
    assert desk.core.inbox.rows([review])[review].reply_mark is ReplyMark.FAILED


def test_undo_makes_it_a_draft_again(desk: Desk) -> None:
    item = desk.reply("r1", TEXT, ask_approval=True)
    draft = desk.core.replies.undo(item.id).result(5)
    assert draft is not None and draft.text == TEXT
    assert desk.item(item.id).state is OutboxState.DISCARDED
