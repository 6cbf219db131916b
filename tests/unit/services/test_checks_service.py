"""The pre-send check on the way into the outbox, judged by the provider's own record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reviewdesk.domain.errors import InvalidInput
from reviewdesk.domain.models import ActionKind, OutboxItem, OutboxState, Target
from reviewdesk.store import journal
from tests.support.clock import FakeClock
from tests.support.core import Desk, open_scripted
from tests.support.scripted import World


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    world = World()
    for number in range(1, 4):
        record = world.add_review(number)
        author = replace(record.author, email=f"customer{number}@mail.example")
        world.reviews[record.native_id] = replace(record, author=author)
    with open_scripted(tmp_path, world=world, clock=FakeClock()) as made:
        yield made


def email_of(desk: Desk) -> str:
    detail = desk.core.inbox.detail(desk.review("r1"))
    assert detail is not None and detail.author.email
    return detail.author.email


def written(desk: Desk, item: OutboxItem) -> list[tuple[str, str]]:
    with desk.core.store.read() as reader:
        return [(e.result, e.answer) for e in journal.list_entries(reader, outbox_id=item.id)]


def test_private_data_is_held_with_the_reason_and_nothing_goes_out(desk: Desk) -> None:
    item = desk.reply("r1", f"We wrote to {email_of(desk).upper()}.")
    assert item.state is OutboxState.HELD
    assert item.error is not None and "e-mail address is not public" in item.error.message
    assert email_of(desk) not in item.error.message
    desk.core.outbox.run(None)
    assert desk.item(item.id).state is OutboxState.HELD and desk.world.texts("r1") == []
    assert ("held", "") in written(desk, item)


def test_an_override_goes_out_and_is_in_the_journal(desk: Desk) -> None:
    item = desk.reply("r1", f"We wrote to {email_of(desk)}.", override=True)
    desk.core.outbox.run([item.id])
    assert desk.item(item.id).state is OutboxState.SENT
    assert ("check overridden", "private-email") in written(desk, item)


def test_one_rule_kept_on_purpose_lets_that_rule_through_and_no_other(desk: Desk) -> None:
    both = f"We wrote to {email_of(desk)}. Please delete your review."
    item = desk.reply("r1", both, kept=["private-email"])
    assert item.state is OutboxState.HELD and item.error is not None
    assert "Asks for a change" in item.error.message and "e-mail" not in item.error.message
    other = desk.reply("r2", "Please delete your review.", kept=["ask-change"])
    assert other.state is OutboxState.WAITING and not other.override
    assert ("check overridden", "ask-change") in written(desk, other)


def test_trying_again_or_changing_the_text_is_checked_again(desk: Desk) -> None:
    item = desk.reply("r1", "Please delete your review.")
    again = desk.core.outbox.retry(item.id).result(5)
    assert again.state is OutboxState.HELD
    edited = desk.core.outbox.edit(item.id, "Thank you.").result(5)
    assert edited.state is OutboxState.HELD
    assert desk.core.outbox.retry(item.id).result(5).state is OutboxState.WAITING
    second = desk.reply("r2", "Thank you.")
    assert desk.core.outbox.edit(second.id, "Please delete your review.").result(5).state is OutboxState.HELD
    assert desk.core.outbox.retry(second.id, override=True).result(5).state is OutboxState.WAITING


def test_advice_never_holds(desk: Desk) -> None:
    assert desk.reply("r1", "THIS IS NOT OUR FAULT at all!!!").state is OutboxState.WAITING


def test_a_gap_can_t_be_sent_even_with_an_override(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="gap"):
        desk.reply("r1", "It arrives on {{day}}.", override=True)
    assert desk.core.outbox.items() == []


def test_what_has_no_text_is_not_checked(desk: Desk) -> None:
    item = desk.core.replies.publish(
        desk.review("r1"),
        Target.PUBLIC,
        "",
        kind=ActionKind.FLAG,
        payload={"reason": "x", "message": "delete"},
    ).result(5)
    assert item.state is OutboxState.WAITING


def test_findings_are_told_for_a_review_and_none_for_one_that_is_gone(desk: Desk) -> None:
    found = desk.core.checks.check(desk.review("r1"), Target.PUBLIC, f"Mail {email_of(desk)}")
    assert [f.rule.id for f in found] == ["private-email"]
    assert desk.core.checks.check(10**9, Target.PUBLIC, "Please delete your review.") == ()


def test_three_alike_replies_of_the_account_are_noticed(desk: Desk) -> None:
    text = (
        "Thank you very much for your kind words, we are glad that everything arrived well and in good time."
    )
    for number in range(4, 8):
        desk.world.add_review(number)
    desk.core.sync.run(None, True)
    for native in ("r4", "r5", "r6"):
        item = desk.reply(native, text)
        desk.core.outbox.run([item.id])
    found = desk.core.checks.check(desk.review("r7"), Target.PUBLIC, text)
    assert [f.rule.id for f in found] == ["sameness"]
