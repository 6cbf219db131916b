"""Private messages to a person beside any review, against the practice server, whose record judges."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reviewdesk.domain.capabilities import Capability
from reviewdesk.domain.errors import AlreadyQueued, InvalidInput, NotAvailable
from reviewdesk.domain.letters import answer_subject
from reviewdesk.domain.messages import MessageThread
from reviewdesk.domain.models import OutboxItem, OutboxState
from reviewdesk.services.privacy import PrivacyService
from reviewdesk.store import journal
from tests.support.inviting import Inviting, open_inviting

LETTER = "Thank you for asking. The parcel leaves on Monday."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Inviting]:
    with open_inviting(tmp_path, providers=("sitejabber",)) as made:
        yield made


def asked_by(desk: Inviting, person: str = "", words: str = "Where is it?") -> MessageThread:
    """Somebody writes without naming a review, and the sync brings it."""
    server = desk.shop.sitejabber
    desk.clock.advance(3_600)
    theirs = {m["sender"]["username"] for m in server.messages}
    theirs |= {m["recipient"]["username"] for m in server.messages}
    known = (server.review(n)["author"]["username"] for n in server.review_numbers())
    name = person or next(n for n in known if n not in theirs)
    server.customer_writes(name, "AW: Re: My parcel", words)
    assert all(report.ok for report in desk.core.sync.run(None, True))
    (thread,) = [t for t in desk.core.messages.threads() if t.person == name and t.review_id is None]
    return thread


def at_the_server(desk: Inviting, words: str = LETTER) -> list[Any]:
    return [m for m in desk.shop.sitejabber.messages if m["body"] == words]


def write(desk: Inviting, thread: MessageThread, words: str = LETTER, **more: Any) -> OutboxItem:
    subject = answer_subject(thread.latest.subject)
    return desk.core.letters.publish(thread.account_id, str(thread.person), words, subject, **more).result(5)


def run(desk: Inviting, item: OutboxItem) -> OutboxItem:
    (done,) = desk.core.outbox.run([item.id])
    return done


def shown(desk: Inviting, thread: MessageThread) -> list[str]:
    """The thread as it stands, and what is on its way."""
    (now,) = [t for t in desk.core.messages.threads() if t.person == thread.person]
    items = desk.core.letters.items(thread.account_id, str(thread.person))
    return [m.body for m in now.messages] + [f"({item.state.value})" for item in items]


def test_an_answer_goes_to_the_person_once_with_one_re(desk: Inviting) -> None:
    thread = asked_by(desk)
    assert desk.core.letters.can(thread.account_id, thread.person).available
    item = write(desk, thread)
    assert (item.review_id, item.payload["username"]) == (None, thread.person)
    assert shown(desk, thread)[-1] == "(waiting)"
    assert run(desk, item).state is OutboxState.SENT
    (message,) = at_the_server(desk)
    assert (message["subject"], message["recipient"]["username"]) == ("Re: My parcel", thread.person)
    # The provider's own record is in the thread by now, in place of the item, and no sync shows it twice.
    assert shown(desk, thread) == ["Where is it?", LETTER]
    assert all(report.ok for report in desk.core.sync.run(None, True))
    assert shown(desk, thread) == ["Where is it?", LETTER]
    with desk.core.store.read() as reader:
        results = [e.result for e in journal.of_action(reader, "message") if e.outbox_id == item.id]
    assert sorted(results) == ["queued", "sent"]


@pytest.mark.parametrize(("cut", "tries"), [("after", 1), ("before", 2)])
def test_a_lost_answer_is_looked_for_and_never_sent_twice(desk: Inviting, cut: str, tries: int) -> None:
    thread = asked_by(desk)
    desk.shop.faults.on("/message/send$", method="POST", cut=cut)
    item = write(desk, thread)
    done = run(desk, item)
    while done.state in (OutboxState.VERIFYING, OutboxState.WAITING):
        desk.clock.advance(120)
        done = run(desk, item)
    assert done.state is OutboxState.SENT
    assert len(at_the_server(desk)) == 1 and done.attempts == tries
    assert shown(desk, thread) == ["Where is it?", LETTER]


def test_the_same_words_of_an_earlier_day_are_no_proof(desk: Inviting) -> None:
    thread = asked_by(desk)
    assert run(desk, write(desk, thread)).state is OutboxState.SENT
    thread = asked_by(desk, str(thread.person), "And now?")
    desk.shop.faults.on("/message/send$", method="POST", cut="before")
    item = write(desk, thread)
    done = run(desk, item)
    while done.state in (OutboxState.VERIFYING, OutboxState.WAITING):
        desk.clock.advance(120)
        done = run(desk, item)
    assert (done.state, done.attempts, len(at_the_server(desk))) == (OutboxState.SENT, 2, 2)
    assert shown(desk, thread) == ["Where is it?", LETTER, "And now?", LETTER]


def test_a_newer_word_of_the_customer_stops_the_answer_until_it_was_read(desk: Inviting) -> None:
    thread = asked_by(desk)
    desk.core.letters.save_draft(thread.account_id, str(thread.person), LETTER, "Re: My parcel").result(5)
    desk.clock.advance(60)
    desk.shop.sitejabber.customer_writes(str(thread.person), "My parcel", "It came. All is well!")
    held = run(desk, write(desk, thread))
    assert held.state is OutboxState.HELD and held.error is not None
    assert held.error.message == "The customer wrote again meanwhile." and not at_the_server(desk)
    assert "It came. All is well!" in shown(desk, thread)
    # Taken back it is a draft that knows of the new word, and goes out.
    draft = desk.core.replies.undo(held.id).result(5)
    assert draft is not None and draft.text == LETTER
    assert run(desk, write(desk, thread)).state is OutboxState.SENT


def test_one_is_on_its_way_at_most_and_undo_makes_a_draft_of_it(desk: Inviting) -> None:
    thread = asked_by(desk)
    person = str(thread.person)
    letters = desk.core.letters
    letters.save_draft(thread.account_id, person, LETTER, "Re: My parcel").result(5)
    item = write(desk, thread, delay_s=30)
    assert letters.draft(thread.account_id, person) is None
    with pytest.raises(AlreadyQueued):
        write(desk, thread, "Another one.")
    back = desk.core.replies.undo(item.id).result(5)
    assert back is not None and (back.text, back.subject, back.review_id) == (LETTER, "Re: My parcel", 0)
    kept = letters.draft(thread.account_id, person)
    assert kept is not None and kept.text == LETTER and kept.seen["messages"]
    second = write(desk, thread, "Another one.")
    with pytest.raises(AlreadyQueued):
        desk.core.outbox.bring_back(item.id).result(5)
    assert run(desk, second).state is OutboxState.SENT
    assert not at_the_server(desk) and len(at_the_server(desk, "Another one.")) == 1


def test_a_draft_survives_a_restart_and_keeps_its_history(tmp_path: Path) -> None:
    with open_inviting(tmp_path, providers=("sitejabber",)) as desk:
        thread = asked_by(desk)
        key = (thread.account_id, str(thread.person))
        desk.core.letters.save_draft(*key, "First words", "Re: My parcel").result(5)
        desk.core.letters.save_draft(*key, LETTER, "Re: My parcel").result(5)
    with open_inviting(tmp_path, providers=("sitejabber",)) as desk:
        letters = desk.core.letters
        (draft,) = letters.drafts()
        assert (draft.account_id, draft.person, draft.text, draft.subject) == (*key, LETTER, "Re: My parcel")
        letters.save_draft(*key, "  ", "Re: My parcel").result(5)  # emptied: nothing, and nothing lost
        assert letters.draft(*key) is None
        assert [v.text for v in letters.draft_versions(*key)] == [LETTER, "First words"]


def test_what_cannot_be_written_says_why_and_queues_nothing(desk: Inviting) -> None:
    thread = asked_by(desk)
    publish = desk.core.letters.publish
    with pytest.raises(InvalidInput, match="needs a subject"):
        publish(thread.account_id, str(thread.person), LETTER, " ").result(5)
    with pytest.raises(InvalidInput, match="empty"):
        publish(thread.account_id, str(thread.person), " ", "Hello").result(5)
    with pytest.raises(NotAvailable, match="who wrote this"):
        publish(thread.account_id, "", LETTER, "Hello").result(5)
    assert not desk.core.letters.can(thread.account_id, None).available
    held = write(desk, thread, "Change your review to 5 stars and we refund you.")
    assert held.state is OutboxState.HELD and held.error is not None and held.error.kind == "conflict"
    assert desk.core.outbox.items() == [held]


def test_only_where_people_are_written_to_by_name(tmp_path: Path) -> None:
    with open_inviting(tmp_path) as desk:
        core = desk.core
        for account in core.accounts.list():
            able = core.accounts.capabilities(account)[Capability.PRIVATE_MESSAGE]
            told = core.letters.can(account.id, "ada")
            spec = core.accounts.spec(account.provider)
            assert told.available == (able.available and spec.messages_by_name), account.provider
            assert told.available == (account.provider == "sitejabber"), account.provider
            if not told.available:
                assert told.reason == (able.reason if not able.available else told.reason) and told.reason


def test_erasing_the_person_takes_back_what_was_on_its_way_to_them(desk: Inviting) -> None:
    core = desk.core
    assert all(report.ok for report in core.sync.run(None, True))
    taken = {t.person for t in core.messages.threads()}
    details = (core.inbox.detail(i) for i in core.inbox.ids(core.inbox.parse("")))
    author = next(
        d.author
        for d in details
        if d and d.author.email and d.author.username and d.author.username not in taken
    )
    thread, email = asked_by(desk, str(author.username)), str(author.email)
    item = write(desk, thread, delay_s=30)
    key = (thread.account_id, str(thread.person))
    desk.core.letters.save_draft(*key, f"Dear {thread.person}, once more.", "Re: My parcel").result(5)
    PrivacyService(core.store, core.profile, core.clock, core.accounts, core.replies, core.outbox).erase(
        email
    )
    gone = desk.core.outbox.item(item.id)
    assert gone is not None and gone.state is OutboxState.DISCARDED
    assert str(thread.person) not in repr((gone, desk.core.letters.drafts()))
    for left in desk.core.letters.drafts():
        assert "damaged" not in left.seen
        assert not desk.core.letters.can(left.account_id, left.person).available
    assert not at_the_server(desk)
